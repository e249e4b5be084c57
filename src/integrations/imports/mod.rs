//! Imports old petitions of another system from a CSV file: all lines or none.
//!
//! Enters: a file with one petition per line. Leaves: how many were imported. A petition is identified by its number
//! in the other system: importing the same file again changes nothing, and a number whose line has changed is an
//! error. All bad lines are reported before anything is stored. Petitions are stored through [`history`] with their
//! original times, in order of receipt.

pub mod http;
mod line;
mod read;

use crate::accounts::rules::password::Password;
use crate::accounts::store::profiles::{self, AccountChanges, LoginName};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::directory::store::{directory_digests, state as directory_state};
use crate::integrations::partner_api::store as partners;
use crate::kernel::account::{AccountKind, AccountState, NewAccount, PasswordHash};
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::AccountId;
use crate::kernel::{Instant, text};
use crate::petitions::event::FilingOrigin;
use crate::petitions::history::{self, ImportedPetition};
use crate::petitions::store::state;
use line::PetitionLineFields;
pub use read::{COLUMNS, MOST_LINES};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// The account used as author of the imported answers; nobody can sign in with it.
const ACCOUNT: &str = "nhap-lieu-cu";
/// How often an import is replanned because of a concurrent import; each time one of them has made progress.
const ATTEMPTS: u32 = 8;

/// What an import did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct ImportReport {
    /// Petitions that were entered.
    pub created: usize,
    /// Petitions that were entered by an earlier import.
    pub unchanged: usize,
    /// Whether nothing was stored.
    pub dry_run: bool,
}

/// Imports the petitions of a file; `source` names the originating system.
///
/// # Errors
/// [`ServiceError::Invalid`] with fields `lines.<number>.<column>` for every problem in the file, and on `source`.
/// Nothing is stored then.
pub async fn import(app: &App, by: &AuditActor, source: &str, file: &[u8], dry_run: bool) -> Result<ImportReport, ServiceError> {
    let source = text::clean_line(source, 1, 50).map_err(|rule| ServiceError::invalid("source", rule))?;
    let (app, lines, now) = (&app.in_background(), Arc::new(read::lines(file)?), app.now());
    let mut attempts = ATTEMPTS;
    loop {
        let (app_, of, lines) = (app.clone(), source.clone(), Arc::clone(&lines));
        let plan = app.db.read(move |connection| plan(&app_, connection, &of, &lines, now)).await?;
        let report = ImportReport { created: plan.new.len(), unchanged: plan.unchanged, dry_run };
        if dry_run || plan.new.is_empty() {
            return Ok(report);
        }
        // The password is random and never revealed, so nobody can sign in.
        let password = app.passwords.hash(Password::attempt(&crate::petitions::file::salt(app.entropy.as_ref()))).await?;
        let (app_, of) = (app.clone(), source.clone());
        let stored = audit::transaction(app, by, move |connection| {
            store(&app_, connection, &of, &plan, &password)?;
            let event = AuditEvent::new("import_petitions", "petition_import", &of);
            Ok::<_, ServiceError>(((), event.with("created", report.created).with("unchanged", report.unchanged)))
        });
        match stored.await {
            // A concurrent import stored some of the same petitions; plan again with them.
            Err(ServiceError::Storage(error)) if error.is_taken() && attempts > 1 => attempts -= 1,
            Err(error) => return Err(error),
            Ok(()) => {
                tracing::info!(created = report.created, unchanged = report.unchanged, "petitions imported");
                return Ok(report);
            }
        }
    }
}

/// The petitions to import, in order of receipt, each with its number and the hash of its line.
struct PetitionImportPlan {
    new: Vec<(String, String, ImportedPetition)>,
    unchanged: usize,
}

