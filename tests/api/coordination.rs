//! The coordinator's desk: what no rule routed, in the order in which it came.

use crate::town::{AGENCY, Town, form, form_with};
use serde_json::{Value, json};

/// Ends the rule of a category, so that nothing routes it any more.
pub async fn end_rule_of(town: &Town, category: &str) {
    let rules = town.get("admin", "/admin/routing-rules?limit=100").await.expect(200);
    let rules = rules["items"].as_array().unwrap().clone();
    let rule = rules.iter().find(|rule| rule["conditions"]["category"] == category).expect("a rule");
    let path = format!("/admin/routing-rules/{}/end", rule["id"]);
    town.post("admin", &path, &json!({"on": "2026-03-02"})).await.expect(200);
}

#[tokio::test]
async fn what_no_rule_routes_waits_for_the_coordinator() {
    let town = Town::start().await;
    end_rule_of(&town, "rac-thai-chat-thai").await;
    town.at("2026-03-03T08:00:00+07:00");
    let petition = town.file(&form()).await;
    assert_eq!((&petition.receipt["status"], &petition.receipt["agency"]), (&json!("received"), &Value::Null));
    assert_eq!(petition.receipt["document"], Value::Null, "no register yet");
    assert_eq!(petition.receipt["due_at"], "2026-03-10T17:00:00+07:00", "the deadline runs already");
    let desk = town.get("coordinator", "/coordination").await.expect(200);
    assert_eq!(desk["items"][0]["code"], petition.code);
    let routed = town.coordinate(&petition, "route", json!({"agency": AGENCY})).await.expect(200);
    assert_eq!((&routed["status"], &routed["document"]["number"]), (&json!("assigned"), &json!(1)));
    assert_eq!(routed["due_at"], "2026-03-10T17:00:00+07:00");
    assert_eq!(town.get("coordinator", "/coordination").await.expect(200)["items"], json!([]));
    assert_eq!(town.told(&petition).await, ["file", "route"]);
}

#[tokio::test]
async fn a_petition_goes_to_an_agency_in_force() {
    let town = Town::start().await;
    let petition = town.filed("received").await;
    let route = async |agency: &str| town.coordinate(&petition, "route", json!({"agency": agency})).await;
    assert_eq!(route("27-NIX").await.wrong_fields(), ["agency=unknown_code"]);
    assert_eq!(route("").await.wrong_fields(), ["agency=unknown_code"]);
    let agencies = town.get("admin", "/admin/agencies?q=27-09163").await.expect(200);
    let path = format!("/admin/agencies/{}/end", agencies["items"][0]["id"]);
    town.post("admin", &path, &json!({"on": "2026-03-02", "successor": AGENCY})).await.expect(200);
    town.at("2026-03-03T08:00:00+07:00");
    assert_eq!(route("27-09163").await.wrong_fields(), ["agency=not_in_force"]);
    assert_eq!(town.read(&petition).await["status"], "received", "nothing was stored");
    route(&format!(" {AGENCY} ")).await.expect(200);
}

#[tokio::test]
async fn an_ended_agency_is_replaced_by_its_successor() {
    let town = Town::start().await;
    let agencies = town.get("admin", "/admin/agencies?q=27-09163").await.expect(200);
    let path = format!("/admin/agencies/{}/end", agencies["items"][0]["id"]);
    town.post("admin", &path, &json!({"on": "2026-03-02", "successor": AGENCY})).await.expect(200);
    let last_day = town.file(&form_with(json!({"area": "09163"}))).await;
    assert_eq!(last_day.receipt["agency"]["code"], "27-09163");
    town.at("2026-03-03T08:00:00+07:00");
    let after = town.file(&form_with(json!({"area": "09163"}))).await;
    assert_eq!(after.receipt["agency"]["code"], AGENCY);
}

#[tokio::test]
async fn the_desk_is_read_in_pages_oldest_first_while_more_arrives() {
    let town = Town::start().await;
    let mut codes = Vec::new();
    for _ in 0..5 {
        codes.push(town.filed("received").await.code);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = town.get("coordinator", &format!("/coordination?limit=2{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()));
        if seen.len() == 2 {
            codes.push(town.filed("received").await.code);
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, codes);
}

#[tokio::test]
async fn the_coordinator_sees_every_petition_with_its_whole_timeline() {
    let town = Town::start().await;
    let petition = town.filed("awaiting_approval").await;
    let read = town.get("coordinator", &format!("/petitions/{}", petition.code)).await.expect(200);
    assert_eq!(read["status"], "awaiting_approval");
    assert!(!read.text.contains("Nguyễn Văn An"), "but no person without asking for it");
    assert_eq!(town.recorded("coordinator", &petition).await, ["file", "accept", "draft", "submit"]);
}
