//! Listener on petition events: links a petition to the conversation it was filed in.

use super::store::people;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::petitions::event::{FilingOrigin, PetitionEvent, PetitionSubscriber};

/// Stores the conversation a petition was filed in, and lets its receipt be sent at any hour. Must run after the
/// outbox listener, which creates the receipt.
#[derive(Debug)]
pub struct ZaloFilings;

impl PetitionSubscriber for ZaloFilings {
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        match event.origin {
            Some(FilingOrigin::Zalo(user)) => Ok(people::filed(connection, event.after.id, user, event.entry.at)?),
            _ => Ok(()),
        }
    }
}
