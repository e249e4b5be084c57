//! Bodies that are not held in memory: a multipart body, or the plain bytes of a piece of a file.

use super::entry;
use super::headers::IdempotencyKey;
use super::patience;
use crate::http::Problem;
use crate::services::idempotency::Key;
use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// A multipart body that nobody has begun to read.
pub struct FileBody {
    /// The client's key of the request.
    pub key: IdempotencyKey,
    /// How many bytes the client says that the body has.
    pub announced: Option<u64>,
    /// The body.
    pub body: Multipart,
}

/// A plain body that nobody has begun to read.
pub struct Stream(pub Payload);

impl IdempotencyKey {
    /// The key of a call whose body has this hash.
    #[must_use]
    pub fn key_of(&self, caller: &str, call: &str, sha256: &str) -> Option<Key> {
        self.0.as_ref().map(|secret| Key::new(caller, call, secret, sha256.as_bytes()))
    }
}

impl FromRequest for FileBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), entry::passed(request));
        Box::pin(async move {
            passed.await?;
            let key = IdempotencyKey::of(request.headers())?;
            let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
            let announced = length.and_then(|text| text.parse().ok());
            Ok(Self { key, announced, body: Multipart::new(request.headers(), patience::of_file(payload)) })
        })
    }
}

impl FromRequest for Stream {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (payload, passed) = (payload.take(), entry::passed(request));
        Box::pin(async move {
            passed.await?;
            Ok(Self(patience::of_file(payload)))
        })
    }
}
