//! The access right of each handler, as a type in its signature.
//!
//! The handler attributes (`pakn_route`) read the signature and implement [`PolicyHandler`]; `routes.rs` mounts
//! only handlers that have it, and the API description shows the [`Grant`] as `x-right`. Rule: a handler extracts
//! its policy before anything else of the request.

use super::account::{AnyCaller, Authorized, CurrentAccount, OptionalAccount};
use super::api_key::{ApiClient, Uploader};
use crate::accounts::access::{ApiKeyScope, Credential, Grant, PartnerScope, Right};
use crate::kernel::account::Role;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// An extractor that authorizes a request.
pub trait AccessPolicy: FromRequest {
    /// The row of the rights table.
    const GRANT: Grant;
}

/// A handler whose signature names its access policy.
pub trait PolicyHandler {
    /// The extractor that authorizes the request.
    type Policy: AccessPolicy;
}

/// Everybody has access; credentials are not checked.
#[derive(Debug, Clone, Copy)]
pub struct Public;

/// Requires a signature over the body, which the service verifies before it parses anything else.
#[derive(Debug, Clone)]
pub struct ZaloSignature(pub Option<String>);

impl ZaloSignature {
    /// The header with the signature.
    pub const HEADER: &str = "X-ZEvent-Signature";
}

const fn for_all(name: &'static str, credential: Credential) -> Grant {
    Grant { name, credential, roles: Role::ALL }
}

impl AccessPolicy for Public {
    const GRANT: Grant = for_all("public", Credential::Nothing);
}

impl AccessPolicy for OptionalAccount {
    const GRANT: Grant = for_all("guest", Credential::AccountOrNothing);
}

impl AccessPolicy for Uploader {
    const GRANT: Grant = for_all("guest_or_exchange", Credential::AccountKeyOrNothing(PartnerScope::SCOPE));
}

impl AccessPolicy for AnyCaller {
    const GRANT: Grant = for_all("own_petition", Credential::AccountOrTracking);
}

impl AccessPolicy for CurrentAccount {
    const GRANT: Grant = for_all("own_account", Credential::Account);
}

impl AccessPolicy for ZaloSignature {
    const GRANT: Grant = Grant { name: "zalo_signature", credential: Credential::Signature, roles: &[] };
}

impl<R: Right + 'static> AccessPolicy for Authorized<R> {
    const GRANT: Grant = Grant { name: R::NAME, credential: Credential::Account, roles: R::ROLES };
}

impl<S: ApiKeyScope + 'static> AccessPolicy for ApiClient<S> {
    const GRANT: Grant = Grant { name: S::NAME, credential: Credential::Key(S::SCOPE), roles: &[] };
}

impl FromRequest for Public {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

impl FromRequest for ZaloSignature {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shown = request.headers().get(Self::HEADER).and_then(|value| value.to_str().ok());
        ready(Ok(Self(shown.map(str::to_owned))))
    }
}
