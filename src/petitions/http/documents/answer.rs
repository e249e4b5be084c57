//! Routes for an answer: draft, submit, approve, send back.

use super::act::{NoFields, as_it_stands};
use crate::accounts::access::Officer;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::kernel::ids::DocumentId;
use crate::petitions::documents::read::DocumentView;
use crate::petitions::draft::{self, Draft};
use crate::petitions::rules::Outcome;
use crate::petitions::{approve, send_back, submit};
use crate::web::Problem;
use crate::web::extract::{IfMatch, JsonBody, Language, OptionalBody, Path};
use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::NaiveDate;
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// The draft of an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBody {
    /// 1–10000 characters.
    content: String,
    /// What it says in one word.
    outcome: Outcome,
    /// The promised day; with the outcome `promised` only.
    promised_on: Option<NaiveDate>,
}

/// Words to a refusal of a colleague's or a petitioner's request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DenyBody {
    /// 1–2000 characters.
    pub note: String,
}

/// Drafts the answer; drafting again replaces it.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = DraftBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/draft")]
pub async fn draft_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<DraftBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    draft::draft(&app, &signed.actor, id.0, version.0, Draft::check(&body.content, body.outcome, body.promised_on)?).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Submits the draft to the leader, or sends it where two-person approval is off.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = NoFields,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/submit")]
pub async fn submit_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    _body: OptionalBody<NoFields>,
) -> Result<HttpResponse, Problem> {
    submit::submit(&app, &signed.actor, id.0, version.0).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Approves the answer: it is sent and published.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = NoFields,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/approve")]
pub async fn approve_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    _body: OptionalBody<NoFields>,
) -> Result<HttpResponse, Problem> {
    approve::approve(&app, &signed.actor, id.0, version.0).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Sends the draft back with a note.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = DenyBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/send_back")]
pub async fn send_back_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<DenyBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    send_back::send_back(&app, &signed.actor, id.0, version.0, body.note).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}
