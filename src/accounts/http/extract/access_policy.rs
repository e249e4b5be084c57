//! The right of every handler, as a type of its signature.
//!
//! The attributes of handlers (`pakn_route`) read the signature and write [`PolicyHandler`]; `routes.rs` mounts nothing that is not
//! guarded, and the description of the API tells the [`Grant`] as `x-right`. Rule: a handler takes its policy before anything
//! else of the request.

use super::account::{AnyCaller, Authorized, CurrentAccount, OptionalAccount};
use super::api_key::{ApiClient, Uploader};
use crate::accounts::access::{ApiKeyScope, Credential, Grant, PartnerScope, Right};
use crate::kernel::account::Role;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// An extractor that decides who comes in.
pub trait AccessPolicy: FromRequest {
    /// The line of the table of rights.
    const GRANT: Grant;
}

/// A handler whose signature names who comes in.
pub trait PolicyHandler {
    /// The extractor that decides it.
    type Policy: AccessPolicy;
}

/// Everybody comes in, and nobody is asked who they are.
#[derive(Debug, Clone, Copy)]
pub struct Public;

/// Comes in with a signature over the body, which the service checks before it reads anything else.
#[derive(Debug, Clone)]
pub struct ZaloSignature(pub Option<String>);

impl ZaloSignature {
    /// Where the signature stands.
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
