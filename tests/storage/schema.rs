//! The tables that Diesel is told about are the tables that the migrations make: same columns, same order, same types.

use crate::database::TestDatabase;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use pakn::db::DatabaseUrl;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

/// Table to lines of `column type nullable`.
type Tables = BTreeMap<String, Vec<String>>;

fn declared(type_of: impl Fn(&str) -> &'static str) -> Tables {
    let mut tables = Tables::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut table = String::new();
        for line in text.lines().map(str::trim) {
            if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
                name.clone_into(&mut table);
            } else if let Some((column, declared_type)) = line.trim_end_matches(',').split_once(" -> ") {
                let inner = declared_type.strip_prefix("Nullable<").and_then(|inner| inner.strip_suffix('>'));
                let line = format!("{column} {} {}", type_of(inner.unwrap_or(declared_type)), inner.is_some());
                tables.entry(table.clone()).or_default().push(line);
            }
        }
    }
    tables
}

fn sqlite_type(declared: &str) -> &'static str {
    match declared {
        "BigInt" | "Integer" | "Bool" => "INTEGER",
        "Double" => "REAL",
        "Binary" => "BLOB",
        "Text" | "Date" | "Time" | "Timestamp" => "TEXT",
        other => panic!("{other} is not agreed upon"),
    }
}

fn postgres_type(declared: &str) -> &'static str {
    match declared {
        "BigInt" => "bigint",
        "Integer" => "integer",
        "Bool" => "boolean",
        "Double" => "double precision",
        "Binary" => "bytea",
        "Text" => "text",
        "Date" => "date",
        "Time" => "time without time zone",
        "Timestamp" => "timestamp without time zone",
        other => panic!("{other} is not agreed upon"),
    }
}

#[test]
fn the_declared_schema_is_the_migrated_one() {
    let database = TestDatabase::new();
    let (columns, expected): (Vec<Column>, Tables) = match database.url() {
        DatabaseUrl::Sqlite(path) => (
            diesel::sql_query(
                "SELECT t.name AS table_name, c.name AS column_name, c.type AS data_type, NOT c.\"notnull\" AS nullable
                   FROM pragma_table_list t, pragma_table_info(t.name) c
                  WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid",
            )
            .load(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap())
            .unwrap(),
            declared(sqlite_type),
        ),
        DatabaseUrl::Postgres(url) => (
            diesel::sql_query(
                "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' AS nullable
                   FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position",
            )
            .load(&mut PgConnection::establish(&url).unwrap())
            .unwrap(),
            declared(postgres_type),
        ),
    };
    let mut migrated = Tables::new();
    for column in columns.into_iter().filter(|column| column.table_name != "__diesel_schema_migrations") {
        let line = format!("{} {} {}", column.column_name, column.data_type, column.nullable);
        migrated.entry(column.table_name).or_default().push(line);
    }
    assert_eq!(migrated, expected);
    assert!(expected.len() > 20, "the schema was not read");
}
