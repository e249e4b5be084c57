//! What the timeline covers of the rows around it: the fact of each row, and the rows as they stand after a step.
//!
//! Rule: a fact is kept for ever, so that its fields and their order never change; a column that is added later is covered by a fact of
//! its own, under another name.

use crate::attachments::store::AttachmentRow;
use crate::db::schema::{answers, attachments, deadlines, documents, petitioners, requests};
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::PetitionId;
use crate::kernel::record_digest::FieldHasher;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionRow, PetitionerRow, RequestRow};
use diesel::prelude::*;

/// What hangs on a petition and may have changed with a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedRows {
    /// How its deadline was computed.
    pub deadline: Option<DeadlineRow>,
    /// Whether the handling agency must not learn who filed it.
    pub hides: Option<bool>,
    /// Its answers, in their order.
    pub answers: Vec<AnswerRow>,
    /// Its requests, in their order.
    pub requests: Vec<RequestRow>,
    /// Its files, in the order in which they were joined.
    pub files: Vec<AttachmentRow>,
}

/// What hangs on a petition.
pub fn beside(connection: &mut DbConnection, id: PetitionId) -> Result<RelatedRows, StorageError> {
    Ok(RelatedRows {
        deadline: deadlines::table.find(id).select(DeadlineRow::as_select()).get_result(connection).optional()?,
        hides: petitioners::table.find(id).select(petitioners::hide_identity).get_result(connection).optional()?,
        answers: answers::table
            .filter(answers::petition_id.eq(id))
            .order(answers::id)
            .select(AnswerRow::as_select())
            .load(connection)?,
        requests: requests::table
            .filter(requests::petition_id.eq(id))
            .order(requests::id)
            .select(RequestRow::as_select())
            .load(connection)?,
        files: attachments::table
            .filter(attachments::petition_id.eq(id))
            .order((attachments::joined_at, attachments::position, attachments::id))
            .select(AttachmentRow::as_select())
            .load(connection)?,
    })
}

/// All lines of a petition in registers.
pub fn documents(connection: &mut DbConnection, id: PetitionId) -> Result<Vec<DocumentRow>, StorageError> {
    let own = documents::table.filter(documents::petition_id.eq(id)).order(documents::id);
    Ok(own.select(DocumentRow::as_select()).load(connection)?)
}

impl PetitionRow {
    /// Everything but its number and the account of the petitioner, which goes when the person is erased.
    #[must_use]
    pub fn fact(&self) -> String {
        FieldHasher::of("petition")
            .text(&self.code)
            .value(self.kind)
            .value(self.category_id)
            .value(self.area_id)
            .value(self.channel)
            .value(self.urgency)
            .value(self.petitioner_kind)
            .value(self.status)
            .value(self.version)
            .optional(self.agency_id)
            .optional(self.assignee_id)
            .optional(self.routing_rule_id)
            .text(&self.received_at.to_rfc3339())
            .value(self.received_on)
            .text(&self.due_at.to_rfc3339())
            .optional(self.paused_at.map(|at| at.to_rfc3339()))
            .optional(self.system_due_at.map(|at| at.to_rfc3339()))
            .optional(self.first_answered_at.map(|at| at.to_rfc3339()))
            .optional(self.timeliness)
            .optional(self.settled_at.map(|at| at.to_rfc3339()))
            .optional(self.score)
            .value(self.answer_count)
            .value(self.reopening_count)
            .value(self.hop_count)
            .value(self.extension)
            .value(self.reopening)
            .optional(self.merged_into_id)
            .finish()
    }
}

impl DocumentRow {
    /// Everything but its number.
    #[must_use]
    pub fn fact(&self) -> String {
        FieldHasher::of("document")
            .value(self.agency_id)
            .value(self.year)
            .value(self.number)
            .value(self.status)
            .text(&self.arrived_at.to_rfc3339())
            .text(&self.due_at.to_rfc3339())
            .optional(self.assignee_id)
            .optional(self.handed_on_at.map(|at| at.to_rfc3339()))
            .value(self.version)
            .finish()
    }
}

impl DeadlineRow {
    /// Everything.
    #[must_use]
    pub fn fact(&self) -> String {
        FieldHasher::of("deadline")
            .value(self.rule_id)
            .value(self.calendar_version)
            .text(&self.starts_at.to_rfc3339())
            .value(self.paused_working_ms)
            .optional(self.extended_until)
            .text(&self.explanation)
            .finish()
    }
}

impl AnswerRow {
    /// Everything but its number and what people wrote.
    #[must_use]
    pub fn fact(&self) -> String {
        FieldHasher::of("answer")
            .value(self.document_id)
            .value(self.outcome)
            .optional(self.promised_on)
            .value(self.author_id)
            .text(&self.drafted_at.to_rfc3339())
            .optional(self.answered_at.map(|at| at.to_rfc3339()))
            .optional(self.approver_id)
            .optional(self.score)
            .optional(self.rated_at.map(|at| at.to_rfc3339()))
            .finish()
    }
}

impl RequestRow {
    /// Everything but its number and the reason.
    #[must_use]
    pub fn fact(&self) -> String {
        FieldHasher::of("request")
            .value(self.kind)
            .optional(self.until_on)
            .text(&self.asked_at.to_rfc3339())
            .optional(self.decided_at.map(|at| at.to_rfc3339()))
            .optional(self.is_granted)
            .finish()
    }
}

impl AttachmentRow {
    /// What it is and where it belongs; whether it is scanned is no matter of the case.
    #[must_use]
    pub fn fact(&self) -> String {
        FieldHasher::of("file")
            .value(self.kind)
            .text(&self.media_type)
            .value(self.size)
            .text(&self.sha256)
            .optional(self.occasion)
            .optional(self.joined_at.map(|at| at.to_rfc3339()))
            .optional(self.position)
            .finish()
    }
}

impl PetitionerRow {
    /// Who filed and how a guest proves it, as one text; empty where nobody is known.
    ///
    /// # Errors
    /// Never in practice: a person is plain data.
    pub fn told(&self) -> Result<String, StorageError> {
        match (self.as_json()?, self.tracking_hash.as_deref()) {
            (json, None) if json == "{}" => Ok(String::new()),
            (json, tracking) => Ok(format!("{json}\n{}", tracking.unwrap_or_default())),
        }
    }
}
