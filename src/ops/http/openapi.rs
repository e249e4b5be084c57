//! The API description (OpenAPI 3.1).
//!
//! [`describe`] collects it from the mounted routes, so that it contains exactly what is mounted. The result is
//! committed to the repository, and a test compares the two. The server publishes the committed file:
//! collecting takes longer and needs more memory than the rest of the startup.

use crate::accounts::http::extract::Public;
use crate::accounts::http::policy_docs::{API_KEY, BEARER};
use crate::ops::http::routes;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::web::description::{answers, operations_mut, parameters};
use crate::web::problem::ProblemBody;
use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::ContentType;
use pakn_route::get;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use utoipa::OpenApi as _;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_actix_web::AppExt;

/// Path at which the service publishes the description.
pub const DOCUMENT_PATH: &str = "/api/v1/openapi.json";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "pakn",
        description = "Citizen petitions (phản ánh, kiến nghị) of Bắc Ninh province.\n\n\
            Errors are `application/problem+json` with a stable `code`; texts are Vietnamese, or English with `Accept-Language: en`. \
            Times are RFC 3339 in +07:00. Lists take `limit` and `cursor`. A POST that creates takes an `Idempotency-Key`; a change \
            of something with a `version` takes `If-Match`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, LookPurpose)),
    tags(
        (name = "petitions", description = "Filing petitions and following them"),
        (name = "attachments", description = "Photos and other files that come with petitions"),
        (name = "public", description = "What everybody may read"),
        (name = "documents", description = "Inbox, register and work of an agency"),
        (name = "coordination", description = "What no rule routed and what came back"),
        (name = "statistics", description = "Measures, rankings, trends"),
        (name = "accounts", description = "Registering, signing in, one's own account"),
        (name = "notifications", description = "What people are told, and by which channels"),
        (name = "directory", description = "Agencies, areas and categories, as of any day"),
        (name = "exchange", description = "Partners that file and follow petitions with a key"),
        (name = "open311", description = "GeoReport v2, in XML and JSON"),
        (name = "admin", description = "Directory, rules, calendar and accounts"),
        (name = "audit", description = "Signed heads of the audit record"),
        (name = "zalo", description = "The Official Account and the Mini App"),
        (name = "description", description = "This description"),
        (name = "health", description = "For operators"),
    )
)]
struct BaseDescription;

/// The committed description.
const DOCUMENT: &str = include_str!("../../../api-spec/openapi.json");

/// The description of the API.
#[utoipa::path(tag = "description", responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
#[get("/openapi.json")]
pub async fn read_description(_anybody: Public) -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType::json()).body(DOCUMENT)
}

/// Collects the description of everything that is mounted.
#[must_use]
pub fn describe() -> utoipa::openapi::OpenApi {
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(BaseDescription::openapi())
        .configure(routes::described)
        .split_for_parts();
    let mut components = document.components.take().unwrap_or_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.security_schemes.insert(BEARER.to_owned(), SecurityScheme::Http(bearer).into());
    let api_key = ApiKey::Header(ApiKeyValue::new("X-Api-Key"));
    components.security_schemes.insert(API_KEY.to_owned(), SecurityScheme::ApiKey(api_key).into());
    answers::define(&mut components);
    document.components = Some(components);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations_mut(item) {
            parameters::complete(path, operation);
            answers::complete(&method, path, operation);
            // Operation ids are handler names; handlers below `/admin/` share names with public ones.
            if path.contains("/admin/") {
                operation.operation_id = operation.operation_id.take().map(|id| format!("admin_{id}"));
            }
        }
    }
    document
}

/// Returns every path of the published description with its methods.
///
/// # Errors
/// Never in practice: a test parses the same text.
pub fn addresses() -> serde_json::Result<Vec<(String, Vec<Method>)>> {
    #[derive(serde::Deserialize)]
    struct Paths {
        paths: BTreeMap<String, BTreeMap<String, IgnoredAny>>,
    }
    let paths: Paths = serde_json::from_str(DOCUMENT)?;
    let method = |name: &String| Method::from_bytes(name.to_uppercase().as_bytes()).ok();
    Ok(paths.paths.into_iter().map(|(path, item)| (path, item.keys().filter_map(method).collect())).collect())
}
