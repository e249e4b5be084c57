//! Compares the lines with the existing accounts: to create, to update, or unchanged.

use super::read::{OfficerLine, field};
use crate::accounts::rules::password::Password;
use crate::accounts::rules::username::Username;
use crate::accounts::store::officers::{owners_of_emails, with_usernames};
use crate::accounts::store::profiles::AccountChanges;
use crate::accounts::{fields, new_password};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, NewAccount, PasswordHash, Role};
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, AgencyId};
use crate::officers::assignment::{AssignmentFields, agency_in_force, place};
use std::collections::{HashMap, HashSet};

/// Everything an import will store.
#[derive(Default)]
pub(super) struct OfficerImportPlan {
    pub(super) new: Vec<PlannedAccount>,
    pub(super) changes: Vec<PlannedAccountChange>,
    pub(super) unchanged: usize,
}

/// An account to create.
pub(super) struct PlannedAccount {
    pub(super) line: u64,
    pub(super) account: NewAccount,
    pub(super) given_password: Option<Password>,
    pub(super) initial_password: Option<Password>,
}

/// An account to update.
pub(super) struct PlannedAccountChange {
    pub(super) line: u64,
    pub(super) id: AccountId,
    pub(super) version: i32,
    pub(super) columns: AccountChanges,
    pub(super) roles: Option<Vec<Role>>,
}

/// A line with valid values.
struct CheckedOfficerLine {
    line: u64,
    username: String,
    full_name: String,
    email: Option<String>,
    agency_id: Option<AgencyId>,
    roles: Vec<Role>,
    password: Option<Password>,
}

/// Validates all lines against the rules, the directory, one another and the existing accounts.
///
/// # Errors
/// [`ServiceError::Invalid`] with all errors.
pub(super) fn plan(
    connection: &mut DbConnection,
    app: &App,
    directory: &Directory,
    lines: &[OfficerLine],
) -> Result<OfficerImportPlan, ServiceError> {
    let now = app.now();
    let mut problems = FieldProblems::default();
    let checked: Vec<CheckedOfficerLine> = lines.iter().filter_map(|line| check(line, app, directory, &mut problems)).collect();
    find_repetitions(&checked, &mut problems);
    let usernames: Vec<String> = checked.iter().map(|line| line.username.clone()).collect();
    let existing: HashMap<String, Account> = with_usernames(connection, &usernames)?
        .into_iter()
        .filter_map(|account| account.username.clone().map(|username| (username, account)))
        .collect();
    let emails: Vec<String> = checked.iter().filter_map(|line| line.email.clone()).collect();
    let owners: HashMap<String, AccountId> =
        owners_of_emails(connection, &emails)?.into_iter().filter_map(|(email, id)| email.map(|email| (email, id))).collect();
    let mut plan = OfficerImportPlan::default();
    for line in checked {
        let account = existing.get(&line.username);
        let owner = line.email.as_ref().and_then(|email| owners.get(email));
        if owner.is_some_and(|owner| account.is_none_or(|account| account.id != *owner)) {
            problems.add(field(line.line, "email"), FieldRule::Taken);
        }
        plan.take(line, account, now);
    }
    problems.finish()?;
    Ok(plan)
}

impl OfficerImportPlan {
    fn take(&mut self, line: CheckedOfficerLine, existing: Option<&Account>, now: Instant) {
        match existing {
            None => self.new.push(line.into_planned(now)),
            Some(account) => match line.difference(account) {
                Some(change) => self.changes.push(change),
                None => self.unchanged += 1,
            },
        }
    }
}

impl CheckedOfficerLine {
    fn into_planned(self, now: Instant) -> PlannedAccount {
        let account = NewAccount {
            kind: AccountKind::Officer,
            username: Some(self.username),
            phone: None,
            email: self.email,
            full_name: self.full_name,
            password: PasswordHash(String::new()),
            // The author of the file knows the password.
            must_change_password: true,
            agency_id: self.agency_id,
            personal_id: None,
            company_name: None,
            tax_code: None,
            created_at: now,
            roles: self.roles,
        };
        PlannedAccount { line: self.line, account, given_password: self.password, initial_password: None }
    }

    /// Returns the changes to an account; a file without an e-mail column keeps the stored e-mail.
    fn difference(self, account: &Account) -> Option<PlannedAccountChange> {
        let columns = AccountChanges {
            full_name: Some(self.full_name).filter(|name| *name != account.full_name),
            email: Some(self.email).filter(|email| email.is_some() && *email != account.email),
            agency_id: Some(self.agency_id).filter(|agency| *agency != account.agency_id),
            ..AccountChanges::default()
        };
        let roles = Some(self.roles).filter(|roles| *roles != account.roles);
        if columns == AccountChanges::default() && roles.is_none() {
            return None;
        }
        Some(PlannedAccountChange { line: self.line, id: account.id, version: account.version, columns, roles })
    }
}

fn check(line: &OfficerLine, app: &App, directory: &Directory, problems: &mut FieldProblems) -> Option<CheckedOfficerLine> {
    let now = app.now();
    let mut own = FieldProblems::default();
    let username = own.take("username", Username::parse(&line.username)).map(Username::into_string);
    let full_name = fields::required(&mut own, "full_name", Some(&line.full_name), fields::full_name);
    let email = fields::optional(&mut own, "email", Some(&line.email), fields::email);
    let roles = roles(&mut own, &line.roles);
    let names = AssignmentFields { agency: "agency_code", roles: "roles" };
    let (agency_id, roles) = match roles {
        Some(roles) => place(&mut own, &names, directory, now.local_date(), Some(&line.agency_code), &roles),
        None => {
            if !line.agency_code.is_empty() {
                own.take(names.agency, agency_in_force(directory, &line.agency_code, now.local_date()));
            }
            (None, Vec::new())
        }
    };
    let words = [username.as_deref(), full_name.as_deref(), email.as_deref()];
    let shortest = new_password::shortest(app, AccountKind::Officer, &roles);
    let password = if line.password.is_empty() {
        None
    } else {
        fields::new_password(&mut own, "password", (&line.password, shortest), &words)
    };
    if let Err(wrong) = own.finish() {
        for problem in wrong {
            problems.add(field(line.number, &problem.field), problem.rule);
        }
        return None;
    }
    Some(CheckedOfficerLine { line: line.number, username: username?, full_name: full_name?, email, agency_id, roles, password })
}

/// Parses the roles of a line, separated by semicolons.
fn roles(problems: &mut FieldProblems, text: &str) -> Option<Vec<Role>> {
    let words = text.split(';').map(str::trim).filter(|word| !word.is_empty());
    let roles: Result<Vec<Role>, FieldRule> = words.map(str::parse::<Role>).collect();
    let officers = || FieldRule::OneOf(Role::OF_OFFICERS.iter().map(|role| role.as_str().to_owned()).collect());
    problems.take("roles", roles.map_err(|_| officers()))
}

fn find_repetitions(lines: &[CheckedOfficerLine], problems: &mut FieldProblems) {
    let (mut usernames, mut emails) = (HashSet::new(), HashSet::new());
    for line in lines {
        if !usernames.insert(line.username.as_str()) {
            problems.add(field(line.line, "username"), FieldRule::Duplicate);
        }
        if line.email.as_deref().is_some_and(|email| !emails.insert(email)) {
            problems.add(field(line.line, "email"), FieldRule::Duplicate);
        }
    }
}
