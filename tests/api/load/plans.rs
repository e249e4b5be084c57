//! What SQLite is going to do for the statements of a life of petitions: no table that grows is gone through as a whole, on an empty
//! database as on a full one, whenever the server was started.

use crate::database::{TestDatabase, backend};
use crate::town::{Town, form_with};
use chrono::Duration;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use pakn::db::{Backend, Db, DbConnection, StorageError};
use pakn::ops::jobs::run_maintenance;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What was said to any database of this process since it was listened to.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Tables with rows for each petition, step, message or visit.
const GROWING: &[&str] = &[
    "petitions",
    "petition_texts",
    "petitioners",
    "deadlines",
    "timeline",
    "documents",
    "answers",
    "requests",
    "notifications",
    "publications",
    "outbox",
    "delivery_attempts",
    "attachments",
    "statistics_sums",
    "statistics_times",
    "audit",
    "accounts",
    "sessions",
    "idempotency_keys",
];

/// Ways through a whole table that end early or go through what is always little.
const BOUNDED: &[&str] = &[
    // The newest first, up to a page.
    "SCAN publications USING INDEX publications_newest",
    // A partial index of what still waits for the scanner.
    "SCAN attachments USING INDEX attachments_to_check",
];

/// What an administrator's change of the calendar asks, for which nobody waits.
const OF_ADMINISTRATORS: &[&str] = &["SELECT `petitions`.`id` FROM `petitions` WHERE (`petitions`.`status` IN ("];

/// Set where this test runs in a process of its own.
const ALONE: &str = "PAKN_TEST_ALONE";

#[derive(Clone, QueryableByName, PartialEq, Eq, Debug)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn listen() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split(" -- binds:").next().unwrap_or_default().to_owned();
            SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(statement);
        }
    }))
}

/// A life: filed, answered, rated, reopened, transferred, refused; looked at by everybody; and what the worker does.
async fn live(town: &Town) {
    for state in ["received", "waiting_for_petitioner", "answered", "closed", "refused", "withdrawn", "duplicate"] {
        town.filed(state).await;
    }
    let elsewhere = town.file(&form_with(json!({"area": "09187"}))).await;
    town.get("elsewhere", &format!("/documents/{}", elsewhere.document)).await.expect(200);
    for path in ["/documents", "/documents?status=arrived&overdue=true", "/documents/register", "/documents/register.csv"] {
        town.get("clerk", path).await;
    }
    for path in ["/coordination/petitions", "/notifications", "/statistics/petitions?bucket=handled&period=2026"] {
        town.get("coordinator", path).await;
    }
    for path in ["/reports/ii06a.csv?period=2026", "/reports/list.csv?period=2026&bucket=received"] {
        town.get("reviewer", path).await.expect(200);
    }
    for path in [
        "/public/petitions",
        "/public/petitions?q=rác&area=256",
        "/statistics/summary?period=2026&group_by=agency&compare=year",
        "/statistics/summary?as_of=2026-03-02T08:00:00%2B07:00&period=2026-03",
        "/statistics/ranking?period=2026",
        "/statistics/trend?from=2025-01-01&to=2026-01-31&step=day",
        "/statistics/backlog?group_by=category",
    ] {
        town.get("", path).await.expect(200);
    }
    town.later(Duration::days(40));
    run_maintenance(&town.app.app).await.unwrap();
}

/// What each statement does; nothing for what this database does not know.
async fn plans(db: &Db, asked: &[String]) -> Vec<Vec<Step>> {
    let asked = asked.to_vec();
    let explain = move |connection: &mut DbConnection| {
        let each =
            asked.iter().map(|said| diesel::sql_query(format!("EXPLAIN QUERY PLAN {said}")).load(connection).unwrap_or_default());
        Ok::<_, StorageError>(each.collect())
    };
    db.read(explain).await.unwrap()
}

#[tokio::test]
async fn no_statement_goes_through_a_table_that_grows() {
    if backend() == Backend::Postgres {
        return;
    }
    // Every statement of the process is listened to, so that this test has to be alone in one.
    if std::env::var_os(ALONE).is_none() {
        let program = std::env::current_exe().unwrap();
        let mut alone = std::process::Command::new(program);
        alone.args(["--exact", "load::plans::no_statement_goes_through_a_table_that_grows"]).env(ALONE, "1");
        let ran = alone.output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
        return;
    }
    set_default_instrumentation(listen).unwrap();
    let town = Town::start().await;
    live(&town).await;
    let said: Vec<String> = SAID.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
    let is_asked = |said: &&String| ["SELECT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| said.starts_with(verb));
    let asked: Vec<String> = said.iter().filter(is_asked).cloned().collect();
    assert!(asked.len() > 100, "{asked:?}");
    assert!(!said.iter().any(|said| said.to_ascii_lowercase().contains("pragma optimize")), "nothing measures tables");

    let database = TestDatabase::new();
    let fresh = database.open();
    let empty = plans(&fresh, &asked).await;
    fresh.close().await;
    let lived = plans(&town.app.app.db, &asked).await;
    let mut through = BTreeSet::new();
    for ((said, plan), before) in asked.iter().zip(&lived).zip(&empty) {
        assert!(before.is_empty() || plan == before, "the plan depends on what there is:\n{said}\n{before:?}\n{plan:?}");
        for Step { detail } in plan {
            let is_whole = GROWING
                .iter()
                .any(|table| detail.split(' ').eq(["SCAN", table]) || detail.starts_with(&format!("SCAN {table} ")));
            let is_made_up = detail.contains("AUTOMATIC");
            let is_of_office = OF_ADMINISTRATORS.iter().any(|begin| said.starts_with(begin));
            if (is_whole || is_made_up) && !is_of_office && !BOUNDED.contains(&detail.as_str()) {
                through.insert(format!("{detail}: {said}"));
            }
        }
    }
    assert!(through.is_empty(), "{through:#?}");
}
