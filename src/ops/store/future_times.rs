//! Times that a clock has written which was ahead and is set back now: what waits for such a time would wait as long as that.
//!
//! Each queue is a table with the time at which a line is due, the time at which it was written and, where one exists, the time until
//! which somebody holds it. Rule: a time that lies further ahead than it can by rule is brought back to what it would be from now on.

use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};

/// A queue.
struct TimedQueue {
    table: &'static str,
    /// Which lines still wait.
    waiting: &'static str,
    due: Option<&'static str>,
    written: Option<&'static str>,
    held: Option<&'static str>,
    /// Lines that must not be brought into the night, as SQL.
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

/// The moments by which times are judged.
#[derive(Debug, Clone, Copy)]
pub struct TimeBounds {
    /// The present.
    pub now: Instant,
    /// The present, or the end of the night for what must not disturb.
    pub after_the_night: Instant,
    /// Nothing is written later than this.
    pub latest_written: Instant,
    /// Nothing is due later than this.
    pub latest_due: Instant,
    /// Nothing is held longer than this.
    pub latest_held: Instant,
}

#[derive(QueryableByName)]
struct AheadCount {
    #[diesel(sql_type = BigInt)]
    lines: i64,
}

/// How many lines have times that lie too far ahead.
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

/// Brings them back.
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

/// What must not disturb is due after the night, anything else at once.
fn turns(is_quiet: &str, bounds: TimeBounds) -> [(Instant, String); 2] {
    [(bounds.after_the_night, is_quiet.to_owned()), (bounds.now, format!("NOT ({is_quiet})"))]
}

/// Due later than anything can be, or written by a clock that was ahead and not due before that; binds three values from `first` on.
fn is_ahead(due: &str, written: Option<&str>, first: usize) -> String {
    let written = written.unwrap_or(due);
    format!("({due} > ${first} OR ({written} > ${} AND {due} > ${}))", first + 1, first + 2)
}
