//! `/admin/audit`: actions of officers, administrators and the operator, newest first; read-only.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::audit::list::{self, AuditQuery, AuditRecord};
use crate::kernel::Instant;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AccountId;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{ItemPage, ListQuery};
use crate::web::{HandlerResult, Problem};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// Name of the list, for its cursors.
const LIST: &str = "admin_audit";

/// Which entries to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditListQuery {
    /// From this moment on.
    from: Option<Instant>,
    /// Before this moment.
    to: Option<Instant>,
    /// By the account with this number.
    account: Option<AccountId>,
    /// Of this action, as `accept` or `change_area`.
    action: Option<String>,
    /// About things of this kind, as `petition` or `account`.
    subject_kind: Option<String>,
    /// About the thing with this number or code.
    subject: Option<String>,
}

/// Lists entries of the audit record, newest first.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, AuditListQuery),
    responses((status = 200, description = "One page", body = ItemPage<AuditRecord>))
)]
#[get("/admin/audit")]
pub async fn list_audit(_by: Authorized<Admin>, app: Data<App>, query: ListQuery<AuditListQuery>) -> HandlerResult {
    let before = query.page.after(LIST)?;
    let AuditListQuery { from, to, account, action, subject_kind, subject } = query.filter;
    if from.is_some_and(|from| to.is_some_and(|to| to < from)) {
        return Err(Problem::invalid_field("to", FieldRule::MustNotBeBefore("from".to_owned())));
    }
    let question = AuditQuery { from, to, account, action, subject_kind, subject };
    let page = list::page(&app, question, before, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, page.items, page.next.as_ref())))
}
