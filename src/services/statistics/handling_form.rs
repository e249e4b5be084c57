//! The counts of Biểu II.06a/VPCP/KSTT (Circular 01/2020/TT-VPCP): what came in, what was handled and what is open, by row.
//!
//! In come the words of a request, out goes a [`HandlingForm`] whose columns add up by construction. Rules: a petition stands in
//! the row of whoever holds it at the cut-off; *carried* ones were received before the period, were not answered when it began and
//! still count; *handled* means first answered. One that was answered before the period and ceased to count later, after a
//! reopening, is taken off the handled ones again.

use super::answer::PeriodStatement;
use super::ask::{Reader, Words};
use super::groups::{Group, groups};
use super::question::Question;
use super::with_directory;
use crate::app::App;
use crate::domain::Lang;
use crate::domain::directory::Directory;
use crate::domain::measure::Measure;
use crate::domain::petition::Channel;
use crate::domain::statistics::{GroupBy, figures};
use crate::services::error::ServiceError;
use crate::storage::{DbConnection, StorageError};
use std::collections::BTreeMap;

/// The channels in which somebody of an agency has typed the petition.
const DIRECT: [Channel; 2] = [Channel::Phone, Channel::Counter];

const MEASURES: [Measure; 7] = [
    Measure::Received,
    Measure::Handled,
    Measure::HandledEarly,
    Measure::HandledOnTime,
    Measure::HandledLate,
    Measure::OpenNotDue,
    Measure::OpenOverdue,
];

/// One row, and the sum of all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandlingRow {
    /// Code of the agency or category.
    pub key: String,
    /// Its name.
    pub name: String,
    /// (4) Received in the period over the internet.
    pub online: i64,
    /// (5) Received in the period at the counter or by phone.
    pub direct: i64,
    /// (6) From before the period.
    pub carried: i64,
    /// (8) Handled before the due day.
    pub early: i64,
    /// (9) Handled on the due day.
    pub on_time: i64,
    /// (10) Handled late.
    pub late: i64,
    /// (12) Open and not due.
    pub not_due: i64,
    /// (13) Open and overdue.
    pub overdue: i64,
}

impl HandlingRow {
    /// (3) All that was to be handled: 4 + 5 + 6.
    #[must_use]
    pub const fn to_handle(&self) -> i64 {
        self.online + self.direct + self.carried
    }

    /// (7) Handled: 8 + 9 + 10.
    #[must_use]
    pub const fn handled(&self) -> i64 {
        self.early + self.on_time + self.late
    }

    /// (11) Open: 12 + 13.
    #[must_use]
    pub const fn open(&self) -> i64 {
        self.not_due + self.overdue
    }

    /// Adds what was handled and what is open, columns 8 to 13.
    fn count_work(&mut self, of: &dyn Fn(Measure) -> i64) {
        self.early += of(Measure::HandledEarly);
        self.on_time += of(Measure::HandledOnTime);
        self.late += of(Measure::HandledLate);
        self.not_due += of(Measure::OpenNotDue);
        self.overdue += of(Measure::OpenOverdue);
    }

    fn add(&mut self, other: &Self) {
        self.online += other.online;
        self.direct += other.direct;
        self.carried += other.carried;
        self.early += other.early;
        self.on_time += other.on_time;
        self.late += other.late;
        self.not_due += other.not_due;
        self.overdue += other.overdue;
    }
}

/// The form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlingForm {
    /// What the counts are about.
    pub period: PeriodStatement,
    /// One row for each agency or category that has anything to show.
    pub rows: Vec<HandlingRow>,
    /// The sum of the rows.
    pub total: HandlingRow,
}

/// Fills the form by agency.
///
/// # Errors
/// `Invalid` names every word that makes no sense; otherwise only those of the database.
pub async fn handling_form(app: &App, words: Words) -> Result<HandlingForm, ServiceError> {
    with_directory(app, move |connection, directory, now| {
        let mut reader = Reader::new(directory, now);
        let question = reader.question(&words, GroupBy::Agency, MEASURES.to_vec());
        let question = reader.finish(question)?;
        Ok(fill(connection, directory, &question)?)
    })
    .await
}

fn fill(connection: &mut DbConnection, directory: &Directory, question: &Question) -> Result<HandlingForm, StorageError> {
    let mut form = Form { connection, directory, rows: BTreeMap::new(), order: Vec::new() };
    form.each(question, |row, of| {
        row.online += of(Measure::Received);
        row.count_work(of);
    })?;
    for channel in DIRECT {
        let mut typed = Question { measures: vec![Measure::Received], ..question.clone() };
        if typed.filter.channel.replace(channel).is_none_or(|wanted| wanted == channel) {
            form.each(&typed, |row, of| {
                row.direct += of(Measure::Received);
                row.online -= of(Measure::Received);
            })?;
        }
    }
    if let Some(period) = question.period.past() {
        let carried = Question { period, ..question.clone() };
        form.each(&carried, |row, of| {
            row.count_work(of);
            row.carried += of(Measure::Received);
        })?;
        let answered = Question { as_of: period.ends_at(), ..carried };
        form.each(&answered, |row, of| {
            row.early -= of(Measure::HandledEarly);
            row.on_time -= of(Measure::HandledOnTime);
            row.late -= of(Measure::HandledLate);
            row.carried -= of(Measure::Handled);
        })?;
    }
    let Form { mut rows, order, .. } = form;
    let rows: Vec<HandlingRow> = order.iter().filter_map(|key| rows.remove(key)).filter(|row| !is_empty(row)).collect();
    let mut total = HandlingRow::default();
    rows.iter().for_each(|row| total.add(row));
    Ok(HandlingForm { period: PeriodStatement::of(question), rows, total })
}

fn is_empty(row: &HandlingRow) -> bool {
    HandlingRow { key: row.key.clone(), name: row.name.clone(), ..HandlingRow::default() } == *row
}

/// A form that is being filled; rows keep the order of the directory.
struct Form<'a> {
    connection: &'a mut DbConnection,
    directory: &'a Directory,
    rows: BTreeMap<String, HandlingRow>,
    order: Vec<String>,
}

impl Form<'_> {
    fn each(
        &mut self,
        question: &Question,
        mut put: impl FnMut(&mut HandlingRow, &dyn Fn(Measure) -> i64),
    ) -> Result<(), StorageError> {
        let cells = super::count::count(self.connection, self.directory, question)?;
        for group in groups(self.directory, question, &cells, Lang::Vi) {
            let figures = group.figures(&question.measures);
            let of = |measure: Measure| figures.get(measure).and_then(figures::Value::as_number).unwrap_or_default();
            let Group { key, name, .. } = group;
            if !self.rows.contains_key(&key) {
                self.order.push(key.clone());
            }
            let row = self.rows.entry(key.clone()).or_insert_with(|| HandlingRow { key, name, ..HandlingRow::default() });
            put(row, &of);
        }
        Ok(())
    }
}
