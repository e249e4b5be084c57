//! Routes for requests and their decisions: deadline extension, reopening, merge.

use super::act::{NoFields, as_it_stands};
use super::answer::DenyBody;
use crate::accounts::access::Officer;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::field_problem::FieldProblem;
use crate::kernel::ids::DocumentId;
use crate::petitions::documents::read::DocumentView;
use crate::petitions::reopen::{self, ReopeningDecision};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::{extend, merge};
use crate::web::Problem;
use crate::web::extract::{IfMatch, JsonBody, Language, OptionalBody, Path};
use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::NaiveDate;
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// A later deadline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendBody {
    /// The day that is asked for.
    until: NaiveDate,
    /// 1–2000 characters, shown to the petitioner.
    reason: String,
}

/// The petition that this one repeats.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// Its code.
    /// In any case, with or without dashes.
    pub into: String,
}

impl MergeBody {
    /// Returns the parsed petition code.
    ///
    /// # Errors
    /// A rule on `into`.
    pub fn code(&self) -> Result<PetitionCode, ServiceError> {
        self.into.parse().map_err(|rule| FieldProblem::new("into", rule).into())
    }
}

/// Asks for a later deadline, once, before it passes.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = ExtendBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/extend")]
pub async fn extend_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<ExtendBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    extend::extend(&app, &signed.actor, id.0, version.0, body.until, body.reason).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Grants the later deadline.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = NoFields,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/grant_extension")]
pub async fn grant_extension_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    _body: OptionalBody<NoFields>,
) -> Result<HttpResponse, Problem> {
    extend::grant_extension(&app, &signed.actor, id.0, version.0).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Denies the later deadline.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = DenyBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/deny_extension")]
pub async fn deny_extension_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<DenyBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    extend::deny_extension(&app, &signed.actor, id.0, version.0, body.note).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Ends it as a repetition of another petition of the agency.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = MergeBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/merge")]
pub async fn merge_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<MergeBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    merge::merge_document(&app, &signed.actor, id.0, version.0, body.code()?).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Begins again, with a new deadline.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = NoFields,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/grant_reopening")]
pub async fn grant_reopening_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    _body: OptionalBody<NoFields>,
) -> Result<HttpResponse, Problem> {
    reopen::decide_by_leader(&app, &signed.actor, id.0, version.0, ReopeningDecision::Grant).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Declines to look again; the state stays.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = DenyBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/deny_reopening")]
pub async fn deny_reopening_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<DenyBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    reopen::decide_by_leader(&app, &signed.actor, id.0, version.0, ReopeningDecision::deny(&body.note)?).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}
