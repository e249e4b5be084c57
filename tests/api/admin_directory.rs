//! The directory, the rules and the calendar in the hands of an administrator.

use crate::app::{Answered, TestApp};
use crate::directory::all;
use chrono::{DateTime, Utc};
use pakn::kernel::Instant;
use pakn::kernel::account::Role;
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

fn new_agency(code: &str) -> Value {
    json!({"code": code, "name": "Ban Quản lý chợ Bắc Ninh", "short_name": "BQL chợ", "level": "district",
           "kind": "management_board", "parent": "27-256", "area": "256", "valid_from": "2026-01-01"})
}

#[tokio::test]
async fn an_agency_is_made_changed_and_ended() {
    let (app, token) = start().await;
    let made = post(&app, &token, "agencies", new_agency("27-256-BQLC")).await.expect(201);
    let agency = made.body.clone();
    let path = made.header("location").strip_prefix("/api/v1/admin/").unwrap().to_owned();
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(get(&app, &token, &path).await.expect(200).body, agency);
    assert_eq!(agency["two_person_approval"], true);
    assert!(all(&app, "/agencies?q=cho+bac+ninh", None).await.iter().any(|found| found["code"] == "27-256-BQLC"));
    assert!(all(&app, "/agencies?q=cho+bac+ninh&on=2025-12-31", None).await.is_empty());

    let changes = json!({"name": "Ban Quản lý chợ thành phố Bắc Ninh", "parent": null, "two_person_approval": false});
    let changed = patch(&app, &token, &path, changes.clone()).await.expect(200).body;
    assert_eq!((&changed["version"], &changed["parent"]), (&json!(2), &Value::Null));
    assert_eq!(patch(&app, &token, &path, changes).await.expect(200).body["version"], 2, "the same again changes nothing");

    let stale = app.patch(&format!("/admin/{path}"), &json!({"name": "X"})).token(&token).header("If-Match", "\"1\"");
    stale.send().await.expect_problem(412, "stale_version");

    let early = post(&app, &token, &format!("{path}/end"), json!({"on": "2025-12-31"})).await;
    assert_eq!(early.expect(422).errors(), ["on=must_be_after"]);
    let end = json!({"on": "2026-02-28", "successor": "27-256"});
    let ended = post(&app, &token, &format!("{path}/end"), end).await.expect(200).body;
    assert_eq!((&ended["valid_to"], &ended["successors"]), (&json!("2026-02-28"), &json!(["27-256"])));
    post(&app, &token, &format!("{path}/end"), json!({"on": "2026-03-31"})).await.expect_problem(409, "already_ended");
    assert!(all(&app, "/agencies?q=cho+bac+ninh", None).await.is_empty());
    let listed = all(&app, "/admin/agencies?q=27-256-BQLC", Some(&token)).await;
    assert_eq!(listed, [get(&app, &token, &path).await.expect(200).body]);
}

#[tokio::test]
async fn each_wrong_field_of_an_agency_is_named() {
    let (app, token) = start().await;
    for (field, value, wrong) in [
        ("code", json!("27-SXD"), "code=taken"),
        ("code", json!("có dấu"), "code=malformed"),
        ("name", json!("  "), "name=required"),
        ("name", json!("a\u{0000}b"), "name=control_character"),
        ("name", json!("a".repeat(201)), "name=too_long"),
        ("short_name", json!(""), "short_name=required"),
        ("level", json!("commune"), "level=not_one_of"),
        ("kind", json!("ministry"), "kind=not_one_of"),
        ("parent", json!("27-999"), "parent=unknown_code"),
        ("area", json!("999"), "area=unknown_code"),
        ("valid_from", json!("1800-01-01"), "valid_from=out_of_range"),
        ("valid_from", json!("2026-02-30"), "valid_from=unreadable"),
        ("colour", json!("red"), "colour=unknown_field"),
    ] {
        let mut body = new_agency("27-256-BQLC");
        body[field] = value;
        assert_eq!(post(&app, &token, "agencies", body).await.expect(422).errors(), [wrong]);
    }
    let mut body = new_agency("27-256-BQLC");
    (body["area"], body["valid_from"]) = (json!("256"), json!("2014-12-31"));
    assert_eq!(post(&app, &token, "agencies", body).await.expect(422).errors(), ["area=not_in_force", "parent=not_in_force"]);
    assert!(all(&app, "/admin/agencies?q=27-256-BQLC", Some(&token)).await.is_empty());
    get(&app, &token, "agencies/999999").await.expect_problem(404, "agency_not_found");
    let district = all(&app, "/admin/agencies?q=27-256&level=district", Some(&token)).await[0]["id"].clone();
    let circle = patch(&app, &token, &format!("agencies/{district}"), json!({"parent": "27-256-NV"})).await;
    assert_eq!(circle.expect(422).errors(), ["parent=not_allowed"]);
}

