//! `POST /channels/zalo/webhook`: takes the raw body and its signature, and responds at once.

use crate::accounts::http::extract::ZaloSignature;
use crate::app::App;
use crate::integrations::zalo::{channel, intake};
use crate::web::Problem;
use crate::web::extract::RawBody;
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::post;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Maximum event size in bytes; Zalo's have a few thousand.
const MOST_BYTES: usize = 256 * 1024;

/// What is answered to an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZaloEventTaken {
    /// Whether it is new and will be handled; a repetition is not.
    taken: bool,
}

/// Takes an event of the Official Account: signed with its secret, at most 12 hours old, handled afterwards.
#[utoipa::path(
    tag = "zalo",
    params(("X-ZEvent-Signature" = String, Header, description = "`mac=` and the SHA-256 of application, body, timestamp and secret")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "Stored, or known already", body = ZaloEventTaken))
)]
#[post("/channels/zalo/webhook")]
pub async fn receive_zalo_event(
    signed: ZaloSignature,
    app: Data<App>,
    body: RawBody<MOST_BYTES>,
) -> Result<HttpResponse, Problem> {
    channel(&app)?;
    let event: Value = serde_json::from_slice(&body.0).map_err(|error| Problem::malformed_json(error.line(), error.column()))?;
    let taken = intake::take(&app, &body.0, &event, signed.0.as_deref()).await?;
    Ok(HttpResponse::Ok().json(ZaloEventTaken { taken }))
}
