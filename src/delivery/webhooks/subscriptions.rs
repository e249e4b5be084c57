//! Webhook subscriptions: created, changed and ended by administrators; the secret is shown once.
//!
//! Rules: the URL must be HTTPS on the public internet. After a secret rotation deliveries are signed with the old
//! and the new secret until the next rotation, so that the receiver can switch without losing events.

use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::delivery::channels::SECRET_PREFIX;
use crate::delivery::store::webhooks::{self, WebhookRow};
use crate::directory::rules::directory::Directory;
use crate::directory::store::{directory_digests, state};
use crate::directory::{ChangeScope, admin_change, admin_create, checks};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::WebhookId;
use crate::kernel::paging::KeysetPage;
use crate::kernel::{Instant, text};
use crate::petitions::rules::Action;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A subscription as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookRecord {
    /// Row number, for the paths of this API.
    pub id: WebhookId,
    /// Its name.
    pub name: String,
    /// Where events are posted.
    pub url: String,
    /// The wanted actions; all when empty.
    pub actions: Vec<Action>,
    /// Only of petitions that the agency with this code holds.
    #[schema(required)]
    pub agency: Option<String>,
    /// Only of the category with this code.
    #[schema(required)]
    pub category: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Instant>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A subscription with its secret, which is shown only here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithSecret {
    /// The subscription.
    #[serde(flatten)]
    pub webhook: WebhookRecord,
    /// With what deliveries are signed (Standard Webhooks, symmetric).
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: String,
}

/// A new subscription.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Its name, 1–100 characters.
    pub name: String,
    /// Where events are posted; `https://`.
    pub url: String,
    /// The wanted actions; all when empty or absent.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Only of petitions that the agency with this code holds.
    pub agency: Option<String>,
    /// Only of the category with this code.
    pub category: Option<String>,
}

/// What may be changed; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChanges {
    /// Its name.
    pub name: Option<String>,
    /// Where events are posted.
    pub url: Option<String>,
    /// The wanted actions.
    pub actions: Option<Vec<Action>>,
}

fn record(directory: &Directory, row: &WebhookRow) -> WebhookRecord {
    WebhookRecord {
        id: row.id,
        name: row.name.clone(),
        url: row.url.clone(),
        actions: row.subscription().actions,
        agency: row.agency_id.and_then(|id| directory.agency(id)).map(|agency| agency.code.clone()),
        category: row.category_id.and_then(|id| directory.category(id)).map(|category| category.code.clone()),
        created_at: row.created_at,
        ended_at: row.ended_at,
        version: row.version,
    }
}

/// Returns one page in order of creation.
pub async fn list(app: &App, after: Option<WebhookId>, limit: i64) -> Result<KeysetPage<WebhookRecord, WebhookId>, ServiceError> {
    let app_ = app.clone();
    app.db
        .read(move |connection| {
            let directory = app_.directory.current(connection)?;
            let rows = webhooks::all(connection)?;
            Ok(KeysetPage::of(rows.iter().map(|row| record(&directory, row)), |record| record.id, after, limit))
        })
        .await
}

/// Returns one subscription.
///
/// # Errors
/// [`ErrorCode::WebhookNotFound`].
pub async fn read(app: &App, id: WebhookId) -> Result<WebhookRecord, ServiceError> {
    let app_ = app.clone();
    app.db
        .read(move |connection| {
            let directory = app_.directory.current(connection)?;
            Ok(record(&directory, &find(connection, id)?))
        })
        .await
}

fn find(connection: &mut DbConnection, id: WebhookId) -> Result<WebhookRow, ServiceError> {
    Ok(webhooks::find(connection, id)?.ok_or(ErrorCode::WebhookNotFound)?)
}

/// Creates a subscription. The same idempotency key returns the same response, including the secret.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(app: &App, by: &AuditActor, new: NewWebhook, key: Option<RequestKey>) -> Result<WithSecret, ServiceError> {
    let (now, secret) = (app.now(), new_secret(app));
    let admitted = app.channels.webhook.admits(&new.url);
    admin_create(app, by, key, move |connection, directory| {
        let mut row = checked(&new, admitted.clone(), directory, now, &secret)?;
        row.id = webhooks::insert(connection, &row)?;
        let webhook = record(directory, &row);
        let event = AuditEvent::new("create_webhook", "webhook", row.id).created(&webhook);
        Ok((WithSecret { webhook, secret: secret.clone() }, ChangeScope::Directory, event))
    })
    .await
}

fn new_secret(app: &App) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| app.entropy.bits().to_be_bytes()).collect();
    format!("{SECRET_PREFIX}{}", BASE64.encode(&bytes))
}

