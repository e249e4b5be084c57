//! Endpoints of the Mini App: sign-in, and the one-time tokens for phone number and location.

use crate::accounts::access::Petitioner;
use crate::accounts::http::auth::tokens;
use crate::accounts::http::extract::{Authorized, Public};
use crate::accounts::http::view::{AccountView, SignedInView};
use crate::app::App;
use crate::integrations::zalo::mini_app::{self, ZaloLocation};
use crate::web::HandlerResult;
use crate::web::extract::{JsonBody, etag};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// What `getAccessToken()` gave.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ZaloSignInBody {
    access_token: String,
}

/// What `getPhoneNumber()` or `getLocation()` gave, with the token of the same person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ZaloOneTimeBody {
    access_token: String,
    /// Good once, for two minutes.
    code: String,
}

/// Signs in with a token of the Mini App; the account is made on first sight.
#[utoipa::path(
    tag = "zalo",
    request_body = ZaloSignInBody,
    responses((status = 200, description = "Signed in", body = SignedInView))
)]
#[post("/auth/zalo")]
pub async fn sign_in_with_zalo(_anybody: Public, app: Data<App>, JsonBody(body): JsonBody<ZaloSignInBody>) -> HandlerResult {
    Ok(tokens(HttpResponse::Ok(), mini_app::sign_in(&app, &body.access_token).await?))
}

/// Takes the phone that Zalo has verified into one's own account.
#[utoipa::path(
    tag = "zalo",
    request_body = ZaloOneTimeBody,
    responses((status = 200, description = "The account as it now stands", body = AccountView))
)]
#[post("/me/zalo/phone")]
pub async fn take_zalo_phone(
    by: Authorized<Petitioner>,
    app: Data<App>,
    JsonBody(body): JsonBody<ZaloOneTimeBody>,
) -> HandlerResult {
    let view = AccountView::from(mini_app::take_phone(&app, &by.actor, &body.access_token, &body.code).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version())).json(view))
}

/// Says where the person is, with the communes that it may be; nothing is stored.
#[utoipa::path(
    tag = "zalo",
    request_body = ZaloOneTimeBody,
    responses((status = 200, description = "The place", body = ZaloLocation))
)]
#[post("/me/zalo/location")]
pub async fn locate_by_zalo(
    by: Authorized<Petitioner>,
    app: Data<App>,
    JsonBody(body): JsonBody<ZaloOneTimeBody>,
) -> HandlerResult {
    Ok(HttpResponse::Ok().json(mini_app::locate(&app, &by.actor, &body.access_token, &body.code).await?))
}
