//! Password reset for an officer by an administrator.
//!
//! Sends a reset link if it reaches the officer and nobody else; otherwise generates a one-time password.
//! Administrators know that password, so the officer must be confirmed before the account can handle petitions
//! again.

use super::Administrator;
use super::confirmation;
use super::officer;
use crate::accounts::password_reset::LINK_MINUTES;
use crate::accounts::passwords::initial_password;
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::rules::password::Password;
use crate::accounts::store::{password_resets, profiles, sessions};
use crate::accounts::{audit_events, contacts, login_throttle, new_password};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::service_error::ServiceError;
use crate::delivery::outbox;
use crate::delivery::rules::OutboxChannel;
use crate::delivery::store::outbox as lines;
use crate::kernel::account::{AccountChange, CheckCause, Role};
use crate::kernel::ids::AccountId;
use chrono::Duration;

/// Ends every session of the officer and invalidates the current password. Returns a one-time password, available
/// only here; `None` if a link was sent to the officer.
///
/// # Errors
/// [`AccountNotFound`](crate::kernel::error_code::ErrorCode::AccountNotFound); `role_missing` for anybody but an
/// administrator.
pub async fn reset(app: &App, by: &Administrator, id: AccountId) -> Result<(Profile, Option<Password>), ServiceError> {
    by.require()?;
    app.db.read(move |connection| officer(connection, id)).await?;
    let password = initial_password();
    let hash = app.passwords.hash(password.clone()).await?;
    let (owned, now, administrator) = (app.clone(), app.now(), by.clone());
    let sends_letters = app.channels.email.is_some() && app.config.public_url.is_some();
    let (profile, is_sent) = audit::transaction(app, &AuditActor::from(by), move |connection| -> Result<_, ServiceError> {
        let before = officer(connection, id)?;
        let is_operator = administrator == Administrator::Operator;
        let opens_petitions = before.roles.iter().any(|role: &Role| role.handles_petitions());
        let is_sent = !is_operator && opens_petitions && sends_letters && confirmation::has_own_email(connection, &before)?;
        new_password::store(connection, &before, &hash, true, now)?;
        password_resets::end_all(connection, id, now)?;
        sessions::end_all(connection, id, None, now)?;
        login_throttle::reset_account(&owned, connection, &before)?;
        if is_sent {
            let link = password_resets::insert(connection, id, now, now.plus(Duration::minutes(LINK_MINUTES)))?;
            lines::insert(connection, &outbox::for_password_reset(link, OutboxChannel::Email, now))?;
        } else {
            confirmation::note_admin_access(connection, &administrator, &before, CheckCause::Reset, now)?;
            contacts::notify(&owned, connection, id, AccountChange::Password, now)?;
        }
        let account = profiles::find(connection, id)?;
        let event = audit_events::changed("reset_account", &before, &account).with("link", is_sent);
        Ok(((profile_of(&owned, connection, account)?, is_sent), event))
    })
    .await?;
    tracing::info!(account = %id, "officer password reset");
    Ok((profile, Some(password).filter(|_| !is_sent)))
}
