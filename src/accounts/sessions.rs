//! Sessions: an access token for 15 minutes, and a refresh token that is exchanged for the next pair. Called by
//! `register`, `login` and the handlers of `/auth`.
//!
//! Rules: a refresh token is 256 random bits, of which only the SHA-256 is stored, and can be exchanged once.
//! Presenting a used token ends the whole family, because one of its two holders is a thief; this is logged.
//! Exception for responses lost on a bad network: for a short time the same client gets the same next pair again,
//! as long as that pair is unused. The next token is derived from the presented one, so it need not be stored.

use super::audit_events;
use super::profile::{Profile, profile_of};
use crate::accounts::store::sessions::{self, NewSessionRow, SessionRow};
use crate::accounts::store::{activity, profiles};
use crate::accounts::tokens::ACCESS_TOKEN_SECONDS;
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::DbConnection;
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, AccountState};
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::SessionId;
use chrono::Duration;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Domain separator of the device marks.
const DEVICE: &str = "device of a session";

/// A signed-in account with its tokens.
#[derive(Clone)]
pub struct SignedIn {
    pub profile: Profile,
    /// Short-lived token for API requests.
    pub access_token: String,
    /// Can be exchanged once for the next pair.
    pub refresh_token: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
}

/// How long an unused refresh token stays valid; officers and petitioners differ, because petitioners return only
/// now and then.
fn lifetime(kind: AccountKind) -> Duration {
    match kind {
        AccountKind::Officer => Duration::days(7),
        AccountKind::Citizen | AccountKind::Business => Duration::days(60),
    }
}

/// Returns 256 random bits as text without characters that need escaping.
pub(crate) fn random_text() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

fn hash_of(refresh_token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(refresh_token.as_bytes()))
}

/// A refresh token for the client, with the values stored for it.
#[derive(Clone)]
pub(crate) struct NewTokens {
    device: Option<String>,
    refresh_token: String,
    token_hash: String,
    family: String,
    device_mark: Option<String>,
    now: Instant,
}

impl NewTokens {
    /// Generates a token of a new family.
    pub(crate) fn draw(now: Instant) -> Self {
        Self::of(random_text(), now)
    }

    /// Derives the token of an idempotency key: the same for each repetition, and never stored.
    pub(super) fn for_key(app: &App, salt: &str, key: &RequestKey, now: Instant) -> Result<Self, ServiceError> {
        let token = app.tokens.derive("refresh token", salt, key.secret());
        token.map(|token| Self::of(token, now)).ok_or(ServiceError::Internal("a refresh token could not be derived"))
    }

    fn of(refresh_token: String, now: Instant) -> Self {
        let token_hash = hash_of(&refresh_token);
        Self { device: None, token_hash, refresh_token, family: random_text(), device_mark: None, now }
    }

    /// Derives the successor of a token; requires both the presented token and our key.
    fn after(app: &App, shown: &str, now: Instant) -> Result<Self, ServiceError> {
        let token = app.tokens.derive("next refresh token", "", shown);
        token.map(|token| Self::of(token, now)).ok_or(ServiceError::Internal("a refresh token could not be derived"))
    }

    /// Sets the device name that the client sent.
    pub(crate) fn on(self, device: Option<String>) -> Self {
        Self { device, ..self }
    }

    /// Stores the session.
    pub(crate) fn store(&self, connection: &mut DbConnection, account: &Account) -> Result<SessionId, ServiceError> {
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
        let session = NewSessionRow {
            account_id: account.id,
            family: family.to_owned(),
            token_hash: self.token_hash.clone(),
            created_at: self.now,
            expires_at: self.now.plus(lifetime(account.kind)),
            device: self.device.clone(),
            begun_at: Some(begun_at),
            device_mark: self.device_mark.clone(),
        };
        Ok(sessions::insert(connection, &session)?)
    }

    /// Returns the token pair; call it after the session is committed.
    pub(crate) fn hand_out(self, app: &App, profile: Profile, session: SessionId) -> Result<SignedIn, ServiceError> {
        self.hand_out_since(app, profile, (session, 0))
    }

    /// Like [`Self::hand_out`], for a pair that was first issued `age` seconds ago.
    fn hand_out_since(self, app: &App, profile: Profile, (session, age): (SessionId, i64)) -> Result<SignedIn, ServiceError> {
        let account = &profile.account;
        let access_token = app
            .tokens
            .issue(account.id, session, &account.roles, self.now)
            .ok_or(ServiceError::Internal("an access token could not be written"))?;
        let expires_in = (ACCESS_TOKEN_SECONDS - age).max(0);
        Ok(SignedIn { profile, access_token, refresh_token: self.refresh_token, expires_in })
    }
}

/// Outcome of presenting a refresh token.
enum RefreshOutcome {
    /// The token is invalid.
    Refused,
    /// The next pair, or the same pair as before with the time it was first issued.
    Next(Box<Profile>, SessionId, Instant),
}

