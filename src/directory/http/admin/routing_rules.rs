//! `/admin/routing-rules`: routing rules for administrators, and the dry run of changed rules.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::areas::End;
use crate::directory::dry_run::{self, DryRun, DryRunReport};
use crate::directory::routing_rules::{self, NewRoutingRule, RoutingRuleChanges, RoutingRuleOrder, RoutingRuleRecord};
use crate::directory::snapshot;
use crate::kernel::ids::RoutingRuleId;
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{IfMatch, ItemPage, JsonBody, ListQuery, RepeatableBody};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use pakn_route::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// List name in cursors.
const LIST: &str = "admin_routing_rules";

/// Which routing rules to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoutingRuleListQuery {
    /// In force on that day; of any day, ended ones too, when absent.
    on: Option<NaiveDate>,
}

/// Lists routing rules, in the order in which they are tried.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, RoutingRuleListQuery),
    responses((status = 200, description = "One page", body = ItemPage<RoutingRuleRecord>))
)]
#[get("/admin/routing-rules")]
pub async fn list_routing_rules(app: Data<App>, _by: Authorized<Admin>, query: ListQuery<RoutingRuleListQuery>) -> HandlerResult {
    let after = query.page.after::<(i32, RoutingRuleId)>(LIST)?;
    let directory = snapshot(&app).await?;
    let page = routing_rules::list(&directory, query.filter.on, after, query.page.limit)?;
    let items = page.items.into_iter().map(RoutingRuleRecord::from).collect();
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, items, page.next.as_ref())))
}

/// One routing rule.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The routing rule", body = RoutingRuleRecord)))]
#[get("/admin/routing-rules/{id}")]
pub async fn read_routing_rule(app: Data<App>, _by: Authorized<Admin>, id: Path<RoutingRuleId>) -> HandlerResult {
    let directory = snapshot(&app).await?;
    let record = RoutingRuleRecord::from(routing_rules::find(&directory, id.into_inner())?);
    Ok(versioned(record.version, &record))
}

/// Makes a routing rule.
#[utoipa::path(
    tag = "admin",
    request_body = NewRoutingRule,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = RoutingRuleRecord, headers(("Location" = String))))
)]
#[post("/admin/routing-rules")]
pub async fn create_routing_rule(app: Data<App>, by: Authorized<Admin>, body: RepeatableBody<NewRoutingRule>) -> HandlerResult {
    let key = key(&by.actor, "create_routing_rule", &body);
    let record = routing_rules::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("routing-rules", record.id, Some(record.version), &record))
}

/// Changes a routing rule; what is left out stays.
#[utoipa::path(
    tag = "admin",
    request_body = RoutingRuleChanges,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = RoutingRuleRecord))
)]
#[patch("/admin/routing-rules/{id}")]
pub async fn change_routing_rule(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<RoutingRuleId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<RoutingRuleChanges>,
) -> HandlerResult {
    let record = routing_rules::amend(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Ends a routing rule; `on` is its last day in force. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    request_body = End,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = RoutingRuleRecord))
)]
#[post("/admin/routing-rules/{id}/end")]
pub async fn end_routing_rule(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<RoutingRuleId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<End>,
) -> HandlerResult {
    let record = routing_rules::end(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version).await?;
    Ok(versioned(record.version, &record))
}

/// Puts the routing rules in order; those that are left out come last, in their present order.
#[utoipa::path(
    tag = "admin",
    request_body = RoutingRuleOrder,
    responses((status = 200, description = "How many rules got another position", body = Reordered))
)]
#[post("/admin/routing-rules/reorder")]
pub async fn reorder_routing_rules(
    app: Data<App>,
    by: Authorized<Admin>,
    JsonBody(body): JsonBody<RoutingRuleOrder>,
) -> HandlerResult {
    let moved = routing_rules::reorder(&app, &AuditActor::account(&by.actor), body).await?;
    Ok(HttpResponse::Ok().json(Reordered { moved }))
}

/// What reordering did.
#[derive(Serialize, ToSchema)]
pub struct Reordered {
    /// How many rules got another position.
    moved: usize,
}

/// Routes past petitions by changed rules and shows what would move; nothing is stored.
#[utoipa::path(
    tag = "admin",
    request_body = DryRun,
    responses((status = 200, description = "What would move", body = DryRunReport))
)]
#[post("/admin/routing-rules/dry-run")]
pub async fn dry_run_routing_rules(app: Data<App>, _by: Authorized<Admin>, JsonBody(body): JsonBody<DryRun>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(dry_run::dry_run(&app, body).await?))
}
