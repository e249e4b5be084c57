//! Creates an officer account.
//!
//! Takes name, agency and roles; returns the account, with a generated one-time password if none was given.

use super::Administrator;
use super::assignment::{JSON_FIELDS, place};
use super::confirmation;
use crate::accounts::passwords::{initial_password, initial_password_from};
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::rules::password::Password;
use crate::accounts::rules::username::Username;
use crate::accounts::sessions::random_text;
use crate::accounts::store::profiles;
use crate::accounts::{audit_events, fields, new_password};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::idempotency::{self, RequestKey};
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, NewAccount, PasswordHash, Role};
use crate::kernel::field_problem::FieldProblems;
use std::sync::Arc;

/// The fields of a new officer account.
#[derive(Clone, Default)]
pub struct NewOfficer {
    /// The user name.
    pub username: String,
    pub full_name: String,
    /// Code of the agency.
    pub agency: Option<String>,
    pub roles: Vec<Role>,
    pub email: Option<String>,
    /// Phone in any Vietnamese spelling.
    pub phone: Option<String>,
    /// The password; generated if missing.
    pub password: Option<String>,
    /// Whether the officer must change it first; always true for a generated one.
    pub must_change_password: bool,
}

/// A created account.
#[derive(Debug, Clone)]
pub struct CreatedOfficer {
    pub profile: Profile,
    /// The generated password; available only here.
    pub initial_password: Option<Password>,
}

/// Creates an officer account. With an idempotency key it is created once, and repetitions return the first
/// one-time password.
///
/// # Errors
/// [`ServiceError::Invalid`] with every invalid field; `role_missing` for anybody but an administrator;
/// [`IdempotencyKeyReused`](crate::kernel::error_code::ErrorCode::IdempotencyKeyReused).
pub async fn create(
    app: &App,
    by: &Administrator,
    officer: &NewOfficer,
    key: Option<RequestKey>,
) -> Result<CreatedOfficer, ServiceError> {
    by.require()?;
    let owned = app.clone();
    let snapshot = app.db.read(move |connection| directory::current(&owned, connection)).await?;
    let now = app.now();
    let (mut account, given) = checked(app, officer, &snapshot, now)?;
    let salt = random_text();
    let drawn = if given.is_none() { Some(drawn_password(app, &salt, key.as_ref())?) } else { None };
    let password = given.or_else(|| drawn.clone()).ok_or(ServiceError::Internal("no password was drawn"))?;
    account.must_change_password = officer.must_change_password || drawn.is_some();
    account.password = app.passwords.hash(password).await?;
    let (owned, asked, administrator, by) = (app.clone(), key.clone(), by.clone(), AuditActor::from(by));
    let (answered, profile) = app
        .db
        .write(move |connection| -> Result<_, ServiceError> {
            let answered = idempotency::once(connection, asked.as_ref(), &salt, now, |connection, _| {
                let id = profiles::insert(connection, &account)?;
                let made = profiles::find(connection, id)?;
                confirmation::made(connection, &administrator, &made, now)?;
                audit::write(connection, &by, now, &audit_events::made(&made))?;
                Ok(id)
            })?;
            let stored = profiles::find(connection, answered.body)?;
            Ok((answered, profile_of(&owned, connection, stored)?))
        })
        .await
        .map_err(fields::taken)?;
    let initial_password = match (&drawn, &key) {
        (Some(_), Some(key)) => Some(drawn_password(app, &answered.salt, Some(key))?),
        _ => drawn,
    };
    tracing::info!(account = %profile.account.id, "officer account created");
    Ok(CreatedOfficer { profile, initial_password })
}

/// Generates a one-time password; with an idempotency key it is derived, so the same each time and never stored.
fn drawn_password(app: &App, salt: &str, key: Option<&RequestKey>) -> Result<Password, ServiceError> {
    let Some(key) = key else { return Ok(initial_password()) };
    let seed = app.tokens.derive("initial password", salt, key.secret());
    seed.map(|seed| initial_password_from(&seed)).ok_or(ServiceError::Internal("a password could not be derived"))
}

pub(super) fn checked(
    app: &App,
    officer: &NewOfficer,
    directory: &Arc<Directory>,
    now: Instant,
) -> Result<(NewAccount, Option<Password>), ServiceError> {
    let mut problems = FieldProblems::default();
    let username = problems.take("username", Username::parse(&officer.username)).map(Username::into_string);
    let full_name = fields::required(&mut problems, "full_name", Some(&officer.full_name), fields::full_name);
    let email = fields::optional(&mut problems, "email", officer.email.as_deref(), fields::email);
    let phone = fields::optional(&mut problems, "phone", officer.phone.as_deref(), fields::phone);
    let (agency_id, roles) =
        place(&mut problems, &JSON_FIELDS, directory, now.local_date(), officer.agency.as_deref(), &officer.roles);
    let own = [username.as_deref(), full_name.as_deref(), email.as_deref(), phone.as_deref()];
    let shortest = new_password::shortest(app, AccountKind::Officer, &roles);
    let password =
        officer.password.as_deref().and_then(|text| fields::new_password(&mut problems, "password", (text, shortest), &own));
    problems.finish()?;
    let account = NewAccount {
        kind: AccountKind::Officer,
        username,
        phone,
        email,
        full_name: full_name.unwrap_or_default(),
        password: PasswordHash(String::new()),
        must_change_password: true,
        agency_id,
        personal_id: None,
        company_name: None,
        tax_code: None,
        created_at: now,
        roles,
    };
    Ok((account, password))
}
