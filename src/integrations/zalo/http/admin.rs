//! `/admin/zalo`: the connection status, and authorising the application again.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::audit::AuditActor;
use crate::integrations::zalo::authorise::{self, Authorisation, ZaloStatus};
use crate::web::HandlerResult;
use crate::web::extract::{NoFilter, Query};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, post};

/// How the connection with Zalo stands.
#[utoipa::path(
    tag = "admin",
    responses((status = 200, description = "The connection", body = ZaloStatus))
)]
#[get("/admin/zalo")]
pub async fn read_zalo(_by: Authorized<Admin>, app: Data<App>, _query: Query<NoFilter>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(authorise::status(&app).await?))
}

/// Begins to authorise the application for the Official Account.
#[utoipa::path(
    tag = "admin",
    responses((status = 201, description = "Where to go on", body = Authorisation))
)]
#[post("/admin/zalo/authorisation")]
pub async fn authorise_zalo(by: Authorized<Admin>, app: Data<App>) -> HandlerResult {
    Ok(HttpResponse::Created().json(authorise::begin(&app, &AuditActor::account(&by.actor)).await?))
}
