//! Leaky buckets: what one statement pours in, whoever else does at the same time.

use crate::database::TestDatabase;
use pakn::db::store::buckets::{self, BucketCharge, BucketRow, BucketSize, OverflowPolicy};
use pakn::db::{Db, StorageError};

const MINUTE: i64 = 60_000_000;
const NOW: i64 = 1_700_000_000_000_000;

async fn pour(db: &Db, now: i64, size: BucketSize, pours: &[(&str, i64)]) -> Vec<BucketRow> {
    let pours: Vec<BucketCharge> =
        pours.iter().map(|(key, micros)| BucketCharge { key: (*key).to_owned(), micros: *micros }).collect();
    let mut rows = db.write(move |connection| buckets::charge(connection, &pours, now, size)).await.unwrap();
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    rows
}

fn row(key: &str, empty_at: i64, is_high: bool) -> BucketRow {
    BucketRow { key: key.to_owned(), empty_at, is_high }
}

#[tokio::test]
async fn a_bucket_takes_what_it_holds_and_no_more() {
    let (database, size) = (TestDatabase::new(), BucketSize { high: MINUTE, most: MINUTE, overflow: OverflowPolicy::Refused });
    let db = database.open();
    assert_eq!(
        pour(&db, NOW, size, &[("b", MINUTE / 2), ("a", MINUTE)]).await,
        [row("a", NOW + MINUTE, true), row("b", NOW + MINUTE / 2, false)]
    );
    assert_eq!(pour(&db, NOW, size, &[("a", 1), ("b", MINUTE / 2)]).await, [row("b", NOW + MINUTE, true)]);
    // Half of it has run out; what is refused is not poured in.
    assert_eq!(pour(&db, NOW + MINUTE / 2, size, &[("a", MINUTE / 2 + 1)]).await, []);
    assert_eq!(pour(&db, NOW + MINUTE / 2, size, &[("a", MINUTE / 2)]).await, [row("a", NOW + MINUTE * 3 / 2, true)]);
    // A clock that was set back finds it full, and not for longer than that.
    assert_eq!(pour(&db, NOW - 9 * MINUTE, size, &[("a", 1)]).await, []);
    let later = NOW - 8 * MINUTE;
    assert_eq!(
        pour(&db, later, BucketSize { most: 2 * MINUTE, ..size }, &[("a", 0)]).await,
        [row("a", later + 2 * MINUTE, true)]
    );
}

#[tokio::test]
async fn it_is_high_until_half_of_it_is_left_and_what_is_too_much_is_lost() {
    let (database, size) = (TestDatabase::new(), BucketSize { high: MINUTE, most: 4 * MINUTE, overflow: OverflowPolicy::Lost });
    let db = database.open();
    assert_eq!(pour(&db, NOW, size, &[("a", MINUTE - 1)]).await, [row("a", NOW + MINUTE - 1, false)]);
    assert_eq!(pour(&db, NOW, size, &[("a", 1)]).await, [row("a", NOW + MINUTE, true)]);
    assert_eq!(pour(&db, NOW + MINUTE * 2 / 5, size, &[("a", 0)]).await, [row("a", NOW + MINUTE, true)]);
    assert_eq!(pour(&db, NOW + MINUTE / 2, size, &[("a", 0)]).await, [row("a", NOW + MINUTE, false)]);
    assert_eq!(pour(&db, NOW, size, &[("b", 9 * MINUTE)]).await, [row("b", NOW + 4 * MINUTE, true)]);
    assert_eq!(pour(&db, NOW, size, &[("b", 9 * MINUTE)]).await, [row("b", NOW + 4 * MINUTE, true)]);
    let purged = db.write(move |connection| buckets::purge(connection, NOW + MINUTE + 1)).await.unwrap();
    let keys = vec!["a".to_owned(), "b".to_owned()];
    let left = db.read(move |connection| buckets::find(connection, &keys)).await.unwrap();
    assert_eq!((purged, left), (1, vec![row("b", NOW + 4 * MINUTE, true)]));
}

#[tokio::test]
async fn many_at_once_pour_in_as_much_as_it_holds() {
    let (database, size) = (TestDatabase::new(), BucketSize { high: MINUTE, most: MINUTE, overflow: OverflowPolicy::Refused });
    let db = database.open();
    let pours = (0..40).map(|at| {
        // Each names its buckets in its own order.
        let keys = if at % 2 == 0 { [("a", MINUTE / 10), ("b", MINUTE / 20)] } else { [("b", MINUTE / 20), ("a", MINUTE / 10)] };
        let db = db.clone();
        async move { pour(&db, NOW, size, &keys).await }
    });
    let taken: Vec<BucketRow> = futures_util::future::join_all(pours).await.into_iter().flatten().collect();
    let of = |key: &str| taken.iter().filter(|row| row.key == key).count();
    assert_eq!((of("a"), of("b")), (10, 20));
}

#[tokio::test]
async fn only_several_processes_count_together() -> Result<(), StorageError> {
    let db = TestDatabase::new().open();
    assert_eq!(db.count(|_| Ok(7)).await, db.is_shared().then_some(7));
    assert_eq!(db.count(|_| Err::<(), _>(StorageError::Busy)).await, None, "nobody's request depends on it");
    Ok(())
}
