//! What concerns PostgreSQL alone; ignored unless `tests/run` provides a server.

use crate::database::{TestDatabase, on_server, server_url};
use crate::proxy::Proxy;
use crate::transactions::{count, counters, prepare, raise, with_counter};
use diesel::prelude::*;
use diesel::sql_types::Text;
use pakn::db::dialect::scrub::scrub_texts;
use pakn::db::{DatabaseUrl, Db, DbConnection, DbSettings, StorageError};
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

define_sql_function! {
    /// The number of the session on the server.
    fn pg_backend_pid() -> diesel::sql_types::Integer;
}

#[actix_web::test]
#[ignore = "needs PostgreSQL"]
async fn deadlocks_are_run_again() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let crossing = |first: &'static str, second: &'static str| {
        move |connection: &mut DbConnection| {
            for name in [first, second] {
                diesel::update(counters::table.find(name)).set(counters::n.eq(counters::n + 1)).execute(connection)?;
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok::<_, StorageError>(())
        }
    };
    let (to_and_fro, fro_and_to) = tokio::join!(
        futures_util::future::join_all((0..3).map(|_| db.write(crossing("a", "b")))),
        futures_util::future::join_all((0..3).map(|_| db.write(crossing("b", "a")))),
    );
    for answer in to_and_fro.into_iter().chain(fro_and_to) {
        assert_eq!(answer, Ok(()));
    }
    assert_eq!(db.read(count).await, Ok(6));
}

#[actix_web::test]
#[ignore = "needs PostgreSQL"]
async fn serialization_failures_are_run_again() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let read_then_write = |connection: &mut DbConnection| {
        diesel::sql_query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").execute(connection)?;
        let n = count(connection)?;
        std::thread::sleep(Duration::from_millis(5));
        diesel::update(counters::table.find("a")).set(counters::n.eq(n + 1)).execute(connection)?;
        Ok::<_, StorageError>(())
    };
    let answers = futures_util::future::join_all((0..4).map(|_| db.write(read_then_write))).await;
    assert_eq!(answers, vec![Ok(()); 4]);
    assert_eq!(db.read(count).await, Ok(4));
}

#[actix_web::test]
#[ignore = "needs PostgreSQL"]
async fn sessions_that_the_server_ended_are_replaced_unnoticed() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    // Each waits until five are at work: otherwise the first one might do the work of all while the others wait for the processor.
    let at_work = Arc::new((Mutex::new(0), Condvar::new()));
    let session = |_| {
        let at_work = Arc::clone(&at_work);
        db.read(move |connection: &mut DbConnection| {
            let (count, changed) = &*at_work;
            let mut count = count.lock().unwrap();
            *count += 1;
            changed.notify_all();
            drop(changed.wait_while(count, |count| *count < 5).unwrap());
            Ok::<_, StorageError>(diesel::select(pg_backend_pid()).get_result::<i32>(connection)?)
        })
    };
    let sessions = futures_util::future::join_all((0..16).map(session)).await;
    let sessions: BTreeSet<i32> = sessions.into_iter().collect::<Result<_, _>>().unwrap();
    assert!(sessions.len() > 4, "several sessions are idle now");
    sessions.iter().for_each(|session| on_server(&format!("SELECT pg_terminate_backend({session}, 5000)")));
    for expected in 1..=20 {
        assert_eq!(db.write(raise).await, Ok(expected));
    }
}

#[actix_web::test]
#[ignore = "needs PostgreSQL"]
async fn the_server_may_go_away_and_come_back() {
    let database = TestDatabase::new();
    prepare(&database.open()).await;
    let server = server_url();
    let address = server.rsplit_once('@').unwrap().1.split('/').next().unwrap().to_owned();
    let proxy = Proxy::before(&address);
    let through_proxy = database.url_text().replacen(&address, &format!("127.0.0.1:{}", proxy.port()), 1);
    let db = Db::open(&DbSettings::new(DatabaseUrl::parse(&through_proxy).unwrap())).unwrap();
    assert_eq!(db.write(raise).await, Ok(1));
    assert_eq!(db.ping().await, Ok(()));

    proxy.set_cut(true);
    for _ in 0..2 {
        let begun = Instant::now();
        let answer = db.write(raise).await;
        assert!(matches!(answer, Err(StorageError::Unavailable(_))), "{answer:?}");
        // Three seconds for a connection, and before the fifteen of a statement are over.
        assert!(begun.elapsed() < Duration::from_secs(15), "the caller is told soon");
    }
    assert!(matches!(db.ping().await, Err(StorageError::Unavailable(_))));

    proxy.set_cut(false);
    assert_eq!(db.write(raise).await, Ok(2));
    assert_eq!(db.read(count).await, Ok(2));
}

#[actix_web::test]
#[ignore = "needs PostgreSQL"]
async fn a_lock_that_is_held_too_long_means_busy() {
    let database = TestDatabase::new();
    let db = with_counter(&database).await;
    let DatabaseUrl::Postgres(url) = database.url() else { panic!("not PostgreSQL") };
    let mut other = PgConnection::establish(&url).unwrap();
    diesel::sql_query("BEGIN").execute(&mut other).unwrap();
    diesel::sql_query("UPDATE counters SET n = n WHERE name = 'a'").execute(&mut other).unwrap();
    assert_eq!(db.write(raise).await, Err(StorageError::Busy));
    diesel::sql_query("ROLLBACK").execute(&mut other).unwrap();
    assert_eq!(db.write(raise).await, Ok(1));
}

#[derive(QueryableByName)]
struct NamedTable {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The tables of which a statement names one column as `name`.
fn tables(connection: &mut PgConnection, statement: &str) -> BTreeSet<String> {
    diesel::sql_query(statement).load::<NamedTable>(connection).unwrap().into_iter().map(|table| table.name).collect()
}

#[test]
#[ignore = "needs PostgreSQL"]
fn what_is_erased_leaves_every_table_that_can_hold_a_text() {
    let database = TestDatabase::new();
    let DatabaseUrl::Postgres(url) = database.url() else { panic!("not PostgreSQL") };
    let mut connection = PgConnection::establish(&url).unwrap();
    // A table of a later version is among them.
    diesel::sql_query("CREATE TABLE \"Later words\" (id BIGINT, words TEXT)").execute(&mut connection).unwrap();
    let of_texts = "SELECT table_name::text AS name FROM information_schema.columns \
                    WHERE table_schema = current_schema() AND data_type = 'text'";
    let of_texts = tables(&mut connection, of_texts);
    for known in ["moderations", "moderated_answers", "claimed_contacts", "account_messages", "oidc_identities", "Later words"] {
        assert!(of_texts.contains(known), "{known}");
    }
    scrub_texts(&database.url()).unwrap();
    let vacuumed =
        "SELECT relname::text AS name FROM pg_stat_user_tables WHERE schemaname = current_schema() AND vacuum_count > 0";
    let begun = Instant::now();
    loop {
        let left: Vec<_> = of_texts.difference(&tables(&mut connection, vacuumed)).cloned().collect();
        if left.is_empty() {
            break;
        }
        // The server counts a moment later.
        assert!(begun.elapsed() < Duration::from_secs(30), "{left:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
