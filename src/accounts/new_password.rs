//! Rules for new passwords: minimum length, hard to guess, and for administrators none of the last ten. Takes a
//! text with its account and returns a hash; `store` also keeps the replaced one.
//!
//! Rule: officers who sign in without a second factor need a longer password (TCVN 14423:2026, 5.6).

use super::fields;
use super::second_factor;
use crate::accounts::rules::password::{Password, SHORTEST_PASSWORD};
use crate::accounts::store::{earlier_passwords, profiles};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, PasswordHash, Role};
use crate::kernel::field_problem::{FieldProblems, FieldRule};

/// How many earlier passwords are kept; administrators may not reuse them.
const KEPT: i64 = 10;

/// A new password that is to be checked.
pub(super) struct NewPassword<'a> {
    /// The field name for error responses.
    pub field: &'a str,
    pub text: &'a str,
    pub account: &'a Account,
}

/// Returns the minimum password length for this account kind and these roles.
pub(crate) fn shortest(app: &App, kind: AccountKind, roles: &[Role]) -> usize {
    let is_alone = kind == AccountKind::Officer && !second_factor::is_needed(app, roles);
    if is_alone { app.config.officer_password_min_length.max(SHORTEST_PASSWORD) } else { SHORTEST_PASSWORD }
}

/// Checks and hashes a new password.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub(super) async fn checked(app: &App, wanted: &NewPassword<'_>) -> Result<PasswordHash, ServiceError> {
    let account = wanted.account;
    let mut problems = FieldProblems::default();
    let words =
        [&account.phone, &account.email, &account.username, &account.personal_id, &account.company_name, &account.tax_code];
    let claimed = account.claims.iter().map(|claim| Some(claim.value.as_str()));
    let own = words.into_iter().map(Option::as_deref).chain([Some(account.full_name.as_str())]).chain(claimed);
    let own: Vec<Option<&str>> = own.collect();
    let shortest = shortest(app, account.kind, &account.roles);
    let password = fields::new_password(&mut problems, wanted.field, (wanted.text, shortest), &own);
    problems.finish()?;
    let password = password.ok_or(ServiceError::Internal("a checked password is missing"))?;
    if account.roles.contains(&Role::Admin) {
        refuse_earlier(app, wanted, &password).await?;
    }
    app.passwords.hash(password).await
}

async fn refuse_earlier(app: &App, wanted: &NewPassword<'_>, password: &Password) -> Result<(), ServiceError> {
    let id = wanted.account.id;
    let earlier = app.db.read(move |connection| {
        let mut hashes = earlier_passwords::newest(connection, id, KEPT - 1)?;
        hashes.push(profiles::password_of(connection, id)?);
        Ok::<_, ServiceError>(hashes)
    });
    for hash in earlier.await? {
        if app.passwords.matches(password.clone(), Some(hash)).await? {
            return Err(ServiceError::invalid(wanted.field, FieldRule::EarlierPassword));
        }
    }
    Ok(())
}

/// Stores a new password; the replaced one is remembered for officers.
pub(crate) fn store(
    connection: &mut DbConnection,
    account: &Account,
    fresh: &PasswordHash,
    must_change: bool,
    now: Instant,
) -> Result<(), ServiceError> {
    if account.kind == AccountKind::Officer {
        let replaced = profiles::password_of(connection, account.id)?;
        earlier_passwords::remember(connection, account.id, &replaced, now, KEPT)?;
    }
    Ok(profiles::set_password(connection, account.id, fresh, must_change)?)
}
