//! Counts the petitions open now, for the operators' metrics.

use crate::app::App;
use crate::db::service_error::ServiceError;
pub use crate::petitions::store::open::OpenPetitions;

/// Returns the counts by agency level.
pub async fn open(app: &App) -> Result<Vec<OpenPetitions>, ServiceError> {
    let now = app.now();
    Ok(app.db.read(move |connection| crate::petitions::store::open::open(connection, now)).await?)
}
