//! The rows covered by the timeline hashes, and the fact (hash) of each row.
//!
//! A fact is stored for ever, so its fields and their order must never change; a column added later needs a fact of its
//! own with another name.

use crate::attachments::store::AttachmentRow;
use crate::db::schema::{answers, attachments, deadlines, documents, petitioners, requests};
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::PetitionId;
use crate::kernel::record_digest::FieldHasher;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionRow, PetitionerRow, RequestRow};
use diesel::prelude::*;

/// Related rows of a petition that a step may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedRows {
    pub deadline: Option<DeadlineRow>,
    /// Whether the petitioner hides from the handling agency.
    pub hides: Option<bool>,
    pub answers: Vec<AnswerRow>,
    pub requests: Vec<RequestRow>,
    /// Attachments, in the order they were attached.
    pub files: Vec<AttachmentRow>,
}

/// Loads the related rows of a petition.
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

/// Returns all register lines of a petition.
pub fn documents(connection: &mut DbConnection, id: PetitionId) -> Result<Vec<DocumentRow>, StorageError> {
    let own = documents::table.filter(documents::petition_id.eq(id)).order(documents::id);
    Ok(own.select(DocumentRow::as_select()).load(connection)?)
}

impl PetitionRow {
    /// Hashes all fields except the row number and the petitioner's account, which is removed when the person is
    /// erased.
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
    /// Hashes all fields except the row number.
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
    /// Hashes all fields.
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
    /// Hashes all fields except the row number and texts written by people.
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
    /// Hashes all fields except the row number and the reason.
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
    /// Hashes what the file is and where it belongs; the scan state is not part of the case.
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
    /// Returns the petitioner and the tracking hash as one text; empty when the petitioner is unknown.
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
