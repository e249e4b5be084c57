//! Resumable uploads for bad networks (tus 1.0.0): received data is kept while the upload continues, and the rest may
//! go to another instance.
//!
//! Takes a length, then parts with their offset; returns an attachment after the last byte. The parts are in the file
//! store, and the table of parts defines the current offset; of two parts with the same offset the first counts.
//! Space for announced bytes is held for minutes, and longer only in proportion to what has arrived.

use super::receive::{AttachmentReceipt, IncomingFile, new_id, too_large};
use super::upload_quota::{self, UploadSource};
use crate::app::App;
use crate::attachments::rules::FileId;
use crate::attachments::store::{self, PartRow, UploadRow};
use crate::db::service_error::ServiceError;
use crate::db::spool::Spool;
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::ids::AccountId;
use chrono::Duration;

/// How often, in seconds, a part still being received extends the expiry of its upload.
const TOLD_SECONDS: i64 = 5 * 60;

/// The status of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadStatus {
    pub id: String,
    /// Bytes of the whole file.
    pub length: i64,
    /// Bytes received.
    pub offset: i64,
    /// When it expires unless more data arrives.
    pub expires_at: Instant,
    /// The finished attachment.
    pub attachment_id: Option<String>,
}

impl UploadStatus {
    fn of(row: UploadRow, parts: &[PartRow]) -> Self {
        let arrived = parts.iter().map(|part| part.size).sum();
        let offset = if row.attachment_id.is_some() { row.length } else { arrived };
        Self { id: row.id, length: row.length, offset, expires_at: row.expires_at, attachment_id: row.attachment_id }
    }
}

/// A part being received.
pub struct UploadChunk {
    app: App,
    upload: UploadStatus,
    spool: Option<Spool>,
    told_at: Instant,
    /// Whether the client sent the complete body; otherwise the connection broke.
    pub is_whole: bool,
}

impl UploadChunk {
    /// Starts the next part of an upload.
    ///
    /// # Errors
    /// [`ErrorCode::FilesAway`].
    pub async fn begin(app: &App, upload: UploadStatus) -> Result<Self, ServiceError> {
        let spool = Some(app.attachments.files.spool().await?);
        Ok(Self { app: app.clone(), upload, spool, told_at: app.now(), is_whole: false })
    }

    /// Takes some bytes.
    ///
    /// # Errors
    /// [`ErrorCode::FileTooLarge`] when there are more than the upload lacks, [`ErrorCode::StorageLow`],
    /// [`ErrorCode::FilesAway`].
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        let mut spool = self.spool.take().ok_or(ErrorCode::FilesAway)?;
        spool.add(bytes);
        let (room, size) = (self.upload.length - self.upload.offset, i64::try_from(spool.size()).unwrap_or(i64::MAX));
        if size > room {
            return Err(too_large(u64::try_from(room).unwrap_or_default()));
        }
        self.spool = Some(if spool.is_full() { self.app.attachments.files.flush_incoming(spool).await? } else { spool });
        self.tell(size).await;
        Ok(())
    }

    /// Extends the expiry: a part of many megabytes may take longer than the idle timeout.
    async fn tell(&mut self, size: i64) {
        let now = self.app.now();
        if now < self.told_at.plus(Duration::seconds(TOLD_SECONDS)) {
            return;
        }
        self.told_at = now;
        let (id, arrived, longest) = (self.upload.id.clone(), self.upload.offset + size, longest(&self.app));
        let told = self.app.db.write(move |connection| {
            let found = store::find_upload(connection, &id)?.filter(|(row, _)| row.attachment_id.is_none());
            if let Some((row, _)) = found {
                // Another connection may have extended the expiry further in the meantime.
                let until = expiry(&row, arrived, longest, now).max(row.expires_at);
                store::prolong_upload(connection, &id, until)?;
            }
            Ok::<_, ServiceError>(())
        });
        // A failure here must not lose the received data; the next attempt is in a few minutes.
        if let Err(error) = told.await {
            tracing::debug!(%error, "cannot extend expiry of upload in progress");
        }
    }
}

/// Returns how long an upload may stay open, and how long its result can be queried.
fn longest(app: &App) -> Duration {
    Duration::hours(i64::from(app.config.attachment_unused_hours))
}

/// Returns the expiry of an active upload: soon after its last part, or later in proportion to the received share of
/// the file, so that a few bytes do not hold space for data that never arrives.
fn expiry(row: &UploadRow, arrived: i64, longest: Duration, now: Instant) -> Instant {
    let pause = Duration::seconds(i64::from(upload_quota::PAUSE_SECONDS));
    let next = now.plus(pause);
    let Some(begun_at) = row.begun_at else { return next };
    let most = longest.num_seconds();
    let earned = i128::from(most) * i128::from(arrived) / i128::from(row.length.max(1));
    let earned = Duration::seconds(i64::try_from(earned).unwrap_or(most).clamp(0, most));
    next.min(begun_at.plus((pause + earned).min(longest)))
}

