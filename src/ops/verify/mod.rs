//! Checks that all stored data is consistent: registers, timelines, petitions, figures, publications, published
//! reports, encrypted personal data, the audit record with its signed heads, and the database itself.
//!
//! Takes a [`Db`] and emits [`ReportLine`]s: each finding as it is found, and a summary of each check. Called
//! by `pakn verify`, by the worker at night ([`figures()`]) and by tests. Rules: read-only, never repairs;
//! every page is read in one transaction, so that it may run while petitions are filed; memory use does not
//! grow with the number of petitions.

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

/// An inconsistency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check that found it.
    pub check: &'static str,
    /// Describes the inconsistency and names the row.
    pub sentence: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.check, self.sentence)
    }
}

/// Summary of a completed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    pub name: &'static str,
    /// What was checked, for example how many rows.
    pub looked_at: String,
    /// Number of findings.
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
    Finding(Finding),
    Check(CheckResult),
}

/// Receives the report lines.
pub type ReportSink<'a> = &'a mut (dyn FnMut(ReportLine) + Send);

/// Runs every check and returns the number of findings.
///
/// # Errors
/// Only database errors: the data could not be read completely.
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

/// Checks the audit record, its signed heads, its external anchors and its triggers.
///
/// # Errors
/// Only database errors: the data could not be read completely.
pub async fn record(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let findings = audit::check(db, sink).await? + audit_anchors::check(db, sink).await?;
    Ok(findings + audit_triggers::check(db, sink).await?)
}

/// Checks the integrity of the database files or relations, and the applied migrations.
async fn database(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("database");
    let missing = db.read(migrate::pending).await?;
    if !missing.is_empty() {
        // Every other check would fail on a missing column.
        return Err(StorageError::Settings(format!("migrations are missing: {}", missing.join(", "))).into());
    }
    let faults = db.read(dialect::integrity::faults).await?;
    check.find_all(faults, sink);
    Ok(check.end("pages, indexes and references".to_owned(), sink))
}

/// Counts the findings of a check and forwards them.
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
