//! `/admin/deadline-rules`: deadline rules for administrators, including ended ones.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::areas::End;
use crate::directory::deadline_rules::{self, DeadlineRuleChanges, DeadlineRuleRecord, NewDeadlineRule};
use crate::kernel::ids::DeadlineRuleId;
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
const LIST: &str = "admin_deadline_rules";

/// Which deadline rules to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadlineRuleListQuery {
    /// In force on that day; of any day, ended ones too, when absent.
    on: Option<NaiveDate>,
}

/// Lists deadline rules, in the order in which they were entered.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, DeadlineRuleListQuery),
    responses((status = 200, description = "One page", body = ItemPage<DeadlineRuleRecord>))
)]
#[get("/admin/deadline-rules")]
pub async fn list_deadline_rules(
    app: Data<App>,
    _by: Authorized<Admin>,
    query: ListQuery<DeadlineRuleListQuery>,
) -> HandlerResult {
    let after = query.page.after::<DeadlineRuleId>(LIST)?;
    let page = deadline_rules::list(&app, query.filter.on, after, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, page.items, page.next.as_ref())))
}

/// One deadline rule.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The deadline rule", body = DeadlineRuleRecord)))]
#[get("/admin/deadline-rules/{id}")]
pub async fn read_deadline_rule(app: Data<App>, _by: Authorized<Admin>, id: Path<DeadlineRuleId>) -> HandlerResult {
    let record = deadline_rules::read(&app, id.into_inner()).await?;
    Ok(versioned(record.version, &record))
}

/// Makes a deadline rule.
#[utoipa::path(
    tag = "admin",
    request_body = NewDeadlineRule,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = DeadlineRuleRecord, headers(("Location" = String))))
)]
#[post("/admin/deadline-rules")]
pub async fn create_deadline_rule(app: Data<App>, by: Authorized<Admin>, body: RepeatableBody<NewDeadlineRule>) -> HandlerResult {
    let key = key(&by.actor, "create_deadline_rule", &body);
    let record = deadline_rules::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("deadline-rules", record.id, Some(record.version), &record))
}

/// Changes a deadline rule; what is left out stays.
#[utoipa::path(
    tag = "admin",
    request_body = DeadlineRuleChanges,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = DeadlineRuleRecord))
)]
#[patch("/admin/deadline-rules/{id}")]
pub async fn change_deadline_rule(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<DeadlineRuleId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<DeadlineRuleChanges>,
) -> HandlerResult {
    let record = deadline_rules::amend(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Ends a deadline rule; `on` is its last day in force. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    request_body = End,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = DeadlineRuleRecord))
)]
#[post("/admin/deadline-rules/{id}/end")]
pub async fn end_deadline_rule(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<DeadlineRuleId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<End>,
) -> HandlerResult {
    let record = deadline_rules::end(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}
