//! Replays the events of a period for a subscription that has lost them.

use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::delivery::outbox::for_webhook;
use crate::delivery::rules::OutboxChannel;
use crate::delivery::store::{outbox, webhooks};
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::WebhookId;
use crate::petitions::store::{state, timeline};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest period of one replay, in days.
const MOST_DAYS: i64 = 31;

/// Which events.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// From this moment on.
    pub from: Instant,
    /// Up to this moment.
    pub to: Instant,
}

/// What will be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// Events of that time that the subscription wants.
    pub events: usize,
}

/// Adds every wanted event of a period to the outbox again, with its original key.
///
/// # Errors
/// [`ErrorCode::WebhookNotFound`], [`ErrorCode::AlreadyEnded`]; 422 on `to`.
pub async fn replay(
    app: &App,
    by: &AuditActor,
    id: WebhookId,
    ReplayRequest { from, to }: ReplayRequest,
) -> Result<Replayed, ServiceError> {
    if to <= from {
        return Err(ServiceError::invalid("to", FieldRule::MustNotBeBefore("from".to_owned())));
    }
    if to.plus(-Duration::days(MOST_DAYS)) > from {
        let latest = from.plus(Duration::days(MOST_DAYS));
        return Err(ServiceError::invalid("to", FieldRule::Between(from.to_rfc3339(), latest.to_rfc3339())));
    }
    let now = app.now();
    audit::transaction(app, by, move |connection| {
        let replayed = again(connection, id, (from, to), now)?;
        let event = AuditEvent::new("replay_webhook", "webhook", id)
            .with_json("from", &from)
            .with_json("to", &to)
            .with("events", replayed.events);
        Ok::<_, ServiceError>((replayed, event))
    })
    .await
}

fn again(
    connection: &mut DbConnection,
    id: WebhookId,
    (from, to): (Instant, Instant),
    now: Instant,
) -> Result<Replayed, ServiceError> {
    let webhook = webhooks::find(connection, id)?.ok_or(ErrorCode::WebhookNotFound)?;
    if webhook.ended_at.is_some() {
        return Err(ErrorCode::AlreadyEnded.into());
    }
    let subscription = webhook.subscription();
    let mut events = 0;
    for entry in timeline::between(connection, from, to)? {
        let petition = state::find(connection, entry.petition_id)?.ok_or(StorageError::Missing)?;
        if !entry.is_public || !subscription.admits(entry.action, entry.agency_id, petition.category_id) {
            continue;
        }
        let line = for_webhook(&petition, id, entry.sequence, entry.at);
        match outbox::find_by_key(connection, &line.key)? {
            Some(known) => outbox::restart(connection, known.id, OutboxChannel::Webhook, now)?,
            None => outbox::insert(connection, &outbox::OutboxRow { due_at: now, ..line })?,
        }
        events += 1;
    }
    Ok(Replayed { events })
}
