//! The recount finds nothing after any history, and finds every row that is wrong.

use crate::history::{House, house, live};
use diesel::prelude::*;
use pakn::db::StorageError;
use pakn::figures::statistics::{rebuild, recount, roll_up};

async fn found(house: &House) -> Vec<String> {
    let found = house.app.db.read(recount).await;
    found.map_err(|error: StorageError| error).unwrap().into_iter().map(|discrepancy| discrepancy.to_string()).collect()
}

async fn execute(house: &House, statement: &'static str) {
    let work =
        move |connection: &mut pakn::db::DbConnection| Ok::<_, StorageError>(diesel::sql_query(statement).execute(connection)?);
    house.app.db.write(work).await.unwrap();
}

#[tokio::test]
async fn nothing_is_wrong_after_any_history() {
    for seed in 300..304 {
        let house = house().await;
        live(&house, seed, 50).await;
        assert_eq!(found(&house).await, Vec::<String>::new(), "seed {seed}");
        house.app.close().await;
    }
}

#[tokio::test]
async fn a_wrong_counter_is_named_and_rebuilt() {
    let house = house().await;
    live(&house, 1, 60).await;
    roll_up(&house.app).await.unwrap();
    execute(
        &house,
        "UPDATE statistics_sums SET handled = handled + 1 \
         WHERE dimension = 'channel' AND value = 'zalo' AND grain = 'month' AND handled = 1",
    )
    .await;
    let wrong = found(&house).await;
    assert!(!wrong.is_empty());
    assert!(
        wrong.iter().any(|sentence| sentence.contains("channel zalo") && sentence.contains("handled is 2 and should be 1")),
        "{wrong:?}"
    );
    rebuild(&house.app).await.unwrap();
    assert_eq!(found(&house).await, Vec::<String>::new());
    house.app.close().await;
}

#[tokio::test]
async fn a_wrong_processing_time_and_a_lost_year_are_named() {
    let house = house().await;
    live(&house, 2, 60).await;
    execute(&house, "UPDATE statistics_times SET added = taken, taken = added WHERE grain = 'month' AND dimension = 'all'").await;
    let wrong = found(&house).await;
    assert!(wrong.iter().any(|sentence| sentence.contains("the processing times are not those of its petitions")), "{wrong:?}");
    rebuild(&house.app).await.unwrap();
    assert_eq!(found(&house).await, Vec::<String>::new());
    execute(&house, "DELETE FROM statistics_sums WHERE grain = 'year' AND dimension = 'area'").await;
    let wrong = found(&house).await;
    assert!(!wrong.is_empty() && wrong.iter().all(|sentence| sentence.contains("received in 20")), "{wrong:?}");
    house.app.close().await;
}

#[tokio::test]
async fn a_broken_identity_is_named() {
    let house = house().await;
    live(&house, 2, 60).await;
    execute(&house, "UPDATE statistics_sums SET open = open + 1 WHERE dimension = 'all' AND agency_id = 24").await;
    let wrong = found(&house).await;
    assert!(wrong.iter().any(|sentence| sentence.starts_with("carry-over identity of agency 24")), "{wrong:?}");
    house.app.close().await;
}

#[tokio::test]
async fn a_petition_that_left_its_timeline_is_named() {
    let house = house().await;
    live(&house, 3, 40).await;
    execute(&house, "UPDATE petitions SET answer_count = answer_count + 1 WHERE code = 'TEST-7'").await;
    assert_eq!(found(&house).await, vec!["petition TEST-7: answer_count differ from its timeline".to_owned()]);
    house.app.close().await;
}
