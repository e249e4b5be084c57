//! Routing rules, deadline rules and the working calendar in the hands of an administrator.

use crate::app::{Answered, TestApp};
use crate::directory::all;
use chrono::{DateTime, Utc};
use pakn::kernel::Instant;
use pakn::kernel::account::Role;
use reqwest::Method;
use serde_json::{Value, json};

async fn start() -> (TestApp, String) {
    let app = TestApp::start().await;
    // Monday, 2 March 2026, 8:00 in Việt Nam.
    app.clock.set(Instant::from_utc("2026-03-02T01:00:00Z".parse::<DateTime<Utc>>().unwrap()));
    let token = app.officer("quan.tri", None, &[Role::Admin]).await;
    (app, token)
}

async fn get(app: &TestApp, token: &str, path: &str) -> Answered {
    app.get(&format!("/admin/{path}")).token(token).send().await
}

async fn post(app: &TestApp, token: &str, path: &str, body: Value) -> Answered {
    app.post(&format!("/admin/{path}"), &body).token(token).send().await
}

async fn patch(app: &TestApp, token: &str, path: &str, body: Value) -> Answered {
    app.patch(&format!("/admin/{path}"), &body).token(token).send().await
}

async fn put(app: &TestApp, token: &str, path: &str, body: Value) -> Answered {
    app.request(Method::PUT, &format!("/admin/{path}")).token(token).json(&body).send().await
}

/// Files a petition as a guest and returns the answer.
async fn file(app: &TestApp, category: &str, content: &str) -> Value {
    let petition = json!({
        "title": "Phản ánh của người dân", "content": content, "category": category, "area": "09163",
        "petitioner": {"kind": "citizen", "full_name": "Nguyễn Văn A", "phone": "0912345678"},
        "channel": "web", "urgency": "normal",
    });
    app.post("/petitions", &petition).send().await.expect(201).body
}

fn noisy_nights() -> Value {
    json!({"name": "Ồn ào ban đêm",
           "conditions": {"category": ["tieng-on"], "words": ["Karaoke"], "area": "256"},
           "target": {"agency": "27-CAT"}, "position": 5})
}

#[tokio::test]
async fn a_rule_decides_from_its_place_in_the_order() {
    let (app, token) = start().await;
    let content = "Hàng xóm hát KARAOKE đến khuya";
    assert_eq!(file(&app, "tieng-on", content).await["agency"]["code"], "27-09163");
    let rule = post(&app, &token, "routing-rules", noisy_nights()).await.expect(201).body;
    assert_eq!(rule["conditions"]["words"], json!(["karaoke"]));
    assert_eq!(file(&app, "tieng-on", content).await["agency"]["code"], "27-CAT");
    assert_eq!(file(&app, "tieng-on", "Máy chạy cả đêm không ngủ được").await["agency"]["code"], "27-09163");

    let rules = all(&app, "/admin/routing-rules", Some(&token)).await;
    assert_eq!(rules[0]["id"], rule["id"]);
    let order: Vec<&Value> = rules[1..].iter().map(|rule| &rule["id"]).collect();
    let moved = post(&app, &token, "routing-rules/reorder", json!({"rules": order})).await.expect(200).body;
    assert_eq!(moved["moved"], 1);
    assert_eq!(file(&app, "tieng-on", content).await["agency"]["code"], "27-09163", "the general rule comes first now");

    let path = format!("routing-rules/{}", rule["id"]);
    assert_eq!(patch(&app, &token, &path, json!({"position": 1})).await.expect(200).body["version"], 3);
    assert_eq!(file(&app, "tieng-on", content).await["agency"]["code"], "27-CAT");
    post(&app, &token, &format!("{path}/end"), json!({"on": "2026-03-02"})).await.expect(200);
    assert_eq!(file(&app, "tieng-on", content).await["agency"]["code"], "27-CAT", "its last day");
    assert_eq!(all(&app, "/admin/routing-rules?on=2026-03-03", Some(&token)).await.len(), 30);
}

