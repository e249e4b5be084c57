//! Single petitions on their way through a reform: hops, agencies that are gone, and bodies without a successor.

use super::{AGENCIES, AREAS, ON, Oracle, SUCCESSORS, apply};
use crate::town::{AGENCY, OTHER_AGENCY, Town};
use serde_json::{Value, json};

/// The reform without a successor of UBND phường Võ Cường.
pub(super) fn without_heir(dry_run: bool) -> Value {
    let line = |line: &&str| !line.starts_with(&format!("{AGENCY},"));
    let successors: String = SUCCESSORS.lines().filter(line).map(|line| format!("{line}\n")).collect();
    json!({"on": ON, "dry_run": dry_run, "agencies": AGENCIES, "areas": AREAS, "successors": successors})
}

#[tokio::test]
async fn a_reform_is_no_hop() {
    let town = Town::start().await;
    let petition = town.filed("assigned").await;
    let on = json!({"agency": OTHER_AGENCY, "reason": "Thuộc địa bàn khác"});
    town.act("clerk", petition.document, "transfer", on).await.expect(200);
    town.token("elsewhere").await;
    apply(&town).await;
    // Its second hop: the third one would go to the coordinator.
    let document = town.present_document(&petition).await;
    let back = json!({"agency": "24-SXD", "reason": "Thuộc thẩm quyền của Sở"});
    town.act("elsewhere", document, "transfer", back).await.expect(200);
    let after = town.read(&petition).await;
    assert_eq!((&after["status"], &after["agency"]["code"]), (&json!("assigned"), &json!("24-SXD")));
    assert_eq!(town.told(&petition).await, ["file", "transfer", "reorganise", "transfer"]);
}

#[tokio::test]
async fn nothing_goes_to_an_agency_that_has_ended() {
    let town = Town::start().await;
    let (held, returned) = (town.filed("assigned").await, town.filed("received").await);
    apply(&town).await;
    let document = town.present_document(&held).await;
    let old = json!({"agency": OTHER_AGENCY, "reason": "Thuộc địa bàn khác"});
    assert_eq!(town.act("clerk", document, "transfer", old).await.wrong_fields(), ["agency=not_in_force"]);
    let route = town.coordinate(&returned, "route", json!({"agency": AGENCY})).await;
    assert_eq!(route.wrong_fields(), ["agency=not_in_force"]);
    let heir = Oracle::new().main(AGENCY);
    let routed = town.coordinate(&returned, "route", json!({"agency": heir})).await.expect(200);
    assert_eq!(routed["agency"]["code"], heir);
}

#[tokio::test]
async fn what_has_no_successor_goes_to_the_coordinator_and_is_named() {
    let town = Town::start().await;
    let mut filed = Vec::new();
    for state in ["assigned", "in_progress", "waiting_for_petitioner", "awaiting_approval"] {
        filed.push(town.filed(state).await);
    }
    let answered = town.filed("answered").await;
    town.token("deputy").await;
    let due_before = town.read(&filed[2]).await["due_at"].clone();
    town.at("2026-03-03T08:00:00+07:00");
    let tried = town.post("admin", "/admin/reorganisations", &without_heir(true)).await.expect(200).body;
    let mut report = town.post("admin", "/admin/reorganisations", &without_heir(false)).await.expect(200).body;
    report["dry_run"] = json!(true);
    assert_eq!(report, tried);
    assert_eq!((&report["petitions_moved"], &report["petitions_to_coordinator"]), (&json!(0), &json!(4)));
    let named = json!([{"agency": {"code": AGENCY, "name": "UBND phường Võ Cường"}, "petitions": 4, "officers": 4}]);
    assert_eq!(strip_names(&report["without_successor"]), strip_names(&named));

    let desk = town.get("coordinator", "/coordination").await.expect(200);
    assert_eq!(desk["items"].as_array().unwrap().len(), 4);
    for petition in &filed {
        let after = town.read(petition).await;
        assert_eq!((&after["status"], &after["agency"]), (&json!("received"), &Value::Null));
        assert_eq!(town.told(petition).await.last().unwrap(), "reorganise");
    }
    assert_ne!(town.read(&filed[2]).await["due_at"], due_before, "the pause is over and counts");
    assert_eq!(town.read(&answered).await["agency"]["code"], AGENCY, "what is past stays");
    let heir = Oracle::new().main(OTHER_AGENCY);
    town.coordinate(&filed[2], "route", json!({"agency": heir})).await.expect(200);
}

fn strip_names(list: &Value) -> Value {
    let mut list = list.clone();
    for row in list.as_array_mut().unwrap() {
        row["agency"].as_object_mut().unwrap().remove("name");
    }
    list
}

/// Words that only the later holder has written, or that only a holder may read.
const LATER: [&str; 5] = ["Câu hỏi sau", "Chờ vật tư", "Không có thật", "Lý Thái Tổ", "Nguyễn Văn An"];

#[tokio::test]
async fn who_handed_a_petition_on_before_a_reform_learns_nothing_of_it_afterwards() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    let on = json!({"agency": OTHER_AGENCY, "reason": "Thuộc địa bàn khác"});
    town.act("clerk", petition.document, "transfer", on).await.expect(200);
    for who in ["elsewhere", "leader"] {
        town.token(who).await;
    }
    apply(&town).await;
    let (ours, theirs) = (Oracle::new().main(AGENCY), town.read(&petition).await["agency"]["code"].clone());
    assert_ne!(json!(ours), theirs);
    let document = town.present_document(&petition).await;
    for (action, body) in [
        ("accept", json!({})),
        ("ask", json!({"question": "Câu hỏi sau"})),
        ("extend", json!({"until": "2026-03-20", "reason": "Chờ vật tư"})),
        ("draft", json!({"content": "Không có thật", "outcome": "explained"})),
        ("submit", json!({})),
    ] {
        town.act("elsewhere", document, action, body).await.expect(200);
        if action == "ask" {
            town.respond(&petition, "reply", json!({"text": "Ở Lý Thái Tổ."})).await.expect(200);
        }
    }
    // The line is that of an agency that has ended.
    for line in [petition.document, document] {
        town.get("clerk", &format!("/documents/{line}")).await.expect_problem(404, "document_not_found");
    }
    for path in [
        format!("/documents/{}", petition.document),
        format!("/documents/{document}"),
        "/documents?limit=100&q=rac+thai".to_owned(),
        "/documents/register?limit=100".to_owned(),
        "/documents/register.csv".to_owned(),
        "/me/notifications?limit=100".to_owned(),
        format!("/petitions/{}", petition.code),
        format!("/petitions/{}/timeline", petition.code),
        format!("/documents/{}/petitioner", petition.document),
        "/statistics/petitions?period=2026-03&bucket=received".to_owned(),
    ] {
        for who in ["clerk", "leader"] {
            let seen = town.get(who, &path).await;
            for secret in LATER {
                assert!(!seen.text.contains(secret), "{secret} behind {path} for {who}: {}", seen.text);
            }
        }
    }
}
