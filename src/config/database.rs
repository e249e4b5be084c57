//! Settings of the database: its address, how to open it, and resource limits of one request.

use super::Config;
use super::ConfigFaults;
use crate::db::database_disk::DatabaseDiskLimits;
use crate::db::{DatabaseUrl, DbSettings, StorageError};
use std::time::Duration;

impl Config {
    /// Returns the database URL.
    ///
    /// # Errors
    /// [`StorageError::Settings`] for a URL of an unknown database kind.
    pub fn address(&self) -> Result<DatabaseUrl, StorageError> {
        match &self.database_url {
            Some(url) => DatabaseUrl::parse(url.reveal()),
            None => DatabaseUrl::parse(&format!("sqlite://{}", self.data_dir.join("pakn.db").display())),
        }
    }

    /// Returns the settings with which the database is opened.
    ///
    /// # Errors
    /// [`StorageError::Settings`] for a URL of an unknown database kind.
    pub fn database(&self) -> Result<DbSettings, StorageError> {
        let settings = DbSettings::new(self.address()?);
        let connections = if self.database_connections == 0 { settings.connections } else { self.database_connections };
        let questions = if self.database_questions == 0 { settings.questions } else { self.database_questions };
        Ok(DbSettings {
            connections,
            queue: self.database_queue,
            wait: Duration::from_millis(self.database_wait_ms),
            statement_limit: Duration::from_millis(self.database_limit_ms),
            count_limit: Duration::from_millis(self.database_count_ms),
            questions,
            question_queue: self.database_question_queue,
            question_limit: Duration::from_millis(self.database_question_ms),
            room: DatabaseDiskLimits { log_bytes: self.database_log_max_bytes, free_bytes: self.database_free_min_bytes },
            vault: self.vault(),
            ..settings
        })
    }

    pub(super) fn check_database(&self, faults: &mut ConfigFaults) {
        let queue = u64::try_from(self.database_question_queue).unwrap_or(u64::MAX);
        let at_least_one = [
            ("database_question_queue", queue),
            ("database_count_ms", self.database_count_ms),
            ("database_question_ms", self.database_question_ms),
            ("database_limit_ms", self.database_limit_ms),
            ("database_log_max_bytes", self.database_log_max_bytes),
        ];
        at_least_one.iter().filter(|(_, value)| *value == 0).for_each(|(key, _)| faults.unusable(key, "must be at least 1"));
        if let Err(error) = self.address() {
            faults.unusable("database_url", &error.to_string());
        }
    }
}
