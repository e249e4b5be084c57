//! The only function that stores a step of a petition.
//!
//! Every use case loads a [`Step`](super::step::Step), decides, and passes it to [`record`], which writes in one
//! transaction the petition (optimistic lock on its version), its document and, if needed, a new register number, the
//! rows of a new petition and the timeline entry. It then notifies the [`PetitionEvent`] subscribers: figures,
//! notifications, outbox, document exchange, audit record. Values derived from the state alone (`settled_at`,
//! `system_due_at`) are computed only here.

use super::event::{FiledRecords, PetitionEvent, PetitionSubscribers};
use super::step_digests::{PETITION, StepDigests};
use crate::audit::AuditActor;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError, dialect};
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, DocumentId, PetitionId};
use crate::petitions::rules::timeline::{Author, OVER_IMPRINTS, TimelineEntry};
use crate::petitions::rules::{Action, Audience, DocumentStatus, RequestState, Status, Timeliness};
use crate::petitions::store::documents::{self, DocumentRow};
use crate::petitions::store::{self, DeadlineRow, PetitionRow, PetitionerRow, TextRow, publications, record_digests, timeline};
use chrono::{Datelike, Duration};

/// Periods after which the system acts automatically; configured by the province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemPeriods {
    /// Days without a reply until a waiting petition is refused.
    pub no_reply: Duration,
    /// Days after an answer until the petition is closed.
    pub close_after: Duration,
}

/// Settings and context for storing a step.
#[derive(Debug, Clone, Copy)]
pub struct RecordContext<'a> {
    pub periods: SystemPeriods,
    pub subscribers: &'a PetitionSubscribers,
    /// Whether this is an imported step of another system.
    pub is_history: bool,
    /// The directory used for the decision.
    pub directory: &'a Directory,
    /// The actor for the audit record; required for every step of an officer.
    pub by: Option<&'a AuditActor>,
}

/// The timeline entry of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepEntry {
    pub action: Action,
    pub author: Author,
    pub at: Instant,
    /// Whether the petitioner sees the entry.
    pub is_public: bool,
    /// Text written by a person.
    pub note: Option<String>,
    /// Machine-readable details.
    pub detail: serde_json::Map<String, serde_json::Value>,
    /// Who is notified.
    pub notify: Vec<Audience>,
    /// Whether the petitioner is notified of the same event through another petition and so not for this one.
    pub is_told_elsewhere: bool,
}

impl StepEntry {
    /// Creates an entry visible to the petitioner, without notifications.
    #[must_use]
    pub fn new(action: Action, author: Author, at: Instant) -> Self {
        Self {
            action,
            author,
            at,
            is_public: true,
            note: None,
            detail: serde_json::Map::new(),
            notify: Vec::new(),
            is_told_elsewhere: false,
        }
    }

    /// Adds a machine-readable detail.
    pub fn add_detail(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        self.detail.insert(name.to_owned(), value.into());
    }
}

/// One step: the petition and its document before and after.
pub struct StepChange {
    /// The state as read; `None` when it is filed.
    pub before: Option<PetitionRow>,
    /// The state to store.
    pub after: PetitionRow,
    /// The current document with its new state.
    pub document: Option<DocumentRow>,
    /// The agency in whose register the petition is to be entered.
    pub hand_to: Option<AgencyId>,
    pub entry: StepEntry,
    /// Hashes of the related rows, as far as known before storing.
    pub cover: StepDigests,
    /// Rows stored with a new petition.
    pub filed: Option<Box<FiledRecords>>,
}

/// Stores a step and returns the petition and its current document after it.
///
/// # Errors
/// `Stale` when another request changed the petition first.
pub fn record(
    connection: &mut DbConnection,
    ctx: RecordContext<'_>,
    mut change: StepChange,
) -> Result<(PetitionRow, Option<DocumentRow>), ServiceError> {
    settle(&mut change, ctx.periods);
    store_petition(connection, &mut change)?;
    if let Some(filed) = change.filed.as_deref() {
        store_filed(connection, change.after.id, filed)?;
    }
    if !change.after.status.is_valid() {
        // A refused or merged petition is not public, even if it was answered before.
        publications::withdraw(connection, change.after.id)?;
    }
    let last = match &change.before {
        Some(before) => Some(timeline::last(connection, before.id, before.version)?),
        None => None,
    };
    let at = change.entry.at;
    let document = change.present_document();
    if let Some(present) = &document {
        documents::state::update(connection, present)?;
        change.cover.document(present);
    }
    let mut entered = None;
    if let Some(agency_id) = change.hand_to {
        if !dialect::lock::is_still_in_force(connection, agency_id, at.local_date())? {
            // The decision used a directory that a reform has replaced. The retry decides again: the petition goes to
            // the successor or is refused.
            return Err(StorageError::Contention.into());
        }
        let number = documents::register::next_number(connection, agency_id, at.local_date().year())?;
        let mut new = change.new_document(agency_id, number);
        new.id = documents::state::insert(connection, &new)?;
        change.cover.document(&new);
        entered = Some(new);
    }
    change.cover.told(if ctx.is_history { &[] } else { &change.entry.notify });
    if let Some(last) = &last {
        cover(connection, &mut change, last.hash_version)?;
    }
    let mut event = PetitionEvent {
        before: change.before.as_ref(),
        after: &change.after,
        entry: &change.entry,
        document: document.as_ref(),
        entered: entered.as_ref(),
        origin: change.filed.as_ref().and_then(|filed| filed.origin.as_ref()),
        directory: ctx.directory,
        by: ctx.by,
        chain_hash: "",
        is_history: ctx.is_history,
    };
    let document_id = event.present_document().map(|document| document.id);
    let chain_hash = timeline::append(connection, change.timeline_entry(document_id), last.as_ref())?;
    event.chain_hash = &chain_hash;
    ctx.subscribers.notify(connection, &event)?;
    Ok((change.after, entered.or(document)))
}

