//! `/me/preferences`: the channels and the language an account wants for its messages.

use crate::accounts::access::AnyAccount;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::delivery::notifications::{self, Preferences, PreferencesChange};
use crate::web::HandlerResult;
use crate::web::extract::{JsonBody, NoFilter, Query};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, patch};

/// What the account wants to be told by.
#[utoipa::path(
    tag = "notifications",
    responses((status = 200, description = "What it wants", body = Preferences))
)]
#[get("/me/preferences")]
pub async fn read_preferences(signed: Authorized<AnyAccount>, app: Data<App>, _query: Query<NoFilter>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(notifications::preferences(&app, &signed.actor).await?))
}

/// Changes what the account wants to be told by; what is left out stays.
#[utoipa::path(
    tag = "notifications",
    request_body = PreferencesChange,
    responses((status = 200, description = "What it wants now", body = Preferences))
)]
#[patch("/me/preferences")]
pub async fn change_preferences(
    signed: Authorized<AnyAccount>,
    app: Data<App>,
    JsonBody(body): JsonBody<PreferencesChange>,
) -> HandlerResult {
    Ok(HttpResponse::Ok().json(notifications::prefer(&app, &signed.actor, body).await?))
}
