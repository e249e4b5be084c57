//! Bulk insert of new sums and their processing times.

use crate::db::dialect::copy::copy;
use crate::db::schema::{statistics_sums, statistics_times};
use crate::db::{DbConnection, StorageError};
use crate::figures::rules::Counters;
use crate::figures::store::{PackedTimes, RollupKey, add_sums, add_times};
use data_encoding::HEXLOWER;
use std::fmt::Write;

/// Inserts sums and times with new keys: on PostgreSQL many times faster than adding.
///
/// # Errors
/// Database errors, including an existing key.
pub fn insert_new(
    connection: &mut DbConnection,
    sums: &[(RollupKey, Counters)],
    times: &[(RollupKey, PackedTimes)],
) -> Result<(), StorageError> {
    let DbConnection::Postgres(server) = connection else {
        add_sums(connection, sums)?;
        return add_times(connection, times);
    };
    let mut lines = String::new();
    for (key, counters) in sums {
        write_key(&mut lines, key);
        for value in counters.values() {
            let _ = write!(lines, "\t{value}");
        }
        lines.push('\n');
    }
    copy(server, statistics_sums::table, &lines)?;
    lines.clear();
    for (key, (added, taken)) in times {
        write_key(&mut lines, key);
        for bytes in [added, taken] {
            lines.push_str("\t\\\\x");
            HEXLOWER.encode_append(bytes, &mut lines);
        }
        lines.push('\n');
    }
    copy(server, statistics_times::table, &lines)
}

fn write_key(lines: &mut String, key: &RollupKey) {
    let RollupKey { dimension, value, grain, event_on, received_in, agency_id } = key;
    let _ = write!(lines, "{dimension}\t{value}\t{grain}\t{event_on}\t{received_in}\t{agency_id}");
}
