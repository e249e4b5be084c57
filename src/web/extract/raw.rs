//! Extractor for raw bodies, for signatures over the exact bytes.

use super::access_decision;
use super::app::app_data;
use super::body_timeout;
use super::json::unread;
use crate::web::Problem;
use crate::web::problem::HttpErrorCode;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;

/// The body, of any media type, at most `MOST` bytes.
#[derive(Debug)]
pub struct RawBody<const MOST: usize>(pub Bytes);

impl<const MOST: usize> FromRequest for RawBody<MOST> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
            if length.is_some_and(|length| length > MOST) {
                return Err(Problem::fault(HttpErrorCode::BodyTooLarge));
            }
            let mut payload = body_timeout::of_small(payload, app_data(&request)?.config.body_seconds);
            let mut bytes = BytesMut::with_capacity(length.unwrap_or_default());
            while let Some(chunk) = payload.next().await {
                let chunk = chunk.map_err(|error| unread(&error))?;
                if bytes.len() + chunk.len() > MOST {
                    return Err(Problem::fault(HttpErrorCode::BodyTooLarge));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(Self(bytes.freeze()))
        })
    }
}
