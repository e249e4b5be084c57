//! A petition that is not for this desk: refused, transferred, returned, routed by the coordinator.

use crate::town::{AGENCY, OTHER_AGENCY, THIRD_AGENCY, Town, form};
use serde_json::{Value, json};

fn transfer_to(agency: &str) -> Value {
    json!({"agency": agency, "reason": "Thuộc địa bàn của đơn vị khác"})
}

#[tokio::test]
async fn a_refusal_tells_the_reason_and_where_to_turn_in_both_languages() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    let body = json!({"reason_code": "legal_question", "note": "Hỏi về thừa kế."});
    let refused = town.act("leader", petition.document, "refuse", body).await.expect(200);
    assert_eq!((&refused["status"], &refused["petition"]["status"]), (&json!("refused"), &json!("refused")));
    let vietnamese = town.read(&petition).await;
    assert_eq!((&vietnamese["public_status"], &vietnamese["refusal"]["note"]), (&json!("refused"), &json!("Hỏi về thừa kế.")));
    assert!(vietnamese["refusal"]["guidance"].as_str().unwrap().contains("Sở Tư pháp"));
    let request = town.app.get(&format!("/petitions/{}", petition.code)).header("accept-language", "en");
    let english = request.header("x-tracking-token", &petition.tracking).send().await.expect(200);
    assert_eq!(english["refusal"]["reason_code"], "legal_question");
    assert!(english["refusal"]["guidance"].as_str().unwrap().contains("Department of Justice"));
    assert_eq!(town.told(&petition).await, ["file", "refuse"]);
}

// docs/contract.md §4.3
#[tokio::test]
async fn every_reason_of_the_contract_refuses_and_no_other() {
    let town = Town::start().await;
    for reason in [
        "not_a_petition_complaint",
        "not_a_petition_denunciation",
        "legal_question",
        "outside_province",
        "unclear",
        "abusive",
        "false_content",
        "already_settled",
        "state_secret",
    ] {
        let petition = town.file(&form()).await;
        let body = json!({"reason_code": reason});
        town.act("leader", petition.document, "refuse", body).await.expect(200);
        let told = town.read(&petition).await["refusal"].clone();
        assert_eq!(told["reason_code"], reason);
        assert!(told["guidance"].as_str().unwrap().len() > 20);
    }
    let petition = town.file(&form()).await;
    let refuse = async |body| town.act("leader", petition.document, "refuse", body).await;
    assert_eq!(refuse(json!({"reason_code": "no_reply"})).await.wrong_fields(), ["reason_code=not_allowed"]);
    assert_eq!(refuse(json!({"reason_code": "boring"})).await.wrong_fields(), ["reason_code=not_one_of"]);
    assert_eq!(refuse(json!({})).await.wrong_fields(), ["reason_code=required"]);
}

#[tokio::test]
async fn a_transfer_is_a_new_line_in_the_register_of_the_other_agency() {
    let town = Town::start().await;
    let first = town.file(&form()).await;
    town.act("clerk", first.document, "transfer", transfer_to(OTHER_AGENCY)).await.expect(200);
    let petition = town.file(&form()).await;
    assert_eq!(petition.receipt["document"]["number"], 2);
    let left = town.act("leader", petition.document, "transfer", transfer_to(OTHER_AGENCY)).await.expect(200);
    assert_eq!((&left["status"], &left["number"]), (&json!("transferred"), &json!(2)));
    assert_eq!(left["allowed_actions"], json!([]));

    let now = town.read(&petition).await;
    assert_eq!((&now["status"], &now["agency"]["code"]), (&json!("assigned"), &json!(OTHER_AGENCY)));
    assert_eq!(now["document"]["number"], 2, "second line of the other register");
    assert_eq!(now["due_at"], petition.receipt["due_at"], "the petitioner's deadline stays");
    let arrived = now["document"]["id"].as_i64().unwrap();
    assert_eq!(town.document("elsewhere", arrived).await["status"], "arrived");

    // The first agency keeps its line, can do nothing with it, and does not see the new one.
    town.act("clerk", petition.document, "accept", json!({})).await.expect_problem(409, "wrong_state");
    town.get("clerk", &format!("/documents/{arrived}")).await.expect_problem(404, "document_not_found");
    town.get("clerk", &format!("/petitions/{}", petition.code)).await.expect_problem(404, "petition_not_found");
    assert_eq!(town.told(&petition).await, ["file", "transfer"]);
}

#[tokio::test]
async fn the_third_hop_goes_to_the_coordinator_instead() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    town.act("clerk", petition.document, "transfer", transfer_to(OTHER_AGENCY)).await.expect(200);
    let second = town.present_document(&petition).await;
    town.act("elsewhere", second, "transfer", transfer_to(AGENCY)).await.expect(200);
    let third = town.present_document(&petition).await;
    let gone = town.act("clerk", third, "transfer", transfer_to(OTHER_AGENCY)).await.expect(200);
    assert_eq!((&gone["status"], &gone["petition"]["status"]), (&json!("transferred"), &json!("received")));
    let waiting = town.read(&petition).await;
    assert_eq!((&waiting["agency"], &waiting["document"]), (&Value::Null, &Value::Null));
    let desk = town.get("coordinator", "/coordination").await.expect(200);
    assert_eq!(desk["items"][0]["code"], petition.code);
    let routed = town.coordinate(&petition, "route", json!({"agency": THIRD_AGENCY})).await.expect(200);
    assert_eq!((&routed["status"], &routed["document"]["number"]), (&json!("assigned"), &json!(1)));
}

