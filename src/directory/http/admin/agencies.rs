//! `/admin/agencies`: agencies for administrators, including ended ones.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::agencies::{self, AgencyChanges, AgencyEnd, AgencyFilter, AgencyRecord, NewAgency};
use crate::directory::rules::area::Level;
use crate::directory::snapshot;
use crate::kernel::ids::AgencyId;
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{IfMatch, ItemPage, JsonBody, ListQuery, RepeatableBody};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use pakn_route::{get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

/// List name in cursors.
const LIST: &str = "admin_agencies";

/// Which agencies to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgencyListQuery {
    /// In force on that day; of any day, ended ones too, when absent.
    on: Option<NaiveDate>,
    /// `province`, `district` or `commune`.
    level: Option<Level>,
    /// Serving the area of this code, or one inside of it.
    area: Option<String>,
    /// Words of the name or the code, with or without accents.
    q: Option<String>,
}

/// Lists agencies, in the order in which they were entered.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, AgencyListQuery),
    responses((status = 200, description = "One page", body = ItemPage<AgencyRecord>))
)]
#[get("/admin/agencies")]
pub async fn list_agencies(app: Data<App>, _by: Authorized<Admin>, query: ListQuery<AgencyListQuery>) -> HandlerResult {
    let after = query.page.after::<AgencyId>(LIST)?;
    let AgencyListQuery { on, level, area, q } = query.filter;
    let filter = AgencyFilter { on, level, area, q };
    let directory = snapshot(&app).await?;
    let page = agencies::list(&directory, &filter, after, query.page.limit)?;
    let items = page.items.into_iter().map(|one| AgencyRecord::of(one, &directory)).collect();
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, items, page.next.as_ref())))
}

/// One agency.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The agency", body = AgencyRecord)))]
#[get("/admin/agencies/{id}")]
pub async fn read_agency(app: Data<App>, _by: Authorized<Admin>, id: Path<AgencyId>) -> HandlerResult {
    let directory = snapshot(&app).await?;
    let record = AgencyRecord::of(agencies::find(&directory, id.into_inner())?, &directory);
    Ok(versioned(record.version, &record))
}

/// Makes an agency.
#[utoipa::path(
    tag = "admin",
    request_body = NewAgency,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = AgencyRecord, headers(("Location" = String))))
)]
#[post("/admin/agencies")]
pub async fn create_agency(app: Data<App>, by: Authorized<Admin>, body: RepeatableBody<NewAgency>) -> HandlerResult {
    let key = key(&by.actor, "create_agency", &body);
    let record = agencies::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("agencies", record.id, Some(record.version), &record))
}

/// Changes an agency; what is left out stays.
#[utoipa::path(
    tag = "admin",
    request_body = AgencyChanges,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = AgencyRecord))
)]
#[patch("/admin/agencies/{id}")]
pub async fn change_agency(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<AgencyId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<AgencyChanges>,
) -> HandlerResult {
    let record = agencies::amend(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Ends an agency; `on` is its last day in force. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    request_body = AgencyEnd,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = AgencyRecord))
)]
#[post("/admin/agencies/{id}/end")]
pub async fn end_agency(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<AgencyId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<AgencyEnd>,
) -> HandlerResult {
    let record = agencies::end(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}
