//! One event adds to one row of each dimension.

use crate::database::TestDatabase;
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use pakn::domain::deadline::Urgency;
use pakn::domain::ids::{AgencyId, CategoryId};
use pakn::domain::petition::{Channel, PetitionerKind};
use pakn::domain::statistics::Counters;
use pakn::storage::StorageError;
use pakn::storage::schema::statistics_days::dsl;
use pakn::storage::statistics::{DayKey, add};

fn key(agency: i64) -> DayKey {
    DayKey {
        agency_id: AgencyId(agency),
        event_on: NaiveDate::from_ymd_opt(2023, 5, 17).unwrap(),
        received_in: NaiveDate::from_ymd_opt(2023, 5, 1).unwrap(),
        category_id: CategoryId(4),
        channel: Channel::Zalo,
        petitioner_kind: PetitionerKind::Citizen,
        urgency: Urgency::Normal,
    }
}

#[tokio::test]
async fn events_of_a_day_add_up() {
    let database = TestDatabase::new();
    let db = database.open();
    db.write(|connection| {
        for turn in 0..100 {
            add(connection, &key(turn % 2), &Counters { received: 1, processing_ms: 1 << 40, ..Counters::default() })?;
        }
        Ok::<_, StorageError>(())
    })
    .await
    .unwrap();
    let rows = db
        .read(|connection| {
            let rows: i64 = dsl::statistics_days.select(count_star()).first(connection)?;
            let mine = dsl::agency_id.eq(1).and(dsl::received.eq(50)).and(dsl::processing_ms.eq(50 << 40));
            let found = dsl::statistics_days.filter(mine).select((dsl::dimension, dsl::value)).order(dsl::dimension);
            Ok::<(i64, Vec<(String, String)>), StorageError>((rows, found.load(connection)?))
        })
        .await
        .unwrap();
    let expected = [("all", ""), ("category", "4"), ("channel", "zalo"), ("petitioner_kind", "citizen"), ("urgency", "normal")];
    let expected = expected.map(|(dimension, value)| (dimension.to_owned(), value.to_owned()));
    assert_eq!(rows, (10, expected.to_vec()));
    db.close().await;
}
