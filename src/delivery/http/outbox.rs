//! `/admin/outbox`: pending and dead messages, the delivery attempts of each, and resending.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::audit::AuditActor;
use crate::delivery::outbox::{self, OutboxDetail, OutboxLine, OutboxQuery};
use crate::delivery::rules::{OutboxChannel, OutboxState};
use crate::kernel::ids::{OutboxId, WebhookId};
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{ItemPage, ListQuery, Path};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

/// Name of the list in its cursors.
const LIST: &str = "admin_outbox";

/// Which lines to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxListQuery {
    /// In this state.
    state: Option<OutboxState>,
    /// Of this channel.
    channel: Option<OutboxChannel>,
    /// For this webhook.
    webhook: Option<WebhookId>,
    /// About the petition with this code.
    petition: Option<String>,
}

/// Lists lines of the outbox, newest first; `state=dead` are those that were given up.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, OutboxListQuery),
    responses((status = 200, description = "One page", body = ItemPage<OutboxLine>))
)]
#[get("/admin/outbox")]
pub async fn list_outbox(_by: Authorized<Admin>, app: Data<App>, query: ListQuery<OutboxListQuery>) -> HandlerResult {
    let before = query.page.after::<OutboxId>(LIST)?;
    let OutboxListQuery { state, channel, webhook, petition } = query.filter;
    let question = OutboxQuery { state, channel, webhook, petition };
    let (items, next) = outbox::list(&app, question, before, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, items, next.as_ref())))
}

/// One line with each attempt.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The line", body = OutboxDetail))
)]
#[get("/admin/outbox/{id}")]
pub async fn read_outbox_line(_by: Authorized<Admin>, app: Data<App>, Path(id): Path<OutboxId>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(outbox::read(&app, id).await?))
}

/// Sends a line once more, from its first channel on; what was delivered is refused.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The line as it now stands", body = OutboxDetail))
)]
#[post("/admin/outbox/{id}/resend")]
pub async fn resend_outbox_line(by: Authorized<Admin>, app: Data<App>, Path(id): Path<OutboxId>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(outbox::resend(&app, &AuditActor::account(&by.actor), id).await?))
}
