//! `/exchange/petitions`: partners such as the national portal file petitions under their own ids and track them.

use crate::accounts::access::PartnerScope;
use crate::accounts::http::extract::ApiClient;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::integrations::partner_api::{self, Changes, PartnerForm, PartnerPetition};
use crate::kernel::field_problem::FieldRule;
use crate::petitions::file::Receipt;
use crate::web::HandlerResult;
use crate::web::extract::{JsonBody, Query};
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use pakn_route::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

/// Default number of changes per response.
const USUAL: i64 = 100;
/// Maximum number of changes per response.
const MOST: i64 = 1000;

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The `cursor` of the last answer; everything when absent.
    changed_since: Option<String>,
    /// How many changes, 1–1000; 100 when absent.
    limit: Option<i64>,
}

/// Files a petition of a partner; the same `partner_id` and content again is the same petition. Photos are uploaded by
/// `POST /attachments` before, and named in `attachments`.
#[utoipa::path(
    tag = "exchange",
    request_body = PartnerForm,
    responses((status = 201, description = "Filed", body = Receipt), (status = 200, description = "Filed before", body = Receipt))
)]
#[post("/exchange/petitions")]
pub async fn file_partner_petition(
    by: ApiClient<PartnerScope>,
    app: Data<App>,
    JsonBody(form): JsonBody<PartnerForm>,
) -> HandlerResult {
    let name = form.partner_id.clone().unwrap_or_default();
    let answered = partner_api::file(&app, &by.partner, form).await?;
    let mut answer = if answered.is_repeated { HttpResponse::Ok() } else { HttpResponse::Created() };
    answer.insert_header((LOCATION, format!("/api/v1/exchange/petitions/{}", as_segment(name.trim()))));
    Ok(answer.json(answered.body))
}

/// Encodes a text as one path segment of a URL.
fn as_segment(text: &str) -> String {
    text.bytes().fold(String::new(), |mut segment, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
        segment
    })
}

/// What changed of the partner's petitions, in order.
#[utoipa::path(
    tag = "exchange",
    params(ChangesQuery),
    responses((status = 200, description = "The petitions that changed, as they now stand", body = Changes))
)]
#[get("/exchange/petitions")]
pub async fn list_partner_petitions(
    by: ApiClient<PartnerScope>,
    app: Data<App>,
    Query(query): Query<ChangesQuery>,
) -> HandlerResult {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(ServiceError::invalid("limit", FieldRule::Between("1".to_owned(), MOST.to_string())).into());
    }
    Ok(HttpResponse::Ok().json(partner_api::changes(&app, &by.partner, query.changed_since.as_deref(), limit).await?))
}

/// How the petition with that id of the partner stands.
#[utoipa::path(
    tag = "exchange",
    params(("partner_id" = String, Path, description = "The partner's own id")),
    responses((status = 200, description = "The petition", body = PartnerPetition))
)]
#[get("/exchange/petitions/{partner_id}")]
pub async fn read_partner_petition(by: ApiClient<PartnerScope>, app: Data<App>, partner_id: Path<String>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(partner_api::read(&app, &by.partner, partner_id.into_inner()).await?))
}
