//! Internal notes on a document: visible to officers, not to the petitioner; they change nothing else.

use super::step::on_document;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::kernel::text;
use crate::petitions::rules::Action;

/// Adds an internal note.
///
/// # Errors
/// A rule on `text`; otherwise see [`on_document`].
pub async fn note(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    words: String,
) -> Result<DocumentId, ServiceError> {
    let words = text::clean(&words, 1, 5000).map_err(|rule| ServiceError::invalid("text", rule))?;
    on_document(app, actor, id, version, Action::Note, move |step| {
        step.entry.note = Some(words.clone());
        step.entry.is_public = false;
        Ok(())
    })
    .await
}
