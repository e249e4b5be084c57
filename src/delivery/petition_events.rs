//! Listeners on petition events: create in-app notifications, and add messages and webhook deliveries to the outbox.

use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::outbox;
use crate::delivery::rules::OutboxChannel;
use crate::delivery::store::notifications;
use crate::petitions::event::{PetitionEvent, PetitionSubscriber};

/// Adds a notification for every audience of an event.
#[derive(Debug)]
pub struct PetitionNotifications;

impl PetitionSubscriber for PetitionNotifications {
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        let PetitionEvent { after, entry, .. } = event;
        for audience in entry.notify.iter().filter(|_| !event.is_history) {
            notifications::insert(connection, after.id, after.version, *audience, after.agency_id, entry.at)?;
        }
        Ok(())
    }
}

/// Adds the messages and webhook deliveries of an event to the outbox.
#[derive(Debug)]
pub struct PetitionOutbox {
    /// `None` if no channel is configured and people only see messages in the application.
    pub first_channel: Option<OutboxChannel>,
}

impl PetitionSubscriber for PetitionOutbox {
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        if event.is_history {
            return Ok(());
        }
        Ok(outbox::enqueue(connection, self.first_channel, event.directory, event.after, event.entry)?)
    }
}