/// Exchanges a refresh token for the next pair. Presented again by the same client within the configured seconds,
/// returns the same pair.
///
/// # Errors
/// [`ErrorCode::RefreshTokenInvalid`] when it is unknown, used, ended or expired, or the account may not sign in
/// any more.
pub async fn refresh(app: &App, refresh_token: &str, visitor: &ClientInfo) -> Result<SignedIn, ServiceError> {
    let now = app.now();
    let mut next = NewTokens::after(app, refresh_token, now)?.on(visitor.device.clone());
    next.device_mark = Some(app.seal.of(DEVICE, &visitor.program()));
    let (owned, tokens, by, shown) = (app.clone(), next.clone(), AuditActor::visitor(), hash_of(refresh_token));
    let program = visitor.program();
    // Reuse is not an error of the closure: ending the family must be committed.
    let exchanged = app.db.write(move |connection| exchange(&owned, connection, &by, (&shown, &program), &tokens)).await?;
    let RefreshOutcome::Next(profile, session, at) = exchanged else { return Err(ErrorCode::RefreshTokenInvalid.into()) };
    let age = (now.utc() - at.utc()).num_seconds().max(0);
    NewTokens { now: at, ..next }.hand_out_since(app, *profile, (session, age))
}

fn exchange(
    app: &App,
    connection: &mut DbConnection,
    by: &AuditActor,
    (shown, program): (&str, &str),
    next: &NewTokens,
) -> Result<RefreshOutcome, ServiceError> {
    let Some(session) = sessions::find_by_hash(connection, shown)? else { return Ok(RefreshOutcome::Refused) };
    if session.ended_at.is_some() {
        return Ok(RefreshOutcome::Refused);
    }
    let account = profiles::find(connection, session.account_id)?;
    let is_first = sessions::use_up(connection, session.id, next.now)?;
    if !is_first && account.state == AccountState::Active {
        match repeated(app, connection, (&session, shown), program, next)? {
            TokenReuse::Same(id, at) => {
                return Ok(RefreshOutcome::Next(Box::new(profile_of(app, connection, account)?), id, at));
            }
            TokenReuse::Lost => return Ok(RefreshOutcome::Refused),
            TokenReuse::Reuse => {
                tracing::warn!(account = %account.id, "refresh token reused, session revoked")
            }
        }
    }
    if !is_first || account.state == AccountState::Disabled {
        sessions::end_family(connection, &session.family, next.now)?;
        if !is_first && account.kind == AccountKind::Officer {
            audit::write(connection, by, next.now, &audit_events::reused(account.id))?;
        }
        return Ok(RefreshOutcome::Refused);
    }
    if session.expires_at <= next.now {
        return Ok(RefreshOutcome::Refused);
    }
    let (device, begun_at) = (next.device.clone().or(session.device), session.begun_at.unwrap_or(session.created_at));
    let id = next.clone().on(device).store_in(connection, &account, &session.family, begun_at)?;
    Ok(RefreshOutcome::Next(Box::new(profile_of(app, connection, account)?), id, next.now))
}

/// Why a used token was presented again.
enum TokenReuse {
    /// The response was lost: return the same pair, first issued at this time.
    Same(SessionId, Instant),
    /// The response was lost, but the key has changed since and the successor cannot be derived any more.
    Lost,
    /// Somebody else has the token as well.
    Reuse,
}

fn repeated(
    app: &App,
    connection: &mut DbConnection,
    (session, shown): (&SessionRow, &str),
    program: &str,
    next: &NewTokens,
) -> Result<TokenReuse, ServiceError> {
    // Read again: the row may have been used while waiting for the lock.
    let session =
        sessions::find_by_hash(connection, shown)?.filter(|now| now.ended_at.is_none()).unwrap_or_else(|| session.clone());
    let grace = Duration::seconds(i64::from(app.config.refresh_grace_seconds));
    let is_recent = session.used_at.is_some_and(|at| next.now < at.plus(grace));
    if !is_recent || session.ended_at.is_some() {
        return Ok(TokenReuse::Reuse);
    }
    let Some(handed_out) = sessions::find_by_hash(connection, &next.token_hash)? else { return Ok(TokenReuse::Lost) };
    let same_program = handed_out.device_mark.as_deref().is_some_and(|mark| app.seal.fits(DEVICE, program, mark));
    let is_unused = handed_out.used_at.is_none() && handed_out.ended_at.is_none() && handed_out.family == session.family;
    Ok(if same_program && is_unused { TokenReuse::Same(handed_out.id, handed_out.created_at) } else { TokenReuse::Reuse })
}

/// Signs out: ends the family of the refresh token, which invalidates its access tokens. An unknown token counts as
/// signed out.
pub async fn logout(app: &App, refresh_token: &str) -> Result<(), ServiceError> {
    let (shown, now, by) = (hash_of(refresh_token), app.now(), AuditActor::visitor());
    app.db
        .write(move |connection| {
            if let Some(session) = sessions::find_by_hash(connection, &shown)? {
                sessions::end_family(connection, &session.family, now)?;
                if session.ended_at.is_none() {
                    let account = profiles::find(connection, session.account_id)?;
                    audit::write(connection, &by.known_as(&account), now, &audit_events::own(&account, "sign_out"))?;
                }
            }
            Ok(())
        })
        .await
}

/// Deletes expired sessions; called by the worker. Used ones are kept until they expire, to detect reuse.
pub async fn purge_sessions(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    app.db
        .write(move |connection| {
            crate::integrations::oidc::purge(connection, now)?;
            super::contacts::forget_old(connection, now)?;
            Ok(sessions::purge(connection, now)?)
        })
        .await
}
