//! Sign-in with a password and, if set up, a second factor. Takes a login name in any spelling and a password,
//! returns a pair of tokens.
//!
//! Rules: a wrong name, a wrong password and a disabled account get the same response after the same amount of
//! work, so nobody learns which accounts exist. An unconfirmed contact identifies every account that registered
//! with it, and the password selects one of them. Too many failures lead to a wait (`login_throttle`). The second
//! factor is requested only after a correct password. Every failure is recorded in the audit log, and so is every
//! sign-in of an officer.

use super::audit_events;
use super::fields;
use super::login_throttle::{LoginAttempt, throttled};
use super::profile::{Profile, profile_of};
use super::second_factor;
use super::sessions::{NewTokens, SignedIn};
use crate::accounts::rules::password::Password;
use crate::accounts::store::profiles::{self, Credentials};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::service_error::ServiceError;
use crate::kernel::account::AccountState;
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, SessionId};

/// The credentials of a sign-in.
#[derive(Clone, Copy)]
pub struct LoginRequest<'a> {
    /// Phone, e-mail or user name.
    pub login: &'a str,
    pub password: &'a str,
    /// The TOTP code, or a recovery code.
    pub totp: Option<&'a str>,
}

/// Signs an account in by phone, e-mail or user name.
///
/// # Errors
/// [`ErrorCode::LoginFailed`] for wrong credentials, without saying which part is wrong; after a correct password
/// [`ErrorCode::TotpRequired`] and [`ErrorCode::TotpWrong`]; [`ErrorCode::TooManyAttempts`] during a wait;
/// [`ServiceError::Invalid`] for an empty field.
pub async fn login(app: &App, sign_in: LoginRequest<'_>, visitor: &ClientInfo) -> Result<SignedIn, ServiceError> {
    let mut problems = FieldProblems::default();
    for (field, text) in [("login", sign_in.login.trim()), ("password", sign_in.password)] {
        if text.is_empty() {
            problems.add(field, FieldRule::Required);
        }
    }
    problems.finish()?;
    let attempt = LoginAttempt::sign_in(app, sign_in.login, visitor);
    let tokens = NewTokens::draw(app.now()).on(visitor.device.clone());
    let mut wrong = (ErrorCode::LoginFailed, None);
    let entered = throttled(app, &attempt, async {
        let found = named(app, sign_in.login).await?;
        wrong.1 = found.first().map(|found| (found.id, found.kind));
        let Some(account) = opened(app, found, sign_in.password).await? else { return Ok(None) };
        wrong.0 = ErrorCode::TotpWrong;
        enter(app, account, sign_in.totp, &tokens).await
    });
    let Some((profile, session)) = entered.await? else {
        // The same work for every kind of failure.
        let failure = audit_events::failed_sign_in(wrong.1);
        audit::transaction(app, &AuditActor::visitor(), move |_| Ok::<_, ServiceError>(((), failure.clone()))).await?;
        return Err(wrong.0.into());
    };
    tokens.hand_out(app, profile, session)
}

/// Finds the accounts that a login name may stand for.
async fn named(app: &App, login: &str) -> Result<Vec<Credentials>, ServiceError> {
    let name = fields::login_name(login);
    app.db
        .read(move |connection| {
            let proven = profiles::credentials(connection, &name)?;
            // The same statements run whether or not an account is found.
            let claimants = profiles::claimants(connection, &name)?;
            Ok(proven.map_or(claimants, |proven| vec![proven]))
        })
        .await
}

/// Returns the account whose password matches; hashes one password even if there is no account.
async fn opened(app: &App, found: Vec<Credentials>, password: &str) -> Result<Option<AccountId>, ServiceError> {
    let attempt = Password::attempt(password);
    if found.is_empty() {
        app.passwords.matches(attempt, None).await?;
        return Ok(None);
    }
    for one in found {
        if app.passwords.matches(attempt.clone(), Some(one.password)).await? {
            return Ok(Some(one.id).filter(|_| one.state == AccountState::Active));
        }
    }
    Ok(None)
}

/// Opens a session after a correct password; `None` for a wrong code. A missing code is refused without counting it
/// as failure or success: otherwise a known password would reset the failure count of guessed codes.
async fn enter(
    app: &App,
    id: AccountId,
    code: Option<&str>,
    tokens: &NewTokens,
) -> Result<Option<(Profile, SessionId)>, ServiceError> {
    let (owned, drawn, code) = (app.clone(), tokens.clone(), code.map(str::to_owned));
    let (by, now) = (AuditActor::visitor(), app.now());
    app.db
        .write(move |connection| {
            if second_factor::is_confirmed(connection, id)? {
                let Some(code) = &code else { return Err(ErrorCode::TotpRequired.into()) };
                if !second_factor::consume_code(&owned, connection, id, code)? {
                    return Ok(None);
                }
            }
            let account = profiles::find(connection, id)?;
            let session = drawn.store(connection, &account)?;
            audit::write(connection, &by.known_as(&account), now, &audit_events::own(&account, "sign_in"))?;
            Ok(Some((profile_of(&owned, connection, account)?, session)))
        })
        .await
}
