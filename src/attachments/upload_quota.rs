//! Room for uploads: what one source may send in an hour, what may lie around without a petition, and how much of the disk stays free.
//!
//! Enters who sends and how much is announced; leaves a [`UploadPermit`] or a refusal that stops uploads only. Rules: what is announced is paid for
//! at once, and what did not come is given back when it ends; whoever breaks off has paid. What is only announced takes a small part of
//! the room for each source, and never the part that is left for photos. A source is kept as a keyed hash.

use super::in_flight::InFlightTotals;
use crate::app::App;
use crate::attachments::store::upload_usage;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::client_address::ClientAddress;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::ApiKeyId;

/// What a payer is sealed for.
const PURPOSE: &str = "upload source";
/// A file takes at least this, however small: it has a row and a place in a folder.
pub const LEAST_BYTES: i64 = 256 * 1024;
/// A body that does not say how long it is pays in such steps.
const STEP_BYTES: i64 = 4 * 1024 * 1024;
/// Seconds of an hour.
const HOUR: i64 = 3600;
/// How many times more whoever sends for many people may send.
const FOR_MANY: i64 = 8;
/// The part of the room for unused files that one source may fill, as one of so many, however slowly it does.
const SHARE: i64 = 4;
/// The part of that room that may wait for bytes which one source, or the network around it, has announced and not sent.
const AWAITED_SHARE: i64 = 8;
/// The part of that room that only small files may fill.
const SMALL_SHARE: i64 = 4;
/// A small file: any photo of a telephone.
const SMALL_BYTES: i64 = 10 * 1024 * 1024;
/// For how many seconds an upload in pieces waits for the next one.
pub const PAUSE_SECONDS: u32 = 15 * 60;

/// Who sends a file, as it is counted.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadSource(Vec<QuotaShare>);

/// One of those who pay for a file: whoever sends it, or the network around.
#[derive(Clone, PartialEq, Eq)]
struct QuotaShare {
    name: String,
    /// How many times the bytes of a source it may send.
    times: i64,
    /// As one of how many it may fill the room for unused files; a system with a key has been told what it may.
    share: Option<i64>,
}

impl UploadSource {
    /// Somebody at an address, with an account or without.
    #[must_use]
    pub fn source(source: &ClientAddress) -> Self {
        let of =
            |source: &ClientAddress, times, share| QuotaShare { name: source.as_str().to_owned(), times, share: Some(share) };
        let around = source.around().map(|around| of(&around, FOR_MANY, SHARE / 2));
        Self(std::iter::once(of(source, 1, SHARE)).chain(around).collect())
    }

    /// Another system with a key.
    #[must_use]
    pub fn partner(key: ApiKeyId) -> Self {
        Self(vec![QuotaShare { name: format!("key:{key}"), times: FOR_MANY, share: None }])
    }

    /// Somebody in a conversation.
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

    /// The payers as they are kept, for what is given back later.
    pub(super) fn kept(&self, app: &App) -> String {
        self.0.iter().map(|payer| app.seal.of(PURPOSE, &payer.name)).collect::<Vec<_>>().join(" ")
    }
}

/// What somebody asks room for.
#[derive(Clone)]
pub(super) struct QuotaRequest {
    /// Bytes that are paid for now.
    pub bytes: i64,
    /// Bytes of the whole file, as far as is known.
    pub size: i64,
    /// What is on its way into this process beside it.
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
    /// Pays for some bytes more, in the transaction of whatever needs them.
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

/// How far a file of this size may fill the room: the last part of it is left for photos, whatever else was announced.
fn room_for(size: i64, most: i64) -> i64 {
    if size > SMALL_BYTES { most - most / SMALL_SHARE } else { most }
}

/// What any small file may take that its sender may announce at all.
fn small_file(most: i64) -> i64 {
    if most > 0 { SMALL_BYTES.min(most / AWAITED_SHARE) } else { SMALL_BYTES }
}

/// Gives back to the payers of an upload in pieces what never came.
pub(super) fn give_back(connection: &mut DbConnection, payers: &str, paid_at: Instant, bytes: i64) -> Result<(), ServiceError> {
    for payer in payers.split_whitespace() {
        upload_usage::charge(connection, payer, hour_of(paid_at).0, -bytes)?;
    }
    Ok(())
}

/// Forgets who paid in hours that do not count any more.
pub async fn forget(app: &App) -> Result<usize, ServiceError> {
    let before = hour_of(app.now()).0 - i64::from(app.config.attachment_unused_hours).max(1);
    app.db.write(move |connection| Ok(upload_usage::forget(connection, before)?)).await
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadCapacity {
    /// Free bytes on the fullest disk of files, where there is one.
    pub free_bytes: Option<u64>,
    /// Bytes that belong to no petition yet.
    pub unjoined_bytes: i64,
    /// Why the next photo would be refused, whoever sends it. That videos have to wait is no reason to call anybody.
    pub error_code: Option<ErrorCode>,
}

/// Looks how much room there is.
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

/// The hour and the second in it.
fn hour_of(at: Instant) -> (i64, i64) {
    let seconds = at.utc().timestamp();
    (seconds.div_euclid(HOUR), seconds.rem_euclid(HOUR))
}

/// The last sixty minutes: this hour, and of the hour before the part that is not over yet. Seconds to wait where they come to too much.
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

/// How many bytes the body of a file brings, as far as it tells. What cannot become a file is cut off at the limit.
#[must_use]
pub fn expected(app: &App, announced: Option<u64>) -> u64 {
    announced.unwrap_or_default().min(app.config.largest_attachment())
}

/// The right to bring in a file, paid for.
pub struct UploadPermit {
    app: App,
    sender: UploadSource,
    payers: QuotaShares,
    size: i64,
    paid: i64,
    paid_at: Instant,
}

impl UploadPermit {
    /// Pays for what is announced; a body that announces nothing pays as it comes.
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

    /// Pays for more when the file has become larger than what was paid for.
    ///
    /// # Errors
    /// As [`UploadPermit::acquire`].
    pub async fn reach(&mut self, bytes: usize) -> Result<(), ServiceError> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.size = self.size.max(bytes);
        if bytes > self.paid { self.pay((bytes - self.paid).max(STEP_BYTES)).await } else { Ok(()) }
    }

    /// Whose it is counted as, where many wait for the same.
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

    /// The file is here and has a row of its own: from now on it is counted there, and what did not come is given back.
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

/// Pays for an upload in pieces as a whole, in the transaction that begins it.
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
