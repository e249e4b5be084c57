//! The file store for attachments: a local folder or an S3 bucket shared by several instances.
//!
//! Takes names and bytes; knows nothing about the meaning of files. Rule: every file goes through a spool in the
//! data folder and is transferred in parts, a few transfers at a time, so that memory does not grow with the
//! number of uploads.

use crate::db::disk_space::{DiskSpace, SpaceRequest, SpaceReservation};
use crate::db::spool::{self, Spool};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, Error, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// The minimum part size of an S3 multipart upload.
const BUCKET_PIECE_BYTES: usize = 5 * 1024 * 1024;
/// The part size for a local folder.
const FOLDER_PIECE_BYTES: usize = 256 * 1024;
/// Maximum number of concurrent transfers to the store; each needs memory for one part.
const TRANSFERS: usize = 2;
/// Maximum number of blocking threads for spools.
const SPOOL_THREADS: usize = 4;

/// The location of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileStoreAddress {
    /// A local folder.
    Folder(PathBuf),
    /// An S3-compatible bucket.
    Bucket(BucketAddress),
}

/// An S3 bucket with its credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketAddress {
    pub bucket: String,
    /// Prefix of every object name; may be empty.
    pub prefix: String,
    /// URL of the server; `None` for AWS.
    pub endpoint: Option<String>,
    /// Region; servers other than AWS ignore it.
    pub region: String,
    pub access_key: Option<String>,
    pub secret_key: Option<String>,
}

impl std::fmt::Debug for BucketAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BucketAddress").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl FileStoreAddress {
    /// Checks that a store can be configured with this address; creates no folder and does not connect.
    ///
    /// # Errors
    /// [`FileStoreError::Settings`] when the address is invalid.
    pub fn check(&self) -> Result<(), FileStoreError> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Bucket(bucket) => connect(bucket).map(drop),
        }
    }
}

/// An error of the file store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileStoreError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The store, or the disk of the spool, is temporarily unavailable.
    #[error("the store of files is away: {0}")]
    Unavailable(String),
    /// The disk is full.
    #[error("the disk of the files is full")]
    Full,
    /// The settings are invalid.
    #[error("{0}")]
    Settings(String),
}

impl From<Error> for FileStoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::Missing,
            other if is_full(&other) => Self::Full,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<std::io::Error> for FileStoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Looks for a disk-full error in the source chain, because `object_store` wraps the I/O error more than once.
