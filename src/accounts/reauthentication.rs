//! Proving again that a session is in the hands of the account's owner, before anything changes by which the account is entered or reached.
//!
//! Enters a session with what its holder shows, leaves nothing or a refusal. Rule: an open session is not enough, because an access token can
//! be stolen; the password is, or a fresh code of the second factor, or, where there is no password, a sign-in of the last ten minutes.

use super::authenticate::OwnAccount;
use super::second_factor;
use crate::accounts::store::{profiles, sessions};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::integrations::zalo::store::people;
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use chrono::Duration;

/// Minutes for which a sign-in is fresh.
const FRESH_MINUTES: i64 = 10;

/// What the holder of a session shows.
#[derive(Clone, Copy, Default)]
pub struct Reauthentication<'a> {
    /// The password.
    pub current_password: Option<&'a str>,
    /// A code of the second factor, or a recovery code.
    pub totp: Option<&'a str>,
}

impl<'a> Reauthentication<'a> {
    /// The password alone.
    #[must_use]
    pub const fn password(current_password: Option<&'a str>) -> Self {
        Self { current_password, totp: None }
    }
}

/// Proves that the session is in the hands of the account's owner.
///
/// # Errors
/// [`FieldRule::Required`] on `current_password`, [`ErrorCode::WrongPassword`], [`ErrorCode::TotpWrong`], [`ErrorCode::FreshSignInNeeded`] where
/// there is no password, [`ErrorCode::TooManyAttempts`].
pub(crate) async fn reauthenticate(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    proof: Reauthentication<'_>,
) -> Result<(), ServiceError> {
    let id = own.actor.account_id;
    let (password, has_factor, is_on_zalo) = app
        .db
        .read(move |connection| {
            let password = profiles::password_of(connection, id)?;
            let is_on_zalo = people::by_account(connection, id)?.is_some();
            Ok::<_, ServiceError>((password, second_factor::is_confirmed(connection, id)?, is_on_zalo))
        })
        .await?;
    if let Some(code) = proof.totp.filter(|code| has_factor && !code.is_empty()) {
        return second_factor::prove_code(app, own, visitor, code).await;
    }
    match proof.current_password.filter(|text| !text.is_empty()) {
        Some(current) if password.is_set() => second_factor::prove_password(app, own, visitor, current).await,
        // Whoever came by Zalo first may have a password that nobody knows.
        _ if !password.is_set() || is_on_zalo => require_recent_sign_in(app, own).await,
        _ => Err(ServiceError::invalid("current_password", FieldRule::Required)),
    }
}

/// Whether somebody has signed in to the session within the last ten minutes.
///
/// # Errors
/// [`ErrorCode::FreshSignInNeeded`].
pub(super) async fn require_recent_sign_in(app: &App, own: &OwnAccount) -> Result<(), ServiceError> {
    let (session, after) = (own.session, app.now().plus(-Duration::minutes(FRESH_MINUTES)));
    let begun = app.db.read(move |connection| Ok::<_, ServiceError>(sessions::begun_at(connection, session)?)).await?;
    if begun.is_some_and(|begun| begun > after) { Ok(()) } else { Err(ErrorCode::FreshSignInNeeded.into()) }
}
