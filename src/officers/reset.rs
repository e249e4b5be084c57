//! A new password for an officer who has forgotten it.
//!
//! Enters an account, leaves a link on its way to the officer, where one reaches them and nobody else; otherwise a one-time password, which
//! the administration knows, so that somebody has to vouch for the person before the account opens petitions again.

use super::Administrator;
use super::check;
use super::officer;
use crate::accounts::password_reset::LINK_MINUTES;
use crate::accounts::passwords::initial_password;
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::rules::password::Password;
use crate::accounts::store::{profiles, resets, sessions};
use crate::accounts::{audited, contacts, lock_out, new_password};
use crate::app::App;
use crate::audit::{self, By};
use crate::db::service_error::ServiceError;
use crate::delivery::outbox;
use crate::delivery::rules::OutboxChannel;
use crate::delivery::store::outbox as lines;
use crate::kernel::account::{AccountChange, CheckCause, Role};
use crate::kernel::ids::AccountId;
use chrono::Duration;

/// Ends every session of the officer and the present password. Leaves a one-time password, which can be read here and never again; none where
/// a link was sent to the officer.
///
/// # Errors
/// [`AccountNotFound`](crate::kernel::refusal::Refusal::AccountNotFound); `role_missing` for anybody but an administrator.
pub async fn reset(app: &App, by: &Administrator, id: AccountId) -> Result<(Profile, Option<Password>), ServiceError> {
    by.require()?;
    app.db.read(move |connection| officer(connection, id)).await?;
    let password = initial_password();
    let hash = app.passwords.hash(password.clone()).await?;
    let (owned, now, administrator) = (app.clone(), app.now(), by.clone());
    let sends_letters = app.channels.email.is_some() && app.config.public_url.is_some();
    let (profile, is_sent) = audit::writing(app, &By::from(by), move |connection| -> Result<_, ServiceError> {
        let before = officer(connection, id)?;
        let is_operator = administrator == Administrator::Operator;
        let opens_petitions = before.roles.iter().any(|role: &Role| role.handles_petitions());
        let is_sent = !is_operator && opens_petitions && sends_letters && check::has_own_email(connection, &before)?;
        new_password::store(connection, &before, &hash, true, now)?;
        resets::end_all(connection, id, now)?;
        sessions::end_all(connection, id, None, now)?;
        lock_out::forgive_account(&owned, connection, &before)?;
        if is_sent {
            let link = resets::insert(connection, id, now, now.plus(Duration::minutes(LINK_MINUTES)))?;
            lines::insert(connection, &outbox::for_password_reset(link, OutboxChannel::Email, now))?;
        } else {
            check::had_in_hand(connection, &administrator, &before, CheckCause::Reset, now)?;
            contacts::tell(&owned, connection, id, AccountChange::Password, now)?;
        }
        let account = profiles::find(connection, id)?;
        let deed = audited::changed("reset_account", &before, &account).tell("link", is_sent);
        Ok(((profile_of(&owned, connection, account)?, is_sent), deed))
    })
    .await?;
    tracing::info!(account = %id, "an officer's password was reset");
    Ok((profile, Some(password).filter(|_| !is_sent)))
}
