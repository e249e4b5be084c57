//! The right of every handler, as a type of its signature.
//!
//! The attributes of handlers (`pakn_route`) read the signature and write [`Guarded`]; `routes.rs` mounts nothing that is not
//! guarded, and the description of the API tells the [`Grant`] as `x-right`. Rule: a handler takes its entrance before anything
//! else of the request.

use super::account::{Anyone, Guest, Holder, Signed};
use super::api_key::{Keyed, Uploader};
use crate::accounts::access::{Credential, Exchange, Grant, Right, Scope};
use crate::kernel::account::Role;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// An extractor that decides who comes in.
pub trait Entrance: FromRequest {
    /// The line of the table of rights.
    const GRANT: Grant;
}

/// A handler whose signature names who comes in.
pub trait Guarded {
    /// The extractor that decides it.
    type Entrance: Entrance;
}

/// Everybody comes in, and nobody is asked who they are.
#[derive(Debug, Clone, Copy)]
pub struct Public;

/// Comes in with a signature over the body, which the service checks before it reads anything else.
#[derive(Debug, Clone)]
pub struct ZaloSigned(pub Option<String>);

impl ZaloSigned {
    /// Where the signature stands.
    pub const HEADER: &str = "X-ZEvent-Signature";
}

const fn for_all(name: &'static str, credential: Credential) -> Grant {
    Grant { name, credential, roles: Role::ALL }
}

impl Entrance for Public {
    const GRANT: Grant = for_all("public", Credential::Nothing);
}

impl Entrance for Guest {
    const GRANT: Grant = for_all("guest", Credential::AccountOrNothing);
}

impl Entrance for Uploader {
    const GRANT: Grant = for_all("guest_or_exchange", Credential::AccountKeyOrNothing(Exchange::SCOPE));
}

impl Entrance for Anyone {
    const GRANT: Grant = for_all("own_petition", Credential::AccountOrTracking);
}

impl Entrance for Holder {
    const GRANT: Grant = for_all("own_account", Credential::Account);
}

impl Entrance for ZaloSigned {
    const GRANT: Grant = Grant { name: "zalo_signature", credential: Credential::Signature, roles: &[] };
}

impl<R: Right + 'static> Entrance for Signed<R> {
    const GRANT: Grant = Grant { name: R::NAME, credential: Credential::Account, roles: R::ROLES };
}

impl<S: Scope + 'static> Entrance for Keyed<S> {
    const GRANT: Grant = Grant { name: S::NAME, credential: Credential::Key(S::SCOPE), roles: &[] };
}

impl FromRequest for Public {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

impl FromRequest for ZaloSigned {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shown = request.headers().get(Self::HEADER).and_then(|value| value.to_str().ok());
        ready(Ok(Self(shown.map(str::to_owned))))
    }
}
