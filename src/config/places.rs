//! Where the database and the folders of a process are.

use super::Config;
use crate::storage::{DatabaseUrl, DbSettings, StorageError};
use std::path::PathBuf;
use std::time::Duration;

impl Config {
    /// Where the database is.
    ///
    /// # Errors
    /// [`StorageError::Settings`] for a URL of no known database.
    pub fn address(&self) -> Result<DatabaseUrl, StorageError> {
        match &self.database_url {
            Some(url) => DatabaseUrl::parse(url.reveal()),
            None => DatabaseUrl::parse(&format!("sqlite://{}", self.data_dir.join("pakn.db").display())),
        }
    }

    /// The folder of the document exchange.
    #[must_use]
    pub fn exchange_folder(&self) -> PathBuf {
        self.data_dir.join(&self.exchange_dir)
    }

    /// How the database is opened.
    ///
    /// # Errors
    /// [`StorageError::Settings`] for a URL of no known database.
    pub fn database(&self) -> Result<DbSettings, StorageError> {
        let settings = DbSettings::new(self.address()?);
        let connections = if self.database_connections == 0 { settings.connections } else { self.database_connections };
        let wait = Duration::from_millis(self.database_wait_ms);
        Ok(DbSettings { connections, queue: self.database_queue, wait, vault: self.vault(), ..settings })
    }
}