#[tokio::test]
async fn a_transfer_names_another_agency_in_force_and_a_reason() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    let transfer = async |body| town.act("clerk", petition.document, "transfer", body).await;
    assert_eq!(transfer(transfer_to("27-NIX")).await.wrong_fields(), ["agency=unknown_code"]);
    transfer(transfer_to(AGENCY)).await.expect_problem(409, "same_agency");
    assert_eq!(transfer(json!({"agency": OTHER_AGENCY})).await.wrong_fields(), ["reason=required"]);
    assert_eq!(transfer(json!({"agency": OTHER_AGENCY, "reason": " "})).await.wrong_fields(), ["reason=required"]);
    assert_eq!(town.read(&petition).await["version"], 1, "nothing was stored");
}

#[tokio::test]
async fn what_is_returned_waits_for_the_coordinator_who_routes_it() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    town.act("clerk", petition.document, "return", json!({})).await.expect(422);
    let back = town.act("clerk", petition.document, "return", json!({"reason": "Không thuộc thẩm quyền"})).await.expect(200);
    assert_eq!((&back["status"], &back["petition"]["status"]), (&json!("returned"), &json!("received")));
    assert_eq!(town.read(&petition).await["public_status"], "pending", "never a closing state");
    let routed = town.coordinate(&petition, "route", json!({"agency": AGENCY})).await.expect(200);
    assert_eq!((&routed["agency"]["code"], &routed["document"]["number"]), (&json!(AGENCY), &json!(2)));
    let arrived = town.present_document(&petition).await;
    town.act("clerk", arrived, "accept", json!({})).await.expect(200);
    assert_eq!(town.document("clerk", petition.document).await["status"], "returned", "the old line stays as it was");
    assert_eq!(town.told(&petition).await, ["file", "route", "accept"]);
}

#[tokio::test]
async fn the_coordinator_refuses_what_was_returned() {
    let town = Town::start().await;
    let petition = town.filed("received").await;
    let refused = town.coordinate(&petition, "refuse", json!({"reason_code": "outside_province"})).await.expect(200);
    assert_eq!(refused["status"], "refused");
    assert_eq!(town.document("clerk", petition.document).await["status"], "returned");
}

#[tokio::test]
async fn a_petitioner_withdraws_before_the_answer_and_the_number_stays() {
    let town = Town::start().await;
    let petition = town.filed("waiting_for_petitioner").await;
    let withdrawn = town.respond(&petition, "withdraw", json!({"reason": "Đã tự dọn."})).await.expect(200);
    assert_eq!((&withdrawn["status"], &withdrawn["public_status"]), (&json!("withdrawn"), &json!("withdrawn")));
    let document = town.document("clerk", petition.document).await;
    assert_eq!((&document["status"], &document["number"]), (&json!("voided"), &json!(1)));
    assert_eq!(town.file(&form()).await.receipt["document"]["number"], 2);
    let answered = town.filed("answered").await;
    town.respond(&answered, "withdraw", json!({})).await.expect_problem(409, "wrong_state");
}

/// Words that only the later holder has written, and what only a holder may read.
const LATER: [&str; 7] = ["Chờ vật tư", "Không có thật", "Câu hỏi sau", "Trả lời sau", "Lý Thái Tổ", "Nguyễn Văn An", "bản nháp"];

/// What an agency may know of a document that it has handed on, from every door that it has.
async fn doors_of_a_former_holder(town: &Town, petition: &crate::town::Petition) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    for path in [
        format!("/documents/{}", petition.document),
        "/documents?limit=100".to_owned(),
        "/documents?limit=100&q=rac+thai".to_owned(),
        "/documents/register?limit=100".to_owned(),
        "/documents/register.csv".to_owned(),
        "/me/notifications?limit=100".to_owned(),
        format!("/petitions/{}", petition.code),
        format!("/petitions/{}/timeline", petition.code),
        format!("/documents/{}/petitioner", petition.document),
        "/statistics/petitions?period=2026-03&bucket=received".to_owned(),
        "/statistics/petitions?period=2026-03&bucket=hand_overs_out".to_owned(),
    ] {
        for who in ["clerk", "leader"] {
            seen.push((path.clone(), town.get(who, &path).await.text));
        }
    }
    seen
}

