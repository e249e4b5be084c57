//! Drafting, approving, sending back, rating.

use crate::town::{AGENCY, Town, draft};
use serde_json::json;

#[tokio::test]
async fn a_draft_goes_back_with_a_note_and_is_written_again() {
    let town = Town::start().await;
    let petition = town.filed("awaiting_approval").await;
    let document = petition.document;
    town.act("leader", document, "send_back", json!({})).await.expect(422);
    let back = town.act("leader", document, "send_back", json!({"note": "Nói rõ ngày thu gom."})).await.expect(200);
    assert_eq!((&back["status"], &back["petition"]["status"]), (&json!("in_progress"), &json!("in_progress")));
    let again = json!({"content": "Đã thu gom rác ngày 02/3.", "outcome": "resolved"});
    town.act("handler", document, "draft", again).await.expect(200);
    town.act("handler", document, "submit", json!({})).await.expect(200);
    let sent = town.act("leader", document, "approve", json!({})).await.expect(200);
    assert_eq!(sent["petition"]["answer"]["content"], "Đã thu gom rác ngày 02/3.");
    assert_eq!(town.told(&petition).await, ["file", "accept", "approve"], "drafts and notes stay inside");
}

#[tokio::test]
async fn nothing_is_submitted_without_a_draft() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    town.act("handler", petition.document, "submit", json!({})).await.expect_problem(409, "no_draft");
}

#[tokio::test]
async fn a_promise_names_its_day_and_nothing_else_does() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    let draft = async |outcome: &str, day: Option<&str>| {
        let mut body = json!({"content": "Sẽ thu gom.", "outcome": outcome});
        if let Some(day) = day {
            body["promised_on"] = json!(day);
        }
        town.act("handler", petition.document, "draft", body).await
    };
    assert_eq!(draft("promised", None).await.wrong_fields(), ["promised_on=required"]);
    assert_eq!(draft("resolved", Some("2026-04-01")).await.wrong_fields(), ["promised_on=not_allowed"]);
    assert_eq!(draft("promised", Some("2026-03-01")).await.wrong_fields(), ["promised_on=out_of_range"]);
    assert_eq!(draft("promised", Some("2026-02-30")).await.wrong_fields(), ["promised_on=unreadable"]);
    assert_eq!(draft("done", None).await.wrong_fields(), ["outcome=not_one_of"]);
    let promised = draft("promised", Some("2026-04-01")).await.expect(200);
    assert_eq!(promised["draft"]["promised_on"], "2026-04-01");
}

#[tokio::test]
async fn an_agency_may_do_without_the_second_person() {
    let town = Town::start().await;
    let agencies = town.get("admin", "/admin/agencies?q=27-09190").await.expect(200);
    let agency = agencies["items"].as_array().unwrap().iter().find(|agency| agency["code"] == AGENCY).unwrap().clone();
    let request = town.app.patch(&format!("/admin/agencies/{}", agency["id"]), &json!({"two_person_approval": false}));
    request.token(&town.token("admin").await).send().await.expect(200);
    let petition = town.filed("in_progress").await;
    town.act("handler", petition.document, "draft", draft()).await.expect(200);
    let sent = town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    assert_eq!((&sent["status"], &sent["petition"]["status"]), (&json!("completed"), &json!("answered")));
    let public = town.get("", &format!("/public/petitions/{}", petition.code)).await.expect(200);
    assert_eq!(public["answer"], draft()["content"]);
    let told = town.told(&petition).await;
    assert_eq!(told, ["file", "accept", "submit"], "the petitioner sees the step that sent the answer");
}

#[tokio::test]
async fn an_answer_is_rated_once_and_a_low_score_says_why() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    let rate = async |body| town.respond(&petition, "rating", body).await;
    assert_eq!(rate(json!({"score": 0})).await.wrong_fields(), ["score=out_of_range"]);
    assert_eq!(rate(json!({"score": 6})).await.wrong_fields(), ["score=out_of_range"]);
    assert_eq!(rate(json!({"score": 4.5})).await.wrong_fields(), ["score=wrong_type"]);
    assert_eq!(rate(json!({"score": 2})).await.wrong_fields(), ["comment=required"]);
    assert_eq!(rate(json!({"score": 1, "comment": "  "})).await.wrong_fields(), ["comment=required"]);
    let rated = rate(json!({"score": 1, "comment": "Chưa dọn hết."})).await.expect(200);
    assert_eq!(rated["status"], "closed");
    assert_eq!(rated["answer"]["comment"], "Chưa dọn hết.");
    rate(json!({"score": 5})).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn a_note_stays_inside_the_agency() {
    let town = Town::start().await;
    let petition = town.file(&crate::town::form()).await;
    town.act("clerk", petition.document, "note", json!({"text": "Đã gọi cho tổ dân phố."})).await.expect(200);
    assert_eq!(town.told(&petition).await, ["file"]);
    assert_eq!(town.recorded("leader", &petition).await, ["file", "note"]);
}

#[tokio::test]
async fn work_is_given_to_an_active_officer_of_the_same_agency_only() {
    let town = Town::start().await;
    let petition = town.file(&crate::town::form()).await;
    town.token("elsewhere").await;
    for stranger in ["elsewhere", "nobody"] {
        let answer = town.act("leader", petition.document, "assign", json!({"account": stranger})).await;
        assert_eq!(answer.wrong_fields(), ["account=unknown_code"]);
    }
    town.token("handler").await;
    town.act("leader", petition.document, "assign", json!({"account": "handler"})).await.expect(200);
}
