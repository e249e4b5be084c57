//! Extractors for JSON bodies: checks content type, size, syntax, then every value, each with its own error.

use super::access_decision;
use super::app::app_data;
use super::body_timeout;
use super::headers::{DeviceId, IdempotencyKey};
use super::serde_errors;
use super::shape_errors;
use crate::config::Config;
use crate::db::idempotency::RequestKey;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::web::Problem;
use crate::web::problem::HttpErrorCode;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use utoipa::PartialSchema;

/// A JSON body. `T` needs `deny_unknown_fields`: an unknown field is an error in this API.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

/// A JSON body of a request that may be retried, with its `Idempotency-Key` and the raw bytes to compare bodies.
#[derive(Debug)]
pub struct RepeatableBody<T> {
    pub key: IdempotencyKey,
    pub device: DeviceId,
    /// The raw body.
    pub bytes: Bytes,
    pub value: T,
}

impl<T> RepeatableBody<T> {
    /// Returns the request key for an operation of a caller (`account:7`).
    #[must_use]
    pub fn key_of(&self, caller: &str, call: &str) -> Option<RequestKey> {
        self.key.0.as_deref().map(|secret| RequestKey::new(caller, call, secret, &self.bytes))
    }

    /// Returns the request key for an operation of a guest.
    ///
    /// # Errors
    /// 422 for a key that could be guessed.
    pub fn key_of_guest(&self, call: &str) -> Result<Option<RequestKey>, Problem> {
        let key = self.key.0.as_deref().map(|secret| RequestKey::of_guest(call, secret, &self.bytes, self.device.0.as_deref()));
        Ok(key.transpose()?)
    }
}

/// A JSON body that may be omitted, because every field has a default.
#[derive(Debug)]
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + PartialSchema + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            let headers = request.headers();
            let empty = headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0") && !request.chunked().unwrap_or(false);
            if empty {
                Ok(Self(T::default()))
            } else {
                parse(&read(&request, payload, is_json, |config| config.max_body_bytes).await?).map(Self)
            }
        })
    }
}

impl<T: DeserializeOwned + PartialSchema + 'static> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            parse(&read(&request, payload, is_json, |config| config.max_body_bytes).await?).map(Self)
        })
    }
}

impl<T: DeserializeOwned + PartialSchema + 'static> FromRequest for RepeatableBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            let (key, device) = (IdempotencyKey::of(request.headers())?, DeviceId::of(request.headers()));
            let bytes = read(&request, payload, is_json, |config| config.max_body_bytes).await?;
            let value = parse(&bytes)?;
            Ok(Self { key, device, bytes, value })
        })
    }
}

/// Reads a body of an accepted media type, within the size limit of the settings.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    is_taken: fn(&HttpRequest) -> bool,
    limit: fn(&Config) -> usize,
) -> Result<Bytes, Problem> {
    let app = app_data(request)?;
    let limit = limit(&app.config);
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(Problem::fault(HttpErrorCode::BodyTooLarge));
    }
    // Compressed bodies are rejected: their size is unknown before decompression.
    let is_packed = request.headers().get_all(CONTENT_ENCODING).any(|encoding| encoding != "identity");
    if is_packed || !is_taken(request) {
        return Err(Problem::fault(HttpErrorCode::UnsupportedMediaType));
    }
    let mut bytes = BytesMut::with_capacity(length.unwrap_or_default());
    let mut payload = body_timeout::of_small(payload, app.config.body_seconds);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| unread(&error))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Problem::fault(HttpErrorCode::BodyTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Returns the problem for a body that could not be read.
pub(super) fn unread(error: &PayloadError) -> Problem {
    Problem::fault(if body_timeout::is_over(error) { HttpErrorCode::RequestTimeout } else { HttpErrorCode::MalformedRequest })
}

fn is_json(request: &HttpRequest) -> bool {
    if !request.headers().contains_key(CONTENT_TYPE) {
        return false;
    }
    let media_type = request.content_type().to_ascii_lowercase();
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn parse<T: DeserializeOwned + PartialSchema>(bytes: &[u8]) -> Result<T, Problem> {
    // Serde would also accept an object's fields as an array.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(FieldProblem::new("", FieldRule::WrongType("object")).into());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            Category::Data => misfit::<T>(bytes, serde_errors::problem(&path, &error.to_string())),
            Category::Syntax | Category::Eof | Category::Io => Problem::malformed_json(error.line(), error.column()),
        }
    })?;
    json.end().map_err(|error| Problem::malformed_json(error.line(), error.column()))?;
    Ok(value)
}

