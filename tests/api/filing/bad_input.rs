//! What is wrong with a form is named field by field, and nothing of it is stored.

use crate::app::TestApp;
use crate::town::{AGENCY, OWNER, Town, form, form_of_account, form_with};
use reqwest::Method;
use serde_json::{Value, json};

/// Nothing was filed: no petition in the figures, no line in the register, the next number is the first.
async fn nothing_is_stored(town: &Town) {
    let figures = town.get("", "/statistics/summary?period=2026&measures=received").await.expect(200);
    assert!(figures.text.contains("\"received\":0"), "{}", figures.text);
    assert_eq!(town.get("clerk", "/documents/register").await.expect(200)["items"], json!([]));
    assert_eq!(town.file(&form()).await.receipt["document"]["number"], 1);
}

async fn raw(app: &TestApp, body: impl Into<reqwest::Body>) -> crate::app::Answered {
    app.request(Method::POST, "/petitions").body("application/json", body).send().await
}

#[tokio::test]
async fn each_wrong_field_is_named_and_nothing_is_stored() {
    let town = Town::start().await;
    let long = |length: usize| "x".repeat(length);
    let person = |changes: Value| json!({"petitioner": changes});
    let place = |latitude: Value, longitude: Value| json!({"location": {"latitude": latitude, "longitude": longitude}});
    for (changes, expected) in [
        (json!({"title": null}), "title=required"),
        (json!({"title": "  "}), "title=required"),
        (json!({"title": "\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}"}), "title=required"),
        (json!({"title": "\u{2800}\u{AD}\u{FE0F}\u{115F}\u{1160}\u{E0041}\u{301}"}), "title=required"),
        (json!({"title": "Rác\u{3164}\u{3164}\u{AD}\u{301}\u{301}"}), "title=too_short"),
        (json!({"content": "\u{2800}".repeat(20)}), "content=required"),
        (json!({"title": "Rác"}), "title=too_short"),
        (json!({"title": long(201)}), "title=too_long"),
        (json!({"title": "Rác\nthải"}), "title=control_character"),
        (json!({"title": 5}), "title=wrong_type"),
        (json!({"content": "Rác đầy"}), "content=too_short"),
        (json!({"content": long(5001)}), "content=too_long"),
        (json!({"content": "Rác thải\u{0}tồn đọng"}), "content=control_character"),
        (json!({"content": ["Rác thải tồn đọng"]}), "content=wrong_type"),
        (json!({"kind": "complaint"}), "kind=not_one_of"),
        (json!({"kind": "business"}), "kind=not_allowed"),
        (json!({"channel": "fax"}), "channel=not_one_of"),
        (json!({"urgency": "now"}), "urgency=not_one_of"),
        (json!({"hide_identity": "yes"}), "hide_identity=wrong_type"),
        (json!({"category": "nix"}), "category=unknown_code"),
        (json!({"category": null}), "category=required"),
        (json!({"category": "rac\u{0}"}), "category=control_character"),
        (json!({"area": "00000"}), "area=unknown_code"),
        (json!({"area": "256"}), "area=not_allowed"),
        (json!({"area": "27"}), "area=not_allowed"),
        (json!({"area": 9190}), "area=wrong_type"),
        (json!({"attachments": ["nix"]}), "attachments[0]=unknown_code"),
        (json!({"attachments": [5]}), "attachments[0]=wrong_type"),
        (json!({"colour": "red"}), "colour=unknown_field"),
        (place(json!(91), json!(106.07)), "location.latitude=out_of_range"),
        (place(json!(21.18), json!(-181)), "location.longitude=out_of_range"),
        (place(json!(48.85), json!(2.35)), "location=outside_vietnam"),
        (place(json!(null), json!(106.07)), "location.latitude=required"),
        (place(json!(21.18), json!(null)), "location.longitude=required"),
        (place(json!("21.18"), json!(106.07)), "location.latitude=wrong_type"),
        (json!({"location": {"address": long(301)}}), "location.address=too_long"),
        (json!({"location": {"altitude": 5}}), "location.altitude=unknown_field"),
        (person(json!({"phone": "12345"})), "petitioner.phone=invalid_phone"),
        (person(json!({"email": "nix"})), "petitioner.email=malformed"),
        (person(json!({"full_name": long(101)})), "petitioner.full_name=too_long"),
        (person(json!({"kind": "alien"})), "petitioner.kind=not_one_of"),
        (person(json!({"company_name": "Gốm"})), "petitioner.company_name=not_allowed"),
        (person(json!({"tax_code": "0100233488"})), "petitioner.tax_code=not_allowed"),
        (person(json!({"kind": "business", "company_name": "Gốm", "tax_code": "0100233480"})), "petitioner.tax_code=check_digit"),
        (person(json!({"id_card": "027090001234"})), "petitioner.id_card=unknown_field"),
    ] {
        let answer = town.post("", "/petitions", &form_with(changes.clone())).await;
        assert_eq!(answer.wrong_fields(), [expected], "{changes}");
    }
    nothing_is_stored(&town).await;
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let town = Town::start().await;
    let body = json!({"petitioner": {"kind": "business", "phone": "1"}, "location": {"latitude": 95, "longitude": 1}});
    let answer = town.post("", "/petitions", &body).await;
    let mut named = answer.wrong_fields();
    named.sort();
    let expected = [
        "area=required",
        "category=required",
        "content=required",
        "location.latitude=out_of_range",
        "petitioner.company_name=required",
        "petitioner.phone=invalid_phone",
        "petitioner.tax_code=required",
        "title=required",
    ];
    assert_eq!(named, expected);
    let unknown = town.post("", "/petitions", &form_with(json!({"category": "nix", "area": "nix"}))).await;
    assert_eq!(unknown.wrong_fields(), ["category=unknown_code", "area=unknown_code"]);
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let town = Town::start().await;
    let valid = form().to_string();
    let cut = valid.trim_end_matches('}');
    let nul = valid.replace("Rác thải", "Rác\0thải");
    for body in ["", "{", "nul", cut, nul.as_str(), "{\"title\": \"\\ud800\"}"] {
        raw(&town.app, body.to_owned()).await.expect_problem(400, "malformed_json");
    }
    let mut bytes = valid.clone().into_bytes();
    bytes.insert(valid.find("Rác").unwrap(), 0xFF);
    raw(&town.app, bytes).await.expect_problem(400, "malformed_json");
    let twice = valid.replacen('{', "{\"title\": \"Rác thải\", ", 1);
    assert_eq!(raw(&town.app, twice).await.wrong_fields(), ["title=duplicate"]);
    assert_eq!(raw(&town.app, "[]").await.wrong_fields(), ["=wrong_type"]);
    let text = town.app.request(Method::POST, "/petitions").body("text/plain", valid).send().await;
    text.expect_problem(415, "unsupported_media_type");
    nothing_is_stored(&town).await;
}

