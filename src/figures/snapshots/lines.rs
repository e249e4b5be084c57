//! The petitions behind a report, one line each, without personal data or texts.
//!
//! Takes petitions of one month of receipt; returns tab-separated text with the columns [`COLUMNS`], sorted by code.
//! Columns are identified by position and are permanent: new ones may only be appended.

use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::figures::rules::PetitionFacts;
use crate::figures::rules::grain::month_of;
use crate::figures::statistics::query::FigureQuery;
use crate::figures::statistics::{CountedPetition, counted, counts_flows};
use crate::figures::store::snapshots::first_day;
use crate::kernel::Instant;
use crate::petitions::rules::Status;
use chrono::{Months, NaiveDate};

/// The columns of a line, in order.
pub(super) const COLUMNS: [&str; 18] = [
    "code",
    "counts_as",
    "agency",
    "district",
    "category",
    "area",
    "channel",
    "petitioner_kind",
    "urgency",
    "received_at",
    "state",
    "first_answered_at",
    "timeliness",
    "score",
    "due_at",
    "answers",
    "reopenings",
    "overdue",
];

/// Returns the first days of all months in which petitions of the query can have been received, in order.
pub(super) fn months(connection: &mut DbConnection, question: &FigureQuery) -> Result<Vec<NaiveDate>, StorageError> {
    let Some(earliest) = first_day(connection)? else { return Ok(Vec::new()) };
    let first = if counts_flows(question) { earliest } else { earliest.max(question.period.from()) };
    let last = question.period.to().min(question.as_of.local_date());
    let following = |month: &NaiveDate| month.checked_add_months(Months::new(1));
    Ok(std::iter::successors(Some(month_of(first)), following).take_while(|month| *month <= last).collect())
}

/// Returns the lines of one month and their number.
pub(super) fn of_month(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    month: NaiveDate,
) -> Result<(String, i64), StorageError> {
    let last = month.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(month);
    let mut petitions = counted(connection, directory, question, (month, last))?;
    petitions.sort_by(|one, other| one.code.cmp(&other.code));
    let text = petitions.iter().map(|petition| line(petition, question.as_of)).collect();
    Ok((text, i64::try_from(petitions.len()).unwrap_or(i64::MAX)))
}

fn line(petition: &CountedPetition, as_of: Instant) -> String {
    let CountedPetition { code, is_carried, agency, district, category, area, facts } = petition;
    let answered_at = facts.first_answered_at.map(Instant::to_rfc3339).unwrap_or_default();
    let timeliness = facts.timeliness.map(|word| word.to_string()).unwrap_or_default();
    let score = facts.score.map(|score| score.to_string()).unwrap_or_default();
    let is_overdue = facts.is_unanswered() && facts.due_at < as_of;
    let columns: [&str; COLUMNS.len()] = [
        code,
        if *is_carried { "carried" } else { "received" },
        agency,
        district,
        category,
        area,
        facts.channel.as_str(),
        facts.petitioner_kind.as_str(),
        facts.urgency.as_str(),
        &facts.received_at.to_rfc3339(),
        state(facts),
        &answered_at,
        &timeliness,
        &score,
        &facts.due_at.to_rfc3339(),
        &facts.answer_count.to_string(),
        &facts.reopening_count.to_string(),
        if is_overdue { "yes" } else { "no" },
    ];
    columns.join("\t") + "\n"
}

/// The state as counted: valid petitions are open or answered; all others are counted separately.
const fn state(facts: &PetitionFacts) -> &'static str {
    match facts.status {
        Status::Refused => "refused",
        Status::Withdrawn => "withdrawn",
        Status::Duplicate => "duplicate",
        status if status.is_open() => "open",
        _ => "answered",
    }
}
