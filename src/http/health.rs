//! Whether this process runs and can serve; asked by operators and by what distributes the load.

use crate::app::App;
use crate::http::Answer;
use crate::http::extract::Public;
use crate::services::directory::calendar::years::overdue_confirmation;
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::get;
use serde::Serialize;
use utoipa::ToSchema;

/// A sign of life.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// What somebody has to see to soon, though everything is served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Whether the process runs.
#[utoipa::path(tag = "health", responses((status = 200, description = "It runs", body = Health)))]
#[get("/health/live")]
pub async fn live(_anybody: Public) -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok", warnings: Vec::new() })
}

/// Whether the process can serve: the database is reachable and migrated.
#[utoipa::path(tag = "health", responses((status = 200, description = "It can serve", body = Health)))]
#[get("/health/ready")]
pub async fn ready(_anybody: Public, app: Data<App>) -> Answer {
    app.db.ping().await.map_err(crate::services::error::ServiceError::from)?;
    let unconfirmed = overdue_confirmation(&app).await?;
    let warnings = unconfirmed.map(|year| format!("calendar: the days off and swaps of {year} are not confirmed"));
    Ok(HttpResponse::Ok().json(Health { status: "ok", warnings: warnings.into_iter().collect() }))
}
