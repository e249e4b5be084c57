//! `pakn reorganise <folder> --on <day>`: applies a reorganisation of agencies and areas, or with `--dry-run`
//! only reports its effects.

use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::load_reference::LoadError;
use crate::reform::{self, ReformFile, ReformFiles, ReformReport};
use anyhow::{Context, bail};
use chrono::{Datelike, NaiveDate};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Applies a reform given as agencies-YYYY.csv, areas-YYYY.csv and successors-YYYY.csv.
#[derive(Debug, clap::Args)]
pub(super) struct Reorganise {
    /// Folder with one file of each kind for the year of the day.
    folder: PathBuf,
    /// First day of the new agencies and areas, such as 2025-07-01; the old ones end on the day before.
    #[arg(long)]
    on: NaiveDate,
    /// Says what would change and move, and stores nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Reorganise {
    /// Applies everything or nothing, and prints the changes.
    pub async fn run(self, app: &App) -> anyhow::Result<()> {
        let files = read(&self.folder, self.on)?;
        let done = match self.dry_run {
            true => reform::dry_run(app, files, self.on).await,
            false => reform::reorganise(app, &AuditActor::operator(), files, self.on).await,
        };
        match done {
            Ok(report) => show(&text(&report)),
            Err(LoadError::Faulty(problems)) => {
                problems.iter().for_each(|problem| errln!("{problem}"));
                bail!("{} problems, nothing was changed", problems.len());
            }
            Err(LoadError::Service(error)) => Err(super::account::refused(error)),
        }
    }
}

/// Writes to standard output; a closed pipe (`… | head`) is no error.
fn show(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn read(folder: &Path, on: NaiveDate) -> anyhow::Result<ReformFiles> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(ReformFiles {
        areas: file(folder, &names, "areas", on)?,
        agencies: file(folder, &names, "agencies", on)?,
        successors: file(folder, &names, "successors", on)?,
    })
}

/// Reads the file of one kind; a missing one is reported together with all other problems.
fn file(folder: &Path, names: &[String], kind: &str, on: NaiveDate) -> anyhow::Result<ReformFile> {
    // The year is part of the file name: otherwise files of another year could take effect unnoticed.
    let name = format!("{kind}-{}.csv", on.year());
    if !names.contains(&name) {
        return Ok(ReformFile { name, bytes: None });
    }
    let path = folder.join(&name);
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(ReformFile { name, bytes: Some(bytes) })
}

/// Formats the report as a table.
fn text(report: &ReformReport) -> String {
    let mut text = String::new();
    if report.is_empty() {
        let _ = writeln!(text, "nothing to change: everything is as the files say on {}", report.on);
    } else {
        moves(&mut text, report);
    }
    for left in &report.without_successor {
        let (code, name) = (&left.agency.code, &left.agency.name);
        let _ = writeln!(
            text,
            "without successor: {code} {name}: {} petitions to the coordinator, {} officers without a place",
            left.petitions, left.officers
        );
    }
    for rule in &report.rules {
        let place = |old: &Option<String>, new: &str| match old {
            Some(old) if new.is_empty() => format!(", {old} has no successor"),
            Some(old) => format!(", {old} → {new}"),
            None => String::new(),
        };
        let agency = rule.new_agency.as_deref().filter(|new| Some(*new) != rule.old_agency.as_deref());
        let agency = agency.map_or_else(String::new, |new| place(&rule.old_agency, new));
        let _ = writeln!(text, "rule {} {}{}{agency}", rule.id, rule.name, place(&rule.old_area, &rule.new_areas.join(", ")));
    }
    let _ = writeln!(
        text,
        "{}: {} agencies ended, {} begun; {} areas ended, {} begun; {} successions; {} petitions moved, {} to the coordinator; \
         {} officers moved; {} rules changed",
        if report.dry_run { "dry run, nothing was stored" } else { "done" },
        report.agencies_ended,
        report.agencies_begun,
        report.areas_ended,
        report.areas_begun,
        report.successions,
        report.petitions_moved,
        report.petitions_to_coordinator,
        report.officers_moved,
        report.rules_changed,
    );
    text
}

fn moves(text: &mut String, report: &ReformReport) {
    if report.moves.is_empty() {
        return;
    }
    let width = |codes: &mut dyn Iterator<Item = &String>| codes.map(String::len).max().unwrap_or_default();
    let from = width(&mut report.moves.iter().map(|row| &row.from.code));
    let to = width(&mut report.moves.iter().map(|row| &row.to.code));
    let _ = writeln!(text, "{:from$}   {:to$}  petitions  officers  successor", "from", "to");
    for row in &report.moves {
        let (old, new) = (&row.from.code, &row.to.code);
        let _ = writeln!(text, "{old:from$} → {new:to$}  {:9}  {:8}  {}", row.petitions, row.officers, row.to.name);
    }
}
