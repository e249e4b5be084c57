//! Asking the petitioner a question; the deadline clock is paused until the reply.

use super::step::on_document;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::kernel::text;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Asks the petitioner a question and pauses the deadline clock.
///
/// # Errors
/// A rule on `question`; otherwise see [`on_document`].
pub async fn ask(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    question: String,
) -> Result<DocumentId, ServiceError> {
    let question = text::clean(&question, 1, 5000).map_err(|rule| ServiceError::invalid("question", rule))?;
    on_document(app, actor, id, version, Action::Ask, move |step| {
        step.petition.status = Status::WaitingForPetitioner;
        step.petition.paused_at = Some(step.now);
        step.set_document_status(DocumentStatus::Waiting);
        step.entry.note = Some(question.clone());
        step.entry.notify.push(Audience::Petitioner);
        Ok(())
    })
    .await
}
