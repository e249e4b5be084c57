//! Receives a file: chunks go into a spool, the type is recognised from the first bytes, the limit depends on the
//! kind.
//!
//! Takes the bytes of one upload; returns a receipt. Memory holds one buffer only; a refused file leaves nothing
//! behind.

use super::Rendition;
use super::processing::{ScanCaller, ScanOutcome, check, remove_files};
use super::recognise::recognise;
use super::upload_quota::{UploadPermit, UploadSource, expected};
use crate::app::App;
use crate::attachments::rules::{AttachmentKind, AttachmentState, FileId, FileType};
use crate::attachments::store::{self, AttachmentRow};
use crate::db::idempotency::{self, IdempotentResponse, RequestKey};
use crate::db::service_error::ServiceError;
use crate::db::spool::Spool;
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::ids::AccountId;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The name of the multipart field.
const FIELD: &str = "file";
/// Header, one object and trailer: a shorter PDF cannot be opened.
const SMALLEST_PDF: usize = 32;
/// How many first bytes are needed for reliable recognition.
const RECOGNISED_AT: usize = 4096;
/// How long the worker leaves a new file to the process that received it, in minutes.
const OURS_MINUTES: i64 = 10;

/// What is answered to an upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttachmentReceipt {
    /// Its name, for `attachments` of a petition or a reply.
    #[schema(example = "6f1d0c3b9a8e47f2b5d4c3a291807f6e")]
    pub id: String,
    /// What its bytes are.
    #[schema(example = "image/jpeg")]
    pub media_type: String,
    /// How many bytes arrived.
    pub size: i64,
    /// Of the bytes that arrived, in hexadecimal.
    pub sha256: String,
    /// Whether it may be seen already.
    pub state: AttachmentState,
}

/// A file being received.
pub struct IncomingFile {
    app: App,
    pass: Option<UploadPermit>,
    /// The source under which image slots are counted, when another upload has paid already.
    sender: Option<String>,
    spool: Option<Spool>,
    file_type: Option<FileType>,
}

impl IncomingFile {
    /// Starts receiving; `announced` is the announced number of bytes, if any.
    ///
    /// # Errors
    /// [`ErrorCode::StorageLow`], those of [`UploadPermit::acquire`]; [`ErrorCode::FilesAway`].
    pub async fn begin(app: &App, sender: UploadSource, announced: Option<u64>) -> Result<Self, ServiceError> {
        let files = &app.attachments.files;
        // Reserved on disk as well, so that concurrent uploads do not count on the same free bytes.
        let kept = files.reserve_space(expected(app, announced)).await?;
        let pass = Some(UploadPermit::acquire(app, sender, announced).await?);
        let spool = Some(files.spool().await?.with(kept));
        Ok(Self { app: app.clone(), pass, sender: None, spool, file_type: None })
    }

    /// Takes a chunk.
    ///
    /// # Errors
    /// [`ErrorCode::FileTypeUnknown`], [`ErrorCode::FileTooLarge`], [`ErrorCode::StorageLow`],
    /// [`ErrorCode::FilesAway`], those of [`UploadPermit::reach`].
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        let mut spool = self.spool.take().ok_or(ErrorCode::FilesAway)?;
        spool.add(bytes);
        if self.file_type.is_none() && spool.size() >= RECOGNISED_AT {
            self.file_type = Some(recognised(&spool)?);
        }
        let limit = self.limit();
        if u64::try_from(spool.size()).unwrap_or(u64::MAX) > limit {
            return Err(too_large(limit));
        }
        if let Some(pass) = &mut self.pass {
            pass.reach(spool.size()).await?;
        }
        self.spool = Some(if spool.is_full() { self.app.attachments.files.flush_incoming(spool).await? } else { spool });
        Ok(())
    }

    fn limit(&self) -> u64 {
        match self.file_type {
            Some(file_type) => self.app.config.attachment_limit(file_type.kind).bytes,
            None => self.app.config.largest_attachment(),
        }
    }

    /// Finishes a complete file: stores and scans it and creates its renditions.
    ///
    /// # Errors
    /// [`ErrorCode::FileTypeUnknown`], [`ErrorCode::FileTooLarge`], a rule that the file breaks,
    /// [`ErrorCode::IdempotencyKeyReused`], [`ErrorCode::StorageLow`], [`ErrorCode::FilesAway`].
    pub async fn finish(
        mut self,
        account_id: Option<AccountId>,
        key: impl FnOnce(&str) -> Option<RequestKey>,
    ) -> Result<AttachmentReceipt, ServiceError> {
        let spool = self.spool.take().ok_or(ErrorCode::FilesAway)?;
        if spool.size() == 0 {
            return Err(ServiceError::invalid(FIELD, FieldRule::Required));
        }
        let file_type = recognised(&spool)?;
        self.file_type = Some(file_type);
        if file_type.kind == AttachmentKind::Pdf && spool.size() < SMALLEST_PDF {
            return Err(ServiceError::invalid(FIELD, FieldRule::DamagedFile));
        }
        let (size, limit) = (i64::try_from(spool.size()).unwrap_or(i64::MAX), self.limit());
        if u64::try_from(size).unwrap_or(u64::MAX) > limit {
            return Err(too_large(limit));
        }
        let mut spool = self.app.attachments.files.flush_incoming(spool).await?;
        spool.complete();
        let row = new_row(&self.app, account_id, file_type, size, spool.sha256());
        let key = key(&row.sha256);
        let payer = (self.pass.take(), self.sender.take());
        keep(&self.app, row, spool, key, payer).await
    }

    /// Takes over the spool of a resumable upload, which has paid for its bytes already.
    #[must_use]
    pub fn of_spool(app: &App, spool: Spool, sender: String) -> Self {
        Self { app: app.clone(), pass: None, sender: Some(sender), spool: Some(spool), file_type: None }
    }
}

