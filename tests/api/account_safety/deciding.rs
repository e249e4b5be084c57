//! Who asks is not who decides: the later deadline and the other look, also for one account with both roles.

use crate::town::{AGENCY, Town, form};
use serde_json::json;

fn asked() -> serde_json::Value {
    json!({"until": "2026-03-20", "reason": "Chờ xe"})
}

#[tokio::test]
async fn whoever_asks_for_a_later_deadline_does_not_decide_about_it() {
    let town = Town::start().await;
    for (action, body) in [("grant_extension", json!({})), ("deny_extension", json!({"note": "Chưa rõ"}))] {
        let petition = town.filed("in_progress").await;
        // The deputy handles and leads.
        town.act("deputy", petition.document, "extend", asked()).await.expect(200);
        town.act("deputy", petition.document, action, body.clone()).await.expect_problem(403, "requester_may_not_decide");
        let may = |who: &'static str| town.document(who, petition.document);
        assert!(!may("deputy").await["allowed_actions"].to_string().contains("_extension"));
        assert!(may("leader").await["allowed_actions"].to_string().contains("grant_extension"));
        town.act("leader", petition.document, action, body.clone()).await.expect(200);
    }
    // What somebody else has asked for, the deputy decides.
    let petition = town.filed("in_progress").await;
    town.act("handler", petition.document, "extend", asked()).await.expect(200);
    town.act("deputy", petition.document, "grant_extension", json!({})).await.expect(200);
}

#[tokio::test]
async fn where_one_person_is_enough_whoever_asks_may_decide() {
    let town = Town::start().await;
    let agencies = town.get("admin", &format!("/admin/agencies?q={AGENCY}&limit=100")).await.expect(200)["items"].clone();
    let found = agencies.as_array().unwrap().iter().find(|agency| agency["code"] == AGENCY).expect("the agency").clone();
    let request = town.app.patch(&format!("/admin/agencies/{}", found["id"]), &json!({"two_person_approval": false}));
    request.token(&town.token("admin").await).send().await.expect(200);
    let petition = town.file(&form()).await;
    town.bring_to(&petition, "in_progress").await;
    town.act("deputy", petition.document, "extend", asked()).await.expect(200);
    town.act("deputy", petition.document, "grant_extension", json!({})).await.expect(200);
}

#[tokio::test]
async fn whoever_asks_for_another_look_does_not_decide_about_it() {
    let town = Town::start().await;
    // Whoever holds the tracking token asks, an officer who is signed in as well.
    for (asker, other) in [("leader", "deputy"), ("coordinator", "leader")] {
        let petition = town.filed("answered").await;
        let reason = json!({"reason": "Rác vẫn còn nguyên."});
        let ask = town.app.post(&format!("/petitions/{}/reopen", petition.code), &reason).token(&town.token(asker).await);
        ask.header("X-Tracking-Token", &petition.tracking).send().await.expect(200);
        for (action, body) in [("grant_reopening", json!({})), ("deny_reopening", json!({"note": "Đã xong"}))] {
            let answer = match asker {
                "coordinator" => town.coordinate(&petition, action, body).await,
                _ => town.act(asker, petition.document, action, body).await,
            };
            answer.expect_problem(403, "requester_may_not_decide");
        }
        town.act(other, petition.document, "grant_reopening", json!({})).await.expect(200);
    }
}
