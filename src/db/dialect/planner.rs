//! Fixed table sizes for SQLite's query planner: those of a province after some years.
//!
//! Measured sizes would depend on the moment of measuring: an empty database reports one row per table, and a
//! server started then would scan whole tables forever. With fixed sizes a statement has the same plan on a fresh
//! database and on one with a million petitions. `migrate` writes them, and restores them after a table was
//! rebuilt. PostgreSQL measures by itself.

use crate::db::StorageError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use std::fmt::Write;

/// Table, index, and its statistics: number of rows, and how many share the first, the first two, … columns.
/// Tables without an entry are assumed to be large, which is right for those that grow and harmless for the
/// others.
const SIZES: &[(&str, Option<&str>, &str)] = &[
    ("accounts", Some("accounts_by_agency"), "50000 60 1"),
    ("account_roles", Some("sqlite_autoindex_account_roles_1"), "50000 1 1"),
    ("agencies", Some("sqlite_autoindex_agencies_1"), "250 1 1"),
    ("answers", Some("answers_by_petition"), "300000 1 1"),
    ("areas", Some("sqlite_autoindex_areas_1"), "250 1 1"),
    ("attachments", Some("attachments_of_petition"), "300000 2"),
    ("attachments", Some("attachments_unused"), "100 2"),
    ("attachments", Some("attachments_to_check"), "100 2"),
    ("audit", Some("audit_by_subject"), "1500000 3 3"),
    ("audit", Some("audit_by_time"), "1500000 1 1 1"),
    ("audit_streams", Some("sqlite_autoindex_audit_streams_1"), "1000 1"),
    ("calendar_days", Some("sqlite_autoindex_calendar_days_1"), "300 1"),
    ("categories", Some("sqlite_autoindex_categories_1"), "30 1 1"),
    ("deadline_rules", None, "10"),
    ("deadlines", None, "300000"),
    ("delivery_attempts", Some("delivery_attempts_by_outbox"), "1000000 1 1"),
    ("directory_state", None, "1"),
    ("documents", Some("documents_by_petition"), "320000 1"),
    ("documents", Some("documents_inbox"), "320000 1500 4 1"),
    ("documents", Some("sqlite_autoindex_documents_1"), "320000 1500 150 1"),
    ("notifications", Some("notifications_of_agency"), "700000 3500 1"),
    ("notifications", Some("notifications_of_coordinator"), "20000 1"),
    ("notifications", Some("sqlite_autoindex_notifications_1"), "1600000 6 2 1"),
    ("outbox", Some("outbox_due"), "100 2"),
    ("outbox", Some("outbox_by_state"), "1000000 250000 1"),
    ("outbox", Some("outbox_by_petition"), "1000000 4 1"),
    ("petition_texts", None, "300000"),
    ("petitioners", None, "300000"),
    ("petitions", Some("petitions_by_account"), "300000 4 1"),
    ("petitions", Some("petitions_by_merged_into"), "3000 2"),
    ("petitions", Some("petitions_by_received"), "300000 100 1"),
    ("petitions", Some("petitions_by_system_due"), "3000 2"),
    ("petitions", Some("petitions_coordination"), "100 1"),
    ("petitions", Some("petitions_reopened"), "3000 2 1"),
    ("petitions", Some("petitions_settled"), "300000 2 1"),
    ("petitions", Some("petitions_unsettled"), "3000 100 2"),
    ("petitions", Some("sqlite_autoindex_petitions_1"), "300000 1"),
    ("publications", Some("publications_newest"), "280000 1 1"),
    ("register_counters", Some("sqlite_autoindex_register_counters_1"), "2000 10 1"),
    ("requests", Some("requests_by_petition"), "30000 1 1"),
    ("routing_rules", None, "50"),
    ("statistics_changes", Some("statistics_changes_by_day"), "1000 100"),
    ("statistics_sums", Some("statistics_sums"), "400000 70000 2500 1250 17 10 1"),
    ("statistics_sums", Some("statistics_sums_by_receipt"), "400000 3500 1700 470"),
    ("statistics_times", Some("statistics_times"), "270000 45000 1600 800 12 7 1"),
    ("statistics_times", Some("statistics_times_by_receipt"), "270000 2200 1100 300"),
    ("timeline", Some("sqlite_autoindex_timeline_1"), "1800000 6 1"),
    ("working_sessions", None, "10"),
];

#[derive(QueryableByName, PartialEq, Eq)]
struct PlannerStat {
    #[diesel(sql_type = Text)]
    tbl: String,
    #[diesel(sql_type = Nullable<Text>)]
    idx: Option<String>,
    #[diesel(sql_type = Text)]
    stat: String,
}

/// Writes the sizes, unless exactly these are stored.
pub(crate) fn write_fixed_sizes(sqlite: &mut SqliteConnection) -> Result<(), StorageError> {
    // Creates the statistics table if missing.
    sqlite.batch_execute("ANALYZE sqlite_schema")?;
    let found: Vec<PlannerStat> = diesel::sql_query("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY rowid").load(sqlite)?;
    let wanted: Vec<PlannerStat> = SIZES
        .iter()
        .map(|(table, index, size)| PlannerStat {
            tbl: (*table).to_owned(),
            idx: index.map(str::to_owned),
            stat: (*size).to_owned(),
        })
        .collect();
    if found == wanted {
        return Ok(());
    }
    let mut statements = String::from("DELETE FROM sqlite_stat1;");
    for PlannerStat { tbl, idx, stat } in wanted {
        let idx = idx.map_or_else(|| "NULL".to_owned(), |idx| format!("'{idx}'"));
        // Writing to a String cannot fail.
        let _ = write!(statements, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{tbl}', {idx}, '{stat}');");
    }
    // Takes effect on this connection at once, and on others when they are opened.
    statements.push_str("ANALYZE sqlite_schema;");
    Ok(sqlite.batch_execute(&statements)?)
}
