//! Routes for an agency's work on a document before an answer: accept, assign, transfer, return, ask, note.

use crate::accounts::access::Officer;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::kernel::Lang;
use crate::kernel::ids::DocumentId;
use crate::petitions::documents::read::{DocumentView, document};
use crate::petitions::refuse::{self, RefusalDecision};
use crate::petitions::rules::ReasonCode;
use crate::petitions::{accept, ask, assign, hand_back, note, transfer};
use crate::web::Problem;
use crate::web::extract::{IfMatch, JsonBody, Language, OptionalBody, Path, etag};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// A body without fields; it may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoFields {}

/// The officer who works on it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// User name of an officer of the agency.
    account: String,
}

/// Where it goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// Code of an agency.
    agency: String,
    /// 1–2000 characters.
    reason: String,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// 1–2000 characters.
    reason: String,
}

/// Why it is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseBody {
    /// The reason, told to the petitioner.
    pub reason_code: ReasonCode,
    /// At most 2000 characters, told too.
    pub note: Option<String>,
}

/// A question to the petitioner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBody {
    /// 1–5000 characters.
    question: String,
}

/// An internal note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// 1–5000 characters.
    text: String,
}

/// Returns the document after the action, the response of every action.
///
/// # Errors
/// The errors of reading the document.
pub async fn as_it_stands(app: &App, signed: &Authorized<Officer>, id: DocumentId, lang: Lang) -> Result<HttpResponse, Problem> {
    let view = document(app, &signed.actor, id, lang).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Accepts the document: work begins.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = NoFields,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/accept")]
pub async fn accept_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    _body: OptionalBody<NoFields>,
) -> Result<HttpResponse, Problem> {
    accept::accept(&app, &signed.actor, id.0, version.0).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Names the officer who works on it.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = AssignBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/assign")]
pub async fn assign_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<AssignBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    assign::assign(&app, &signed.actor, id.0, version.0, body.account).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Hands it on to another agency; the third hop goes to the coordinator.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = TransferBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/transfer")]
pub async fn transfer_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<TransferBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    transfer::transfer(&app, &signed.actor, id.0, version.0, body.agency, body.reason).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Gives it back to the coordinator.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = ReasonBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/return")]
pub async fn return_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<ReasonBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    hand_back::hand_back(&app, &signed.actor, id.0, version.0, body.reason).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Refuses it with a reason.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = RefuseBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/refuse")]
pub async fn refuse_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<RefuseBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    refuse::refuse_document(&app, &signed.actor, id.0, version.0, RefusalDecision::check(body.reason_code, body.note)?).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Asks the petitioner; the clock pauses.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = AskBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/ask")]
pub async fn ask_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<AskBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    ask::ask(&app, &signed.actor, id.0, version.0, body.question).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}

/// Adds an internal note.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = NoteBody,
    responses((status = 200, description = "The document as it now stands", body = DocumentView))
)]
#[post("/documents/{id}/note")]
pub async fn note_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<NoteBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    note::note(&app, &signed.actor, id.0, version.0, body.text).await?;
    as_it_stands(&app, &signed, id.0, language.0).await
}
