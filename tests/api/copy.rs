//! `pakn copy`: everything into a database of the other kind and back, as it is; and whatever cannot be taken over changes nothing.
//!
//! Both databases take part whatever the backend of the run.

use crate::app::TestApp;
use crate::attachments::sent;
use crate::database::TestDatabase;
use crate::life::{HANDLER, LEADER, Office, file};
use crate::media::{jpeg, pdf};
use crate::process::Installation;
use crate::registers;
use crate::town::form_with;
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use pakn::db::copy::{self, CopyError, DatabaseContents};
use pakn::db::{DatabaseUrl, Db, DbSettings, Vault, migrate};
use pakn::directory::load_reference;
use pakn::ops::verify;
use pakn::sample_data::demo;
use pakn::sample_data::generate::{GenerateOptions, generate};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// Values that are easy to lose on the way, in places that `verify` does not look at.
const STRANGE: &str =
    "INSERT INTO idempotency_keys VALUES ('gọi', 'khóa', '🙂', '{\"a\": \"\\u0000\"}', 200, '', '1969-12-31 23:59:59.999999');
    INSERT INTO leases VALUES ('tạm', '', '2023-03-06 02:00:00.006');
    UPDATE areas SET latitude = 0.1 + 0.2, longitude = 106.00000000000001 WHERE id = 1;
    UPDATE areas SET latitude = 5e-324, longitude = -1.7976931348623157e308 WHERE id = 2;
    INSERT INTO password_reset_requests (login, requested_at) VALUES ('a', '2023-03-06 02:00:00'), ('b', '2023-03-06 02:00:01');
    DELETE FROM password_reset_requests;";

fn sqlite(path: &Path) -> SqliteConnection {
    SqliteConnection::establish(path.to_str().unwrap()).unwrap()
}

async fn copied(from: &DatabaseUrl, to: &DatabaseUrl) -> Result<DatabaseContents, CopyError> {
    let (from, to) = (from.clone(), to.clone());
    tokio::task::spawn_blocking(move || copy::copy(&from, &to, &mut |_, _| {})).await.unwrap()
}

async fn contents(of: &DatabaseUrl, like: Option<&DatabaseUrl>) -> DatabaseContents {
    let (of, like) = (of.clone(), like.cloned());
    tokio::task::spawn_blocking(move || copy::contents(&of, like.as_ref())).await.unwrap().unwrap()
}

async fn is_sound(url: &DatabaseUrl) {
    let vault = Vault::of_secrets(&[crate::database::PERSONAL_KEY]);
    // However long a busy machine takes to look at it all.
    let (wait, statement_limit) = (Duration::from_secs(60), Duration::ZERO);
    let db = Db::open(&DbSettings { vault, wait, statement_limit, ..DbSettings::new(url.clone()) }).unwrap();
    let mut findings = Vec::new();
    let tell = &mut |line| {
        if let verify::ReportLine::Finding(finding) = line {
            findings.push(finding.to_string());
        }
    };
    verify::everything(&db, tell).await.unwrap();
    db.close().await;
    assert_eq!(findings, Vec::<String>::new(), "{url:?}");
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Compares two files table by table with SQLite's own means, the counters among them; says how many rows there were.
fn is_equal_row_by_row(one: &Path, other: &Path) -> i64 {
    let mut connection = sqlite(one);
    connection.batch_execute(&format!("ATTACH '{}' AS other", other.display())).unwrap();
    let tables: Vec<Name> = diesel::sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('__diesel_schema_migrations', 'sqlite_stat1', 'sqlite_stat4')",
    )
    .load(&mut connection)
    .unwrap();
    let mut count = |statement: String| diesel::sql_query(statement).get_result::<Count>(&mut connection).unwrap().count;
    let mut rows = 0;
    for Name { name } in tables {
        // A counter that has given no number may have a row or none, which is the same.
        let which = if name == "sqlite_sequence" { " WHERE seq > 0" } else { "" };
        let [here, there] = ["main", "other"].map(|place| format!("SELECT * FROM {place}.{name}{which}"));
        for (one, other) in [(&here, &there), (&there, &here)] {
            assert_eq!(count(format!("SELECT COUNT(*) AS count FROM ({one} EXCEPT {other})")), 0, "{name}");
        }
        let [here, there] = [here, there].map(|all| count(format!("SELECT COUNT(*) AS count FROM ({all})")));
        assert_eq!(here, there, "{name}");
        rows += here;
    }
    rows
}

/// An application on SQLite with the reference data.
async fn application() -> TestApp {
    let app = TestApp::on(TestDatabase::sqlite(), |_| {});
    load_reference::ensure_loaded(&app.app).await.unwrap();
    app
}

async fn summary(app: &TestApp) -> Value {
    let path = "/statistics/summary?from=2020-01-01&to=2023-12-31&group_by=agency&measures=received,handled,backlog,median_processing_days";
    app.get(path).send().await.expect(200).body
}

