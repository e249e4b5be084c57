//! `/auth/oidc/{realm}`: sign-in with an identity provider. `/me/oidc/{realm}` and `/me/identities`: identities
//! linked to one's own account.

use crate::accounts::http::auth::tokens;
use crate::accounts::http::extract::{CurrentAccount, Public};
use crate::accounts::http::view::SignedInView;
use crate::app::App;
use crate::integrations::oidc::rules::OidcRealm;
use crate::integrations::oidc::{BegunSignIn, OwnIdentities, SignInCallback};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::OidcIdentityId;
use crate::web::HandlerResult;
use crate::web::extract::path::PathKey;
use crate::web::extract::{JsonBody, NoFilter, Path, Query, RequestClient};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CacheControl, CacheDirective};
use actix_web::web::Data;
use pakn_route::{get, post};
use serde::Deserialize;
use utoipa::ToSchema;

impl PathKey for OidcRealm {
    const NAME: &'static str = "realm";
    const MISSING: ErrorCode = ErrorCode::OidcNotSetUp;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Where the person comes back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcBeginBody {
    /// One of the settings; the first of them when it is left out.
    #[schema(example = "vn.gov.bacninh.pakn:/signed-in")]
    redirect_uri: Option<String>,
}

/// Who links, and where the person comes back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcLinkBody {
    /// Needed where the account has a password; otherwise one has to have signed in within the last ten minutes.
    current_password: Option<String>,
    /// One of the settings; the first of them when it is left out.
    redirect_uri: Option<String>,
}

/// What the provider sent back, with the secret that stayed with the client.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcFinishBody {
    /// As it came back.
    state: String,
    /// Of the answer to `begin`.
    finish_secret: String,
    /// As it came back.
    code: Option<String>,
    /// As it came back, if it did.
    iss: Option<String>,
    /// What came back instead of a code.
    #[schema(example = "access_denied")]
    error: Option<String>,
    /// The code of the second factor where the account has one; after `totp_required` it is enough with `state` and `finish_secret`.
    totp: Option<String>,
}

/// The same for a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcFinishLinkBody {
    /// As it came back.
    state: String,
    /// Of the answer to `begin`.
    finish_secret: String,
    /// As it came back.
    code: Option<String>,
    /// As it came back, if it did.
    iss: Option<String>,
    /// What came back instead of a code.
    error: Option<String>,
}

/// The password, where the account has one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerBody {
    /// Needed where the account has a password; otherwise one has to have signed in within the last ten minutes.
    current_password: Option<String>,
}

/// Begins signing in: `citizen` or `officer`.
#[utoipa::path(
    tag = "accounts",
    params(("realm" = OidcRealm, Path, description = "For whom the provider is")),
    request_body = OidcBeginBody,
    responses((status = 200, description = "Where to go", body = BegunSignIn))
)]
#[post("/auth/oidc/{realm}/begin")]
pub async fn begin_oidc(
    _anybody: Public,
    app: Data<App>,
    Path(realm): Path<OidcRealm>,
    JsonBody(body): JsonBody<OidcBeginBody>,
) -> HandlerResult {
    Ok(secrets(&crate::integrations::oidc::begin_oidc(&app, realm, body.redirect_uri.as_deref()).await?))
}

/// Finishes signing in; a citizen who comes for the first time gets an account.
#[utoipa::path(
    tag = "accounts",
    params(("realm" = OidcRealm, Path, description = "For whom the provider is")),
    request_body = OidcFinishBody,
    responses((status = 200, description = "Signed in", body = SignedInView))
)]
#[post("/auth/oidc/{realm}/finish")]
pub async fn finish_oidc(
    _anybody: Public,
    app: Data<App>,
    Path(realm): Path<OidcRealm>,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<OidcFinishBody>,
) -> HandlerResult {
    let OidcFinishBody { state, finish_secret, code, iss, error, totp } = body;
    let finish = SignInCallback { state, finish_secret, code, iss, error, totp };
    Ok(tokens(HttpResponse::Ok(), crate::integrations::oidc::finish_oidc(&app, realm, &finish, &visitor).await?))
}

/// Begins linking an identity to one's own account.
#[utoipa::path(
    tag = "accounts",
    params(("realm" = OidcRealm, Path, description = "For whom the provider is")),
    request_body = OidcLinkBody,
    responses((status = 200, description = "Where to go", body = BegunSignIn))
)]
#[post("/me/oidc/{realm}/begin")]
pub async fn begin_oidc_link(
    CurrentAccount(own): CurrentAccount,
    app: Data<App>,
    Path(realm): Path<OidcRealm>,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<OidcLinkBody>,
) -> HandlerResult {
    let asked = (body.current_password.as_deref(), body.redirect_uri.as_deref());
    Ok(secrets(&crate::integrations::oidc::begin_oidc_link(&app, realm, &own, &visitor, asked).await?))
}

/// Finishes linking an identity to one's own account.
#[utoipa::path(
    tag = "accounts",
    params(("realm" = OidcRealm, Path, description = "For whom the provider is")),
    request_body = OidcFinishLinkBody,
    responses((status = 200, description = "The identities as they now stand", body = OwnIdentities))
)]
#[post("/me/oidc/{realm}/finish")]
pub async fn finish_oidc_link(
    CurrentAccount(own): CurrentAccount,
    app: Data<App>,
    Path(realm): Path<OidcRealm>,
    JsonBody(body): JsonBody<OidcFinishLinkBody>,
) -> HandlerResult {
    let OidcFinishLinkBody { state, finish_secret, code, iss, error } = body;
    let finish = SignInCallback { state, finish_secret, code, iss, error, totp: None };
    Ok(HttpResponse::Ok().json(crate::integrations::oidc::finish_oidc_link(&app, realm, &own, &finish).await?))
}

/// How one's own account is entered: linked identities, and whether there is a password.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The identities", body = OwnIdentities)))]
#[get("/me/identities")]
pub async fn list_identities(CurrentAccount(own): CurrentAccount, app: Data<App>, _query: Query<NoFilter>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(crate::integrations::oidc::list_identities(&app, own.actor.account_id).await?))
}

/// Takes an identity away and ends every other session; the last way in stays.
#[utoipa::path(
    tag = "accounts",
    params(("id" = i64, Path, description = "Its number")),
    request_body = OwnerBody,
    responses((status = 204, description = "Taken away"))
)]
#[post("/me/identities/{id}/remove")]
pub async fn remove_identity(
    CurrentAccount(own): CurrentAccount,
    app: Data<App>,
    Path(id): Path<OidcIdentityId>,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<OwnerBody>,
) -> HandlerResult {
    crate::integrations::oidc::remove_identity(&app, &own, &visitor, id, body.current_password.as_deref()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A response that must not be cached.
fn secrets(begun: &BegunSignIn) -> HttpResponse {
    let no_store: (_, CacheControl) = (CACHE_CONTROL, CacheControl(vec![CacheDirective::NoStore]));
    HttpResponse::Ok().insert_header(no_store).json(begun)
}
