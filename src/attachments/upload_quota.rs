//! Upload quotas: bytes per source and hour, total bytes without a petition, and free disk space.
//!
//! Takes the source and the announced size; returns an [`UploadPermit`] or an error that affects uploads only.
//! Announced bytes are charged at once, and bytes that did not arrive are refunded at the end; an aborted upload
//! is not refunded. Announced bytes may fill only a small part of the space per source, and never the part reserved
//! for photos. Sources are stored as keyed hashes.

use super::in_flight::InFlightTotals;
use crate::app::App;
use crate::attachments::store::upload_usage;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::client_address::ClientAddress;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::ApiKeyId;

/// The purpose string of the keyed hash.
const PURPOSE: &str = "upload source";
/// The minimum charge per file: even a tiny file needs a row and a directory entry.
pub const LEAST_BYTES: i64 = 256 * 1024;
/// The step in which a body of unknown length is charged.
const STEP_BYTES: i64 = 4 * 1024 * 1024;
const HOUR: i64 = 3600;
/// The quota factor for systems that send for many people.
const FOR_MANY: i64 = 8;
/// One source may fill 1/`SHARE` of the space for unused files, however slowly it does so.
const SHARE: i64 = 4;
/// 1/`AWAITED_SHARE` of that space may be held by announced but unsent bytes of one source or its network.
const AWAITED_SHARE: i64 = 8;
/// 1/`SMALL_SHARE` of that space is reserved for small files.
const SMALL_SHARE: i64 = 4;
/// The size limit of a small file: fits any phone photo.
const SMALL_BYTES: i64 = 10 * 1024 * 1024;
/// How long an idle resumable upload waits for more data, in seconds.
pub const PAUSE_SECONDS: u32 = 15 * 60;

/// The source of an upload, for quota accounting.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadSource(Vec<QuotaShare>);

/// One of the payers of a file: the sender, or the surrounding network.
#[derive(Clone, PartialEq, Eq)]
struct QuotaShare {
    name: String,
    /// The factor on the hourly quota of a single source.
    times: i64,
    /// The divisor for its part of the space for unused files; `None` for systems with an API key, which have agreed
    /// limits.
    share: Option<i64>,
}

impl UploadSource {
    /// Creates the source for a client address, with or without an account.
    #[must_use]
    pub fn source(source: &ClientAddress) -> Self {
        let of =
            |source: &ClientAddress, times, share| QuotaShare { name: source.as_str().to_owned(), times, share: Some(share) };
        let around = source.around().map(|around| of(&around, FOR_MANY, SHARE / 2));
        Self(std::iter::once(of(source, 1, SHARE)).chain(around).collect())
    }

    /// Creates the source for a partner system with an API key.
    #[must_use]
    pub fn partner(key: ApiKeyId) -> Self {
        Self(vec![QuotaShare { name: format!("key:{key}"), times: FOR_MANY, share: None }])
    }

    /// Creates the source for a chat conversation.
    #[must_use]
    pub fn conversation(user: &str) -> Self {
        Self(vec![QuotaShare { name: format!("zalo:{user}"), times: 1, share: Some(SHARE) }])
    }

    fn payers(&self, app: &App) -> QuotaShares {
        QuotaShares {
            payers: self.0.iter().map(|payer| QuotaShare { name: app.seal.of(PURPOSE, &payer.name), ..payer.clone() }).collect(),
            per_hour: signed(app.config.upload_bytes_per_hour_of_source),
            most_unjoined: signed(app.config.upload_unjoined_bytes),
            kept_hours: i64::from(app.config.attachment_unused_hours),
        }
    }

    /// Returns the payers in the stored form (keyed hashes), for later refunds.
    pub(super) fn kept(&self, app: &App) -> String {
        self.0.iter().map(|payer| app.seal.of(PURPOSE, &payer.name)).collect::<Vec<_>>().join(" ")
    }
}

/// A request for upload space.
#[derive(Clone)]
pub(super) struct QuotaRequest {
    /// Bytes to charge now.
    pub bytes: i64,
    /// Bytes of the whole file, as far as known.
    pub size: i64,
    /// Other in-flight bytes of this process.
    pub beside: InFlightTotals,
}

#[derive(Clone)]
pub(super) struct QuotaShares {
    payers: Vec<QuotaShare>,
    per_hour: i64,
    most_unjoined: i64,
    kept_hours: i64,
}

