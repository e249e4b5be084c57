//! Builds one petition in memory: each step is decided by the rules of the real service, and leaves the rows
//! that `record` would store.

use super::context::GenerateContext;
use super::course::{GeneratedAction, REFUSAL_NOTE, TRANSFER_REASON, WITHDRAWAL_REASON, transfer_target};
use crate::db::service_error::ServiceError;
use crate::figures::rules::PetitionFacts;
use crate::figures::statistics;
use crate::figures::store::ChangeRow;
use crate::kernel::Instant;
use crate::kernel::account::Actor;
use crate::kernel::ids::{AgencyId, DocumentId, PetitionId};
use crate::petitions::decision::decide;
use crate::petitions::draft::{self, Draft};
use crate::petitions::file::{new_petition_change, salt, tracking_token};
use crate::petitions::filing::{PetitionForm, check};
use crate::petitions::publication::publication;
use crate::petitions::record::{StepChange, StepEntry, settle};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::timeline::{Author, TimelineEntry};
use crate::petitions::rules::{Action, ReasonCode};
use crate::petitions::step::StepContext;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::publications::PublicationRow;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionRow, PetitionerRow, TextRow};
use crate::petitions::{accept, approve, close, rate, refuse, submit, transfer, withdraw};
use crate::sample_data::store::{CopySheets, GeneratedNotification};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, HashSet};

/// Register counters, document ids and the codes of the current year, assigned in chronological order.
#[derive(Debug, Default)]
pub struct RegisterCounters {
    last: BTreeMap<(AgencyId, i32), i64>,
    documents: i64,
    year: i32,
    codes: HashSet<String>,
}

impl RegisterCounters {
    fn enter(&mut self, change: &StepChange, agency: AgencyId) -> DocumentRow {
        let number = self.last.entry((agency, change.entry.at.local_date().year())).or_default();
        *number += 1;
        self.documents += 1;
        DocumentRow { id: DocumentId(self.documents), ..change.new_document(agency, *number) }
    }

    /// Takes the code; returns false when it is already taken.
    fn take_code(&mut self, year: i32, code: &PetitionCode) -> bool {
        if self.year != year {
            self.year = year;
            self.codes.clear();
        }
        self.codes.insert(code.to_string())
    }

    /// Returns agency, year and last number of each register.
    pub fn counters(&self) -> impl Iterator<Item = (AgencyId, i32, i64)> {
        self.last.iter().map(|((agency, year), number)| (*agency, *year, *number))
    }
}

/// Counters for row ids that no other row refers to.
#[derive(Debug, Default)]
pub struct RowNumbers {
    entries: i64,
    answers: i64,
    notifications: i64,
}

/// A petition with all its related rows.
pub struct GeneratedPetition {
    petition: PetitionRow,
    text: TextRow,
    petitioner: PetitionerRow,
    deadline: DeadlineRow,
    documents: Vec<DocumentRow>,
    entries: Vec<(TimelineEntry, String)>,
    notifications: Vec<GeneratedNotification>,
    answer: Option<AnswerRow>,
    publication: Option<PublicationRow>,
    changes: Vec<ChangeRow>,
}

const fn lost() -> ServiceError {
    ServiceError::Internal("a made petition cannot take the step that was drawn")
}

impl GeneratedPetition {
    /// Files the petition with this row id as a guest.
    ///
    /// # Errors
    /// Whatever the service would refuse.
    pub fn file(
        office: &GenerateContext,
        registers: &mut RegisterCounters,
        id: PetitionId,
        form: &PetitionForm,
        now: Instant,
    ) -> Result<Self, ServiceError> {
        let filing = check(form, None, &[], 0)?;
        let year = now.local_date().year();
        let draw = || (PetitionCode::new(year, office.entropy.bits()), salt(office.entropy.as_ref()));
        let (mut code, mut salt) = draw();
        while !registers.take_code(year, &code) {
            (code, salt) = draw();
        }
        let token = tracking_token(&salt, None);
        let author = (Author::petitioner(None), Some(token.as_str()));
        let decision = decide(&office.directory, &filing, now)?;
        let mut change = new_petition_change(&office.directory, &filing, &decision, &code, author, now)?;
        change.after.id = id;
        let filed = change.filed.take().ok_or_else(lost)?;
        let mut life = Self {
            petition: change.after.clone(),
            text: TextRow { petition_id: id, ..filed.text },
            petitioner: PetitionerRow { petition_id: id, ..filed.petitioner },
            deadline: DeadlineRow { petition_id: id, ..filed.deadline },
            documents: Vec::with_capacity(1),
            entries: Vec::with_capacity(6),
            notifications: Vec::with_capacity(6),
            answer: None,
            publication: None,
            changes: Vec::with_capacity(6),
        };
        life.record(office, registers, change);
        Ok(life)
    }

    /// Returns the day of receipt.
    pub const fn received_on(&self) -> NaiveDate {
        self.petition.received_on
    }

