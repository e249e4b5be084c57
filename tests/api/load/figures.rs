//! Questions about figures: what they cost, when an answer is kept, and that one ends with its caller.

use crate::app::TestApp;
use crate::town::{Town, draft, form};
use chrono::Duration;
use pakn::db::{Backend, DbConnection, StorageError};
use reqwest::Method;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Ten years of single days: nothing kept can tell them.
const DEAR: &str = "/statistics/trend?from=2016-01-01&to=2025-12-31&step=day";

async fn limited(searches: u32) -> TestApp {
    let app = TestApp::start_with(|config| {
        config.rate_limits = true;
        config.searches_per_minute_of_source = searches;
    })
    .await;
    app.advance(Duration::days(3 * 365));
    app
}

#[tokio::test]
async fn a_dear_question_costs_as_much_as_many_plain_ones() {
    let app = limited(2000).await;
    app.get(DEAR).send().await.expect(200);
    app.get("/charts/trend.svg?from=2016-01-01&to=2025-12-31&step=day").send().await.expect(200);
    // What is kept costs nothing.
    app.get(DEAR).send().await.expect(200);
    let other = DEAR.replace("2016-01-01", "2016-01-02");
    let refused = app.get(&other).send().await.expect_problem(429, "too_many_attempts");
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // What the kept sums tell costs next to nothing.
    for year in 2016..=2025 {
        app.get(&format!("/statistics/summary?period={year}&group_by=agency")).send().await.expect(200);
    }
}

#[tokio::test]
async fn what_costs_more_than_a_minute_holds_may_still_be_asked() {
    let app = limited(5).await;
    app.get(DEAR).send().await.expect(200);
    app.get("/statistics/summary").send().await.expect(429);
    app.advance(Duration::minutes(1));
    app.get("/statistics/summary?as_of=2026-01-01T10:00:00%2B07:00&period=2025").send().await.expect(200);
}

#[tokio::test]
async fn an_answer_that_nothing_changes_is_the_same_bytes() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.later(Duration::days(60));
    let paths = [
        "/statistics/summary?period=2026-03&group_by=agency",
        "/statistics/ranking?period=2026-03&min_received=0",
        "/statistics/trend?period=2026-03&step=day",
        "/charts/ranking.svg?period=2026-03&min_received=0",
        "/charts/ratings.svg?period=2026-03",
        "/charts/trend.svg?period=2026-03&step=week",
    ];
    for path in paths {
        let first = town.get("", path).await.expect(200);
        assert_eq!(first.header("cache-control"), "public, max-age=300", "{path}");
        assert!(first.header("vary").contains("Accept-Language"), "{path}");
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
        let ask = |held: &str| town.app.get(path).header("If-None-Match", held).send();
        let held = ask(&tag).await;
        assert_eq!((held.status, held.text.as_str(), held.header("etag")), (304, "", tag.as_str()), "{path}");
        assert_eq!(ask("\"other\"").await.expect(200).text, first.text);
        let english = town.app.get(path).header("Accept-Language", "en").send().await.expect(200);
        assert!(!path.contains("/charts/") || english.header("etag") != tag, "{path} in another language");
    }
    // What happens later changes nothing about what was then, and something about the present.
    let closed = "/statistics/summary?period=2026-03&measures=received,handled,rated";
    let open = "/statistics/summary?period=2026-03&as_of=2026-05-01&measures=received,handled,rated";
    let before = town.get("", closed).await.expect(200);
    let present = town.get("", open).await.expect(200);
    assert_eq!(present.header("cache-control"), "public, max-age=10");
    assert_eq!((&before["total"]["rated"], &present["total"]["rated"]), (&json!(0), &json!(0)));
    town.respond(&petition, "rating", json!({"score": 4})).await.expect(200);
    assert_eq!(town.get("", closed).await.expect(200).text, before.text);
    assert_eq!(town.get("", open).await.expect(200)["total"]["rated"], 1);
}

#[tokio::test]
async fn a_change_of_the_directory_changes_kept_answers() {
    let town = Town::start().await;
    town.filed("assigned").await;
    town.later(Duration::days(60));
    let path = "/statistics/summary?period=2026-03&group_by=category";
    let before = town.get("", path).await.expect(200);
    let name = "Rác thải trong ngõ";
    assert!(!before.text.contains(name));
    let token = town.token("admin").await;
    let categories = town.app.get("/admin/categories?limit=100").token(&token).send().await.expect(200);
    let category = categories.body["items"].as_array().unwrap().iter().find(|item| item["code"] == "rac-thai-chat-thai").unwrap();
    let change = town.app.patch(&format!("/admin/categories/{}", category["id"]), &json!({"name_vi": name})).token(&token);
    let version = category["version"].as_i64().map(|version| format!("\"{version}\"")).unwrap_or_default();
    let change = if version.is_empty() { change } else { change.header("If-Match", &version) };
    change.send().await.expect(200);
    assert!(town.get("", path).await.expect(200).text.contains(name));
}

