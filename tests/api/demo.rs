//! The demo year: its plan adds up to the published figures, and the product counts the same when it is played.

use crate::database::TestDatabase;
use pakn::accounts::passwords::{PasswordCost, Passwords};
use pakn::accounts::{self, LoginRequest, SignedIn};
use pakn::app::App;
use pakn::config::{Config, Secret};
use pakn::db::Durability;
use pakn::db::service_error::ServiceError;
use pakn::directory::rules::directory::Directory;
use pakn::directory::{self, load_reference};
use pakn::figures::statistics::parse_query::FigureParams;
use pakn::figures::statistics::{self, SummaryParams};
use pakn::kernel::account::AccountState;
use pakn::kernel::client_address::ClientInfo;
use pakn::kernel::clock::FixedClock;
use pakn::kernel::{Instant, Lang};
use pakn::petitions::close;
use pakn::sample_data::demo::actions::{DemoAction, PlannedOutcome, PlannedPetition};
use pakn::sample_data::demo::{self, DemoPlan, DemoStatus, hours, targets};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

/// An application on a database of its own that holds the reference data; its clock says 2026.
struct Scene {
    app: App,
    _database: TestDatabase,
    _folder: TempDir,
}

impl Scene {
    async fn set() -> Self {
        let (database, folder) = (TestDatabase::new(), TempDir::new().expect("a folder"));
        let config = Config {
            data_dir: folder.path().to_path_buf(),
            database_url: Some(Secret::new(database.url_text().to_owned())),
            ..Config::default()
        };
        let clock = FixedClock::new(hours::at(hours::day(2026, 3, 2), 9, 0));
        let mut app = App::open(config, Arc::new(clock)).expect("open");
        app.db = database.open_with(|settings| settings.durability = Durability::Relaxed);
        app.passwords = Passwords::new(PasswordCost { memory_kib: 8, passes: 1 }).expect("a cost");
        load_reference::ensure_loaded(&app).await.expect("reference data");
        Self { app, _database: database, _folder: folder }
    }

    async fn directory(&self) -> Arc<Directory> {
        let owned = self.app.clone();
        self.app.db.read(move |connection| directory::current(&owned, connection)).await.expect("the directory")
    }

    /// The figures of received petitions, as the API would show them.
    async fn figures(&self, words: FigureParams, group_by: Option<&str>) -> Value {
        let asked = SummaryParams { words, group_by: group_by.map(str::to_owned), ..SummaryParams::default() };
        let summary = statistics::summary(&self.app, asked, Lang::Vi).await.expect("figures");
        serde_json::to_value(summary).expect("JSON")
    }
}

fn year() -> FigureParams {
    FigureParams { period: Some("2023".to_owned()), ..FigureParams::default() }
}

/// The row of `group_by=district`, as far as it was published.
fn published(row: &Value) -> Value {
    let tenth = |name: &str| (row[name].as_f64().unwrap_or_default() * 10.0).round() / 10.0;
    json!([
        row["received"],
        row["handled"],
        row["backlog"],
        tenth("handling_rate"),
        tenth("mean_processing_days"),
        tenth("mean_rating")
    ])
}

/// What `data/district-2023.csv` says of the area.
fn expected(area: &str) -> Value {
    let mut lines = csv::Reader::from_reader(include_bytes!("../../data/district-2023.csv").as_slice());
    let line = lines.records().map(Result::unwrap).find(|line| &line[0] == area).expect("the area");
    let number = |place: usize| line[place].parse::<f64>().unwrap();
    let count = |place: usize| line[place].parse::<u64>().unwrap();
    json!([count(1), count(2), count(3), number(4), number(5), number(6)])
}

async fn sign_in(app: &App, login: &str, password: &str) -> Result<SignedIn, ServiceError> {
    accounts::login(app, LoginRequest { login, password, totp: None }, &ClientInfo::operator()).await
}

#[tokio::test]
async fn the_plan_adds_up_to_the_published_figures() {
    let scene = Scene::set().await;
    let directory = scene.directory().await;
    let plan = DemoPlan::draw(&directory).expect("a plan");
    assert_eq!(i64::try_from(plan.petitions.len()).unwrap(), demo::PETITIONS);
    let (mut all_days, mut all_handled) = (0.0, 0.0);
    for target in targets::read().expect("targets") {
        let of_district =
            |planned: &&PlannedPetition| planned.district == target.area_code && planned.fate != PlannedOutcome::Beside;
        let petitions: Vec<&PlannedPetition> = plan.petitions.iter().filter(of_district).collect();
        let days: Vec<f64> = petitions.iter().filter_map(|planned| days(planned)).collect();
        let scores: Vec<i32> = petitions.iter().filter_map(|planned| planned.score()).collect();
        let (received, handled) =
            (f64::from(u32::try_from(petitions.len()).unwrap()), f64::from(u32::try_from(days.len()).unwrap()));
        let rated = f64::from(u32::try_from(scores.len()).unwrap());
        let row = json!({
            "received": petitions.len(),
            "handled": days.len(),
            "backlog": petitions.len() - days.len(),
            "handling_rate": 100.0 * handled / received,
            "mean_processing_days": days.iter().sum::<f64>() / handled,
            "mean_rating": f64::from(scores.iter().sum::<i32>()) / rated,
        });
        assert_eq!(published(&row), expected(&target.area_code), "{}", target.area_code);
        all_days += days.iter().sum::<f64>();
        all_handled += handled;
    }
    assert_eq!((all_days / all_handled * 100.0).round(), 971.0);
}

