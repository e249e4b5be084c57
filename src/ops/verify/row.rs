//! Checks the row of a petition against its timeline: every field derived from the timeline must match it.

use super::petitions::PetitionRecords;
use crate::figures::rules::{FilingFacts, PetitionFacts, Replay, ReplayEntry};
use crate::kernel::Instant;
use crate::petitions::rules::{Action, RequestState, Status};

pub(super) fn judge(case: &PetitionRecords<'_>) -> Vec<String> {
    let mut row = RowFindings::default();
    for (is_there, what) in
        [(case.text.is_some(), "words"), (case.petitioner.is_some(), "petitioner"), (case.deadline.is_some(), "deadline")]
    {
        if !is_there {
            row.findings.push(format!("it has no {what}"));
        }
    }
    facts(case, &mut row);
    requests(case, &mut row);
    waiting(case, &mut row);
    original(case, &mut row);
    row.findings
}

#[derive(Default)]
struct RowFindings {
    findings: Vec<String>,
}

impl RowFindings {
    fn compare<T: PartialEq>(&mut self, field: &str, stored: &T, said: &T, show: impl Fn(&T) -> String) {
        if stored != said {
            self.findings.push(format!("{field} is {}, the timeline says {}", show(stored), show(said)));
        }
    }
}

fn moment(at: &Option<Instant>) -> String {
    at.map_or_else(|| "none".to_owned(), Instant::to_rfc3339)
}

fn shown<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
}

/// Recomputes from the timeline the fields that the statistics use.
fn facts(case: &PetitionRecords<'_>, row: &mut RowFindings) {
    let petition = case.petition;
    let entries: Vec<ReplayEntry> = case.entries.iter().map(|(entry, _)| told(entry)).collect();
    let Some(filed_at) = entries.first().map(|entry| entry.at) else { return };
    let origin = FilingFacts {
        received_at: filed_at,
        category_id: petition.category_id,
        area_id: petition.area_id,
        channel: petition.channel,
        petitioner_kind: petition.petitioner_kind,
        urgency: petition.urgency,
    };
    let mut settled_at = None;
    let mut last: Option<PetitionFacts> = None;
    for step in Replay::new(origin, &entries) {
        if settled_at.is_none() && (step.after.first_answered_at.is_some() || !step.after.status.is_valid()) {
            settled_at = Some(step.at);
        }
        last = Some(step.after);
    }
    let Some(said) = last else { return };
    let count = |count: &i32| count.to_string();
    row.compare("received_at", &petition.received_at, &filed_at, |at| at.to_rfc3339());
    row.compare("received_on", &petition.received_on, &filed_at.local_date(), ToString::to_string);
    row.compare("status", &petition.status, &said.status, ToString::to_string);
    row.compare("agency_id", &petition.agency_id, &said.agency_id, shown);
    row.compare("due_at", &petition.due_at, &said.due_at, |at| at.to_rfc3339());
    row.compare("first_answered_at", &petition.first_answered_at, &said.first_answered_at, moment);
    row.compare("settled_at", &petition.settled_at, &settled_at, moment);
    row.compare("timeliness", &petition.timeliness, &said.timeliness, shown);
    row.compare("score", &petition.score, &said.score, shown);
    row.compare("answer_count", &petition.answer_count, &said.answer_count, count);
    row.compare("reopening_count", &petition.reopening_count, &said.reopening_count, count);
    let sent = case.answers.iter().filter(|answer| answer.answered_at.is_some()).count();
    if usize::try_from(said.answer_count) != Ok(sent) {
        row.findings.push(format!("{sent} answers were sent, the timeline says {}", said.answer_count));
    }
}

fn told(entry: &crate::petitions::rules::timeline::TimelineEntry) -> ReplayEntry {
    ReplayEntry {
        at: entry.at,
        action: entry.action,
        status: entry.status,
        agency_id: entry.agency_id,
        due_at: entry.due_at,
        score: entry.score,
    }
}

fn requests(case: &PetitionRecords<'_>, row: &mut RowFindings) {
    let (mut extension, mut reopening, mut hops) = (RequestState::None, RequestState::None, 0);
    for (entry, _) in case.entries {
        match entry.action {
            Action::Extend => extension = RequestState::Asked,
            Action::GrantExtension => extension = RequestState::Granted,
            Action::DenyExtension => extension = RequestState::Denied,
            Action::Reopen => reopening = RequestState::Asked,
            Action::GrantReopening => reopening = RequestState::Granted,
            Action::DenyReopening => reopening = RequestState::Denied,
            Action::Transfer => hops += 1,
            _ => {}
        }
    }
    row.compare("extension", &case.petition.extension, &extension, ToString::to_string);
    row.compare("reopening", &case.petition.reopening, &reopening, ToString::to_string);
    row.compare("hop_count", &case.petition.hop_count, &hops, ToString::to_string);
}

/// A waiting petition needs a time at which the system acts, or it would wait for ever.
fn waiting(case: &PetitionRecords<'_>, row: &mut RowFindings) {
    let petition = case.petition;
    let is_waiting = petition.status == Status::WaitingForPetitioner;
    let system_has_to_act = is_waiting || (petition.status == Status::Answered && petition.reopening != RequestState::Asked);
    if petition.paused_at.is_some() != is_waiting {
        row.findings.push(format!("it is {}, and paused_at is {}", petition.status, moment(&petition.paused_at)));
    }
    if petition.system_due_at.is_some() != system_has_to_act {
        row.findings.push(format!("it is {}, and system_due_at is {}", petition.status, moment(&petition.system_due_at)));
    }
}

fn original(case: &PetitionRecords<'_>, row: &mut RowFindings) {
    let petition = case.petition;
    match (petition.status == Status::Duplicate, petition.merged_into_id, case.original) {
        (false, None, _) => {}
        (false, Some(_), _) => row.findings.push(format!("it is {} and names a petition that it repeats", petition.status)),
        (true, None, _) => row.findings.push("it is a duplicate of nothing".to_owned()),
        (true, Some(id), _) if id == petition.id => row.findings.push("it is a duplicate of itself".to_owned()),
        (true, Some(id), None) => row.findings.push(format!("it is a duplicate of petition {id}, which does not exist")),
        (true, Some(_), Some(Status::Duplicate)) => row.findings.push("it is a duplicate of a duplicate".to_owned()),
        (true, Some(_), Some(_)) => {}
    }
}