#[tokio::test]
async fn the_same_idempotency_key_makes_one_agency() {
    let (app, token) = start().await;
    let send = async |code| {
        let request = app.post("/admin/agencies", &new_agency(code)).token(&token);
        request.header("Idempotency-Key", "k1").send().await
    };
    let (first, second) = (send("27-256-BQLC").await.expect(201), send("27-256-BQLC").await.expect(201));
    assert_eq!((&first.body, first.header("location")), (&second.body, second.header("location")));
    send("27-256-BQLD").await.expect_problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn only_administrators_change_the_directory() {
    let (app, _) = start().await;
    app.post("/admin/agencies", &new_agency("27-X")).send().await.expect_problem(401, "not_signed_in");
    let leader = app.officer("lanh.dao", Some("27-256"), &[Role::Leader]).await;
    for path in ["agencies", "areas", "categories", "routing-rules", "deadline-rules", "calendar"] {
        get(&app, &leader, path).await.expect_problem(403, "role_missing");
    }
}

#[tokio::test]
async fn a_code_may_come_back_after_its_area_has_ended() {
    let (app, token) = start().await;
    let old = all(&app, "/admin/areas?parent=262", Some(&token)).await;
    let old = old.iter().find(|area| area["code"] == "09409").unwrap();
    let new = json!({"code": "09409", "name": "Phường Mão Điền", "kind": "phuong", "parent": "27",
                     "latitude": 21.06, "longitude": 106.12, "valid_from": "2026-04-01"});
    assert_eq!(post(&app, &token, "areas", new.clone()).await.expect(422).errors(), ["code=taken"]);
    post(&app, &token, &format!("areas/{}/end", old["id"]), json!({"on": "2026-03-31"})).await.expect(200);
    let made = post(&app, &token, "areas", new).await.expect(201).body;
    assert_ne!(made["id"], old["id"]);
    for (on, kind) in [("2026-03-31", "xa"), ("2026-04-01", "phuong")] {
        let found = all(&app, &format!("/areas?on={on}"), None).await;
        let found: Vec<_> = found.iter().filter(|area| area["code"] == "09409").collect();
        assert_eq!((found.len(), &found[0]["kind"]), (1, &json!(kind)), "{on}");
    }
    let renamed = patch(&app, &token, &format!("areas/{}", made["id"]), json!({"name": "Phường Mão Điền Mới"})).await;
    assert_eq!(renamed.expect(200).body["version"], 2);
}

#[tokio::test]
async fn each_wrong_field_of_an_area_is_named() {
    let (app, token) = start().await;
    for (field, value, wrong) in [
        ("parent", Value::Null, "parent=required"),
        ("parent", json!("09163"), "parent=not_allowed"),
        ("parent", json!("999"), "parent=unknown_code"),
        ("kind", json!("quan"), "kind=not_one_of"),
        ("latitude", json!(91), "latitude=out_of_range"),
        ("latitude", json!(48.8), "latitude=outside_vietnam"),
        ("longitude", Value::Null, "longitude=required"),
    ] {
        let mut body = json!({"code": "99999", "name": "Xã Mới", "kind": "xa", "parent": "256",
                              "latitude": 21.1, "longitude": 106.1});
        body[field] = value;
        assert_eq!(post(&app, &token, "areas", body).await.expect(422).errors(), [wrong]);
    }
    let commune = all(&app, "/admin/areas?parent=256", Some(&token)).await[0]["id"].clone();
    let raised = patch(&app, &token, &format!("areas/{commune}"), json!({"kind": "huyen"})).await;
    assert_eq!(raised.expect(422).errors(), ["kind=not_allowed"]);
}

fn new_category() -> Value {
    json!({"code": "thu-cung", "name_vi": "Thú cưng", "name_en": "Pets", "department": "27-SNNPTNT",
           "district_division": "KT|NNPTNT", "default_level": "district", "processing_working_days": 4,
           "examples": ["chó sủa đêm"]})
}

#[tokio::test]
async fn a_new_category_is_routed_at_once() {
    let (app, token) = start().await;
    let made = post(&app, &token, "categories", new_category()).await.expect(201).body;
    let rules = all(&app, "/admin/routing-rules", Some(&token)).await;
    let rule = rules.last().unwrap();
    assert_eq!((rules.len(), &rule["conditions"]), (31, &json!({"category": "thu-cung"})));
    assert_eq!(rule["target"], json!({"division_in_district": "KT|NNPTNT"}));
    let path = format!("categories/{}", made["id"]);
    let changed = patch(&app, &token, &path, json!({"processing_working_days": 6, "name_en": null})).await.expect(200).body;
    assert_eq!((&changed["version"], &changed["name_en"]), (&json!(2), &Value::Null));
    post(&app, &token, &format!("{path}/end"), json!({"on": "2026-12-31"})).await.expect(200);
    assert_eq!(all(&app, "/categories?on=2027-01-01", None).await.len(), 30);
    assert_eq!(all(&app, "/categories?on=2026-12-31", None).await.len(), 31);
}

#[tokio::test]
async fn each_wrong_field_of_a_category_is_named() {
    let (app, token) = start().await;
    for (field, value, wrong) in [
        ("code", json!("y-te"), "code=taken"),
        ("name_vi", json!(""), "name_vi=required"),
        ("department", json!("27-XYZ"), "department=unknown_code"),
        ("district_division", json!("KT|XYZ"), "district_division=unknown_code"),
        ("default_level", json!("village"), "default_level=not_one_of"),
        ("processing_working_days", json!(0), "processing_working_days=out_of_range"),
        ("processing_working_days", json!("5"), "processing_working_days=wrong_type"),
        ("examples", json!(["được", ""]), "examples[1]=required"),
        ("parent", json!("x"), "parent=unknown_code"),
    ] {
        let mut body = new_category();
        body[field] = value;
        assert_eq!(post(&app, &token, "categories", body).await.expect(422).errors(), [wrong]);
    }
}