impl QuotaShares {
    /// Charges more bytes, in the caller's transaction.
    pub fn pay(&self, connection: &mut DbConnection, now: Instant, asked: &QuotaRequest) -> Result<(), ServiceError> {
        let ((hour, second), bytes) = (hour_of(now), asked.bytes);
        for (payer, coming) in self.payers.iter().zip(&asked.beside.by_payer) {
            let this = upload_usage::charge(connection, &payer.name, hour, bytes)?;
            let before = upload_usage::charged(connection, &payer.name, hour - 1)?;
            if let Some(wait) = wait(this, before, self.per_hour.saturating_mul(payer.times), second) {
                return Err(ServiceError::RetryAfter(ErrorCode::UploadBytesExhausted, wait));
            }
            let share = payer.share.map_or(i64::MAX, |share| self.most_unjoined / share);
            let kept = upload_usage::charged_since(connection, &payer.name, hour - self.kept_hours)?;
            if self.most_unjoined > 0 && kept > share {
                return Err(ServiceError::RetryAfter(ErrorCode::UploadBytesExhausted, u32::try_from(HOUR).unwrap_or(u32::MAX)));
            }
            if self.most_unjoined > 0 && payer.share.is_some() {
                let awaited = upload_usage::awaited(connection, &payer.name, LEAST_BYTES)?.saturating_add(*coming);
                if awaited.saturating_add(bytes) > self.most_unjoined / AWAITED_SHARE {
                    return Err(ServiceError::RetryAfter(ErrorCode::UploadBytesExhausted, PAUSE_SECONDS));
                }
            }
        }
        if self.most_unjoined > 0 {
            let unjoined = upload_usage::unjoined(connection, LEAST_BYTES)?;
            if unjoined.saturating_add(asked.beside.all).saturating_add(bytes) > room_for(asked.size, self.most_unjoined) {
                return Err(ErrorCode::UploadsFull.into());
            }
        }
        Ok(())
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.payers.iter().map(|payer| payer.name.as_str())
    }

    fn give_back(&self, connection: &mut DbConnection, paid_at: Instant, bytes: i64) -> Result<(), ServiceError> {
        for payer in &self.payers {
            upload_usage::charge(connection, &payer.name, hour_of(paid_at).0, -bytes)?;
        }
        Ok(())
    }
}

/// Returns how far a file of this size may fill the space; the last part is reserved for photos.
fn room_for(size: i64, most: i64) -> i64 {
    if size > SMALL_BYTES { most - most / SMALL_SHARE } else { most }
}

/// Returns the maximum size of a small file.
fn small_file(most: i64) -> i64 {
    if most > 0 { SMALL_BYTES.min(most / AWAITED_SHARE) } else { SMALL_BYTES }
}

/// Refunds the payers of a resumable upload for bytes that never arrived.
pub(super) fn give_back(connection: &mut DbConnection, payers: &str, paid_at: Instant, bytes: i64) -> Result<(), ServiceError> {
    for payer in payers.split_whitespace() {
        upload_usage::charge(connection, payer, hour_of(paid_at).0, -bytes)?;
    }
    Ok(())
}

/// Deletes usage rows that no longer count.
pub async fn forget(app: &App) -> Result<usize, ServiceError> {
    let before = hour_of(app.now()).0 - i64::from(app.config.attachment_unused_hours).max(1);
    app.db.write(move |connection| Ok(upload_usage::forget(connection, before)?)).await
}

/// The available upload space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadCapacity {
    /// Free bytes on the fullest disk of the file store, if it is on disk.
    pub free_bytes: Option<u64>,
    /// Bytes not joined to a petition yet.
    pub unjoined_bytes: i64,
    /// Why the next photo would be refused, whoever sends it. Refusing videos only is not worth an alert.
    pub error_code: Option<ErrorCode>,
}

/// Returns the available upload space.
pub async fn capacity(app: &App) -> Result<UploadCapacity, ServiceError> {
    let unjoined_bytes =
        app.db.read(move |connection| Ok::<_, ServiceError>(upload_usage::unjoined(connection, LEAST_BYTES)?)).await?;
    let files = &app.attachments.files;
    let free_bytes = files.free_bytes().await.ok().flatten();
    let most = signed(app.config.upload_unjoined_bytes);
    let small = small_file(most);
    let taken = unjoined_bytes.saturating_add(app.attachments.in_flight.all());
    let code = match () {
        () if files.check_space(u64::try_from(small).unwrap_or_default()).await.is_err() => Some(ErrorCode::StorageLow),
        () if most > 0 && taken.saturating_add(small) > room_for(small, most) => Some(ErrorCode::UploadsFull),
        () => None,
    };
    Ok(UploadCapacity { free_bytes, unjoined_bytes, error_code: code })
}

/// Returns the hour number and the second within it.
fn hour_of(at: Instant) -> (i64, i64) {
    let seconds = at.utc().timestamp();
    (seconds.div_euclid(HOUR), seconds.rem_euclid(HOUR))
}

