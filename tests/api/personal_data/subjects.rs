//! The end of personal data: after the years that are set, or when the person asks for it; the figures stay as they were.

use super::{Somebody, dump, fill};
use crate::app::{PASSWORD, TestApp};
use crate::life::{Filed, HANDLER, Office, as_petitioner};
use chrono::Duration;
use pakn::ops::jobs;
use pakn::personal::{DataSubject, ErasureOutcome, anonymise_due, erase, export};
use pakn::petitions::store::petitioners;
use serde_json::{Value, json};

const GROUPS: &[&str] = &["none", "agency", "district", "level", "category", "channel", "petitioner_kind", "urgency", "month"];

/// What is asked of each group.
const MORE: &[&str] = &["/statistics/backlog", "/statistics/ranking?period=2023", "/statistics/trend?period=2023"];

/// Every answer of the statistics, without the time at which it was given.
async fn figures(app: &TestApp) -> Vec<(String, Value)> {
    let leader = app.login("quan.tri", PASSWORD).await.expect(200).text_of("/access_token");
    let mut answers = Vec::new();
    let of_groups = GROUPS.iter().map(|group| format!("/statistics/summary?period=2023&group_by={group}"));
    for question in of_groups.chain(MORE.iter().map(|question| (*question).to_owned())) {
        let answer = app.get(&question).token(&leader).send().await;
        if answer.status == 200 {
            answers.push((question, answer.body));
        }
    }
    assert!(answers.len() > GROUPS.len(), "{:?}", answers.iter().map(|(question, _)| question).collect::<Vec<_>>());
    answers
}

/// One answered petition of a guest who names themself in the words, and one open petition of an account.
async fn answered(app: &TestApp) -> Filed {
    let (open, _) = fill(app, 4).await;
    let office = Office::open(app).await.0;
    let guest = Somebody(77);
    let mut form = guest.form();
    form["content"] = json!(format!("Tôi là {}, gọi 0987 654 077. Rác tồn đọng ba ngày ở đầu ngõ.", guest.name()));
    let answer = app.post("/petitions", &form).send().await.expect(201);
    let filed = Filed {
        code: answer.text_of("/code"),
        tracking_token: answer.text_of("/tracking_token"),
        agency: answer.text_of("/agency/code"),
        document: answer.body["document"]["id"].as_i64().unwrap(),
    };
    assert_eq!(filed.agency, open.agency);
    office.accept(app, &filed).await;
    office.answer(app, &filed).await;
    as_petitioner(app, &filed, "rating", &json!({"score": 4, "comment": format!("{} cảm ơn.", guest.name())})).await;
    app.officer("quan.tri", None, &[pakn::kernel::account::Role::Coordinator]).await;
    pakn::figures::statistics::roll_up(&app.app).await.unwrap();
    filed
}

async fn assert_anonymous(app: &TestApp, filed: &Filed) {
    let id = pakn::kernel::ids::PetitionId(5 + 1);
    let row = app.app.db.read(move |connection| petitioners::find(connection, id)).await.unwrap();
    assert!(row.full_name.is_none() && row.phone.is_none() && row.latitude.is_none() && row.tracking_hash.is_none());
    let handler = app.login(HANDLER, PASSWORD).await.expect(200).text_of("/access_token");
    let shown = app.get(&format!("/documents/{}", filed.document)).token(&handler).send().await.expect(200);
    assert!(shown.text.contains("Rác tồn đọng ba ngày") && shown.text.contains("Tôi là […], gọi […]"), "{}", shown.text);
    assert!(!shown.text.contains("Quỳnh Giao"), "{}", shown.text);
    let closed = app.get(&format!("/petitions/{}", filed.code)).header("X-Tracking-Token", &filed.tracking_token).send().await;
    assert!(closed.status == 404 || closed.status == 403 || closed.status == 401, "{}", closed.text);
    assert_eq!(crate::verify::report(app).await.0, Vec::<String>::new());
}

