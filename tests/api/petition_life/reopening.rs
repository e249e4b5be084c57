//! Another look at an answer: asked for once within fifteen days, granted with a new deadline or denied.

use crate::town::{Town, draft};
use serde_json::json;

#[tokio::test]
async fn a_granted_reopening_begins_again_with_a_new_deadline() {
    let town = Town::start().await;
    let petition = town.filed("closed").await;
    town.at("2026-03-16T08:00:00+07:00");
    let asked = town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    assert_eq!((&asked["status"], &asked["reopening"]["state"]), (&json!("closed"), &json!("asked")));
    let granted = town.act("leader", petition.document, "grant_reopening", json!({})).await.expect(200);
    assert_eq!((&granted["status"], &granted["petition"]["status"]), (&json!("in_progress"), &json!("in_progress")));
    assert_eq!(granted["due_at"], "2026-03-23T17:00:00+07:00", "five working days from the decision");
    assert_eq!(granted["petition"]["public_status"], "in_progress");

    // A second answer, rated by itself; but no second reopening, and no withdrawal after an answer.
    town.respond(&petition, "withdraw", json!({})).await.expect_problem(409, "wrong_state");
    town.act("handler", petition.document, "draft", draft()).await.expect(200);
    town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    town.respond(&petition, "reopen", json!({"reason": "Vẫn đầy."})).await.expect_problem(409, "already_reopened");
    assert_eq!(
        town.read(&petition).await["allowed_actions"],
        json!(["rate", "hide_identity"]),
        "what would be refused is not offered"
    );
    let rated = town.respond(&petition, "rating", json!({"score": 4})).await.expect(200);
    assert_eq!((&rated["status"], &rated["answer"]["score"]), (&json!("closed"), &json!(4)));
    assert_eq!(rated["allowed_actions"], json!(["hide_identity"]));
    let told = town.told(&petition).await;
    assert_eq!(told, ["file", "accept", "approve", "rate", "reopen", "grant_reopening", "approve", "rate"]);
}

#[tokio::test]
async fn a_denied_reopening_keeps_the_state_and_tells_why() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    town.act("leader", petition.document, "deny_reopening", json!({})).await.expect(422);
    let denied = town.act("leader", petition.document, "deny_reopening", json!({"note": "Đã dọn lại."})).await.expect(200);
    assert_eq!((&denied["status"], &denied["petition"]["status"]), (&json!("completed"), &json!("answered")));
    let timeline = town.app.get(&format!("/petitions/{}/timeline", petition.code));
    let timeline = timeline.header("x-tracking-token", &petition.tracking).send().await.expect(200);
    assert!(timeline.text.contains("Đã dọn lại."));
    town.respond(&petition, "reopen", json!({"reason": "Vẫn đầy."})).await.expect_problem(409, "already_reopened");
    town.respond(&petition, "rating", json!({"score": 3})).await.expect(200);
}

#[tokio::test]
async fn the_coordinator_decides_as_well() {
    let town = Town::start().await;
    for (decision, body, status) in
        [("grant_reopening", json!({}), "in_progress"), ("deny_reopening", json!({"note": "Đã dọn."}), "answered")]
    {
        let petition = town.filed("answered").await;
        town.coordinate(&petition, decision, body.clone()).await.expect_problem(409, "no_reopening_asked");
        town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
        assert_eq!(town.coordinate(&petition, decision, body).await.expect(200)["status"], status);
    }
}

#[tokio::test]
async fn fifteen_days_after_the_answer_it_is_too_late() {
    let town = Town::start().await;
    let (punctual, late) = (town.filed("closed").await, town.filed("closed").await);
    town.at("2026-03-17T08:00:00+07:00");
    town.respond(&punctual, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    town.at("2026-03-17T08:00:01+07:00");
    town.respond(&late, "reopen", json!({"reason": "Rác lại đầy."})).await.expect_problem(409, "reopening_too_late");
}

#[tokio::test]
async fn a_rating_while_a_reopening_waits_does_not_close() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    let rated = town.respond(&petition, "rating", json!({"score": 1, "comment": "Chưa xong."})).await.expect(200);
    assert_eq!((&rated["status"], &rated["answer"]["score"]), (&json!("answered"), &json!(1)));
    town.respond(&petition, "rating", json!({"score": 5})).await.expect_problem(409, "already_rated");
}
