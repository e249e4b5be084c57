//! Writes each kind of row to its sheet, in the order of the columns.

use super::sheet::{CopyCell, CopySheets, words};
use crate::db::StorageError;
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, PetitionId};
use crate::petitions::rules::Audience;
use crate::petitions::rules::timeline::TimelineEntry;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::petitioners::SealedPetitionerRow;
use crate::petitions::store::publications::PublicationRow;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionRow, PetitionerRow, TextRow};
use chrono::{Datelike, Timelike};
use std::fmt::Write;

/// A notification in the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedNotification {
    pub petition_id: PetitionId,
    /// Sequence of the timeline entry.
    pub sequence: i32,
    pub audience: Audience,
    /// The agency that holds the petition.
    pub agency_id: Option<AgencyId>,
    pub created_at: Instant,
}

/// Formats an instant for a column without time zone.
fn at(instant: Instant) -> String {
    // Same result as `%F %T%.f`, but several times faster.
    let time = instant.stored();
    let (day, clock) = (time.date(), time.time());
    let mut text = format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        day.year(),
        day.month(),
        day.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    );
    match clock.nanosecond() / 1000 {
        0 => {}
        micros if micros % 1000 == 0 => drop(write!(text, ".{:03}", micros / 1000)),
        micros => drop(write!(text, ".{micros:06}")),
    }
    text
}

const fn flag(value: bool) -> i32 {
    if value { 1 } else { 0 }
}

fn plain<T: std::fmt::Display>(value: &T) -> CopyCell<'_> {
    CopyCell::Plain(value)
}

impl CopySheets {
    /// Writes a petition.
    pub fn petition(&mut self, row: &PetitionRow) {
        let times = [row.received_at, row.due_at].map(at);
        let [paused, system_due, answered, settled] =
            [row.paused_at, row.system_due_at, row.first_answered_at, row.settled_at].map(|time| time.map(at));
        let [received_at, due_at] = &times;
        self.petitions.line([
            plain(&row.id),
            plain(&row.code),
            plain(&row.kind),
            plain(&row.category_id),
            plain(&row.area_id),
            plain(&row.channel),
            plain(&row.urgency),
            plain(&row.petitioner_kind),
            row.account_id.as_ref().into(),
            plain(&row.status),
            plain(&row.version),
            row.agency_id.as_ref().into(),
            row.assignee_id.as_ref().into(),
            row.routing_rule_id.as_ref().into(),
            plain(received_at),
            plain(&row.received_on),
            plain(due_at),
            paused.as_ref().into(),
            system_due.as_ref().into(),
            answered.as_ref().into(),
            row.timeliness.as_ref().into(),
            settled.as_ref().into(),
            row.score.as_ref().into(),
            plain(&row.answer_count),
            plain(&row.reopening_count),
            plain(&row.hop_count),
            plain(&row.extension),
            plain(&row.reopening),
            row.merged_into_id.as_ref().into(),
        ]);
    }

    /// Writes the texts of a petition.
    pub fn text(&mut self, row: &TextRow) {
        let TextRow { petition_id, title, content, search_text } = row;
        self.petition_texts.line([
            plain(petition_id),
            CopyCell::Text(title),
            CopyCell::Text(content),
            CopyCell::Text(search_text),
        ]);
    }

    /// Writes a petitioner.
    ///
    /// # Errors
    /// When there is no key to encrypt with.
    pub fn petitioner(&mut self, row: &PetitionerRow) -> Result<(), StorageError> {
        let row = SealedPetitionerRow::seal(row)?;
        self.petitioners.line([
            plain(&row.petition_id),
            CopyCell::Text(&row.person),
            words(row.phone_hash.as_ref()),
            words(row.email_hash.as_ref()),
            plain(&flag(row.hide_identity)),
            words(row.tracking_hash.as_ref()),
        ]);
        Ok(())
    }

    /// Writes a register row.
    pub fn document(&mut self, row: &DocumentRow) {
        let handed_on_at = row.handed_on_at.map(at);
        self.documents.line([
            plain(&row.id),
            plain(&row.petition_id),
            plain(&row.agency_id),
            plain(&row.year),
            plain(&row.number),
            plain(&row.status),
            plain(&at(row.arrived_at)),
            plain(&at(row.due_at)),
            row.assignee_id.as_ref().into(),
            handed_on_at.as_ref().into(),
            plain(&row.version),
        ]);
    }

    /// Writes the last number of a register.
    pub fn counter(&mut self, agency_id: AgencyId, year: i32, last_number: i64) {
        self.register_counters.line([plain(&agency_id), plain(&year), plain(&last_number)]);
    }

    /// Writes a deadline.
    pub fn deadline(&mut self, row: &DeadlineRow) {
        self.deadlines.line([
            plain(&row.petition_id),
            plain(&row.rule_id),
            plain(&row.calendar_version),
            plain(&at(row.starts_at)),
            plain(&row.paused_working_ms),
            row.extended_until.as_ref().into(),
            CopyCell::Text(&row.explanation),
        ]);
    }

    /// Writes a timeline entry.
    pub fn entry(&mut self, id: i64, row: &TimelineEntry, chain_hash: &str) {
        self.timeline.line([
            plain(&id),
            plain(&row.petition_id),
            plain(&row.sequence),
            plain(&at(row.at)),
            plain(&row.action),
            plain(&row.author.kind),
            row.author.account_id.as_ref().into(),
            plain(&row.status),
            row.agency_id.as_ref().into(),
            row.document_id.as_ref().into(),
            plain(&at(row.due_at)),
            row.score.as_ref().into(),
            plain(&flag(row.is_public)),
            words(row.note.as_ref()),
            CopyCell::Text(&row.detail),
            CopyCell::Text(chain_hash),
            plain(&row.hash_version),
            CopyCell::Text(&row.facts),
            CopyCell::Text(&row.texts),
            CopyCell::Text(&row.salts),
        ]);
    }

    /// Writes an answer.
    pub fn answer(&mut self, id: i64, row: &AnswerRow) {
        let (answered_at, rated_at) = (row.answered_at.map(at), row.rated_at.map(at));
        self.answers.line([
            plain(&id),
            plain(&row.petition_id),
            plain(&row.document_id),
            CopyCell::Text(&row.content),
            plain(&row.outcome),
            row.promised_on.as_ref().into(),
            plain(&row.author_id),
            plain(&at(row.drafted_at)),
            answered_at.as_ref().into(),
            row.approver_id.as_ref().into(),
            row.score.as_ref().into(),
            words(row.comment.as_ref()),
            rated_at.as_ref().into(),
        ]);
    }

    /// Writes a publication.
    pub fn publication(&mut self, row: &PublicationRow) {
        self.publications.line([
            plain(&row.petition_id),
            CopyCell::Text(&row.title),
            CopyCell::Text(&row.content),
            CopyCell::Text(&row.search_text),
            CopyCell::Text(&row.answer),
            CopyCell::Text(&row.outcome),
            row.latitude.as_ref().into(),
            row.longitude.as_ref().into(),
            plain(&at(row.answered_at)),
            plain(&at(row.published_at)),
            plain(&row.masked_by),
        ]);
    }

    /// Writes a notification.
    pub fn notification(&mut self, id: i64, row: &GeneratedNotification) {
        self.notifications.line([
            plain(&id),
            plain(&row.petition_id),
            plain(&row.sequence),
            plain(&row.audience),
            row.agency_id.as_ref().into(),
            plain(&at(row.created_at)),
        ]);
    }
}
