//! The webhook: what is believed, what is not, and what comes twice.

use super::{APP_ID, OA_SECRET, ZaloTown};
use crate::town::Town;
use chrono::Duration;
use pakn::integrations::zalo::intake::signature;
use serde_json::json;

#[tokio::test]
async fn only_what_is_signed_is_believed() {
    let zalo = ZaloTown::start().await;
    let event = zalo.message("1", "user_send_text", json!({"text": "Xin chào"}));
    let (body, time) = (event.to_string(), zalo.now_ms());
    let mac = signature(APP_ID, body.as_bytes(), &time, OA_SECRET);
    for wrong in [
        None,
        Some(String::new()),
        Some("mac=".to_owned()),
        Some(format!("mac={}", "0".repeat(64))),
        Some(signature(APP_ID, body.as_bytes(), &time, "another secret")),
        Some(format!("mac={mac}0")),
    ] {
        zalo.post(&body, wrong.as_deref()).await.expect_problem(401, "zalo_signature_wrong");
    }
    let changed = body.replace("Xin chào", "Xin chao");
    zalo.post(&changed, Some(&mac)).await.expect_problem(401, "zalo_signature_wrong");
    zalo.work().await;
    assert!(zalo.told("1").is_empty());
    assert_eq!(zalo.post(&body, Some(&mac.to_uppercase())).await.expect(200).body, json!({"taken": true}));
    zalo.work().await;
    assert_eq!(zalo.told("1").len(), 1);
}

#[tokio::test]
async fn what_is_too_old_or_to_come_is_refused_and_what_comes_again_is_handled_once() {
    let zalo = ZaloTown::start().await;
    let event = zalo.message("1", "user_send_text", json!({"text": "Xin chào"}));
    zalo.town.later(Duration::hours(12));
    assert_eq!(zalo.event(&event).await.expect(200).body, json!({"taken": true}));
    for _ in 0..3 {
        assert_eq!(zalo.event(&event).await.expect(200).body, json!({"taken": false}));
    }
    zalo.work().await;
    assert_eq!(zalo.event(&event).await.expect(200).body, json!({"taken": false}));
    zalo.work().await;
    assert_eq!(zalo.told("1").len(), 1);
    zalo.town.later(Duration::milliseconds(1));
    assert_eq!(zalo.event(&event).await.wrong_fields(), ["timestamp=out_of_range"]);
    let to_come = zalo.message("1", "user_send_text", json!({"text": "Xin chào"}));
    zalo.town.later(-Duration::minutes(6));
    assert_eq!(zalo.event(&to_come).await.wrong_fields(), ["timestamp=out_of_range"]);
    for wrong in ["", "hôm qua", "-1", "99999999999999999999"] {
        let mut event = zalo.message("1", "user_send_text", json!({"text": "Xin chào"}));
        event["timestamp"] = json!(wrong);
        let fields = zalo.event(&event).await.wrong_fields();
        assert!(fields == ["timestamp=out_of_range"] || fields == ["timestamp=required"], "{wrong}: {fields:?}");
    }
}

#[tokio::test]
async fn what_is_no_event_is_refused_with_its_reason() {
    let zalo = ZaloTown::start().await;
    zalo.post(&" ".repeat(5 * 1024 * 1024), Some("mac=0")).await.expect_problem(413, "body_too_large");
    zalo.post("", Some("mac=0")).await.expect_problem(400, "malformed_json");
    zalo.post("{\"event_name\":", Some("mac=0")).await.expect_problem(400, "malformed_json");
    zalo.post(&"[".repeat(100_000), Some("mac=0")).await.expect_problem(400, "malformed_json");
    assert_eq!(zalo.post("[]", Some("mac=0")).await.wrong_fields(), ["timestamp=required"]);
    let time = zalo.now_ms();
    assert_eq!(zalo.event(&json!({"timestamp": time})).await.wrong_fields(), ["event_name=required"]);
    let long = json!({"timestamp": time, "event_name": "user_send_text", "sender": {"id": "9".repeat(65)}});
    assert_eq!(zalo.event(&long).await.wrong_fields(), ["sender.id=too_long"]);
    // Kinds that are not known, and those that name nobody, are taken politely.
    for event in [
        json!({"timestamp": time, "event_name": "something_new", "sender": {"id": "1"}}),
        json!({"timestamp": time, "event_name": "user_send_text", "message": {"text": "ai đó"}}),
        json!({"timestamp": time, "event_name": "anonymous_send_text", "sender": {"id": "1"}, "message": {"text": "ai đó"}}),
        json!({"timestamp": time, "event_name": "user_send_group_text", "sender": {"id": "1"}, "message": {"text": "ai đó"}}),
        json!({"timestamp": time, "event_name": "oa_send_text", "sender": {"id": "2"}, "message": {"text": "ai đó"}}),
        json!({"timestamp": time, "event_name": "user_send_text", "sender": {"id": "1"}, "message": "?"}),
    ] {
        assert_eq!(zalo.event(&event).await.expect(200).body, json!({"taken": false}), "{event}");
    }
    for (name, message) in [
        ("user_send_image", json!({"attachments": "?"})),
        ("user_send_image", json!({"attachments": [{"payload": {"url": 5}}]})),
        ("user_send_location", json!({"attachments": [{"payload": {"coordinates": {"latitude": "bắc", "longitude": "đông"}}}]})),
        ("user_send_audio", json!({})),
    ] {
        let told = zalo.does("1", name, message).await;
        assert!(told.len() == 1 && told[0].contains("ảnh"), "{name}: {told:?}");
    }
    let far = json!({"attachments": [{"payload": {"coordinates": {"latitude": "NaN", "longitude": "1e400"}}}]});
    assert!(zalo.does("1", "user_send_location", far).await[0].contains("ngoài địa bàn"));
    assert_eq!(zalo.status().await["events_dead"], 0);
}

#[tokio::test]
async fn without_settings_nothing_is_open() {
    let town = Town::start().await;
    for (method, path) in
        [("POST", "/channels/zalo/webhook"), ("POST", "/auth/zalo"), ("GET", "/channels/zalo/authorised?code=a&oa_id=b&state=c")]
    {
        let request = town.app.request(method.parse().unwrap(), path);
        let request = if method == "POST" { request.json(&json!({"access_token": "x"})) } else { request };
        request.send().await.expect_problem(404, "zalo_not_set_up");
    }
    town.get("admin", "/admin/zalo").await.expect_problem(404, "zalo_not_set_up");
    town.post("admin", "/admin/zalo/authorisation", &json!({})).await.expect_problem(404, "zalo_not_set_up");
    let body = json!({"access_token": "x", "code": "y"});
    town.post("owner@example.vn", "/me/zalo/phone", &body).await.expect_problem(404, "zalo_not_set_up");
}
