//! How long a question may be worked on: until its time is over, or until nobody waits for its answer any more.
//!
//! Lent to the thread that works on it, as the keys are. Whoever goes through many rows asks [`check`] now and then; statements
//! of SQLite that may visit many rows ask with each row, by a function of ours ([`each_row`]), which is the only way to end one from
//! outside. PostgreSQL is told to cancel by `db`, over another connection.

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

/// What a question that was given up says; `error` knows it again in what SQLite answers.
pub(super) const GIVEN_UP: &str = "the question was given up";

/// The patience with one question; clones share it.
#[derive(Debug, Clone)]
pub(super) struct QueryDeadline(Arc<DeadlineState>);

#[derive(Debug)]
struct DeadlineState {
    limit: Duration,
    /// Set when the work begins: whoever waits for a seat or a connection loses nothing.
    until: OnceLock<Instant>,
    is_given_up: AtomicBool,
    /// The process of PostgreSQL that works on it, for as long as it does.
    process: Mutex<Option<i32>>,
}

/// Puts back what was lent before, also after a panic.
struct DeadlineGuard(Option<QueryDeadline>);

impl Drop for DeadlineGuard {
    fn drop(&mut self) {
        LENT.set(self.0.take());
    }
}

impl QueryDeadline {
    /// That ends after this time; zero means never.
    pub(crate) fn new(limit: Duration) -> Self {
        let (until, is_given_up, process) = (OnceLock::new(), AtomicBool::new(false), Mutex::new(None));
        Self(Arc::new(DeadlineState { limit, until, is_given_up, process }))
    }

    /// From now on the time counts.
    pub(crate) fn begin(&self) {
        if self.0.limit > Duration::ZERO {
            self.0.until.get_or_init(|| Instant::now() + self.0.limit);
        }
    }

    /// Lends it to what runs on this thread.
    pub(crate) fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        let _before = DeadlineGuard(LENT.replace(Some(self.clone())));
        work()
    }

    /// Nobody waits any more.
    pub(super) fn cancel(&self) {
        self.0.is_given_up.store(true, Ordering::Release);
    }

    /// Whether the work should end.
    pub(super) fn is_expired(&self) -> bool {
        self.0.is_given_up.load(Ordering::Acquire) || self.0.until.get().is_some_and(|until| Instant::now() >= *until)
    }

    /// Names the process that works on it, or nobody any more.
    pub(super) fn work_by(&self, process: Option<i32>) {
        *self.0.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
    }

    /// Does something to the process that works on it, which does not begin other work meanwhile; false when nobody works on it.
    pub(super) fn with_process(&self, action: impl FnOnce(i32)) -> bool {
        let process = self.0.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.map(action).is_some()
    }
}

/// The function on its own, with what the macro makes of it.
mod function {
    #[diesel::declare_sql_function]
    extern "SQL" {
        /// Whether the statement may go on to the next row.
        fn pakn_may_go_on(row: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
    }
}

/// What the function answers: true, or an error that ends the statement.
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

/// Makes the function known to a connection.
pub(super) fn teach(sqlite: &mut SqliteConnection) -> QueryResult<()> {
    function::pakn_may_go_on_utils::register_nondeterministic_impl(sqlite, |_: i64| ContinueFlag(may_go_on()))
}

/// Whether what runs on this thread may go on.
///
/// # Errors
/// [`StorageError::Busy`] when the time is over, or when whoever asked has gone.
pub fn check() -> Result<(), StorageError> {
    if may_go_on() { Ok(()) } else { Err(StorageError::Busy) }
}

fn may_go_on() -> bool {
    LENT.with_borrow(|lent| lent.as_ref().is_none_or(|patience| !patience.is_expired()))
}

/// A condition that is always true, and that ends a statement of SQLite at the next row once the patience is over; to be added to what
/// may visit many rows. `column` is any of the rows that are visited.
pub fn each_row(column: &str) -> SqlLiteral<Bool> {
    sql::<Bool>(&format!("pakn_may_go_on({column})"))
}