    /// Executes a step.
    ///
    /// # Errors
    /// `Internal` when the course does not fit the petition.
    pub fn step(
        &mut self,
        office: &GenerateContext,
        registers: &mut RegisterCounters,
        at: Instant,
        planned: &GeneratedAction,
    ) -> Result<(), ServiceError> {
        let agency = self.petition.agency_id;
        let clerk = || office.officer(agency, |staff| &staff.clerk);
        let handler = || office.officer(agency, |staff| &staff.handler);
        let leader = || office.officer(agency, |staff| &staff.leader);
        let (action, actor) = match planned {
            GeneratedAction::Accept => (Action::Accept, Some(clerk()?)),
            GeneratedAction::Transfer => (Action::Transfer, Some(clerk()?)),
            GeneratedAction::Draft(..) => (Action::Draft, Some(handler()?)),
            GeneratedAction::Submit => (Action::Submit, Some(handler()?)),
            GeneratedAction::Approve => (Action::Approve, Some(leader()?)),
            GeneratedAction::Refuse => (Action::Refuse, Some(leader()?)),
            GeneratedAction::Rate(..) => (Action::Rate, None),
            GeneratedAction::Withdraw => (Action::Withdraw, None),
            GeneratedAction::Close => (Action::Close, None),
        };
        let author = match (&actor, action) {
            (Some(actor), _) => Author::officer(actor.account_id),
            (None, Action::Close) => Author::SYSTEM,
            (None, _) => Author::petitioner(None),
        };
        let mut ctx = self.step_context(office, actor, StepEntry::new(action, author, at));
        self.decide(office, &mut ctx, planned)?;
        let change = ctx.into_change(self.petition.clone());
        self.record(office, registers, change);
        Ok(())
    }

    fn step_context(&self, office: &GenerateContext, actor: Option<Actor>, entry: StepEntry) -> StepContext {
        StepContext {
            directory: office.directory.clone(),
            now: entry.at,
            actor,
            petition: self.petition.clone(),
            document: self.documents.last().cloned(),
            hand_to: None,
            entry,
        }
    }

    fn decide(&mut self, office: &GenerateContext, ctx: &mut StepContext, planned: &GeneratedAction) -> Result<(), ServiceError> {
        match planned {
            GeneratedAction::Accept => accept::decide(ctx),
            GeneratedAction::Transfer => {
                let (target, code) = self.target(office, ctx.now).ok_or_else(lost)?;
                transfer::decide(ctx, target, code, TRANSFER_REASON.to_owned());
            }
            GeneratedAction::Draft(content, outcome) => {
                let draft: Draft = Draft::check(content, *outcome, None)?;
                self.answer = Some(draft::decide(ctx, &draft, self.answer.as_ref())?);
            }
            GeneratedAction::Submit => submit::decide(ctx),
            GeneratedAction::Approve => {
                let answer = self.answer.as_mut().ok_or_else(lost)?;
                approve::decide(ctx, answer)?;
                self.publication = Some(publication(ctx, &self.text, &self.petitioner, answer));
            }
            GeneratedAction::Rate(score, comment) => {
                rate::decide(ctx, self.answer.as_mut().ok_or_else(lost)?, *score, comment.clone());
            }
            GeneratedAction::Close => close::decide(ctx),
            GeneratedAction::Refuse => refuse::decide(ctx, ReasonCode::AlreadySettled, Some(REFUSAL_NOTE.to_owned())),
            GeneratedAction::Withdraw => withdraw::decide(ctx, Some(WITHDRAWAL_REASON.to_owned())),
        }
        Ok(())
    }

    fn target(&self, office: &GenerateContext, now: Instant) -> Option<(AgencyId, String)> {
        let directory = &office.directory;
        let holder = directory.agency(self.petition.agency_id?)?;
        let code = transfer_target(directory.category(self.petition.category_id)?, &holder.code);
        let target = directory.agency_by_code(&code, now.local_date())?;
        Some((target.id, code))
    }

    /// Keeps the rows that `petitions::record` would store.
    fn record(&mut self, office: &GenerateContext, registers: &mut RegisterCounters, mut change: StepChange) {
        settle(&mut change, office.periods);
        let at = change.entry.at;
        if let (Some(present), Some(last)) = (change.present_document(), self.documents.last_mut()) {
            change.cover.document(&present);
            *last = present;
        }
        if let Some(agency) = change.hand_to {
            let new = registers.enter(&change, agency);
            change.cover.document(&new);
            self.documents.push(new);
        }
        if change.before.is_some() {
            change.cover.deadline(&self.deadline, self.petitioner.hide_identity);
            change.cover.answers(self.answer.as_slice());
        }
        change.cover.told(&change.entry.notify);
        let (petition_id, sequence, agency_id) = (change.after.id, change.after.version, change.after.agency_id);
        let told = change.entry.notify.iter();
        self.notifications.extend(told.map(|audience| GeneratedNotification {
            petition_id,
            sequence,
            audience: *audience,
            agency_id,
            created_at: at,
        }));
        let entry = change.timeline_entry(self.documents.last().map(|document| document.id));
        let previous = self.entries.last().map_or("", |(_, hash)| hash.as_str());
        let hash = entry.chain_hash(previous);
        self.entries.push((entry, hash));
        let before = change.before.as_ref().map(PetitionFacts::of);
        self.changes.extend(statistics::rows(before.as_ref(), &PetitionFacts::of(&change.after), at));
        self.petition = change.after;
    }

    /// Writes all rows to the sheets and returns the changes of the statistics.
    ///
    /// # Errors
    /// When there is no key to encrypt the petitioner with.
    pub fn write(self, numbers: &mut RowNumbers, sheets: &mut CopySheets) -> Result<Vec<ChangeRow>, ServiceError> {
        sheets.petition(&self.petition);
        sheets.text(&self.text);
        sheets.petitioner(&self.petitioner)?;
        sheets.deadline(&self.deadline);
        self.documents.iter().for_each(|document| sheets.document(document));
        for (entry, hash) in &self.entries {
            numbers.entries += 1;
            sheets.entry(numbers.entries, entry, hash);
        }
        for notification in &self.notifications {
            numbers.notifications += 1;
            sheets.notification(numbers.notifications, notification);
        }
        if let Some(answer) = &self.answer {
            numbers.answers += 1;
            sheets.answer(numbers.answers, answer);
        }
        if let Some(publication) = &self.publication {
            sheets.publication(publication);
        }
        Ok(self.changes)
    }
}
