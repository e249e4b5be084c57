//! Turns of conversations that do not go straight on.

use super::{STORY, ZaloTown};
use chrono::Duration;
use serde_json::{Value, json};

#[tokio::test]
async fn a_draft_is_cancelled_begun_anew_and_forgotten() {
    let zalo = ZaloTown::start().await;
    assert!(zalo.says("1", "huỷ").await[0].contains("Không có phản ánh nào đang soạn"));
    zalo.drafts("1").await;
    assert!(zalo.says("1", "Hủy").await[0].contains("Đã huỷ"));
    assert!(zalo.says("1", "gửi").await[0].contains("Không có phản ánh nào đang soạn"));
    zalo.drafts("1").await;
    assert!(zalo.says("1", "lam lai").await[0].contains("mô tả sự việc"));
    assert!(zalo.says("1", "bỏ qua").await[0].contains("không bỏ qua được"));
    assert!(zalo.says("1", "trợ giúp").await[0].contains("mô tả sự việc"), "help keeps the place");
    // An hour later a reminder, once; an hour after that the draft is gone.
    zalo.town.later(Duration::minutes(60));
    zalo.work().await;
    assert!(zalo.told("1")[0].contains("chưa được gửi"));
    zalo.work().await;
    assert!(zalo.told("1").is_empty());
    zalo.town.later(Duration::minutes(60));
    zalo.work().await;
    assert!(zalo.told("1").is_empty());
    assert!(zalo.says("1", "gửi").await[0].contains("Không có phản ánh nào đang soạn"));
}

#[tokio::test]
async fn whoever_answers_after_the_reminder_goes_on_and_nobody_is_reminded_at_night() {
    let zalo = ZaloTown::start().await;
    zalo.says("1", "phản ánh").await;
    zalo.town.later(Duration::minutes(90));
    zalo.work().await;
    assert_eq!(zalo.told("1").len(), 1);
    assert!(zalo.says("1", STORY).await[0].contains("Sự việc ở đâu?"));
    zalo.town.later(Duration::minutes(59));
    zalo.work().await;
    assert!(zalo.told("1").is_empty());
    zalo.town.at("2026-03-02T23:30:00+07:00");
    zalo.work().await;
    assert!(zalo.told("1").is_empty());
    zalo.town.at("2026-03-03T07:00:00+07:00");
    zalo.work().await;
    assert_eq!(zalo.told("1").len(), 1);
}

#[tokio::test]
async fn communes_are_found_however_they_are_written() {
    let zalo = ZaloTown::start().await;
    zalo.says("1", "phản ánh").await;
    zalo.says("1", STORY).await;
    let told = zalo.says("1", "phường").await;
    assert!(told[0].contains("phường, xã"), "{told:?}");
    // A name that several communes share is asked back.
    let told = zalo.says("1", "Trung").await;
    assert!(told[0].contains("phường, xã nào?") && told[0].contains("1. "), "{told:?}");
    assert!(told[0].lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count() <= 5, "{told:?}");
    assert!(zalo.says("1", "7").await[0].contains("trong danh sách"));
    let told = zalo.says("1", "đường Lý Thái Tổ, P. Võ Cường, TP Bắc Ninh").await;
    assert!(told[0].contains("Địa bàn: Phường Võ Cường"), "{told:?}");
    let told = zalo.says("1", "0").await;
    assert!(told[0].contains("30. ") && told[0].chars().count() < 2000, "{told:?}");
    let told = zalo.says("1", "vỉa hè").await;
    assert!(told[0].contains("ảnh hiện trường"), "{told:?}");
}

#[tokio::test]
async fn a_story_a_place_or_a_photo_begins_a_draft_and_known_people_are_not_asked_again() {
    let zalo = ZaloTown::start().await;
    assert!(zalo.sends_photo("1").await[0].contains("Đã nhận 1 ảnh"));
    zalo.says("1", "huỷ").await;
    let told = zalo.says("1", STORY).await;
    assert!(told[0].contains("Đã ghi nội dung") && told[0].contains("ở đâu"), "{told:?}");
    zalo.says("1", "huỷ").await;
    zalo.files("1").await;
    for text in ["phản ánh", STORY, "phường Võ Cường", "1"] {
        zalo.says("1", text).await;
    }
    let told = zalo.says("1", "bỏ qua").await;
    assert!(told[0].contains("Xin kiểm tra lại") && told[0].contains("Nguyễn Thị Ánh"), "{told:?}");
}

