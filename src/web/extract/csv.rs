//! Extractors for CSV bodies: check content type and size; the services parse the lines.

use super::access_decision;
use super::json::read;
use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// A CSV file as body.
#[derive(Debug)]
pub struct CsvBody(pub Bytes);

impl FromRequest for CsvBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            read(&request, payload, is_csv, |config| config.max_body_bytes).await.map(Self)
        })
    }
}

/// A CSV file as body, with the larger size limit of imports.
#[derive(Debug)]
pub struct LargeCsvBody(pub Bytes);

impl FromRequest for LargeCsvBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload, passed) = (request.clone(), payload.take(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            read(&request, payload, is_csv, |config| config.import_max_bytes).await.map(Self)
        })
    }
}

fn is_csv(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("text/csv")
}
