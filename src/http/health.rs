//! Whether this process runs and can serve; asked by operators and by what distributes the load.

use crate::app::App;
use crate::http::Answer;
use crate::http::extract::Public;
use crate::http::problem::{Fault, Problem};
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
}

/// Whether the process runs.
#[utoipa::path(tag = "health", responses((status = 200, description = "It runs", body = Health)))]
#[get("/health/live")]
pub async fn live(_anybody: Public) -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Whether the process can serve: the database is reachable, migrated and has room, and the process is not about to stop.
#[utoipa::path(tag = "health", responses((status = 200, description = "It can serve", body = Health)))]
#[get("/health/ready")]
pub async fn ready(_anybody: Public, app: Data<App>) -> Answer {
    if app.upkeep.is_leaving() {
        return Err(Problem::fault(Fault::Stopping));
    }
    app.db.ping().await.map_err(crate::services::error::ServiceError::from)?;
    app.db.check_room().await.map_err(crate::services::error::ServiceError::from)?;
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}
