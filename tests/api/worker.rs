//! What happens without anybody asking: once each, however many instances there are, and whatever the database does.

use crate::app::TestApp;
use crate::life::{Office, as_petitioner, file};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use pakn::app::App;
use pakn::db::{StorageError, leases};
use pakn::kernel::Instant;
use pakn::ops::jobs::{self, MaintenanceOutcome, Worker};
use pakn::ops::verify;
use pakn::petitions::close;
use serde_json::json;

/// Another process on the same database with the same clock.
fn another(app: &TestApp) -> App {
    App::open((*app.app.config).clone(), app.app.clock.clone()).expect("open")
}

async fn status_of(app: &TestApp, code: &str, token: &str) -> String {
    let petition = app.get(&format!("/petitions/{code}")).header("X-Tracking-Token", token).send().await;
    petition.expect(200).text_of("/status")
}

async fn actions(app: &TestApp, code: &str, token: &str) -> Vec<String> {
    let timeline = app.get(&format!("/petitions/{code}/timeline")).header("X-Tracking-Token", token).send().await.expect(200);
    let items = timeline.body["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["action"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn count_findings(app: &App) -> Vec<String> {
    let mut findings = Vec::new();
    verify::everything(&app.db, &mut |line| {
        if let verify::ReportLine::Finding(finding) = line {
            findings.push(finding.to_string());
        }
    })
    .await
    .expect("verify");
    findings
}

#[tokio::test]
async fn a_petition_without_a_reply_is_refused_after_ten_days_and_an_answered_one_closed_after_fifteen() {
    let app = TestApp::start().await;
    let (office, waiting) = Office::open(&app).await;
    let answered = file(&app).await;
    office.ask(&app, &waiting).await;
    office.accept(&app, &answered).await;
    office.answer(&app, &answered).await;

    app.advance(Duration::days(10) - Duration::microseconds(1));
    assert_eq!(jobs::run_maintenance(&app.app).await.unwrap().acted, 0);
    app.advance(Duration::microseconds(1));
    assert_eq!(jobs::run_maintenance(&app.app).await.unwrap().acted, 1);
    assert_eq!(status_of(&app, &waiting.code, &waiting.tracking_token).await, "refused");
    assert_eq!(status_of(&app, &answered.code, &answered.tracking_token).await, "answered");

    app.advance(Duration::days(5));
    assert_eq!(jobs::run_maintenance(&app.app).await.unwrap().acted, 1);
    assert_eq!(status_of(&app, &answered.code, &answered.tracking_token).await, "closed");
    let again = jobs::run_maintenance(&app.app).await.unwrap();
    assert_eq!((again.was_free, again.acted), (true, 0));
    assert_eq!(count_findings(&app.app).await, Vec::<String>::new());
    app.stop().await;
}

#[tokio::test]
async fn two_instances_at_once_do_each_action_once() {
    let app = TestApp::start().await;
    let other = another(&app);
    let (office, first) = Office::open(&app).await;
    let mut due = vec![first];
    for _ in 1..50 {
        due.push(file(&app).await);
    }
    for (turn, filed) in due.iter().enumerate() {
        if turn % 2 == 0 {
            office.ask(&app, filed).await;
        } else {
            office.accept(&app, filed).await;
            office.answer(&app, filed).await;
        }
    }
    app.advance(Duration::days(16));

    // Half of it without the lease, as when one instance has stalled past the end of its own.
    let mut acted = 0;
    for id in close::due(&app.app, 25).await.unwrap() {
        let (one, two) = tokio::join!(close::act(&app.app, id), close::act(&other, id));
        acted += [one, two].into_iter().filter(|done| done.as_ref().is_ok_and(|acted| *acted)).count();
    }
    assert_eq!(acted, 25);
    loop {
        let (one, two) = tokio::join!(jobs::run_maintenance(&app.app), jobs::run_maintenance(&other));
        let (one, two): (MaintenanceOutcome, MaintenanceOutcome) = (one.unwrap(), two.unwrap());
        acted += one.acted + two.acted;
        assert_eq!(one.failed + two.failed, 0);
        if one.acted + two.acted == 0 {
            break;
        }
    }
    assert_eq!(acted, 50);
    for filed in &due {
        let actions = actions(&app, &filed.code, &filed.tracking_token).await;
        let by_system = actions.iter().filter(|action| ["no_reply", "close"].contains(&action.as_str())).count();
        assert_eq!(by_system, 1, "{}: {actions:?}", filed.code);
    }
    assert_eq!(count_findings(&app.app).await, Vec::<String>::new());
    other.close().await;
    app.stop().await;
}

#[tokio::test]
async fn an_instance_that_was_killed_holds_the_duty_for_a_minute() {
    let app = TestApp::start().await;
    assert!(leases::acquire(&app.app, "system_actions", "killed", Duration::seconds(60)).await.unwrap());
    assert!(!jobs::run_maintenance(&app.app).await.unwrap().was_free);
    app.advance(Duration::seconds(61));
    assert!(jobs::run_maintenance(&app.app).await.unwrap().was_free);
    // It gives the duty back at the end of its round.
    assert!(jobs::run_maintenance(&another(&app)).await.unwrap().was_free);
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_longer_needed_is_forgotten() {
    let app = TestApp::start().await;
    let body = json!({
        "title": "Đèn đường hỏng", "content": "Cả dãy đèn đường không sáng từ tuần trước.",
        "category": "rac-thai-chat-thai", "area": "09190", "petitioner": {"full_name": "Hoa", "phone": "0912345678"},
    });
    let file = || app.post("/petitions", &body).header("Idempotency-Key", "7e1f0c3b-52d8-4a96-8b0e-d1c4f7a9263e").send();
    let first = file().await.expect(201).text_of("/code");
    app.officer("mot.can.bo", None, &[pakn::kernel::account::Role::Reviewer]).await;
    app.advance(Duration::hours(48));
    assert_eq!(jobs::run_maintenance(&app.app).await.unwrap().forgotten_keys, 0);
    assert_eq!(file().await.expect(201).text_of("/code"), first);
    app.advance(Duration::seconds(1));
    let done = jobs::run_maintenance(&app.app).await.unwrap();
    assert_eq!((done.forgotten_keys, done.forgotten_sessions), (1, 0));
    app.advance(Duration::days(400));
    assert_eq!(jobs::run_maintenance(&app.app).await.unwrap().forgotten_sessions, 1);
    app.stop().await;
}

#[tokio::test]
async fn the_figures_are_recounted_once_a_night() {
    let app = TestApp::start().await;
    file(&app).await;
    assert_eq!(jobs::run_nightly_recount(&app.app).await.unwrap(), None, "it is nine in the morning");
    let night = |day: u32| {
        let day = chrono::NaiveDate::from_ymd_opt(2023, 3, day).unwrap();
        Instant::from_local(day.and_hms_opt(2, 0, 0).unwrap())
    };
    app.clock.set(night(7));
    assert_eq!(jobs::run_nightly_recount(&app.app).await.unwrap(), Some(0));
    assert_eq!(jobs::run_nightly_recount(&another(&app)).await.unwrap(), None, "it has been done tonight");
    app.clock.set(night(8));
    let statement = "UPDATE statistics_changes SET agency_id = agency_id + 1";
    app.app.db.write(move |connection| Ok::<_, StorageError>(connection.batch_execute(statement)?)).await.unwrap();
    let differences = jobs::run_nightly_recount(&another(&app)).await.unwrap().unwrap();
    assert!(differences > 0, "somebody has changed a figure");
    app.stop().await;
}

#[tokio::test]
async fn a_database_that_is_away_does_not_end_the_worker() {
    let app = TestApp::start().await;
    let Some(path) = app.app.db.url().sqlite_path().map(std::path::Path::to_owned) else { return };
    let (office, waiting) = Office::open(&app).await;
    office.ask(&app, &waiting).await;
    app.advance(Duration::days(11));
    let away = path.with_extension("away");
    std::fs::rename(&path, &away).unwrap();
    let worker = Worker::start(app.app.clone());
    app.app.worker_status.wait_until(|upkeep| upkeep.failed_runs() > 0).await;
    std::fs::rename(&away, &path).unwrap();
    app.app.worker_status.wait_until(|upkeep| upkeep.actions() > 0).await;
    worker.stop().await;
    assert_eq!(status_of(&app, &waiting.code, &waiting.tracking_token).await, "refused");
    app.stop().await;
}

#[tokio::test]
async fn a_reopening_that_was_asked_for_keeps_a_petition_from_being_closed() {
    let app = TestApp::start().await;
    let (office, filed) = Office::open(&app).await;
    office.accept(&app, &filed).await;
    office.answer(&app, &filed).await;
    as_petitioner(&app, &filed, "reopen", &json!({"reason": "Rác vẫn còn đó."})).await;
    app.advance(Duration::days(30));
    assert_eq!(jobs::run_maintenance(&app.app).await.unwrap().acted, 0);
    assert_eq!(count_findings(&app.app).await, Vec::<String>::new());
    app.stop().await;
}
