//! `/admin/areas`: areas for administrators, including ended ones.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::areas::{self, AreaChanges, AreaFilter, AreaRecord, End, NewArea};
use crate::directory::snapshot;
use crate::kernel::ids::AreaId;
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
const LIST: &str = "admin_areas";

/// Which areas to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AreaListQuery {
    /// In force on that day; of any day, ended ones too, when absent.
    on: Option<NaiveDate>,
    /// Directly below the area of this code.
    parent: Option<String>,
}

/// Lists areas, in the order in which they were entered.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, AreaListQuery),
    responses((status = 200, description = "One page", body = ItemPage<AreaRecord>))
)]
#[get("/admin/areas")]
pub async fn list_areas(app: Data<App>, _by: Authorized<Admin>, query: ListQuery<AreaListQuery>) -> HandlerResult {
    let after = query.page.after::<AreaId>(LIST)?;
    let AreaListQuery { on, parent } = query.filter;
    let filter = AreaFilter { on, parent };
    let directory = snapshot(&app).await?;
    let page = areas::list(&directory, &filter, after, query.page.limit)?;
    let items = page.items.into_iter().map(|one| AreaRecord::of(one, &directory)).collect();
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, items, page.next.as_ref())))
}

/// One area.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The area", body = AreaRecord)))]
#[get("/admin/areas/{id}")]
pub async fn read_area(app: Data<App>, _by: Authorized<Admin>, id: Path<AreaId>) -> HandlerResult {
    let directory = snapshot(&app).await?;
    let record = AreaRecord::of(areas::find(&directory, id.into_inner())?, &directory);
    Ok(versioned(record.version, &record))
}

/// Makes an area.
#[utoipa::path(
    tag = "admin",
    request_body = NewArea,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = AreaRecord, headers(("Location" = String))))
)]
#[post("/admin/areas")]
pub async fn create_area(app: Data<App>, by: Authorized<Admin>, body: RepeatableBody<NewArea>) -> HandlerResult {
    let key = key(&by.actor, "create_area", &body);
    let record = areas::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("areas", record.id, Some(record.version), &record))
}

/// Changes an area; what is left out stays.
#[utoipa::path(
    tag = "admin",
    request_body = AreaChanges,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = AreaRecord))
)]
#[patch("/admin/areas/{id}")]
pub async fn change_area(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<AreaId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<AreaChanges>,
) -> HandlerResult {
    let record = areas::amend(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Ends an area; `on` is its last day in force. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    request_body = End,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = AreaRecord))
)]
#[post("/admin/areas/{id}/end")]
pub async fn end_area(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<AreaId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<End>,
) -> HandlerResult {
    let record = areas::end(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}
