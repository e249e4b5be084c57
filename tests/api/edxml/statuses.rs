//! Status messages and what each does on the desk; those that do not fit are kept and move nothing.

use super::{Exchange, status, status_at};
use crate::town::{OTHER_AGENCY, Petition};
use serde_json::{Value, json};

impl Exchange {
    async fn said(&self, document: &str, code: &str, text: &str) {
        self.put("status.edxml", status(document, code, text));
        assert_eq!(self.round().await.taken.stored, 1);
    }

    async fn stands(&self, petition: &Petition, state: &str, newest: &str) -> Value {
        assert_eq!(self.state_of(petition).await, state);
        let entry = self.newest_entry("coordinator", petition).await;
        assert_eq!((&entry["action"], &entry["actor"]), (&json!(newest), &json!("system")), "{entry}");
        entry
    }
}

#[tokio::test]
async fn a_document_is_followed_from_its_arrival_to_the_end_of_the_work() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.said(&document, "01", "").await;
    let entry = exchange.stands(&petition, "assigned", "note").await;
    assert_eq!(entry["detail"], json!({"exchange_code": "01", "exchange_organ": "H05.14"}));
    assert_eq!((&entry["note"], &entry["is_public"]), (&json!("UBND phường Võ Cường đã đến"), &json!(false)));
    exchange.said(&document, "3", "").await;
    let entry = exchange.stands(&petition, "in_progress", "accept").await;
    assert_eq!((&entry["detail"]["exchange_code"], &entry["is_public"]), (&json!("03"), &json!(true)));
    exchange.said(&document, "04", "Giao ông Nguyễn Văn Bảy").await;
    let entry = exchange.stands(&petition, "in_progress", "note").await;
    assert_eq!(entry["detail"]["exchange_text"], "Giao ông Nguyễn Văn Bảy");
    exchange.said(&document, "05", "").await;
    exchange.stands(&petition, "in_progress", "note").await;
    exchange.said(&document, "06", "Đã xong").await;
    // Finished there is not an answer to the petitioner.
    exchange.stands(&petition, "in_progress", "note").await;
    assert_eq!(exchange.town.told(&petition).await, ["file", "accept"], "what officers wrote is not for the petitioner");
    let sent = &exchange.messages("?direction=out").await[0];
    assert_eq!((&sent["state"], &sent["answered_code"]), (&json!("acknowledged"), &json!("06")));
}

#[tokio::test]
async fn a_status_that_was_overtaken_is_kept_and_the_furthest_one_stays() {
    let exchange = Exchange::start().await;
    let (_, document) = exchange.sent().await;
    for (code, furthest) in [("03", "03"), ("05", "05"), ("01", "05"), ("03", "05"), ("06", "06"), ("04", "06")] {
        let at = format!("2026/03/02 10:0{}:00", exchange.messages("?direction=in").await.len());
        exchange.put("status.edxml", status_at(&document, code, "", &at));
        assert_eq!(exchange.round().await.taken.stored, 1);
        assert_eq!(exchange.messages("?direction=out").await[0]["answered_code"], furthest, "after {code}");
    }
    assert_eq!(exchange.messages("?direction=in").await.len(), 6);
}

#[tokio::test]
async fn a_description_of_any_length_leaves_a_note_that_can_be_read() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.said(&document, "05", &"Đang xử lý. ".repeat(10_000)).await;
    let entry = exchange.newest_entry("coordinator", &petition).await;
    for text in [&entry["note"], &entry["detail"]["exchange_text"], &exchange.came_in("applied").await["detail"]["text"]] {
        let text = text.as_str().unwrap();
        assert!((1990..=2000).contains(&text.chars().count()) && text.ends_with('…'), "{} characters", text.chars().count());
    }
}

#[tokio::test]
async fn work_that_begins_without_an_acceptance_accepts() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.said(&document, "05", "Đang xử lý").await;
    exchange.stands(&petition, "in_progress", "note").await;
    assert_eq!(exchange.town.recorded("clerk", &petition).await, ["file", "accept", "note"]);
    assert_eq!(exchange.came_in("applied").await["detail"]["text"], "Đang xử lý");
}

#[tokio::test]
async fn a_refused_document_goes_back_to_the_coordinator_and_is_not_asked_back() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.said(&document, "02", "Không thuộc thẩm quyền").await;
    let entry = exchange.stands(&petition, "received", "return").await;
    assert_eq!(entry["note"], "UBND phường Võ Cường từ chối tiếp nhận: Không thuộc thẩm quyền");
    assert_eq!(exchange.round().await.sent, Default::default());
    assert_eq!(exchange.messages("?direction=out").await.len(), 1);
}