#[actix_web::test]
async fn what_was_handled_long_ago_loses_its_person_and_no_figure() {
    let app = TestApp::start_with(|config| config.retention_years = 5).await;
    let filed = answered(&app).await;
    app.advance(Duration::days(5 * 365 - 30));
    assert_eq!(anonymise_due(&app.app).await.unwrap(), 0, "not before its time");
    app.advance(Duration::days(60));
    assert_eq!(jobs::run_nightly_anonymisation(&app.app).await.unwrap(), 0, "by day nothing happens");
    app.advance(Duration::hours(18));
    let before = figures(&app).await;
    assert_eq!(jobs::run_nightly_anonymisation(&app.app).await.unwrap(), 1);
    assert_eq!(anonymise_due(&app.app).await.unwrap(), 0, "once");
    assert_eq!(figures(&app).await, before);
    assert_anonymous(&app, &filed).await;
    assert!(dump(&app.app).contains("anonymise_petition"), "it is in the record");
    app.stop().await;
}

#[actix_web::test]
async fn nothing_is_anonymised_unless_years_are_set() {
    let app = TestApp::start().await;
    answered(&app).await;
    app.advance(Duration::days(40 * 365));
    assert_eq!(anonymise_due(&app.app).await.unwrap(), 0);
    app.stop().await;
}

#[actix_web::test]
async fn a_person_gets_everything_and_is_erased_when_nothing_is_open() {
    let app = TestApp::start().await;
    let filed = answered(&app).await;
    for spelling in ["0987 654 077", "+84 987.654.077", "84987654077", "Quynh.Giao.77@VIDU.example.vn"] {
        let subject = DataSubject::read(spelling).unwrap_or_else(|_| panic!("{spelling}"));
        let told = export(&app.app, &subject).await.unwrap();
        let [petition] = told["petitions"].as_array().unwrap().as_slice() else { panic!("{told}") };
        assert_eq!((&petition["code"], &petition["full_name"]), (&json!(filed.code), &json!(Somebody(77).name())));
        assert!(petition["timeline"].as_array().unwrap().len() > 4 && petition["latitude"].is_f64(), "{petition}");
    }
    assert!(DataSubject::read("không phải số").is_err() && DataSubject::read("").is_err());

    // Who still waits for an answer is told which petition stands in the way.
    let holder = Somebody(3);
    let told = export(&app.app, &DataSubject::read(&holder.phone()).unwrap()).await.unwrap();
    assert_eq!(told["account"]["full_name"], json!(holder.name()));
    let ErasureOutcome::Refused(codes) = erase(&app.app, &DataSubject::read(&holder.email()).unwrap()).await.unwrap() else {
        panic!()
    };
    assert_eq!(json!(codes), json!([told["petitions"][0]["code"]]));
    app.login(&holder.phone(), PASSWORD).await.expect(200);

    let before = figures(&app).await;
    assert_eq!(erase(&app.app, &DataSubject::read("0987654077").unwrap()).await.unwrap(), ErasureOutcome::Done(0, 1, 0));
    assert_eq!(figures(&app).await, before);
    assert_anonymous(&app, &filed).await;

    // An account whose petitions are all handled.
    let signed = app.login(&holder.phone(), PASSWORD).await.expect(200);
    let token = signed.text_of("/access_token");
    let code = codes[0].clone();
    app.post(&format!("/petitions/{code}/withdraw"), &json!({})).token(&token).send().await.expect(200);
    assert_eq!(erase(&app.app, &DataSubject::read(&holder.phone()).unwrap()).await.unwrap(), ErasureOutcome::Done(1, 1, 0));
    app.login(&holder.phone(), PASSWORD).await.expect(401);
    app.get("/me").token(&token).send().await.expect(401);
    let left = export(&app.app, &DataSubject::read(&holder.phone()).unwrap()).await.unwrap();
    assert_eq!((&left["account"], &left["petitions"]), (&Value::Null, &json!([])));
    let record = dump(&app.app);
    assert!(record.contains("erase_subject") && record.contains("refuse_erasure") && record.contains("export_subject"));
    assert_eq!(crate::verify::report(&app).await.0, Vec::<String>::new());
    app.stop().await;
}
