//! Confirmation of officers whose account an administrator has changed: list and confirm, for leaders of their
//! agency and coordinators.

use crate::accounts::access::OfficerConfirmer;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::view::OfficerView;
use crate::app::App;
use crate::kernel::ids::AccountId;
use crate::officers::{self, WaitingOfficer};
use crate::web::HandlerResult;
use crate::web::extract::{Path, etag};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// The officers who wait.
#[derive(Serialize, ToSchema)]
pub struct WaitingOfficersView {
    /// Those whom the caller may confirm.
    items: Vec<WaitingOfficer>,
}

/// The officers who wait for somebody who vouches for them: of the own agency, or all of them for a coordinator.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "Those who wait", body = WaitingOfficersView)))]
#[get("/account-confirmations")]
pub async fn list_waiting_officers(app: Data<App>, by: Authorized<OfficerConfirmer>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(WaitingOfficersView { items: officers::list_waiting(&app, &by.actor).await? }))
}

/// Says that an account is in the hands of its officer; from now on its roles count again.
#[utoipa::path(
    tag = "accounts",
    params(("id" = i64, Path, description = "The number of the account")),
    responses((status = 200, description = "The account as it now stands", body = OfficerView))
)]
#[post("/account-confirmations/{id}")]
pub async fn confirm_officer(app: Data<App>, by: Authorized<OfficerConfirmer>, Path(id): Path<AccountId>) -> HandlerResult {
    let view = OfficerView::from(officers::confirm(&app, &by.actor, id).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version())).json(view))
}
