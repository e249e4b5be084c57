//! Listener on petition events: queues exchange messages, except for petitions imported from the past.

use super::dispatch;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::petitions::event::{PetitionEvent, PetitionSubscriber};
use crate::petitions::rules::Action;

/// Queues exchange messages for the documents of a petition.
#[derive(Debug)]
pub struct ExchangedDocuments;

impl PetitionSubscriber for ExchangedDocuments {
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        if event.is_history {
            return Ok(());
        }
        let at = event.entry.at;
        if let Some(document) = event.document {
            let has_news = matches!(event.entry.action, Action::Reply | Action::GrantReopening | Action::ShowIdentity);
            if document.handed_on_at == Some(at) {
                dispatch::left(connection, document, at)?;
            } else if has_news && event.entered.is_none() && document.handed_on_at.is_none() {
                dispatch::updated(connection, document, event.after.version, at)?;
            }
        }
        event.entered.map_or(Ok(()), |entered| dispatch::entered(connection, &event.after.code, entered))
    }
}
