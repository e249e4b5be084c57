//! The store of files: a local folder, or a bucket that several instances share.
//!
//! Enter names and bytes, leave bytes; nothing here knows what a file means. Rule: every file goes through a spool in the data
//! folder and leaves it in pieces, a few transfers at a time, so that memory does not grow with the number of uploads.

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

/// The smallest piece that S3 takes in the middle of a file.
const BUCKET_PIECE_BYTES: usize = 5 * 1024 * 1024;
/// A piece on its way into a folder.
const FOLDER_PIECE_BYTES: usize = 256 * 1024;
/// How many files are stored at the same time; each needs the memory of one piece.
const TRANSFERS: usize = 2;
/// How many blocking threads the spools use at the same time.
const SPOOL_THREADS: usize = 4;

/// Where files lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileStoreAddress {
    /// In a local folder.
    Folder(PathBuf),
    /// In a bucket that speaks S3.
    Bucket(BucketAddress),
}

/// A bucket and who we are there.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketAddress {
    /// Its name.
    pub bucket: String,
    /// Before every name in it; may be empty.
    pub prefix: String,
    /// Address of the server; none for AWS.
    pub endpoint: Option<String>,
    /// Region; servers other than AWS ignore it.
    pub region: String,
    /// Key id.
    pub access_key: Option<String>,
    /// Key.
    pub secret_key: Option<String>,
}

impl std::fmt::Debug for BucketAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BucketAddress").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl FileStoreAddress {
    /// Whether a store could be set up there; makes no folder and does not connect.
    ///
    /// # Errors
    /// [`FileStoreError::Settings`] when the address cannot be used.
    pub fn check(&self) -> Result<(), FileStoreError> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Bucket(bucket) => connect(bucket).map(drop),
        }
    }
}

/// What can go wrong with files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileStoreError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The store, or the disk of the spool, does not serve now.
    #[error("the store of files is away: {0}")]
    Unavailable(String),
    /// The disk has no room for more.
    #[error("the disk of the files is full")]
    Full,
    /// The settings name no usable store.
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

/// The library wraps what the disk has said more than once.
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

/// The store of files of one process; cheap to clone.
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
    /// Prepares the store and the folder of the spools, around which so many bytes have to stay free; does not connect.
    ///
    /// # Errors
    /// [`FileStoreError::Settings`] when the address cannot be used, [`FileStoreError::Unavailable`] when a folder cannot be made.
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

    /// An empty file in the data folder that is gone when it is dropped.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when it cannot be made.
    pub async fn spool(&self) -> Result<Spool, FileStoreError> {
        let folder = Arc::clone(&self.spool);
        self.blocking(move || Spool::create(&folder)).await
    }

    /// Removes spools that nobody has written to for so long.
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
    /// [`FileStoreError::Unavailable`] when it could not be stored as a whole.
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

    /// Stores a few bytes under a name.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little would stay free, [`FileStoreError::Unavailable`] when they could not be stored.
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

    /// The size and the bytes of a stored file.
    ///
    /// # Errors
    /// [`FileStoreError::Missing`], [`FileStoreError::Unavailable`].
    pub async fn stream(&self, name: &str) -> Result<(u64, BoxStream<'static, Result<Bytes, FileStoreError>>), FileStoreError> {
        let (store, name) = (Arc::clone(&self.store), Name::from(name));
        let found = self.on_runtime(async move { Ok(store.get(&name).await?) }).await?;
        Ok((found.meta.size, found.into_stream().map_err(FileStoreError::from).boxed()))
    }

    /// The size of a stored file.
    ///
    /// # Errors
    /// [`FileStoreError::Missing`], [`FileStoreError::Unavailable`].
    pub async fn size(&self, name: &str) -> Result<u64, FileStoreError> {
        let (store, name) = (Arc::clone(&self.store), Name::from(name));
        self.on_runtime(async move { Ok(store.head(&name).await?.size) }).await
    }

    /// Removes a file; one that is not there is removed already.
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

    /// Writes what a spool has gathered to its file.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when the disk does not take it.
    pub async fn flush(&self, mut spool: Spool) -> Result<Spool, FileStoreError> {
        self.blocking(move || spool.write_out().map(|()| spool)).await
    }

    /// The same for what comes from outside, as long as the disks have room for it.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little would stay free, [`FileStoreError::Unavailable`] when the disk does not take it.
    pub async fn flush_incoming(&self, mut spool: Spool) -> Result<Spool, FileStoreError> {
        let space = Arc::clone(&self.space);
        self.blocking(move || spool.write_out_within(&space).map(|()| spool)).await
    }

    /// Keeps room for a file of so many bytes: in its spool, and for the copy that goes into the store.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little would stay free.
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

    /// Whether there is room for a file of so many bytes more, beside all for which room is kept.
    ///
    /// # Errors
    /// [`FileStoreError::Full`] when too little would stay free.
    pub async fn check_space(&self, more: u64) -> Result<(), FileStoreError> {
        let space = Arc::clone(&self.space);
        self.blocking(move || space.check(SpaceRequest::of_file(more))).await
    }

    /// Free bytes on the fullest disk of files; none where nothing lies on a disk of ours.
    ///
    /// # Errors
    /// [`FileStoreError::Unavailable`] when a folder cannot be looked at.
    pub async fn free_bytes(&self) -> Result<Option<u64>, FileStoreError> {
        let space = Arc::clone(&self.space);
        self.blocking(move || space.free()).await
    }

    /// Runs blocking work on one of the few threads for it.
    ///
    /// # Errors
    /// What the work returns; [`FileStoreError::Unavailable`] when it panicked or the process stops.
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

    /// Connections belong to the runtime of the process, which outlives those of the web workers.
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
