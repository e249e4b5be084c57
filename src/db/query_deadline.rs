//! Cancels queries: when their time limit has passed, or when the client no longer waits for the result.
//!
//! The deadline is a thread-local of the thread that runs the query, like the keys of `vault`. Loops over many
//! rows call [`check`]; SQLite statements that may visit many rows call an SQL function for each row
//! ([`each_row`]), which is the only way to abort them from outside. For PostgreSQL, `db` sends a cancel request
//! over another connection.

use crate::db::StorageError;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

thread_local! {
    static LENT: RefCell<Option<QueryDeadline>> = const { RefCell::new(None) };
}

/// The error text of a cancelled query; `error` recognises it in the message from SQLite.
pub(super) const GIVEN_UP: &str = "the question was given up";

/// The deadline of one query; clones share it.
#[derive(Debug, Clone)]
pub(super) struct QueryDeadline(Arc<DeadlineState>);

#[derive(Debug)]
struct DeadlineState {
    limit: Duration,
    /// Set when the query starts, so that waiting for a thread or a connection does not count.
    until: OnceLock<Instant>,
    is_given_up: AtomicBool,
    /// The PostgreSQL backend process that runs the query, while it does.
    process: Mutex<Option<i32>>,
}

/// Restores the previous deadline on drop, also after a panic.
struct DeadlineGuard(Option<QueryDeadline>);

impl Drop for DeadlineGuard {
    fn drop(&mut self) {
        LENT.set(self.0.take());
    }
}

impl QueryDeadline {
    /// Creates a deadline with this limit; zero means no limit.
    pub(crate) fn new(limit: Duration) -> Self {
        let (until, is_given_up, process) = (OnceLock::new(), AtomicBool::new(false), Mutex::new(None));
        Self(Arc::new(DeadlineState { limit, until, is_given_up, process }))
    }

    /// Starts the clock.
    pub(crate) fn begin(&self) {
        if self.0.limit > Duration::ZERO {
            self.0.until.get_or_init(|| Instant::now() + self.0.limit);
        }
    }

    /// Makes this the deadline of the current thread while `work` runs.
    pub(crate) fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        let _before = DeadlineGuard(LENT.replace(Some(self.clone())));
        work()
    }

    /// Cancels the query because nobody waits for it any more.
    pub(super) fn cancel(&self) {
        self.0.is_given_up.store(true, Ordering::Release);
    }

    /// Returns whether the query should end.
    pub(super) fn is_expired(&self) -> bool {
        self.0.is_given_up.load(Ordering::Acquire) || self.0.until.get().is_some_and(|until| Instant::now() >= *until)
    }

    /// Sets or clears the PostgreSQL backend process that runs the query.
    pub(super) fn work_by(&self, process: Option<i32>) {
        *self.0.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
    }

    /// Runs `action` on that process, which cannot start other work meanwhile because the lock is held; returns
    /// false when no process runs the query.
    pub(super) fn with_process(&self, action: impl FnOnce(i32)) -> bool {
        let process = self.0.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.map(action).is_some()
    }
}

/// A separate module for the function and the items that the macro generates.
mod function {
    #[diesel::declare_sql_function]
    extern "SQL" {
        /// Whether the statement may continue with the next row.
        fn pakn_may_go_on(row: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
    }
}

/// The result of the function: true, or an error that aborts the statement.
#[derive(Debug)]
struct ContinueFlag(bool);

impl ToSql<Bool, Sqlite> for ContinueFlag {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> diesel::serialize::Result {
        if !self.0 {
            return Err(GIVEN_UP.into());
        }
        out.set_value(1);
        Ok(IsNull::No)
    }
}

/// Registers the function on a connection.
pub(super) fn teach(sqlite: &mut SqliteConnection) -> QueryResult<()> {
    function::pakn_may_go_on_utils::register_nondeterministic_impl(sqlite, |_: i64| ContinueFlag(may_go_on()))
}

/// Checks the deadline of the current thread.
///
/// # Errors
/// [`StorageError::Busy`] when the time limit has passed or the query was cancelled.
pub fn check() -> Result<(), StorageError> {
    if may_go_on() { Ok(()) } else { Err(StorageError::Busy) }
}

fn may_go_on() -> bool {
    LENT.with_borrow(|lent| lent.as_ref().is_none_or(|patience| !patience.is_expired()))
}

/// Returns a condition that is always true, but aborts an SQLite statement at the next row once the deadline has
/// passed. Add it to statements that may visit many rows; `column` is any column of the visited rows.
pub fn each_row(column: &str) -> SqlLiteral<Bool> {
    sql::<Bool>(&format!("pakn_may_go_on({column})"))
}
