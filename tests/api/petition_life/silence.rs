//! What the system does when nobody does anything: no reply after ten days, closed after fifteen.

use crate::town::Town;
use chrono::Duration;
use pakn::ops::jobs::run_maintenance;
use serde_json::json;

/// One round of the worker; how many petitions it acted on.
async fn round(town: &Town) -> usize {
    let done = run_maintenance(&town.app.app).await.expect("a round");
    assert!(done.was_free && done.failed == 0, "{done:?}");
    done.acted
}

#[tokio::test]
async fn ten_days_without_a_reply_end_in_a_refusal() {
    let town = Town::start().await;
    let petition = town.filed("waiting_for_petitioner").await;
    town.later(Duration::days(10) - Duration::seconds(1));
    assert_eq!(round(&town).await, 0);
    town.later(Duration::seconds(1));
    assert_eq!(round(&town).await, 1);
    assert_eq!(round(&town).await, 0, "once");
    let refused = town.read(&petition).await;
    assert_eq!((&refused["status"], &refused["refusal"]["reason_code"]), (&json!("refused"), &json!("no_reply")));
    assert!(refused["refusal"]["guidance"].as_str().unwrap().contains("gửi phản ánh mới"));
    assert_eq!(town.document("clerk", petition.document).await["status"], "refused");
    town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect_problem(409, "wrong_state");
    let timeline = town.get("leader", &format!("/petitions/{}/timeline", petition.code)).await.expect(200);
    let last = timeline["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["action"], &last["actor"]), (&json!("no_reply"), &json!("system")));
}

#[tokio::test]
async fn a_reply_stops_the_ten_days_and_another_question_starts_them_anew() {
    let town = Town::start().await;
    let petition = town.filed("waiting_for_petitioner").await;
    town.later(Duration::days(9));
    town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect(200);
    town.act("handler", petition.document, "ask", json!({"question": "Số nhà?"})).await.expect(200);
    town.later(Duration::days(9));
    assert_eq!(round(&town).await, 0);
    town.later(Duration::days(1));
    assert_eq!(round(&town).await, 1);
}

#[tokio::test]
async fn fifteen_days_after_the_answer_a_petition_is_closed() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.later(Duration::days(15) - Duration::seconds(1));
    assert_eq!(round(&town).await, 0);
    town.later(Duration::seconds(1));
    assert_eq!(round(&town).await, 1);
    let closed = town.read(&petition).await;
    assert_eq!((&closed["status"], &closed["public_status"]), (&json!("closed"), &json!("handled")));
    assert_eq!(town.told(&petition).await, ["file", "accept", "approve", "close"]);
    town.respond(&petition, "rating", json!({"score": 5})).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn nothing_is_closed_while_a_reopening_waits() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    town.later(Duration::days(20));
    assert_eq!(round(&town).await, 0);
    town.act("leader", petition.document, "deny_reopening", json!({"note": "Đã dọn."})).await.expect(200);
    assert_eq!(round(&town).await, 1, "the fifteen days are over");
    assert_eq!(town.read(&petition).await["status"], "closed");
}
