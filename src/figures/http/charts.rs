//! Endpoints for charts of the published figures: public, with the same parameters and errors as the figures.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::figures::charts::{self, MEDIA_TYPE};
use crate::figures::http::answer_cache::FiguresRequest;
use crate::figures::http::figures::{ranking_words, trend_words};
use crate::figures::http::params::{BacklogQuery, RankingQuery, RatingsQuery, TrendQuery};
use crate::figures::statistics::QueryKind;
use crate::web::HandlerResult;
use crate::web::extract::Query;
use pakn_route::get;

/// The figures of a period, step by step: up to three measures, one panel for each.
#[utoipa::path(
    tag = "statistics",
    params(TrendQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses(
        (status = 200, description = "The chart", content_type = "image/svg+xml", body = String, headers(("ETag" = String))),
        (status = 304, description = "The copy still holds")
    )
)]
#[get("/charts/trend.svg")]
pub async fn draw_trend(_anybody: Public, query: Query<TrendQuery>, figures: FiguresRequest) -> HandlerResult {
    let (words, lang) = (trend_words(query.0), figures.lang());
    let asked = QueryKind::Trend(charts::trend_words(words.clone()));
    figures
        .answer("trend.svg", MEDIA_TYPE, asked, async move |app: App| Ok(charts::trend(&app, words, lang).await?.into_bytes()))
        .await
}

/// Groups in the order of one measure, as bars.
#[utoipa::path(
    tag = "statistics",
    params(RankingQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses(
        (status = 200, description = "The chart", content_type = "image/svg+xml", body = String, headers(("ETag" = String))),
        (status = 304, description = "The copy still holds")
    )
)]
#[get("/charts/ranking.svg")]
pub async fn draw_ranking(_anybody: Public, query: Query<RankingQuery>, figures: FiguresRequest) -> HandlerResult {
    let (words, lang) = (ranking_words(query.0), figures.lang());
    figures
        .answer("ranking.svg", MEDIA_TYPE, QueryKind::Ranking(words.clone()), async move |app: App| {
            Ok(charts::ranking(&app, words, lang).await?.into_bytes())
        })
        .await
}

/// How many gave 1, 2, 3, 4 and 5 points, with the mean and the share of answers that were rated.
#[utoipa::path(
    tag = "statistics",
    params(RatingsQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses(
        (status = 200, description = "The chart", content_type = "image/svg+xml", body = String, headers(("ETag" = String))),
        (status = 304, description = "The copy still holds")
    )
)]
#[get("/charts/ratings.svg")]
pub async fn draw_ratings(_anybody: Public, query: Query<RatingsQuery>, figures: FiguresRequest) -> HandlerResult {
    let (words, lang) = (query.0.words(), figures.lang());
    let RatingsQuery { group_by, compare, .. } = query.0;
    let asked = charts::ratings_words(words, group_by, compare);
    figures
        .answer("ratings.svg", MEDIA_TYPE, QueryKind::Summary(asked.clone()), async move |app: App| {
            Ok(charts::ratings(&app, asked, lang).await?.into_bytes())
        })
        .await
}

/// The open petitions of this moment by age, the overdue ones told apart.
#[utoipa::path(
    tag = "statistics",
    params(BacklogQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a copy; nothing is sent when it still holds")),
    responses(
        (status = 200, description = "The chart", content_type = "image/svg+xml", body = String, headers(("ETag" = String))),
        (status = 304, description = "The copy still holds")
    )
)]
#[get("/charts/backlog.svg")]
pub async fn draw_backlog(_anybody: Public, query: Query<BacklogQuery>, figures: FiguresRequest) -> HandlerResult {
    let (words, group_by, lang) = (query.0.words(), query.0.group_by, figures.lang());
    figures
        .answer("backlog.svg", MEDIA_TYPE, QueryKind::Backlog(words.clone(), group_by.clone()), async move |app: App| {
            Ok(charts::backlog(&app, words, group_by, lang).await?.into_bytes())
        })
        .await
}
