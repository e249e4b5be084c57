//! Import of old petitions of another system from one CSV file.

use super::{ImportReport, import};
use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::audit::AuditActor;
use crate::web::HandlerResult;
use crate::web::extract::{LargeCsvBody, Query};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::post;
use serde::Deserialize;
use utoipa::IntoParams;

/// Where the file comes from, and whether it is only checked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PetitionImportQuery {
    /// Name of the system that the petitions come from, 1–50 characters; `import` when absent.
    source: Option<String>,
    /// `true` checks every line and stores nothing.
    #[serde(default)]
    dry_run: bool,
}

/// Enters old petitions, all lines or none, each with its register, answer and rating at its own time; nobody is told. At most 10,000
/// lines; problems are named `lines.<number>.<column>`. The same file again changes nothing.
#[utoipa::path(
    tag = "admin",
    params(PetitionImportQuery),
    request_body(content = String, content_type = "text/csv", description = "`number,received_at,category,area,title,content` and any of `agency`, `kind`, `channel`, `urgency`, `petitioner_kind`, `full_name`, `phone`, `email`, `company_name`, `tax_code`, `address`, `latitude`, `longitude`, `hide_identity`, `outcome`, `reason_code`, `answer`, `answered_at`, `promised_on`, `score`, `comment`"),
    responses((status = 200, description = "What was done", body = ImportReport))
)]
#[post("/admin/petition-imports")]
pub async fn import_petitions(
    app: Data<App>,
    by: Authorized<Admin>,
    Query(query): Query<PetitionImportQuery>,
    LargeCsvBody(file): LargeCsvBody,
) -> HandlerResult {
    let source = query.source.as_deref().unwrap_or("import");
    Ok(HttpResponse::Ok().json(import(&app, &AuditActor::account(&by.actor), source, &file, query.dry_run).await?))
}
