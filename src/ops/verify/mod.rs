//! Whether everything that is stored agrees with everything else: registers, timelines, petitions, figures, publications,
//! published reports, personal data with their keys, the audit record with its signed heads, and the database below them.
//!
//! Enters a [`Db`], leave [`ReportLine`]s: each finding as it is found, and each check with what it has looked at. Called by
//! `pakn verify`, by the worker at night ([`figures()`]) and by tests. Rules: nothing is written or repaired; every span is
//! read in one transaction, so that it may run while petitions are filed; memory does not grow with the petitions.

mod accounts;
mod audit;
mod audit_anchors;
mod audit_heads;
mod audit_triggers;
mod chain;
mod directory;
mod documents;
mod evidence;
pub(super) mod figures;
pub(super) mod files;
mod personal;
mod petitions;
mod publications;
mod record_digests;
mod registers;
mod row;
mod snapshots;

pub use audit_heads::signers;
pub use figures::figures;
pub use files::files;

use crate::db::service_error::ServiceError;
use crate::db::{Db, StorageError, dialect, migrate};

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check that found it.
    pub check: &'static str,
    /// What is wrong, with the name of the thing.
    pub sentence: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.check, self.sentence)
    }
}

/// A check that has come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// Its name.
    pub name: &'static str,
    /// What it has looked at.
    pub looked_at: String,
    /// How many findings it had.
    pub findings: usize,
}

impl std::fmt::Display for CheckResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.findings == 0 { "ok " } else { "BAD" };
        write!(f, "{verdict} {}: {}", self.name, self.looked_at)?;
        match self.findings {
            0 => Ok(()),
            1 => write!(f, "; 1 finding"),
            count => write!(f, "; {count} findings"),
        }
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportLine {
    /// Something is wrong.
    Finding(Finding),
    /// A check has ended.
    Check(CheckResult),
}

/// Where the lines go.
pub type ReportSink<'a> = &'a mut (dyn FnMut(ReportLine) + Send);

/// Runs every check and returns how many findings there were.
///
/// # Errors
/// Only those of the database: it could not be read to the end.
pub async fn everything(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut findings = database(db, sink).await?;
    findings += directory::check(db, sink).await?;
    findings += accounts::check(db, sink).await?;
    findings += registers::check(db, sink).await?;
    findings += petitions::check(db, sink).await?;
    findings += personal::check(db, sink).await?;
    findings += publications::check(db, sink).await?;
    findings += snapshots::check(db, sink).await?;
    findings += figures(db, None, sink).await?;
    findings += record(db, sink).await?;
    Ok(findings)
}

/// The audit record, its signed heads, the places that have them, and what keeps it from being changed.
///
/// # Errors
/// Only those of the database: it could not be read to the end.
pub async fn record(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let findings = audit::check(db, sink).await? + audit_anchors::check(db, sink).await?;
    Ok(findings + audit_triggers::check(db, sink).await?)
}

/// The files or relations below everything, and their migrations.
async fn database(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("database");
    let missing = db.read(migrate::pending).await?;
    if !missing.is_empty() {
        // Every other check would fail on a column that is not there.
        return Err(StorageError::Settings(format!("migrations are missing: {}", missing.join(", "))).into());
    }
    let faults = db.read(dialect::integrity::faults).await?;
    check.find_all(faults, sink);
    Ok(check.end("pages, indexes and references".to_owned(), sink))
}

/// Counts the findings of one check on their way out.
struct RunningCheck {
    name: &'static str,
    findings: usize,
}

impl RunningCheck {
    const fn new(name: &'static str) -> Self {
        Self { name, findings: 0 }
    }

    fn find_all(&mut self, sentences: Vec<String>, sink: ReportSink<'_>) {
        self.findings += sentences.len();
        for sentence in sentences {
            sink(ReportLine::Finding(Finding { check: self.name, sentence }));
        }
    }

    fn end(self, looked_at: String, sink: ReportSink<'_>) -> usize {
        sink(ReportLine::Check(CheckResult { name: self.name, looked_at, findings: self.findings }));
        self.findings
    }
}
