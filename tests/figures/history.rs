//! Random histories of petitions, walked along the table of the life and stored through the one door.

use crate::database::{Template, TestDatabase};
use chrono::{Datelike, Duration, NaiveDate};
use diesel::connection::SimpleConnection;
use pakn::app::App;
use pakn::config::{Config, Secret};
use pakn::db::DbConnection;
use pakn::db::service_error::ServiceError;
use pakn::directory::load_reference;
use pakn::directory::rules::deadline::Urgency;
use pakn::figures::statistics::{forget_single_days, roll_up};
use pakn::kernel::Instant;
use pakn::kernel::clock::{Clock, FixedClock};
use pakn::kernel::ids::{AgencyId, AreaId, CategoryId, PetitionId};
use pakn::petitions::record::{StepChange, StepEntry, record};
use pakn::petitions::rules::lifecycle::TABLE;
use pakn::petitions::rules::timeline::Author;
use pakn::petitions::rules::{Action, Channel, PetitionKind, PetitionerKind, RequestState, Status};
use pakn::petitions::step_digests::StepDigests;
use pakn::petitions::store::PetitionRow;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::ops::Range;
use std::sync::Arc;

/// A petition after each of its events.
pub type Life = Vec<(Instant, PetitionRow)>;

/// The present moment of every test here: long after the histories.
pub fn now() -> Instant {
    Instant::start_of(day(2023, 9, 14)).plus(Duration::hours(10))
}

/// A day.
pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// An application on a database of its own with the directory of 2023.
pub struct House {
    pub app: App,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

/// The committee of a district has ended; its cases went to a commune, those of one place to the commune there.
const REFORM: &str = "UPDATE agencies SET valid_to = '2023-08-31' WHERE id = 24; \
    INSERT INTO agency_successors (old_agency_id, new_agency_id, effective_on, relation, is_primary) \
    VALUES (24, 200, '2023-09-01', 'split', TRUE); \
    INSERT INTO agency_successors (old_agency_id, new_agency_id, effective_on, relation, is_primary) \
    SELECT 24, MIN(id), '2023-09-01', 'split', FALSE FROM agencies WHERE area_id = 101 AND id <> 200;";
/// Where cases are.
const PLACES: [i64; 3] = [100, 101, 102];

/// An empty house.
pub async fn house() -> House {
    static TEMPLATE: Template = Template::new();
    let database = tokio::task::spawn_blocking(|| {
        TEMPLATE.database(|database| {
            let folder = tempfile::tempdir().unwrap();
            let app = app(database, folder.path());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                load_reference::ensure_loaded(&app).await.unwrap();
                let now = app.now();
                let reform = move |connection: &mut DbConnection| {
                    connection.batch_execute(REFORM)?;
                    pakn::directory::store::directory_digests::append(connection, now)
                };
                app.db.write(reform).await.unwrap();
                app.close().await;
            });
        })
    });
    let database = database.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    House { app: app(&database, folder.path()), _database: database, _folder: folder }
}

fn app(database: &TestDatabase, folder: &std::path::Path) -> App {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now()));
    let database_url = Some(Secret::new(database.url_text().to_owned()));
    // The same keys in every house, so that the same person has the same hash.
    let personal_keys = vec![Secret::new(crate::database::PERSONAL_KEY.to_owned())];
    let config = Config {
        data_dir: folder.to_owned(),
        database_url,
        personal_keys,
        // No answer may depend on how busy the machine is.
        database_wait_ms: 600_000,
        database_limit_ms: 600_000,
        database_question_ms: 600_000,
        database_count_ms: 60_000,
        ..Config::default()
    };
    App::open(config, clock).unwrap()
}

/// Lets `count` petitions live at random, all of it decided by the seed. Of what changes in the figures everything stays as it
/// was written down, or half of it, or nothing: no answer may depend on that.
pub async fn live(house: &House, seed: u64, count: usize) -> Vec<Life> {
    let mut lives = live_some(house, seed, 0..count / 2).await;
    if seed % 3 == 1 {
        roll_up(&house.app).await.unwrap();
    }
    lives.extend(live_some(house, seed + 10_000, count / 2..count).await);
    if seed % 3 == 2 {
        roll_up(&house.app).await.unwrap();
        forget_single_days(&house.app).await.unwrap();
    }
    lives
}

async fn live_some(house: &House, seed: u64, numbers: Range<usize>) -> Vec<Life> {
    let app = house.app.clone();
    let work = move |connection: &mut DbConnection| {
        let directory = app.directory.current(connection)?;
        let mut dice = StdRng::seed_from_u64(seed);
        let mut lives = Vec::new();
        for number in numbers.clone() {
            let mut life = Life::new();
            let mut next = Some(filed(&mut dice, number));
            while let Some((action, at, after)) = next {
                let before: Option<PetitionRow> = life.last().map(|(_, row)| row.clone());
                let change = StepChange {
                    before: before.clone(),
                    document: None,
                    hand_to: None,
                    entry: StepEntry::new(action, Author::petitioner(None), at),
                    after,
                    cover: StepDigests::default(),
                    filed: None,
                };
                let (stored, _) = record(connection, app.record_context(&directory, None), change)?;
                life.push((at, stored));
                next = lived_on(&mut dice, &life);
            }
            lives.push(life);
        }
        Ok::<_, ServiceError>(lives)
    };
    house.app.db.write(work).await.unwrap()
}

