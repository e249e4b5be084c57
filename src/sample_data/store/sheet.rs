//! Rows of one table in the text format of `COPY`: columns separated by tabs, rows by line feeds, NULL as `\N`.

use crate::db::dialect::copy::copy;
use crate::db::schema::{
    answers, deadlines, documents, notifications, petition_texts, petitioners, petitions, publications, register_counters,
    timeline,
};
use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use std::fmt::{Display, Write};

/// SQLite binds at most 32,766 values, and a row has up to 29.
const ROWS_AT_ONCE: usize = 500;

/// Rows of one table.
#[derive(Debug, Clone, Default)]
pub struct CopySheet(String);

impl CopySheet {
    /// Appends a row.
    pub fn line<'a>(&mut self, cells: impl IntoIterator<Item = CopyCell<'a>>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.0.push('\t');
            }
            match cell {
                CopyCell::Nothing => self.0.push_str("\\N"),
                CopyCell::Text(text) => self.escape(text),
                // Writing to a `String` does not fail.
                CopyCell::Plain(value) => drop(write!(self.0, "{value}")),
            }
        }
        self.0.push('\n');
    }

    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                other => self.0.push(other),
            }
        }
    }

    fn lines(&self) -> impl Iterator<Item = Vec<Option<String>>> {
        self.0.lines().map(|line| line.split('\t').map(unescape).collect())
    }
}

fn unescape(cell: &str) -> Option<String> {
    if cell == "\\N" {
        return None;
    }
    let mut text = String::with_capacity(cell.len());
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        match (character, if character == '\\' { characters.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('r')) => text.push('\r'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some(other)) => text.push(other),
            (other, _) => text.push(other),
        }
    }
    Some(text)
}

/// A column value.
pub enum CopyCell<'a> {
    /// NULL.
    Nothing,
    /// User text, to be escaped.
    Text(&'a str),
    /// A number, a date, or an identifier of docs/contract.md §1.1, which needs no escaping.
    Plain(&'a dyn Display),
}

impl<'a, T: Display> From<Option<&'a T>> for CopyCell<'a> {
    fn from(value: Option<&'a T>) -> Self {
        value.map_or(Self::Nothing, |value| Self::Plain(value))
    }
}

/// Converts an optional text.
pub fn words(text: Option<&String>) -> CopyCell<'_> {
    text.map_or(CopyCell::Nothing, |text| CopyCell::Text(text))
}

macro_rules! copy_sheets {
    ($($table:ident: $columns:literal),+ $(,)?) => {
        /// One sheet per table.
        #[derive(Debug, Clone, Default)]
        pub struct CopySheets {
            $(#[doc = concat!("Of `", stringify!($table), "`.")] pub $table: CopySheet,)+
        }

        /// Stores all sheets.
        pub fn write(connection: &mut DbConnection, sheets: &CopySheets) -> Result<(), StorageError> {
            match connection {
                DbConnection::Sqlite(connection) => {
                    $(insert(connection, concat!("INSERT INTO ", stringify!($table), " (", $columns, ") VALUES "), &sheets.$table)?;)+
                }
                DbConnection::Postgres(connection) => {
                    $(copy(connection, $table::table, &sheets.$table.0)?;)+
                }
            }
            Ok(())
        }

        /// Names of the tables.
        pub(super) const TABLES: &[&str] = &[$(stringify!($table)),+];
    };
}

copy_sheets! {
    petitions: "id, code, kind, category_id, area_id, channel, urgency, petitioner_kind, account_id, status, version, agency_id, \
                assignee_id, routing_rule_id, received_at, received_on, due_at, paused_at, system_due_at, first_answered_at, \
                timeliness, settled_at, score, answer_count, reopening_count, hop_count, extension, reopening, merged_into_id",
    petition_texts: "petition_id, title, content, search_text",
    petitioners: "petition_id, person, phone_hash, email_hash, hide_identity, tracking_hash",
    documents: "id, petition_id, agency_id, year, number, status, arrived_at, due_at, assignee_id, handed_on_at, version",
    register_counters: "agency_id, year, last_number",
    deadlines: "petition_id, rule_id, calendar_version, starts_at, paused_working_ms, extended_until, explanation",
    timeline: "id, petition_id, sequence, at, action, actor_kind, actor_id, status, agency_id, document_id, due_at, score, \
               is_public, note, detail, chain_hash, hash_version, facts, texts, salts",
    answers: "id, petition_id, document_id, content, outcome, promised_on, author_id, drafted_at, answered_at, approver_id, score, \
              comment, rated_at",
    publications: "petition_id, title, content, search_text, answer, outcome, latitude, longitude, answered_at, published_at, \
                   masked_by",
    notifications: "id, petition_id, sequence, audience, agency_id, created_at",
}

fn insert(connection: &mut SqliteConnection, begin: &str, sheet: &CopySheet) -> Result<(), StorageError> {
    let lines: Vec<Vec<Option<String>>> = sheet.lines().collect();
    for rows in lines.chunks(ROWS_AT_ONCE) {
        let width = rows.first().map_or(0, Vec::len);
        let row = format!("({})", vec!["?"; width].join(", "));
        let mut query =
            diesel::sql_query(format!("{begin}{}", vec![row; rows.len()].join(", "))).into_boxed::<diesel::sqlite::Sqlite>();
        for cell in rows.iter().flatten() {
            query = query.bind::<Nullable<Text>, _>(cell.as_deref());
        }
        query.execute(connection)?;
    }
    Ok(())
}
