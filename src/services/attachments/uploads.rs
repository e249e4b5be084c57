//! Uploads in pieces, for bad networks (tus 1.0.0): what has arrived stays, the rest may come hours later and to another instance.
//!
//! Enters a length, then pieces with the place where they begin; leaves an attachment once the last byte is there. Rule: pieces lie
//! in the store of files, and the table of pieces says how far an upload is; of two pieces for the same place the first counts.

use super::receive::{AttachmentReceipt, Receiving, new_id, too_large};
use super::room::{self, Sender};
use crate::app::App;
use crate::domain::Instant;
use crate::domain::attachment::FileId;
use crate::domain::field_problem::{FieldProblem, FieldRule};
use crate::domain::ids::AccountId;
use crate::domain::refusal::Refusal;
use crate::services::error::ServiceError;
use crate::storage::attachments::{self, PartRow, UploadRow};
use crate::storage::spool::Spool;
use chrono::Duration;

/// How many times the time for unused files an upload may stay open.
const LONGEST: u32 = 3;

/// Where an upload stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub id: String,
    /// Bytes of the whole file.
    pub length: i64,
    /// Bytes that have arrived.
    pub offset: i64,
    /// When it is forgotten unless more comes.
    pub expires_at: Instant,
    /// The attachment that it became.
    pub attachment_id: Option<String>,
}

impl Standing {
    fn of(row: UploadRow, parts: &[PartRow]) -> Self {
        let arrived = parts.iter().map(|part| part.size).sum();
        let offset = if row.attachment_id.is_some() { row.length } else { arrived };
        Self { id: row.id, length: row.length, offset, expires_at: row.expires_at, attachment_id: row.attachment_id }
    }
}

/// A piece on its way in.
pub struct Piece {
    app: App,
    spool: Option<Spool>,
    room: usize,
    /// Whether the client has sent what it wanted to send; otherwise the connection broke.
    pub is_whole: bool,
}

impl Piece {
    /// Begins one of at most `room` bytes.
    ///
    /// # Errors
    /// [`Refusal::FilesAway`].
    pub async fn begin(app: &App, room: i64) -> Result<Self, ServiceError> {
        let room = usize::try_from(room).unwrap_or_default();
        Ok(Self { app: app.clone(), spool: Some(app.attachments.files.spool().await?), room, is_whole: false })
    }

    /// Takes some bytes.
    ///
    /// # Errors
    /// [`Refusal::FileTooLarge`] when there are more than the upload lacks, [`Refusal::FilesAway`].
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        let mut spool = self.spool.take().ok_or(Refusal::FilesAway)?;
        spool.add(bytes);
        if spool.size() > self.room {
            return Err(too_large(u64::try_from(self.room).unwrap_or(u64::MAX)));
        }
        self.spool = Some(if spool.is_full() { self.app.attachments.files.take_in(spool).await? } else { spool });
        Ok(())
    }
}

/// When an upload is forgotten that was begun then and goes on now.
fn expiry(app: &App, begun_at: Option<Instant>) -> Instant {
    let hours = |count: u32| Duration::hours(i64::from(app.config.attachment_unused_hours.saturating_mul(count)));
    let next = app.now().plus(hours(1));
    begun_at.map_or(next, |begun_at| next.min(begun_at.plus(hours(LONGEST))))
}

/// Begins an upload, which is paid for as a whole at once.
///
/// # Errors
/// [`Refusal::FileTooLarge`], [`Refusal::StorageLow`], [`Refusal::UploadsFull`], [`Refusal::UploadBytesExhausted`].
pub async fn create(app: &App, sender: &Sender, account_id: Option<AccountId>, length: u64) -> Result<Standing, ServiceError> {
    let most = app.config.largest_attachment();
    if length > most {
        return Err(too_large(most));
    }
    app.attachments.files.check_space(length).await?;
    let (length, now) = (i64::try_from(length).unwrap_or(i64::MAX), app.now());
    let row = UploadRow {
        id: new_id(app).to_string(),
        account_id,
        length,
        // Nothing of it is here: room for what was only announced is not kept for a day.
        expires_at: expiry(app, None).min(now.plus(Duration::hours(1))),
        attachment_id: None,
        source: Some(sender.kept(app)),
        begun_at: Some(now),
    };
    let (stored, (payers, on_their_way)) = (row.clone(), room::payers(app, sender));
    app.db
        .write(move |connection| {
            payers.pay(connection, now, stored.length.max(room::LEAST_BYTES), on_their_way)?;
            Ok::<_, ServiceError>(attachments::insert_upload(connection, &stored)?)
        })
        .await?;
    Ok(Standing::of(row, &[]))
}

/// Where an upload stands.
///
/// # Errors
/// [`Refusal::UploadNotFound`] when there is none, it has expired, or another account began it.
pub async fn standing(app: &App, actor: Option<AccountId>, id: &FileId) -> Result<Standing, ServiceError> {
    find(app, actor, id).await.map(|(row, parts)| Standing::of(row, &parts))
}

async fn find(app: &App, actor: Option<AccountId>, id: &FileId) -> Result<(UploadRow, Vec<PartRow>), ServiceError> {
    let (id, now) = (id.to_string(), app.now());
    let found = app.db.read(move |connection| Ok::<_, ServiceError>(attachments::find_upload(connection, &id)?)).await?;
    let may = |row: &UploadRow| row.expires_at > now && (row.account_id.is_none() || row.account_id == actor);
    Ok(found.filter(|(row, _)| may(row)).ok_or(Refusal::UploadNotFound)?)
}