/// Checks the usage of the last 60 minutes: this hour plus the part of the previous hour still inside the window.
/// Returns the seconds to wait when it exceeds the limit.
fn wait(this: i64, before: i64, limit: i64, second: i64) -> Option<u32> {
    let carried = i64::try_from(i128::from(before) * i128::from(HOUR - second) / i128::from(HOUR)).unwrap_or(i64::MAX);
    let over = this.saturating_add(carried).saturating_sub(limit);
    if limit == 0 || over <= 0 {
        return None;
    }
    let later = |of: i64| i64::try_from(i128::from(over) * i128::from(HOUR) / i128::from(of.max(1))).unwrap_or(HOUR) + 1;
    let seconds = if over <= carried { later(before) } else { HOUR - second + later(this) };
    Some(u32::try_from(seconds.clamp(1, 2 * HOUR)).unwrap_or(u32::MAX))
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Returns the expected bytes of a file, capped at the maximum file size.
#[must_use]
pub fn expected(app: &App, announced: Option<u64>) -> u64 {
    announced.unwrap_or_default().min(app.config.largest_attachment())
}

/// A permission to upload a file, charged to its payers.
pub struct UploadPermit {
    app: App,
    sender: UploadSource,
    payers: QuotaShares,
    size: i64,
    paid: i64,
    paid_at: Instant,
}

impl UploadPermit {
    /// Charges the announced bytes; a body of unknown length is charged as it arrives.
    ///
    /// # Errors
    /// [`ErrorCode::UploadsFull`], [`ErrorCode::UploadBytesExhausted`].
    pub async fn acquire(app: &App, sender: UploadSource, announced: Option<u64>) -> Result<Self, ServiceError> {
        let size = signed(expected(app, announced));
        let payers = sender.payers(app);
        let mut pass = Self { app: app.clone(), sender, payers, size, paid: 0, paid_at: app.now() };
        pass.pay(size.max(LEAST_BYTES)).await?;
        Ok(pass)
    }

    /// Charges more when the file has grown beyond the charged bytes.
    ///
    /// # Errors
    /// As [`UploadPermit::acquire`].
    pub async fn reach(&mut self, bytes: usize) -> Result<(), ServiceError> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.size = self.size.max(bytes);
        if bytes > self.paid { self.pay((bytes - self.paid).max(STEP_BYTES)).await } else { Ok(()) }
    }

    /// Returns the source name under which it counts in shared queues.
    pub(crate) fn name(&self) -> String {
        self.sender.kept(&self.app)
    }

    async fn pay(&mut self, bytes: i64) -> Result<(), ServiceError> {
        let (payers, now) = (self.payers.clone(), self.paid_at);
        let beside = self.app.attachments.in_flight.come(payers.names(), bytes);
        self.paid += bytes;
        let asked = QuotaRequest { bytes, size: self.size, beside };
        let paid = self.app.db.write(move |connection| payers.pay(connection, now, &asked)).await;
        if paid.is_err() {
            self.left(bytes);
        }
        paid
    }

    fn left(&mut self, bytes: i64) {
        self.app.attachments.in_flight.go(self.payers.names(), bytes);
        self.paid -= bytes;
    }

    /// Marks the file as stored: from now on its row counts, and bytes that did not arrive are refunded.
    pub(super) async fn arrived(&mut self, size: i64) -> Result<(), ServiceError> {
        let rest = self.paid - size.max(LEAST_BYTES);
        self.left(self.paid);
        if rest <= 0 {
            return Ok(());
        }
        let (payers, at) = (self.payers.clone(), self.paid_at);
        self.app.db.write(move |connection| payers.give_back(connection, at, rest)).await
    }
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        self.left(self.paid);
    }
}

/// Returns the payers and the charge for a whole resumable upload, for the transaction that creates it.
pub(super) fn payers(app: &App, sender: &UploadSource, length: i64) -> (QuotaShares, QuotaRequest) {
    let payers = sender.payers(app);
    let beside = app.attachments.in_flight.beside(payers.names());
    let asked = QuotaRequest { bytes: length.max(LEAST_BYTES), size: length, beside };
    (payers, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_before_counts_as_far_as_it_is_not_over() {
        assert_eq!(wait(50, 100, 100, 1800), None, "half of it, and half of this");
        assert_eq!(wait(51, 100, 100, 1800), Some(37), "one percent of an hour, and a second");
        assert_eq!(wait(100, 0, 100, 0), None);
        assert_eq!(wait(200, 0, 100, 3000), Some(600 + 1800 + 1), "the next hour, until half of this one is over");
        assert_eq!(wait(i64::MAX, i64::MAX, 0, 0), None, "no limit");
    }

    #[test]
    fn the_last_quarter_is_for_photos() {
        assert_eq!((room_for(SMALL_BYTES, 400), room_for(SMALL_BYTES + 1, 400)), (400, 300));
        assert_eq!((small_file(0), small_file(80), small_file(i64::MAX)), (SMALL_BYTES, 10, SMALL_BYTES));
    }
}