fn checked(
    new: &NewWebhook,
    admitted: Result<(), FieldRule>,
    directory: &Directory,
    now: Instant,
    secret: &str,
) -> Result<WebhookRow, ServiceError> {
    let today = now.local_date();
    let mut problems = FieldProblems::default();
    let name = problems.take("name", text::clean_line(&new.name, 1, 100)).unwrap_or_default();
    problems.take("url", admitted);
    let agency = new.agency.as_ref().and_then(|code| {
        let found = directory.agency_by_code(code, today).map(|agency| agency.id);
        problems.take("agency", found.ok_or(FieldRule::UnknownCode))
    });
    let category = new.category.as_ref().and_then(|code| {
        let found = directory.category_by_code(code, today).map(|category| category.id);
        problems.take("category", found.ok_or(FieldRule::UnknownCode))
    });
    problems.finish()?;
    Ok(WebhookRow {
        id: WebhookId(0),
        name,
        url: new.url.clone(),
        secret: secret.to_owned(),
        old_secret: None,
        actions: written(&new.actions),
        agency_id: agency,
        category_id: category,
        created_at: now,
        ended_at: None,
        version: 1,
    })
}

fn written(actions: &[Action]) -> String {
    actions.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(",")
}

/// Changes a subscription, for future events and for pending rows.
///
/// # Errors
/// [`ErrorCode::WebhookNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::WebhookEnded`]; 422 for each invalid
/// field.
pub async fn amend(
    app: &App,
    by: &AuditActor,
    id: WebhookId,
    changes: WebhookChanges,
    expected: Option<i32>,
) -> Result<WebhookRecord, ServiceError> {
    let admitted = changes.url.as_ref().map_or(Ok(()), |url| app.channels.webhook.admits(url));
    admin_change(app, by, move |connection, directory| {
        let mut row = find(connection, id)?;
        checks::version(row.version, expected)?;
        going_on(&row)?;
        let before = record(directory, &row);
        let mut problems = FieldProblems::default();
        if let Some(name) = &changes.name {
            row.name = problems.take("name", text::clean_line(name, 1, 100)).unwrap_or_default();
        }
        problems.take("url", admitted.clone());
        problems.finish()?;
        row.url = changes.url.clone().unwrap_or(row.url);
        row.actions = changes.actions.as_deref().map_or(row.actions, written);
        row.version += 1;
        webhooks::update(connection, &row)?;
        let after = record(directory, &row);
        let event = AuditEvent::new("change_webhook", "webhook", id).updated(&before, &after);
        Ok((after, ChangeScope::Directory, event))
    })
    .await
}

/// Rotates the secret; deliveries are also signed with the previous one until the next rotation.
///
/// # Errors
/// [`ErrorCode::WebhookNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::WebhookEnded`].
pub async fn rotate_secret(app: &App, by: &AuditActor, id: WebhookId, expected: Option<i32>) -> Result<WithSecret, ServiceError> {
    let secret = new_secret(app);
    admin_change(app, by, move |connection, directory| {
        let mut row = find(connection, id)?;
        checks::version(row.version, expected)?;
        going_on(&row)?;
        row.old_secret = Some(std::mem::replace(&mut row.secret, secret.clone()));
        row.version += 1;
        webhooks::update(connection, &row)?;
        let event = AuditEvent::new("rotate_webhook_secret", "webhook", id).with("version", row.version);
        Ok((WithSecret { webhook: record(directory, &row), secret: secret.clone() }, ChangeScope::Directory, event))
    })
    .await
}

/// Rejects changes to an ended subscription, which gets no more deliveries anyway.
pub(in crate::delivery) const fn going_on(row: &WebhookRow) -> Result<(), ErrorCode> {
    if row.ended_at.is_some() { Err(ErrorCode::WebhookEnded) } else { Ok(()) }
}

/// Ends a subscription at once; pending rows are given up.
///
/// # Errors
/// [`ErrorCode::WebhookNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`].
pub async fn end(app: &App, by: &AuditActor, id: WebhookId, expected: Option<i32>) -> Result<WebhookRecord, ServiceError> {
    let now = app.now();
    admin_change(app, by, move |connection, directory| {
        let mut row = find(connection, id)?;
        checks::version(row.version, expected)?;
        if row.ended_at.is_some() {
            return Err(ErrorCode::AlreadyEnded.into());
        }
        let before = record(directory, &row);
        row.ended_at = Some(now);
        row.version += 1;
        webhooks::update(connection, &row)?;
        let after = record(directory, &row);
        let event = AuditEvent::new("end_webhook", "webhook", id).updated(&before, &after);
        Ok((after, ChangeScope::Directory, event))
    })
    .await
}

/// Ends a subscription because the receiver responded 410 (Standard Webhooks).
pub fn end_as_gone(connection: &mut DbConnection, id: WebhookId, at: Instant) -> Result<(), StorageError> {
    if let Some(mut row) = webhooks::find(connection, id)?.filter(|row| row.ended_at.is_none()) {
        row.ended_at = Some(at);
        row.version += 1;
        webhooks::update(connection, &row)?;
        state::raise(connection)?;
        directory_digests::append(connection, at)?;
    }
    Ok(())
}
