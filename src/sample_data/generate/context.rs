//! Everything that making petitions needs and that stays the same: the directory, the staff of every agency, the settings.

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

/// The codes of the petitions follow from it.
const SEED: u64 = 10_000_000;

/// The office.
pub struct GenerateContext {
    /// What is wanted.
    pub order: GenerateOptions,
    /// What happens.
    pub courses: GeneratedCourses,
    /// The directory of the first day, which has to last until the last.
    pub directory: Arc<Directory>,
    /// When the system acts.
    pub periods: SystemPeriods,
    /// Where codes and salts come from.
    pub entropy: Box<dyn Entropy>,
    staff: HashMap<AgencyId, Staff>,
}

impl GenerateContext {
    /// Hires three officers for each agency.
    ///
    /// # Errors
    /// `Invalid` on `years` when the directory does not go back so far; names that are taken; those of the database.
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

    /// The officers of an agency.
    ///
    /// # Errors
    /// `Internal` when it has none.
    pub fn staff(&self, agency: Option<AgencyId>) -> Result<&Staff, ServiceError> {
        agency.and_then(|agency| self.staff.get(&agency)).ok_or(ServiceError::Internal("an agency has no staff"))
    }

    /// The clerk, the handler or the leader.
    ///
    /// # Errors
    /// `Internal` when the agency has none.
    pub fn officer(&self, agency: Option<AgencyId>, which: impl Fn(&Staff) -> &Actor) -> Result<Actor, ServiceError> {
        self.staff(agency).map(|staff| which(staff).clone())
    }
}

/// The chance from which codes and salts come, the same every time.
#[must_use]
pub fn entropy() -> Box<dyn Entropy> {
    Box::new(SeededEntropy::new(SEED))
}
