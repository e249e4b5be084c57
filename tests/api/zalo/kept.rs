//! What is kept of a conversation: nothing of the person in clear, at any moment of it.

use super::{STORY, ZaloTown};
use crate::personal_data::{assert_holds_none_of, dump};
use pakn::jobs;
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
