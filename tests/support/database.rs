//! A separate database for every test, on the backend named by `PAKN_TEST_BACKEND` (default: `sqlite`).
//!
//! SQLite: a copy of a file that was migrated once, in a temporary folder. PostgreSQL: a schema of its own on the
//! server of `PAKN_TEST_DATABASE_URL`, dropped at the end. [`Template`] does the same for a database that contains
//! data already.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use pakn::db::{Backend, DatabaseUrl, Db, DbSettings, Vault, migrate};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// The encryption key of personal data in tests.
pub const PERSONAL_KEY: &str = "a key of personal data for tests only and long enough";

/// A timeout that only a hang exceeds, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the backend of this test run.
pub fn backend() -> Backend {
    match std::env::var("PAKN_TEST_BACKEND").as_deref() {
        Ok("postgres") => Backend::Postgres,
        Ok("sqlite") | Err(_) => Backend::Sqlite,
        Ok(other) => panic!("PAKN_TEST_BACKEND is \"{other}\"; it has to be sqlite or postgres"),
    }
}

/// Returns the superuser URL of the test server.
pub fn server_url() -> String {
    std::env::var("PAKN_TEST_DATABASE_URL").expect("PAKN_TEST_DATABASE_URL names the PostgreSQL server; tests/run sets it")
}

/// A schema or file that is deleted when dropped.
pub struct TestDatabase {
    url: String,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Schema(String),
}

impl TestDatabase {
    /// Creates a migrated database.
    pub fn new() -> Self {
        static MIGRATED: Template = Template::new();
        MIGRATED.database(|_| {})
    }

    /// Creates a database without tables; on SQLite the file does not exist yet.
    pub fn empty() -> Self {
        match backend() {
            Backend::Sqlite => Self::empty_sqlite(),
            Backend::Postgres => Self::empty_postgres(),
        }
    }

    /// Creates a migrated SQLite database on any backend, for tests about SQLite alone.
    pub fn sqlite() -> Self {
        let database = Self::empty_sqlite();
        migrate::migrate(&database.url()).expect("migrate");
        database
    }

    /// Creates an empty PostgreSQL schema on any backend, for tests of moving between backends.
    pub fn postgres() -> Self {
        Self::empty_postgres()
    }

    fn empty_sqlite() -> Self {
        let folder = TempDir::new().expect("temporary folder");
        let url = format!("sqlite://{}", folder.path().join("pakn.db").display());
        Self { url, home: Home::Folder(folder) }
    }

    fn empty_postgres() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let schema = format!("test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        on_server(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"));
        Self { url: url_of_schema(&server_url(), &schema), home: Home::Schema(schema) }
    }

    /// Returns the URL as a user would write it.
    pub fn url_text(&self) -> &str {
        &self.url
    }

    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url).expect("a valid URL")
    }

    /// Returns the schema on PostgreSQL.
    pub fn schema(&self) -> Option<&str> {
        match &self.home {
            Home::Schema(schema) => Some(schema),
            Home::Folder(_) => None,
        }
    }

    /// Opens it with the settings of a server, and a longer timeout.
    pub fn open(&self) -> Db {
        self.open_with(|_| {})
    }

    /// Opens it with other settings.
    pub fn open_with(&self, change: impl FnOnce(&mut DbSettings)) -> Db {
        let mut settings = DbSettings {
            vault: Vault::of_secrets(&[PERSONAL_KEY]),
            // A busy machine must not cause refusals; tests of refusals set these themselves.
            wait: PATIENCE,
            statement_limit: PATIENCE,
            count_limit: PATIENCE,
            question_limit: PATIENCE,
            ..DbSettings::new(self.url())
        };
        change(&mut settings);
        Db::open(&settings).expect("open the database")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A test that panics while it holds locks must not hang here, and a second panic would hide the first.
        if let Home::Schema(schema) = &self.home
            && let Ok(mut server) = PgConnection::establish(&server_url())
        {
            let _ = server.batch_execute(&format!("SET lock_timeout = '10s'; DROP SCHEMA {schema} CASCADE"));
        }
    }
}

/// Returns the URL of one schema of a server.
pub fn url_of_schema(server: &str, schema: &str) -> String {
    let separator = if server.contains('?') { '&' } else { '?' };
    format!("{server}{separator}options=-c%20search_path%3D{schema}")
}

/// Executes statements on the PostgreSQL server.
pub fn on_server(statements: &str) {
    PgConnection::establish(&server_url()).expect("connect").batch_execute(statements).expect("execute");
}

/// A database that is built once in a test binary and copied for each test; keep it in a `static`.
pub struct Template(OnceLock<Original>);

enum Original {
    File(Vec<u8>),
    Schema(TestDatabase),
}

impl Template {
    /// Creates a template that is not built yet.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Returns a copy of the template. On first use `fill` adds the data to the original, which is already
    /// migrated, and must close what it opened.
    pub fn database(&self, fill: impl FnOnce(&TestDatabase)) -> TestDatabase {
        let original = self.0.get_or_init(|| {
            let database = TestDatabase::empty();
            migrate::migrate(&database.url()).expect("migrate");
            fill(&database);
            match database.url() {
                DatabaseUrl::Sqlite(path) => Original::File(std::fs::read(path).expect("read the template")),
                DatabaseUrl::Postgres(_) => Original::Schema(database),
            }
        });
        let copy = TestDatabase::empty();
        match (original, copy.url()) {
            (Original::File(bytes), DatabaseUrl::Sqlite(path)) => std::fs::write(path, bytes).expect("write the copy"),
            (Original::Schema(original), url) => {
                migrate::migrate(&url).expect("migrate");
                on_server(&copy_of_rows(original.schema().expect("schema"), copy.schema().expect("schema")));
            }
            (Original::File(_), DatabaseUrl::Postgres(_)) => unreachable!("the backend does not change within a run"),
        }
        copy
    }
}

/// Copies every row and every identity counter; foreign keys are not checked meanwhile.
fn copy_of_rows(from: &str, to: &str) -> String {
    format!(
        "DO $$ DECLARE t text; c text; highest bigint; BEGIN
           SET LOCAL session_replication_role = replica;
           FOR t IN SELECT table_name FROM information_schema.tables
                    WHERE table_schema = '{from}' AND table_name <> '__diesel_schema_migrations' LOOP
             EXECUTE format('DELETE FROM {to}.%I', t);
             EXECUTE format('INSERT INTO {to}.%I OVERRIDING SYSTEM VALUE SELECT * FROM {from}.%I', t, t);
             FOR c IN SELECT column_name FROM information_schema.columns
                      WHERE table_schema = '{to}' AND table_name = t AND is_identity = 'YES' LOOP
               EXECUTE format('SELECT max(%I) FROM {to}.%I', c, t) INTO highest;
               IF highest IS NOT NULL THEN
                 PERFORM setval(pg_get_serial_sequence(format('{to}.%I', t), c), highest);
               END IF;
             END LOOP;
           END LOOP;
         END $$"
    )
}
