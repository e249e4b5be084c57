//! A disk that fills and a log that cannot be cut: nothing is taken in, everything is told, and it goes on by itself.

use crate::app::TestApp;
use crate::database::backend;
use crate::town::form;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use pakn::db::Backend;
use reqwest::Method;

const MOST: u64 = 300_000;

#[tokio::test]
async fn a_log_that_a_reader_holds_does_not_grow_without_end() {
    if backend() == Backend::Postgres {
        return;
    }
    let app = TestApp::start_with(|config| config.database_log_max_bytes = MOST).await;
    let filed = app.post("/petitions", &form()).send().await.expect(201);
    let path = app.app.db.url().sqlite_path().unwrap().to_path_buf();
    let mut reader = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    reader.batch_execute("BEGIN; SELECT count(*) FROM petitions").unwrap();
    let mut count = 0;
    let refused = loop {
        let answer = app.post("/petitions", &form()).send().await;
        if answer.status != 201 {
            break answer;
        }
        count += 1;
        assert!(count < 1000, "the log has no bound");
    };
    let refused = refused.expect_problem(503, "storage_full");
    assert_eq!(refused.header("retry-after"), "5");
    let log = || app.app.db.room().unwrap().log_bytes;
    assert!(log() > MOST && log() < 2 * MOST, "{}", log());
    app.outside(Method::GET, "/health/ready").send().await.expect_problem(503, "storage_full");
    app.outside(Method::GET, "/health/live").send().await.expect(200);
    app.get("/public/petitions").send().await.expect(200);
    let read =
        app.get(&format!("/petitions/{}", filed.text_of("/code"))).header("X-Tracking-Token", &filed.text_of("/tracking_token"));
    read.send().await.expect(200);
    let figures = app.operator_get("/metrics").send().await.expect(200);
    assert!(figures.text.contains(&format!("pakn_database_room_bytes{{kind=\"log\"}} {}", log())), "{}", figures.text);

    drop(reader);
    while app.outside(Method::GET, "/health/ready").send().await.status != 200 {
        tokio::task::yield_now().await;
    }
    assert!(log() <= MOST, "{}", log());
    app.post("/petitions", &form()).send().await.expect(201);
}

#[tokio::test]
async fn some_of_the_disk_stays_free() {
    if backend() == Backend::Postgres {
        return;
    }
    let app = TestApp::start_with(|config| config.database_free_min_bytes = u64::MAX / 2).await;
    app.post("/petitions", &form()).send().await.expect_problem(503, "storage_full");
    app.outside(Method::GET, "/health/ready").send().await.expect_problem(503, "storage_full");
    app.get("/public/petitions").send().await.expect(200);
}
