//! A row of one register that somebody holds: who waits for it waits alone.

use crate::app::Answered;
use crate::database::backend;
use crate::town::{AGENCY, OTHER_AGENCY, Town, form, form_with};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::future::join_all;
use pakn::db::{Backend, DatabaseUrl};
use serde_json::json;

const AT_ONCE: usize = 24;

#[tokio::test]
async fn who_waits_for_one_register_keeps_nobody_else_waiting() {
    if backend() == Backend::Sqlite {
        return;
    }
    let town = Town::start().await;
    let first = town.file(&form()).await;
    town.file(&form_with(json!({"area": "09187"}))).await;
    town.token("clerk").await;
    let DatabaseUrl::Postgres(url) = town.app.app.db.url().clone() else { unreachable!("the backend of the run") };
    let mut holder = PgConnection::establish(&url).unwrap();
    holder
        .batch_execute(&format!(
            "BEGIN; SELECT 1 FROM register_counters WHERE agency_id IN (SELECT id FROM agencies WHERE code = '{AGENCY}') FOR UPDATE"
        ))
        .unwrap();
    let file = |key: usize| {
        let request =
            town.app.post("/petitions", &form()).header("Idempotency-Key", &format!("5f0c9a52-6d1b-4f0e-9d57-{key:012}"));
        tokio::spawn(request.send())
    };
    let waiting: Vec<_> = (0..AT_ONCE).map(file).collect();
    while town.app.app.db.in_flight()[2].1 < AT_ONCE {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        let elsewhere = town.file(&form_with(json!({"area": "09187"}))).await;
        assert_eq!(elsewhere.receipt["agency"]["code"], OTHER_AGENCY);
        town.read(&first).await;
        town.get("", "/public/petitions").await.expect(200);
        town.get("clerk", "/documents").await.expect(200);
        town.get("", "/statistics/backlog").await.expect(200);
    }
    holder.batch_execute("ROLLBACK").unwrap();
    // Whoever waited for too long was told so, and files once, however often the same is sent.
    let answers: Vec<Answered> = join_all(waiting).await.into_iter().map(Result::unwrap).collect();
    for (key, answer) in answers.into_iter().enumerate() {
        let code = match answer.status {
            503 => {
                assert_eq!((answer.code(), answer.header("retry-after")), ("busy", "1"));
                file(key).await.unwrap().expect(201).text_of("/code")
            }
            _ => answer.expect(201).text_of("/code"),
        };
        let again = file(key).await.unwrap();
        assert_eq!((again.text_of("/code"), again.status), (code, 201), "{}", again.text);
    }
}