#[tokio::test]
async fn ten_megabytes_are_too_much() {
    let town = Town::start().await;
    let body = form_with(json!({"content": "x".repeat(10_000_000)})).to_string();
    raw(&town.app, body).await.expect_problem(413, "body_too_large");
    nothing_is_stored(&town).await;
}

#[tokio::test]
async fn an_account_files_in_its_own_name_only() {
    let town = Town::start().await;
    let named = town.post(OWNER, "/petitions", &form()).await;
    assert_eq!(named.wrong_fields(), ["petitioner=not_allowed"]);
    let mut business = form_of_account();
    business["kind"] = json!("business");
    assert_eq!(town.post(OWNER, "/petitions", &business).await.wrong_fields(), ["kind=not_allowed"]);
    nothing_is_stored(&town).await;
}

#[tokio::test]
async fn an_area_that_has_ended_is_told_from_one_that_never_was() {
    let town = Town::start().await;
    for (list, code) in [("agencies", "27-09163"), ("areas", "09163")] {
        let mut path = format!("/admin/{list}?limit=100");
        let id = loop {
            let page = town.get("admin", &path).await.expect(200);
            let items = page["items"].as_array().unwrap().clone();
            if let Some(item) = items.iter().find(|item| item["code"] == code) {
                break item["id"].clone();
            }
            path = format!("/admin/{list}?limit=100&cursor={}", page.text_of("/next_cursor"));
        };
        let mut body = json!({"on": "2026-03-02"});
        if list == "agencies" {
            body["successor"] = json!(AGENCY);
        }
        town.post("admin", &format!("/admin/{list}/{id}/end"), &body).await.expect(200);
    }
    town.post("", "/petitions", &form_with(json!({"area": "09163"}))).await.expect(201);
    town.at("2026-03-03T00:00:00+07:00");
    let ended = town.post("", "/petitions", &form_with(json!({"area": "09163"}))).await;
    assert_eq!(ended.wrong_fields(), ["area=not_in_force"]);
}

#[tokio::test]
async fn problems_of_fields_are_told_in_both_languages() {
    let town = Town::start().await;
    let body = form_with(json!({"title": "Rác"}));
    let vietnamese = town.post("", "/petitions", &body).await.expect(422);
    assert_eq!(vietnamese["errors"][0]["message"], "Cần ít nhất 5 ký tự.");
    let english = town.app.post("/petitions", &body).header("accept-language", "en").send().await.expect(422);
    assert_eq!(english["errors"][0]["message"], "At least 5 characters are needed.");
}

#[tokio::test]
async fn a_province_may_ask_for_photos() {
    let app = TestApp::start_with(|config| {
        config.kinds_requiring_photo = vec![pakn::petitions::rules::PetitionKind::Field];
    })
    .await;
    assert_eq!(app.post("/petitions", &form()).send().await.wrong_fields(), ["attachments=required"]);
}
