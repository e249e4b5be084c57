//! Reauthentication before a change to how the account is signed in to or contacted. Takes a session and the proof
//! of its holder, returns nothing or an error.
//!
//! Rule: a session alone is not enough, because an access token can be stolen; required is the password, a fresh
//! second-factor code, or, for accounts without a password, a sign-in within the last ten minutes.

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

/// How many minutes a sign-in counts as recent.
const FRESH_MINUTES: i64 = 10;

/// The proof sent by the holder of a session.
#[derive(Clone, Copy, Default)]
pub struct Reauthentication<'a> {
    pub current_password: Option<&'a str>,
    /// A TOTP code, or a recovery code.
    pub totp: Option<&'a str>,
}

impl<'a> Reauthentication<'a> {
    /// Returns a proof with the password only.
    #[must_use]
    pub const fn password(current_password: Option<&'a str>) -> Self {
        Self { current_password, totp: None }
    }
}

/// Verifies that the account owner controls the session.
///
/// # Errors
/// [`FieldRule::Required`] on `current_password`, [`ErrorCode::WrongPassword`], [`ErrorCode::TotpWrong`],
/// [`ErrorCode::FreshSignInNeeded`] when there is no password, [`ErrorCode::TooManyAttempts`].
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
        // An account that was created through Zalo may have a password that nobody knows.
        _ if !password.is_set() || is_on_zalo => require_recent_sign_in(app, own).await,
        _ => Err(ServiceError::invalid("current_password", FieldRule::Required)),
    }
}

/// Checks that the session was signed in to within the last ten minutes.
///
/// # Errors
/// [`ErrorCode::FreshSignInNeeded`].
pub(super) async fn require_recent_sign_in(app: &App, own: &OwnAccount) -> Result<(), ServiceError> {
    let (session, after) = (own.session, app.now().plus(-Duration::minutes(FRESH_MINUTES)));
    let begun = app.db.read(move |connection| Ok::<_, ServiceError>(sessions::begun_at(connection, session)?)).await?;
    if begun.is_some_and(|begun| begun > after) { Ok(()) } else { Err(ErrorCode::FreshSignInNeeded.into()) }
}
