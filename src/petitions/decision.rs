//! What the directory decides for a new petition: category and area from their codes, the receiving agency, and the
//! deadline.
//!
//! Takes a validated filing and returns a [`FilingDecision`] for `file` to store. The decision must use the directory
//! of the storing transaction. It is computed before the transaction with the newest known directory, to keep SQLite's
//! single write lock short, and computed again inside the transaction if the directory has changed meanwhile.

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

/// The decision about a new petition.
#[derive(Debug, Clone)]
pub(crate) struct FilingDecision {
    /// In force on the day of filing.
    pub category_id: CategoryId,
    /// The commune in force on the day of filing.
    pub area_id: AreaId,
    /// The receiving agency and the rule that chose it.
    pub routing: Routing,
    pub rule_id: DeadlineRuleId,
    pub deadline: Deadline,
    /// The deadline explanation as stored (JSON).
    pub explanation: String,
}

/// A decision computed ahead with its directory version; `None` when no directory was known or a code did not fit.
pub(crate) struct PreparedDecision(Option<(i64, FilingDecision)>);

impl PreparedDecision {
    /// Decides with the newest directory this process has loaded.
    pub fn ahead(app: &App, filing: &Filing, now: Instant) -> Self {
        let decided = |directory: &Directory| Some((directory.version(), decide(directory, filing, now).ok()?));
        Self(app.directory.newest().and_then(|directory| decided(&directory)))
    }

    /// Returns the agency in whose register the petition will be entered, as far as known before the transaction.
    pub fn agency(&self) -> Option<i64> {
        self.0.as_ref().and_then(|(_, decision)| decision.routing.agency_id).map(|agency| agency.0)
    }

    /// Returns the decision for this directory, computing it again if the directory version differs.
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

/// Decides with this directory.
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

/// Looks up the codes as of the day of filing, because the reform of 2025 gave old codes to new areas.
fn look_up(directory: &Directory, filing: &Filing, now: Instant) -> Result<(CategoryId, AreaId), Vec<FieldProblem>> {
    let today = now.local_date();
    match (category_of(directory, &filing.category, today), area_of(directory, &filing.area, today)) {
        (Ok(category), Ok(area)) => Ok((category, area)),
        (category, area) => Err([category.err(), area.err()].into_iter().flatten().collect()),
    }
}

/// Validates a form completely. Category and area codes are checked even when other fields are wrong, so that all
/// problems are reported at once.
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

fn area_of(directory: &Directory, code: &str, today: NaiveDate) -> Result<AreaId, FieldProblem> {
    let area = directory.area_by_code(code, today);
    let area = area.ok_or_else(|| FieldProblem::new("area", missing(directory.knows_area_code(code), today)))?;
    if area.level() == Level::Commune { Ok(area.id) } else { Err(FieldProblem::new("area", FieldRule::NotAllowed)) }
}

const fn missing(is_known: bool, today: NaiveDate) -> FieldRule {
    if is_known { FieldRule::NotInForce(today) } else { FieldRule::UnknownCode }
}
