//! Detects and corrects timestamps written while the system clock was ahead: rows due at such a time would wait
//! too long.
//!
//! Each queue is a table with the time at which a row is due, the time at which it was written and, where one
//! exists, the time until which an instance has claimed it. Rule: a time further in the future than possible by
//! rule is reset to what it would be if computed now.

use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};

/// A queue table.
struct TimedQueue {
    table: &'static str,
    /// SQL condition for rows that still wait.
    waiting: &'static str,
    due: Option<&'static str>,
    written: Option<&'static str>,
    held: Option<&'static str>,
    /// SQL condition for rows that must not be sent during quiet hours.
    is_quiet: &'static str,
}

const QUEUES: &[TimedQueue] = &[
    TimedQueue {
        table: "outbox",
        waiting: "state = 'due'",
        due: Some("due_at"),
        written: Some("created_at"),
        held: Some("held_until"),
        is_quiet: "NOT is_urgent",
    },
    TimedQueue {
        table: "zalo_events",
        waiting: "state = 'due'",
        due: Some("due_at"),
        written: Some("received_at"),
        held: Some("held_until"),
        is_quiet: "1 = 0",
    },
    TimedQueue {
        table: "zalo_replies",
        waiting: "state = 'due'",
        due: Some("due_at"),
        written: Some("created_at"),
        held: Some("held_until"),
        is_quiet: "1 = 0",
    },
    TimedQueue {
        table: "exchange_messages",
        waiting: "due_at IS NOT NULL",
        due: Some("due_at"),
        written: Some("created_at"),
        held: None,
        is_quiet: "1 = 0",
    },
    TimedQueue {
        table: "attachments",
        waiting: "state = 'scanning'",
        due: Some("check_at"),
        written: Some("created_at"),
        held: None,
        is_quiet: "1 = 0",
    },
    TimedQueue {
        table: "zalo_tokens",
        waiting: "holder IS NOT NULL",
        due: None,
        written: None,
        held: Some("held_until"),
        is_quiet: "1 = 0",
    },
];

/// Limits against which timestamps are checked.
#[derive(Debug, Clone, Copy)]
pub struct TimeBounds {
    pub now: Instant,
    /// Now, or the end of the quiet hours for messages that must respect them.
    pub after_the_night: Instant,
    /// Latest plausible time of writing.
    pub latest_written: Instant,
    /// Latest plausible due time.
    pub latest_due: Instant,
    /// Latest plausible end of a claim.
    pub latest_held: Instant,
}

#[derive(QueryableByName)]
struct AheadCount {
    #[diesel(sql_type = BigInt)]
    lines: i64,
}

/// Returns the number of rows with implausible times.
pub fn count(connection: &mut DbConnection, bounds: TimeBounds) -> Result<i64, StorageError> {
    let mut lines = 0;
    for TimedQueue { table, waiting, due, written, held, is_quiet } in QUEUES {
        for (then, which) in due.iter().flat_map(|_| turns(is_quiet, bounds)) {
            let ahead = is_ahead(due.unwrap_or_default(), *written, 1);
            let statement = format!("SELECT COUNT(*) AS lines FROM {table} WHERE {waiting} AND {which} AND {ahead}");
            let found: AheadCount = diesel::sql_query(statement)
                .bind::<Timestamp, _>(bounds.latest_due)
                .bind::<Timestamp, _>(bounds.latest_written)
                .bind::<Timestamp, _>(then)
                .get_result(connection)?;
            lines += found.lines;
        }
        if let Some(held) = held {
            let statement = format!("SELECT COUNT(*) AS lines FROM {table} WHERE {waiting} AND {held} > $1");
            let found: AheadCount =
                diesel::sql_query(statement).bind::<Timestamp, _>(bounds.latest_held).get_result(connection)?;
            lines += found.lines;
        }
    }
    Ok(lines)
}

/// Corrects these rows.
pub fn pull_back(connection: &mut DbConnection, bounds: TimeBounds) -> Result<(), StorageError> {
    for TimedQueue { table, waiting, due, written, held, is_quiet } in QUEUES {
        for (then, which) in due.iter().flat_map(|_| turns(is_quiet, bounds)) {
            let due = due.unwrap_or_default();
            let ahead = is_ahead(due, *written, 2);
            diesel::sql_query(format!("UPDATE {table} SET {due} = $1 WHERE {waiting} AND {which} AND {ahead}"))
                .bind::<Timestamp, _>(then)
                .bind::<Timestamp, _>(bounds.latest_due)
                .bind::<Timestamp, _>(bounds.latest_written)
                .bind::<Timestamp, _>(then)
                .execute(connection)?;
        }
        if let Some(held) = held {
            let statement = format!("UPDATE {table} SET {held} = NULL WHERE {waiting} AND {held} > $1");
            diesel::sql_query(statement).bind::<Timestamp, _>(bounds.latest_held).execute(connection)?;
        }
    }
    Ok(())
}

/// Rows that respect quiet hours become due after them, all others at once.
fn turns(is_quiet: &str, bounds: TimeBounds) -> [(Instant, String); 2] {
    [(bounds.after_the_night, is_quiet.to_owned()), (bounds.now, format!("NOT ({is_quiet})"))]
}

/// SQL condition: due later than plausible, or written by a clock that was ahead and still not due. Binds three
/// values from `first` on.
fn is_ahead(due: &str, written: Option<&str>, first: usize) -> String {
    let written = written.unwrap_or(due);
    format!("({due} > ${first} OR ({written} > ${} AND {due} > ${}))", first + 1, first + 2)
}
