//! What everybody may read: published petitions, moderated, without persons.

use crate::town::{Petition, Town, form_with};
use chrono::Duration;
use serde_json::{Value, json};

/// Files, answers and thereby publishes.
async fn published(town: &Town, changes: Value) -> Petition {
    let petition = town.file(&form_with(changes)).await;
    town.bring_to(&petition, "answered").await;
    town.later(Duration::minutes(1));
    petition
}

fn codes(list: &crate::app::Answered) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn only_answered_petitions_are_public() {
    let town = Town::start().await;
    for state in ["received", "assigned", "in_progress", "awaiting_approval", "refused", "withdrawn", "duplicate"] {
        let petition = town.filed(state).await;
        let read = town.get("", &format!("/public/petitions/{}", petition.code)).await;
        read.expect_problem(404, "petition_not_found");
    }
    let answered = town.filed("answered").await;
    assert_eq!(codes(&town.get("", "/public/petitions").await.expect(200)), [answered.code]);
}

#[tokio::test]
async fn no_person_and_no_exact_place_is_public() {
    let town = Town::start().await;
    let petition = published(
        &town,
        json!({
            "title": "Rác cạnh nhà 0912345678",
            "content": "Tôi là NGUYEN VAN AN. Liên hệ an.nguyen@example.vn hoặc +84 912 345 678, CCCD 027090001234. Ngày 12/3 lúc 8:30.",
        }),
    )
    .await;
    town.respond(&petition, "rating", json!({"score": 2, "comment": "Gọi tôi 0987654321"})).await.expect(200);
    let public = town.get("", &format!("/public/petitions/{}", petition.code)).await.expect(200);
    assert_eq!(public["title"], "Rác cạnh nhà […]");
    assert_eq!(public["content"], "Tôi là […]. Liên hệ […] hoặc +[…], CCCD […]. Ngày 12/3 lúc 8:30.");
    assert_eq!(public["location"], json!({"latitude": 21.186, "longitude": 106.077}));
    assert_eq!((&public["rating"], &public["commune"]["code"]), (&json!(2), &json!("09190")));
    let list = town.get("", "/public/petitions").await.expect(200);
    for text in [&public.text, &list.text] {
        for secret in ["0912", "0987", "345 678", "example.vn", "0270", "An", "21.1861", "Lý Thái Tổ", "Gọi tôi"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let fields: Vec<&String> = public.body.as_object().unwrap().keys().collect();
    for field in fields {
        assert!(
            [
                "code",
                "title",
                "content",
                "category",
                "commune",
                "location",
                "public_status",
                "received_at",
                "answer",
                "outcome",
                "answered_at",
                "rating",
                "attachments"
            ]
            .contains(&field.as_str()),
            "{field} is not said to be public"
        );
    }
}

#[tokio::test]
async fn petitions_are_found_by_words_category_and_place() {
    let town = Town::start().await;
    let garbage = published(&town, json!({"title": "Rác thải tồn đọng"})).await.code;
    let bridge =
        town.file(&form_with(json!({"title": "Cầu Đáp Cầu hư hỏng", "category": "rac-thai-chat-thai", "area": "09190"}))).await;
    town.bring_to(&bridge, "answered").await;
    let bridge = bridge.code;
    let found = async |query: &str| codes(&town.get("", &format!("/public/petitions?{query}")).await.expect(200));
    assert_eq!(found("").await, [bridge.clone(), garbage.clone()], "newest answer first");
    assert_eq!(found("q=dap%20cau").await, std::slice::from_ref(&bridge));
    assert_eq!(found("q=%C4%90%C3%81P%20c%E1%BA%A7u").await, std::slice::from_ref(&bridge));
    assert_eq!(found("q=rac%20ton").await, [bridge.clone(), garbage.clone()], "in the title or in the content");
    assert_eq!(found("q=%25").await, Vec::<String>::new(), "a sign of the database is a word like any other");
    assert_eq!(found("area=256").await.len(), 2, "the town around the ward");
    assert_eq!(found("area=09187").await.len(), 0);
    assert_eq!(found("category=rac-thai-chat-thai&area=27").await.len(), 2);
    assert_eq!(found("category=duong-giao-thong").await.len(), 0);
    for (query, wrong) in [
        ("category=nix", "category=unknown_code"),
        ("area=nix", "area=unknown_code"),
        ("status=answered", "status=unknown_field"),
        ("cursor=nix", "cursor=foreign_cursor"),
    ] {
        assert_eq!(town.get("", &format!("/public/petitions?{query}")).await.wrong_fields(), [wrong]);
    }
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_more_is_published() {
    let town = Town::start().await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.insert(0, published(&town, json!({})).await.code);
    }
    let first = town.get("", "/public/petitions?limit=2").await.expect(200);
    let mut seen = codes(&first);
    let mut next = first["next_cursor"].clone();
    published(&town, json!({})).await;
    while let Some(cursor) = next.as_str() {
        let page = town.get("", &format!("/public/petitions?limit=2&cursor={cursor}")).await.expect(200);
        seen.extend(codes(&page));
        next = page["next_cursor"].clone();
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn names_come_in_english_where_they_are_known() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    let request = town.app.get(&format!("/public/petitions/{}", petition.code)).header("accept-language", "en");
    assert_eq!(request.send().await.expect(200)["category"]["name"], "Garbage and waste");
}