#[tokio::test]
async fn a_refusal_that_comes_too_late_is_shown_and_moves_nothing() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.town.act("clerk", petition.document, "accept", json!({})).await.expect(200);
    exchange.said(&document, "02", "Sai địa chỉ").await;
    exchange.stands(&petition, "in_progress", "note").await;
    assert_eq!(exchange.came_in("unfitting").await["problem"], "wrong_state");
}

#[tokio::test]
async fn what_is_taken_from_an_agency_is_asked_back() {
    let exchange = Exchange::start().await;
    for how in ["withdraw", "transfer", "return"] {
        let (petition, document) = exchange.sent().await;
        match how {
            "withdraw" => exchange.town.respond(&petition, "withdraw", json!({})).await,
            "transfer" => {
                let body = json!({"agency": OTHER_AGENCY, "reason": "Khác địa bàn"});
                exchange.town.act("clerk", petition.document, "transfer", body).await
            }
            _ => exchange.town.act("clerk", petition.document, "return", json!({"reason": "Nhầm"})).await,
        }
        .expect(200);
        assert_eq!(exchange.round().await.sent.sent, 1, "{how}");
        let recall = exchange.messages("?direction=out").await[0].clone();
        assert_eq!((&recall["kind"], &recall["status_code"]), (&json!("status"), &json!("13")));
        let (name, text) = exchange.files("outbox").into_iter().rfind(|(name, _)| name.starts_with("status-")).unwrap();
        let tree = roxmltree::Document::parse(&text).expect(&name);
        let values = |name: &str| -> Vec<String> {
            let found = tree.descendants().filter(|node| node.tag_name().name() == name);
            found.map(|node| node.text().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(values("StatusCode"), ["13"]);
        assert_eq!(values("DocumentId"), [document.as_str()]);
        assert_eq!(values("OrganId"), ["H05", "H05.14"]);
        let code = if how == "withdraw" { "16" } else { "15" };
        exchange.said(&document, code, "").await;
        let recall = exchange.messages("?direction=out").await[0].clone();
        assert_eq!((&recall["state"], &recall["answered_code"]), (&json!("acknowledged"), &json!(code)));
        // What is still said about it is kept and moves nothing.
        let before = exchange.state_of(&petition).await;
        exchange.said(&document, "03", "").await;
        assert_eq!(exchange.state_of(&petition).await, before);
    }
    assert_eq!(exchange.messages("?state=unfitting").await.len(), 3);
}

#[tokio::test]
async fn what_does_not_fit_is_kept_and_moves_nothing() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    let other = status(&document, "03", "").replace("000.00.14.H05", "H99.01");
    for (number, (text, problem)) in [
        (other, "unknown_sender"),
        (status("H05,2026/03/02,99/PAKN", "03", ""), "unknown_document"),
        (status(&document, "77", ""), "unknown_code"),
        (status(&document, "đã nhận", ""), "unknown_code"),
        (status(&document, "13", ""), "only_the_sender_recalls"),
        (status_at(&document, "15", "", "hôm nay"), "nothing_was_recalled"),
    ]
    .into_iter()
    .enumerate()
    {
        exchange.put(&format!("{number}.xml"), text);
        assert_eq!(exchange.round().await.taken.stored, 1, "{problem}");
        assert_eq!(exchange.messages("?direction=in").await[0]["problem"], problem);
    }
    assert_eq!(exchange.state_of(&petition).await, "assigned");
    assert_eq!(exchange.town.recorded("clerk", &petition).await, ["file"]);
    assert_eq!(exchange.messages("?state=unfitting").await.len(), 6);
}

#[tokio::test]
async fn verify_finds_nothing_wrong_with_what_the_exchange_did() {
    let exchange = Exchange::start().await;
    let (_, accepted) = exchange.sent().await;
    let (_, refused) = exchange.sent().await;
    exchange.said(&accepted, "03", "Đã tiếp nhận").await;
    exchange.said(&refused, "02", "Không").await;
    let mut findings = Vec::new();
    pakn::ops::verify::everything(&exchange.town.app.app.db, &mut |line| {
        if let pakn::ops::verify::ReportLine::Finding(finding) = line {
            findings.push(finding.to_string());
        }
    })
    .await
    .unwrap();
    assert_eq!(findings, Vec::<String>::new());
}
