//! Streamed bodies, not held in memory: multipart bodies, and raw bytes of a file chunk.

use super::access_decision;
use super::body_timeout;
use super::headers::{DeviceId, IdempotencyKey};
use crate::db::idempotency::RequestKey;
use crate::web::Problem;
use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// An unread multipart body.
pub struct MultipartBody {
    pub key: IdempotencyKey,
    /// The `Content-Length`.
    pub announced: Option<u64>,
    pub device: DeviceId,
    pub body: Multipart,
}

/// An unread raw body.
pub struct RawStream(pub Payload);

/// The idempotency key of an upload, before the hash of its body is known.
pub struct UploadKey {
    caller: Option<String>,
    secret: Option<String>,
    device: DeviceId,
}

impl UploadKey {
    /// Creates the key of a caller (`account:7`, `key:3`), or of a guest.
    ///
    /// # Errors
    /// 422 for a guest's key that could be guessed.
    pub fn of(caller: Option<String>, key: IdempotencyKey, device: DeviceId) -> Result<Self, Problem> {
        if let (None, Some(secret)) = (&caller, &key.0) {
            RequestKey::admit_guest(secret)?;
        }
        Ok(Self { caller, secret: key.0, device })
    }

    /// Returns the request key for an operation and the hash of its body.
    #[must_use]
    pub fn with(&self, call: &str, sha256: &str) -> Option<RequestKey> {
        let (secret, body) = (self.secret.as_ref()?, sha256.as_bytes());
        match &self.caller {
            Some(caller) => Some(RequestKey::new(caller, call, secret, body)),
            None => RequestKey::of_guest(call, secret, body, self.device.0.as_deref()).ok(),
        }
    }
}

impl FromRequest for MultipartBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            let (key, device) = (IdempotencyKey::of(request.headers())?, DeviceId::of(request.headers()));
            let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
            let announced = length.and_then(|text| text.parse().ok());
            Ok(Self { key, device, announced, body: Multipart::new(request.headers(), body_timeout::of_file(payload)) })
        })
    }
}

impl FromRequest for RawStream {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (payload, passed) = (payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            Ok(Self(body_timeout::of_file(payload)))
        })
    }
}
