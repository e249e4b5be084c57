//! Signing in with a password and, where the account has one, a second factor.
//!
//! A name in any of its spellings and a password go in, a pair of tokens comes out. Rules kept here: a wrong name, a wrong password and a
//! disabled account get the same answer after the same work, so that nobody learns which accounts exist; a contact that nobody has proven
//! names whoever registered with it, and the password tells which of them; whoever is wrong too often has to wait (`lock_out`); the second factor is asked for only behind the right password; each failure is an entry of the audit record, as is
//! each sign-in of an officer.

use super::audited;
use super::fields;
use super::lock_out::{Attempt, guarded};
use super::profile::{Profile, profile_of};
use super::second_factor;
use super::sessions::{NewTokens, SignedIn};
use crate::accounts::rules::password::Password;
use crate::accounts::store::profiles::{self, Credentials};
use crate::app::App;
use crate::audit::{self, By};
use crate::db::service_error::ServiceError;
use crate::kernel::account::AccountState;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, SessionId};
use crate::kernel::refusal::Refusal;
use crate::kernel::source::Visitor;

/// What somebody signs in with.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
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
/// [`Refusal::LoginFailed`], whatever it was that did not fit; behind the right password [`Refusal::TotpRequired`] and
/// [`Refusal::TotpWrong`]; [`Refusal::TooManyAttempts`] for whoever has to wait; [`ServiceError::Invalid`] for an empty field.
pub async fn login(app: &App, sign_in: SignIn<'_>, visitor: &Visitor) -> Result<SignedIn, ServiceError> {
    let mut problems = FieldProblems::default();
    for (field, text) in [("login", sign_in.login.trim()), ("password", sign_in.password)] {
        if text.is_empty() {
            problems.add(field, FieldRule::Required);
        }
    }
    problems.finish()?;
    let attempt = Attempt::sign_in(app, sign_in.login, visitor);
    let tokens = NewTokens::draw(app.now()).on(visitor.device.clone());
    let mut wrong = (Refusal::LoginFailed, None);
    let entered = guarded(app, &attempt, async {
        let found = named(app, sign_in.login).await?;
        wrong.1 = found.first().map(|found| (found.id, found.kind));
        let Some(account) = opened(app, found, sign_in.password).await? else { return Ok(None) };
        wrong.0 = Refusal::TotpWrong;
        enter(app, account, sign_in.totp, &tokens).await
    });
    let Some((profile, session)) = entered.await? else {
        // The same work whatever it was.
        let failure = audited::failed_sign_in(wrong.1);
        audit::writing(app, &By::visitor(), move |_| Ok::<_, ServiceError>(((), failure.clone()))).await?;
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
    let (by, now) = (By::visitor(), app.now());
    app.db
        .write(move |connection| {
            if second_factor::is_confirmed(connection, id)? {
                let Some(code) = &code else { return Err(Refusal::TotpRequired.into()) };
                if !second_factor::use_up(&owned, connection, id, code)? {
                    return Ok(None);
                }
            }
            let account = profiles::find(connection, id)?;
            let session = drawn.store(connection, &account)?;
            audit::write(connection, &by.known_as(&account), now, &audited::own(&account, "sign_in"))?;
            Ok(Some((profile_of(&owned, connection, account)?, session)))
        })
        .await
}