/// Creates an upload; the whole length is charged at once.
///
/// # Errors
/// [`ErrorCode::FileTooLarge`], [`ErrorCode::StorageLow`], [`ErrorCode::UploadsFull`],
/// [`ErrorCode::UploadBytesExhausted`].
pub async fn create(
    app: &App,
    sender: &UploadSource,
    account_id: Option<AccountId>,
    length: u64,
) -> Result<UploadStatus, ServiceError> {
    let most = app.config.largest_attachment();
    if length > most {
        return Err(too_large(most));
    }
    app.attachments.files.check_space(length).await?;
    let (length, now) = (i64::try_from(length).unwrap_or(i64::MAX), app.now());
    let mut row = UploadRow {
        id: new_id(app).to_string(),
        account_id,
        length,
        expires_at: now,
        attachment_id: None,
        source: Some(sender.kept(app)),
        begun_at: Some(now),
    };
    row.expires_at = expiry(&row, 0, longest(app), now);
    let (stored, (payers, asked)) = (row.clone(), upload_quota::payers(app, sender, length));
    app.db
        .write(move |connection| {
            payers.pay(connection, now, &asked)?;
            Ok::<_, ServiceError>(store::insert_upload(connection, &stored)?)
        })
        .await?;
    Ok(UploadStatus::of(row, &[]))
}

/// Returns the status of an upload.
///
/// # Errors
/// [`ErrorCode::UploadNotFound`] when there is none, it has expired, or it belongs to another account.
pub async fn status(app: &App, actor: Option<AccountId>, id: &FileId) -> Result<UploadStatus, ServiceError> {
    find(app, actor, id).await.map(|(row, parts)| UploadStatus::of(row, &parts))
}

async fn find(app: &App, actor: Option<AccountId>, id: &FileId) -> Result<(UploadRow, Vec<PartRow>), ServiceError> {
    let (id, now) = (id.to_string(), app.now());
    let found = app.db.read(move |connection| Ok::<_, ServiceError>(store::find_upload(connection, &id)?)).await?;
    let may = |row: &UploadRow| row.expires_at > now && (row.account_id.is_none() || row.account_id == actor);
    Ok(found.filter(|(row, _)| may(row)).ok_or(ErrorCode::UploadNotFound)?)
}

