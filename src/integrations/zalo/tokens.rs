//! Provides a valid access token of the Official Account, or the reason why there is none.
//!
//! The refresh token can be used only once; if the response is lost, an administrator must authorise again. Therefore
//! one instance at a time exchanges it, under a claim on its row that outlasts the HTTP timeout, and both new tokens
//! are stored in one transaction.

use crate::app::App;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::delivery::channels::{ZaloChannel, ZaloResponse, code_of};
use crate::integrations::zalo::rules::ConnectionState;
use crate::integrations::zalo::rules::error_action::{self, ErrorAction};
use crate::integrations::zalo::store::tokens::{self, ZaloTokenRow};
use crate::kernel::Instant;
use chrono::Duration;
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Encryption context.
pub(super) const PURPOSE: &str = "zalo tokens";
/// A token expiring within this time is renewed before use.
const MARGIN_MINUTES: i64 = 10;
/// How long the claim of a crashed instance lasts beyond the HTTP timeout, in seconds.
const HOLD_SECONDS: i64 = 60;
/// How often to check whether another instance has finished the exchange.
const LOOKS: usize = 25;
/// Delay between two checks.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);
/// Attempts to store new tokens: losing them means an administrator must authorise again.
const STORE_ATTEMPTS: usize = 5;
/// Lifetime in seconds when Zalo does not send one.
const USUAL_SECONDS: i64 = 3600;

/// A valid access token.
#[derive(Clone, PartialEq, Eq)]
pub struct ZaloToken {
    /// The token itself; not for logs.
    pub access: String,
    /// Number of the exchange it came from.
    pub version: i32,
}

/// Why there is no token, stored with the attempt.
pub type TokenFailure = String;

/// Returns a valid token.
pub async fn current(app: &App, channel: &ZaloChannel) -> Result<Result<ZaloToken, TokenFailure>, ServiceError> {
    let Some(row) = stored(app, channel).await? else { return Ok(Err("not authorised yet".to_owned())) };
    let is_good = row.state == ConnectionState::Connected && row.access_until > app.now().plus(Duration::minutes(MARGIN_MINUTES));
    if is_good { opened(app, &row) } else { renew(app, channel, row.version).await }
}

