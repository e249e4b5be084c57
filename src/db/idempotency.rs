//! Idempotency keys: the first response is stored in the transaction of the request and replayed for retries.
//!
//! Takes a key with the request body, returns the response to the first request. Only a hash of the key is stored.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::store::idempotency;
use crate::db::{DbConnection, StorageError};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::{Instant, entropy_estimate};
use chrono::Duration;
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The name of the request header.
pub const HEADER: &str = "Idempotency-Key";
/// Minimum entropy of a guest's key in bits; a UUID has enough.
const GUEST_BITS: u32 = 100;
/// How long responses are kept, in hours; twice what clients are promised.
const KEPT_HOURS: i64 = 48;
/// Number of responses deleted per transaction.
const PURGE_BATCH: usize = 1000;

/// An idempotency key with its caller and the hash of the request body.
#[derive(Clone)]
pub struct RequestKey {
    caller: String,
    secret: String,
    body_hash: String,
}

impl RequestKey {
    /// Creates a key of a caller (`account:7`, `guest`) for an operation, with the raw body.
    #[must_use]
    pub fn new(caller: &str, call: &str, secret: &str, body: &[u8]) -> Self {
        let body_hash = HEXLOWER.encode(&Sha256::digest(body));
        Self { caller: format!("{caller} {call}"), secret: secret.to_owned(), body_hash }
    }

    /// Creates a key of a guest. Anybody could send the same key, so it must not be guessable, and a replay
    /// requires the same body and device id.
    ///
    /// # Errors
    /// [`FieldRule::Guessable`] on the header.
    pub fn of_guest(call: &str, secret: &str, body: &[u8], device: Option<&[u8]>) -> Result<Self, ServiceError> {
        Self::admit_guest(secret)?;
        let mut key = Self::new("guest", call, secret, body);
        if let Some(device) = device {
            let mut hash = Sha256::new();
            hash.update(key.body_hash.as_bytes());
            hash.update(device);
            key.body_hash = HEXLOWER.encode(&hash.finalize());
        }
        Ok(key)
    }

    /// Checks a guest's key, before anything else of the request is read.
    ///
    /// # Errors
    /// [`FieldRule::Guessable`] on the header.
    pub fn admit_guest(secret: &str) -> Result<(), ServiceError> {
        if entropy_estimate::estimated_bits(secret) < f64::from(GUEST_BITS) {
            return Err(ServiceError::invalid(HEADER, FieldRule::Guessable(GUEST_BITS)));
        }
        Ok(())
    }

    /// Returns the key as sent; never stored.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.secret.as_bytes()))
    }
}

/// A response, new or replayed.
#[derive(Debug, Clone)]
pub struct IdempotentResponse<T> {
    pub body: T,
    /// The salt of the first request.
    pub salt: String,
    /// Whether the response is a replay.
    pub is_repeated: bool,
}

/// Runs `action` once per key; without a key, each time. The action gets the salt stored with the key.
///
/// # Errors
/// [`ErrorCode::IdempotencyKeyReused`] when the key was used with another body; otherwise the error of the action.
pub fn once<T, F>(
    connection: &mut DbConnection,
    key: Option<&RequestKey>,
    salt: &str,
    now: Instant,
    action: F,
) -> Result<IdempotentResponse<T>, ServiceError>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce(&mut DbConnection, &str) -> Result<T, ServiceError>,
{
    let Some(key) = key else {
        return Ok(IdempotentResponse { body: action(connection, salt)?, salt: salt.to_owned(), is_repeated: false });
    };
    let hash = key.hash();
    if idempotency::claim(connection, &key.caller, &hash, &key.body_hash, salt, now)? {
        let body = action(connection, salt)?;
        let text = serde_json::to_string(&body).map_err(|_| ServiceError::Internal("an answer cannot be written as JSON"))?;
        idempotency::keep(connection, &key.caller, &hash, 201, &text)?;
        return Ok(IdempotentResponse { body, salt: salt.to_owned(), is_repeated: false });
    }
    kept(connection, key)?.ok_or_else(|| StorageError::Contention.into())
}

/// Returns the stored response of a key; `None` for an unused one.
fn kept<T: DeserializeOwned>(
    connection: &mut DbConnection,
    key: &RequestKey,
) -> Result<Option<IdempotentResponse<T>>, ServiceError> {
    let Some(first) = idempotency::find(connection, &key.caller, &key.hash())? else { return Ok(None) };
    if first.body_hash != key.body_hash {
        return Err(ErrorCode::IdempotencyKeyReused.into());
    }
    let body = serde_json::from_str(&first.response).map_err(|_| ServiceError::Internal("a kept answer cannot be read"))?;
    Ok(Some(IdempotentResponse { body, salt: first.salt, is_repeated: true }))
}

/// Returns the stored response before the checks that only a first request must pass; [`once`] is used after them.
///
/// # Errors
/// [`ErrorCode::IdempotencyKeyReused`] when the key was used with another body.
pub async fn repeated<T>(app: &App, key: Option<&RequestKey>) -> Result<Option<IdempotentResponse<T>>, ServiceError>
where
    T: DeserializeOwned + Send + 'static,
{
    let Some(key) = key.cloned() else { return Ok(None) };
    app.db.read(move |connection| kept(connection, &key)).await
}

/// Returns whether a response is stored for a key, with any body.
pub async fn is_used(app: &App, key: Option<RequestKey>) -> Result<bool, ServiceError> {
    let Some(key) = key else { return Ok(false) };
    let found = app.db.read(move |connection| Ok::<_, ServiceError>(idempotency::find(connection, &key.caller, &key.hash())?));
    Ok(found.await?.is_some())
}

/// Deletes expired responses and returns their number; called by the worker.
pub async fn purge(app: &App) -> Result<usize, ServiceError> {
    let before = app.now().plus(-Duration::hours(KEPT_HOURS));
    let limit = i64::try_from(PURGE_BATCH).unwrap_or(i64::MAX);
    let mut forgotten = 0;
    loop {
        let batch = app.db.write(move |connection| Ok::<_, ServiceError>(idempotency::purge(connection, before, limit)?)).await?;
        forgotten += batch;
        if batch < PURGE_BATCH {
            return Ok(forgotten);
        }
    }
}
