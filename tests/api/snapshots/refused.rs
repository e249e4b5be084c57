//! Who may publish, what is no report, and what is there only once.

use super::{PATH, id_of, march, publish, read};
use crate::town::Town;
use serde_json::json;

#[tokio::test]
async fn only_reviewers_publish_and_ask_again() {
    let march = march().await;
    let town = &march.town;
    let body = json!({"title": "Báo cáo tháng 3", "question": {"period": "2026-03"}});
    town.post("", PATH, &body).await.expect_problem(401, "not_signed_in");
    for who in ["clerk", "handler", "leader", "coordinator", "admin", "owner@example.vn"] {
        town.post(who, PATH, &body).await.expect_problem(403, "role_missing");
    }
    assert_eq!(town.get("", PATH).await.expect(200).body["items"], json!([]), "nothing was published");
    let id = id_of(&publish(town, json!({"period": "2026-03"})).await);
    let again = format!("{PATH}/{id}/recompute");
    town.get("", &again).await.expect_problem(401, "not_signed_in");
    town.get("leader", &again).await.expect_problem(403, "role_missing");
    let public = read(town, &id).await;
    assert!(march.petitions.iter().all(|petition| !public.text.contains(&petition.code)), "no petition is public");
    assert!(!public.text.contains("reviewer"), "nor who published");
}

#[tokio::test]
async fn what_names_no_report_is_not_found() {
    let town = Town::start().await;
    let id = id_of(&publish(&town, json!({})).await);
    for unknown in ["0123456789", "7K3QX9M2CA", "1", "nix", "7K3QX9M2CAA", "%00", "27", "BN26-7K3QX9-C"] {
        town.get("", &format!("{PATH}/{unknown}")).await.expect_problem(404, "snapshot_not_found");
        town.get("reviewer", &format!("{PATH}/{unknown}/recompute")).await.expect_problem(404, "snapshot_not_found");
    }
    assert_eq!(read(&town, &id.to_lowercase()).await.text_of("/id"), id);
    // Another installation knows nothing of it.
    let other = Town::start().await;
    other.get("", &format!("{PATH}/{id}")).await.expect_problem(404, "snapshot_not_found");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let town = Town::start().await;
    let title = "Báo cáo tháng 3";
    for (body, errors) in [
        (json!({}), "title=required,question=required"),
        (json!({"title": title}), "question=required"),
        (json!({"title": title, "question": "period=2026"}), "question=wrong_type"),
        (json!({"title": title, "question": []}), "question=wrong_type"),
        (json!({"title": 5, "question": {}}), "title=wrong_type"),
        (json!({"title": title, "question": {}, "figures": {}}), "figures=unknown_field"),
        (json!({"title": title, "question": {"colour": "red"}}), "question.colour=unknown_field"),
        (json!({"title": title, "question": {"period": 2026}}), "question.period=wrong_type"),
        (json!({"title": title, "question": {"measures": 5}}), "question.measures=wrong_type"),
        (json!({"title": "ngắn", "question": {}}), "title=too_short"),
        (json!({"title": " ", "question": {}}), "title=required"),
        (json!({"title": "x".repeat(201), "question": {}}), "title=too_long"),
        (json!({"title": "hai\ndòng liền", "question": {}}), "title=control_character"),
        (json!({"title": title, "question": {"period": "2026-13"}}), "question.period=malformed"),
        (json!({"title": title, "question": {"period": "2099"}}), "question.period=out_of_range"),
        (json!({"title": title, "question": {"period": "2026", "from": "2026-01-01"}}), "question.period=not_allowed"),
        (json!({"title": title, "question": {"from": "2026-01-01"}}), "question.to=required"),
        (json!({"title": title, "question": {"period": "2026", "as_of": "2099-01-01"}}), "question.as_of=out_of_range"),
        (json!({"title": title, "question": {"period": "2026-02", "as_of": "2026-01-31"}}), "question.as_of=must_not_be_before"),
        (json!({"title": title, "question": {"measures": "received,speed"}}), "question.measures=not_one_of"),
        (json!({"title": title, "question": {"measures": ["received", "speed"]}}), "question.measures=not_one_of"),
        (json!({"title": title, "question": {"group_by": "colour"}}), "question.group_by=not_one_of"),
        (json!({"title": title, "question": {"compare": "decade"}}), "question.compare=not_one_of"),
        (json!({"title": title, "question": {"agencies": "tomorrow"}}), "question.agencies=not_one_of"),
        (
            json!({"title": "x", "question": {"agency": "27-XX", "category": "nix"}}),
            "title=too_short,question.agency=unknown_code,question.category=unknown_code",
        ),
    ] {
        let answer = town.post("reviewer", PATH, &body).await.expect(422);
        assert_eq!(answer.errors().join(","), errors, "{body}");
    }
    let token = town.token("reviewer").await;
    let malformed = town.app.request(reqwest::Method::POST, PATH).token(&token).body("application/json", "{\"title\":");
    malformed.send().await.expect_problem(400, "malformed_json");
    assert_eq!(town.get("", PATH).await.expect(200).body["items"], json!([]), "nothing was published");
}

#[tokio::test]
async fn the_same_key_publishes_once() {
    let march = march().await;
    let town = &march.town;
    let token = town.token("reviewer").await;
    let send = async |title: &str| {
        let body = json!({"title": title, "question": {"period": "2026-03"}});
        town.app.post(PATH, &body).token(&token).header("Idempotency-Key", "bao-cao-3").send().await
    };
    let first = send("Báo cáo tháng 3").await.expect(201);
    let second = send("Báo cáo tháng 3").await.expect(201);
    assert_eq!(first.text, second.text);
    send("Báo cáo tháng 4").await.expect_problem(422, "idempotency_key_reused");
    assert_eq!(town.get("", PATH).await.body["items"].as_array().unwrap().len(), 1);
}