/// There, back, compared, and gone on with on each.
async fn there_and_back(app: TestApp, petitions: u64) {
    let first = app.app.db.url().clone();
    let (postgres, back) = (TestDatabase::postgres(), TestDatabase::sqlite());
    let there = copied(&first, &postgres.url()).await.unwrap();
    let again = copied(&postgres.url(), &back.url()).await.unwrap();
    assert_eq!(there, again);
    assert_eq!(contents(&first, Some(&postgres.url())).await, contents(&postgres.url(), None).await);
    assert_eq!(contents(&first, None).await, contents(&back.url(), None).await);
    let rows = is_equal_row_by_row(first.sqlite_path().unwrap(), back.url().sqlite_path().unwrap());
    assert!(rows > 1000, "{rows} rows");
    for url in [&first, &postgres.url(), &back.url()] {
        is_sound(url).await;
    }
    let figures = summary(&app).await;
    let addresses = [first.clone(), postgres.url(), back.url()];
    let apps = [app, TestApp::on(postgres, |_| {}), TestApp::on(back, |_| {})];
    for (app, url) in apps.iter().zip(addresses) {
        assert_eq!(summary(app).await, figures);
        file(app).await;
        let address = match url {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(address) => address,
        };
        std::thread::spawn(move || registers::check(&address, petitions + 1)).join().unwrap();
    }
    for app in apps {
        app.stop().await;
    }
}

#[tokio::test]
async fn made_up_petitions_go_to_postgresql_and_back_as_they_are() {
    let app = application().await;
    let order = GenerateOptions { petitions: 300, years: 2, until: NaiveDate::from_ymd_opt(2023, 3, 5).unwrap() };
    generate(&app.app, order, |_| {}).await.unwrap();
    let (office, first) = Office::open(&app).await;
    office.ask(&app, &first).await;
    // The earlier one refers to the later one.
    let (earlier, later) = (file(&app).await, file(&app).await);
    office.accept(&app, &earlier).await;
    office.act(&app, LEADER, &earlier, "merge", &json!({"into": later.code})).await;
    office.accept(&app, &later).await;
    office.answer(&app, &later).await;
    app.login(HANDLER, "sai").await.expect_problem(401, "login_failed");
    pakn::audit::heads::sign(&app.app).await.unwrap().expect("a head");
    let path = app.app.db.url().sqlite_path().unwrap().to_owned();
    sqlite(&path).batch_execute(STRANGE).unwrap();
    let covered = app
        .app
        .db
        .write(|connection| {
            pakn::directory::store::directory_digests::append(
                connection,
                pakn::kernel::clock::Clock::now(&pakn::kernel::clock::SystemClock),
            )
        })
        .await;
    covered.unwrap().expect("areas have changed");
    there_and_back(app, 303).await;
}

#[tokio::test]
async fn a_part_of_the_demo_goes_to_postgresql_and_back_as_it_is() {
    let app = application().await;
    demo::build_part(&app.app, |planned| planned.district == "263", |_, _| {}).await.unwrap();
    let path = app.app.db.url().sqlite_path().unwrap().to_owned();
    let count =
        || diesel::sql_query("SELECT COUNT(*) AS count FROM petitions").get_result::<Count>(&mut sqlite(&path)).unwrap().count;
    let petitions = u64::try_from(count()).unwrap();
    assert!(petitions > 50);
    there_and_back(app, petitions).await;
}

#[tokio::test]
async fn every_table_of_the_schema_is_copied() {
    let mut declared: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/db/schema")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        declared.extend(text.lines().filter_map(|line| {
            let (name, _) = line.trim().split_once(" (").filter(|_| line.ends_with(") {"))?;
            Some(name.to_owned())
        }));
    }
    declared.sort();
    let (source, postgres) = (TestDatabase::sqlite(), TestDatabase::postgres());
    let copied = copied(&source.url(), &postgres.url()).await.unwrap();
    assert_eq!(copied.keys().cloned().collect::<Vec<_>>(), declared);
}