/// Returns a newer token than that of `version`, whichever instance exchanges it.
pub async fn renew(app: &App, channel: &ZaloChannel, version: i32) -> Result<Result<ZaloToken, TokenFailure>, ServiceError> {
    let holder = leases::new_lease_holder(app);
    for _ in 0..LOOKS {
        let Some(row) = stored(app, channel).await? else { return Ok(Err("not authorised yet".to_owned())) };
        if row.state == ConnectionState::NeedsAuthorisation {
            return Ok(Err("needs authorisation".to_owned()));
        }
        if row.version != version {
            return opened(app, &row);
        }
        if take(app, &row, &holder).await? {
            return exchange(app, channel, row, &holder).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Err("another instance is exchanging the tokens".to_owned()))
}

async fn take(app: &App, row: &ZaloTokenRow, holder: &str) -> Result<bool, ServiceError> {
    let now = app.now();
    let patience = i64::try_from(app.config.zalo_timeout_ms).unwrap_or(i64::MAX) / 1000;
    let until = now.plus(Duration::seconds(HOLD_SECONDS.saturating_add(patience)));
    let (oa_id, version, holder) = (row.oa_id.clone(), row.version, holder.to_owned());
    app.db.write(move |connection| Ok(tokens::take(connection, (&oa_id, version), &holder, now, until)?)).await
}

/// Returns the row; a configured refresh token that has not been imported yet replaces the stored one.
async fn stored(app: &App, channel: &ZaloChannel) -> Result<Option<ZaloTokenRow>, ServiceError> {
    let oa_id = channel.settings.oa_id.clone();
    let asked = oa_id.clone();
    let found = app.db.read(move |connection| Ok::<_, ServiceError>(tokens::find(connection, &asked)?)).await?;
    let Some(seed) = &app.config.zalo_refresh_token else { return Ok(found) };
    let hash = HEXLOWER.encode(&Sha256::digest(seed.reveal().as_bytes()));
    if found.as_ref().is_some_and(|row| row.seed_hash.as_deref() == Some(hash.as_str())) {
        return Ok(found);
    }
    let row = ZaloTokenRow {
        oa_id: oa_id.clone(),
        access_token: String::new(),
        refresh_token: closed(app, seed.reveal())?,
        state: ConnectionState::Connected,
        access_until: app.now(),
        refreshed_at: None,
        seed_hash: Some(hash.clone()),
        problem: None,
        holder: None,
        held_until: None,
        version: found.as_ref().map_or(1, |row| row.version.saturating_add(1)),
    };
    app.db
        .write(move |connection| {
            // Another instance may have imported and exchanged it meanwhile.
            match tokens::find(connection, &oa_id)? {
                None => tokens::seed(connection, &row)?,
                Some(present) if present.seed_hash.as_deref() == Some(hash.as_str()) => {}
                Some(_) => tokens::put(connection, &row)?,
            }
            Ok::<_, ServiceError>(tokens::find(connection, &oa_id)?)
        })
        .await
}

pub(super) fn closed(app: &App, token: &str) -> Result<String, ServiceError> {
    app.seal.close(PURPOSE, token).ok_or(ServiceError::Internal("a token cannot be encrypted"))
}

fn opened(app: &App, row: &ZaloTokenRow) -> Result<Result<ZaloToken, TokenFailure>, ServiceError> {
    if row.state == ConnectionState::NeedsAuthorisation {
        return Ok(Err("needs authorisation".to_owned()));
    }
    Ok(match app.seal.open(PURPOSE, &row.access_token) {
        Some(access) => Ok(ZaloToken { access, version: row.version }),
        None => Err("the stored token cannot be opened with this installation's key".to_owned()),
    })
}

async fn exchange(
    app: &App,
    channel: &ZaloChannel,
    row: ZaloTokenRow,
    holder: &str,
) -> Result<Result<ZaloToken, TokenFailure>, ServiceError> {
    let Some(refresh_token) = app.seal.open(PURPOSE, &row.refresh_token) else {
        let lack = "the stored token cannot be opened with this installation's key";
        give_back(app, row, holder, lack, ConnectionState::NeedsAuthorisation).await?;
        return Ok(Err(lack.to_owned()));
    };
    let (problem, state) = match channel.refresh(&refresh_token).await {
        ZaloResponse::Answered(answer) => match granted(app, &answer, &row)? {
            Some((access, next)) => {
                let version = next.version;
                keep(app, next).await?;
                return Ok(Ok(ZaloToken { access, version }));
            }
            None => refusal(&answer),
        },
        // Zalo rejects the application's secret: no token helps, and the refresh token is not used up.
        ZaloResponse::TokenRefused => ("HTTP 401".to_owned(), ConnectionState::Connected),
        ZaloResponse::Unreached(why) | ZaloResponse::Uncertain(why) => (why, ConnectionState::Connected),
    };
    if state == ConnectionState::NeedsAuthorisation {
        tracing::error!(%problem, "Zalo Official Account must be authorised again: POST /admin/zalo/authorisation");
    } else {
        tracing::warn!(%problem, "Zalo token refresh failed");
    }
    give_back(app, row, holder, &problem, state).await?;
    Ok(Err(problem))
}

/// Returns what a rejection means for the tokens.
fn refusal(answer: &Value) -> (String, ConnectionState) {
    let Some(code) = code_of(answer) else { return ("unreadable answer".to_owned(), ConnectionState::Connected) };
    match error_action::of(code) {
        ErrorAction::Retry | ErrorAction::Accepted => (error_action::told(code), ConnectionState::Connected),
        _ => (error_action::told(code), ConnectionState::NeedsAuthorisation),
    }
}

/// Returns the row after a successful exchange, and the access token.
pub(super) fn granted(app: &App, answer: &Value, row: &ZaloTokenRow) -> Result<Option<(String, ZaloTokenRow)>, ServiceError> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(access), Some(refresh)) = (text("access_token"), text("refresh_token")) else { return Ok(None) };
    let seconds = match answer.get("expires_in") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
        None => None,
    };
    let now: Instant = app.now();
    let next = ZaloTokenRow {
        access_token: closed(app, access)?,
        refresh_token: closed(app, refresh)?,
        state: ConnectionState::Connected,
        access_until: now.plus(Duration::seconds(seconds.unwrap_or(USUAL_SECONDS).clamp(0, 366 * 86_400))),
        refreshed_at: Some(now),
        problem: None,
        holder: None,
        held_until: None,
        version: row.version.saturating_add(1),
        ..row.clone()
    };
    Ok(Some((access.to_owned(), next)))
}

/// Stores new tokens whatever happened to the row meanwhile: they are the only valid ones.
pub(super) async fn keep(app: &App, next: ZaloTokenRow) -> Result<(), ServiceError> {
    let mut attempts = STORE_ATTEMPTS;
    loop {
        let row = next.clone();
        let stored = app.db.write(move |connection| Ok::<_, ServiceError>(tokens::put(connection, &row)?)).await;
        match stored {
            Err(error) if attempts > 1 => {
                tracing::warn!(%error, "cannot store new Zalo tokens, retrying");
                attempts -= 1;
                tokio::time::sleep(PAUSE * 5).await;
            }
            Err(error) => {
                tracing::error!(%error, "new Zalo tokens lost, Official Account must be authorised again");
                return Err(error);
            }
            Ok(()) => return Ok(()),
        }
    }
}

async fn give_back(
    app: &App,
    row: ZaloTokenRow,
    holder: &str,
    problem: &str,
    state: ConnectionState,
) -> Result<(), ServiceError> {
    let holder = holder.to_owned();
    let after = ZaloTokenRow { state, problem: Some(problem.to_owned()), holder: None, held_until: None, ..row };
    app.db.write(move |connection| Ok::<_, ServiceError>(tokens::settle(connection, &holder, &after).map(drop)?)).await
}

/// Renews expired tokens even when unused: a refresh token not used for three months is lost.
pub async fn refresh_expired(app: &App, channel: &ZaloChannel) -> Result<(), ServiceError> {
    let Some(row) = stored(app, channel).await? else { return Ok(()) };
    if row.state == ConnectionState::Connected && row.access_until <= app.now() && row.problem.is_none() {
        let _ = renew(app, channel, row.version).await?;
    }
    Ok(())
}
