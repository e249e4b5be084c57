//! Endpoint for the petitions behind a figure, for authorised officers.

use super::params::PetitionsQuery;
use crate::accounts::access::FigureReader;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::figures::rules::measure::Measure;
use crate::figures::statistics::answer::{DrillDown, PeriodStatement, PetitionBehind};
use crate::figures::statistics::{self, DrillDownPage};
use crate::kernel::ids::PetitionId;
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{ItemPage, Language, ListQuery};
use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::NaiveDate;
use pakn_route::get;
use serde::Serialize;
use utoipa::ToSchema;

/// The list name in pagination cursors.
const LIST: &str = "statistics_petitions";

/// One page of the petitions behind a figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct PetitionsBehind {
    /// What the figure is about.
    pub period: PeriodStatement,
    /// The figure.
    pub bucket: Measure,
    /// Its value, of what the reader may see.
    pub count: i64,
    /// The page.
    #[serde(flatten)]
    pub page: ItemPage<PetitionBehind>,
}

/// The petitions behind a figure: `count` is the figure. Coordinators and reviewers see all, officers their own agency's.
#[utoipa::path(
    tag = "statistics",
    params(PetitionsQuery, PageParameters),
    responses((status = 200, description = "The petitions", body = PetitionsBehind))
)]
#[get("/statistics/petitions")]
pub async fn list_petitions_behind_a_figure(
    app: Data<App>,
    signed: Authorized<FigureReader>,
    query: ListQuery<PetitionsQuery>,
    language: Language,
) -> HandlerResult {
    let ListQuery { page, filter } = query;
    let after: Option<(NaiveDate, PetitionId)> = page.after(LIST)?;
    let part = DrillDownPage { after, limit: usize::try_from(page.limit).unwrap_or(1) };
    let words = filter.words();
    let found = statistics::drill_down(&app.for_staff(), Some(signed.actor), words, filter.bucket, part, language.0).await?;
    let DrillDown { period, bucket, count, items, next } = found;
    let page = page.answer(LIST, items, next.as_ref());
    Ok(HttpResponse::Ok().json(PetitionsBehind { period, bucket, count, page }))
}