#[tokio::test]
async fn an_agency_that_has_ended_is_replaced_by_its_successor() {
    let (app, token) = start().await;
    post(&app, &token, "routing-rules", noisy_nights()).await.expect(201);
    let police = all(&app, "/admin/agencies?q=27-CAT", Some(&token)).await[0]["id"].clone();
    let end = json!({"on": "2026-03-01", "successor": "27-TTT"});
    post(&app, &token, &format!("agencies/{police}/end"), end).await.expect(200);
    assert_eq!(file(&app, "tieng-on", "Hát karaoke quá to").await["agency"]["code"], "27-TTT");
}

#[tokio::test]
async fn each_wrong_field_of_a_routing_rule_is_named() {
    let (app, token) = start().await;
    for (path, value, wrong) in [
        ("/name", json!(""), "name=required"),
        ("/conditions/category", json!("x"), "conditions.category=unknown_code"),
        ("/conditions/category", json!([]), "conditions.category=required"),
        ("/conditions/area", json!("999"), "conditions.area=unknown_code"),
        ("/conditions/words", json!(["a", " "]), "conditions.words[1]=required"),
        ("/target", json!({"agency": "27-XYZ"}), "target.agency=unknown_code"),
        ("/target", json!({"division_in_district": "XYZ"}), "target.division_in_district=unknown_code"),
        ("/position", json!(-1), "position=out_of_range"),
    ] {
        let mut body = noisy_nights();
        *body.pointer_mut(path).unwrap() = value;
        assert_eq!(post(&app, &token, "routing-rules", body).await.expect(422).errors(), [wrong], "{path}");
    }
    for (path, value) in [
        ("/target", json!({"commune_of_place": false})),
        ("/target", json!({"moon": true})),
        ("/target", json!({})),
        ("/target", json!({"commune_of_place": true, "agency": "27-SXD"})),
        ("/conditions", json!({"colour": "red"})),
        ("/conditions", json!({"weekdays": ["someday"]})),
        ("/conditions", json!({"from_time": "25:00"})),
        ("/conditions", json!({"petitioner_kind": "alien"})),
    ] {
        let mut body = noisy_nights();
        *body.pointer_mut(path).unwrap() = value;
        let wrong = post(&app, &token, "routing-rules", body.clone()).await.expect(422).errors();
        assert!(
            !wrong.is_empty() && wrong.iter().all(|wrong| wrong.starts_with(path.trim_start_matches('/'))),
            "{wrong:?} for {body}"
        );
    }
    get(&app, &token, "routing-rules/999999").await.expect_problem(404, "rule_not_found");
}

#[tokio::test]
async fn a_dry_run_shows_what_would_move_and_moves_nothing() {
    let (app, token) = start().await;
    let first = file(&app, "tieng-on", "Hàng xóm hát karaoke đến khuya").await;
    file(&app, "tieng-on", "Máy chạy cả đêm không ngủ được").await;
    file(&app, "y-te", "Chờ khám quá lâu ở bệnh viện").await;
    let rules = json!([
        {"conditions": {"category": "tieng-on", "words": ["karaoke"]}, "target": {"agency": "27-CAT"}},
        {"conditions": {"category": "tieng-on"}, "target": {"commune_of_place": true}},
    ]);
    let run = json!({"rules": rules, "from": "2026-03-01", "to": "2026-03-31"});
    let report = post(&app, &token, "routing-rules/dry-run", run.clone()).await.expect(200).body;
    assert_eq!((&report["petitions"], &report["moved"]), (&json!(3), &json!(2)));
    let to_police = json!({"code": first["code"], "from": "27-09163", "to": "27-CAT"});
    assert_eq!(report["examples"][0], to_police);
    assert_eq!(report["examples"][1]["to"], Value::Null, "no rule is left for health care");
    assert_eq!(report["moves"].as_array().unwrap().len(), 2);
    assert!(!report.to_string().contains("karaoke"));
    assert_eq!(post(&app, &token, "routing-rules/dry-run", run).await.expect(200).body, report);

    let empty = json!({"rules": rules, "from": "2025-03-01", "to": "2025-03-31"});
    assert_eq!(post(&app, &token, "routing-rules/dry-run", empty).await.expect(200).body["petitions"], 0);
    let wrong = json!({"rules": [{"target": {"agency": "x"}}], "from": "2026-03-31", "to": "2026-03-01"});
    let wrong = post(&app, &token, "routing-rules/dry-run", wrong).await;
    assert_eq!(wrong.expect(422).errors(), ["to=must_not_be_before", "rules[0].target.agency=unknown_code"]);
}

