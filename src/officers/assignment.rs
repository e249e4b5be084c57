//! Validates the assignment of an officer: an agency in force, and roles that are compatible.

use crate::directory::rules::agency::Agency;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::Role;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::AgencyId;
use crate::kernel::text;
use chrono::NaiveDate;

/// The field names for error responses.
pub(super) struct AssignmentFields {
    /// The agency's code.
    pub(super) agency: &'static str,
    pub(super) roles: &'static str,
}

/// The field names in JSON.
pub(super) const JSON_FIELDS: AssignmentFields = AssignmentFields { agency: "agency", roles: "roles" };

/// Returns the agency with a code on a day.
pub(super) fn agency_in_force(directory: &Directory, code: &str, day: NaiveDate) -> Result<AgencyId, FieldRule> {
    let code = code.trim();
    match directory.agency_by_code(code, day) {
        Some(Agency { id, .. }) => Ok(*id),
        None if directory.knows_agency_code(code) => Err(FieldRule::NotInForce(day)),
        None => Err(FieldRule::UnknownCode),
    }
}

/// Returns the roles without duplicates, in the order of docs/contract.md §5.1.
pub(super) fn officer_roles(problems: &mut FieldProblems, field: &str, roles: &[Role]) -> Vec<Role> {
    if roles.is_empty() {
        problems.add(field, FieldRule::Required);
    }
    if roles.iter().any(|role| role.is_petitioner()) {
        problems.add(field, FieldRule::OneOf(Role::OF_OFFICERS.iter().map(|role| role.as_str().to_owned()).collect()));
    }
    let mut roles = roles.to_vec();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Validates agency and roles together: roles that work on documents require an agency.
pub(super) fn place(
    problems: &mut FieldProblems,
    fields: &AssignmentFields,
    directory: &Directory,
    day: NaiveDate,
    agency: Option<&str>,
    roles: &[Role],
) -> (Option<AgencyId>, Vec<Role>) {
    let roles = officer_roles(problems, fields.roles, roles);
    let agency = match agency.filter(|code| !text::is_empty(code)) {
        Some(code) => problems.take(fields.agency, agency_in_force(directory, code, day)),
        None if roles.iter().any(|role| role.needs_agency()) => problems.take(fields.agency, Err(FieldRule::Required)),
        None => None,
    };
    (agency, roles)
}
