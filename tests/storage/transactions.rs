//! What `Db::read` and `Db::write` promise on both databases.

use crate::database::TestDatabase;
use diesel::prelude::*;
use pakn::db::schema::{accounts, register_counters};
use pakn::db::{Constraint, Db, DbConnection, StorageError, migrate};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::Poll;
use std::time::Duration;

diesel::table! {
    counters (name) {
        name -> Text,
        n -> BigInt,
    }
}

/// A database with one counter at zero.
pub async fn with_counter(database: &TestDatabase) -> Db {
    let db = database.open();
    prepare(&db).await;
    db
}

pub async fn prepare(db: &Db) {
    db.write(|connection| {
        diesel::sql_query("CREATE TABLE counters (name VARCHAR PRIMARY KEY, n BIGINT NOT NULL)").execute(connection)?;
        diesel::sql_query("INSERT INTO counters VALUES ('a', 0), ('b', 0)").execute(connection)?;
        Ok::<_, StorageError>(())
    })
    .await
    .unwrap();
}

pub fn count(connection: &mut DbConnection) -> Result<i64, StorageError> {
    Ok(counters::table.find("a").select(counters::n).first(connection)?)
}

pub fn raise(connection: &mut DbConnection) -> Result<i64, StorageError> {
    Ok(diesel::update(counters::table.find("a"))
        .set(counters::n.eq(counters::n + 1))
        .returning(counters::n)
        .get_result(connection)?)
}

#[actix_web::test]
async fn sixty_four_tasks_lose_nothing() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let db = db.clone();
            actix_web::rt::spawn(async move {
                for _ in 0..25 {
                    db.write(raise).await.unwrap();
                    db.read(count).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(db.read(count).await, Ok(64 * 25));
    db.close().await;
}

#[actix_web::test]
async fn a_refused_write_leaves_nothing() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let refused = db
        .write(|connection| {
            raise(connection)?;
            Err::<(), _>(StorageError::Missing)
        })
        .await;
    assert_eq!(refused, Err(StorageError::Missing));
    assert_eq!(db.read(count).await, Ok(0));
}

#[actix_web::test]
async fn a_panic_is_an_error_and_leaves_nothing() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    for _ in 0..20 {
        let panicked = db
            .write(|connection| {
                raise(connection)?;
                connection.transaction(|connection| -> Result<(), StorageError> {
                    raise(connection)?;
                    panic!("expected by the test")
                })
            })
            .await;
        assert_eq!(panicked, Err(StorageError::Panicked));
        let panicked = db.read(|_| -> Result<(), StorageError> { panic!("expected by the test") }).await;
        assert_eq!(panicked, Err(StorageError::Panicked));
    }
    assert_eq!(db.write(raise).await, Ok(1));
    assert_eq!(db.read(count).await, Ok(1));
}

#[actix_web::test]
async fn a_read_cannot_write() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    assert!(db.read(raise).await.is_err());
    assert_eq!(db.read(count).await, Ok(0));
}

#[actix_web::test]
async fn a_read_sees_one_state() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let (begun, has_begun) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let reader = actix_web::rt::spawn({
        let db = db.clone();
        async move {
            db.read(move |connection| {
                let before = count(connection)?;
                begun.send(()).unwrap();
                may_go_on.lock().unwrap().recv().unwrap();
                Ok::<_, StorageError>((before, count(connection)?))
            })
            .await
        }
    });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    assert_eq!(db.write(raise).await, Ok(1));
    go_on.send(()).unwrap();
    assert_eq!(reader.await.unwrap(), Ok((0, 0)));
    assert_eq!(db.read(count).await, Ok(1));
}

#[actix_web::test]
async fn an_inner_transaction_can_be_undone_alone() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let raised = db
        .write(|connection| {
            let undone = connection.transaction(|connection| {
                raise(connection)?;
                Err::<(), _>(StorageError::Missing)
            });
            assert_eq!(undone, Err(StorageError::Missing));
            raise(connection)
        })
        .await;
    assert_eq!(raised, Ok(1));
}

