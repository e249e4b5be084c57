//! How a database is opened.

use crate::db::connection::{Backend, DatabaseUrl, Durability};
use crate::db::database_disk::DatabaseDiskLimits;
use crate::db::vault::Vault;
use std::time::Duration;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Connections kept open: the readers on SQLite; on PostgreSQL those that write, with half as many more that read.
    pub connections: u32,
    /// How many reads, and how many writes, may wait before further ones are answered [`Busy`](crate::db::StorageError::Busy).
    pub queue: usize,
    /// How long a read or a write may wait for its turn before it is answered [`Busy`](crate::db::StorageError::Busy).
    pub wait: Duration,
    /// What acknowledged writes survive.
    pub durability: Durability,
    /// When a read or a statement of PostgreSQL is given up, which is then answered [`Busy`](crate::db::StorageError::Busy), and how long a write is
    /// waited for; zero means never, for work that goes through everything.
    pub statement_limit: Duration,
    /// How long PostgreSQL may take to count for all instances before a process counts alone.
    pub count_limit: Duration,
    /// How many questions that cost much are worked on at once, for the public and for offices each.
    pub questions: u32,
    /// How many of them may wait.
    pub question_queue: usize,
    /// When they are given up; zero means never.
    pub question_limit: Duration,
    /// How much room an SQLite database may take.
    pub room: DatabaseDiskLimits,
    /// The keys of personal data; without any, nothing personal can be written or read.
    pub vault: Vault,
}

impl DbSettings {
    /// The settings for a server of modest size.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
        let connections = match url.backend() {
            Backend::Sqlite => 4,
            Backend::Postgres => 16,
        };
        // The processors are needed for everything else, too.
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
