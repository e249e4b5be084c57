//! Extractors for the calling account: the type parameter names the right that a handler requires, so that its
//! signature shows who may call it.

use crate::accounts::access::{Caller, Right};
use crate::accounts::{self, AuthenticatedAccount, OwnAccount};
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::web::Problem;
use crate::web::extract::access_decision;
use crate::web::extract::app::app_data;
use crate::web::extract::headers::TrackingToken;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;

/// A signed-in account with the right `R`; 401 without an account, 403 without the right.
pub struct Authorized<R> {
    pub actor: Actor,
    right: PhantomData<R>,
}

/// The signed-in account, if any; an invalid token is refused rather than treated as a guest.
pub struct OptionalAccount(pub Option<Actor>);

/// The caller of a request about one petition: an account, a guest with a tracking token, or anonymous.
pub struct AnyCaller(pub Caller);

/// The holder of an account, for viewing it or changing its password; allowed even while an initial password blocks
/// everything else.
pub struct CurrentAccount(pub OwnAccount);

impl<R: Right + 'static> FromRequest for Authorized<R> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asking = request.clone();
        let decision = access_decision::decide(request, async move {
            let AuthenticatedAccount { actor, withheld } = present(&asking).await?.ok_or(ErrorCode::NotSignedIn)?;
            if R::ROLES.iter().any(|role| actor.has(*role)) {
                return Ok(actor);
            }
            let is_withheld = R::ROLES.iter().any(|role| withheld.contains(role));
            Err(if is_withheld { ErrorCode::ConfirmationRequired } else { ErrorCode::RoleMissing }.into())
        });
        Box::pin(async move { decision.await.map(|actor| Self { actor, right: PhantomData }) })
    }
}

impl FromRequest for OptionalAccount {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asking = request.clone();
        let decision = access_decision::decide(request, async move { actor_of(&asking).await });
        Box::pin(async move { decision.await.map(Self) })
    }
}

impl FromRequest for AnyCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asking = request.clone();
        let decision = access_decision::decide(request, async move {
            let TrackingToken(tracking_token) = TrackingToken::of(asking.headers())?;
            Ok(Caller { actor: actor_of(&asking).await?, tracking_token, proven: None })
        });
        Box::pin(async move { decision.await.map(Self) })
    }
}

impl FromRequest for CurrentAccount {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asking = request.clone();
        let decision = access_decision::decide(request, async move {
            let token = bearer(&asking)?.ok_or(ErrorCode::NotSignedIn)?;
            Ok(accounts::authenticate_for_own_account(&*app_data(&asking)?, &token).await?)
        });
        Box::pin(async move { decision.await.map(Self) })
    }
}

async fn actor_of(request: &HttpRequest) -> Result<Option<Actor>, Problem> {
    Ok(present(request).await?.map(|present| present.actor))
}

async fn present(request: &HttpRequest) -> Result<Option<AuthenticatedAccount>, Problem> {
    let Some(token) = bearer(request)? else { return Ok(None) };
    let app = app_data(request)?;
    Ok(Some(accounts::authenticate(&app, &token).await?))
}

/// Returns the token of `Authorization: Bearer …`; any other scheme is refused, because this API supports no other.
fn bearer(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(ErrorCode::TokenInvalid)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(Some(token.trim().to_owned())) } else { Err(ErrorCode::TokenInvalid.into()) }
}
