//! `/auth/*`: register, login, refresh, logout.
//!
//! Open to everybody; responses with tokens are marked as not cacheable.

use super::view::SignedInView;
use crate::accounts::http::extract::Public;
use crate::accounts::{self, LoginRequest, Registration, SignedIn};
use crate::app::App;
use crate::kernel::account::AccountKind;
use crate::web::HandlerResult;
use crate::web::extract::{JsonBody, RepeatableBody, RequestClient};
use actix_web::http::header::{CACHE_CONTROL, CacheControl, CacheDirective};
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder};
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody fills in to get an account; a phone or an e-mail is needed, and a business names its company and tax code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterBody {
    /// `citizen` or `business`.
    account_kind: AccountKind,
    /// The person's name; of a business, the one who speaks for it.
    #[schema(example = "Nguyễn Văn An")]
    full_name: String,
    /// In any Vietnamese spelling.
    #[schema(example = "0912 345 678")]
    phone: Option<String>,
    email: Option<String>,
    /// 8–128 characters, not easy to guess.
    #[schema(min_length = 8, max_length = 128)]
    password: String,
    /// Số định danh cá nhân.
    personal_id: Option<String>,
    company_name: Option<String>,
    /// Mã số thuế.
    tax_code: Option<String>,
}

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// Phone in any Vietnamese spelling, e-mail, or an officer's user name.
    #[schema(example = "0912345678")]
    login: String,
    password: String,
    /// The code of the second factor where the account has one, or one of its recovery codes.
    totp: Option<String>,
}

/// The token of the last answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    refresh_token: String,
}

/// Makes an account for a citizen or a business and signs it in.
#[utoipa::path(
    tag = "accounts",
    request_body = RegisterBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again; at least 100 bits that others cannot guess, as a UUID")),
    responses((status = 201, description = "Signed in", body = SignedInView))
)]
#[post("/auth/register")]
pub async fn register(
    _anybody: Public,
    app: Data<App>,
    RequestClient(visitor): RequestClient,
    sent: RepeatableBody<RegisterBody>,
) -> HandlerResult {
    let key = sent.key_of_guest("register")?;
    let body = sent.value;
    let registration = Registration {
        account_kind: body.account_kind,
        full_name: body.full_name,
        phone: body.phone,
        email: body.email,
        password: body.password,
        personal_id: body.personal_id,
        company_name: body.company_name,
        tax_code: body.tax_code,
    };
    Ok(tokens(HttpResponse::Created(), accounts::register(&app, &registration, &visitor, key).await?))
}

/// Signs an account in.
#[utoipa::path(tag = "accounts", request_body = LoginBody, responses((status = 200, description = "Signed in", body = SignedInView)))]
#[post("/auth/login")]
pub async fn login(
    _anybody: Public,
    app: Data<App>,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<LoginBody>,
) -> HandlerResult {
    let sign_in = LoginRequest { login: &body.login, password: &body.password, totp: body.totp.as_deref() };
    Ok(tokens(HttpResponse::Ok(), accounts::login(&app, sign_in, &visitor).await?))
}

/// Exchanges a refresh token for the next pair; showing a used one again ends the whole family of tokens.
#[utoipa::path(tag = "accounts", request_body = RefreshBody, responses((status = 200, description = "The next pair", body = SignedInView)))]
#[post("/auth/refresh")]
pub async fn refresh(
    _anybody: Public,
    app: Data<App>,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<RefreshBody>,
) -> HandlerResult {
    Ok(tokens(HttpResponse::Ok(), accounts::refresh(&app, &body.refresh_token, &visitor).await?))
}

/// Signs out: ends the family of the refresh token, and with it the access tokens.
#[utoipa::path(tag = "accounts", request_body = RefreshBody, responses((status = 204, description = "Signed out")))]
#[post("/auth/logout")]
pub async fn logout(_anybody: Public, app: Data<App>, JsonBody(body): JsonBody<RefreshBody>) -> HandlerResult {
    accounts::logout(&app, &body.refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Builds a response with tokens, with `Cache-Control` against caching.
pub fn tokens(mut answer: HttpResponseBuilder, signed_in: SignedIn) -> HttpResponse {
    let no_store: (_, CacheControl) = (CACHE_CONTROL, CacheControl(vec![CacheDirective::NoStore]));
    answer.insert_header(no_store).json(SignedInView::from(signed_in))
}
