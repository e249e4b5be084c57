//! Our own types come back from either database as they were stored.

use crate::database::TestDatabase;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pakn::db::columns::Json;
use pakn::db::{DbConnection, StorageError};
use pakn::kernel::Instant;
use pakn::kernel::account::Role;
use pakn::kernel::ids::AccountId;

diesel::table! {
    samples (id) {
        id -> BigInt,
        role -> Text,
        at -> Timestamp,
        payload -> Text,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable)]
#[diesel(table_name = samples)]
struct Sample {
    id: AccountId,
    role: Role,
    at: Instant,
    payload: Json<Vec<Option<String>>>,
}

fn create(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::sql_query(
        "CREATE TABLE samples (id BIGINT PRIMARY KEY, role TEXT NOT NULL, at TIMESTAMP NOT NULL, payload TEXT NOT NULL)",
    )
    .execute(connection)?;
    Ok(())
}

fn sample(id: i64, nanoseconds: u32) -> Sample {
    let time = DateTime::<Utc>::from_timestamp(1_700_000_000, nanoseconds).unwrap();
    let payload = Json(vec![None, Some("Tiếng Việt \u{0} \"'\\".to_owned())]);
    Sample { id: AccountId(id), role: Role::Leader, at: Instant::from_utc(time), payload }
}

#[actix_web::test]
async fn ids_words_instants_and_json_round_trip() {
    let database = TestDatabase::new();
    let db = database.open();
    let rows = [sample(1, 0), sample(2, 123_456_789), sample(3, 500_000_000), sample(4, 120_000)];
    let stored = rows.clone();
    db.write(move |connection| {
        create(connection)?;
        for row in &rows {
            diesel::insert_into(samples::table).values(row).execute(connection)?;
        }
        Ok::<_, StorageError>(())
    })
    .await
    .unwrap();
    let read = db
        .read(|connection| Ok::<_, StorageError>(samples::table.order(samples::id).select(Sample::as_select()).load(connection)?))
        .await
        .unwrap();
    assert_eq!(read, stored);
    let in_time: Vec<i64> = db
        .read(|connection| {
            Ok::<_, StorageError>(
                samples::table
                    .filter(samples::role.eq(Role::Leader).and(samples::id.ne(AccountId(9))))
                    .order(samples::at)
                    .select(samples::id)
                    .load(connection)?,
            )
        })
        .await
        .unwrap();
    assert_eq!(in_time, [1, 4, 2, 3]);
}

#[actix_web::test]
async fn an_unknown_word_is_corrupt_and_names_its_column() {
    let database = TestDatabase::new();
    let db = database.open();
    let answer = db
        .write(|connection| {
            create(connection)?;
            diesel::sql_query("INSERT INTO samples VALUES (1, 'emperor', '2023-01-01 00:00:00', '[]')").execute(connection)?;
            Ok::<_, StorageError>(samples::table.select(Sample::as_select()).first(connection)?)
        })
        .await;
    assert_eq!(answer, Err(StorageError::Corrupt { table: "?".to_owned(), column: "role".to_owned() }));
}
