//! The same from several at once, where there can be only one: one is made, the others are told so, and nobody sees a fault of ours.

use crate::app::Answered;
use crate::receiver::Receiver;
use crate::town::{AGENCY, OTHER_AGENCY, Town, form};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// More than the database has connections in most tests.
const MANY: usize = 8;

/// Posts each body at the same moment, with a key that makes them one where it is not empty.
async fn at_once(town: &Town, path: &str, bodies: &[Value], key: &str) -> Vec<Answered> {
    let token = town.token("admin").await;
    let send = |body: &Value| {
        let request = town.app.post(path, body).token(&token);
        if key.is_empty() { request.send() } else { request.header("Idempotency-Key", key).send() }
    };
    // Boxed because each is a future of its own type.
    join_all(bodies.iter().map(|body| Box::pin(send(body)))).await
}

/// One has made it, and each of the others is told which field is in the way.
fn assert_one_made(answers: Vec<Answered>, wrong: &str) {
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1, "{refused:?}");
    for answer in refused {
        assert_eq!(answer.wrong_fields(), [wrong]);
    }
}

#[tokio::test]
async fn names_and_codes_are_given_once() {
    let town = Town::start().await;
    let account = json!({"username": "binh.tran", "full_name": "Trần Thị Bình", "agency": AGENCY, "roles": ["clerk"]});
    assert_one_made(at_once(&town, "/admin/accounts", &vec![account; MANY], "").await, "username=taken");
    let category = json!({"code": "thu-cung", "name_vi": "Thú cưng", "name_en": "Pets", "department": "27-SNNPTNT",
                          "district_division": "KT|NNPTNT", "default_level": "district", "processing_working_days": 4});
    assert_one_made(at_once(&town, "/admin/categories", &vec![category; MANY], "").await, "code=taken");
}

#[tokio::test]
async fn an_agency_has_one_link_and_a_folder_one_agency() {
    let town = Town::start().await;
    let link = |agency: &str, folder: &str| json!({"agency": agency, "organ_id": "000.00.14.H05", "transport": "folder", "address": folder});
    assert_one_made(at_once(&town, "/admin/exchange-links", &vec![link(AGENCY, "mot"); MANY], "").await, "agency=taken");
    let two = [link(OTHER_AGENCY, "hai"), link("27-256-QLDT", "hai")];
    assert_one_made(at_once(&town, "/admin/exchange-links", &two, "").await, "address=taken");
}

#[tokio::test]
async fn one_idempotency_key_makes_one_of_each() {
    let town = Town::start().await;
    for (path, body) in [
        ("/admin/api-keys", json!({"name": "Cổng quốc gia", "partner": "dvcqg", "scope": "exchange"})),
        ("/admin/webhooks", json!({"name": "IOC", "url": "https://ioc.bacninh.gov.vn/pakn"})),
    ] {
        let answers = at_once(&town, path, &vec![body; MANY], "mot-lan").await;
        let made: BTreeSet<String> = answers.into_iter().map(|answer| answer.expect(201).body["id"].to_string()).collect();
        assert_eq!(made.len(), 1, "{path}");
        assert_eq!(town.get("admin", path).await.expect(200)["items"].as_array().unwrap().len(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_same_officers_from_several_at_once_are_made_once() {
    let town = Town::start().await;
    let token = town.token("admin").await;
    let csv = format!(
        "username;full_name;agency_code;roles\r\nbinh.tran;Trần Thị Bình;{AGENCY};clerk\r\nan.le;Lê Văn Ẩn;{AGENCY};\"handler;clerk\"\r\n"
    );
    let send = || {
        let request = town.app.request(Method::POST, "/admin/accounts/import");
        request.token(&token).body("text/csv", csv.clone()).send()
    };
    let answers = join_all((0..MANY).map(|_| Box::pin(send()))).await;
    let mut created = 0;
    for answer in answers {
        match answer.status {
            200 => created += answer.body["created"].as_array().unwrap().len(),
            _ => assert_eq!(answer.expect(422).errors()[0], "lines.2.username=taken"),
        }
    }
    assert_eq!(created, 2);
    assert_eq!(send().await.expect(200)["unchanged"], 2);
}

#[tokio::test]
async fn reports_and_repetitions_at_once_do_not_stand_in_each_others_way() {
    let town = Town::start_with(|config| config.webhook_private_addresses = true).await;
    let receiver = Receiver::willing();
    let hook = json!({"name": "IOC", "url": receiver.url("/pakn"), "actions": ["file"]});
    let id = town.post("admin", "/admin/webhooks", &hook).await.expect(201).body["id"].clone();
    for _ in 0..3 {
        town.file(&form()).await;
    }
    let day = json!({"from": "2026-03-02T00:00:00+07:00", "to": "2026-03-03T00:00:00+07:00"});
    for answer in at_once(&town, &format!("/admin/webhooks/{id}/replay"), &vec![day; MANY], "").await {
        answer.expect(200);
    }
    let lines = town.get("admin", &format!("/admin/outbox?webhook={id}&limit=100")).await.expect(200);
    assert_eq!(lines["items"].as_array().unwrap().len(), 3, "an event has one line, however often it is asked for");

    town.later(chrono::Duration::days(1));
    let token = town.token("reviewer").await;
    let report = json!({"title": "Báo cáo ngày 2 tháng 3", "question": {"from": "2026-03-02", "to": "2026-03-02"}});
    let publish = || town.app.post("/statistics/snapshots", &report).token(&token).send();
    let published = join_all((0..MANY).map(|_| Box::pin(publish()))).await;
    let ids: BTreeSet<String> = published.into_iter().map(|answer| answer.expect(201).text_of("/id")).collect();
    assert_eq!(ids.len(), MANY, "each was published");
}
