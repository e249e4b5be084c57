//! `/admin/reorganisations`: applies a reform of agencies and areas, or previews it.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::load_reference::LoadError;
use crate::reform::{self, ReformFile, ReformFiles, ReformReport};
use crate::web::extract::JsonBody;
use crate::web::{HandlerResult, Problem};
use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::NaiveDate;
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// A reform: the three files as they are, header and all.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReorganiseBody {
    /// First day of the new agencies and areas; the old ones end on the day before.
    on: NaiveDate,
    /// Says what would change and move, and stores nothing.
    dry_run: bool,
    /// Every agency from that day on, as CSV: `code,name,short_name,level,kind,parent_code,area_code`.
    agencies: String,
    /// Every area from that day on, as CSV: `code,name,type,parent_code,lat,lng`.
    areas: String,
    /// Who takes over, as CSV: `old_code,new_code,effective_date,relation,is_primary[,note]`.
    successors: String,
}

/// Applies a reform, all of it or nothing: what is not in the files ends, open petitions and officers go to the successors.
/// Problems are named `<file>.lines.<number>.<column>`. A second call with the same body changes nothing.
#[utoipa::path(
    tag = "admin",
    request_body = ReorganiseBody,
    responses((status = 200, description = "What was done, or would be", body = ReformReport))
)]
#[post("/admin/reorganisations")]
pub async fn reorganise_agencies(
    app: Data<App>,
    by: Authorized<Admin>,
    JsonBody(body): JsonBody<ReorganiseBody>,
) -> HandlerResult {
    let file = |name: &str, text: String| ReformFile { name: name.to_owned(), bytes: Some(text.into_bytes()) };
    let files = ReformFiles {
        areas: file("areas", body.areas),
        agencies: file("agencies", body.agencies),
        successors: file("successors", body.successors),
    };
    let done = match body.dry_run {
        true => reform::dry_run(&app, files, body.on).await,
        false => reform::reorganise(&app, &AuditActor::account(&by.actor), files, body.on).await,
    };
    match done {
        Ok(report) => Ok(HttpResponse::Ok().json(report)),
        Err(LoadError::Faulty(problems)) => Err(Problem::invalid(problems.iter().map(|problem| problem.as_field()).collect())),
        Err(LoadError::Service(error)) => Err(error.into()),
    }
}
