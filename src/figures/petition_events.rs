//! Updates the figures at every petition event.

use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::figures::statistics::{self, PetitionFacts};
use crate::petitions::event::{PetitionEvent, PetitionSubscriber};

/// The event handler that counts every petition event.
#[derive(Debug)]
pub struct PetitionCounts;

impl PetitionSubscriber for PetitionCounts {
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        let before = event.before.map(PetitionFacts::of);
        Ok(statistics::apply(connection, before.as_ref(), &PetitionFacts::of(event.after), event.entry.at)?)
    }
}
