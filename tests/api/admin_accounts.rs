//! Officers' accounts in the hands of the administration.

use crate::app::{Answered, PASSWORD, TestApp};
use pakn::kernel::account::Role;
use serde_json::{Value, json};
use std::fmt::Write;

/// A commune's People's Committee of the default directory.
const AGENCY: &str = "27-09163";

async fn admin(app: &TestApp) -> String {
    app.officer("quan.tri", None, &[Role::Admin]).await
}

async fn create(app: &TestApp, token: &str, body: &Value) -> Answered {
    app.post("/admin/accounts", body).token(token).send().await
}

async fn import(app: &TestApp, token: &str, csv: &str) -> Answered {
    app.request(reqwest::Method::POST, "/admin/accounts/import").token(token).body("text/csv", csv.to_owned()).send().await
}

fn clerk() -> Value {
    json!({"username": "an.nguyen", "full_name": "Nguyễn Văn An", "agency": AGENCY, "roles": ["clerk"]})
}

#[actix_web::test]
async fn an_officer_is_made_and_changes_the_initial_password_first() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let made = create(&app, &token, &clerk()).await.expect(201);
    let id = made.body["account"]["id"].as_i64().unwrap();
    assert_eq!(made.headers["location"], format!("/api/v1/admin/accounts/{id}"));
    assert_eq!((&made.body["account"]["state"], &made.body["account"]["agency"]["code"]), (&json!("active"), &json!(AGENCY)));
    let initial = made.text_of("/initial_password");

    let signed_in = app.login("an.nguyen", &initial).await.expect(200);
    assert_eq!(signed_in.body["account"]["must_change_password"], true);
    assert_eq!(signed_in.body["account"]["agency"]["code"], AGENCY);
    let own = signed_in.text_of("/access_token");
    assert_eq!(app.get("/admin/accounts").token(&own).send().await.expect(403).code(), "password_change_required");
    app.get("/me").token(&own).send().await.expect(200);
    let change = json!({"current_password": initial, "new_password": PASSWORD});
    app.post("/me/password", &change).token(&own).send().await.expect(204);
    assert_eq!(app.get("/me").token(&own).send().await.expect(200).body["must_change_password"], false);
    assert_eq!(app.get("/admin/accounts").token(&own).send().await.expect(403).code(), "role_missing");
    let patch = app.patch("/me", &json!({"full_name": "Giám đốc"})).token(&own).send().await;
    assert_eq!(patch.expect(422).errors(), ["full_name=not_allowed"]);
    app.stop().await;
}

#[actix_web::test]
async fn an_account_made_twice_with_one_key_is_one_account() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let send = || app.post("/admin/accounts", &clerk()).token(&token).header("Idempotency-Key", "k").send();
    let (first, second) = (send().await.expect(201), send().await.expect(201));
    assert_eq!(first.body, second.body);
    app.login("an.nguyen", &second.text_of("/initial_password")).await.expect(200);
    assert_eq!(create(&app, &token, &clerk()).await.expect(422).errors(), ["username=taken"]);
    app.stop().await;
}

#[actix_web::test]
async fn every_bad_field_of_an_officer_is_named() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    for (field, value, expected) in [
        ("username", json!("An Nguyen"), "username=malformed"),
        ("username", json!("an"), "username=too_short"),
        ("username", json!("0912345678"), "username=malformed"),
        ("full_name", json!(""), "full_name=required"),
        ("agency", json!("27-99999"), "agency=unknown_code"),
        ("agency", Value::Null, "agency=required"),
        ("roles", json!([]), "roles=required"),
        ("roles", json!(["citizen"]), "roles=not_one_of"),
        ("roles", json!(["king"]), "roles[0]=not_one_of"),
        ("email", json!("x"), "email=malformed"),
        ("phone", json!("123"), "phone=invalid_phone"),
        ("password", json!("an.nguyen"), "password=too_short"),
        ("password", json!("Nguyễn Văn An"), "password=weak_password"),
        ("must_change_password", json!(false), "must_change_password=unknown_field"),
    ] {
        let mut body = clerk();
        body[field] = value;
        assert_eq!(create(&app, &token, &body).await.expect(422).errors(), [expected], "{field}");
    }
    let without_agency = json!({"username": "dieu.phoi", "full_name": "Lê Chi", "roles": ["coordinator", "coordinator"]});
    let made = create(&app, &token, &without_agency).await.expect(201);
    assert_eq!(made.body["account"]["roles"], json!(["coordinator"]));
    app.stop().await;
}

