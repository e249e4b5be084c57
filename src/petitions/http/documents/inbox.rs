//! `GET /documents`: the inbox of the officer's agency.

use crate::accounts::access::Officer;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::kernel::Instant;
use crate::petitions::documents::inbox::{InboxLine, InboxPosition, InboxQuery, page};
use crate::petitions::rules::DocumentStatus;
use crate::web::Problem;
use crate::web::extract::{ItemPage, Language, ListQuery, PageParameters};
use actix_web::web::{Data, Json};
use pakn_route::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// Narrows the inbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InboxFilter {
    /// Only in this state.
    status: Option<DocumentStatus>,
    /// Only of this year's register.
    year: Option<i32>,
    /// Only those of this officer (user name), or `me`.
    assignee: Option<String>,
    /// Only open ones past their deadline.
    overdue: Option<bool>,
    /// Due before this instant.
    due_before: Option<Instant>,
    /// Only of this category (code).
    category: Option<String>,
    /// Words with or without accents.
    q: Option<String>,
}

/// The documents of the caller's agency by deadline.
#[utoipa::path(
    tag = "documents",
    params(PageParameters, InboxFilter),
    responses((status = 200, description = "A page", body = ItemPage<InboxLine>))
)]
#[get("/documents")]
pub async fn list_documents(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    query: ListQuery<InboxFilter>,
) -> Result<Json<ItemPage<InboxLine>>, Problem> {
    let filter = query.filter;
    let question = InboxQuery {
        status: filter.status,
        year: filter.year,
        assignee: filter.assignee,
        overdue: filter.overdue.unwrap_or(false),
        due_before: filter.due_before,
        category: filter.category,
        q: filter.q,
    };
    let after: Option<InboxPosition> = query.page.after("documents")?;
    let (items, next) = page(&app, &signed.actor, question, after, query.page.limit, language.0).await?;
    Ok(Json(query.page.answer("documents", items, next.as_ref())))
}