fn is_full(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if matches!(kind, Some(std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The file store of a process; cheap to clone.
#[derive(Clone)]
pub struct FileStore {
    store: Arc<dyn ObjectStore>,
    piece_bytes: usize,
    spool: Arc<Path>,
    runtime: Handle,
    transfers: Arc<Semaphore>,
    threads: Arc<Semaphore>,
    space: Arc<DiskSpace>,
}

impl FileStore {
    /// Prepares the store and the spool folder; does not connect. At least `floor` bytes have to stay free on
    /// their disks.
    ///
    /// # Errors
    /// [`FileStoreError::Settings`] when the address is invalid, [`FileStoreError::Unavailable`] when a folder
    /// cannot be created.
    pub fn open(address: &FileStoreAddress, spool: &Path, floor: u64) -> Result<Self, FileStoreError> {
        let mut folder_of_store = None;
        let runtime = Handle::try_current().map_err(|_| FileStoreError::Unavailable("no runtime".to_owned()))?;
        create_private(spool)?;
        let (store, piece_bytes): (Arc<dyn ObjectStore>, usize) = match address {
            FileStoreAddress::Folder(folder) => {
                create_private(folder)?;
                folder_of_store = Some(folder.clone());
                let store = LocalFileSystem::new_with_prefix(folder).map_err(settings)?;
                (Arc::new(store.with_automatic_cleanup(true).with_fsync(true)), FOLDER_PIECE_BYTES)
            }
            FileStoreAddress::Bucket(bucket) => {
                (Arc::new(PrefixStore::new(connect(bucket)?, bucket.prefix.clone())), BUCKET_PIECE_BYTES)
            }
        };
        let (transfers, threads) = (Arc::new(Semaphore::new(TRANSFERS)), Arc::new(Semaphore::new(SPOOL_THREADS)));
        let space = Arc::new(DiskSpace::new(Some(spool.to_path_buf()), folder_of_store, floor));
        Ok(Self { store, piece_bytes, spool: spool.into(), runtime, transfers, threads, space })
    }

    /// Creates an empty spool, whose file is deleted on drop.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when it cannot be created.
    pub async fn spool(&self) -> Result<Spool, FileStoreError> {
        let folder = Arc::clone(&self.spool);
        self.blocking(move || Spool::create(&folder)).await
    }

    /// Deletes spools not modified for `unused_for`.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when the folder cannot be read.
    pub async fn clear_spools(&self, unused_for: Duration) -> Result<(), FileStoreError> {
        let folder = Arc::clone(&self.spool);
        self.blocking(move || spool::clear(&folder, unused_for)).await
    }

    /// Stores a spool under a name.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when it could not be stored completely.
    pub async fn put(&self, name: &str, spool: &Spool) -> Result<(), FileStoreError> {
        let _turn = self.transfers.acquire().await.map_err(|_| FileStoreError::Unavailable("stopping".to_owned()))?;
        let (name, size) = (Name::from(name), spool.size());
        let mut reader = spool.reader()?;
        if size <= self.piece_bytes {
            let (_, bytes) = self.piece(reader, size).await?;
            return self.put_whole(name, bytes).await;
        }
        let store = Arc::clone(&self.store);
        let target = name.clone();
        let mut upload = self.on_runtime(async move { Ok(store.put_multipart(&target).await?) }).await?;
        let mut left = size;
        while left > 0 {
            let (next, bytes) = self.piece(reader, left.min(self.piece_bytes)).await?;
            reader = next;
            left = left.saturating_sub(self.piece_bytes);
            let sent = upload.put_part(PutPayload::from(bytes));
            if let Err(error) = self.on_runtime(async move { Ok(sent.await?) }).await {
                let _ = upload.abort().await;
                return Err(error);
            }
        }
        self.on_runtime(async move { Ok(upload.complete().await?) }).await.map(drop)
    }

    /// Stores a small file under a name.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little space would stay free, [`FileStoreError::Unavailable`] when
    /// storing fails.
    pub async fn put_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<(), FileStoreError> {
        let _kept = self.keep(SpaceRequest::of_store(u64::try_from(bytes.len()).unwrap_or(u64::MAX))).await?;
        self.put_whole(Name::from(name), bytes).await
    }

    /// Appends a stored file to a spool.
    ///
    /// # Errors
    /// [`FileStoreError::Missing`], [`FileStoreError::Unavailable`].
    pub async fn fetch(&self, name: &str, mut spool: Spool) -> Result<Spool, FileStoreError> {
        let mut stream = self.stream(name).await?.1;
        while let Some(bytes) = stream.try_next().await? {
            spool.add(&bytes);
            if spool.is_full() {
                spool = self.flush(spool).await?;
            }
        }
        self.flush(spool).await
    }

    /// Returns the size and the bytes of a stored file.
    ///
    /// # Errors
    /// [`FileStoreError::Missing`], [`FileStoreError::Unavailable`].
    pub async fn stream(&self, name: &str) -> Result<(u64, BoxStream<'static, Result<Bytes, FileStoreError>>), FileStoreError> {
        let (store, name) = (Arc::clone(&self.store), Name::from(name));
        let found = self.on_runtime(async move { Ok(store.get(&name).await?) }).await?;
        Ok((found.meta.size, found.into_stream().map_err(FileStoreError::from).boxed()))
    }

    /// Returns the size of a stored file.
    ///
    /// # Errors
    /// [`FileStoreError::Missing`], [`FileStoreError::Unavailable`].
    pub async fn size(&self, name: &str) -> Result<u64, FileStoreError> {
        let (store, name) = (Arc::clone(&self.store), Name::from(name));
        self.on_runtime(async move { Ok(store.head(&name).await?.size) }).await
    }

    /// Deletes a file; succeeds when there is none.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`].
    pub async fn remove(&self, name: &str) -> Result<(), FileStoreError> {
        let (store, name) = (Arc::clone(&self.store), Name::from(name));
        match self.on_runtime(async move { Ok(store.delete(&name).await?) }).await {
            Err(FileStoreError::Missing) => Ok(()),
            other => other,
        }
    }

    /// Writes the buffer of a spool to its file.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when the disk rejects the write.
    pub async fn flush(&self, mut spool: Spool) -> Result<Spool, FileStoreError> {
        self.blocking(move || spool.write_out().map(|()| spool)).await
    }

    /// Writes the buffer of a spool with untrusted input, as long as the disks have space.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little space would stay free, [`FileStoreError::Unavailable`] when the
    /// disk rejects the write.
    pub async fn flush_incoming(&self, mut spool: Spool) -> Result<Spool, FileStoreError> {
        let space = Arc::clone(&self.space);
        self.blocking(move || spool.write_out_within(&space).map(|()| spool)).await
    }

    /// Reserves disk space for a file of this size: for its spool and for the copy in the store.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little space would stay free.
    pub async fn reserve_space(&self, bytes: u64) -> Result<SpaceReservation, FileStoreError> {
        self.keep(SpaceRequest::of_file(bytes)).await
    }

    async fn keep(&self, need: SpaceRequest) -> Result<SpaceReservation, FileStoreError> {
        let space = Arc::clone(&self.space);
        self.blocking(move || {
            let mut promise = SpaceReservation::empty(&space);
            promise.more(need).map(|()| promise)
        })
        .await
    }

    /// Checks that there is space for another file of this size, beside all reservations.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little space would stay free.
    pub async fn check_space(&self, more: u64) -> Result<(), FileStoreError> {
        let space = Arc::clone(&self.space);
        self.blocking(move || space.check(SpaceRequest::of_file(more))).await
    }

    /// Returns the free bytes on the fullest disk; `None` when nothing is stored on a local disk.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when a folder cannot be inspected.
    pub async fn free_bytes(&self) -> Result<Option<u64>, FileStoreError> {
        let space = Arc::clone(&self.space);
        self.blocking(move || space.free()).await
    }

    /// Runs blocking work on one of a few threads.
    ///
    /// # Errors
    /// The error of the work; [`FileStoreError::Unavailable`] when it panicked or the process stops.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, FileStoreError> {
        let _thread = self.threads.acquire().await.map_err(|_| FileStoreError::Unavailable("stopping".to_owned()))?;
        let done = self.runtime.spawn_blocking(work).await;
        Ok(done.map_err(|_| FileStoreError::Unavailable("the work was lost".to_owned()))??)
    }

    async fn piece(&self, mut reader: std::fs::File, size: usize) -> Result<(std::fs::File, Vec<u8>), FileStoreError> {
        self.blocking(move || {
            let mut bytes = vec![0; size];
            std::io::Read::read_exact(&mut reader, &mut bytes)?;
            Ok((reader, bytes))
        })
        .await
    }

    async fn put_whole(&self, name: Name, bytes: Vec<u8>) -> Result<(), FileStoreError> {
        let store = Arc::clone(&self.store);
        self.on_runtime(async move { Ok(store.put(&name, PutPayload::from(bytes)).await?) }).await.map(drop)
    }

    /// Runs store requests on the main runtime: pooled connections belong to it, and web workers' runtimes end
    /// earlier.
    async fn on_runtime<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, FileStoreError>> + Send + 'static,
    ) -> Result<T, FileStoreError> {
        self.runtime.spawn(work).await.map_err(|_| FileStoreError::Unavailable("the work was lost".to_owned()))?
    }
}

fn create_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn settings(error: Error) -> FileStoreError {
    FileStoreError::Settings(error.to_string())
}

fn connect(address: &BucketAddress) -> Result<object_store::aws::AmazonS3, FileStoreError> {
    let client = ClientOptions::new().with_connect_timeout(Duration::from_secs(5)).with_timeout(Duration::from_secs(60));
    let retry = RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
    let is_plain = address.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&address.bucket)
        .with_region(&address.region)
        .with_client_options(client.with_allow_http(is_plain))
        .with_retry(retry);
    if let Some(endpoint) = &address.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let (Some(key), Some(secret)) = (&address.access_key, &address.secret_key) {
        builder = builder.with_access_key_id(key).with_secret_access_key(secret);
    }
    builder.build().map_err(settings)
}
