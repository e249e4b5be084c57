//! Signing in with a password.
//!
//! A name in any of its spellings and a password go in, a pair of tokens comes out. Rule kept here: a wrong name, a wrong
//! password and a disabled account get the same answer after the same work, so that nobody learns which accounts exist.

use super::fields;
use super::profile::{Profile, profile_of};
use super::sessions::{NewTokens, SignedIn};
use crate::app::App;
use crate::domain::account::AccountState;
use crate::domain::field_problem::{FieldProblems, FieldRule};
use crate::domain::password::Password;
use crate::domain::refusal::Refusal;
use crate::services::error::ServiceError;
use crate::storage::accounts::profiles;

/// Signs an account in by phone, e-mail or user name.
///
/// # Errors
/// [`Refusal::LoginFailed`], whatever it was that did not fit; [`ServiceError::Invalid`] for an empty field.
pub async fn login(app: &App, login: &str, password: &str) -> Result<SignedIn, ServiceError> {
    let mut problems = FieldProblems::default();
    for (field, text) in [("login", login.trim()), ("password", password)] {
        if text.is_empty() {
            problems.add(field, FieldRule::Required);
        }
    }
    problems.finish()?;
    let (name, owned) = (fields::login_name(login), app.clone());
    let found = app
        .db
        .read(move |connection| -> Result<_, ServiceError> {
            let Some((account, hash)) = profiles::find_by_login(connection, &name)? else { return Ok(None) };
            Ok(Some((profile_of(&owned, connection, account)?, hash)))
        })
        .await?;
    let (profile, hash) = found.unzip();
    let fits = app.passwords.matches(Password::attempt(password), hash).await?;
    let may_enter = |profile: &Profile| fits && profile.account.state == AccountState::Active;
    let profile = profile.filter(may_enter).ok_or(Refusal::LoginFailed)?;
    let tokens = NewTokens::draw(app.now());
    let (drawn, account) = (tokens.clone(), profile.account.clone());
    let session = app.db.write(move |connection| drawn.store(connection, &account)).await?;
    tokens.hand_out(app, profile, session)
}
