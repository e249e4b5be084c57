//! Public lists of categories, areas and agencies, as of any day.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::directory::agencies::{self, AgencyFilter};
use crate::directory::areas::{self, AreaFilter};
use crate::directory::rules::agency::{Agency, AgencyKind};
use crate::directory::rules::area::{Area, AreaKind, Level};
use crate::directory::rules::category::Category;
use crate::directory::rules::directory::Directory;
use crate::directory::{categories, snapshot};
use crate::kernel::Lang;
use crate::kernel::ids::{AgencyId, AreaId, CategoryId};
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{ItemPage, Language, ListQuery};
use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::NaiveDate;
use pakn_route::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// List names in cursors.
const CATEGORIES: &str = "categories";
const AREAS: &str = "areas";
const AGENCIES: &str = "agencies";

/// Which categories.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CategoryQuery {
    /// As of that day; today unless said otherwise.
    on: Option<NaiveDate>,
}

/// Which areas.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AreaQuery {
    /// Directly below the area of this code.
    parent: Option<String>,
    /// As of that day; today unless said otherwise.
    on: Option<NaiveDate>,
}

/// Which agencies.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgencyQuery {
    /// `province`, `district` or `commune`.
    level: Option<Level>,
    /// Serving the area of this code, or one inside of it.
    area: Option<String>,
    /// Words of the name or the code, with or without accents.
    q: Option<String>,
    /// As of that day; today unless said otherwise.
    on: Option<NaiveDate>,
}

/// A category that can be chosen.
#[derive(Serialize, ToSchema)]
pub struct CategoryView {
    code: String,
    /// In the reader's language, where it is known.
    name: String,
    name_vi: String,
    #[schema(required)]
    name_en: Option<String>,
    /// Working days for a petition of normal urgency.
    processing_working_days: i32,
    /// What people write about.
    examples: Vec<String>,
    valid_from: NaiveDate,
    #[schema(required)]
    valid_to: Option<NaiveDate>,
}

/// An area; one code can belong to different areas on different days.
#[derive(Serialize, ToSchema)]
pub struct AreaView {
    code: String,
    /// In the reader's language, where it is known.
    name: String,
    name_vi: String,
    #[schema(required)]
    name_en: Option<String>,
    kind: AreaKind,
    level: Level,
    /// Code of the area above.
    #[schema(required)]
    parent: Option<String>,
    #[schema(required)]
    latitude: Option<f64>,
    #[schema(required)]
    longitude: Option<f64>,
    valid_from: NaiveDate,
    #[schema(required)]
    valid_to: Option<NaiveDate>,
}

/// An agency.
#[derive(Serialize, ToSchema)]
pub struct AgencyView {
    code: String,
    /// In the reader's language, where it is known.
    name: String,
    name_vi: String,
    #[schema(required)]
    name_en: Option<String>,
    short_name: String,
    level: Level,
    kind: AgencyKind,
    /// Code of the body above.
    #[schema(required)]
    parent: Option<String>,
    /// Code of the area that it serves.
    area: String,
    valid_from: NaiveDate,
    #[schema(required)]
    valid_to: Option<NaiveDate>,
}

impl CategoryView {
    fn of(category: &Category, lang: Lang) -> Self {
        Self {
            code: category.code.clone(),
            name: category.name(lang).to_owned(),
            name_vi: category.name_vi.clone(),
            name_en: category.name_en.clone(),
            processing_working_days: category.processing_working_days,
            examples: category.examples.clone(),
            valid_from: category.validity.from,
            valid_to: category.validity.to,
        }
    }
}

impl AreaView {
    fn of(area: &Area, directory: &Directory) -> Self {
        let parent = area.parent_id.and_then(|id| directory.area(id));
        Self {
            code: area.code.clone(),
            name: area.name.clone(),
            name_vi: area.name.clone(),
            name_en: None,
            kind: area.kind,
            level: area.level(),
            parent: parent.map(|parent| parent.code.clone()),
            latitude: area.latitude,
            longitude: area.longitude,
            valid_from: area.validity.from,
            valid_to: area.validity.to,
        }
    }
}

impl AgencyView {
    fn of(agency: &Agency, directory: &Directory) -> Self {
        let parent = agency.parent_id.and_then(|id| directory.agency(id));
        Self {
            code: agency.code.clone(),
            name: agency.name.clone(),
            name_vi: agency.name.clone(),
            name_en: None,
            short_name: agency.short_name.clone(),
            level: agency.level,
            kind: agency.kind,
            parent: parent.map(|parent| parent.code.clone()),
            area: directory.area(agency.area_id).map(|area| area.code.clone()).unwrap_or_default(),
            valid_from: agency.validity.from,
            valid_to: agency.validity.to,
        }
    }
}

/// Categories that can be chosen on a day.
#[utoipa::path(
    tag = "directory",
    params(PageParameters, CategoryQuery),
    responses((status = 200, description = "One page", body = ItemPage<CategoryView>))
)]
#[get("/categories")]
pub async fn list_categories(
    _anybody: Public,
    app: Data<App>,
    Language(lang): Language,
    query: ListQuery<CategoryQuery>,
) -> HandlerResult {
    let after = query.page.after::<CategoryId>(CATEGORIES)?;
    let on = query.filter.on.unwrap_or_else(|| app.now().local_date());
    let directory = snapshot(&app).await?;
    let page = categories::list(&directory, Some(on), after, query.page.limit)?;
    let items = page.items.into_iter().map(|category| CategoryView::of(category, lang)).collect();
    Ok(HttpResponse::Ok().json(query.page.answer(CATEGORIES, items, page.next.as_ref())))
}

/// Areas that exist on a day.
#[utoipa::path(
    tag = "directory",
    params(PageParameters, AreaQuery),
    responses((status = 200, description = "One page", body = ItemPage<AreaView>))
)]
#[get("/areas")]
pub async fn list_areas(_anybody: Public, app: Data<App>, query: ListQuery<AreaQuery>) -> HandlerResult {
    let after = query.page.after::<AreaId>(AREAS)?;
    let AreaQuery { parent, on } = query.filter;
    let filter = AreaFilter { on: Some(on.unwrap_or_else(|| app.now().local_date())), parent };
    let directory = snapshot(&app).await?;
    let page = areas::list(&directory, &filter, after, query.page.limit)?;
    let items = page.items.into_iter().map(|area| AreaView::of(area, &directory)).collect();
    Ok(HttpResponse::Ok().json(query.page.answer(AREAS, items, page.next.as_ref())))
}

/// Agencies that exist on a day.
#[utoipa::path(
    tag = "directory",
    params(PageParameters, AgencyQuery),
    responses((status = 200, description = "One page", body = ItemPage<AgencyView>))
)]
#[get("/agencies")]
pub async fn list_agencies(_anybody: Public, app: Data<App>, query: ListQuery<AgencyQuery>) -> HandlerResult {
    let after = query.page.after::<AgencyId>(AGENCIES)?;
    let AgencyQuery { level, area, q, on } = query.filter;
    let filter = AgencyFilter { on: Some(on.unwrap_or_else(|| app.now().local_date())), level, area, q };
    let directory = snapshot(&app).await?;
    let page = agencies::list(&directory, &filter, after, query.page.limit)?;
    let items = page.items.into_iter().map(|agency| AgencyView::of(agency, &directory)).collect();
    Ok(HttpResponse::Ok().json(query.page.answer(AGENCIES, items, page.next.as_ref())))
}
