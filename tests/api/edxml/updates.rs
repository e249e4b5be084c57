//! What a petitioner adds to a document that was sent follows it, and nobody is told more than before.

use super::{Exchange, status};
use crate::town::draft;
use pakn::integrations::edoc::rules::edxml::message::{EdxmlDocument, EdxmlMessage};
use pakn::integrations::edoc::rules::edxml::signature::SignatureKeys;
use pakn::integrations::edoc::rules::edxml::{EdxmlLimits, read};
use serde_json::json;

impl Exchange {
    /// The document that was sent last.
    fn last_sent(&self) -> EdxmlDocument {
        let (_, text) = self.files("outbox").into_iter().rfind(|(name, _)| name.starts_with("edoc-")).expect("a document");
        let received = read(text.as_bytes(), EdxmlLimits::default(), &SignatureKeys::default()).expect("readable");
        let EdxmlMessage::Document(document) = received.message else { panic!("a document") };
        *document
    }
}

#[tokio::test]
async fn a_reply_of_the_petitioner_follows_as_an_update() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.put("1.xml", status(&document, "03", ""));
    exchange.round().await;
    exchange.town.act("handler", petition.document, "ask", json!({"question": "Ở đoạn nào?"})).await.expect(200);
    assert_eq!(exchange.round().await.sent, Default::default(), "a question is between us and the petitioner");
    exchange.town.respond(&petition, "reply", json!({"text": "Ngõ 12, cạnh trường học"})).await.expect(200);
    assert_eq!(exchange.round().await.sent.sent, 1);
    let update = exchange.last_sent();
    assert_eq!((update.document_id.as_str(), update.business_type), (document.as_str(), 2));
    assert!(update.content.unwrap().contains("bổ sung lúc 08:00 ngày 02/03/2026:\nNgõ 12, cạnh trường học"));
    assert_eq!(exchange.messages("?state=sent").await.len(), 1);
    // A status names the document and so acknowledges both.
    exchange.put("2.xml", super::status_at(&document, "05", "", "2026/03/02 11:00:00"));
    exchange.round().await;
    assert_eq!(exchange.messages("?direction=out&state=acknowledged").await.len(), 2);
}

#[tokio::test]
async fn who_agrees_later_to_be_known_follows_as_an_update() {
    let exchange = Exchange::start().await;
    let petition = exchange.town.file(&crate::town::form_with(json!({"hide_identity": true}))).await;
    exchange.round().await;
    let first = exchange.last_sent().content.unwrap();
    assert!(first.contains("đề nghị giữ kín danh tính") && !first.contains("Nguyễn Văn An"), "{first}");
    exchange.town.respond(&petition, "identity", json!({"hide_identity": false})).await.expect(200);
    assert_eq!(exchange.round().await.sent.sent, 1);
    let update = exchange.last_sent();
    assert_eq!(update.business_type, 2);
    assert!(update.content.unwrap().contains("Người phản ánh: Nguyễn Văn An"));
    // Hiding again cannot take back what was sent, and tells nothing new.
    exchange.town.respond(&petition, "identity", json!({"hide_identity": true})).await.expect(200);
    assert_eq!(exchange.round().await.sent, Default::default());
}

#[tokio::test]
async fn a_petition_that_is_opened_again_follows_as_an_update() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    for (who, action, body) in [
        ("clerk", "accept", json!({})),
        ("handler", "draft", draft()),
        ("handler", "submit", json!({})),
        ("leader", "approve", json!({})),
    ] {
        exchange.town.act(who, petition.document, action, body).await.expect(200);
    }
    exchange.town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy như cũ"})).await.expect(200);
    assert_eq!(exchange.round().await.sent, Default::default(), "nobody has decided yet");
    exchange.town.act("leader", petition.document, "grant_reopening", json!({})).await.expect(200);
    assert_eq!(exchange.round().await.sent.sent, 1);
    let update = exchange.last_sent();
    assert_eq!((update.document_id.as_str(), update.business_type), (document.as_str(), 2));
    assert!(update.content.unwrap().contains("Rác lại đầy như cũ"));
}

#[tokio::test]
async fn an_update_is_not_sent_after_its_document_has_left_and_is_asked_back_once() {
    let exchange = Exchange::start().await;
    let (petition, _) = exchange.sent().await;
    exchange.town.act("clerk", petition.document, "accept", json!({})).await.expect(200);
    exchange.town.act("handler", petition.document, "ask", json!({"question": "Ở đâu?"})).await.expect(200);
    exchange.town.respond(&petition, "reply", json!({"text": "Ngõ 12"})).await.expect(200);
    exchange.town.respond(&petition, "withdraw", json!({})).await.expect(200);
    assert_eq!(exchange.round().await.sent.sent, 1, "the recall and nothing else");
    let out = exchange.messages("?direction=out").await;
    let states: Vec<_> =
        out.iter().map(|message| (message["kind"].as_str().unwrap(), message["state"].as_str().unwrap())).collect();
    assert_eq!(states, [("status", "sent"), ("document", "cancelled"), ("document", "sent")]);
}
