//! Who is behind a request: an access token goes in, the account as it is at this moment comes out.
//!
//! Called by the extractors of the HTTP layer. Rules kept here: the token only names the account, its rights are read again
//! each time (one indexed query), so that disabling an account, changing its roles or ending its session counts at once; and
//! a password that somebody else knows, or one without the second factor that the role needs, opens nothing but the account itself; the roles
//! that handle petitions are withheld while an account waits for somebody who vouches for its officer.

use super::second_factor;
use crate::accounts::store::sessions;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::{AccountState, Actor, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::SessionId;

/// An account with the session it came through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    /// Who acts.
    pub actor: Actor,
    /// The session of the token.
    pub session: SessionId,
    /// Whether the password has to be changed first.
    pub must_change_password: bool,
    /// Whether a second factor has to be set up first.
    pub must_set_up_second_factor: bool,
    /// Whether the roles that handle petitions wait for somebody who vouches for the officer.
    pub waits: bool,
}

/// Somebody at a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatedAccount {
    /// Who acts, with the roles that count.
    pub actor: Actor,
    /// The roles that wait for somebody who vouches for the officer.
    pub withheld: Vec<Role>,
}

/// The account of a token, for everything but the account itself.
///
/// # Errors
/// [`ErrorCode::TokenInvalid`] for a token that is not good any more, [`ErrorCode::PasswordChangeRequired`] until an initial
/// password was changed, [`ErrorCode::SecondFactorRequired`] until one was set up where the role needs it.
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

/// The account of a token, for looking at the account itself and changing its password.
///
/// # Errors
/// [`ErrorCode::TokenInvalid`] for a token that is not good any more.
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

/// Whether an account may go on with what it began through a session: nothing of its rights has changed and the session stands.
pub async fn is_unchanged(app: &App, session: SessionId, actor: &Actor) -> Result<bool, ServiceError> {
    let account = actor.account_id;
    let found = app.db.read(move |connection| sessions::actor_of(connection, session, account)).await?;
    Ok(found.is_some_and(|found| {
        let lacks_second_factor = !found.has_second_factor && second_factor::is_needed(app, &found.actor.roles);
        found.state == AccountState::Active && !found.must_change_password && !lacks_second_factor && found.actor == *actor
    }))
}
