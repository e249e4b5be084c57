//! `/admin/exchange-messages`: exchange messages in both directions, unacknowledged ones, and resending.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::audit::AuditActor;
use crate::integrations::edoc::message_list::{self, ExchangeMessageFilter, ExchangeMessageRecord};
use crate::integrations::edoc::rules::{Direction, MessageState};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{ExchangeLinkId, ExchangeMessageId};
use crate::web::extract::page::PageParameters;
use crate::web::extract::{ItemPage, ListQuery};
use crate::web::{HandlerResult, Problem};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::Duration;
use pakn_route::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

/// Name of the list in its cursors.
const LIST: &str = "admin_exchange_messages";
const UNACKNOWLEDGED: &str = "admin_exchange_unacknowledged";
/// Default number of hours after which a message counts as unacknowledged.
const USUAL_HOURS: i64 = 24;
/// Ten years.
const MOST_HOURS: i64 = 87_600;

/// Which messages to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExchangeMessageListQuery {
    /// In that state.
    #[param(inline)]
    state: Option<MessageState>,
    /// In that direction.
    #[param(inline)]
    direction: Option<Direction>,
    /// Over that link.
    link: Option<i64>,
}

/// Since when an answer is missing.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnacknowledgedQuery {
    /// Handed over at least so many hours ago, 0–87600.
    #[param(minimum = 0, maximum = 87600, default = 24)]
    older_than_hours: Option<i64>,
}

/// Lists messages of the document exchange, newest first.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, ExchangeMessageListQuery),
    responses((status = 200, description = "One page", body = ItemPage<ExchangeMessageRecord>))
)]
#[get("/admin/exchange-messages")]
pub async fn list_exchange_messages(
    app: Data<App>,
    _by: Authorized<Admin>,
    query: ListQuery<ExchangeMessageListQuery>,
) -> HandlerResult {
    let before = query.page.after::<ExchangeMessageId>(LIST)?;
    let ExchangeMessageListQuery { state, direction, link } = query.filter;
    let filter = ExchangeMessageFilter { state, direction, link: link.map(ExchangeLinkId), ..ExchangeMessageFilter::default() };
    let page = message_list::list(&app, filter, before, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, page.items, page.next.as_ref())))
}

/// Lists what was sent and not acknowledged, newest first.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, UnacknowledgedQuery),
    responses((status = 200, description = "One page", body = ItemPage<ExchangeMessageRecord>))
)]
#[get("/admin/exchange-messages/unacknowledged")]
pub async fn list_unacknowledged_exchange_messages(
    app: Data<App>,
    _by: Authorized<Admin>,
    query: ListQuery<UnacknowledgedQuery>,
) -> HandlerResult {
    let before = query.page.after::<ExchangeMessageId>(UNACKNOWLEDGED)?;
    let hours = query.filter.older_than_hours.unwrap_or(USUAL_HOURS);
    if !(0..=MOST_HOURS).contains(&hours) {
        return Err(Problem::invalid_field("older_than_hours", FieldRule::Between("0".to_owned(), MOST_HOURS.to_string())));
    }
    let filter = message_list::unacknowledged(app.now(), Duration::hours(hours));
    let page = message_list::list(&app, filter, before, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(UNACKNOWLEDGED, page.items, page.next.as_ref())))
}

/// Puts an outgoing message in line again.
#[utoipa::path(
    tag = "admin",
    responses((status = 200, description = "As it now stands", body = ExchangeMessageRecord))
)]
#[post("/admin/exchange-messages/{id}/resend")]
pub async fn resend_exchange_message(app: Data<App>, by: Authorized<Admin>, id: Path<ExchangeMessageId>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(message_list::resend(&app, &AuditActor::account(&by.actor), id.into_inner()).await?))
}
