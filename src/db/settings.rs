//! Settings for opening a database, with defaults for a modest server.

use crate::db::connection::{Backend, DatabaseUrl, Durability};
use crate::db::database_disk::DatabaseDiskLimits;
use crate::db::vault::Vault;
use std::time::Duration;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbSettings {
    pub url: DatabaseUrl,
    /// Open connections: for reads on SQLite; on PostgreSQL for writes, with half as many more for reads.
    pub connections: u32,
    /// How many reads, and how many writes, may wait before further ones get
    /// [`Busy`](crate::db::StorageError::Busy).
    pub queue: usize,
    /// How long a read or write may wait in the queue before it gets [`Busy`](crate::db::StorageError::Busy).
    pub wait: Duration,
    pub durability: Durability,
    /// Timeout after which a read or a PostgreSQL statement gets [`Busy`](crate::db::StorageError::Busy), and how
    /// long a write is waited for; zero means none, for jobs over all data.
    pub statement_limit: Duration,
    /// How long PostgreSQL may take to update shared counters before this process counts alone.
    pub count_limit: Duration,
    /// Number of expensive queries running at once, for the public and for staff each.
    pub questions: u32,
    /// Number of expensive queries that may wait.
    pub question_queue: usize,
    /// Timeout of expensive queries; zero means none.
    pub question_limit: Duration,
    /// Disk space limits of an SQLite database.
    pub room: DatabaseDiskLimits,
    /// The keys for personal data; without any, no personal data can be written or read.
    pub vault: Vault,
}

impl DbSettings {
    /// Returns the defaults for a server of modest size.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
        let connections = match url.backend() {
            Backend::Sqlite => 4,
            Backend::Postgres => 16,
        };
        // The other CPU cores serve everything else.
        let questions = (processors / 2).clamp(1, 2);
        Self {
            url,
            connections,
            queue: 1024,
            wait: Duration::from_secs(5),
            durability: Durability::Full,
            statement_limit: Duration::from_secs(15),
            count_limit: Duration::from_millis(500),
            questions,
            question_queue: 32,
            question_limit: Duration::from_secs(10),
            room: DatabaseDiskLimits::default(),
            vault: Vault::default(),
        }
    }
}