#[tokio::test]
async fn a_photo_that_cannot_be_had_is_told_and_one_that_is_none_too() {
    let zalo = ZaloTown::start().await;
    zalo.says("1", "phản ánh").await;
    let photo = |path: &str| json!({"attachments": [{"payload": {"url": zalo.zalo.url(path)}}]});
    assert!(zalo.does("1", "user_send_image", photo("/page.html")).await[0].contains("không phải là ảnh"));
    assert!(zalo.does("1", "user_send_image", photo("/gone.jpg")).await[0].contains("gửi lại"));
    // Nobody listens there: tried three times, then told.
    let nowhere = json!({"attachments": [{"payload": {"url": "http://127.0.0.1:1/x.jpg"}}]});
    assert!(zalo.does("1", "user_send_image", nowhere).await.is_empty());
    zalo.says("1", STORY).await;
    for _ in 0..2 {
        assert!(zalo.told("1").is_empty());
        zalo.town.later(Duration::minutes(3));
        zalo.work().await;
    }
    let told = zalo.told("1");
    assert_eq!(told.len(), 2, "what was said meanwhile comes after it: {told:?}");
    assert!(told[0].contains("Không tải được ảnh") && told[1].contains("ở đâu"), "{told:?}");
}

#[tokio::test]
async fn our_own_network_is_not_looked_at() {
    let zalo = ZaloTown::start_with(|config| config.webhook_private_addresses = false).await;
    zalo.says("1", "phản ánh").await;
    for url in [zalo.zalo.url("/photo.jpg"), "https://169.254.169.254/x".to_owned(), "file:///etc/passwd".to_owned()] {
        let photo = json!({"attachments": [{"payload": {"url": url}}]});
        assert!(zalo.does("1", "user_send_image", photo).await[0].contains("Không tải được"));
    }
    assert!(zalo.zalo.received("GET /photo.jpg").is_empty());
}

#[tokio::test]
async fn follow_and_unfollow() {
    let zalo = ZaloTown::start().await;
    let event = |name: &str| json!({"event_name": name, "oa_id": "2", "follower": {"id": "1"}, "timestamp": zalo.now_ms()});
    zalo.event(&event("follow")).await.expect(200);
    zalo.work().await;
    assert!(zalo.told("1")[0].starts_with("Xin chào!"));
    let code = zalo.files("1").await;
    zalo.event(&event("unfollow")).await.expect(200);
    zalo.work().await;
    let lines = zalo.town.get("admin", &format!("/admin/outbox?petition={code}")).await.expect(200).body;
    assert_eq!((&lines["items"][0]["channel"], &lines["items"][0]["state"]), (&json!("zalo"), &json!("delivered")));
    let document = zalo.town.get("clerk", "/documents").await["items"][0]["id"].as_i64().unwrap();
    zalo.town.act("clerk", document, "accept", json!({})).await.expect(200);
    zalo.work().await;
    assert_eq!(zalo.told("1"), Vec::<String>::new(), "who left is not written to");
}

#[tokio::test]
async fn one_event_is_handled_once_and_in_order_by_two_instances() {
    let zalo = ZaloTown::start().await;
    for text in ["phản ánh", STORY, "phường Võ Cường", "1", "bỏ qua", "Nguyễn Thị Ánh", "0912345678", "gửi"] {
        zalo.event(&zalo.message("1", "user_send_text", json!({"text": text}))).await.expect(200);
    }
    let app = &zalo.town.app.app;
    let other = pakn::app::App::open((*app.config).clone(), app.clock.clone()).expect("open");
    let (one, two) = tokio::join!(pakn::ops::jobs::run_zalo(app), pakn::ops::jobs::run_zalo(&other));
    one.expect("the database");
    two.expect("the database");
    zalo.work().await;
    let told = zalo.told("1");
    assert_eq!(told.len(), 8, "{told:?}");
    assert!(told[7].contains("đã được tiếp nhận"), "{told:?}");
    let filed: Value = zalo.town.get("clerk", "/documents").await.expect(200).body;
    assert_eq!(filed["items"].as_array().unwrap().len(), 1);
    assert_eq!(zalo.zalo.exchanges(), 1);
    other.close().await;
}

