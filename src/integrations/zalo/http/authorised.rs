//! `GET /channels/zalo/authorised`: OAuth callback, to which Zalo redirects the authorising administrator's browser.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::integrations::zalo::authorise;
use crate::web::HandlerResult;
use crate::web::extract::Query;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::Data;
use pakn_route::get;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;

/// The page shown in the browser.
const PAGE: &str = "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>Zalo</title>\
    <p>Đã kết nối Official Account. Có thể đóng trang này.</p></html>";

/// What Zalo puts into the address.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuthorisedQuery {
    /// Becomes tokens; good for ten minutes.
    code: String,
    /// Number of the Official Account.
    oa_id: String,
    /// What the authorisation was begun with; good once.
    state: String,
    /// What else Zalo writes into the address is its own affair.
    #[serde(flatten)]
    #[param(ignore)]
    _others: BTreeMap<String, String>,
}

/// Ends an authorisation that an administrator has begun.
#[utoipa::path(
    tag = "zalo",
    params(AuthorisedQuery),
    responses((status = 200, description = "Connected", content_type = "text/html"))
)]
#[get("/channels/zalo/authorised")]
pub async fn finish_zalo_authorisation(_anybody: Public, app: Data<App>, query: Query<AuthorisedQuery>) -> HandlerResult {
    let AuthorisedQuery { code, oa_id, state, .. } = query.0;
    authorise::finish(&app, &code, &oa_id, &state).await?;
    Ok(HttpResponse::Ok().insert_header(ContentType::html()).insert_header((CACHE_CONTROL, "no-store")).body(PAGE))
}