/// Adds hashes of all related rows the use case may have changed; of all rows when earlier entries cover none.
fn cover(connection: &mut DbConnection, change: &mut StepChange, last_version: i32) -> Result<(), ServiceError> {
    let id = change.after.id;
    change.cover.beside(&record_digests::beside(connection, id)?);
    if last_version == OVER_IMPRINTS {
        return Ok(());
    }
    for document in record_digests::documents(connection, id)? {
        change.cover.document(&document);
    }
    let (text, petitioner) = (store::texts::find(connection, id)?, store::petitioners::find(connection, id)?);
    change.cover.filed(&text, &petitioner, change.after.account_id)
}

/// Sets the values that follow from a decision: version, holder and those derived from the state.
pub fn settle(change: &mut StepChange, periods: SystemPeriods) {
    let StepChange { before, after, hand_to, entry, .. } = change;
    derive(before.as_ref(), after, periods, entry.at);
    after.version = before.as_ref().map_or(1, |before| before.version + 1);
    if let Some(agency) = hand_to {
        after.agency_id = Some(*agency);
    }
}

impl StepChange {
    /// Returns the current document after the step.
    #[must_use]
    pub fn present_document(&self) -> Option<DocumentRow> {
        let mut document = self.document.clone()?;
        if document.handed_on_at.is_none() {
            document.due_at = self.after.due_at;
            document.assignee_id = self.after.assignee_id;
        }
        document.version += 1;
        Some(document)
    }

    /// Builds the document in the next register, with this number.
    #[must_use]
    pub fn new_document(&self, agency_id: AgencyId, number: i64) -> DocumentRow {
        let arrived_at = self.entry.at;
        DocumentRow {
            id: DocumentId(0),
            petition_id: self.after.id,
            agency_id,
            year: arrived_at.local_date().year(),
            number,
            status: if self.after.status == Status::WaitingForPetitioner {
                DocumentStatus::Waiting
            } else {
                DocumentStatus::Arrived
            },
            arrived_at,
            due_at: self.after.due_at,
            assignee_id: None,
            handed_on_at: None,
            version: 1,
        }
    }

    /// Builds the timeline entry.
    #[must_use]
    pub fn timeline_entry(&self, document_id: Option<DocumentId>) -> TimelineEntry {
        let detail = serde_json::Value::Object(self.entry.detail.clone()).to_string();
        let mut cover = self.cover.clone();
        cover.0.fact(PETITION, self.after.fact());
        if let Some(note) = &self.entry.note {
            cover.text("note", note);
        }
        cover.text("detail", &detail);
        let (facts, texts, salts) = cover.0.stored();
        TimelineEntry {
            petition_id: self.after.id,
            sequence: self.after.version,
            at: self.entry.at,
            action: self.entry.action,
            author: self.entry.author,
            status: self.after.status,
            agency_id: self.after.agency_id,
            document_id,
            due_at: self.after.due_at,
            score: if self.entry.action == Action::Rate { self.after.score } else { None },
            is_public: self.entry.is_public,
            note: self.entry.note.clone(),
            detail,
            hash_version: OVER_IMPRINTS,
            facts,
            texts,
            salts,
        }
    }
}

/// Sets the values derived from the state alone.
fn derive(before: Option<&PetitionRow>, after: &mut PetitionRow, periods: SystemPeriods, at: Instant) {
    let was = before.map(|before| before.status);
    if after.status == Status::Answered && was.is_some_and(|status| status.is_open()) {
        after.answer_count += 1;
        if after.first_answered_at.is_none() {
            after.first_answered_at = Some(at);
            after.timeliness = Some(Timeliness::of(at, after.due_at));
        }
    }
    if after.settled_at.is_none() && (after.first_answered_at.is_some() || !after.status.is_valid()) {
        after.settled_at = Some(at);
    }
    after.system_due_at = match after.status {
        Status::WaitingForPetitioner if was != Some(after.status) => Some(at.plus(periods.no_reply)),
        Status::Answered if was != Some(after.status) => Some(at.plus(periods.close_after)),
        // The petition is not closed while a reopening request is undecided.
        Status::Answered if after.reopening == RequestState::Asked => None,
        Status::WaitingForPetitioner | Status::Answered => after.system_due_at,
        _ => None,
    };
}

fn store_petition(connection: &mut DbConnection, change: &mut StepChange) -> Result<(), ServiceError> {
    match &change.before {
        None => change.after.id = store::state::insert(connection, &change.after)?,
        Some(before) => {
            if !store::state::update(connection, &change.after, before.version)? {
                return Err(StorageError::Contention.into());
            }
        }
    }
    Ok(())
}

fn store_filed(connection: &mut DbConnection, petition_id: PetitionId, filed: &FiledRecords) -> Result<(), StorageError> {
    store::texts::insert(connection, &TextRow { petition_id, ..filed.text.clone() })?;
    store::petitioners::insert(connection, &PetitionerRow { petition_id, ..filed.petitioner.clone() })?;
    store::deadlines::insert(connection, &DeadlineRow { petition_id, ..filed.deadline.clone() })
}
