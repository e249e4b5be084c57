//! `/admin/exchange-links`: links of the document exchange for administrators, including ended ones.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::areas::End;
use crate::integrations::edoc::links::{self, ExchangeLinkChanges, ExchangeLinkRecord, NewExchangeLink};
use crate::kernel::ids::ExchangeLinkId;
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{IfMatch, ItemPage, JsonBody, ListQuery, RepeatableBody};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use pakn_route::{get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

/// Name of the list in its cursors.
const LIST: &str = "admin_exchange_links";

/// Which links of the document exchange to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExchangeLinkListQuery {
    /// Active on that day; of any day, ended ones too, when absent.
    on: Option<NaiveDate>,
}

/// Lists links of the document exchange, in the order in which they were entered.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, ExchangeLinkListQuery),
    responses((status = 200, description = "One page", body = ItemPage<ExchangeLinkRecord>))
)]
#[get("/admin/exchange-links")]
pub async fn list_exchange_links(
    app: Data<App>,
    _by: Authorized<Admin>,
    query: ListQuery<ExchangeLinkListQuery>,
) -> HandlerResult {
    let after = query.page.after::<ExchangeLinkId>(LIST)?;
    let page = links::list(&app, query.filter.on, after, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, page.items, page.next.as_ref())))
}

/// One link of the document exchange.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The link of the document exchange", body = ExchangeLinkRecord)))]
#[get("/admin/exchange-links/{id}")]
pub async fn read_exchange_link(app: Data<App>, _by: Authorized<Admin>, id: Path<ExchangeLinkId>) -> HandlerResult {
    let record = links::read(&app, id.into_inner()).await?;
    Ok(versioned(record.version, &record))
}

/// Makes a link of the document exchange.
#[utoipa::path(
    tag = "admin",
    request_body = NewExchangeLink,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = ExchangeLinkRecord, headers(("Location" = String))))
)]
#[post("/admin/exchange-links")]
pub async fn create_exchange_link(app: Data<App>, by: Authorized<Admin>, body: RepeatableBody<NewExchangeLink>) -> HandlerResult {
    let key = key(&by.actor, "create_exchange_link", &body);
    let record = links::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("exchange-links", record.id, Some(record.version), &record))
}

/// Changes a link of the document exchange; what is left out stays.
#[utoipa::path(
    tag = "admin",
    request_body = ExchangeLinkChanges,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = ExchangeLinkRecord))
)]
#[patch("/admin/exchange-links/{id}")]
pub async fn change_exchange_link(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<ExchangeLinkId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<ExchangeLinkChanges>,
) -> HandlerResult {
    let record = links::amend(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Ends a link of the document exchange; `on` is its last day on which documents are sent. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    request_body = End,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = ExchangeLinkRecord))
)]
#[post("/admin/exchange-links/{id}/end")]
pub async fn end_exchange_link(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<ExchangeLinkId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<End>,
) -> HandlerResult {
    let record = links::end(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}
