//! `/admin/categories`: categories for administrators, including ended ones.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::areas::End;
use crate::directory::categories::{self, CategoryChanges, CategoryRecord, NewCategory};
use crate::directory::snapshot;
use crate::kernel::ids::CategoryId;
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
const LIST: &str = "admin_categories";

/// Which categories to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CategoryListQuery {
    /// In force on that day; of any day, ended ones too, when absent.
    on: Option<NaiveDate>,
}

/// Lists categories, in the order in which they were entered.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, CategoryListQuery),
    responses((status = 200, description = "One page", body = ItemPage<CategoryRecord>))
)]
#[get("/admin/categories")]
pub async fn list_categories(app: Data<App>, _by: Authorized<Admin>, query: ListQuery<CategoryListQuery>) -> HandlerResult {
    let after = query.page.after::<CategoryId>(LIST)?;
    let directory = snapshot(&app).await?;
    let page = categories::list(&directory, query.filter.on, after, query.page.limit)?;
    let items = page.items.into_iter().map(|one| CategoryRecord::of(one, &directory)).collect();
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, items, page.next.as_ref())))
}

/// One category.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The category", body = CategoryRecord)))]
#[get("/admin/categories/{id}")]
pub async fn read_category(app: Data<App>, _by: Authorized<Admin>, id: Path<CategoryId>) -> HandlerResult {
    let directory = snapshot(&app).await?;
    let record = CategoryRecord::of(categories::find(&directory, id.into_inner())?, &directory);
    Ok(versioned(record.version, &record))
}

/// Makes a category.
#[utoipa::path(
    tag = "admin",
    request_body = NewCategory,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = CategoryRecord, headers(("Location" = String))))
)]
#[post("/admin/categories")]
pub async fn create_category(app: Data<App>, by: Authorized<Admin>, body: RepeatableBody<NewCategory>) -> HandlerResult {
    let key = key(&by.actor, "create_category", &body);
    let record = categories::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("categories", record.id, Some(record.version), &record))
}

/// Changes a category; what is left out stays.
#[utoipa::path(
    tag = "admin",
    request_body = CategoryChanges,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = CategoryRecord))
)]
#[patch("/admin/categories/{id}")]
pub async fn change_category(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<CategoryId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<CategoryChanges>,
) -> HandlerResult {
    let record = categories::amend(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Ends a category; `on` is its last day in force. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    request_body = End,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = CategoryRecord))
)]
#[post("/admin/categories/{id}/end")]
pub async fn end_category(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<CategoryId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<End>,
) -> HandlerResult {
    let record = categories::end(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}
