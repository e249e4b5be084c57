//! Import of officers from a CSV file: all lines or none.
//!
//! Columns `username,full_name,agency_code,roles` and optionally `password` and `email`; roles are separated by
//! `;`. An existing user name is updated and keeps its password, so that the same file can be loaded again. Rule:
//! all invalid lines are reported before anything is stored.

mod plan;
mod read;

use super::Administrator;
use super::confirmation;
use crate::accounts::passwords::{HASHES_AT_ONCE, initial_password};
use crate::accounts::rules::password::Password;
use crate::accounts::store::profiles;
use crate::accounts::{audit_events, fields};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::kernel::Instant;
use crate::kernel::account::PasswordHash;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use futures_util::{StreamExt, TryStreamExt, stream};
use plan::{OfficerImportPlan, PlannedAccount};
use std::sync::Arc;

/// An account created by the import.
#[derive(Debug, Clone)]
pub struct ImportedOfficer {
    pub username: String,
    /// The generated password, unless the file had one; available only here.
    pub initial_password: Option<Password>,
}

/// The result of an import.
#[derive(Debug, Clone, Default)]
pub struct OfficerImportReport {
    /// New accounts, in file order.
    pub created: Vec<ImportedOfficer>,
    /// Number of updated accounts.
    pub changed: usize,
    /// Number of accounts that needed no change.
    pub unchanged: usize,
}

/// Imports officers from a CSV file; calls `progress` with the number of passwords hashed and the total.
///
/// # Errors
/// [`ServiceError::Invalid`] with fields `lines.<number>.<column>` for everything that is wrong in the file;
/// `role_missing` for anybody but an administrator. Nothing is stored then.
pub async fn import(
    app: &App,
    by: &Administrator,
    file: &[u8],
    progress: impl Fn(usize, usize),
) -> Result<OfficerImportReport, ServiceError> {
    by.require()?;
    let lines = read::lines(file)?;
    let owned = app.clone();
    let plan = app
        .db
        .read(move |connection| {
            let directory = directory::current(&owned, connection)?;
            plan::plan(connection, &owned, &directory, &lines)
        })
        .await?;
    let plan = Arc::new(with_passwords(app, plan, progress).await?);
    let (stored, administrator, writer, now) = (Arc::clone(&plan), by.clone(), AuditActor::from(by), app.now());
    audit::transaction(app, &AuditActor::from(by), move |connection| {
        store(connection, (&administrator, &writer, now), &stored)?;
        let event = AuditEvent::new("import_accounts", "account_import", "");
        let event = event.with("created", stored.new.len()).with("changed", stored.changes.len());
        Ok::<_, ServiceError>(((), event.with("unchanged", stored.unchanged)))
    })
    .await?;
    tracing::info!(
        created = plan.new.len(),
        changed = plan.changes.len(),
        unchanged = plan.unchanged,
        "officer accounts imported"
    );
    let created = plan.new.iter().map(|new| ImportedOfficer {
        username: new.account.username.clone().unwrap_or_default(),
        initial_password: new.initial_password.clone(),
    });
    Ok(OfficerImportReport { created: created.collect(), changed: plan.changes.len(), unchanged: plan.unchanged })
}

/// Hashes the passwords of all new accounts, with the concurrency that sign-ins leave free.
async fn with_passwords(
    app: &App,
    plan: OfficerImportPlan,
    progress: impl Fn(usize, usize),
) -> Result<OfficerImportPlan, ServiceError> {
    let (total, mut new) = (plan.new.len(), Vec::with_capacity(plan.new.len()));
    progress(0, total);
    let hashed = stream::iter(plan.new).map(|mut planned| async move {
        let password = match planned.given_password.take() {
            Some(given) => given,
            None => planned.initial_password.insert(initial_password()).clone(),
        };
        planned.account.password = app.passwords.hash(password).await?;
        Ok::<PlannedAccount, ServiceError>(planned)
    });
    let mut hashed = std::pin::pin!(hashed.buffered(HASHES_AT_ONCE));
    while let Some(planned) = hashed.try_next().await? {
        new.push(planned);
        progress(new.len(), total);
    }
    Ok(OfficerImportPlan { new, ..plan })
}

fn store(
    connection: &mut DbConnection,
    (administrator, by, now): (&Administrator, &AuditActor, Instant),
    plan: &OfficerImportPlan,
) -> Result<(), ServiceError> {
    let of_line = |line: u64, error: ServiceError| match fields::taken(error) {
        ServiceError::Invalid(problems) => {
            let mut named = FieldProblems::default();
            for problem in problems {
                named.add(read::field(line, &problem.field), problem.rule);
            }
            named.finish().map_or_else(ServiceError::Invalid, |()| ServiceError::Internal("a problem without a field"))
        }
        other => other,
    };
    for planned in &plan.new {
        debug_assert_ne!(planned.account.password, PasswordHash(String::new()));
        let id = profiles::insert(connection, &planned.account).map_err(|error| of_line(planned.line, error.into()))?;
        let made = profiles::find(connection, id)?;
        confirmation::made(connection, administrator, &made, now)?;
        audit::write(connection, by, now, &audit_events::made(&made))?;
    }
    for change in &plan.changes {
        let (roles, before) = (change.roles.as_deref(), profiles::find(connection, change.id)?);
        let done = profiles::change(connection, change.id, change.version, &change.columns, roles)
            .map_err(|error: StorageError| of_line(change.line, error.into()))?;
        if !done {
            // The account was changed while passwords were hashed.
            return Err(ServiceError::invalid(read::field(change.line, "username"), FieldRule::Taken));
        }
        let after = profiles::find(connection, change.id)?;
        confirmation::changed(connection, administrator, (&before, &after), now)?;
        audit::write(connection, by, now, &audit_events::changed("change_account", &before, &after))?;
    }
    Ok(())
}
