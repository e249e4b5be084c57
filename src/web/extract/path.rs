//! The variable part of an address: what cannot be read names nothing, so that the answer is "there is no such thing".

use super::entry;
use crate::kernel::ids::{AccountId, ApiKeyId, DocumentId, OidcIdentityId, OutboxId, WebhookId};
use crate::kernel::refusal::Refusal;
use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// The key in the address.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// What can be named in an address.
pub trait Key: Sized + 'static {
    /// The variable's name in the route.
    const NAME: &'static str;
    /// What is answered to a text that names nothing.
    const MISSING: Refusal;

    /// Reads the text.
    fn read(text: &str) -> Option<Self>;
}

impl Key for AccountId {
    const NAME: &'static str = "id";
    const MISSING: Refusal = Refusal::AccountNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Key for DocumentId {
    const NAME: &'static str = "id";
    const MISSING: Refusal = Refusal::DocumentNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Key for OutboxId {
    const NAME: &'static str = "id";
    const MISSING: Refusal = Refusal::OutboxLineNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Key for ApiKeyId {
    const NAME: &'static str = "id";
    const MISSING: Refusal = Refusal::ApiKeyNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Key for OidcIdentityId {
    const NAME: &'static str = "id";
    const MISSING: Refusal = Refusal::OidcIdentityNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Key for WebhookId {
    const NAME: &'static str = "id";
    const MISSING: Refusal = Refusal::WebhookNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl<T: Key> FromRequest for Path<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (key, passed) = (request.match_info().get(T::NAME).and_then(T::read), entry::passed(request));
        Box::pin(async move {
            passed.await?;
            key.map(Self).ok_or_else(|| T::MISSING.into())
        })
    }
}