#[tokio::test]
async fn a_deadline_rule_for_a_category_comes_before_the_general_one() {
    let (app, token) = start().await;
    assert_eq!(file(&app, "tieng-on", "Hát karaoke quá to").await["due_at"], "2026-03-05T17:00:00+07:00");
    let rule = json!({"category": "tieng-on", "urgency": "normal", "amount": 1, "unit": "working_days"});
    let made = post(&app, &token, "deadline-rules", rule).await.expect(201).body;
    assert_eq!(file(&app, "tieng-on", "Hát karaoke quá to").await["due_at"], "2026-03-03T17:00:00+07:00");
    let path = format!("deadline-rules/{}", made["id"]);
    let changed = patch(&app, &token, &path, json!({"amount": 2})).await.expect(200).body;
    assert_eq!(changed, get(&app, &token, &path).await.expect(200).body);
    assert_eq!(file(&app, "tieng-on", "Hát karaoke quá to").await["due_at"], "2026-03-04T17:00:00+07:00");
    assert_eq!(patch(&app, &token, &path, json!({"amount": null})).await.expect(200).body["amount"], Value::Null);
    post(&app, &token, &format!("{path}/end"), json!({"on": "2026-03-31"})).await.expect(200);
    assert_eq!(all(&app, "/admin/deadline-rules?on=2026-04-01", Some(&token)).await.len(), 3);
}

#[tokio::test]
async fn a_general_deadline_rule_ends_only_when_another_stands_in() {
    let (app, token) = start().await;
    let general = all(&app, "/admin/deadline-rules", Some(&token)).await;
    let urgent = general.iter().find(|rule| rule["urgency"] == "urgent").unwrap();
    let path = format!("deadline-rules/{}/end", urgent["id"]);
    post(&app, &token, &path, json!({"on": "2026-03-31"})).await.expect_problem(409, "last_of_its_kind");
    let heir = json!({"urgency": "urgent", "amount": 8, "unit": "hours", "valid_from": "2026-04-01"});
    post(&app, &token, "deadline-rules", heir).await.expect(201);
    post(&app, &token, &path, json!({"on": "2026-03-31"})).await.expect(200);
    for (body, wrong) in [
        (json!({"urgency": "urgent", "unit": "hours"}), "amount=required"),
        (json!({"urgency": "urgent", "unit": "hours", "amount": 0}), "amount=out_of_range"),
        (json!({"urgency": "urgent", "unit": "days", "amount": 366}), "amount=out_of_range"),
        (json!({"urgency": "asap", "unit": "days", "amount": 3}), "urgency=not_one_of"),
        (json!({"urgency": "urgent", "unit": "moons", "amount": 3}), "unit=not_one_of"),
        (json!({"urgency": "urgent", "unit": "days", "amount": 3, "category": "x"}), "category=unknown_code"),
    ] {
        assert_eq!(post(&app, &token, "deadline-rules", body).await.expect(422).errors(), [wrong]);
    }
}

#[tokio::test]
async fn a_new_holiday_moves_the_deadlines_of_open_petitions() {
    let (app, token) = start().await;
    let filed = file(&app, "tieng-on", "Hát karaoke quá to").await;
    assert_eq!(filed["due_at"], "2026-03-05T17:00:00+07:00");
    let version = get(&app, &token, "calendar").await.expect(200).body["version"].as_i64().unwrap();
    let day = json!({"kind": "holiday", "name": "Ngày nghỉ bất thường"});
    put(&app, &token, "calendar/days/2026-03-04", day.clone()).await.expect(200);
    let petition = format!("/petitions/{}", filed["code"].as_str().unwrap());
    let tracking = filed["tracking_token"].as_str().unwrap();
    let see = async |path: String| app.get(&path).header("X-Tracking-Token", tracking).send().await.expect(200).body;
    assert_eq!(see(petition.clone()).await["due_at"], "2026-03-06T17:00:00+07:00");
    let timeline = see(format!("{petition}/timeline")).await;
    assert!(timeline.to_string().contains("recompute_deadline"), "{timeline}");

    put(&app, &token, "calendar/days/2026-03-04", day).await.expect(200);
    let calendar = get(&app, &token, "calendar?from=2026-03-01&to=2026-03-31").await.expect(200).body;
    assert_eq!(calendar["version"], version + 1, "the same day again changes nothing");
    assert_eq!(calendar["days"].as_array().unwrap().len(), 1);
    let stale = app.request(Method::POST, "/admin/calendar/days/2026-03-04/remove").token(&token);
    let stale = stale.header("If-Match", &format!("\"{version}\""));
    stale.send().await.expect_problem(412, "stale_version");
    post(&app, &token, "calendar/days/2026-03-04/remove", json!({})).await.expect(204);
    assert_eq!(see(petition).await["due_at"], "2026-03-05T17:00:00+07:00");
    let gone = post(&app, &token, "calendar/days/2026-03-04/remove", json!({})).await;
    gone.expect_problem(404, "calendar_entry_not_found");
}

