//! Staying signed in: an access token for a quarter of an hour, and a refresh token that is exchanged for the next pair.
//!
//! Called by `register`, `login` and the handlers of `/auth`. Rules kept here: a refresh token is 256 random bits of which
//! only the SHA-256 is stored; it is good for one exchange; whoever shows a used one ends the whole family, because one of
//! the two who hold it is a thief, and the log says so.

use super::audited;
use super::profile::{Profile, profile_of};
use crate::app::App;
use crate::domain::Instant;
use crate::domain::account::{Account, AccountKind, AccountState};
use crate::domain::ids::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::source::Visitor;
use crate::services::audit::{self, By};
use crate::services::error::ServiceError;
use crate::services::idempotency::Key;
use crate::services::tokens::ACCESS_TOKEN_SECONDS;
use crate::storage::DbConnection;
use crate::storage::accounts::sessions::NewSession;
use crate::storage::accounts::{activity, profiles, sessions};
use chrono::Duration;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// What somebody holds who is signed in.
#[derive(Clone)]
pub struct SignedIn {
    /// The account.
    pub profile: Profile,
    /// Opens the API for a short while.
    pub access_token: String,
    /// Is exchanged once for the next pair.
    pub refresh_token: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
}

/// How long a refresh token may lie unused: officers sit at an office, petitioners look in now and then.
fn lifetime(kind: AccountKind) -> Duration {
    match kind {
        AccountKind::Officer => Duration::days(7),
        AccountKind::Citizen | AccountKind::Business => Duration::days(60),
    }
}

/// 256 random bits as a text without anything to escape.
pub(super) fn random_text() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

fn hash_of(refresh_token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(refresh_token.as_bytes()))
}

/// A refresh token on its way to the client, with what is stored of it.
#[derive(Clone)]
pub(super) struct NewTokens {
    device: Option<String>,
    refresh_token: String,
    token_hash: String,
    family: String,
    now: Instant,
}

impl NewTokens {
    /// Draws a token of a new family.
    pub(super) fn draw(now: Instant) -> Self {
        Self::of(random_text(), now)
    }

    /// The token that belongs to an idempotency key: the same for each repetition, and stored nowhere.
    pub(super) fn for_key(app: &App, salt: &str, key: &Key, now: Instant) -> Result<Self, ServiceError> {
        let token = app.tokens.derive("refresh token", salt, key.secret());
        token.map(|token| Self::of(token, now)).ok_or(ServiceError::Internal("a refresh token could not be derived"))
    }

    fn of(refresh_token: String, now: Instant) -> Self {
        Self { device: None, token_hash: hash_of(&refresh_token), refresh_token, family: random_text(), now }
    }

    /// For a program that calls itself so.
    pub(super) fn on(self, device: Option<String>) -> Self {
        Self { device, ..self }
    }

    /// Stores the session.
    pub(super) fn store(&self, connection: &mut DbConnection, account: &Account) -> Result<SessionId, ServiceError> {
        self.store_in(connection, account, &self.family, self.now)
    }

    fn store_in(
        &self,
        connection: &mut DbConnection,
        account: &Account,
        family: &str,
        begun_at: Instant,
    ) -> Result<SessionId, ServiceError> {
        activity::note(connection, account.id, self.now.local_date())?;
        let session = NewSession {
            account_id: account.id,
            family: family.to_owned(),
            token_hash: self.token_hash.clone(),
            created_at: self.now,
            expires_at: self.now.plus(lifetime(account.kind)),
            device: self.device.clone(),
            begun_at: Some(begun_at),
        };
        Ok(sessions::insert(connection, &session)?)
    }

    /// Hands the pair out, after the session was committed.
    pub(super) fn hand_out(self, app: &App, profile: Profile, session: SessionId) -> Result<SignedIn, ServiceError> {
        let account = &profile.account;
        let access_token = app
            .tokens
            .issue(account.id, session, &account.roles, self.now)
            .ok_or(ServiceError::Internal("an access token could not be written"))?;
        Ok(SignedIn { profile, access_token, refresh_token: self.refresh_token, expires_in: ACCESS_TOKEN_SECONDS })
    }
}

/// Exchanges a refresh token for the next pair.
///
/// # Errors
/// [`Refusal::RefreshTokenInvalid`] when it is unknown, used, ended or expired, or the account may not sign in any more.
pub async fn refresh(app: &App, refresh_token: &str, visitor: &Visitor) -> Result<SignedIn, ServiceError> {
    let (shown, next) = (hash_of(refresh_token), NewTokens::draw(app.now()).on(visitor.device.clone()));
    let (owned, tokens, by) = (app.clone(), next.clone(), By::visitor());
    // A reuse is no error of the closure: ending the family has to be committed.
    let exchanged = app.db.write(move |connection| exchange(&owned, connection, &by, &shown, &tokens)).await?;
    let (profile, session) = exchanged.ok_or(Refusal::RefreshTokenInvalid)?;
    next.hand_out(app, profile, session)
}

fn exchange(
    app: &App,
    connection: &mut DbConnection,
    by: &By,
    shown: &str,
    next: &NewTokens,
) -> Result<Option<(Profile, SessionId)>, ServiceError> {
    let Some(session) = sessions::find_by_hash(connection, shown)? else { return Ok(None) };
    if session.ended_at.is_some() {
        return Ok(None);
    }
    let account = profiles::find(connection, session.account_id)?;
    let reused = !sessions::use_up(connection, session.id, next.now)?;
    if reused {
        tracing::warn!(account = %account.id, "a used refresh token was shown again: the session was ended");
    }
    if reused || account.state == AccountState::Disabled {
        sessions::end_family(connection, &session.family, next.now)?;
        if reused && account.kind == AccountKind::Officer {
            audit::write(connection, by, next.now, &audited::reused(account.id))?;
        }
        return Ok(None);
    }
    if session.expires_at <= next.now {
        return Ok(None);
    }
    let (device, begun_at) = (next.device.clone().or(session.device), session.begun_at.unwrap_or(session.created_at));
    let id = next.clone().on(device).store_in(connection, &account, &session.family, begun_at)?;
    Ok(Some((profile_of(app, connection, account)?, id)))
}

/// Signs out: ends the family of the refresh token, and with it the access tokens. An unknown token is signed out already.
///
/// # Errors
/// Those of the database.
pub async fn logout(app: &App, refresh_token: &str) -> Result<(), ServiceError> {
    let (shown, now, by) = (hash_of(refresh_token), app.now(), By::visitor());
    app.db
        .write(move |connection| {
            if let Some(session) = sessions::find_by_hash(connection, &shown)? {
                sessions::end_family(connection, &session.family, now)?;
                if session.ended_at.is_none() {
                    let account = profiles::find(connection, session.account_id)?;
                    audit::write(connection, &by.known_as(&account), now, &audited::own(&account, "sign_out"))?;
                }
            }
            Ok(())
        })
        .await
}

/// Forgets sessions that expired, for the worker; until then used ones are kept to notice their reuse.
///
/// # Errors
/// Those of the database.
pub async fn purge_sessions(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    app.db
        .write(move |connection| {
            super::oidc::purge(connection, now)?;
            Ok(sessions::purge(connection, now)?)
        })
        .await
}