/// Agencies of several districts, of the province and of communes; the same few, so that they meet often.
pub const AGENCIES: [i64; 6] = [1, 2, 24, 25, 60, 200];

fn filed(dice: &mut StdRng, number: usize) -> (Action, Instant, PetitionRow) {
    let mut at = Instant::start_of(day(2022, 12, 20)).plus(Duration::milliseconds(dice.random_range(0..120 * 86_400_000)));
    if dice.random_bool(0.2) {
        // The edges are where mistakes are.
        let first = at.local_date().with_day(1).unwrap();
        at = *[Instant::start_of(first), Instant::end_of(first.pred_opt().unwrap())].choose(dice).unwrap();
    }
    let agency_id = dice.random_bool(0.8).then(|| AgencyId(*AGENCIES.choose(dice).unwrap()));
    let row = PetitionRow {
        id: PetitionId(0),
        code: format!("TEST-{number}"),
        kind: PetitionKind::Field,
        category_id: CategoryId(dice.random_range(1..=4)),
        area_id: AreaId(*PLACES.choose(dice).unwrap()),
        channel: *Channel::ALL.choose(dice).unwrap(),
        urgency: *Urgency::ALL.choose(dice).unwrap(),
        petitioner_kind: *PetitionerKind::ALL.choose(dice).unwrap(),
        account_id: None,
        status: if agency_id.is_some() { Status::Assigned } else { Status::Received },
        version: 1,
        agency_id,
        assignee_id: None,
        routing_rule_id: None,
        received_at: at,
        received_on: at.local_date(),
        due_at: at.plus(Duration::hours(dice.random_range(1..20 * 24))),
        paused_at: None,
        system_due_at: None,
        first_answered_at: None,
        timeliness: None,
        settled_at: None,
        score: None,
        answer_count: 0,
        reopening_count: 0,
        hop_count: 0,
        extension: RequestState::None,
        reopening: RequestState::None,
        merged_into_id: None,
    };
    (Action::File, at, row)
}

/// The next event, if there is one.
fn lived_on(dice: &mut StdRng, life: &Life) -> Option<(Action, Instant, PetitionRow)> {
    let (before_at, before) = life.last()?;
    if life.len() > 20 || dice.random_bool(0.03) {
        return None;
    }
    let rows: Vec<_> = TABLE.iter().filter(|row| row.from.contains(&before.status)).collect();
    let row = rows.choose_weighted(dice, |row| weight(row.action)).ok()?;
    let at = moment(dice, *before_at, before);
    let mut after = before.clone();
    after.status = row.to.choose(dice).copied().unwrap_or(before.status);
    let other = AgencyId(*AGENCIES.choose(dice)?);
    match (row.action, after.status) {
        (Action::Transfer | Action::Reorganise, Status::Received) | (Action::Return, _) => after.agency_id = None,
        (Action::Route | Action::Transfer | Action::Reorganise, _) => after.agency_id = Some(other),
        (Action::Reply | Action::GrantExtension | Action::RecomputeDeadline, _) => {
            after.due_at = before.due_at.plus(Duration::hours(dice.random_range(-20..100)));
        }
        (Action::GrantReopening, _) => {
            after.reopening_count += 1;
            after.due_at = at.plus(Duration::days(7));
            match after.status {
                Status::Received => after.agency_id = None,
                Status::Assigned => after.agency_id = Some(other),
                _ => {}
            }
        }
        (Action::Rate, _) => after.score = Some(dice.random_range(1..=5)),
        _ => {}
    }
    (at < now()).then_some((row.action, at, after))
}

/// How often something happens where it may happen: most petitions are to be answered, some more than once.
fn weight(action: Action) -> u32 {
    match action {
        Action::Route | Action::Accept | Action::Submit | Action::Approve | Action::Rate => 12,
        Action::Transfer | Action::Return | Action::Assign | Action::GrantReopening => 4,
        Action::Refuse | Action::Withdraw | Action::Merge | Action::NoReply => 1,
        _ => 2,
    }
}

/// Soon after the event before, sometimes exactly on an edge.
fn moment(dice: &mut StdRng, before: Instant, petition: &PetitionRow) -> Instant {
    let at = before.plus(Duration::milliseconds(dice.random_range(1..12 * 86_400_000)));
    let month = at.local_date().with_day(1).unwrap_or_default();
    let edge = match dice.random_range(0..8) {
        0 => petition.due_at,
        1 => Instant::start_of(month),
        2 => Instant::end_of(at.local_date()),
        3 => before,
        _ => return at,
    };
    if edge >= before { edge } else { at }
}

/// The first day of the month.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or_default()
}
