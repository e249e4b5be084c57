//! The published figures: public, because that is what they are for.

use super::params::{BacklogQuery, RankingQuery, SummaryQuery, TrendQuery};
use crate::app::App;
use crate::http::Answer;
use crate::http::extract::{Language, Public, Query};
use crate::services::statistics::answer::{Backlog, Ranking, Summary, Trend};
use crate::services::statistics::{self, RankingWords, SummaryWords, TrendWords};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::get;

/// The figures of a period, in total and by group, on request beside an earlier period.
#[utoipa::path(tag = "statistics", params(SummaryQuery), responses((status = 200, description = "The figures", body = Summary)))]
#[get("/statistics/summary")]
pub async fn read_summary(_anybody: Public, app: Data<App>, query: Query<SummaryQuery>, language: Language) -> Answer {
    let Query(query) = query;
    let words = query.words();
    let SummaryQuery { group_by, measures, compare, .. } = query;
    let summary = statistics::summary(&app, SummaryWords { words, group_by, measures, compare }, language.0).await?;
    Ok(HttpResponse::Ok().json(summary))
}

/// Groups in the order of one measure.
#[utoipa::path(tag = "statistics", params(RankingQuery), responses((status = 200, description = "The ranking", body = Ranking)))]
#[get("/statistics/ranking")]
pub async fn read_ranking(_anybody: Public, app: Data<App>, query: Query<RankingQuery>, language: Language) -> Answer {
    let Query(query) = query;
    let words = query.words();
    let RankingQuery { measure, order, limit, min_received, group_by, compare, .. } = query;
    let asked = RankingWords { words, measure, order, limit, min_received, group_by, compare };
    Ok(HttpResponse::Ok().json(statistics::ranking(&app, asked, language.0).await?))
}

/// The figures of a period, step by step.
#[utoipa::path(tag = "statistics", params(TrendQuery), responses((status = 200, description = "The trend", body = Trend)))]
#[get("/statistics/trend")]
pub async fn read_trend(_anybody: Public, app: Data<App>, query: Query<TrendQuery>) -> Answer {
    let Query(query) = query;
    let words = query.words();
    let TrendQuery { measures, step, .. } = query;
    Ok(HttpResponse::Ok().json(statistics::trend(&app, TrendWords { words, measures, step }).await?))
}

/// The open petitions of this moment, by age and by whether they are overdue.
#[utoipa::path(tag = "statistics", params(BacklogQuery), responses((status = 200, description = "The backlog", body = Backlog)))]
#[get("/statistics/backlog")]
pub async fn read_backlog(_anybody: Public, app: Data<App>, query: Query<BacklogQuery>, language: Language) -> Answer {
    let Query(query) = query;
    let words = query.words();
    Ok(HttpResponse::Ok().json(statistics::backlog(&app, words, query.group_by, language.0).await?))
}
