//! An event writes down what it changes, and the worker adds it to the sums of each dimension and span of time.

use crate::history::{house, live, now};
use diesel::prelude::*;
use pakn::db::StorageError;
use pakn::db::schema::{statistics_changes, statistics_sums};
use pakn::figures::rules::Counters;
use pakn::figures::statistics::roll_up;

type Sums = Vec<(String, String, Option<i64>)>;

#[tokio::test]
async fn every_dimension_and_span_tells_the_same_sum() {
    let house = house().await;
    let lives = live(&house, 3, 60).await;
    let today = now().local_date();
    let waiting = move |connection: &mut pakn::db::DbConnection| {
        let all: i64 = statistics_changes::table.count().get_result(connection)?;
        let ahead: i64 =
            statistics_changes::table.filter(statistics_changes::event_on.gt(today)).count().get_result(connection)?;
        Ok::<_, StorageError>((all, ahead))
    };
    let (before, _) = house.app.db.read(waiting).await.unwrap();
    let folded = roll_up(&house.app).await.unwrap();
    let (after, ahead) = house.app.db.read(waiting).await.unwrap();
    assert!(folded > 100, "{folded}");
    assert_eq!(before, after + i64::try_from(folded).unwrap());
    assert_eq!(after, ahead, "only what a later day shows is left");
    assert_eq!(roll_up(&house.app).await.unwrap(), 0);

    let sums = move |connection: &mut pakn::db::DbConnection| {
        let months = statistics_sums::table.filter(statistics_sums::grain.ne("day"));
        let by = (statistics_sums::dimension, statistics_sums::grain);
        let sum = diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::BigInt>>(
            "CAST(SUM(received + refused + withdrawn + duplicates) AS BIGINT)",
        );
        Ok::<Sums, StorageError>(months.group_by(by).select((by.0, by.1, sum)).order(by).load(connection)?)
    };
    let sums = house.app.db.read(sums).await.unwrap();
    assert_eq!(sums.len(), 12, "{sums:?}");
    let filed = i64::try_from(lives.len()).unwrap();
    assert!(sums.iter().all(|(_, _, sum)| *sum == Some(filed)), "{sums:?}");
    assert_eq!(Counters::NAMES.len(), 23);
    house.app.close().await;
}
