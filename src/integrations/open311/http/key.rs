//! Extractor for a form with an API key among its fields, as GeoReport v2 requires.

use super::params::Open311Params;
use super::write::Open311Error;
use crate::accounts::access::{ApiKeyScope, Credential, Grant, Open311Scope};
use crate::accounts::http::extract::access_policy::AccessPolicy;
use crate::integrations::partner_api::{Partner, authenticate};
use crate::web::extract::app_data;
use crate::web::extract::json::read as bytes_of;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use std::convert::Infallible;

/// The form fields and the partner of a valid key; errors have the format of the standard.
pub struct FormApiKey(pub Result<(Open311Params, Partner), Open311Error>);

impl AccessPolicy for FormApiKey {
    const GRANT: Grant = Grant { name: Open311Scope::NAME, credential: Credential::KeyInForm(Open311Scope::SCOPE), roles: &[] };
}

impl FromRequest for FormApiKey {
    type Error = Infallible;
    type Future = LocalBoxFuture<'static, Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let read = async {
                let form = form(&request, payload).await?;
                let params = Open311Params::read(&[request.query_string(), &form])?;
                let key = params.get("api_key").unwrap_or_default();
                let partner = authenticate(&*app_data(&request)?, key, Open311Scope::SCOPE).await?;
                Ok((params, partner))
            };
            Ok(Self(read.await))
        })
    }
}

/// Reads the body as a form; the standard allows no other type.
async fn form(request: &HttpRequest, payload: Payload) -> Result<String, Open311Error> {
    // A missing content type is accepted too: the parameters may be in the URL.
    let is_form = |request: &HttpRequest| {
        !request.headers().contains_key(CONTENT_TYPE)
            || request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    };
    if !is_form(request) {
        return Err(Open311Error::unsupported("Content-Type: cần application/x-www-form-urlencoded; ảnh gửi bằng media_url."));
    }
    let bytes = bytes_of(request, payload, is_form, |config| config.max_body_bytes).await?;
    String::from_utf8(bytes.to_vec()).map_err(|_| Open311Error::bad("Nội dung không phải UTF-8."))
}