fn recognised(spool: &Spool) -> Result<FileType, ServiceError> {
    recognise(spool.head()).ok_or_else(|| {
        ServiceError::RejectedField(ErrorCode::FileTypeUnknown, FieldProblem::new(FIELD, FieldRule::UnknownFileType))
    })
}

/// Returns the error for a file above the limit (in bytes).
#[must_use]
pub fn too_large(limit: u64) -> ServiceError {
    ServiceError::RejectedField(ErrorCode::FileTooLarge, FieldProblem::new(FIELD, FieldRule::TooLarge(limit)))
}

/// Creates a random ID.
#[must_use]
pub fn new_id(app: &App) -> FileId {
    FileId::new(app.entropy.bits(), app.entropy.bits())
}

fn new_row(app: &App, account_id: Option<AccountId>, file_type: FileType, size: i64, sha256: String) -> AttachmentRow {
    let now: Instant = app.now();
    AttachmentRow {
        id: new_id(app).to_string(),
        account_id,
        kind: file_type.kind,
        media_type: file_type.media_type.to_owned(),
        size,
        sha256,
        state: AttachmentState::Scanning,
        created_at: now,
        check_at: now.plus(Duration::minutes(OURS_MINUTES)),
        petition_id: None,
        occasion: None,
        joined_at: None,
        position: None,
    }
}

/// The row is inserted first, so that everything in the store has a row by which it can be found and removed.
async fn keep(
    app: &App,
    row: AttachmentRow,
    mut spool: Spool,
    key: Option<RequestKey>,
    (pass, sender): (Option<UploadPermit>, Option<String>),
) -> Result<AttachmentReceipt, ServiceError> {
    let stored = row.clone();
    app.db.write(move |connection| Ok::<_, ServiceError>(store::insert(connection, &stored)?)).await?;
    let source = sender.unwrap_or_else(|| pass.as_ref().map(UploadPermit::name).unwrap_or_default());
    if let Some(mut pass) = pass {
        pass.arrived(row.size).await?;
    }
    let kept = async {
        app.attachments.files.put(&Rendition::Original.name(&row.id), &spool).await?;
        spool.stored();
        match check(app, &row, &spool, ScanCaller::Sender(&source)).await? {
            ScanOutcome::Refused(_, rule) => Err(ServiceError::invalid(FIELD, rule)),
            outcome => settle(app, &row, outcome.state(), key).await,
        }
    }
    .await;
    match kept {
        Ok(IdempotentResponse { body, is_repeated: false, .. }) => Ok(body),
        Ok(IdempotentResponse { body, .. }) => {
            forget(app, &row.id).await?;
            Ok(body)
        }
        Err(error) => {
            forget(app, &row.id).await?;
            Err(error)
        }
    }
}

async fn settle(
    app: &App,
    row: &AttachmentRow,
    state: AttachmentState,
    key: Option<RequestKey>,
) -> Result<IdempotentResponse<AttachmentReceipt>, ServiceError> {
    let (row, now) = (row.clone(), app.now());
    app.db
        .write(move |connection| {
            idempotency::once(connection, key.as_ref(), "", now, |connection, _| {
                match state {
                    AttachmentState::Scanning => store::put_off(connection, &row.id, now)?,
                    state => {
                        store::settle(connection, &row.id, state)?;
                    }
                }
                let (id, media_type, sha256) = (row.id.clone(), row.media_type.clone(), row.sha256.clone());
                Ok(AttachmentReceipt { id, media_type, size: row.size, sha256, state })
            })
        })
        .await
}

/// The row is deleted last: while it exists, the files can be found and removed.
async fn forget(app: &App, id: &str) -> Result<(), ServiceError> {
    remove_files(&app.attachments, id).await?;
    let id = id.to_owned();
    app.db.write(move |connection| Ok::<_, ServiceError>(store::forget(connection, &id).map(drop)?)).await
}
