//! `/admin/webhooks`: webhook subscriptions of other systems and their deliveries.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::delivery::outbox::{self, OutboxLine, OutboxQuery};
use crate::delivery::webhooks::{self, NewWebhook, ReplayRequest, Replayed, WebhookChanges, WebhookRecord, WithSecret};
use crate::kernel::ids::{OutboxId, WebhookId};
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{IfMatch, ItemPage, JsonBody, ListQuery, Path, RepeatableBody};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, patch, post};

/// Name of the list in its cursors.
const LIST: &str = "admin_webhooks";
/// Name of the list in its cursors.
const DELIVERIES: &str = "admin_webhook_deliveries";

/// Lists webhooks, ended ones too.
#[utoipa::path(
    tag = "admin",
    params(PageParameters),
    responses((status = 200, description = "One page", body = ItemPage<WebhookRecord>))
)]
#[get("/admin/webhooks")]
pub async fn list_webhooks(_by: Authorized<Admin>, app: Data<App>, query: ListQuery) -> HandlerResult {
    let after = query.page.after::<WebhookId>(LIST)?;
    let page = webhooks::list(&app, after, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, page.items, page.next.as_ref())))
}

/// One webhook.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The webhook", body = WebhookRecord))
)]
#[get("/admin/webhooks/{id}")]
pub async fn read_webhook(_by: Authorized<Admin>, app: Data<App>, Path(id): Path<WebhookId>) -> HandlerResult {
    let record = webhooks::read(&app, id).await?;
    Ok(versioned(record.version, &record))
}

/// Makes a webhook; its secret is shown only in this answer.
#[utoipa::path(
    tag = "admin",
    request_body = NewWebhook,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = WithSecret, headers(("Location" = String))))
)]
#[post("/admin/webhooks")]
pub async fn create_webhook(by: Authorized<Admin>, app: Data<App>, body: RepeatableBody<NewWebhook>) -> HandlerResult {
    let key = key(&by.actor, "create_webhook", &body);
    let made = webhooks::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("webhooks", made.webhook.id, Some(made.webhook.version), &made))
}

/// Changes a webhook; what is left out stays.
#[utoipa::path(
    tag = "admin",
    request_body = WebhookChanges,
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = WebhookRecord))
)]
#[patch("/admin/webhooks/{id}")]
pub async fn change_webhook(
    by: Authorized<Admin>,
    app: Data<App>,
    Path(id): Path<WebhookId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<WebhookChanges>,
) -> HandlerResult {
    let record = webhooks::amend(&app, &AuditActor::account(&by.actor), id, body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Gives a webhook a new secret; until the next change deliveries are signed with the old one too.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "With the new secret", body = WithSecret))
)]
#[post("/admin/webhooks/{id}/secret")]
pub async fn rotate_webhook_secret(
    by: Authorized<Admin>,
    app: Data<App>,
    Path(id): Path<WebhookId>,
    IfMatch(version): IfMatch,
) -> HandlerResult {
    let changed = webhooks::rotate_secret(&app, &AuditActor::account(&by.actor), id, version).await?;
    Ok(versioned(changed.webhook.version, &changed))
}

/// Ends a webhook at once. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = WebhookRecord))
)]
#[post("/admin/webhooks/{id}/end")]
pub async fn end_webhook(
    by: Authorized<Admin>,
    app: Data<App>,
    Path(id): Path<WebhookId>,
    IfMatch(version): IfMatch,
) -> HandlerResult {
    let record = webhooks::end(&app, &AuditActor::account(&by.actor), id, version).await?;
    Ok(versioned(record.version, &record))
}

/// Lists the deliveries to a webhook, newest first; `/admin/outbox/{id}` has each attempt.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path), PageParameters),
    responses((status = 200, description = "One page", body = ItemPage<OutboxLine>))
)]
#[get("/admin/webhooks/{id}/deliveries")]
pub async fn list_webhook_deliveries(
    _by: Authorized<Admin>,
    app: Data<App>,
    Path(id): Path<WebhookId>,
    query: ListQuery,
) -> HandlerResult {
    webhooks::read(&app, id).await?;
    let before = query.page.after::<OutboxId>(DELIVERIES)?;
    let question = OutboxQuery { webhook: Some(id), ..OutboxQuery::default() };
    let (items, next) = outbox::list(&app, question, before, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(DELIVERIES, items, next.as_ref())))
}

/// Sends the events of a time once more, each under its old id; at most 31 days at once.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path)),
    request_body = ReplayRequest,
    responses((status = 200, description = "What will be sent", body = Replayed))
)]
#[post("/admin/webhooks/{id}/replay")]
pub async fn replay_webhook(
    by: Authorized<Admin>,
    app: Data<App>,
    Path(id): Path<WebhookId>,
    JsonBody(body): JsonBody<ReplayRequest>,
) -> HandlerResult {
    Ok(HttpResponse::Ok().json(webhooks::replay(&app, &AuditActor::account(&by.actor), id, body).await?))
}
