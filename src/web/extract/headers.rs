//! Extractors for `If-Match`, `Idempotency-Key`, `X-Tracking-Token` and the device id; and `ETag` for responses.

use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderMap, HeaderName, IF_MATCH, TryIntoHeaderPair};
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// Maximum length of `Idempotency-Key` and `X-Tracking-Token`.
const LONGEST: usize = 255;

/// The version that the client read; `None` without the header or with `*`, in which case only the state is
/// checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i32>);

/// The idempotency key of a request that may be retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

/// The token that lets a guest access a petition without an account.
#[derive(Clone, PartialEq, Eq)]
pub struct TrackingToken(pub Option<String>);

impl std::fmt::Debug for TrackingToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrackingToken(…)")
    }
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(IF_MATCH);
        let (value, more) = (values.next(), values.next());
        let Some(value) = value else { return Ok(Self(None)) };
        let quoted = |text: &str| text.strip_prefix('"')?.strip_suffix('"')?.parse().ok().filter(|version| *version >= 0);
        match value.to_str().map(str::trim) {
            Ok("*") if more.is_none() => Ok(Self(None)),
            Ok(text) if more.is_none() && quoted(text).is_some() => Ok(Self(quoted(text))),
            _ => Err(Problem::malformed_header("If-Match", "\"3\"")),
        }
    }
}

impl IdempotencyKey {
    /// The name of the header.
    pub const HEADER: &str = "Idempotency-Key";

    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        visible(headers, Self::HEADER, "0b6e7c9a-4f0e-4b3a-9f43-5a1f5c1d2e3f").map(Self)
    }
}

/// The device id sent by the client.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceId(pub Option<Vec<u8>>);

impl std::fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceId(…)")
    }
}

impl DeviceId {
    /// The name of the header.
    pub const HEADER: &str = "x-device-id";

    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self(headers.get(Self::HEADER).map(|value| value.as_bytes().to_vec()))
    }
}

impl TrackingToken {
    /// The name of the header.
    pub const HEADER: &str = "X-Tracking-Token";

    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        visible(headers, Self::HEADER, "k7Q…").map(Self)
    }
}

/// Reads the single value of a header: 1–255 visible ASCII characters.
fn visible(headers: &HeaderMap, name: &str, example: &'static str) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    let bytes = value.as_bytes();
    let fits = values.next().is_none() && (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(text) if fits => Ok(Some(text.to_owned())),
        _ => Err(Problem::malformed_header(name, example)),
    }
}

macro_rules! from_headers {
    ($($header:ident),+) => {
        $(impl FromRequest for $header {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(Self::of(request.headers()))
            }
        })+
    };
}

from_headers!(IfMatch, IdempotencyKey, TrackingToken);

/// Returns the `ETag` of a versioned response, in the form of `If-Match`.
#[must_use]
pub fn etag(version: i32) -> impl TryIntoHeaderPair {
    let header: (HeaderName, String) = (ETAG, format!("\"{version}\""));
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        headers
    }

    #[test]
    fn if_match_is_a_quoted_version_or_a_star() {
        assert_eq!(IfMatch::of(&HeaderMap::new()).unwrap(), IfMatch(None));
        assert_eq!(IfMatch::of(&with("if-match", "\"12\"")).unwrap(), IfMatch(Some(12)));
        assert_eq!(IfMatch::of(&with("if-match", "*")).unwrap(), IfMatch(None));
        for wrong in ["12", "\"\"", "W/\"12\"", "\"1\", \"2\"", "\"-1\"", "\"99999999999\"", "\"x\"", "đ"] {
            assert!(IfMatch::of(&with("if-match", wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_are_visible_and_not_endless() {
        assert_eq!(IdempotencyKey::of(&with("idempotency-key", "a-1")).unwrap(), IdempotencyKey(Some("a-1".to_owned())));
        for wrong in ["", "a b", "đ", &"x".repeat(256)] {
            assert!(IdempotencyKey::of(&with("idempotency-key", wrong)).is_err(), "{wrong}");
        }
    }
}