#[actix_web::test]
async fn disabling_counts_at_once_and_enabling_again() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let officer = app.officer("an.nguyen", Some(AGENCY), &[Role::Clerk]).await;
    let id = app.get("/me").token(&officer).send().await.expect(200).body["id"].clone();
    let post = |action: &str| app.post(&format!("/admin/accounts/{id}/{action}"), &json!({})).token(&token).send();
    assert_eq!(post("disable").await.expect(200).body["state"], "disabled");
    app.get("/me").token(&officer).send().await.expect(401);
    assert_eq!(app.login("an.nguyen", PASSWORD).await.expect(401).code(), "login_failed");
    assert_eq!(post("enable").await.expect(200).body["state"], "active");
    app.get("/me").token(&officer).send().await.expect(401);
    app.login("an.nguyen", PASSWORD).await.expect(200);
    assert_eq!(
        app.post("/admin/accounts/999/disable", &json!({})).token(&token).send().await.expect(404).code(),
        "account_not_found"
    );
    app.stop().await;
}

#[actix_web::test]
async fn a_reset_ends_the_sessions_and_the_old_password() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let officer = app.officer("an.nguyen", Some(AGENCY), &[Role::Clerk]).await;
    let id = app.get("/me").token(&officer).send().await.expect(200).body["id"].clone();
    let reset = app.post(&format!("/admin/accounts/{id}/reset"), &json!({})).token(&token).send().await.expect(200);
    app.get("/me").token(&officer).send().await.expect(401);
    app.login("an.nguyen", PASSWORD).await.expect(401);
    let signed_in = app.login("an.nguyen", &reset.text_of("/initial_password")).await.expect(200);
    assert_eq!(signed_in.body["account"]["must_change_password"], true);
    app.stop().await;
}

#[actix_web::test]
async fn changes_count_with_the_next_request() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let officer = app.officer("an.nguyen", Some(AGENCY), &[Role::Clerk]).await;
    let id = app.get("/me").token(&officer).send().await.expect(200).body["id"].clone();
    let path = format!("/admin/accounts/{id}");
    let patch = |body: Value, version: &str| app.patch(&path, &body).token(&token).header("If-Match", version).send();
    app.get("/admin/accounts").token(&officer).send().await.expect(403);
    let changed = patch(json!({"roles": ["admin"], "agency": null, "full_name": "Nguyễn An"}), "\"1\"").await.expect(200);
    assert_eq!((&changed.body["agency"], &changed.body["roles"]), (&Value::Null, &json!(["admin"])));
    app.get("/admin/accounts").token(&officer).send().await.expect(200);
    assert_eq!(patch(json!({"roles": ["clerk"]}), "\"1\"").await.expect(412).code(), "stale_version");
    assert_eq!(patch(json!({"roles": ["clerk"]}), "*").await.expect(422).errors(), ["agency=required"]);
    assert_eq!(patch(json!({"state": "gone"}), "*").await.expect(422).errors(), ["state=not_one_of"]);
    patch(json!({"state": "disabled"}), "\"2\"").await.expect(200);
    app.get("/me").token(&officer).send().await.expect(401);
    app.stop().await;
}

#[actix_web::test]
async fn nobody_takes_the_administration_from_themselves() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let id = app.get("/me").token(&token).send().await.expect(200).body["id"].clone();
    let disable = app.post(&format!("/admin/accounts/{id}/disable"), &json!({})).token(&token).send().await;
    assert_eq!(disable.expect(409).code(), "own_account");
    let patch = app.patch(&format!("/admin/accounts/{id}"), &json!({"roles": ["reviewer"]})).token(&token).send().await;
    assert_eq!(patch.expect(409).code(), "own_account");
    app.stop().await;
}

