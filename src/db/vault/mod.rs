//! Encryption of personal data in columns: sealed on write, opened on read, looked up by keyed hash.
//!
//! [`Db`](crate::db::Db) sets the key ring as a thread-local while a closure runs ([`Vault::enter`]); the `store`
//! modules seal and open with it, and no other code sees sealed values. Rules: an empty text is not sealed and
//! stays empty; a key file is read again when it has changed, and at once when a value names an unknown key.

pub(crate) mod key_ring;
mod sealed_columns;
mod state;

pub use sealed_columns::{LookupKind, SEALED_COLUMNS, SealedColumn};
pub use state::{is_sealed, set_sealed, try_one};

use crate::db::StorageError;
use key_ring::{KeyRing, UnsealError};
use std::cell::RefCell;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Interval at which a key file is checked for changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The source of the keys.
enum KeySource {
    /// From the settings.
    Settings,
    /// A file with one secret per line, the current one first.
    File(PathBuf),
}

/// Identifies the version of the file that was read: inode, length, modification time.
type FileStamp = (u64, u64, i64, i64);

struct CachedKeys {
    ring: Arc<KeyRing>,
    looked_at: Option<Instant>,
    stamp: Option<FileStamp>,
}

struct VaultInner {
    source: KeySource,
    held: Mutex<CachedKeys>,
}

/// The key ring of a process; cheap to clone. The default one has no keys.
#[derive(Clone)]
pub struct Vault(Arc<VaultInner>);

thread_local! {
    static LENT: RefCell<Option<Vault>> = const { RefCell::new(None) };
}

/// Restores the previous key ring on drop, also after a panic.
struct VaultGuard(Option<Vault>);

impl Drop for VaultGuard {
    fn drop(&mut self) {
        LENT.with_borrow_mut(|lent| *lent = self.0.take());
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Default for Vault {
    fn default() -> Self {
        Self::of_secrets(&[])
    }
}

impl Vault {
    fn new(source: KeySource, ring: KeyRing) -> Self {
        let held = CachedKeys { ring: Arc::new(ring), looked_at: None, stamp: None };
        Self(Arc::new(VaultInner { source, held: Mutex::new(held) }))
    }

    /// Creates a vault from secrets, the current one first.
    #[must_use]
    pub fn of_secrets(secrets: &[&str]) -> Self {
        Self::new(KeySource::Settings, KeyRing::new(secrets.iter().copied()))
    }

    /// Creates a vault from a key file, which is read on first use.
    #[must_use]
    pub fn of_file(file: PathBuf) -> Self {
        Self::new(KeySource::File(file), KeyRing::new([]))
    }

    /// Makes this the key ring of the current thread while `work` runs.
    pub fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        let _before = VaultGuard(LENT.with_borrow_mut(|lent| lent.replace(self.clone())));
        work()
    }

    /// Returns the key names, the current one first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn key_names(&self) -> Result<Vec<String>, StorageError> {
        Ok(self.ring(true)?.names())
    }

    /// Returns the key ring, reloading the file when it is due or `now` is set.
    fn ring(&self, now: bool) -> Result<Arc<KeyRing>, StorageError> {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        let KeySource::File(file) = &self.0.source else { return Ok(Arc::clone(&held.ring)) };
        if now || held.looked_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            let away = |cause| StorageError::Unavailable(format!("cannot read the keys {}: {cause}", file.display()));
            let found = std::fs::metadata(file).map_err(away)?;
            let stamp = (found.ino(), found.len(), found.mtime(), found.mtime_nsec());
            if held.stamp != Some(stamp) {
                let text = std::fs::read_to_string(file).map_err(away)?;
                held.ring = Arc::new(KeyRing::new(text.lines().map(str::trim).filter(|line| !line.is_empty())));
                held.stamp = Some(stamp);
            }
            held.looked_at = Some(Instant::now());
        }
        Ok(Arc::clone(&held.ring))
    }

    fn open(&self, place: SealedColumn, row: &str, sealed: &str) -> Result<String, StorageError> {
        let bound = place.bound(row);
        let mut opened = self.ring(false)?.open(&bound, sealed);
        if opened == Err(UnsealError::UnknownKey) {
            opened = self.ring(true)?.open(&bound, sealed);
        }
        opened.map_err(|why| match why {
            UnsealError::UnknownKey => {
                StorageError::Unavailable(format!("the key that sealed {}.{} is not in the key ring", place.table, place.column))
            }
            UnsealError::Wrong => StorageError::Corrupt { table: place.table.to_owned(), column: place.column.to_owned() },
        })
    }
}

pub(crate) fn lent() -> Result<Vault, StorageError> {
    let none = || StorageError::Settings("nobody has lent the keys of personal data".to_owned());
    LENT.with_borrow(Clone::clone).ok_or_else(none)
}

/// Encrypts a value for its column and row.
///
/// # Errors
/// When there are no keys.
pub fn seal(place: SealedColumn, row: impl std::fmt::Display, text: &str) -> Result<String, StorageError> {
    if text.is_empty() {
        return Ok(String::new());
    }
    lent()?.ring(false)?.seal(&place.bound(row), text)
}

/// Encrypts an optional value.
///
/// # Errors
/// As [`seal`].
pub fn seal_some(place: SealedColumn, row: impl std::fmt::Display, text: Option<&str>) -> Result<Option<String>, StorageError> {
    text.map(|text| seal(place, row, text)).transpose()
}

/// Decrypts a value of its column and row.
///
/// # Errors
/// `Unavailable` when its key is missing, `Corrupt` when the value was not sealed for this location.
pub fn open(place: SealedColumn, row: impl std::fmt::Display, sealed: &str) -> Result<String, StorageError> {
    if sealed.is_empty() {
        return Ok(String::new());
    }
    lent()?.open(place, &row.to_string(), sealed)
}

/// Decrypts an optional value.
///
/// # Errors
/// As [`open`].
pub fn open_some(place: SealedColumn, row: impl std::fmt::Display, sealed: Option<&str>) -> Result<Option<String>, StorageError> {
    sealed.map(|sealed| open(place, row, sealed)).transpose()
}

/// Returns the lookup hash under which a value is stored.
///
/// # Errors
/// When there are no keys.
pub fn hash(lookup: LookupKind, value: &str) -> Result<String, StorageError> {
    let none = || StorageError::Settings("there is no key for personal data".to_owned());
    hashes(lookup, value)?.into_iter().next().ok_or_else(none)
}

/// Returns the lookup hash of an optional value.
///
/// # Errors
/// As [`hash`].
pub fn hash_some(lookup: LookupKind, value: Option<&str>) -> Result<Option<String>, StorageError> {
    value.map(|value| hash(lookup, value)).transpose()
}

/// Returns the hashes under which a value may be stored: of the current key, then of earlier ones.
///
/// # Errors
/// When the keys cannot be read.
pub fn hashes(lookup: LookupKind, value: &str) -> Result<Vec<String>, StorageError> {
    Ok(lent()?.ring(false)?.hashes(lookup.as_str(), value))
}