/// Returns all shape errors of a body, or a syntax error further on.
fn misfit<T: DeserializeOwned + PartialSchema>(bytes: &[u8], first: FieldProblem) -> Problem {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(value) => shape_errors::problems::<T>(&value, first, bytes.len()).into(),
        Err(error) => Problem::malformed_json(error.line(), error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Lang;
    use crate::kernel::account::{AccountKind, ContactKind};
    use serde::Deserialize;

    #[derive(Debug, Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields)]
    struct InnerBody {
        #[serde(rename = "kind")]
        _kind: AccountKind,
        #[serde(rename = "day")]
        _day: Option<chrono::NaiveDate>,
    }

    #[derive(Debug, Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields)]
    struct OuterBody {
        #[serde(rename = "kind")]
        _kind: Option<ContactKind>,
        #[serde(rename = "title")]
        _title: String,
        #[serde(rename = "inner")]
        _inner: Option<InnerBody>,
        #[serde(rename = "list", default)]
        _list: Vec<i32>,
    }

    fn said(json: &str) -> String {
        let body = parse::<OuterBody>(json.as_bytes()).unwrap_err().body(Lang::En, "");
        let fields: Vec<_> = body.errors.iter().map(|error| format!("{}={}", error.field, error.code)).collect();
        if fields.is_empty() { format!("{}: {}", body.code, body.detail) } else { fields.join(",") }
    }

    fn sorted(fields: &str) -> Vec<&str> {
        let mut fields: Vec<&str> = fields.split(',').collect();
        fields.sort_unstable();
        fields
    }

    #[test]
    fn each_wrong_value_is_named() {
        for (json, expected) in [
            (r#"{"title": 5}"#, "title=wrong_type"),
            (r#"{"title": null}"#, "title=wrong_type"),
            ("{}", "title=required"),
            (r#"{"title": "x", "titel": "y"}"#, "titel=unknown_field"),
            (
                r#"{"titel": "y", "kind": "alien", "list": [1, "2", 3, null]}"#,
                "kind=not_one_of,list[1]=wrong_type,list[3]=wrong_type,titel=unknown_field,title=required",
            ),
            (
                r#"{"title": 5, "x": 1, "y": 2, "inner": {"kind": 7, "day": 8, "z": 9}}"#,
                "title=wrong_type,x=unknown_field,y=unknown_field,inner.kind=wrong_type,inner.day=wrong_type,inner.z=unknown_field",
            ),
            (
                r#"{"inner": {"day": "2026-02-30", "z": {}}}"#,
                "inner.day=unreadable,inner.z=unknown_field,inner.kind=required,title=required",
            ),
            (r#"{"title": "x", "title": "y", "z": 1}"#, "title=duplicate,z=unknown_field"),
            (r#"{"title": "x", "inner": {"kind": "citizen", "x": 1}}"#, "inner.x=unknown_field"),
            (r#"{"title": "x", "inner": {}}"#, "inner.kind=required"),
            (r#"{"title": "x", "inner": {"kind": "alien"}}"#, "inner.kind=not_one_of"),
            (r#"{"title": "x", "inner": {"kind": "citizen", "day": "2026-02-30"}}"#, "inner.day=unreadable"),
            (r#"{"title": "x", "inner": []}"#, "inner=wrong_type"),
            (r#"{"title": "x", "kind": 5}"#, "kind=wrong_type"),
            (r#"{"title": "x", "inner": {"kind": []}}"#, "inner.kind=wrong_type"),
            (r#"["field", "x", null, []]"#, "=wrong_type"),
            (r#"{"title": "x", "list": [1, "2"]}"#, "list[1]=wrong_type"),
            (r#"{"title": "x", "list": [1, 99999999999]}"#, "list[1]=wrong_type"),
            (r#"{"title": "x", "title": "y"}"#, "title=duplicate"),
            ("[]", "=wrong_type"),
            ("5", "=wrong_type"),
            ("null", "=wrong_type"),
        ] {
            assert_eq!(sorted(&said(json)), sorted(expected), "{json}");
        }
    }

    #[test]
    fn the_place_of_bad_syntax_is_named() {
        assert_eq!(said("{\"title\": \"x\",\n oops}"), "malformed_json: The body is not valid JSON. Line 2, column 2.");
        assert_eq!(said(""), "malformed_json: The body is not valid JSON. Line 1, column 0.");
        assert!(said("{\"title\": \"x\"} {}").starts_with("malformed_json"));
        assert!(!said(&"[".repeat(100_000)).is_empty(), "a deep body is refused, not followed");
        assert!(said("{\"title\": \"\u{0}\"}").starts_with("malformed_json"));
    }

    #[test]
    fn a_word_out_of_a_set_tells_the_set() {
        let body = parse::<OuterBody>(br#"{"title": "x", "kind": "fax"}"#).unwrap_err().body(Lang::En, "");
        assert_eq!(body.errors[0].message, "Must be one of: phone, email.");
    }
}
