//! Other systems with a key in `X-Api-Key`; who has none learns nothing else.

use super::app::app_of;
use super::entry;
use crate::domain::partner::ApiScope;
use crate::domain::refusal::Refusal;
use crate::http::Problem;
use crate::services::partners::{Partner, admit};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// A partner with a key for the exchange of petitions.
pub struct ExchangePartner(pub Partner);

impl FromRequest for ExchangePartner {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asking = request.clone();
        let decision = entry::decide(request, async move {
            let app = app_of(&asking)?;
            let key = asking.headers().get("x-api-key").and_then(|value| value.to_str().ok()).ok_or(Refusal::ApiKeyInvalid)?;
            Ok(admit(&app, key, ApiScope::Exchange).await?)
        });
        Box::pin(async move { decision.await.map(Self) })
    }
}
