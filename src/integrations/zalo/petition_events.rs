//! A petition that was filed in a conversation stays tied to it.

use super::store::people;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::petitions::event::{FilingOrigin, PetitionEvent, PetitionSubscriber};

/// Keeps who filed in which conversation, and sends the receipt there at any hour; told after the outbox, which holds the receipt.
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
