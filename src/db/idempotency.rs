//! The same key twice is one deed: the first answer is kept in the transaction that it answers and given again.
//!
//! Enters a key with the body that came with it, leaves the answer to the first call. The key is stored only as a hash.

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

/// The header of the key.
pub const HEADER: &str = "Idempotency-Key";
/// Bits that the key of a guest has to carry; a UUID does.
const GUEST_BITS: u32 = 100;
/// How long answers are kept; twice what clients are promised.
const KEPT_HOURS: i64 = 48;
/// How many answers are forgotten in one transaction.
const PURGE_BATCH: usize = 1000;

/// An idempotency key, whose it is and what was sent with it.
#[derive(Clone)]
pub struct RequestKey {
    caller: String,
    secret: String,
    body_hash: String,
}

impl RequestKey {
    /// A key of a caller (`account:7`, `guest`) for one kind of call, with the body as it was received.
    #[must_use]
    pub fn new(caller: &str, call: &str, secret: &str, body: &[u8]) -> Self {
        let body_hash = HEXLOWER.encode(&Sha256::digest(body));
        Self { caller: format!("{caller} {call}"), secret: secret.to_owned(), body_hash }
    }

    /// A key of a guest, which anybody else could send too: it has to be too long to be tried, and what is given again is given for the
    /// whole of what was sent the first time, the device included.
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

    /// Whether a guest may send this key, before anything else of the request is read.
    ///
    /// # Errors
    /// [`FieldRule::Guessable`] on the header.
    pub fn admit_guest(secret: &str) -> Result<(), ServiceError> {
        if entropy_estimate::estimated_bits(secret) < f64::from(GUEST_BITS) {
            return Err(ServiceError::invalid(HEADER, FieldRule::Guessable(GUEST_BITS)));
        }
        Ok(())
    }

    /// The key as it was sent; never stored.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.secret.as_bytes()))
    }
}

/// An answer, given for the first time or again.
#[derive(Debug, Clone)]
pub struct IdempotentResponse<T> {
    /// What was answered.
    pub body: T,
    /// The salt of the first call.
    pub salt: String,
    /// Whether this is a repetition.
    pub is_repeated: bool,
}

/// Does something once per key; without a key, each time. The deed gets the salt that is stored with the key.
///
/// # Errors
/// [`ErrorCode::IdempotencyKeyReused`] when the key came with another body before; otherwise what the deed returns.
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

/// The answer that is kept for a key; none for one that nobody has used.
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

/// The same ahead of anything that a first call has to show or to pay; [`once`] is for what is done then.
///
/// # Errors
/// [`ErrorCode::IdempotencyKeyReused`] when the key came with another body before.
pub async fn repeated<T>(app: &App, key: Option<&RequestKey>) -> Result<Option<IdempotentResponse<T>>, ServiceError>
where
    T: DeserializeOwned + Send + 'static,
{
    let Some(key) = key.cloned() else { return Ok(None) };
    app.db.read(move |connection| kept(connection, &key)).await
}

/// Whether anything is kept for a key, whatever came with it.
pub async fn is_used(app: &App, key: Option<RequestKey>) -> Result<bool, ServiceError> {
    let Some(key) = key else { return Ok(false) };
    let found = app.db.read(move |connection| Ok::<_, ServiceError>(idempotency::find(connection, &key.caller, &key.hash())?));
    Ok(found.await?.is_some())
}

/// Forgets answers that nobody may ask for any more, for the worker; returns how many.
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
