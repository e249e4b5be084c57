//! Routes for a petitioner after filing: reply, rate, ask to reopen, withdraw, show or hide their identity.

use crate::accounts::access::Caller;
use crate::accounts::http::extract::AnyCaller;
use crate::app::App;
use crate::kernel::Lang;
use crate::petitions::read::{PetitionView, petition};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::{hide_identity, rate, reopen, reply, withdraw};
use crate::web::Problem;
use crate::web::extract::{IfMatch, JsonBody, Language, OptionalBody, Path, etag};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::post;
use serde::Deserialize;
use utoipa::ToSchema;

/// A reply to the agency's question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyBody {
    /// 1–5000 characters.
    text: String,
    /// Ids of uploaded attachments.
    #[serde(default)]
    attachments: Vec<String>,
}

/// A rating of the answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingBody {
    /// 1 very dissatisfied … 5 very satisfied.
    #[schema(minimum = 1, maximum = 5)]
    score: i32,
    /// Needed with a score of 1 or 2.
    comment: Option<String>,
}

/// A request to look again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenBody {
    /// 1–2000 characters.
    reason: String,
}

/// A withdrawal.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawBody {
    /// At most 2000 characters.
    reason: Option<String>,
}

/// Whether the handling agency may learn who the petitioner is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityBody {
    /// `false` agrees that it learns who it is; `true` takes that back.
    hide_identity: bool,
}

async fn as_it_stands(app: &App, caller: &Caller, code: &PetitionCode, lang: Lang) -> Result<HttpResponse, Problem> {
    let view = petition(app, caller, code, lang).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Replies to the agency's question; the clock resumes.
#[utoipa::path(
    tag = "petitions",
    params(("code" = String, Path), ("X-Tracking-Token" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = ReplyBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/petitions/{code}/reply")]
pub async fn reply_petition(
    caller: AnyCaller,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<ReplyBody>,
) -> Result<HttpResponse, Problem> {
    let JsonBody(body) = body;
    reply::reply(&app, &caller.0, &code.0, version.0, body.text, body.attachments).await?;
    as_it_stands(&app, &caller.0, &code.0, language.0).await
}

/// Rates the answer, once.
#[utoipa::path(
    tag = "petitions",
    params(("code" = String, Path), ("X-Tracking-Token" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = RatingBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/petitions/{code}/rating")]
pub async fn rate_petition(
    caller: AnyCaller,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<RatingBody>,
) -> Result<HttpResponse, Problem> {
    let JsonBody(body) = body;
    rate::rate(&app, &caller.0, &code.0, version.0, body.score, body.comment).await?;
    as_it_stands(&app, &caller.0, &code.0, language.0).await
}

/// Asks to look again, within fifteen days of the answer, once.
#[utoipa::path(
    tag = "petitions",
    params(("code" = String, Path), ("X-Tracking-Token" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = ReopenBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/petitions/{code}/reopen")]
pub async fn reopen_petition(
    caller: AnyCaller,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<ReopenBody>,
) -> Result<HttpResponse, Problem> {
    let JsonBody(body) = body;
    reopen::reopen(&app, &caller.0, &code.0, version.0, body.reason).await?;
    as_it_stands(&app, &caller.0, &code.0, language.0).await
}

/// Takes the petition back before it is answered.
#[utoipa::path(
    tag = "petitions",
    params(("code" = String, Path), ("X-Tracking-Token" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = WithdrawBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/petitions/{code}/withdraw")]
pub async fn withdraw_petition(
    caller: AnyCaller,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: OptionalBody<WithdrawBody>,
) -> Result<HttpResponse, Problem> {
    withdraw::withdraw(&app, &caller.0, &code.0, version.0, body.0.reason).await?;
    as_it_stands(&app, &caller.0, &code.0, language.0).await
}

/// Lets the handling agency learn who the petitioner is, or hides it again.
#[utoipa::path(
    tag = "petitions",
    params(("code" = String, Path), ("X-Tracking-Token" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = IdentityBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/petitions/{code}/identity")]
pub async fn hide_petition_identity(
    caller: AnyCaller,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<IdentityBody>,
) -> Result<HttpResponse, Problem> {
    let JsonBody(body) = body;
    hide_identity::hide_identity(&app, &caller.0, &code.0, version.0, body.hide_identity).await?;
    as_it_stands(&app, &caller.0, &code.0, language.0).await
}
