//! Routes of the coordinator's desk: petitions that no rule routed or that came back, and decisions across agencies.

use crate::accounts::access::{Caller, Coordinator};
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::kernel::Lang;
use crate::kernel::ids::PetitionId;
use crate::petitions::documents::identity::{IdentityView, of_petition};
use crate::petitions::http::documents::act::{NoFields, RefuseBody};
use crate::petitions::http::documents::answer::DenyBody;
use crate::petitions::http::documents::decide::MergeBody;
use crate::petitions::http::documents::read::IdentityQuery;
use crate::petitions::list::{PetitionLine, coordination};
use crate::petitions::read::{PetitionView, petition};
use crate::petitions::refuse::{self, RefusalDecision};
use crate::petitions::reopen::{self, ReopeningDecision};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::{merge, route};
use crate::web::Problem;
use crate::web::extract::{IfMatch, ItemPage, JsonBody, Language, ListQuery, OptionalBody, PageParameters, Path, Query, etag};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use pakn_route::{get, post};
use serde::Deserialize;
use utoipa::ToSchema;

/// Where a petition goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteBody {
    /// Code of an agency.
    agency: String,
}

/// What waits on the coordinator's desk, oldest first.
#[utoipa::path(
    tag = "coordination",
    params(PageParameters),
    responses((status = 200, description = "A page", body = ItemPage<PetitionLine>))
)]
#[get("/coordination")]
pub async fn list_coordination(
    _signed: Authorized<Coordinator>,
    app: Data<App>,
    language: Language,
    query: ListQuery,
) -> Result<Json<ItemPage<PetitionLine>>, Problem> {
    let after: Option<PetitionId> = query.page.after("coordination")?;
    let (items, next) = coordination(&app, after, query.page.limit, language.0).await?;
    Ok(Json(query.page.answer("coordination", items, next.as_ref())))
}

/// The person or business behind a petition, with the exact place; each look is written down.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), IdentityQuery),
    responses((status = 200, description = "The petitioner", body = IdentityView))
)]
#[get("/coordination/{code}/petitioner")]
pub async fn read_coordination_petitioner(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    code: Path<PetitionCode>,
    look: Query<IdentityQuery>,
) -> Result<Json<IdentityView>, Problem> {
    Ok(Json(of_petition(&app, &signed.actor, &code.0, look.0.purpose()).await?))
}

async fn as_it_stands(app: &App, caller: &Caller, code: &PetitionCode, lang: Lang) -> Result<HttpResponse, Problem> {
    let view = petition(app, caller, code, lang).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Gives the petition to an agency.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = RouteBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/coordination/{code}/route")]
pub async fn route_coordination(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<RouteBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let caller = Caller::account(signed.actor);
    route::route(&app, &caller, &code.0, version.0, body.agency).await?;
    as_it_stands(&app, &caller, &code.0, language.0).await
}

/// Refuses the petition with a reason.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = RefuseBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/coordination/{code}/refuse")]
pub async fn refuse_coordination(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<RefuseBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let caller = Caller::account(signed.actor);
    refuse::refuse_petition(&app, &caller, &code.0, version.0, RefusalDecision::check(body.reason_code, body.note)?).await?;
    as_it_stands(&app, &caller, &code.0, language.0).await
}

/// Ends the petition as a repetition of another.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = MergeBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/coordination/{code}/merge")]
pub async fn merge_coordination(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<MergeBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let caller = Caller::account(signed.actor);
    merge::merge_petition(&app, &caller, &code.0, version.0, body.code()?).await?;
    as_it_stands(&app, &caller, &code.0, language.0).await
}

/// Begins again, with a new deadline.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = NoFields,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/coordination/{code}/grant_reopening")]
pub async fn grant_reopening_coordination(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    _body: OptionalBody<NoFields>,
) -> Result<HttpResponse, Problem> {
    let caller = Caller::account(signed.actor);
    reopen::decide_by_coordinator(&app, &caller, &code.0, version.0, ReopeningDecision::Grant).await?;
    as_it_stands(&app, &caller, &code.0, language.0).await
}

/// Declines to look again; the state stays.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = DenyBody,
    responses((status = 200, description = "The petition as it now stands", body = PetitionView))
)]
#[post("/coordination/{code}/deny_reopening")]
pub async fn deny_reopening_coordination(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    language: Language,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<DenyBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let caller = Caller::account(signed.actor);
    reopen::decide_by_coordinator(&app, &caller, &code.0, version.0, ReopeningDecision::deny(&body.note)?).await?;
    as_it_stands(&app, &caller, &code.0, language.0).await
}
