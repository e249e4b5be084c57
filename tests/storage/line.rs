//! Who waits in line holds nothing: neither a caller who does not look whether it is their turn, nor one who has gone.

use crate::database::TestDatabase;
use crate::transactions::{count, with_counter};
use pakn::db::{Db, DbConnection, StorageError};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

async fn with_one_seat(database: &TestDatabase) -> Db {
    with_counter(database).await.close().await;
    database.open_with(|settings| {
        (settings.connections, settings.queue) = (1, 2);
        (settings.questions, settings.question_queue) = (1, 2);
        settings.wait = Duration::from_secs(60);
    })
}

/// Work that goes on until it is let go, and has begun when this returns.
struct Held {
    go: Sender<()>,
    work: tokio::task::JoinHandle<Result<(), StorageError>>,
}

async fn hold(db: &Db) -> Held {
    let ((go, may_go), (begun, has_begun)) = (channel(), channel());
    let (db, may_go): (Db, Arc<Mutex<Receiver<()>>>) = (db.clone(), Arc::new(Mutex::new(may_go)));
    let stay = move |_: &mut DbConnection| {
        begun.send(()).unwrap();
        let _ = may_go.lock().unwrap().recv();
        Ok(())
    };
    let work = actix_web::rt::spawn(async move { db.read(stay).await });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    Held { go, work }
}

impl Held {
    async fn end(self) {
        drop(self.go);
        assert_eq!(self.work.await.unwrap(), Ok(()));
    }
}

/// Lets it take its place in line, and looks at it no more.
async fn begin<F: Future + ?Sized>(waiting: &mut Pin<Box<F>>) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context))).await
}

#[actix_web::test]
async fn a_caller_who_does_not_look_keeps_nobody_waiting() {
    let database = TestDatabase::new();
    let db = with_one_seat(&database).await;
    let held = hold(&db).await;
    let mut unaware = Box::pin(db.read(count));
    assert!(begin(&mut unaware).await.is_pending());
    held.end().await;
    for _ in 0..20 {
        assert_eq!(db.read(count).await, Ok(0));
    }
    assert_eq!(unaware.await, Ok(0), "its own work was done in its turn");
    db.close().await;
}

#[actix_web::test]
async fn a_caller_who_goes_leaves_the_line() {
    let database = TestDatabase::new();
    let db = with_one_seat(&database).await;
    let held = hold(&db).await;
    let mut first = Box::pin(db.read(count));
    assert!(begin(&mut first).await.is_pending());
    for _ in 0..20 {
        let mut second = Box::pin(db.read(count));
        assert!(begin(&mut second).await.is_pending(), "there is room for two");
        assert_eq!(db.read(count).await, Err(StorageError::Busy), "and not for three");
    }
    held.end().await;
    assert_eq!(first.await, Ok(0));
    db.close().await;
}
