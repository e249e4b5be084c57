//! `/me/sessions`: list one's own sessions, and end them.

use crate::accounts::http::extract::CurrentAccount;
use crate::accounts::{self, OwnSession};
use crate::app::App;
use crate::web::HandlerResult;
use crate::web::extract::{NoFilter, Query};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use pakn_route::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// One's own sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionsView {
    /// Those that go on, the newest first.
    items: Vec<OwnSession>,
}

/// Where one is signed in.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The sessions that go on", body = SessionsView)))]
#[get("/me/sessions")]
pub async fn list_sessions(app: Data<App>, CurrentAccount(own): CurrentAccount, _query: Query<NoFilter>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(SessionsView { items: accounts::list_sessions(&app, &own).await? }))
}

/// Ends one session, at once.
#[utoipa::path(tag = "accounts", responses((status = 204, description = "Ended")))]
#[post("/me/sessions/{id}/end")]
pub async fn end_session(app: Data<App>, CurrentAccount(own): CurrentAccount, id: Path<String>) -> HandlerResult {
    accounts::end_session(&app, &own, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends every session but the one that asks.
#[utoipa::path(tag = "accounts", responses((status = 204, description = "Ended")))]
#[post("/me/sessions/end-others")]
pub async fn end_other_sessions(app: Data<App>, CurrentAccount(own): CurrentAccount) -> HandlerResult {
    accounts::end_other_sessions(&app, &own).await?;
    Ok(HttpResponse::NoContent().finish())
}
