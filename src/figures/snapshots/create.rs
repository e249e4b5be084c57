//! Publishes a report: takes a title and a query; stores a snapshot.
//!
//! Figures and petitions are read from one database snapshot, and everything is stored in one transaction. Counting
//! happens before that transaction, because on SQLite a write transaction blocks all filing of petitions.

use super::digest::{digest, sha256};
use super::lines::{months, of_month};
use super::question::{SnapshotQuestion, inside_the_question};
use super::read::{Snapshot, find};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::idempotency::{RequestKey, once};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::RULE_VERSION;
use crate::figures::rules::snapshot_code::SnapshotCode;
use crate::figures::statistics::{answer_summary, read_summary};
use crate::figures::store::snapshots::{MonthHead, MonthRow, SnapshotRow, insert, insert_month};
use crate::kernel::account::Actor;
use crate::kernel::{Lang, text};

/// Minimum and maximum characters of a title, as for petitions.
const TITLE: (usize, usize) = (5, 200);

/// The report to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSnapshot {
    /// A single line.
    pub title: String,
    pub question: SnapshotQuestion,
}

/// Publishes a report.
///
/// # Errors
/// `Invalid` names every invalid field;
/// [`IdempotencyKeyReused`](crate::kernel::error_code::ErrorCode::IdempotencyKeyReused).
pub async fn publish(
    app: &App,
    actor: &Actor,
    new: NewSnapshot,
    key: Option<RequestKey>,
    lang: Lang,
) -> Result<Snapshot, ServiceError> {
    let (shared, now, by) = (app.clone(), app.now(), actor.account_id);
    let code = SnapshotCode::new(app.entropy.bits());
    let made = app
        .db
        .read_bounded(move |connection| {
            let directory = directory::current(&shared, connection)?;
            let mut row = SnapshotRow {
                code: code.as_str().to_owned(),
                title: String::new(),
                created_at: now,
                created_by: by,
                as_of: now,
                rule_version: RULE_VERSION.to_owned(),
                question: String::new(),
                figures: String::new(),
                sha256: String::new(),
            };
            let months = fill(connection, &directory, &mut row, &new, lang)?;
            Ok::<_, ServiceError>((row, months))
        })
        .await?;
    let by = AuditActor::account(actor);
    let code = app
        .db
        .write(move |connection| {
            let stored = once(connection, key.as_ref(), "", now, |connection, _| {
                let code = store(connection, &made)?;
                let event = AuditEvent::new("publish_snapshot", "snapshot", &made.0.code).with("sha256", made.0.sha256.clone());
                audit::write(connection, &by, now, &event)?;
                Ok(code)
            })?;
            Ok::<_, ServiceError>(stored.body)
        })
        .await?;
    find(app, &code).await
}

/// Runs the query and builds the rows.
fn fill(
    connection: &mut DbConnection,
    directory: &Directory,
    row: &mut SnapshotRow,
    new: &NewSnapshot,
    lang: Lang,
) -> Result<Vec<MonthRow>, ServiceError> {
    let title = text::clean_line(&new.title, TITLE.0, TITLE.1).map_err(|rule| ServiceError::invalid("title", rule));
    let asked = read_summary(directory, row.created_at, &new.question.words()).map_err(inside_the_question);
    let (title, asked) = match (title, asked) {
        (Ok(title), Ok(asked)) => (title, asked),
        // All form errors are reported at once.
        (Err(ServiceError::Invalid(mut first)), Err(ServiceError::Invalid(others))) => {
            first.extend(others);
            return Err(ServiceError::Invalid(first));
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    row.title = title;
    row.as_of = asked.question.as_of;
    row.question = json(&new.question.spelled_out(&asked))?;
    row.figures = json(&answer_summary(connection, directory, &asked, lang)?)?;
    let mut stored = Vec::new();
    for received_in in months(connection, &asked.question)? {
        let (lines, petition_count) = of_month(connection, directory, &asked.question, received_in)?;
        if petition_count > 0 {
            let sha256 = sha256(&lines);
            stored.push(MonthRow { snapshot_code: row.code.clone(), received_in, petition_count, lines, sha256 });
        }
    }
    let heads: Vec<MonthHead> =
        stored.iter().map(|month| (month.received_in, month.petition_count, month.sha256.clone())).collect();
    row.sha256 = digest(row, &heads);
    Ok(stored)
}

fn store(connection: &mut DbConnection, (row, months): &(SnapshotRow, Vec<MonthRow>)) -> Result<SnapshotCode, StorageError> {
    insert(connection, row)?;
    for month in months {
        insert_month(connection, month)?;
    }
    row.code.parse().map_err(|_| StorageError::Query("the code of a snapshot is none".to_owned()))
}

fn json(value: &impl serde::Serialize) -> Result<String, ServiceError> {
    serde_json::to_string(value).map_err(|_| ServiceError::Internal("a snapshot cannot be written as JSON"))
}
