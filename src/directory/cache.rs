//! In-memory snapshot of the directory, revalidated against the version in the database by each transaction.

use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::directory::store::{load, state};
use std::sync::{Arc, PoisonError, RwLock};

/// The newest snapshot read by this process; all clones share it.
#[derive(Clone, Default)]
pub struct DirectoryCache {
    newest: Arc<RwLock<Option<Arc<Directory>>>>,
}

impl DirectoryCache {
    /// Returns the newest snapshot of this process, which may be behind the database.
    #[must_use]
    pub fn newest(&self) -> Option<Arc<Directory>> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the directory as the transaction sees it. Reads one row, and the whole directory only if the version
    /// has changed, so changes by other instances are noticed as well.
    pub fn current(&self, connection: &mut DbConnection) -> Result<Arc<Directory>, StorageError> {
        let version = state::read(connection)?.directory_version;
        if let Some(directory) = self.newest().filter(|directory| directory.version() == version) {
            return Ok(directory);
        }
        let directory = Arc::new(Directory::new(load(connection)?));
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&directory));
        Ok(directory)
    }
}
