//! What questions that take long may take: seats of their own, a line of bounded length, a time, and nothing once nobody waits.

use crate::database::{TestDatabase, backend};
use crate::transactions::{count, raise, with_counter};
use diesel::prelude::*;
use pakn::db::{Backend, Db, DbConnection, StorageError};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A statement without an end.
fn endless(connection: &mut DbConnection) -> Result<i64, StorageError> {
    let statement = match backend() {
        Backend::Sqlite => {
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n WHERE pakn_may_go_on(x)"
        }
        Backend::Postgres => "SELECT pg_sleep(86400)",
    };
    diesel::sql_query(statement).execute(connection)?;
    Ok(0)
}

fn with_one_seat(database: &TestDatabase, limit: Duration) -> Db {
    database.open_with(|settings| {
        settings.questions = 1;
        settings.question_queue = 1;
        settings.question_limit = limit;
        settings.connections = 2;
        settings.wait = Duration::from_secs(60);
    })
}

/// Work that tells when it has begun, and what waits for that.
fn telling(
    work: fn(&mut DbConnection) -> Result<i64, StorageError>,
) -> (impl Fn(&mut DbConnection) -> Result<i64, StorageError> + Send, Receiver<()>) {
    let (begun, has_begun) = channel();
    let tell = move |connection: &mut DbConnection| {
        begun.send(()).unwrap();
        work(connection)
    };
    (tell, has_begun)
}

async fn until(has_begun: Receiver<()>) {
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
}

#[actix_web::test]
async fn a_question_ends_when_nobody_waits_for_its_answer() {
    let database = TestDatabase::new();
    with_counter(&database).await.close().await;
    let db = with_one_seat(&database, Duration::from_secs(3600));
    for _ in 0..3 {
        let (work, has_begun) = telling(endless);
        let asking = actix_web::rt::spawn({
            let db = db.clone();
            async move { db.read_bounded(work).await }
        });
        until(has_begun).await;
        asking.abort();
        // There is one seat: whoever comes next gets it, and gets an answer of its own.
        assert_eq!(db.read_bounded(count).await, Ok(0));
    }
    db.close().await;
}

#[actix_web::test]
async fn a_question_has_a_time() {
    let database = TestDatabase::new();
    with_counter(&database).await.close().await;
    let db = with_one_seat(&database, Duration::from_secs(1));
    assert_eq!(db.read_bounded(endless).await, Err(StorageError::Busy));
    // On a busy machine the next one may not come to the processor within that time either; its thread gives way to everything.
    let mut next = db.read_bounded(count).await;
    for _ in 0..20 {
        if next == Err(StorageError::Busy) {
            next = db.read_bounded(count).await;
        }
    }
    assert_eq!(next, Ok(0));
    db.close().await;
}

#[actix_web::test]
async fn questions_wait_in_a_line_of_their_own() {
    let database = TestDatabase::new();
    with_counter(&database).await.close().await;
    let db = with_one_seat(&database, Duration::from_secs(3600));
    let (work, has_begun) = telling(endless);
    let asking = actix_web::rt::spawn({
        let db = db.clone();
        async move { db.read_bounded(work).await }
    });
    until(has_begun).await;
    let waiting = actix_web::rt::spawn({
        let db = db.clone();
        async move { db.read_bounded(count).await }
    });
    while db.in_flight()[1].1 < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(db.read_bounded(count).await, Err(StorageError::Busy), "one works, one waits, and the line is full");
    for n in 1..=50 {
        assert_eq!(db.write(raise).await, Ok(n));
        assert_eq!(db.read(count).await, Ok(n));
        assert_eq!(db.for_staff().read_bounded(count).await, Ok(n), "offices have a line of their own");
    }
    asking.abort();
    assert_eq!(waiting.await.unwrap(), Ok(50));
    db.close().await;
}

type Held = (Arc<Mutex<Receiver<()>>>, Sender<()>);

/// Keeps work where it is until it is let go, or its sender is dropped.
fn held() -> Held {
    let (go, may_go) = channel();
    (Arc::new(Mutex::new(may_go)), go)
}

#[actix_web::test]
async fn a_write_that_does_not_end_is_answered_and_may_be_stored() {
    let database = TestDatabase::new();
    with_counter(&database).await.close().await;
    let db = database.open_with(|settings| {
        // Long enough for the write to begin on a busy machine: otherwise it would be busy, and not overdue.
        settings.wait = Duration::from_secs(2);
        settings.statement_limit = Duration::from_secs(2);
    });
    let (may_go, go) = held();
    let write = db.write(move |connection| {
        let n = raise(connection)?;
        let _ = may_go.lock().unwrap().recv();
        Ok::<_, StorageError>(n)
    });
    assert_eq!(write.await, Err(StorageError::Overdue));
    drop(go);
    db.close().await;
    let db = database.open();
    assert_eq!(db.read(count).await, Ok(1));
}

#[actix_web::test]
async fn who_waits_for_a_row_takes_few_seats_of_those_who_write() {
    if backend() == Backend::Sqlite {
        return;
    }
    let database = TestDatabase::new();
    with_counter(&database).await.close().await;
    let db = database.open_with(|settings| settings.connections = 4);
    let (may_go, go) = held();
    let (begun, has_begun) = channel();
    let in_turn = |row: i64| {
        let (db, may_go, begun) = (db.clone(), Arc::clone(&may_go), begun.clone());
        actix_web::rt::spawn(async move {
            db.write_queued(Some(row), move |_| {
                let _ = begun.send(());
                let _ = may_go.lock().unwrap().recv();
                Ok::<_, StorageError>(())
            })
            .await
        })
    };
    let all: Vec<_> = (0..20).map(|_| in_turn(7)).collect();
    until(has_begun).await;
    for n in 1..=20 {
        assert_eq!(db.write(raise).await, Ok(n), "others write");
        assert_eq!(db.read(count).await, Ok(n), "and read");
        assert_eq!(db.write_queued(Some(8), count).await, Ok(n), "and wait for other rows only");
    }
    drop(go);
    for one in all {
        assert_eq!(one.await.unwrap(), Ok(()));
    }
    db.close().await;
}