/// Appends a part at the current offset, complete or as far as it was received. The last part creates the attachment.
///
/// # Errors
/// [`ErrorCode::UploadNotFound`], [`ErrorCode::UploadOffsetWrong`], [`ErrorCode::StorageLow`],
/// [`ErrorCode::FilesAway`];
/// with the last part those of [`IncomingFile::finish`], after which the upload is gone.
pub async fn append(
    app: &App,
    actor: Option<AccountId>,
    id: &FileId,
    offset: i64,
    piece: UploadChunk,
) -> Result<(UploadStatus, Option<AttachmentReceipt>), ServiceError> {
    let (row, parts) = find(app, actor, id).await?;
    let before = UploadStatus::of(row, &parts);
    let is_whole = piece.is_whole;
    let piece = piece.spool.ok_or(ErrorCode::FilesAway)?;
    let size = i64::try_from(piece.size()).unwrap_or(i64::MAX);
    if before.offset != offset || size > before.length - before.offset {
        return Err(ErrorCode::UploadOffsetWrong.into());
    }
    let is_last = before.offset.saturating_add(size) == before.length;
    let least = app.config.upload_piece_min_bytes;
    // Deliberately small parts are refused, because each one becomes a file; a part cut short by the network is kept.
    if is_whole && size > 0 && !is_last && u64::try_from(size).unwrap_or_default() < least {
        return Err(ServiceError::RejectedField(
            ErrorCode::PieceTooSmall,
            FieldProblem::new("Content-Length", FieldRule::TooSmall(least)),
        ));
    }
    if size > 0 && !is_last && parts.len() + 1 >= app.config.upload_pieces_max {
        remove(app, id.as_str()).await?;
        return Err(ErrorCode::TooManyPieces.into());
    }
    if size > 0 {
        let name = format!("uploads/{id}/{}", new_id(app));
        let files = &app.attachments.files;
        let piece = files.flush_incoming(piece).await?;
        files.put(&name, &piece).await?;
        let part = PartRow { upload_id: id.to_string(), starts_at: offset, size, name: name.clone() };
        if !insert(app, part).await? {
            files.remove(&name).await?;
            return Err(ErrorCode::UploadOffsetWrong.into());
        }
    }
    let (row, parts) = find(app, actor, id).await?;
    let after = UploadStatus::of(row.clone(), &parts);
    if after.attachment_id.is_some() || after.offset < after.length {
        return Ok((after, None));
    }
    match finish(app, &row, &parts).await {
        Ok(receipt) => {
            clear_parts(app, &row, &parts, &receipt).await?;
            Ok((UploadStatus { attachment_id: Some(receipt.id.clone()), ..after }, Some(receipt)))
        }
        // Sending it again would not help. When only the store is unavailable, an empty PATCH retries.
        Err(error @ (ServiceError::Invalid(_) | ServiceError::RejectedField(..))) => {
            remove(app, id.as_str()).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

async fn insert(app: &App, part: PartRow) -> Result<bool, ServiceError> {
    let (longest, now) = (longest(app), app.now());
    app.db
        .write(move |connection| {
            let found = store::find_upload(connection, &part.upload_id)?.ok_or(ErrorCode::UploadNotFound)?;
            let expires_at = expiry(&found.0, part.starts_at + part.size, longest, now);
            if UploadStatus::of(found.0, &found.1).offset != part.starts_at {
                return Ok(false);
            }
            Ok::<_, ServiceError>(store::insert_part(connection, &part, expires_at)?)
        })
        .await
}

async fn finish(app: &App, row: &UploadRow, parts: &[PartRow]) -> Result<AttachmentReceipt, ServiceError> {
    let files = &app.attachments.files;
    // The whole file exists besides its parts for a while, in a spool and in the store.
    let kept = files.reserve_space(u64::try_from(row.length).unwrap_or_default()).await?;
    let mut spool = files.spool().await?.with(kept);
    for part in parts {
        spool = files.fetch(&part.name, spool).await?;
    }
    if i64::try_from(spool.size()) != Ok(row.length) {
        return Err(ErrorCode::FilesAway.into());
    }
    IncomingFile::of_spool(app, spool, row.source.clone().unwrap_or_default()).finish(row.account_id, |_| None).await
}

async fn clear_parts(app: &App, row: &UploadRow, parts: &[PartRow], receipt: &AttachmentReceipt) -> Result<(), ServiceError> {
    let (id, attachment, until) = (row.id.clone(), receipt.id.clone(), app.now().plus(longest(app)));
    app.db.write(move |connection| Ok::<_, ServiceError>(store::finish_upload(connection, &id, &attachment, until)?)).await?;
    for part in parts {
        // Parts that remain now are removed when the upload expires.
        if app.attachments.files.remove(&part.name).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Terminates an upload at the client's request.
///
/// # Errors
/// [`ErrorCode::UploadNotFound`], [`ErrorCode::FilesAway`].
pub async fn terminate(app: &App, actor: Option<AccountId>, id: &FileId) -> Result<(), ServiceError> {
    find(app, actor, id).await?;
    remove(app, id.as_str()).await
}

/// Removes an upload and its parts; the finished attachment stays.
///
/// # Errors
/// [`ErrorCode::FilesAway`].
pub async fn remove(app: &App, id: &str) -> Result<(), ServiceError> {
    let name = id.to_owned();
    let found = app.db.read(move |connection| Ok::<_, ServiceError>(store::find_upload(connection, &name)?)).await?;
    for part in found.map(|(_, parts)| parts).unwrap_or_default() {
        app.attachments.files.remove(&part.name).await?;
    }
    let id = id.to_owned();
    let added = app
        .db
        .write(move |connection| {
            if let Some((row, parts)) = store::find_upload(connection, &id)?
                && let (None, Some(payers), Some(begun_at)) = (&row.attachment_id, &row.source, row.begun_at)
            {
                let arrived: i64 = parts.iter().map(|part| part.size).sum();
                let paid = row.length.max(upload_quota::LEAST_BYTES);
                upload_quota::give_back(connection, payers, begun_at, paid - arrived.max(upload_quota::LEAST_BYTES))?;
            }
            Ok::<_, ServiceError>(store::forget_upload(connection, &id)?)
        })
        .await?;
    for name in added {
        // Parts inserted between the two transactions; the others are already gone.
        app.attachments.files.remove(&name).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_stays_as_far_as_it_arrives() {
        let begun_at = Instant::from_utc(chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let at = |minutes: i64| begun_at.plus(Duration::minutes(minutes));
        let row = UploadRow {
            id: String::new(),
            account_id: None,
            length: 1000,
            expires_at: begun_at,
            attachment_id: None,
            source: None,
            begun_at: Some(begun_at),
        };
        let until = |arrived: i64, minutes: i64| expiry(&row, arrived, Duration::hours(24), at(minutes));
        assert_eq!(until(0, 0), at(15), "nothing of it is here");
        assert_eq!(until(0, 10), at(15), "and nothing comes");
        assert_eq!(until(10, 14), at(29), "a hundredth of it is here");
        assert_eq!(until(10, 28), at(15).plus(Duration::seconds(864)), "a hundredth of a day, and no longer for a few bytes");
        assert_eq!(until(500, 600), at(615), "half of it: as long as it goes on");
        assert_eq!(until(999, 24 * 60 - 5), at(24 * 60), "but no longer than a day");
        let older = UploadRow { begun_at: None, ..row.clone() };
        assert_eq!(expiry(&older, 0, Duration::hours(24), at(3)), at(18));
    }
}
