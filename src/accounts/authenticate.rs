//! Authentication of requests: takes an access token, returns the account in its current state. Called by the
//! extractors of the HTTP layer.
//!
//! Rules: the token only identifies the account; its roles are read again on every request (one indexed query), so
//! disabling an account, changing its roles or ending its session takes effect at once. An initial password, or a
//! missing second factor that the role requires, gives access to the account itself only. Roles that handle
//! petitions are withheld while the officer account waits for confirmation.

use super::second_factor;
use crate::accounts::store::sessions;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::{AccountState, Actor, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::SessionId;

/// An account with the session of its access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    pub actor: Actor,
    pub session: SessionId,
    /// The password must be changed first.
    pub must_change_password: bool,
    /// A second factor must be set up first.
    pub must_set_up_second_factor: bool,
    /// The roles that handle petitions are withheld until the officer is confirmed.
    pub waits: bool,
}

/// An authenticated account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatedAccount {
    /// The actor, with the roles that are in effect.
    pub actor: Actor,
    /// The roles withheld until the officer is confirmed.
    pub withheld: Vec<Role>,
}

/// Returns the account of a token, for all requests except those about the account itself.
///
/// # Errors
/// [`ErrorCode::TokenInvalid`] for a token that is no longer valid, [`ErrorCode::PasswordChangeRequired`] while an
/// initial password is still in use, [`ErrorCode::SecondFactorRequired`] when the role requires a second factor
/// that is not set up.
pub async fn authenticate(app: &App, token: &str) -> Result<AuthenticatedAccount, ServiceError> {
    let own = authenticate_for_own_account(app, token).await?;
    if own.must_change_password {
        return Err(ErrorCode::PasswordChangeRequired.into());
    }
    if own.must_set_up_second_factor {
        return Err(ErrorCode::SecondFactorRequired.into());
    }
    let mut actor = own.actor;
    let (withheld, roles) = actor.roles.into_iter().partition(|role| own.waits && role.handles_petitions());
    actor.roles = roles;
    Ok(AuthenticatedAccount { actor, withheld })
}

/// Returns the account of a token, for viewing the account itself and changing its password.
///
/// # Errors
/// [`ErrorCode::TokenInvalid`] for a token that is no longer valid.
pub async fn authenticate_for_own_account(app: &App, token: &str) -> Result<OwnAccount, ServiceError> {
    let claims = app.tokens.check(token, app.now())?;
    let (session, account) = (claims.sid, claims.account_id()?);
    let found = app.db.read(move |connection| sessions::actor_of(connection, session, account)).await?;
    match found {
        Some(found) if found.state == AccountState::Active => {
            let must_set_up_second_factor = !found.has_second_factor && second_factor::is_needed(app, &found.actor.roles);
            let must_change_password = found.must_change_password;
            let waits = found.waits;
            Ok(OwnAccount { actor: found.actor, session, must_change_password, must_set_up_second_factor, waits })
        }
        _ => Err(ErrorCode::TokenInvalid.into()),
    }
}

/// Returns whether a long-running request may continue: the session is still open and the rights of the account are
/// unchanged.
pub async fn is_unchanged(app: &App, session: SessionId, actor: &Actor) -> Result<bool, ServiceError> {
    let account = actor.account_id;
    let found = app.db.read(move |connection| sessions::actor_of(connection, session, account)).await?;
    Ok(found.is_some_and(|found| {
        let lacks_second_factor = !found.has_second_factor && second_factor::is_needed(app, &found.actor.roles);
        found.state == AccountState::Active && !found.must_change_password && !lacks_second_factor && found.actor == *actor
    }))
}
