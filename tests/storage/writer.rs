//! The writer of SQLite: groups, neighbours and a file that goes away.

use crate::database::TestDatabase;
use crate::transactions::{count, prepare, raise, with_counter};
use diesel::prelude::*;
use pakn::db::{Db, StorageError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Hands in a job that holds the writer up, so that everything handed in after it forms one group.
fn hold_up(db: &Db) -> actix_web::rt::task::JoinHandle<Result<(), StorageError>> {
    let db = db.clone();
    actix_web::rt::spawn(async move {
        db.write(|_| {
            std::thread::sleep(Duration::from_millis(100));
            Ok(())
        })
        .await
    })
}

#[actix_web::test]
async fn a_failing_job_leaves_its_neighbours_alone() {
    let database = TestDatabase::sqlite();
    let db = with_counter(&database).await;
    let held = hold_up(&db);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let jobs = (0..30).map(|place| {
        db.write(move |connection| {
            raise(connection)?;
            match place % 5 {
                3 => Err(StorageError::Missing),
                4 if place % 2 == 0 => panic!("expected by the test"),
                _ => Ok(place),
            }
        })
    });
    let answers = futures_util::future::join_all(jobs).await;
    held.await.unwrap().unwrap();
    for (place, answer) in answers.into_iter().enumerate() {
        match place % 5 {
            3 => assert_eq!(answer, Err(StorageError::Missing)),
            4 if place % 2 == 0 => assert_eq!(answer, Err(StorageError::Panicked)),
            _ => assert_eq!(answer, Ok(place)),
        }
    }
    assert_eq!(db.read(count).await, Ok(21));
}

#[actix_web::test]
async fn a_constraint_that_is_checked_at_the_commit_hits_only_its_own_job() {
    let database = TestDatabase::sqlite();
    let db = with_counter(&database).await;
    db.write(|connection| {
        let table = "CREATE TABLE deferred (name VARCHAR REFERENCES counters (name) DEFERRABLE INITIALLY DEFERRED)";
        diesel::sql_query(table).execute(connection)?;
        Ok::<_, StorageError>(())
    })
    .await
    .unwrap();
    let held = hold_up(&db);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let refer = |name: &'static str| {
        db.write(move |connection| {
            diesel::sql_query(format!("INSERT INTO deferred VALUES ('{name}')")).execute(connection)?;
            raise(connection)
        })
    };
    let (first, second, third) = tokio::join!(refer("a"), refer("nobody"), refer("b"));
    held.await.unwrap().unwrap();
    assert_eq!((first, third), (Ok(1), Ok(2)));
    assert!(matches!(second, Err(StorageError::Conflict(_))), "{second:?}");
}

#[actix_web::test]
async fn jobs_run_in_the_order_in_which_they_came() {
    let database = TestDatabase::sqlite();
    let db = with_counter(&database).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let jobs = (0..300).map(|place| {
        let order = Arc::clone(&order);
        db.write(move |connection| {
            order.lock().unwrap().push(place);
            raise(connection)
        })
    });
    let answers = futures_util::future::join_all(jobs).await;
    assert_eq!(answers, (1..=300).map(Ok).collect::<Vec<_>>());
    assert_eq!(*order.lock().unwrap(), (0..300).collect::<Vec<_>>());
}

#[actix_web::test]
async fn another_process_that_holds_the_lock_for_long_means_busy() {
    let database = TestDatabase::sqlite();
    let db = with_counter(&database).await;
    let path = database.url().sqlite_path().unwrap().to_owned();
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::sql_query("BEGIN IMMEDIATE").execute(&mut other).unwrap();
    assert_eq!(db.write(raise).await, Err(StorageError::Busy));
    diesel::sql_query("ROLLBACK").execute(&mut other).unwrap();
    assert_eq!(db.write(raise).await, Ok(1));
}

#[actix_web::test]
async fn a_file_that_was_moved_away_is_missed_and_found_again() {
    let database = TestDatabase::sqlite();
    let db = with_counter(&database).await;
    assert_eq!(db.write(raise).await, Ok(1));
    let path = database.url().sqlite_path().unwrap().to_owned();
    let away = path.with_extension("away");
    std::fs::rename(&path, &away).unwrap();
    for _ in 0..5 {
        assert!(matches!(db.write(raise).await, Err(StorageError::Unavailable(_))));
        assert!(matches!(db.read(count).await, Err(StorageError::Unavailable(_))));
        assert!(matches!(db.ping().await, Err(StorageError::Unavailable(_))));
    }
    assert!(!path.exists(), "no empty database in its place");
    std::fs::rename(&away, &path).unwrap();
    assert_eq!(db.write(raise).await, Ok(2));
    assert_eq!(db.read(count).await, Ok(2));
}

#[actix_web::test]
async fn a_restored_file_is_used_from_the_next_write_on() {
    let database = TestDatabase::sqlite();
    prepare(&database.open()).await;
    let db = database.open();
    assert_eq!(db.write(raise).await, Ok(1));
    let path = database.url().sqlite_path().unwrap().to_owned();
    let copy = path.with_extension("copy");
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::sql_query(format!("VACUUM INTO '{}'", copy.display())).execute(&mut other).unwrap();
    assert_eq!(db.write(raise).await, Ok(2));
    std::fs::remove_file(path.with_extension("db-wal")).unwrap();
    std::fs::remove_file(path.with_extension("db-shm")).unwrap();
    std::fs::rename(&copy, &path).unwrap();
    assert_eq!(db.read(count).await, Ok(1));
    assert_eq!(db.write(raise).await, Ok(2));
}
