//! The payload of a webhook delivery for one event.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::delivery::channels::WebhookRequest;
use crate::delivery::rules::webhook::event_name;
use crate::delivery::store::outbox::OutboxRow;
use crate::delivery::store::webhooks;
use crate::directory;
use crate::kernel::Instant;
use crate::kernel::ids::DocumentId;
use crate::petitions::rules::{Action, Channel, PublicStatus, Status};
use crate::petitions::store::{state, timeline};
use serde::Serialize;
use utoipa::ToSchema;

/// The body of a delivery, in the envelope of the Standard Webhooks specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventBody {
    /// The event, as `petition.approve`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub timestamp: Instant,
    /// What happened.
    pub data: EventData,
}

/// What happened; no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventData {
    /// The code of the petition.
    pub code: String,
    /// The number of the entry in its timeline.
    pub sequence: i32,
    /// What was done.
    pub action: Action,
    /// The state after it.
    pub status: Status,
    /// What everybody may see of that.
    pub public_status: PublicStatus,
    /// The code of the category.
    pub category: String,
    /// The code of the commune.
    pub area: String,
    /// The code of the agency that holds it after the event.
    pub agency: Option<String>,
    /// Its incoming document after the event.
    pub document: Option<DocumentId>,
    /// How it came in.
    pub channel: Channel,
    /// The deadline after the event.
    pub due_at: Instant,
    /// The rating, when the event is one.
    pub score: Option<i32>,
}

/// Returns the request for an outbox row; `None` when the subscription has ended.
pub fn post(app: &App, connection: &mut DbConnection, line: &OutboxRow) -> Result<Option<WebhookRequest>, ServiceError> {
    let Some(webhook) = line.webhook_id else { return Ok(None) };
    let Some(webhook) = webhooks::find(connection, webhook)?.filter(|row| row.ended_at.is_none()) else { return Ok(None) };
    let directory = directory::current(app, connection)?;
    let id = line.petition_id.ok_or(StorageError::Missing)?;
    let petition = state::find(connection, id)?.ok_or(StorageError::Missing)?;
    let entry = timeline::entry(connection, id, line.sequence)?;
    let code = |code: Option<&str>| code.unwrap_or_default().to_owned();
    let body = EventBody {
        kind: event_name(entry.action),
        timestamp: entry.at,
        data: EventData {
            code: petition.code,
            sequence: entry.sequence,
            action: entry.action,
            status: entry.status,
            public_status: entry.status.public(),
            category: code(directory.category(petition.category_id).map(|it| it.code.as_str())),
            area: code(directory.area(petition.area_id).map(|it| it.code.as_str())),
            agency: entry.agency_id.and_then(|id| directory.agency(id)).map(|agency| agency.code.clone()),
            document: entry.document_id,
            channel: petition.channel,
            due_at: entry.due_at,
            score: entry.score,
        },
    };
    let body = serde_json::to_string(&body).map_err(|_| ServiceError::Internal("an event cannot be written as JSON"))?;
    let secrets = std::iter::once(webhook.secret).chain(webhook.old_secret).collect();
    Ok(Some(WebhookRequest { url: webhook.url, secrets, key: line.key.clone(), body }))
}
