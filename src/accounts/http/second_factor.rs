//! `/me/second-factor`: set up and remove the second factor, and renew the recovery codes.

use crate::accounts;
use crate::accounts::http::extract::CurrentAccount;
use crate::app::App;
use crate::web::HandlerResult;
use crate::web::extract::{JsonBody, RequestClient};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The password of the account, because an open session is not enough.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    /// Needed where the account has a password; otherwise one has to have signed in within the last ten minutes.
    current_password: Option<String>,
}

/// A code of the second factor, or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    #[schema(example = "287082")]
    totp: String,
}

/// Password and code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveUpBody {
    /// Needed where the account has a password; otherwise one has to have signed in within the last ten minutes.
    current_password: Option<String>,
    #[schema(example = "287082")]
    totp: String,
}

/// What goes into the program on the phone; shown here and never again.
#[derive(Serialize, ToSchema)]
pub struct EnrolmentView {
    /// In base32, for typing.
    secret: String,
    #[schema(example = "otpauth://totp/…")]
    otpauth_url: String,
    /// The link as a QR picture, a whole SVG document.
    qr_svg: String,
}

/// Codes that stand in for a lost second factor, each once; shown here and never again.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodesView {
    recovery_codes: Vec<String>,
}

/// Draws the secret of a second factor, which asks for nothing until it is confirmed.
#[utoipa::path(tag = "accounts", request_body = PasswordBody, responses((status = 200, description = "The secret", body = EnrolmentView)))]
#[post("/me/second-factor")]
pub async fn begin_second_factor(
    app: Data<App>,
    CurrentAccount(own): CurrentAccount,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<PasswordBody>,
) -> HandlerResult {
    let begun = accounts::begin_second_factor(&app, &own, &visitor, body.current_password.as_deref()).await?;
    let view = EnrolmentView { secret: begun.secret, otpauth_url: begun.otpauth_url, qr_svg: begun.qr_svg };
    Ok(HttpResponse::Ok().json(view))
}

/// Takes the first code; from now on the sign-in asks for one. Ends every other session.
#[utoipa::path(tag = "accounts", request_body = CodeBody, responses((status = 200, description = "Recovery codes", body = RecoveryCodesView)))]
#[post("/me/second-factor/confirm")]
pub async fn confirm_second_factor(
    app: Data<App>,
    CurrentAccount(own): CurrentAccount,
    JsonBody(body): JsonBody<CodeBody>,
) -> HandlerResult {
    let recovery_codes = accounts::confirm_second_factor(&app, &own, &body.totp).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesView { recovery_codes }))
}

/// Draws new recovery codes in the place of those that are left.
#[utoipa::path(tag = "accounts", request_body = CodeBody, responses((status = 200, description = "Recovery codes", body = RecoveryCodesView)))]
#[post("/me/second-factor/recovery-codes")]
pub async fn renew_recovery_codes(
    app: Data<App>,
    CurrentAccount(own): CurrentAccount,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<CodeBody>,
) -> HandlerResult {
    let recovery_codes = accounts::renew_recovery_codes(&app, &own, &visitor, &body.totp).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesView { recovery_codes }))
}

/// Gives the second factor up; refused where a role needs one.
#[utoipa::path(tag = "accounts", request_body = GiveUpBody, responses((status = 204, description = "Given up")))]
#[post("/me/second-factor/remove")]
pub async fn remove_second_factor(
    app: Data<App>,
    CurrentAccount(own): CurrentAccount,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<GiveUpBody>,
) -> HandlerResult {
    accounts::give_up_second_factor(&app, &own, &visitor, (body.current_password.as_deref(), &body.totp)).await?;
    Ok(HttpResponse::NoContent().finish())
}
