//! The open petitions of this moment, for the figures of operators.

use crate::app::App;
use crate::db::service_error::ServiceError;
pub use crate::petitions::store::open::OpenPetitions;

/// Counts them by level.
pub async fn open(app: &App) -> Result<Vec<OpenPetitions>, ServiceError> {
    let now = app.now();
    Ok(app.db.read(move |connection| crate::petitions::store::open::open(connection, now)).await?)
}