#[tokio::test]
async fn nothing_is_put_on_top_of_something() {
    let (app, target) = (application().await, TestDatabase::postgres());
    let url = app.app.db.url().clone();
    assert!(matches!(copied(&url, &url).await, Err(CopyError::Same)));
    copied(&url, &target.url()).await.unwrap();
    let refused = copied(&url, &target.url()).await;
    assert!(matches!(refused, Err(CopyError::NotEmpty { .. })), "{refused:?}");
    assert_eq!(contents(&url, Some(&target.url())).await, contents(&target.url(), None).await, "it is as it was");
    // A file that was never one of ours is neither source nor target.
    let folder = TempDir::new().unwrap();
    let missing = DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("khong-co.db").display())).unwrap();
    assert!(matches!(copied(&missing, &target.url()).await, Err(CopyError::NoSource(_))));
    assert!(!missing.sqlite_path().unwrap().exists());
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_taken_over_is_named_and_the_target_stays_empty() {
    let (app, target) = (application().await, TestDatabase::postgres());
    file(&app).await;
    let url = app.app.db.url().clone();
    let mut connection = sqlite(url.sqlite_path().unwrap());
    for (bad, good, place) in [
        (
            "UPDATE petition_texts SET title = 'a' || char(0) || 'b'",
            "UPDATE petition_texts SET title = 'a'",
            "petition_texts.title",
        ),
        ("UPDATE petitions SET due_at = 'mai'", "UPDATE petitions SET due_at = received_at", "petitions.due_at"),
        ("UPDATE areas SET version = 5000000000", "UPDATE areas SET version = 1", "areas.version"),
    ] {
        connection.batch_execute(bad).unwrap();
        let refused = copied(&url, &target.url()).await.unwrap_err();
        assert!(matches!(refused, CopyError::Value { .. }) && refused.to_string().starts_with(place), "{refused}");
        assert!(contents(&target.url(), None).await.values().map(|held| held.rows).sum::<u64>() < 10, "nothing is left behind");
        connection.batch_execute(good).unwrap();
    }
    copied(&url, &target.url()).await.unwrap();
    // A row that refers to nothing is found when the references come back.
    let (lost, other) = (TestDatabase::sqlite(), TestDatabase::postgres());
    let mut connection = sqlite(lost.url().sqlite_path().unwrap());
    connection
        .batch_execute("PRAGMA foreign_keys = OFF; INSERT INTO account_roles (account_id, role) VALUES (7, 'clerk')")
        .unwrap();
    assert!(copied(&lost.url(), &other.url()).await.is_err());
    assert!(contents(&other.url(), None).await["account_roles"].rows == 0);
    let third = TestDatabase::sqlite();
    assert!(matches!(copied(&lost.url(), &third.url()).await, Err(CopyError::Broken(table)) if table == "account_roles"));
    app.stop().await;
}

#[tokio::test]
async fn both_sides_have_to_be_of_one_version() {
    let (source, target) = (TestDatabase::sqlite(), TestDatabase::postgres());
    migrate::migrate(&target.url()).unwrap();
    let run = |statement: &str| sqlite(source.url().sqlite_path().unwrap()).batch_execute(statement).unwrap();
    run("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    let newer = copied(&source.url(), &target.url()).await.unwrap_err().to_string();
    assert!(newer.contains("newer version") && newer.contains("9999"), "{newer}");
    run("DELETE FROM __diesel_schema_migrations WHERE version IN ('9999', '0016')");
    let older = copied(&source.url(), &target.url()).await.unwrap_err().to_string();
    assert!(older.contains("pakn migrate") && older.contains("0016"), "{older}");
}

#[tokio::test]
async fn the_command_copies_database_and_files_and_says_so() {
    let app = TestApp::on(TestDatabase::sqlite(), |_| {});
    load_reference::ensure_loaded(&app.app).await.unwrap();
    let files = [sent(&app, &jpeg(300, 200)).await, sent(&app, &pdf("đơn")).await];
    app.post("/petitions", &form_with(json!({"attachments": files}))).send().await.expect(201);
    let (folder, target) = (TempDir::new().unwrap(), TestDatabase::postgres());
    let (from, to) = (format!("sqlite://{}", app.app.db.url().sqlite_path().unwrap().display()), target.url_text().to_owned());
    let place = Installation::new(&app.app.config.data_dir, &from).with("PAKN_PERSONAL_KEYS", crate::database::PERSONAL_KEY);
    let files_to = folder.path().join("tep");
    let arguments = ["copy", "--from", &from, "--to", &to, "--files-to", files_to.to_str().unwrap()];

    let lying = app.app.config.data_dir.join(format!("files/attachments/{}/original", files[1]));
    let bytes = std::fs::read(&lying).unwrap();
    std::fs::write(&lying, b"another").unwrap();
    let refused = std::thread::scope(|scope| scope.spawn(|| place.run(&arguments)).join().unwrap()).unwrap_err();
    assert!(refused.contains("is not what was uploaded"), "{refused}");
    std::fs::write(&lying, bytes).unwrap();

    let said = std::thread::scope(|scope| scope.spawn(|| place.run(&arguments)).join().unwrap()).unwrap();
    assert!(said.contains("copied 4 files") && said.contains("personal.keys"), "{said}");
    for (id, name) in [(&files[0], "original"), (&files[0], "shown.jpg"), (&files[0], "thumbnail.jpg"), (&files[1], "original")] {
        let name = format!("attachments/{id}/{name}");
        let [here, there] =
            [app.app.config.data_dir.join("files"), files_to.clone()].map(|at| std::fs::read(at.join(&name)).unwrap());
        assert!(here == there, "{name}");
    }
    let compared = ["copy", "--from", &from, "--to", &to, "--compare"];
    let said = std::thread::scope(|scope| scope.spawn(|| place.run(&compared)).join().unwrap()).unwrap();
    assert!(said.contains("ok  petitions: 1 rows, 1 rows"), "{said}");
    file(&app).await;
    let said = std::thread::scope(|scope| scope.spawn(|| place.run(&compared)).join().unwrap()).unwrap_err();
    assert!(said.contains("BAD petitions: 2 rows, 1 rows") && said.contains("tables differ"), "{said}");
    app.stop().await;
}
