//! Biểu II.06a against the definition of each of its cells, petition by petition, for random histories with transfers, returns,
//! merges, withdrawals, reopenings elsewhere and a reform.

use crate::history::{Life, day, house, live, month_of, now};
use crate::oracle::state_at;
use chrono::{Days, Duration, Months, NaiveDate};
use pakn::db::service_error::ServiceError;
use pakn::directory::rules::area::Level;
use pakn::directory::rules::directory::{Directory, DirectoryEntry};
use pakn::figures::statistics::parse_query::FigureParams;
use pakn::figures::statistics::{HandlingCounts, handling_form};
use pakn::kernel::Instant;
use pakn::petitions::rules::{Channel, Status, Timeliness};
use pakn::petitions::store::PetitionRow;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use std::sync::Arc;

const SEEDS: u64 = 4;
const PERIODS: usize = 12;

/// The one cell in which a petition is on its way in and the one on its way out; none where it has no place in the form.
fn cells(life: &Life, from: NaiveDate, to: NaiveDate, as_of: Instant) -> Option<(&PetitionRow, HandlingCounts)> {
    let row = state_at(life, as_of)?;
    let begin = Instant::start_of(from);
    let received_on = row.received_at.local_date();
    let answer = life.iter().find(|(at, row)| row.status == Status::Answered && *at <= as_of);
    let is_valid = !matches!(row.status, Status::Refused | Status::Withdrawn | Status::Duplicate);
    if !is_valid || received_on > to || (received_on < from && answer.is_some_and(|(at, _)| *at < begin)) {
        return None;
    }
    let mut counts = HandlingCounts::default();
    match row.channel {
        _ if received_on < from => counts.carried = 1,
        Channel::Phone | Channel::Counter => counts.direct = 1,
        _ => counts.online = 1,
    }
    match answer {
        Some((_, answered)) => match answered.timeliness {
            Some(Timeliness::Early) => counts.early = 1,
            Some(Timeliness::OnTime) => counts.on_time = 1,
            _ => counts.late = 1,
        },
        None if row.due_at < as_of => counts.overdue = 1,
        None => counts.not_due = 1,
    }
    Some((row, counts))
}

fn expected(
    lives: &[Life],
    (from, to, as_of): (NaiveDate, NaiveDate, Instant),
    key: impl Fn(&PetitionRow) -> String,
) -> BTreeMap<String, HandlingCounts> {
    let mut rows: BTreeMap<String, HandlingCounts> = BTreeMap::new();
    for (row, counts) in lives.iter().filter_map(|life| cells(life, from, to, as_of)) {
        *rows.entry(key(row)).or_default() += &counts;
    }
    rows
}

fn any_period(dice: &mut StdRng) -> (NaiveDate, NaiveDate, Instant) {
    let any = day(2023, 1, 1) + Days::new(dice.random_range(0..240));
    let from = if dice.random_bool(0.7) { month_of(any) } else { any };
    let to = (from + Months::new(dice.random_range(1..4))).pred_opt().unwrap();
    let cut_off = match dice.random_range(0..3) {
        0 => Instant::end_of(to),
        1 => Instant::end_of(from + Days::new(dice.random_range(0..40))),
        _ => now(),
    };
    (from, to, cut_off.min(now()).max(Instant::start_of(from).plus(Duration::seconds(1))))
}

#[tokio::test]
async fn each_petition_stands_in_one_cell_in_and_one_cell_out_of_its_holder() {
    let mut moved_after_an_earlier_answer = 0;
    for seed in 0..SEEDS {
        let house = house().await;
        let lives = live(&house, seed + 300, 250).await;
        let app = house.app.clone();
        let directory: Arc<Directory> =
            house.app.db.read(move |connection| Ok::<_, ServiceError>(app.directory.current(connection)?)).await.unwrap();
        let mut dice = StdRng::seed_from_u64(seed);
        for _ in 0..PERIODS {
            let span @ (from, to, as_of) = any_period(&mut dice);
            moved_after_an_earlier_answer +=
                lives.iter().filter(|life| has_moved_since(life, Instant::start_of(from), as_of)).count();
            for by in ["agency", "category"] {
                for agencies in ["as_was", "today"] {
                    let words = FigureParams {
                        from: Some(from.to_string()),
                        to: Some(to.to_string()),
                        as_of: Some(as_of.to_rfc3339()),
                        agencies: Some(agencies.to_owned()),
                        ..FigureParams::default()
                    };
                    let form = handling_form(&house.app, words, Some(by.to_owned())).await.unwrap();
                    let told = format!("seed {seed}, {from}–{to} at {}, by {by}, {agencies}", as_of.to_rfc3339());
                    for (name, row) in
                        form.rows.iter().map(|row| (&row.key, &row.counts)).chain([(&"total".to_owned(), &form.total)])
                    {
                        let HandlingCounts { online, direct, carried, early, on_time, late, not_due, overdue } = *row;
                        let values = [online, direct, carried, early, on_time, late, not_due, overdue];
                        assert!(values.iter().all(|value| *value >= 0), "{told}: {name} {row:?}");
                        assert!(name == "total" || values.iter().any(|value| *value > 0), "{told}: a phantom line of {name}");
                        assert_eq!(row.to_handle(), row.handled() + row.open(), "{told}: {name} {row:?}");
                    }
                    let levels: Vec<usize> = form.rows.iter().map(|row| place(row.level)).collect();
                    assert!(levels.is_sorted(), "{told}: level by level");
                    let by_key = expected(&lives, span, |row| {
                        if by == "category" {
                            return directory.category(row.category_id).unwrap().code().to_owned();
                        }
                        row.agency_id.map_or("coordination".to_owned(), |id| directory.agency(id).unwrap().code.clone())
                    });
                    let mut total = HandlingCounts::default();
                    by_key.values().for_each(|counts| total += counts);
                    assert_eq!(form.total, total, "{told}");
                    if agencies == "as_was" || by == "category" {
                        let found: BTreeMap<_, _> = form.rows.iter().map(|row| (row.key.clone(), row.counts)).collect();
                        assert_eq!(found, by_key, "{told}");
                    }
                }
            }
        }
    }
    assert!(moved_after_an_earlier_answer > 20, "the histories hold what once went wrong: {moved_after_an_earlier_answer}");
}

fn place(level: Option<Level>) -> usize {
    level.map_or(3, |level| Level::ALL.iter().position(|other| *other == level).unwrap())
}

/// Whether it was answered before an instant and changed its holder between that and the cut-off.
fn has_moved_since(life: &Life, begin: Instant, as_of: Instant) -> bool {
    let answered = life.iter().any(|(at, row)| row.status == Status::Answered && *at < begin);
    let before = state_at(life, begin.plus(Duration::microseconds(-1))).map(|row| row.agency_id);
    answered && before.is_some_and(|holder| state_at(life, as_of).is_some_and(|row| row.agency_id != holder))
}
