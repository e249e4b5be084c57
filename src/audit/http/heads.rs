//! `/audit/heads`: the signed heads of the audit record, public because they contain no personal data.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::audit::heads::{self, PublishedHead};
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{ItemPage, ListQuery};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::get;

/// Name of the list, for its cursors.
const LIST: &str = "audit_heads";

/// Lists the signed heads of the audit record, newest first: one an hour, each over everything that officers and administrators have
/// done until then. Whoever keeps them can prove later that nothing before them was changed.
#[utoipa::path(
    tag = "audit",
    params(PageParameters),
    responses((status = 200, description = "One page", body = ItemPage<PublishedHead>))
)]
#[get("/audit/heads")]
pub async fn list_audit_heads(_anybody: Public, app: Data<App>, query: ListQuery) -> HandlerResult {
    let before = query.page.after::<String>(LIST)?;
    let page = heads::page(&app, before, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, page.items, page.next.as_ref())))
}