fn plan(
    app: &App,
    connection: &mut DbConnection,
    source: &str,
    lines: &[PetitionLineFields],
    now: Instant,
) -> Result<PetitionImportPlan, ServiceError> {
    let directory = directory::current(app, connection)?;
    let known: HashMap<String, String> = partners::hashes_of(connection, source)?.into_iter().collect();
    let mut problems = FieldProblems::default();
    let mut plan = PetitionImportPlan { new: Vec::new(), unchanged: 0 };
    let mut seen: HashMap<&str, u64> = HashMap::new();
    for line in lines {
        if seen.insert(line.number(), line.place).is_some() {
            problems.add(line.field("number"), FieldRule::Duplicate);
            continue;
        }
        let hash = line.hash();
        match known.get(line.number()) {
            Some(stored) if partners::are_same(stored, &hash) => plan.unchanged += 1,
            // It was imported with other content; an existing timeline is not rewritten.
            Some(_) => {
                problems.add(line.field("number"), FieldRule::EnteredOtherwise(code_of(connection, source, line.number())?));
                checked(line, &directory, now, &mut problems)?;
            }
            None => {
                let past = checked(line, &directory, now, &mut problems)?;
                plan.new.extend(past.map(|past| (line.number().to_owned(), hash, past)));
            }
        }
    }
    problems.finish()?;
    plan.new.sort_by_key(|(_, _, past)| past.received_at);
    Ok(plan)
}

/// Returns the code of the petition imported under a number.
fn code_of(connection: &mut DbConnection, source: &str, number: &str) -> Result<String, StorageError> {
    let known = partners::petition(connection, source, number)?.ok_or(StorageError::Missing)?;
    Ok(state::find(connection, known.petition_id)?.ok_or(StorageError::Missing)?.code)
}

/// Parses a line; `None`, with the problems recorded, if it is invalid.
fn checked(
    line: &PetitionLineFields,
    directory: &Directory,
    now: Instant,
    problems: &mut FieldProblems,
) -> Result<Option<ImportedPetition>, ServiceError> {
    match past(line, directory, now) {
        Ok(past) => Ok(Some(past)),
        Err(ServiceError::Invalid(wrong)) => {
            wrong.into_iter().for_each(|problem| problems.add(line.field(column_of(&problem.field)), problem.rule));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn past(line: &PetitionLineFields, directory: &Directory, now: Instant) -> Result<ImportedPetition, ServiceError> {
    let past = line.past(directory, now)?;
    history::fits(directory, &past)?;
    Ok(past)
}

/// Returns the CSV column for an API field, whose names are nested.
fn column_of(field: &str) -> &str {
    match field.rsplit('.').next().unwrap_or(field) {
        "content" if field == "answer.content" => "answer",
        "kind" if field == "petitioner.kind" => "petitioner_kind",
        column => column,
    }
}

fn store(
    app: &App,
    connection: &mut DbConnection,
    source: &str,
    plan: &PetitionImportPlan,
    password: &PasswordHash,
) -> Result<(), ServiceError> {
    let account = account(connection, password, app.now())?;
    for (number, hash, past) in &plan.new {
        let name = FilingOrigin::Partner { partner: source.to_owned(), partner_id: number.clone(), body_hash: hash.clone() };
        history::enter(app, connection, past, account, name)?;
    }
    // Statistics of past periods have changed; raising the version invalidates cached ones.
    directory_state::raise(connection)?;
    directory_digests::append(connection, app.now())?;
    Ok(())
}

fn account(connection: &mut DbConnection, password: &PasswordHash, now: Instant) -> Result<AccountId, StorageError> {
    let login = LoginName { username: Some(ACCOUNT.to_owned()), phone: None, email: None };
    if let Some((account, _)) = profiles::find_by_login(connection, &login)? {
        return Ok(account.id);
    }
    let account = NewAccount {
        kind: AccountKind::Officer,
        username: Some(ACCOUNT.to_owned()),
        phone: None,
        email: None,
        full_name: "Dữ liệu nhập từ hệ thống cũ".to_owned(),
        password: password.clone(),
        must_change_password: true,
        agency_id: None,
        personal_id: None,
        company_name: None,
        tax_code: None,
        created_at: now,
        roles: Vec::new(),
    };
    let id = profiles::insert(connection, &account)?;
    let disabled = AccountChanges { state: Some(AccountState::Disabled), ..AccountChanges::default() };
    profiles::change(connection, id, 1, &disabled, None)?;
    Ok(id)
}