#[tokio::test]
async fn a_question_of_the_agency_is_answered_in_the_conversation() {
    let zalo = ZaloTown::start().await;
    assert!(zalo.says("1", "trả lời ở đầu ngõ").await[0].starts_with("Xin chào!"), "nobody has asked");
    let code = zalo.files("1").await;
    let document = zalo.town.get("clerk", "/documents").await["items"][0]["id"].as_i64().unwrap();
    zalo.town.act("clerk", document, "accept", json!({})).await.expect(200);
    zalo.town.act("handler", document, "ask", json!({"question": "Ở đoạn nào của đường?"})).await.expect(200);
    zalo.work().await;
    let told = zalo.told("1");
    assert!(told[1].contains("Ở đoạn nào của đường?") && told[1].contains("trả lời <nội dung>"), "{told:?}");
    assert!(zalo.says("1", "dạ").await[0].contains(&format!("{code} đang chờ")));
    assert!(zalo.says("1", &format!("tra loi {}", "a".repeat(5001))).await[0].contains("Không chuyển được"));
    assert!(zalo.says("1", "Trả lời: đầu ngõ số 5").await[0].contains("Đã chuyển"));
    let seen = zalo.town.document("clerk", document).await;
    assert_eq!(seen["petition"]["status"], "in_progress");
    let recorded = zalo.town.get("clerk", &format!("/petitions/{code}/timeline?limit=100")).await.expect(200);
    assert!(recorded.text.contains("đầu ngõ số 5"), "{}", recorded.text);
}

#[tokio::test]
async fn what_stands_in_the_wrong_place_is_put_right() {
    let zalo = ZaloTown::start().await;
    zalo.says("1", "phản ánh").await;
    zalo.says("1", "Rác ở đầu ngõ không ai dọn suốt ba ngày").await;
    let told = zalo.says("1", "phường Võ Cường").await;
    assert!(told[0].contains("1. Rác thải, chất thải"), "{told:?}");
    zalo.says("1", "1").await;
    let told = zalo.says("1", "2").await;
    assert!(told[0].contains("bước này nhận ảnh") && told[0].contains("“bỏ qua”"), "{told:?}");
    zalo.says("1", "bỏ qua").await;
    for text in ["0912", "Nguyễn Thị Ánh 12", "123456789012"] {
        let told = zalo.says("1", text).await;
        assert!(told[0].contains("không kèm số điện thoại"), "{text}: {told:?}");
    }
    let told = zalo.says("1", "Nguyễn Thị Ánh, sđt: 0912 345 678").await;
    assert!(told[0].contains("Họ tên: Nguyễn Thị Ánh\n") && told[0].contains("+84912345678"), "{told:?}");
    assert!(told[0].contains("• Nội dung: Rác ở đầu ngõ không ai dọn suốt ba ngày\n"), "{told:?}");
}

#[tokio::test]
async fn suggestions_begin_with_the_words_that_were_written() {
    for (story, first) in [
        ("Rác ở đầu ngõ không ai dọn suốt ba ngày", "Rác thải, chất thải"),
        ("rac o dau ngo khong ai don suot ba ngay", "Rác thải, chất thải"),
        ("Đèn đường ở ngõ 5 tắt đã hai tuần", "Chiếu sáng công cộng"),
        ("Nước ngập cả đường sau mỗi trận mưa", "Thoát nước, ngập úng"),
        ("Chó thả rông đầu làng, trẻ con sợ không dám đi học", "Vật nuôi thả rông"),
    ] {
        let zalo = ZaloTown::start().await;
        zalo.says("1", "phản ánh").await;
        zalo.says("1", story).await;
        let told = zalo.says("1", "phường Võ Cường").await;
        assert!(told[0].contains(&format!("1. {first}")), "{story}: {told:?}");
    }
}
