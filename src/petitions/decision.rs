//! What the directory decides of a filing: which category and area its codes mean, who gets it, and until when.
//!
//! In comes what was checked without a database, out goes a [`FilingDecision`] that `file` stores. Rule: a petition is decided by the
//! directory of its transaction. Deciding ahead of the transaction with the newest directory known keeps the single writer of
//! SQLite free for writing; should the directory have changed meanwhile, it is decided again.

use super::file::explanation;
use super::filing::{Filing, PetitionForm, check};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::area::Level;
use crate::directory::rules::deadline::Deadline;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::routing::Routing;
use crate::directory::rules::routing_rule::RoutingInput;
use crate::kernel::account::Account;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::ids::{AreaId, CategoryId, DeadlineRuleId};
use crate::kernel::{Instant, text};
use chrono::NaiveDate;
use std::borrow::Cow;

/// What was decided.
#[derive(Debug, Clone)]
pub(crate) struct FilingDecision {
    /// The category in force on the day of filing.
    pub category_id: CategoryId,
    /// The commune in force on the day of filing.
    pub area_id: AreaId,
    /// Who gets it, and by which rule.
    pub routing: Routing,
    /// The rule of the deadline.
    pub rule_id: DeadlineRuleId,
    /// Until when.
    pub deadline: Deadline,
    /// The deadline as it is stored.
    pub explanation: String,
}

/// A decision made ahead, and by which directory; none when no directory was known or something did not fit.
pub(crate) struct PreparedDecision(Option<(i64, FilingDecision)>);

impl PreparedDecision {
    /// Decides with the newest directory that this process has read.
    pub fn ahead(app: &App, filing: &Filing, now: Instant) -> Self {
        let decided = |directory: &Directory| Some((directory.version(), decide(directory, filing, now).ok()?));
        Self(app.directory.newest().and_then(|directory| decided(&directory)))
    }

    /// In the register of which agency the filing will be entered, as far as is known by now.
    pub fn agency(&self) -> Option<i64> {
        self.0.as_ref().and_then(|(_, decision)| decision.routing.agency_id).map(|agency| agency.0)
    }

    /// The decision by this directory.
    ///
    /// # Errors
    /// Codes that do not fit; `Internal` without a deadline rule or working sessions.
    pub fn for_directory(
        &self,
        directory: &Directory,
        filing: &Filing,
        now: Instant,
    ) -> Result<Cow<'_, FilingDecision>, ServiceError> {
        match &self.0 {
            Some((version, decision)) if *version == directory.version() => Ok(Cow::Borrowed(decision)),
            _ => decide(directory, filing, now).map(Cow::Owned),
        }
    }
}

/// Decides by this directory.
///
/// # Errors
/// Codes that do not fit; `Internal` without a deadline rule or working sessions.
pub(crate) fn decide(directory: &Directory, filing: &Filing, now: Instant) -> Result<FilingDecision, ServiceError> {
    let (category_id, area_id) = look_up(directory, filing, now)?;
    let routing = directory.route(&RoutingInput {
        category: category_id,
        area: area_id,
        petitioner_kind: filing.petitioner.kind,
        channel: filing.channel,
        folded_text: &filing.search_text,
        at: now,
    });
    let (rule_id, deadline) = directory
        .deadline(category_id, filing.urgency, now)
        .map_err(|_| ServiceError::Internal("no deadline rule fits or the calendar has no sessions"))?;
    let explanation = explanation(&deadline)?;
    Ok(FilingDecision { category_id, area_id, routing, rule_id, deadline, explanation })
}

/// Looks the codes up, on the day of filing: the reform of 2025 gave old codes to new areas.
fn look_up(directory: &Directory, filing: &Filing, now: Instant) -> Result<(CategoryId, AreaId), Vec<FieldProblem>> {
    let today = now.local_date();
    match (category_of(directory, &filing.category, today), area_of(directory, &filing.area, today)) {
        (Ok(category), Ok(area)) => Ok((category, area)),
        (category, area) => Err([category.err(), area.err()].into_iter().flatten().collect()),
    }
}

/// A form checked with everything that can be wrong with it: the codes too when something else is wrong already, so that nobody
/// learns of them only after the next attempt.
///
/// # Errors
/// Every rule that a field breaks.
pub(crate) async fn checked(app: &App, form: &PetitionForm, account: Option<&Account>) -> Result<Filing, ServiceError> {
    let mut problems = match check(form, account, &app.config.kinds_requiring_photo, app.config.attachments_per_petition) {
        Ok(filing) => return Ok(filing),
        Err(problems) => problems,
    };
    let (directory, today) = (directory::snapshot(app).await?, app.now().local_date());
    let code = |field: &str, code: Option<&String>| {
        let is_told = problems.iter().any(|problem| problem.field == field);
        code.filter(|_| !is_told).and_then(|code| text::clean_line(code, 1, 100).ok())
    };
    let (category, area) = (code("category", form.category.as_ref()), code("area", form.area.as_ref()));
    problems.extend(category.and_then(|code| category_of(&directory, &code, today).err()));
    problems.extend(area.and_then(|code| area_of(&directory, &code, today).err()));
    Err(problems.into())
}

fn category_of(directory: &Directory, code: &str, today: NaiveDate) -> Result<CategoryId, FieldProblem> {
    let category = directory.category_by_code(code, today).map(|category| category.id);
    category.ok_or_else(|| FieldProblem::new("category", missing(directory.knows_category_code(code), today)))
}

/// A commune.
fn area_of(directory: &Directory, code: &str, today: NaiveDate) -> Result<AreaId, FieldProblem> {
    let area = directory.area_by_code(code, today);
    let area = area.ok_or_else(|| FieldProblem::new("area", missing(directory.knows_area_code(code), today)))?;
    if area.level() == Level::Commune { Ok(area.id) } else { Err(FieldProblem::new("area", FieldRule::NotAllowed)) }
}

const fn missing(is_known: bool, today: NaiveDate) -> FieldRule {
    if is_known { FieldRule::NotInForce(today) } else { FieldRule::UnknownCode }
}