#[tokio::test]
async fn working_sessions_are_made_changed_and_ended() {
    let (app, token) = start().await;
    let sessions = get(&app, &token, "calendar").await.expect(200).body["sessions"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    let afternoon = &sessions[1];
    let path = format!("calendar/sessions/{}", afternoon["id"]);
    let filed = file(&app, "tieng-on", "Hát karaoke quá to").await;
    let changed = patch(&app, &token, &path, json!({"ends_at": "16:30"})).await.expect(200).body;
    assert_eq!(changed["ends_at"], "16:30:00");
    let petition = app.get(&format!("/petitions/{}", filed["code"].as_str().unwrap()));
    let seen = petition.header("X-Tracking-Token", filed["tracking_token"].as_str().unwrap()).send().await.expect(200).body;
    assert_eq!(seen["due_at"], "2026-03-05T16:30:00+07:00");

    let new = json!({"starts_at": "18:00", "ends_at": "20:00", "valid_from": "2026-06-01"});
    let made = post(&app, &token, "calendar/sessions", new).await.expect(201);
    let evening = made.body.clone();
    let of_evening = made.header("location").strip_prefix("/api/v1/admin/").unwrap().to_owned();
    assert_eq!(get(&app, &token, &of_evening).await.expect(200).body, evening);
    let backwards = json!({"starts_at": "18:00", "ends_at": "18:00"});
    assert_eq!(post(&app, &token, "calendar/sessions", backwards).await.expect(422).errors(), ["ends_at=must_be_after"]);
    for session in sessions.as_array().unwrap() {
        let end = format!("calendar/sessions/{}/end", session["id"]);
        post(&app, &token, &end, json!({"on": "2026-05-31"})).await.expect(200);
    }
    let last = post(&app, &token, &format!("{of_evening}/end"), json!({"on": "2026-12-31"})).await;
    last.expect_problem(409, "last_of_its_kind");
}

#[tokio::test]
async fn each_wrong_field_of_a_day_is_named() {
    let (app, token) = start().await;
    for (date, body, wrong) in [
        ("2026-02-30", json!({"kind": "holiday", "name": "X"}), "date=malformed"),
        ("1800-01-01", json!({"kind": "holiday", "name": "X"}), "date=out_of_range"),
        ("2026-03-04", json!({"kind": "holiday", "name": ""}), "name=required"),
        ("2026-03-04", json!({"kind": "feast", "name": "X"}), "kind=not_one_of"),
        ("2026-03-04", json!({"kind": "working_weekend", "name": "X"}), "kind=not_one_of"),
        ("2026-03-04", json!({"kind": "holiday"}), "name=required"),
    ] {
        assert_eq!(put(&app, &token, &format!("calendar/days/{date}"), body).await.expect(422).errors(), [wrong], "{date}");
    }
    for (query, wrong) in [
        ("from=2026-02-01&to=2026-01-01", "to=must_not_be_before"),
        ("from=2000-01-01&to=2100-01-01", "to=out_of_range"),
        ("from=1800-01-01&to=1800-02-01", "from=out_of_range"),
    ] {
        let answer = get(&app, &token, &format!("calendar?{query}")).await.expect(422);
        assert_eq!(answer.errors()[0], wrong, "{query}");
    }
}