#[actix_web::test]
async fn lists_hold_officers_and_never_petitioners() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let citizen = json!({"account_kind": "citizen", "full_name": "Nguyễn Thị Dân", "phone": "0912345678", "password": PASSWORD});
    let citizen = app.post("/auth/register", &citizen).send().await.expect(201).body["account"]["id"].clone();
    app.officer("an.nguyen", Some(AGENCY), &[Role::Clerk, Role::Leader]).await;
    app.officer("binh.tran", Some(AGENCY), &[Role::Leader]).await;
    let list = |query: &str| app.get(&format!("/admin/accounts{query}")).token(&token).send();
    let names = |answer: &Answered| {
        let items = answer.body["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&list("").await.expect(200)), ["quan.tri", "an.nguyen", "binh.tran"]);
    assert_eq!(names(&list(&format!("?agency={AGENCY}&role=clerk")).await.expect(200)), ["an.nguyen"]);
    assert_eq!(names(&list("?q=TRAN+thi&state=active").await.expect(200)), ["quan.tri", "an.nguyen", "binh.tran"]);
    assert_eq!(names(&list("?q=binh.tr").await.expect(200)), ["binh.tran"]);
    assert!(names(&list("?state=disabled").await.expect(200)).is_empty());
    let first = list("?limit=2").await.expect(200);
    assert_eq!(names(&first), ["quan.tri", "an.nguyen"]);
    let rest = list(&format!("?limit=2&cursor={}", first.text_of("/next_cursor"))).await.expect(200);
    assert_eq!((names(&rest), &rest.body["next_cursor"]), (vec!["binh.tran".to_owned()], &Value::Null));
    assert_eq!(list("?agency=27-99999").await.expect(422).errors(), ["agency=unknown_code"]);
    assert_eq!(list("?role=king").await.expect(422).errors(), ["role=not_one_of"]);
    assert_eq!(list("?cursor=x").await.expect(422).errors(), ["cursor=foreign_cursor"]);
    app.get(&format!("/admin/accounts/{citizen}")).token(&token).send().await.expect(404);
    app.patch(&format!("/admin/accounts/{citizen}"), &json!({"full_name": "X Y"})).token(&token).send().await.expect(404);
    app.post(&format!("/admin/accounts/{citizen}/reset"), &json!({})).token(&token).send().await.expect(404);
    app.get("/admin/accounts/x").token(&token).send().await.expect(404);
    app.stop().await;
}

#[actix_web::test]
async fn a_file_is_imported_whole_and_once() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    let mut csv = "\u{FEFF}username,full_name,agency_code,roles,email\r\n".to_owned();
    for number in 1..=20 {
        write!(csv, "can.bo{number},Cán bộ số {number},{AGENCY},handler;clerk,can.bo{number}@bacninh.gov.vn\r\n").unwrap();
    }
    let first = import(&app, &token, &csv).await.expect(200);
    let created = first.body["created"].as_array().unwrap();
    assert_eq!((created.len(), &created[19]["username"]), (20, &json!("can.bo20")));
    let signed_in = app.login("can.bo7@bacninh.gov.vn", &first.text_of("/created/6/initial_password")).await.expect(200);
    assert_eq!(signed_in.body["account"]["must_change_password"], true);
    assert_eq!(signed_in.body["account"]["roles"], json!(["clerk", "handler"]));

    let second = import(&app, &token, &csv).await.expect(200);
    assert_eq!(second.body, json!({"created": [], "changed": 0, "unchanged": 20}));
    let promoted = csv.replace("Cán bộ số 7,27-09163,handler;clerk", "Cán bộ số 7,27-09163,leader");
    let third = import(&app, &token, &promoted).await.expect(200);
    assert_eq!(third.body, json!({"created": [], "changed": 1, "unchanged": 19}));
    let own = signed_in.text_of("/access_token");
    assert_eq!(app.get("/me").token(&own).send().await.expect(200).body["roles"], json!(["leader"]));
    app.stop().await;
}

#[actix_web::test]
async fn each_bad_line_is_named_and_nothing_is_loaded() {
    let app = TestApp::start().await;
    let token = admin(&app).await;
    app.officer("an.nguyen", Some(AGENCY), &[Role::Clerk]).await;
    let csv = format!(
        "username,full_name,agency_code,roles,password,email\n\
         binh.tran,Trần Bình,{AGENCY},clerk,,\n\
         Chi Le,Lê Chi,{AGENCY},clerk,,\n\
         dung.vu,,27-1,king,,\n\
         em.do,Đỗ Em,27-99999,leader,123456789012,x\n\
         binh.tran,Trần Bình,{AGENCY},clerk,,\n\
         too,few\n\
         ha.ngo,Ngô Hà,,handler,,\n\
         khoi.ly,Lý Khôi,{AGENCY},citizen,,\n"
    );
    let answer = import(&app, &token, &csv).await.expect(422);
    assert_eq!(answer.errors(), ["lines.7=malformed"], "the form of the file comes first");
    let answer = import(&app, &token, &csv.replace("too,few\n", "")).await.expect(422);
    assert_eq!(
        answer.errors(),
        [
            "lines.3.username=malformed",
            "lines.4.full_name=required",
            "lines.4.roles=not_one_of",
            "lines.4.agency_code=unknown_code",
            "lines.5.email=malformed",
            "lines.5.agency_code=unknown_code",
            "lines.5.password=weak_password",
            "lines.7.agency_code=required",
            "lines.8.roles=not_one_of",
            "lines.6.username=duplicate",
        ]
    );
    let list = app.get("/admin/accounts").token(&token).send().await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 2);
    assert_eq!(import(&app, &token, "").await.expect(422).errors(), ["lines.1=malformed"]);
    let endless = format!("username,full_name,agency_code,roles\n{}", "an.nguyen,An,27-256,clerk\n".repeat(10_001));
    assert_eq!(import(&app, &token, &endless).await.expect(422).errors(), ["lines=too_many"]);
    let json = app.post("/admin/accounts/import", &json!({})).token(&token).send().await;
    assert_eq!(json.expect(415).code(), "unsupported_media_type");
    app.stop().await;
}
