//! A conversation from the first message to the rating, played whole; `--nocapture` shows it.

use super::{ZaloTown, code_in};
use crate::town::Petition;
use serde_json::{Value, json};

/// The vector of docs/integrations/zalo.md, byte for byte.
const VECTOR: &str = r#"{"app_id":"1234567890","event_name":"user_send_text","sender":{"id":"1"},"recipient":{"id":"2"},"message":{"msg_id":"m1","text":"Xin chào"},"timestamp":"1700000000000"}"#;
const VECTOR_MAC: &str = "12d8a1fa5945a69f3a0f3fa5f316c2ef59945cb01dd77b84facc0ecd4642fb50";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a conversation is read from its beginning to its end")]
async fn from_the_first_message_to_the_rating() {
    let zalo = ZaloTown::start().await;
    // The moment of the vector: a person is awake at ten past five, and told at once.
    zalo.town.at("2023-11-15T05:13:25+07:00");
    println!("{:>6}: Xin chào", "1");
    zalo.post(VECTOR, Some(&format!("mac={VECTOR_MAC}"))).await.expect(200);
    zalo.work().await;
    let [greeting] = &zalo.told("1")[..] else { panic!("one greeting") };
    assert!(greeting.starts_with("Xin chào!") && greeting.contains("“phản ánh”"), "{greeting}");
    // The same again, as Zalo sends it when an answer was lost.
    assert_eq!(zalo.post(VECTOR, Some(VECTOR_MAC)).await.expect(200).body, json!({"taken": false}));
    zalo.work().await;
    assert!(zalo.told("1").is_empty());

    let expect = |told: Vec<String>, words: &str| {
        let [only] = &told[..] else { panic!("one message with {words}: {told:?}") };
        assert!(only.contains(words), "{words} in {only}");
        only.clone()
    };
    expect(zalo.says("1", "Phản ánh").await, "mô tả sự việc");
    expect(zalo.says("1", "rác").await, "từ 10 đến 5000 ký tự");
    expect(zalo.says("1", "Rác thải tồn đọng ba ngày ở đầu ngõ, mùi hôi thối.").await, "Sự việc ở đâu?");
    println!("     1: [vị trí 21.18, 106.07]");
    let place =
        json!({"attachments": [{"type": "location", "payload": {"coordinates": {"latitude": "21.18", "longitude": "106.07"}}}]});
    expect(zalo.does("1", "user_send_location", place).await, "Đã ghi vị trí");
    expect(zalo.says("1", "an nhon").await, "Chưa tìm thấy");
    let asked = expect(zalo.says("1", "vo cuong").await, "Phường Võ Cường");
    assert!(asked.contains("1. Rác thải, chất thải") && asked.contains("0. Lĩnh vực khác"), "{asked}");
    expect(zalo.says("1", "9").await, "một số trong danh sách");
    expect(zalo.says("1", "1").await, "gửi ảnh hiện trường");
    println!("     1: [nhãn dán]");
    expect(zalo.does("1", "user_send_sticker", json!({})).await, "chỉ đọc được chữ, ảnh và vị trí");
    expect(zalo.sends_photo("1").await, "Đã nhận 1 ảnh");
    expect(zalo.says("1", "xong").await, "họ và tên");
    expect(zalo.says("1", "Nguyễn Thị Ánh").await, "số điện thoại");
    expect(zalo.says("1", "12345").await, "chưa đúng");
    let summary = expect(zalo.says("1", "0912 345 678").await, "Xin kiểm tra lại");
    for words in ["Rác thải tồn đọng", "Phường Võ Cường", "Số ảnh: 1", "Nguyễn Thị Ánh", "+84912345678", "“gửi”"]
    {
        assert!(summary.contains(words), "{words} in {summary}");
    }

    let receipt = expect(zalo.says("1", "GUI").await, "đã được tiếp nhận");
    let code = code_in(&receipt);
    for words in ["phường Võ Cường", "Hạn trả lời:", &format!("https://pakn.bacninh.gov.vn/petitions/{code}")] {
        assert!(receipt.contains(words), "{words} in {receipt}");
    }
    expect(zalo.says("1", &format!("tra cuu {}", code.to_lowercase().replace('-', ""))).await, "đã chuyển cơ quan xử lý");
    expect(zalo.says("1", "Hồ sơ của tôi").await, &code);
    expect(zalo.says("777", &format!("tra cứu {code}")).await, "Không tìm thấy");

    zalo.town.at("2023-11-15T09:00:00+07:00");
    let inbox = zalo.town.get("clerk", "/documents").await.expect(200).body;
    let document = &inbox["items"][0];
    let petition = Petition {
        code: code.clone(),
        tracking: String::new(),
        document: document["id"].as_i64().unwrap(),
        receipt: Value::Null,
    };
    let seen = zalo.town.document("clerk", petition.document).await["petition"].clone();
    assert_eq!((&seen["channel"], &seen["attachments"].as_array().unwrap().len()), (&json!("zalo"), &1));
    zalo.town.bring_to(&petition, "answered").await;
    zalo.work().await;
    let told = zalo.told("1");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("đã bắt đầu xử lý") && told[1].contains("Đã thu gom rác trong ngày."), "{told:?}");
    assert!(told[1].contains("một số từ 1 (rất không hài lòng) đến 5"), "{told:?}");

    expect(zalo.says("1", "2").await, "lý do");
    expect(zalo.says("1", "Vẫn còn mùi hôi.").await, "Cảm ơn");
    let rated = zalo.town.document("clerk", petition.document).await["petition"].clone();
    assert_eq!((&rated["answer"]["score"], &rated["answer"]["comment"]), (&json!(2), &json!("Vẫn còn mùi hôi.")));
    expect(zalo.says("1", "5").await, "Xin chào!");
    let status = zalo.status().await;
    assert_eq!(
        (&status["state"], &status["events_waiting"], &status["replies_dead"]),
        (&json!("connected"), &json!(0), &json!(0))
    );
}
