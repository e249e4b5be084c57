//! Signing in with a password and, where the account has one, a second factor.
//!
//! A name in any of its spellings and a password go in, a pair of tokens comes out. Rules kept here: a wrong name, a wrong password and a
//! disabled account get the same answer after the same work, so that nobody learns which accounts exist; a contact that nobody has proven
//! names whoever registered with it, and the password tells which of them; whoever is wrong too often has to wait (`lock_out`); the second factor is asked for only behind the right password; each failure is an entry of the audit record, as is
//! each sign-in of an officer.

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

/// What somebody signs in with.
#[derive(Clone, Copy)]
pub struct LoginRequest<'a> {
    /// Phone, e-mail or user name.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code of the second factor, or a recovery code.
    pub totp: Option<&'a str>,
}

/// Signs an account in by phone, e-mail or user name.
///
/// # Errors
/// [`ErrorCode::LoginFailed`], whatever it was that did not fit; behind the right password [`ErrorCode::TotpRequired`] and
/// [`ErrorCode::TotpWrong`]; [`ErrorCode::TooManyAttempts`] for whoever has to wait; [`ServiceError::Invalid`] for an empty field.
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
        // The same work whatever it was.
        let failure = audit_events::failed_sign_in(wrong.1);
        audit::transaction(app, &AuditActor::visitor(), move |_| Ok::<_, ServiceError>(((), failure.clone()))).await?;
        return Err(wrong.0.into());
    };
    tokens.hand_out(app, profile, session)
}

/// What a name stands for.
async fn named(app: &App, login: &str) -> Result<Vec<Credentials>, ServiceError> {
    let name = fields::login_name(login);
    app.db
        .read(move |connection| {
            let proven = profiles::credentials(connection, &name)?;
            // The same statements whoever is found.
            let claimants = profiles::claimants(connection, &name)?;
            Ok(proven.map_or(claimants, |proven| vec![proven]))
        })
        .await
}

/// The account that a password opens; where there is none, one password is looked at all the same.
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

/// A session for whoever has shown the password; none for a wrong code. A missing one is refused without counting, in either direction:
/// else a known password would clear the count of guessed codes.
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
