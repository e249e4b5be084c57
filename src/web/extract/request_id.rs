//! The request id for the log and error responses: the client's `X-Request-Id` if valid, otherwise a new one.

use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use data_encoding::HEXLOWER;
use rand::RngExt;
use std::future::{Ready, ready};
use std::rc::Rc;

/// The header in requests and responses.
pub const HEADER: &str = "x-request-id";

/// Longer ids are not accepted into the log.
const LONGEST: usize = 64;

/// The request id, stored in the request extensions by the outermost middleware.
#[derive(Debug, Clone)]
pub struct RequestId(pub Rc<str>);

impl RequestId {
    /// Returns the client's id, or a new one.
    #[must_use]
    pub fn choose(headers: &HeaderMap) -> Self {
        let sane = |name: &&str| {
            !name.is_empty()
                && name.len() <= LONGEST
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        };
        match headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(sane) {
            Some(name) => Self(name.into()),
            None => Self(HEXLOWER.encode(&rand::rng().random::<[u8; 16]>()).into()),
        }
    }
}

impl FromRequest for RequestId {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<Self>().cloned().unwrap_or_else(|| Self::choose(request.headers()))))
    }
}