fn days(planned: &PlannedPetition) -> Option<f64> {
    let PlannedOutcome::Handled(answered) = planned.fate else { return None };
    Some(f64::from(i32::try_from(answered.millis_since(planned.received) / 1000).unwrap()) / 86_400.0)
}

#[tokio::test]
async fn the_plan_is_the_same_every_time_and_in_order() {
    let scene = Scene::set().await;
    let directory = scene.directory().await;
    let (one, other) = (DemoPlan::draw(&directory).expect("a plan"), DemoPlan::draw(&directory).expect("a plan"));
    assert!(one.script().into_iter().eq(other.script()));
    let last_answer = hours::at(hours::day(2023, 12, 30), 0, 0);
    for planned in &one.petitions {
        assert!(planned.steps.iter().is_sorted_by(|earlier, later| earlier.0 < later.0), "{planned:?}");
        assert!(planned.steps.iter().all(|(at, deed)| *deed != DemoAction::Approve || *at < last_answer), "{planned:?}");
    }
    let july = Instant::start_of(hours::day(2023, 7, 1));
    let is_business = |planned: &&PlannedPetition| planned.form.kind == Some(pakn::petitions::rules::PetitionKind::Business);
    let businesses: Vec<&PlannedPetition> = one.petitions.iter().filter(is_business).collect();
    assert_eq!(businesses.iter().filter(|planned| planned.fate == PlannedOutcome::Open).count(), 14);
    assert!(businesses.len() == 114 && businesses.iter().all(|planned| planned.received >= july));
}

/// Gia Bình is the smallest district and has the slowest answers.
#[tokio::test]
async fn a_district_that_is_played_has_its_published_figures() {
    let scene = Scene::set().await;
    assert_eq!(demo::status(&scene.app).await.expect("a standing"), DemoStatus::Empty);
    let gia_binh = |planned: &PlannedPetition| planned.district == "263";
    demo::build_part(&scene.app, gia_binh, |_, _| {}).await.expect("the part");
    assert_eq!(demo::status(&scene.app).await.expect("a standing"), DemoStatus::Interrupted);

    let answer = scene.figures(year(), Some("district")).await;
    let row = answer["groups"].as_array().unwrap().iter().find(|row| row["key"] == "263").expect("Gia Bình");
    assert_eq!(published(row), expected("263"), "{row}");
    assert_eq!(close::due(&scene.app, 10).await.expect("what is due"), [], "the system has nothing left to do");
}

#[tokio::test]
async fn every_role_can_sign_in_with_what_the_demo_prints_and_the_staff_cannot() {
    let scene = Scene::set().await;
    demo::build_part(&scene.app, |_| false, |_, _| {}).await.expect("the accounts");
    for account in demo::ACCOUNTS {
        let signed_in = sign_in(&scene.app, account.login, account.password).await.expect(account.login);
        let stored = signed_in.profile.account;
        assert_eq!(
            (stored.roles.as_slice(), stored.must_change_password),
            ([account.role].as_slice(), false),
            "{}",
            account.login
        );
        assert_eq!(signed_in.profile.agency.map(|agency| agency.code).as_deref(), account.agency);
        assert_eq!(stored.state, AccountState::Active);
    }
    let refused = sign_in(&scene.app, "ld.27-256", "demo-leader-2023").await;
    assert!(matches!(refused.err(), Some(ServiceError::Rejected(_))));
}

#[tokio::test]
#[ignore = "plays the whole year: some seconds in a release build, a minute or two otherwise"]
async fn the_whole_year_has_the_published_figures() {
    let scene = Scene::set().await;
    demo::build(&scene.app, |_, _| {}).await.expect("the year");
    assert_eq!(demo::status(&scene.app).await.expect("a standing"), DemoStatus::Complete);
    let answer = scene.figures(year(), Some("district")).await;
    for (measure, value) in [
        ("received", json!(3434)),
        ("handled", json!(3171)),
        ("handling_rate", json!(92.34)),
        ("backlog", json!(263)),
        ("mean_rating", json!(3.09)),
        ("mean_processing_days", json!(9.71)),
        ("refused", json!(60)),
        ("withdrawn", json!(25)),
        ("duplicates", json!(15)),
    ] {
        assert_eq!(answer["total"][measure], value, "{measure} in {}", answer["total"]);
    }
    for row in answer["groups"].as_array().unwrap().iter().filter(|row| row["received"] != 0) {
        let key = row["key"].as_str().unwrap();
        assert_eq!(published(row), expected(key), "{row}");
    }
    let words = FigureParams {
        from: Some("2023-07-01".to_owned()),
        to: Some("2023-12-31".to_owned()),
        petitioner_kind: Some("business".to_owned()),
        ..FigureParams::default()
    };
    let business = scene.figures(words, None).await;
    assert_eq!(
        json!([business["total"]["received"], business["total"]["handled"], business["total"]["backlog"]]),
        json!([114, 100, 14])
    );
    assert_eq!(close::due(&scene.app, 10).await.expect("what is due"), []);
}
