//! Endpoints for the published figures; public, without authentication.

use super::answer_cache::{FiguresRequest, json};
use super::params::{BacklogQuery, RankingQuery, SummaryQuery, TrendQuery};
use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::figures::statistics::answer::{Backlog, Ranking, Summary, Trend};
use crate::figures::statistics::{self, QueryKind, RankingParams, SummaryParams, TrendParams};
use crate::web::HandlerResult;
use crate::web::extract::Query;
use pakn_route::get;

const MEDIA_TYPE: &str = "application/json";

/// The figures of a period, in total and by group, on request beside an earlier period.
#[utoipa::path(
    tag = "statistics",
    params(SummaryQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses((status = 200, description = "The figures", body = Summary, headers(("ETag" = String))), (status = 304, description = "The copy still holds"))
)]
#[get("/statistics/summary")]
pub async fn read_summary(_anybody: Public, query: Query<SummaryQuery>, figures: FiguresRequest) -> HandlerResult {
    let Query(query) = query;
    let words = query.words();
    let SummaryQuery { group_by, measures, compare, .. } = query;
    let (words, lang) = (SummaryParams { words, group_by, measures, compare }, figures.lang());
    figures
        .answer("summary", MEDIA_TYPE, QueryKind::Summary(words.clone()), async move |app: App| {
            json(&statistics::summary(&app, words, lang).await?)
        })
        .await
}

/// Groups in the order of one measure.
#[utoipa::path(
    tag = "statistics",
    params(RankingQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses((status = 200, description = "The ranking", body = Ranking, headers(("ETag" = String))), (status = 304, description = "The copy still holds"))
)]
#[get("/statistics/ranking")]
pub async fn read_ranking(_anybody: Public, query: Query<RankingQuery>, figures: FiguresRequest) -> HandlerResult {
    let (words, lang) = (ranking_words(query.0), figures.lang());
    figures
        .answer("ranking", MEDIA_TYPE, QueryKind::Ranking(words.clone()), async move |app: App| {
            json(&statistics::ranking(&app, words, lang).await?)
        })
        .await
}

/// The figures of a period, step by step.
#[utoipa::path(
    tag = "statistics",
    params(TrendQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses((status = 200, description = "The trend", body = Trend, headers(("ETag" = String))), (status = 304, description = "The copy still holds"))
)]
#[get("/statistics/trend")]
pub async fn read_trend(_anybody: Public, query: Query<TrendQuery>, figures: FiguresRequest) -> HandlerResult {
    let words = trend_words(query.0);
    figures
        .answer("trend", MEDIA_TYPE, QueryKind::Trend(words.clone()), async move |app: App| {
            json(&statistics::trend(&app, words).await?)
        })
        .await
}

/// The open petitions of this moment, by age and by whether they are overdue.
#[utoipa::path(
    tag = "statistics",
    params(BacklogQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses((status = 200, description = "The backlog", body = Backlog, headers(("ETag" = String))), (status = 304, description = "The copy still holds"))
)]
#[get("/statistics/backlog")]
pub async fn read_backlog(_anybody: Public, query: Query<BacklogQuery>, figures: FiguresRequest) -> HandlerResult {
    let (words, group_by, lang) = (query.0.words(), query.0.group_by, figures.lang());
    figures
        .answer("backlog", MEDIA_TYPE, QueryKind::Backlog(words.clone(), group_by.clone()), async move |app: App| {
            json(&statistics::backlog(&app, words, group_by, lang).await?)
        })
        .await
}

/// Converts the query string of a ranking.
pub(super) fn ranking_words(query: RankingQuery) -> RankingParams {
    let words = query.words();
    let RankingQuery { measure, order, limit, min_received, group_by, compare, .. } = query;
    RankingParams { words, measure, order, limit, min_received, group_by, compare }
}

/// Converts the query string of a trend.
pub(super) fn trend_words(query: TrendQuery) -> TrendParams {
    let words = query.words();
    let TrendQuery { measures, step, .. } = query;
    TrendParams { words, measures, step }
}
