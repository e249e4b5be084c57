//! Runs the query of a published report again with its original cut-off and returns the differences.
//!
//! Figures are counted from petitions and timelines, never from stored sums, so that corrupted sums are detected too.
//! It runs month by month of receipt, so memory does not grow with the number of petitions. Events after the cut-off
//! have no effect; differences come from corrections, changed counting rules or, with `agencies=today`, a new successor
//! agency.

use super::difference::{self, FigureChange, PetitionChange};
use super::lines::{months, of_month};
use super::question::{SnapshotQuestion, inside_the_question};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::RULE_VERSION;
use crate::figures::rules::snapshot_code::SnapshotCode;
use crate::figures::statistics::query::FigureQuery;
use crate::figures::statistics::{CheckedSummary, read_summary, recount_summary};
use crate::figures::store::snapshots::{self, SnapshotRow};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::{Instant, Lang};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The position of a petition in the list of differences.
pub type ChangeKey = (NaiveDate, String);

/// The requested page of differing petitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// Start after this petition.
    pub after: Option<ChangeKey>,
    /// Maximum number of items.
    pub limit: usize,
}

/// The result of a recompute.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotComparison {
    pub id: SnapshotCode,
    /// The published hash.
    pub sha256: String,
    /// The original cut-off.
    pub as_of: Instant,
    pub recomputed_at: Instant,
    /// The rule version of the published report.
    pub old_rule_version: String,
    /// Figures that differ.
    pub figures: Vec<FigureChange>,
    /// Number of petitions that differ.
    pub count: i64,
    /// One page of them, by month of receipt and code.
    pub items: Vec<PetitionChange>,
    /// The last item of the page, if there are more.
    pub next: Option<ChangeKey>,
}

impl SnapshotComparison {
    /// Returns whether there are no differences.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.old_rule_version == RULE_VERSION && self.figures.is_empty() && self.count == 0
    }
}

/// Recomputes a report.
///
/// # Errors
/// [`ErrorCode::SnapshotNotFound`]; `Invalid` when the stored query can no longer be parsed; database errors.
pub async fn recompute(app: &App, code: &SnapshotCode, part: ChangePage) -> Result<SnapshotComparison, ServiceError> {
    let (shared, now, code) = (app.clone(), app.now(), code.clone());
    app.db
        .read_bounded(move |connection| {
            let row = snapshots::find(connection, code.as_str())?.ok_or(ErrorCode::SnapshotNotFound)?;
            let directory = directory::current(&shared, connection)?;
            let asked = read_again(&directory, &row, now)?;
            let figures = figures(connection, &directory, &row, &asked)?;
            let mut listing = ChangeListing { part: &part, count: 0, items: Vec::new() };
            listing.look_through(connection, &directory, (&code, &asked.question))?;
            let (count, has_more) = (listing.count, listing.items.len() > part.limit);
            let mut items = listing.items;
            items.truncate(part.limit);
            let next = items.last().filter(|_| has_more).map(|item| (item.received_in, item.code.clone()));
            Ok(SnapshotComparison {
                id: code.clone(),
                sha256: row.sha256,
                as_of: row.as_of,
                recomputed_at: now,
                old_rule_version: row.rule_version,
                figures,
                count,
                items,
                next,
            })
        })
        .await
}

/// Parses the query as of its publication, because the comparison period depends on the time of the request. With
/// `agencies=today`, the current agencies apply.
fn read_again(directory: &Directory, row: &SnapshotRow, now: Instant) -> Result<CheckedSummary, ServiceError> {
    let question: SnapshotQuestion = serde_json::from_str(&row.question).map_err(|_| damaged())?;
    let mut asked = read_summary(directory, row.created_at, &question.words()).map_err(inside_the_question)?;
    asked.question.now = now;
    if let Some(then) = &mut asked.then {
        then.now = now;
    }
    Ok(asked)
}

fn figures(
    connection: &mut DbConnection,
    directory: &Directory,
    row: &SnapshotRow,
    asked: &CheckedSummary,
) -> Result<Vec<FigureChange>, ServiceError> {
    let old = serde_json::from_str(&row.figures).map_err(|_| damaged())?;
    let new = recount_summary(connection, directory, asked, Lang::default())?;
    let new = serde_json::to_value(&new).map_err(|_| ServiceError::Internal("figures cannot be written as JSON"))?;
    Ok(difference::figures(&old, &new))
}

const fn damaged() -> ServiceError {
    ServiceError::Internal("a stored snapshot cannot be read")
}

struct ChangeListing<'a> {
    part: &'a ChangePage,
    count: i64,
    items: Vec<PetitionChange>,
}

impl ChangeListing<'_> {
    fn look_through(
        &mut self,
        connection: &mut DbConnection,
        directory: &Directory,
        (code, question): (&SnapshotCode, &FigureQuery),
    ) -> Result<(), StorageError> {
        let stored = snapshots::months(connection, code.as_str())?;
        let mut all: BTreeSet<NaiveDate> = stored.into_iter().map(|(received_in, ..)| received_in).collect();
        all.extend(months(connection, question)?);
        for month in all {
            let old = snapshots::month(connection, code.as_str(), month)?.map(|row| row.lines).unwrap_or_default();
            let (new, _) = of_month(connection, directory, question, month)?;
            for change in difference::petitions(month, &old, &new) {
                self.take(change);
            }
        }
        Ok(())
    }

    fn take(&mut self, change: PetitionChange) {
        self.count += 1;
        let is_behind = |(month, code): &ChangeKey| (change.received_in, &change.code) > (*month, code);
        // One item more than requested shows that there is a next page.
        if self.part.after.as_ref().is_none_or(is_behind) && self.items.len() <= self.part.limit {
            self.items.push(change);
        }
    }
}
