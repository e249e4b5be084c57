//! Password reset by a link that is sent to the account holder, valid once and for 30 minutes.
//!
//! Takes a login name and always returns the same: the worker looks the account up later, so neither the response
//! nor its time reveals whether it exists. Rules: the link is derived from the id of the request and never stored;
//! a newer link invalidates older ones; using a link ends every session, and the second factor is still required at
//! the next sign-in; disabled officer accounts get no link.

use super::audit_events;
use super::contacts;
use super::fields;
use super::login_throttle;
use super::message_quota;
use super::new_password::{self, NewPassword};
use crate::accounts::store::password_resets::{self, PasswordResetRow};
use crate::accounts::store::{profiles, sessions};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::outbox;
use crate::delivery::store::outbox as lines;
use crate::kernel::account::{Account, AccountChange, AccountState};
use crate::kernel::client_address::ClientAddress;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::PasswordResetId;
use crate::officers;
use chrono::Duration;

/// Domain separator of the keyed hashes.
const PURPOSE: &str = "password reset";
/// Validity of a link in minutes.
pub const LINK_MINUTES: i64 = 30;
/// Minimum minutes between two messages to one account.
const PAUSE_MINUTES: i64 = 5;
/// Maximum age of a request in minutes; the worker drops older ones.
const REQUEST_MINUTES: i64 = 30;
/// Maximum length of a login name.
const LONGEST_LOGIN: usize = 320;

/// Queues a request for a reset link. A source with too many requests has to wait, whether the accounts exist or
/// not.
///
/// # Errors
/// [`ServiceError::Invalid`] for an empty name, [`ErrorCode::TooManyAttempts`] for a source that has to wait.
pub async fn request_password_reset(app: &App, login: &str, source: &ClientAddress) -> Result<(), ServiceError> {
    let name = login.trim();
    if name.is_empty() {
        return Err(ServiceError::invalid("login", FieldRule::Required));
    }
    if name.chars().count() > LONGEST_LOGIN {
        return Err(ServiceError::invalid("login", FieldRule::TooLong(LONGEST_LOGIN)));
    }
    let sealed = app.seal.close(PURPOSE, name).ok_or(ServiceError::Internal("a name could not be sealed"))?;
    let (owned, source, now) = (app.clone(), source.clone(), app.now());
    app.db
        .write(move |connection| match message_quota::retry_after_of_source(&owned, connection, &source)? {
            Some(seconds) => Err(ServiceError::RetryAfter(ErrorCode::TooManyAttempts, seconds)),
            None => Ok(password_resets::request(connection, &sealed, now)?),
        })
        .await
}

/// Writes the messages for queued requests; called by the worker. Returns how many.
pub async fn write_reset_letters(app: &App) -> Result<usize, ServiceError> {
    let mut written = 0;
    loop {
        let owned = app.clone();
        match app.db.write(move |connection| write_next(&owned, connection)).await? {
            None => return Ok(written),
            Some(is_written) => written += usize::from(is_written),
        }
    }
}

fn write_next(app: &App, connection: &mut DbConnection) -> Result<Option<bool>, ServiceError> {
    let Some((sealed, requested_at)) = password_resets::take_request(connection)? else { return Ok(None) };
    let now = app.now();
    let name = app.seal.open(PURPOSE, &sealed).filter(|_| requested_at.plus(Duration::minutes(REQUEST_MINUTES)) > now);
    let Some(name) = name else { return Ok(Some(false)) };
    let found = profiles::credentials(connection, &fields::login_name(&name))?;
    let Some(found) = found.filter(|found| found.state == AccountState::Active) else { return Ok(Some(false)) };
    let recent = password_resets::newest(connection, found.id)?.is_some_and(|at| at.plus(Duration::minutes(PAUSE_MINUTES)) > now);
    let Some(channel) = app.channels.first_for_people().filter(|_| !recent) else { return Ok(Some(false)) };
    password_resets::end_all(connection, found.id, now)?;
    let id = password_resets::insert(connection, found.id, now, now.plus(Duration::minutes(LINK_MINUTES)))?;
    lines::insert(connection, &outbox::for_password_reset(id, channel, now))?;
    Ok(Some(true))
}

/// Returns the link of a request while it is valid; `None` if no public base URL is configured.
pub(crate) fn link(app: &App, row: &PasswordResetRow) -> Option<String> {
    let good = row.used_at.is_none() && row.expires_at > app.now();
    let base = app.config.public_url.as_deref().filter(|_| good)?.trim_end_matches('/');
    Some(format!("{base}/api/v1/auth/password-reset/{}", token(app, row)))
}

fn token(app: &App, row: &PasswordResetRow) -> String {
    format!("{}-{}", row.id, app.seal.of(PURPOSE, &sealed_words(row)))
}

fn sealed_words(row: &PasswordResetRow) -> String {
    format!("{} {} {}", row.id, row.account_id, row.begun_at.utc().timestamp_micros())
}

/// Returns the account of a valid link.
///
/// # Errors
/// [`ErrorCode::ResetLinkInvalid`].
async fn opened(app: &App, token: &str) -> Result<(PasswordResetRow, Account), ServiceError> {
    let invalid = || ServiceError::from(ErrorCode::ResetLinkInvalid);
    let (id, seal) = token.split_once('-').ok_or_else(invalid)?;
    let id: PasswordResetId = id.parse().map(PasswordResetId).map_err(|_| invalid())?;
    let found = app.db.read(move |connection| {
        let Some(row) = password_resets::find(connection, id)? else { return Ok(None) };
        let account = profiles::find(connection, row.account_id)?;
        Ok::<_, ServiceError>(Some((row, account)))
    });
    let (row, account) = found.await?.ok_or_else(invalid)?;
    let good = app.seal.fits(PURPOSE, &sealed_words(&row), seal)
        && row.used_at.is_none()
        && row.expires_at > app.now()
        && account.state == AccountState::Active;
    if good { Ok((row, account)) } else { Err(invalid()) }
}

/// Checks that a link is still valid, for the page behind it.
///
/// # Errors
/// [`ErrorCode::ResetLinkInvalid`].
pub async fn check_reset_link(app: &App, token: &str) -> Result<(), ServiceError> {
    opened(app, token).await.map(drop)
}

/// Sets a new password by a link, and ends every session.
///
/// # Errors
/// [`ErrorCode::ResetLinkInvalid`]; [`ServiceError::Invalid`] for a password that is too short, too easy or an
/// earlier one.
pub async fn reset_password(app: &App, token: &str, new: &str) -> Result<(), ServiceError> {
    let (row, account) = opened(app, token).await?;
    let wanted = NewPassword { field: "new_password", text: new, account: &account };
    let fresh = new_password::checked(app, &wanted).await?;
    let (owned, now, id) = (app.clone(), app.now(), account.id);
    audit::transaction(app, &AuditActor::holder(account.id, &account.roles), move |connection| {
        if !password_resets::use_up(connection, &row, now)? {
            return Err(ServiceError::from(ErrorCode::ResetLinkInvalid));
        }
        new_password::store(connection, &account, &fresh, false, now)?;
        officers::entered_by_set_email(connection, &account, now)?;
        contacts::notify(&owned, connection, account.id, AccountChange::Password, now)?;
        sessions::end_all(connection, account.id, None, now)?;
        login_throttle::reset_account(&owned, connection, &account)?;
        Ok(((), audit_events::own(&account, "reset_password")))
    })
    .await?;
    tracing::info!(account = %id, "password reset by link");
    Ok(())
}
