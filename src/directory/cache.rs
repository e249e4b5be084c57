//! One snapshot of the directory in memory, as new as the transaction that asks.

use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::directory::store::{load, state};
use std::sync::{Arc, PoisonError, RwLock};

/// The newest snapshot that this process has read; all clones share it.
#[derive(Clone, Default)]
pub struct DirectoryCache {
    newest: Arc<RwLock<Option<Arc<Directory>>>>,
}

impl DirectoryCache {
    /// The newest that this process has read, which may be behind the database.
    #[must_use]
    pub fn newest(&self) -> Option<Arc<Directory>> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The directory as the transaction sees it. Costs one row; reads everything only when the version is another one, which
    /// also notices the changes of other instances.
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
