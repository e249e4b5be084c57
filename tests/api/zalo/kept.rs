//! What is kept of a conversation: nothing of the person in clear, at any moment of it.

use super::{STORY, ZaloTown};
use crate::personal_data::{assert_holds_none_of, dump};
use pakn::ops::jobs;
use pakn::personal::{DataSubject, ErasureOutcome, erase, export};
use serde_json::json;

#[tokio::test]
async fn no_moment_of_a_conversation_lies_in_clear() {
    let zalo = ZaloTown::start().await;
    zalo.town.at("2023-03-06T09:00:00+07:00");
    let place = json!({"attachments": [{"type": "location", "payload": {"coordinates": {"latitude": "21.187654", "longitude": "106.076543"}}}]});
    let secrets = ["Trần Quỳnh Hương", "987654321", "987 654 321", "21.1876", "106.0765"].map(str::to_owned);
    zalo.says("7", "phản ánh").await;
    zalo.says("7", STORY).await;
    zalo.does("7", "user_send_location", place).await;
    for text in ["phường Võ Cường", "1", "bỏ qua", "Trần Quỳnh Hương", "0987 654 321"] {
        // The event lies there, then its answer does, then both were handled.
        let event = zalo.message("7", "user_send_text", json!({"text": text}));
        zalo.event(&event).await.expect(200);
        assert_holds_none_of(&dump(&zalo.town.app.app), &secrets);
        jobs::run_zalo(&zalo.town.app.app).await.expect("the database");
        assert_holds_none_of(&dump(&zalo.town.app.app), &secrets);
        zalo.work().await;
        assert_holds_none_of(&dump(&zalo.town.app.app), &secrets);
    }
    zalo.told("7");
    let receipt = zalo.says("7", "gửi").await;
    assert!(receipt.last().is_some_and(|text| text.contains("BN2")), "{receipt:?}");
    assert_holds_none_of(&dump(&zalo.town.app.app), &secrets);
}

#[tokio::test]
async fn nothing_is_left_of_a_conversation_with_somebody_who_is_erased() {
    let zalo = ZaloTown::start().await;
    let secrets = ["Trần Quỳnh Hương", "tran quynh huong", "987654321", "987 654 321", "987.654.321"].map(str::to_owned);
    let story = "Rác tồn đọng ba ngày trước nhà Trần Quỳnh Hương, gọi 0987.654.321.";
    for text in ["phản ánh", story, "phường Võ Cường", "1", "bỏ qua", "Trần Quỳnh Hương", "0987 654 321"] {
        zalo.says("7", text).await;
    }
    let code = super::code_in(zalo.says("7", "gửi").await.last().expect("the receipt"));
    let town = &zalo.town;
    let inbox = town.get("clerk", "/documents").await.expect(200);
    assert_eq!(inbox["items"][0]["code"], json!(code));
    let document = inbox["items"][0]["id"].as_i64().unwrap();
    let (note, question) = ("Chị TRAN QUYNH HUONG (0987 654 321) đã hẹn.", "Có phải Trần Quỳnh Hương, 0987.654.321?");
    town.act("clerk", document, "accept", json!({})).await.expect(200);
    town.act("handler", document, "note", json!({"text": note})).await.expect(200);
    town.act("handler", document, "ask", json!({"question": question})).await.expect(200);
    zalo.work().await;
    zalo.says("7", "Dạ, tôi là Trần Quỳnh Hương, 0987 654 321.").await;
    zalo.says("7", "Trả lời: đúng, tôi là Trần Quỳnh Hương, 0987 654 321.").await;
    town.act("handler", document, "draft", json!({"content": note, "outcome": "resolved"})).await.expect(200);
    town.act("handler", document, "submit", json!({})).await.expect(200);
    town.act("leader", document, "approve", json!({})).await.expect(200);
    zalo.work().await;
    let subject = DataSubject::read("0987654321").unwrap();
    assert_eq!(erase(&town.app.app, &subject).await.unwrap(), ErasureOutcome::Done(0, 1, 1));
    assert_holds_none_of(&dump(&town.app.app), &secrets);
    let left = export(&town.app.app, &subject).await.unwrap();
    assert_eq!(left, json!({"account": null, "petitions": [], "zalo": []}));
    assert_eq!(crate::verify::report(&town.app).await.0, Vec::<String>::new());
}
