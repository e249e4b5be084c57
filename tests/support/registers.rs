//! Reads the registers directly from the database: numbers 1, 2, 3 … per agency and year, and every petition once.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use diesel::prelude::*;
use pakn::db::schema::{documents, petitions, register_counters};
use pakn::db::{DatabaseUrl, Db, DbSettings, StorageError};
use pakn::kernel::ids::AgencyId;
use std::time::Duration;

/// Panics unless there are exactly `expected` petitions and no register has a gap, a duplicate, or a counter that
/// is not its last number.
pub fn check(database_url: &str, expected: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (lines, counters, count) = runtime.block_on(async {
        // Long enough to read everything on a busy machine.
        let (wait, statement_limit) = (Duration::from_secs(60), Duration::ZERO);
        let settings = DbSettings::new(DatabaseUrl::parse(database_url).expect("an address"));
        let db = Db::open(&DbSettings { wait, statement_limit, ..settings }).expect("open");
        let read = db.read(|connection| {
            let key = (documents::agency_id, documents::year, documents::number);
            let lines: Vec<(AgencyId, i32, i64)> = documents::table.select(key).order(key).load(connection)?;
            let key = (register_counters::agency_id, register_counters::year, register_counters::last_number);
            let counters: Vec<(AgencyId, i32, i64)> = register_counters::table.select(key).order(key).load(connection)?;
            let count: i64 = petitions::table.count().get_result(connection)?;
            Ok::<_, StorageError>((lines, counters, count))
        });
        let read = read.await.expect("the registers");
        db.close().await;
        read
    });
    assert_eq!(u64::try_from(count), Ok(expected), "every petition once");
    let mut lasts: Vec<(AgencyId, i32, i64)> = Vec::new();
    for (agency, year, number) in lines {
        match lasts.last_mut() {
            Some(last) if (last.0, last.1) == (agency, year) => {
                last.2 += 1;
                assert_eq!(number, last.2, "the next number of agency {agency} in {year}");
            }
            _ => {
                assert_eq!(number, 1, "the first number of agency {agency} in {year}");
                lasts.push((agency, year, 1));
            }
        }
    }
    assert_eq!(lasts, counters, "the counters are the last numbers");
}