#[actix_web::test]
async fn violated_constraints_have_names() {
    let database = TestDatabase::new();
    let db = database.open();
    let account = |username: &'static str, phone: &'static str| {
        move |connection: &mut DbConnection| {
            let at = chrono::DateTime::UNIX_EPOCH.naive_utc();
            diesel::insert_into(accounts::table)
                .values((
                    (accounts::kind.eq("officer"), accounts::username.eq(username), accounts::phone_hash.eq(phone)),
                    (accounts::full_name.eq("Nguyễn Văn A"), accounts::password_hash.eq("-"), accounts::state.eq("active")),
                    (accounts::must_change_password.eq(false), accounts::created_at.eq(at), accounts::version.eq(1)),
                ))
                .execute(connection)?;
            Ok::<_, StorageError>(())
        }
    };
    db.write(account("a", "0912345678")).await.unwrap();
    assert_eq!(db.write(account("a", "0912345679")).await, Err(StorageError::Conflict(Constraint::AccountUsername)));
    assert_eq!(db.write(account("b", "0912345678")).await, Err(StorageError::Conflict(Constraint::AccountPhone)));
    let dangling = db
        .write(|connection| {
            diesel::insert_into(register_counters::table)
                .values((
                    register_counters::agency_id.eq(99),
                    register_counters::year.eq(2023),
                    register_counters::last_number.eq(0_i64),
                ))
                .execute(connection)?;
            Ok::<_, StorageError>(())
        })
        .await;
    assert_eq!(dangling, Err(StorageError::Conflict(Constraint::Reference)));
}

/// A write that goes on until it is let go.
struct HeldWrite {
    go: Sender<()>,
    work: tokio::task::JoinHandle<Result<i64, StorageError>>,
}

/// Has begun when this returns: a test that sleeps instead would be overtaken on a busy machine.
async fn hold(db: &Db) -> HeldWrite {
    let ((go, may_go), (begun, has_begun)) = (channel(), channel());
    let (db, may_go): (Db, Mutex<Receiver<()>>) = (db.clone(), Mutex::new(may_go));
    let stay = move |connection: &mut DbConnection| {
        let _ = begun.send(());
        let _ = may_go.lock().unwrap().recv();
        raise(connection)
    };
    let work = actix_web::rt::spawn(async move { db.write(stay).await });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    HeldWrite { go, work }
}

impl HeldWrite {
    async fn end(self) -> Result<i64, StorageError> {
        drop(self.go);
        self.work.await.unwrap()
    }
}

#[actix_web::test]
async fn a_full_line_is_busy_at_once() {
    let database = TestDatabase::new();
    prepare(&database.open()).await;
    let db = database.open_with(|settings| {
        settings.connections = 1;
        settings.queue = 2;
    });
    let held = hold(&db).await;
    let (mut busy, mut waiting) = (0, Vec::new());
    for _ in 0..20 {
        // Looked at once: by then it stands in the line or was refused.
        let mut one = Box::pin(db.write(raise));
        let seen = std::future::poll_fn(|context| Poll::Ready(one.as_mut().poll(context))).await;
        match seen {
            Poll::Pending => waiting.push(one),
            Poll::Ready(Err(StorageError::Busy)) => busy += 1,
            Poll::Ready(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(busy, 18, "two places in the line");
    assert_eq!(held.end().await, Ok(1));
    for one in waiting {
        assert!(one.await.is_ok());
    }
    assert_eq!(db.read(count).await, Ok(3));
}

#[actix_web::test]
async fn who_waits_too_long_is_told_and_nothing_is_stored() {
    let database = TestDatabase::new();
    prepare(&database.open()).await;
    let db = database.open_with(|settings| {
        settings.connections = 1;
        // Long enough for a free writer to begin on a busy machine.
        settings.wait = Duration::from_secs(2);
    });
    let held = hold(&db).await;
    assert_eq!(db.write(raise).await, Err(StorageError::Busy));
    assert_eq!(held.end().await, Ok(1), "work that has begun is not cut off");
    assert_eq!(db.write(raise).await, Ok(2));
}

#[actix_web::test]
async fn closing_finishes_what_was_handed_in() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let db = db.clone();
            actix_web::rt::spawn(async move { db.write(raise).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    db.close().await;
    assert!(matches!(db.write(raise).await, Err(StorageError::Unavailable(_))));
    assert!(matches!(db.read(count).await, Err(StorageError::Unavailable(_))));
    let mut stored = 0;
    for task in tasks {
        stored += i64::from(task.await.unwrap().is_ok());
    }
    assert!(stored > 0);
    assert_eq!(database.open().read(count).await, Ok(stored));
}

#[actix_web::test]
async fn ping_tells_whether_the_schema_is_up_to_date() {
    let database = TestDatabase::empty();
    let db = database.open();
    assert!(matches!(db.ping().await, Err(StorageError::Unavailable(_))));
    migrate::migrate(&database.url()).unwrap();
    assert_eq!(db.ping().await, Ok(()));
}
