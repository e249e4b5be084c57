//! Every column of every table as text; of an SQLite database the bytes of its files too.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use pakn::app::App;
use pakn::db::DatabaseUrl;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

macro_rules! lines {
    ($connection:expr, $statement:expr) => {
        diesel::sql_query($statement).load::<Line>($connection).expect("a statement").into_iter().map(|row| row.line)
    };
}

/// A copy of everything that the database holds.
pub fn dump(app: &App) -> String {
    match app.db.url() {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_str().unwrap();
            let mut connection = SqliteConnection::establish(path).unwrap();
            let mut all = String::new();
            let tables = "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
            for table in lines!(&mut connection, tables).collect::<Vec<_>>() {
                let columns = format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')");
                let columns = lines!(&mut connection, columns).collect::<Vec<_>>().join(" || '|' || ");
                all.extend(lines!(&mut connection, format!("SELECT {columns} AS line FROM {table}")).map(|line| line + "\n"));
            }
            for file in [path.to_owned(), format!("{path}-wal")] {
                all.push_str(&String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()));
            }
            all
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(url).unwrap();
            let tables = "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = current_schema()";
            let mut all = String::new();
            for table in lines!(&mut connection, tables).collect::<Vec<_>>() {
                all.extend(lines!(&mut connection, format!("SELECT t::text AS line FROM {table} t")).map(|line| line + "\n"));
            }
            all
        }
    }
}

/// Changes something by hand.
pub fn execute(app: &App, statements: &str) {
    match app.db.url() {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute(&format!("PRAGMA busy_timeout = 5000; {statements}")).unwrap();
        }
        DatabaseUrl::Postgres(url) => PgConnection::establish(url).unwrap().batch_execute(statements).unwrap(),
    }
}

/// Panics when a copy holds one of these.
#[track_caller]
pub fn assert_holds_none_of(copy: &str, secrets: &[String]) {
    for secret in secrets {
        if let Some(at) = copy.find(secret) {
            let around: String =
                copy.get(..at).unwrap_or_default().chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{secret} lies in clear behind {around}");
        }
    }
}
