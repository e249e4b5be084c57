//! `GET /petitions/{code}` and its timeline, for the petitioner, the holding agency and the coordinator.

use crate::accounts::http::extract::AnyCaller;
use crate::app::App;
use crate::petitions::read::{PetitionView, petition};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::timeline::{TimelineView, timeline_of};
use crate::web::Problem;
use crate::web::extract::{ItemPage, Language, ListQuery, PageParameters, Path, etag};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use pakn_route::get;

/// One petition.
#[utoipa::path(
    tag = "petitions",
    params(
        ("code" = String, Path, description = "In any case, with or without dashes"),
        ("X-Tracking-Token" = Option<String>, Header, description = "A guest's token")
    ),
    responses((status = 200, description = "The petition", body = PetitionView))
)]
#[get("/petitions/{code}")]
pub async fn read_petition(
    caller: AnyCaller,
    app: Data<App>,
    language: Language,
    code: Path<PetitionCode>,
) -> Result<HttpResponse, Problem> {
    let view = petition(&app, &caller.0, &code.0, language.0).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// The timeline of one petition, in order.
#[utoipa::path(
    tag = "petitions",
    params(
        ("code" = String, Path, description = "In any case, with or without dashes"),
        ("X-Tracking-Token" = Option<String>, Header, description = "A guest's token"),
        PageParameters
    ),
    responses((status = 200, description = "A page of events", body = ItemPage<TimelineView>))
)]
#[get("/petitions/{code}/timeline")]
pub async fn read_timeline(
    caller: AnyCaller,
    app: Data<App>,
    code: Path<PetitionCode>,
    query: ListQuery,
) -> Result<Json<ItemPage<TimelineView>>, Problem> {
    let after: Option<i32> = query.page.after("timeline")?;
    let (items, next) = timeline_of(&app, &caller.0, &code.0, after.unwrap_or(0), query.page.limit).await?;
    Ok(Json(query.page.answer("timeline", items, next.as_ref())))
}