#[tokio::test]
async fn a_search_has_ten_words_at_most() {
    let app = TestApp::start().await;
    let words = |count: usize| format!("/public/petitions?q={}", vec!["rác"; count].join("%20"));
    app.get(&words(10)).send().await.expect(200);
    let refused = app.get(&words(11)).send().await.expect_problem(422, "invalid_values");
    assert_eq!(refused.errors(), ["q=too_many"]);
}

/// Takes until nobody waits for it.
fn endless(connection: &mut DbConnection) -> Result<(), StorageError> {
    use diesel::RunQueryDsl;
    let statement = match connection.backend() {
        Backend::Sqlite => {
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n WHERE pakn_may_go_on(x)"
        }
        Backend::Postgres => "SELECT pg_sleep(86400)",
    };
    diesel::sql_query(statement).execute(connection)?;
    Ok(())
}

#[tokio::test]
async fn a_caller_who_goes_leaves_no_question_behind_and_others_are_served() {
    let town = Town::start_with(|config| {
        config.database_questions = 1;
        config.database_question_queue = 1;
        config.database_question_ms = 3_600_000;
        config.database_wait_ms = 3_600_000;
    })
    .await;
    let db = town.app.app.db.clone();
    let asking = tokio::spawn({
        let db = db.clone();
        async move { db.read_bounded(endless).await }
    });
    let questions = || db.in_flight()[1].1;
    while questions() < 1 {
        tokio::task::yield_now().await;
    }
    let mut caller = TcpStream::connect(town.app.address()).unwrap();
    caller.write_all(b"GET /api/v1/statistics/summary HTTP/1.1\r\nHost: pakn\r\n\r\n").unwrap();
    while questions() < 2 {
        town.app.outside(Method::GET, "/health/live").send().await.expect(200);
    }
    let busy = town.app.get("/statistics/backlog").send().await.expect_problem(503, "busy");
    assert_eq!(busy.header("retry-after"), "1");
    // Everything else goes on, figures for officers included.
    town.app.outside(Method::GET, "/health/ready").send().await.expect(200);
    let petition = town.file(&form()).await;
    town.get("clerk", "/documents").await.expect(200);
    town.get("", "/public/petitions").await.expect(200);
    town.get("reviewer", "/reports/summary-by-agency.csv?period=2025").await.expect(200);
    town.act("handler", petition.document, "accept", json!({})).await.expect(200);
    town.act("handler", petition.document, "draft", draft()).await.expect(200);
    drop(caller);
    while questions() > 1 {
        town.app.outside(Method::GET, "/health/live").send().await.expect(200);
    }
    asking.abort();
    town.app.get("/statistics/backlog").send().await.expect(200);
}

#[tokio::test]
async fn a_source_that_asks_much_leaves_room_in_the_line_for_another() {
    let town = Town::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.database_questions = 1;
        config.database_question_queue = 3;
        config.database_question_ms = 3_600_000;
        config.database_wait_ms = 3_600_000;
    })
    .await;
    let db = town.app.app.db.clone();
    let asking = tokio::spawn({
        let db = db.clone();
        async move { db.read_bounded(endless).await }
    });
    let wait_for = async |count: usize| {
        while db.in_flight()[1].1 != count {
            town.app.outside(Method::GET, "/health/live").send().await.expect(200);
        }
    };
    wait_for(1).await;
    let mut much: Vec<TcpStream> = Vec::new();
    for month in 1..=5 {
        let mut caller = TcpStream::connect(town.app.address()).unwrap();
        let path = format!("/api/v1/statistics/summary?period=2025-{month:02}");
        let request = format!("GET {path} HTTP/1.1\r\nHost: pakn\r\nX-Forwarded-For: 14.162.0.9\r\n\r\n");
        caller.write_all(request.as_bytes()).unwrap();
        much.push(caller);
    }
    wait_for(6).await;
    let other = town.app.get("/statistics/summary?period=2024").header("X-Forwarded-For", "14.162.0.10").send();
    let freed = async {
        wait_for(7).await;
        asking.abort();
    };
    tokio::join!(other, freed).0.expect(200);
    for caller in &mut much {
        let mut answer = [0; 15];
        caller.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK", "it has waited in a line of its own");
    }
}

#[tokio::test]
async fn who_asks_the_same_at_the_same_time_waits_for_one_answer() {
    let town = Town::start_with(|config| {
        config.database_questions = 1;
        config.database_question_queue = 1;
        config.database_question_ms = 3_600_000;
        config.database_wait_ms = 3_600_000;
    })
    .await;
    let db = town.app.app.db.clone();
    let asking = tokio::spawn({
        let db = db.clone();
        async move { db.read_bounded(endless).await }
    });
    let questions = || db.in_flight()[1].1;
    while questions() < 1 {
        tokio::task::yield_now().await;
    }
    // One may wait, and all of these are one.
    let same: Vec<_> = (0..20).map(|_| tokio::spawn(town.app.get("/statistics/summary?period=2025").send())).collect();
    while questions() < 2 {
        town.app.outside(Method::GET, "/health/live").send().await.expect(200);
    }
    town.app.get("/statistics/summary?period=2024").send().await.expect_problem(503, "busy");
    assert_eq!(questions(), 2);
    asking.abort();
    let mut bodies = Vec::new();
    for one in same {
        bodies.push(one.await.unwrap().expect(200).text);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}