#[tokio::test]
async fn an_agency_that_handed_a_petition_on_learns_nothing_of_what_others_do_with_it() {
    let town = Town::start().await;
    let image = crate::attachments::sent(&town.app, &crate::media::jpeg(40, 40)).await;
    let petition = town.file(&crate::town::form_with(json!({"attachments": [image.clone()]}))).await;
    town.act("clerk", petition.document, "accept", json!({})).await.expect(200);
    town.act("handler", petition.document, "note", json!({"text": "Đã gọi cho tổ dân phố."})).await.expect(200);
    town.act("handler", petition.document, "draft", json!({"content": "bản nháp", "outcome": "resolved"})).await.expect(200);
    let left = town.act("clerk", petition.document, "transfer", transfer_to(OTHER_AGENCY)).await.expect(200);
    let due_at = petition.receipt["due_at"].clone();
    let same = |document: &Value| {
        assert_eq!((&document["status"], &document["due_at"]), (&json!("transferred"), &due_at));
        let known = &document["petition"];
        assert_eq!((&known["code"], &known["agency"]["code"]), (&json!(petition.code), &json!(OTHER_AGENCY)));
        assert_eq!((&known["status"], &known["due_at"]), (&json!("assigned"), &due_at), "as it left");
        let nothing = [&document["deadline"], &document["draft"], &known["address"], &known["location"], &known["answer"]];
        assert!(nothing.iter().all(|value| value.is_null()), "{document}");
        let nothing = [&known["extension"], &known["refusal"], &known["version"], &known["reopening"], &known["document"]];
        assert!(nothing.iter().all(|value| value.is_null()), "{document}");
        assert_eq!((&document["attachments"], &document["allowed_actions"]), (&json!([]), &json!([])));
        let own: Vec<&str> = known["own_steps"].as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap()).collect();
        assert_eq!(own, ["accept", "note", "draft", "transfer"]);
        assert_eq!(known["own_steps"][1]["note"], "Đã gọi cho tổ dân phố.");
    };
    same(&left.body);
    assert_eq!(left["petition"]["public_status"], "pending");

    let there = town.present_document(&petition).await;
    for (action, body) in [
        ("accept", json!({})),
        ("ask", json!({"question": "Câu hỏi sau"})),
        ("extend", json!({"until": "2026-03-20", "reason": "Chờ vật tư"})),
        ("draft", json!({"content": "Trả lời sau cho ông Nguyễn Văn An", "outcome": "resolved"})),
        ("submit", json!({})),
    ] {
        town.later(chrono::Duration::minutes(10));
        town.act("elsewhere", there, action, body).await.expect(200);
        if action == "ask" {
            town.respond(&petition, "reply", json!({"text": "Ở Lý Thái Tổ."})).await.expect(200);
        }
        let document = town.document("clerk", petition.document).await;
        same(&document);
        assert_eq!(document["petition"]["public_status"], "in_progress");
        assert_eq!((&document["version"], &document["assignee"]), (&left["version"], &left["assignee"]));
        for (door, text) in doors_of_a_former_holder(&town, &petition).await {
            for secret in LATER.iter().filter(|secret| !text.contains("own_steps") || **secret != "bản nháp") {
                assert!(!text.contains(secret), "{secret} behind {door}: {text}");
            }
            assert!(!text.contains("2026-03-20") && !text.contains(&image), "{door}: {text}");
            assert!(!text.contains("\"in_progress\"") || door.starts_with("/documents/"), "{door}: {text}");
        }
    }
    town.get("clerk", &format!("/documents/{}/attachments/{image}/original", petition.document))
        .await
        .expect_problem(403, "identity_hidden");
    town.get("clerk", &format!("/documents/{}/petitioner", petition.document)).await.expect_problem(403, "identity_hidden");
}

#[tokio::test]
async fn an_agency_that_returned_a_petition_does_not_learn_why_another_refused_it() {
    let town = Town::start().await;
    let petition = town.filed("received").await;
    let document = town.document("clerk", petition.document).await;
    assert_eq!((&document["petition"]["agency"], &document["petition"]["status"]), (&Value::Null, &json!("received")));
    town.coordinate(&petition, "route", json!({"agency": OTHER_AGENCY})).await.expect(200);
    let there = town.present_document(&petition).await;
    let refusal = json!({"reason_code": "false_content", "note": "Không có thật"});
    town.act("elsewhere", there, "refuse", refusal).await.expect(200);
    let document = town.document("clerk", petition.document).await;
    assert_eq!((&document["status"], &document["petition"]["status"]), (&json!("returned"), &json!("received")));
    assert_eq!(document["petition"]["public_status"], "refused", "what everybody may see");
    for (door, text) in doors_of_a_former_holder(&town, &petition).await {
        for secret in LATER {
            assert!(!text.contains(secret), "{secret} behind {door}: {text}");
        }
        assert!(!text.contains("false_content"), "{door}: {text}");
    }
    // Whoever gets it back holds it again, under another document.
    let again = town.filed("received").await;
    town.coordinate(&again, "route", json!({"agency": AGENCY})).await.expect(200);
    let present = town.present_document(&again).await;
    assert_eq!(town.document("clerk", present).await["petition"]["address"], "Đường Lý Thái Tổ");
    assert_eq!(town.document("clerk", again.document).await["petition"]["address"], Value::Null);
}
