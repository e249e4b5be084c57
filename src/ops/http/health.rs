//! Liveness and readiness checks for operators and load balancers.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::attachments::upload_quota;
use crate::directory::calendar::years::overdue_confirmation;
use crate::web::HandlerResult;
use crate::web::problem::{HttpErrorCode, Problem};
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

/// Whether the process can serve, and whether it takes files.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// `ok`, or why uploads are refused, even of a photo, while everything else goes on: `storage_low`, `uploads_full`.
    #[schema(example = "ok")]
    pub uploads: &'static str,
    /// Free bytes on the fullest disk of files; none where they lie in a bucket and it does not tell.
    pub free_bytes: Option<u64>,
    /// Bytes of files and open uploads that belong to no petition yet.
    pub unjoined_bytes: i64,
    /// What somebody has to see to soon, though everything is served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Whether the process runs.
#[utoipa::path(tag = "health", responses((status = 200, description = "It runs", body = Health)))]
#[get("/health/live")]
pub async fn live(_anybody: Public) -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Whether the process can serve: the database is reachable, migrated and has room, and the process is not about to stop. A disk without
/// room for files is told of and no reason to send people elsewhere: petitions are filed without.
#[utoipa::path(tag = "health", responses((status = 200, description = "It can serve", body = Readiness)))]
#[get("/health/ready")]
pub async fn ready(_anybody: Public, app: Data<App>) -> HandlerResult {
    if app.worker_status.is_shutting_down() {
        return Err(Problem::fault(HttpErrorCode::Stopping));
    }
    app.db.ping().await.map_err(crate::db::service_error::ServiceError::from)?;
    app.db.check_room().await.map_err(crate::db::service_error::ServiceError::from)?;
    let room = upload_quota::capacity(&app).await?;
    let uploads = room.error_code.map_or("ok", crate::kernel::error_code::ErrorCode::code);
    let (free_bytes, unjoined_bytes) = (room.free_bytes, room.unjoined_bytes);
    let unconfirmed = overdue_confirmation(&app).await?;
    let warnings = unconfirmed.map(|year| format!("calendar: the days off and swaps of {year} are not confirmed"));
    let warnings = warnings.into_iter().chain(app.worker_status.anchors().warnings()).collect();
    Ok(HttpResponse::Ok().json(Readiness { status: "ok", uploads, free_bytes, unjoined_bytes, warnings }))
}
