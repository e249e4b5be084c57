//! Another look at an answer whose agency is gone: its successor begins again.

use super::{Oracle, apply};
use crate::town::{AGENCY, Town, draft};
use serde_json::{Value, json};

#[tokio::test]
async fn a_granted_reopening_begins_again_at_the_successor() {
    let town = Town::start().await;
    let (early, late) = (town.filed("answered").await, town.filed("closed").await);
    town.respond(&early, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    for officer in ["clerk", "handler", "leader"] {
        town.token(officer).await;
    }
    apply(&town).await;
    town.respond(&late, "reopen", json!({"reason": "Vẫn còn rác."})).await.expect(200);
    let heir = Oracle::new().main(AGENCY);
    assert_eq!(desk(&town).await, [early.code.clone(), late.code.clone()], "nobody else is left to decide");
    for petition in [&early, &late] {
        assert_eq!(town.read(petition).await["agency"]["code"], AGENCY, "what is past stays");
        let granted = town.coordinate(petition, "grant_reopening", json!({})).await.expect(200);
        assert_eq!((&granted["status"], &granted["agency"]["code"]), (&json!("assigned"), &json!(heir)));
        assert_eq!(town.told(petition).await.last().unwrap(), "grant_reopening");
        let document = town.present_document(petition).await;
        assert_ne!(document, petition.document);
        town.act("clerk", document, "accept", json!({})).await.expect(200);
        town.act("handler", document, "draft", draft()).await.expect(200);
        town.act("handler", document, "submit", json!({})).await.expect(200);
        town.act("leader", document, "approve", json!({})).await.expect(200);
    }
    assert_eq!(desk(&town).await, Vec::<String>::new());
    assert_eq!(super::town::findings(&town).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_denied_one_stays_where_it_was_answered() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    apply(&town).await;
    assert_eq!(desk(&town).await, [petition.code.as_str()]);
    let denied = town.coordinate(&petition, "deny_reopening", json!({"note": "Đã dọn lại."})).await.expect(200);
    assert_eq!((&denied["status"], &denied["agency"]["code"]), (&json!("answered"), &json!(AGENCY)));
    assert_eq!(desk(&town).await, Vec::<String>::new());
}

#[tokio::test]
async fn without_a_successor_the_coordinator_begins_again() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
    town.post("admin", "/admin/reorganisations", &super::petitions::without_heir(false)).await.expect(200);
    let granted = town.coordinate(&petition, "grant_reopening", json!({})).await.expect(200);
    assert_eq!((&granted["status"], &granted["agency"]), (&json!("received"), &Value::Null));
    assert_eq!(desk(&town).await, [petition.code.as_str()]);
    town.coordinate(&petition, "route", json!({"agency": "24-SXD"})).await.expect(200);
    assert_eq!(super::town::findings(&town).await, Vec::<String>::new());
}

/// The codes on the coordinator's desk.
async fn desk(town: &Town) -> Vec<String> {
    let desk = town.get("coordinator", "/coordination").await.expect(200);
    desk["items"].as_array().unwrap().iter().map(|line| line["code"].as_str().unwrap().to_owned()).collect()
}
