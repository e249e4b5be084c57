//! Path variables: an unparsable key yields the same 404 as a missing record.

use super::access_decision;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AccountId, ApiKeyId, DocumentId, OidcIdentityId, OutboxId, WebhookId};
use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// The key in the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// A type that can be a path variable.
pub trait PathKey: Sized + 'static {
    /// The variable's name in the route.
    const NAME: &'static str;
    /// The error for an unparsable key.
    const MISSING: ErrorCode;

    /// Parses the key.
    fn read(text: &str) -> Option<Self>;
}

impl PathKey for AccountId {
    const NAME: &'static str = "id";
    const MISSING: ErrorCode = ErrorCode::AccountNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl PathKey for DocumentId {
    const NAME: &'static str = "id";
    const MISSING: ErrorCode = ErrorCode::DocumentNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl PathKey for OutboxId {
    const NAME: &'static str = "id";
    const MISSING: ErrorCode = ErrorCode::OutboxLineNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl PathKey for ApiKeyId {
    const NAME: &'static str = "id";
    const MISSING: ErrorCode = ErrorCode::ApiKeyNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl PathKey for OidcIdentityId {
    const NAME: &'static str = "id";
    const MISSING: ErrorCode = ErrorCode::OidcIdentityNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl PathKey for WebhookId {
    const NAME: &'static str = "id";
    const MISSING: ErrorCode = ErrorCode::WebhookNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl<T: PathKey> FromRequest for Path<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (key, passed) = (request.match_info().get(T::NAME).and_then(T::read), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            key.map(Self).ok_or_else(|| T::MISSING.into())
        })
    }
}
