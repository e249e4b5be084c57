//! Public routes without sign-in: published petitions.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::petitions::public::{PublicCursor, PublicPetition, PublicQuery, page, petition};
use crate::petitions::rules::code::PetitionCode;
use crate::web::Problem;
use crate::web::extract::{ItemPage, Language, ListQuery, PageParameters, Path, RequestQuota};
use actix_web::web::{Data, Json};
use pakn_route::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicFilter {
    /// Only of this category (code).
    category: Option<String>,
    /// Only of this area (code, any level of the tree).
    area: Option<String>,
    /// Words with or without accents.
    q: Option<String>,
}

/// Published petitions, newest answer first.
#[utoipa::path(
    tag = "public",
    params(PageParameters, PublicFilter),
    responses((status = 200, description = "A page", body = ItemPage<PublicPetition>))
)]
#[get("/public/petitions")]
pub async fn list_public_petitions(
    _anybody: Public,
    payer: RequestQuota,
    language: Language,
    query: ListQuery<PublicFilter>,
) -> Result<Json<ItemPage<PublicPetition>>, Problem> {
    let question = PublicQuery { category: query.filter.category, area: query.filter.area, q: query.filter.q };
    let before: Option<PublicCursor> = query.page.after("public_petitions")?;
    if question.is_narrowed() {
        payer.consume_search().await?;
    }
    let (items, next) = page(payer.app(), question, before, query.page.limit, language.0).await?;
    Ok(Json(query.page.answer("public_petitions", items, next.as_ref())))
}

/// One published petition.
#[utoipa::path(
    tag = "public",
    params(("code" = String, Path, description = "In any case, with or without dashes")),
    responses((status = 200, description = "The petition", body = PublicPetition))
)]
#[get("/public/petitions/{code}")]
pub async fn read_public_petition(
    _anybody: Public,
    app: Data<App>,
    language: Language,
    code: Path<PetitionCode>,
) -> Result<Json<PublicPetition>, Problem> {
    Ok(Json(petition(&app, &code.0, language.0).await?))
}
