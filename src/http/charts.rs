//! The published figures as pictures: public like the figures, with the same parameters and the same problems.

use crate::app::App;
use crate::http::Answer;
use crate::http::extract::{Language, Public, Query};
use crate::http::statistics::params::{BacklogQuery, RankingQuery, RatingsQuery, TrendQuery};
use crate::services::charts;
use crate::services::statistics::{RankingWords, TrendWords};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::get;

/// The figures of a period, step by step: up to three measures, one panel for each.
#[utoipa::path(
    tag = "statistics",
    params(TrendQuery),
    responses((status = 200, description = "The chart", content_type = "image/svg+xml", body = String))
)]
#[get("/charts/trend.svg")]
pub async fn draw_trend(_anybody: Public, app: Data<App>, query: Query<TrendQuery>, language: Language) -> Answer {
    let Query(query) = query;
    let words = query.words();
    let TrendQuery { measures, step, .. } = query;
    Ok(picture(charts::trend(&app, TrendWords { words, measures, step }, language.0).await?))
}

/// Groups in the order of one measure, as bars.
#[utoipa::path(
    tag = "statistics",
    params(RankingQuery),
    responses((status = 200, description = "The chart", content_type = "image/svg+xml", body = String))
)]
#[get("/charts/ranking.svg")]
pub async fn draw_ranking(_anybody: Public, app: Data<App>, query: Query<RankingQuery>, language: Language) -> Answer {
    let Query(query) = query;
    let words = query.words();
    let RankingQuery { measure, order, limit, min_received, group_by, compare, .. } = query;
    let asked = RankingWords { words, measure, order, limit, min_received, group_by, compare };
    Ok(picture(charts::ranking(&app, asked, language.0).await?))
}

/// How many gave 1, 2, 3, 4 and 5 points, with the mean and the share of answers that were rated.
#[utoipa::path(
    tag = "statistics",
    params(RatingsQuery),
    responses((status = 200, description = "The chart", content_type = "image/svg+xml", body = String))
)]
#[get("/charts/ratings.svg")]
pub async fn draw_ratings(_anybody: Public, app: Data<App>, query: Query<RatingsQuery>, language: Language) -> Answer {
    let Query(query) = query;
    let words = query.words();
    let RatingsQuery { group_by, compare, .. } = query;
    Ok(picture(charts::ratings(&app, words, group_by, compare, language.0).await?))
}

/// The open petitions of this moment by age, the overdue ones told apart.
#[utoipa::path(
    tag = "statistics",
    params(BacklogQuery),
    responses((status = 200, description = "The chart", content_type = "image/svg+xml", body = String))
)]
#[get("/charts/backlog.svg")]
pub async fn draw_backlog(_anybody: Public, app: Data<App>, query: Query<BacklogQuery>, language: Language) -> Answer {
    let Query(query) = query;
    let words = query.words();
    Ok(picture(charts::backlog(&app, words, query.group_by, language.0).await?))
}

fn picture(drawn: String) -> HttpResponse {
    HttpResponse::Ok().content_type(charts::MEDIA_TYPE).body(drawn)
}
