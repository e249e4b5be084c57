//! The history of the schema can be walked in both directions, by several instances at once, and is the same on both.

use crate::database::{TestDatabase, backend};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use pakn::db::{Backend, DatabaseUrl, migrate};
use std::collections::BTreeSet;
use std::path::Path;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn folder(backend: Backend) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend.as_str())
}

fn names(backend: Backend) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder(backend)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| !name.starts_with('.')).collect()
}

/// Every table, column, constraint and index, one a line.
fn dump(database: &TestDatabase) -> Vec<String> {
    let lines: Vec<Line> = match database.url() {
        DatabaseUrl::Sqlite(path) => {
            diesel::sql_query("SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master ORDER BY 1")
                .load(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap())
                .unwrap()
        }
        DatabaseUrl::Postgres(url) => diesel::sql_query(
            "SELECT concat_ws(' ', table_name, column_name, ordinal_position, data_type, is_nullable, is_identity, column_default) AS line
               FROM information_schema.columns WHERE table_schema = current_schema()
             UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
               WHERE connamespace = current_schema()::regnamespace
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
        )
        .load(&mut PgConnection::establish(&url).unwrap())
        .unwrap(),
    };
    lines.into_iter().map(|line| line.line).collect()
}

fn revert_all(url: &DatabaseUrl) {
    let migrations = FileBasedMigrations::from_path(folder(url.backend())).unwrap();
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut sqlite = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            sqlite.revert_all_migrations(migrations).map(drop).unwrap();
        }
        DatabaseUrl::Postgres(text) => {
            PgConnection::establish(text).unwrap().revert_all_migrations(migrations).map(drop).unwrap();
        }
    }
}

#[test]
fn both_databases_have_the_same_history() {
    assert_eq!(names(Backend::Sqlite), names(Backend::Postgres));
    for backend in [Backend::Sqlite, Backend::Postgres] {
        for name in names(backend) {
            for file in ["up.sql", "down.sql"] {
                assert!(folder(backend).join(&name).join(file).is_file(), "{backend:?} {name}/{file} is missing");
            }
        }
    }
}

#[test]
fn up_down_and_up_again_leave_the_same_schema() {
    let database = TestDatabase::empty();
    let url = database.url();
    assert_eq!(migrate::migrate(&url).unwrap().len(), names(backend()).len());
    let first = dump(&database);
    revert_all(&url);
    let left: Vec<_> = dump(&database)
        .into_iter()
        // What belongs to the databases themselves, and to no migration.
        .filter(|line| !["__diesel_schema_migrations", "sqlite_sequence", "sqlite_stat"].iter().any(|own| line.contains(own)))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "the way down leaves something behind");
    migrate::migrate(&url).unwrap();
    assert_eq!(dump(&database), first);
    assert_eq!(migrate::migrate(&url).unwrap(), Vec::<String>::new());
}

#[test]
fn several_instances_may_start_at_once() {
    let database = TestDatabase::empty();
    let url = database.url();
    let applied: Vec<_> = std::thread::scope(|scope| {
        let instances: Vec<_> = (0..8).map(|_| scope.spawn(|| migrate::migrate(&url).unwrap())).collect();
        instances.into_iter().map(|instance| instance.join().unwrap().len()).filter(|count| *count > 0).collect()
    });
    assert_eq!(applied, [names(backend()).len()], "one instance migrates, the others wait");
}
