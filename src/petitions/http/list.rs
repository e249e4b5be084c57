//! `GET /petitions`: the signed-in petitioner's own petitions.

use crate::accounts::access::Petitioner;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::kernel::ids::PetitionId;
use crate::petitions::list::{OwnFilter, PetitionLine, own};
use crate::petitions::rules::Status;
use crate::web::Problem;
use crate::web::extract::{ItemPage, Language, ListQuery, PageParameters};
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use pakn_route::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnPetitionsFilter {
    /// Only in this state.
    status: Option<Status>,
    /// Received on or after this day.
    from: Option<NaiveDate>,
    /// Received on or before this day.
    to: Option<NaiveDate>,
}

/// The caller's petitions, newest first.
#[utoipa::path(
    tag = "petitions",
    params(PageParameters, OwnPetitionsFilter),
    responses((status = 200, description = "A page", body = ItemPage<PetitionLine>))
)]
#[get("/petitions")]
pub async fn list_petitions(
    signed: Authorized<Petitioner>,
    app: Data<App>,
    language: Language,
    query: ListQuery<OwnPetitionsFilter>,
) -> Result<Json<ItemPage<PetitionLine>>, Problem> {
    let filter = OwnFilter { status: query.filter.status, from: query.filter.from, to: query.filter.to };
    let before: Option<PetitionId> = query.page.after("petitions")?;
    let (items, next) = own(&app, &signed.actor, filter, before, query.page.limit, language.0).await?;
    Ok(Json(query.page.answer("petitions", items, next.as_ref())))
}
