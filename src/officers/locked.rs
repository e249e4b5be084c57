//! Creates many officers at once who cannot sign in until an administrator resets their passwords.
//!
//! Called by the demo year, whose agencies need officers but no sign-in. All of them get the hash of one random
//! password that is discarded: a stored hash must always be parseable, and hashing hundreds of passwords takes
//! minutes.

use super::Administrator;
use super::create::{NewOfficer, checked};
use crate::accounts::passwords::initial_password;
use crate::accounts::store::profiles;
use crate::accounts::{audit_events, fields};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, Actor, NewAccount};

/// Accounts per transaction.
const AT_ONCE: usize = 100;

/// Creates the accounts and returns them in the same order. Given passwords are ignored.
///
/// # Errors
/// [`ServiceError::Invalid`] with every invalid field of the first invalid officer; `role_missing` for anybody but
/// an administrator.
pub async fn create_locked(app: &App, by: &Administrator, wanted: &[NewOfficer]) -> Result<Vec<Actor>, ServiceError> {
    by.require()?;
    let owned = app.clone();
    let snapshot = app.db.read(move |connection| directory::current(&owned, connection)).await?;
    let hash = app.passwords.hash(initial_password()).await?;
    let mut accounts: Vec<NewAccount> = Vec::with_capacity(wanted.len());
    for officer in wanted {
        let (account, _) = checked(app, officer, &snapshot, app.now())?;
        accounts.push(NewAccount { password: hash.clone(), must_change_password: true, ..account });
    }
    let mut made = Vec::with_capacity(accounts.len());
    for part in accounts.chunks(AT_ONCE) {
        let part = part.to_vec();
        let (by, now) = (AuditActor::from(by), app.now());
        let stored = app.db.write(move |connection| {
            part.iter().map(|account| store(connection, &by, now, account)).collect::<Result<Vec<_>, _>>()
        });
        made.extend(stored.await.map_err(fields::taken)?);
    }
    Ok(made)
}

fn store(connection: &mut DbConnection, by: &AuditActor, now: Instant, account: &NewAccount) -> Result<Actor, ServiceError> {
    let account_id = profiles::insert(connection, account)?;
    let made = profiles::find(connection, account_id)?;
    audit::write(connection, by, now, &audit_events::made(&made))?;
    Ok(Actor { account_id, kind: AccountKind::Officer, roles: account.roles.clone(), agency_id: account.agency_id })
}
