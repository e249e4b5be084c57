//! The definitions of the figures, word by word and petition by petition, without any of the machinery that is tested.

use crate::history::Life;
use pakn::figures::rules::period::Period;
use pakn::kernel::Instant;
use pakn::petitions::rules::Status;
use pakn::petitions::store::PetitionRow;

/// What the definitions say about all petitions that `meant` lets through by their state at the cut-off.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub received: i64,
    pub handled: i64,
    pub processing_ms: i64,
    pub early: i64,
    pub on_time: i64,
    pub late: i64,
    pub overdue: i64,
    pub score_sum: i64,
    pub rated: i64,
    pub refused: i64,
    pub withdrawn: i64,
    pub duplicates: i64,
    pub open: i64,
}

/// The state after the last event up to an instant.
pub fn state_at(life: &Life, at: Instant) -> Option<&PetitionRow> {
    life.iter().rev().find(|(when, _)| *when <= at).map(|(_, row)| row)
}

/// Petitions received in the period, as they are at the cut-off.
pub fn of_period(lives: &[Life], period: Period, as_of: Instant, meant: impl Fn(&PetitionRow) -> bool) -> Said {
    let mut said = Said::default();
    for life in lives {
        let Some(row) = state_at(life, as_of) else { continue };
        if !period.contains(row.received_at.local_date()) || !meant(row) {
            continue;
        }
        match row.status {
            Status::Refused => said.refused += 1,
            Status::Withdrawn => said.withdrawn += 1,
            Status::Duplicate => said.duplicates += 1,
            _ => valid(&mut said, life, row, as_of),
        }
    }
    said
}

fn valid(said: &mut Said, life: &Life, row: &PetitionRow, as_of: Instant) {
    said.received += 1;
    said.open += i64::from(!matches!(row.status, Status::Answered | Status::Closed));
    let answer = life.iter().find(|(_, row)| row.status == Status::Answered).filter(|(at, _)| *at <= as_of);
    let Some((answered_at, at_answer)) = answer else {
        said.overdue += i64::from(as_of > row.due_at);
        return;
    };
    said.handled += 1;
    said.processing_ms += answered_at.millis_since(row.received_at);
    if *answered_at > at_answer.due_at {
        // Late is by the instant, even on the due day.
        said.late += 1;
    } else if answered_at.local_date() == at_answer.due_at.local_date() {
        said.on_time += 1;
    } else {
        said.early += 1;
    }
    if let Some(score) = row.score {
        said.rated += 1;
        said.score_sum += i64::from(score);
    }
}

/// Open petitions received up to a day, at an instant.
pub fn open_at(lives: &[Life], up_to: chrono::NaiveDate, at: Instant, meant: impl Fn(&PetitionRow) -> bool) -> i64 {
    let is_open = |row: &&PetitionRow| {
        matches!(
            row.status,
            Status::Received | Status::Assigned | Status::InProgress | Status::WaitingForPetitioner | Status::AwaitingApproval
        )
    };
    let states = lives.iter().filter_map(|life| state_at(life, at));
    let counted = states.filter(is_open).filter(|row| row.received_at.local_date() <= up_to && meant(row));
    counted.count() as i64
}