/// Adds a piece that begins where the upload stands, whole or as much of it as has arrived. The last piece makes an attachment.
///
/// # Errors
/// [`Refusal::UploadNotFound`], [`Refusal::UploadOffsetWrong`], [`Refusal::FilesAway`]; with the last piece those of
/// [`Receiving::finish`], after which the upload is gone.
pub async fn append(
    app: &App,
    actor: Option<AccountId>,
    id: &FileId,
    offset: i64,
    piece: Piece,
) -> Result<(Standing, Option<AttachmentReceipt>), ServiceError> {
    let (row, parts) = find(app, actor, id).await?;
    let before = Standing::of(row, &parts);
    let is_whole = piece.is_whole;
    let piece = piece.spool.ok_or(Refusal::FilesAway)?;
    let size = i64::try_from(piece.size()).unwrap_or(i64::MAX);
    if before.offset != offset || size > before.length - before.offset {
        return Err(Refusal::UploadOffsetWrong.into());
    }
    let is_last = before.offset.saturating_add(size) == before.length;
    let least = app.config.upload_piece_min_bytes;
    // Whoever sends small pieces on purpose makes a file of each; what a bad network has cut short is kept.
    if is_whole && size > 0 && !is_last && u64::try_from(size).unwrap_or_default() < least {
        return Err(ServiceError::RefusedFor(
            Refusal::PieceTooSmall,
            FieldProblem::new("Content-Length", FieldRule::TooSmall(least)),
        ));
    }
    if size > 0 && !is_last && parts.len() + 1 >= app.config.upload_pieces_max {
        remove(app, id.as_str()).await?;
        return Err(Refusal::TooManyPieces.into());
    }
    if size > 0 {
        let name = format!("uploads/{id}/{}", new_id(app));
        let files = &app.attachments.files;
        let piece = files.take_in(piece).await?;
        files.put(&name, &piece).await?;
        let part = PartRow { upload_id: id.to_string(), starts_at: offset, size, name: name.clone() };
        if !insert(app, part).await? {
            files.remove(&name).await?;
            return Err(Refusal::UploadOffsetWrong.into());
        }
    }
    let (row, parts) = find(app, actor, id).await?;
    let after = Standing::of(row.clone(), &parts);
    if after.attachment_id.is_some() || after.offset < after.length {
        return Ok((after, None));
    }
    match finish(app, &row, &parts).await {
        Ok(receipt) => {
            clear_parts(app, &row, &parts, &receipt).await?;
            Ok((Standing { attachment_id: Some(receipt.id.clone()), ..after }, Some(receipt)))
        }
        // Sent again it would be no better; when only the store is away, an empty piece tries again.
        Err(error @ (ServiceError::Invalid(_) | ServiceError::RefusedFor(..))) => {
            remove(app, id.as_str()).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

async fn insert(app: &App, part: PartRow) -> Result<bool, ServiceError> {
    let app_ = app.clone();
    app.db
        .write(move |connection| {
            let found = attachments::find_upload(connection, &part.upload_id)?.ok_or(Refusal::UploadNotFound)?;
            let expires_at = expiry(&app_, found.0.begun_at);
            if Standing::of(found.0, &found.1).offset != part.starts_at {
                return Ok(false);
            }
            Ok::<_, ServiceError>(attachments::insert_part(connection, &part, expires_at)?)
        })
        .await
}

async fn finish(app: &App, row: &UploadRow, parts: &[PartRow]) -> Result<AttachmentReceipt, ServiceError> {
    let files = &app.attachments.files;
    let mut spool = files.spool().await?;
    for part in parts {
        spool = files.fetch(&part.name, spool).await?;
    }
    if i64::try_from(spool.size()) != Ok(row.length) {
        return Err(Refusal::FilesAway.into());
    }
    Receiving::of_spool(app, spool, row.source.clone().unwrap_or_default()).finish(row.account_id, |_| None).await
}

async fn clear_parts(app: &App, row: &UploadRow, parts: &[PartRow], receipt: &AttachmentReceipt) -> Result<(), ServiceError> {
    let (id, attachment) = (row.id.clone(), receipt.id.clone());
    app.db.write(move |connection| Ok::<_, ServiceError>(attachments::finish_upload(connection, &id, &attachment)?)).await?;
    for part in parts {
        // What stays behind now goes when the upload expires.
        if app.attachments.files.remove(&part.name).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Ends an upload at its client's wish.
///
/// # Errors
/// [`Refusal::UploadNotFound`], [`Refusal::FilesAway`].
pub async fn terminate(app: &App, actor: Option<AccountId>, id: &FileId) -> Result<(), ServiceError> {
    find(app, actor, id).await?;
    remove(app, id.as_str()).await
}

/// Removes an upload and its pieces; the attachment that it became stays.
///
/// # Errors
/// [`Refusal::FilesAway`].
pub async fn remove(app: &App, id: &str) -> Result<(), ServiceError> {
    let name = id.to_owned();
    let found = app.db.read(move |connection| Ok::<_, ServiceError>(attachments::find_upload(connection, &name)?)).await?;
    for part in found.map(|(_, parts)| parts).unwrap_or_default() {
        app.attachments.files.remove(&part.name).await?;
    }
    let id = id.to_owned();
    let added = app
        .db
        .write(move |connection| {
            if let Some((row, parts)) = attachments::find_upload(connection, &id)?
                && let (None, Some(payers), Some(begun_at)) = (&row.attachment_id, &row.source, row.begun_at)
            {
                let arrived: i64 = parts.iter().map(|part| part.size).sum();
                let paid = row.length.max(room::LEAST_BYTES);
                room::give_back(connection, payers, begun_at, paid - arrived.max(room::LEAST_BYTES))?;
            }
            Ok::<_, ServiceError>(attachments::forget_upload(connection, &id)?)
        })
        .await?;
    for name in added {
        // A piece that came between the two transactions; the others are gone already.
        app.attachments.files.remove(&name).await?;
    }
    Ok(())
}
