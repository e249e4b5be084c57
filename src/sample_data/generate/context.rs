//! Constant data for generating petitions: the directory, the staff of every agency, the settings.

use super::GenerateOptions;
use super::course::GeneratedCourses;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::Actor;
use crate::kernel::entropy::{Entropy, SeededEntropy};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AgencyId;
use crate::petitions::record::SystemPeriods;
use crate::sample_data::demo::cast::{Staff, hire};
use std::collections::HashMap;
use std::sync::Arc;

/// Seed of the petition codes.
const SEED: u64 = 10_000_000;

/// Shared data for the generation of all petitions.
pub struct GenerateContext {
    pub order: GenerateOptions,
    /// Draws the course of each petition.
    pub courses: GeneratedCourses,
    /// The directory of the first day, which must stay valid until the last.
    pub directory: Arc<Directory>,
    /// Periods after which the system acts.
    pub periods: SystemPeriods,
    /// Source of codes and salts.
    pub entropy: Box<dyn Entropy>,
    staff: HashMap<AgencyId, Staff>,
}

impl GenerateContext {
    /// Creates three officers for each agency.
    ///
    /// # Errors
    /// `Invalid` on `years` when the directory does not go back that far; when officer names are taken.
    pub async fn open(app: &App, order: GenerateOptions) -> Result<Self, ServiceError> {
        let owned = app.clone();
        let directory = app.db.read(move |connection| directory::current(&owned, connection)).await?;
        let begins = directory.areas().iter().map(|area| area.validity.from).min().unwrap_or(order.until);
        if begins > order.from() {
            return Err(ServiceError::invalid("years", FieldRule::NotInForce(order.from())));
        }
        let staff = hire(app, &directory, None).await?;
        let courses = GeneratedCourses::new(&directory, order)?;
        Ok(Self { order, courses, directory, periods: app.system_periods(), entropy: entropy(), staff })
    }

    /// Returns the officers of an agency.
    ///
    /// # Errors
    /// `Internal` when it has none.
    pub fn staff(&self, agency: Option<AgencyId>) -> Result<&Staff, ServiceError> {
        agency.and_then(|agency| self.staff.get(&agency)).ok_or(ServiceError::Internal("an agency has no staff"))
    }

    /// Returns the clerk, the handler or the leader.
    ///
    /// # Errors
    /// `Internal` when the agency has none.
    pub fn officer(&self, agency: Option<AgencyId>, which: impl Fn(&Staff) -> &Actor) -> Result<Actor, ServiceError> {
        self.staff(agency).map(|staff| which(staff).clone())
    }
}

/// Returns the seeded source of codes and salts.
#[must_use]
pub fn entropy() -> Box<dyn Entropy> {
    Box::new(SeededEntropy::new(SEED))
}
