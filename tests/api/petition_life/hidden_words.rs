//! Words that tell of somebody who hides: read by nobody in an agency, and found by nobody who looks for them.

use crate::town::{OTHER_AGENCY, Town, form_with};
use pakn::personal::{DataSubject, ErasureOutcome, erase};
use serde_json::{Value, json};

const CONTENT: &str = "Đèn đường hỏng. Tôi là Vương Quốc Tuấn, số 0987.261.164, nhà Số 15 ngõ Hoa Sữa.";
/// What nobody may learn, in any spelling.
const SECRETS: [&str; 6] = ["Vương Quốc Tuấn", "0987.261.164", "Hoa Sữa", "0987261164", "Quốc Tuấn", "261"];

fn hidden() -> Value {
    form_with(json!({
        "title": "Đèn hỏng trước nhà Quốc Tuấn",
        "content": CONTENT,
        "hide_identity": true,
        "location": {"latitude": 21.187_654, "longitude": 106.071_234, "address": "Số 15 ngõ Hoa Sữa"},
        "petitioner": {"kind": "citizen", "full_name": "Ông Vương Quốc Tuấn - tổ 5", "phone": "0987261164"},
    }))
}

async fn found(town: &Town, who: &str, words: &str) -> usize {
    let answer = town.get(who, &format!("/documents?q={words}")).await.expect(200);
    answer["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_search_finds_only_what_the_officer_can_read() {
    let town = Town::start().await;
    let petition = town.file(&hidden()).await;
    for words in ["den duong", "hong", "đèn hỏng"] {
        assert_eq!(found(&town, "clerk", words).await, 1, "{words}");
    }
    let guesses = ["0987", "261", "0987.261", "tuan", "vuong", "Vương Quốc Tuấn", "hoa sua", "ngo", "quoc"];
    for words in guesses {
        assert_eq!(found(&town, "clerk", words).await, 0, "{words}");
    }
    let on = json!({"agency": OTHER_AGENCY, "reason": "Thuộc địa bàn khác"});
    town.act("clerk", petition.document, "transfer", on).await.expect(200);
    for words in guesses {
        assert_eq!((found(&town, "clerk", words).await, found(&town, "elsewhere", words).await), (0, 0), "{words}");
    }
}

#[tokio::test]
async fn a_page_of_hits_is_full_although_others_hide() {
    let town = Town::start().await;
    for number in 0..12 {
        let open = form_with(json!({"content": format!("Tuấn báo đèn hỏng số {number} ở đầu ngõ.")}));
        town.file(&if number % 2 == 0 { hidden() } else { open }).await;
    }
    let (mut seen, mut path) = (0, "/documents?q=tuan&limit=2".to_owned());
    loop {
        let page = town.get("clerk", &path).await.expect(200);
        let items = page["items"].as_array().unwrap().len();
        seen += items;
        let Some(cursor) = page["next"].as_str().or(page["next_cursor"].as_str()) else { break };
        assert_eq!(items, 2, "{}", page.text);
        path = format!("/documents?q=tuan&limit=2&cursor={cursor}");
    }
    assert_eq!(seen, 6);
}

#[tokio::test]
async fn whoever_approves_sees_the_public_version_and_not_the_person() {
    let town = Town::start().await;
    let petition = town.file(&hidden()).await;
    for who in ["clerk", "handler", "leader"] {
        let seen = town.get(who, &format!("/documents/{}/publication", petition.document)).await.expect(200);
        for secret in SECRETS {
            assert!(!seen.text.contains(secret), "{secret} for {who}: {}", seen.text);
        }
        assert!(seen["content"]["source"].as_str().unwrap().starts_with("Đèn đường hỏng."), "{}", seen.text);
        assert_eq!(seen["content"]["is_changed"], false);
    }
    let whole = town.get("coordinator", &format!("/coordination/{}/publication", petition.code)).await.expect(200);
    assert_eq!(whole["content"]["source"], CONTENT);
}

#[tokio::test]
async fn an_administrator_does_not_find_them_by_trying_rules() {
    let town = Town::start().await;
    town.file(&hidden()).await;
    for (words, moved) in [("đèn đường", 1), ("0987.261.164", 0), ("Vương Quốc Tuấn", 0)] {
        let rules = json!([{"conditions": {"words": [words]}, "target": {"agency": OTHER_AGENCY}},
            {"conditions": {}, "target": {"agency": crate::town::AGENCY}}]);
        let body = json!({"from": "2026-03-01", "to": "2026-03-03", "rules": rules});
        let report = town.post("admin", "/admin/routing-rules/dry-run", &body).await.expect(200);
        let there = report["examples"].as_array().unwrap().iter().filter(|example| example["to"] == OTHER_AGENCY).count();
        assert_eq!(there, moved, "{words}: {}", report.text);
    }
}

#[tokio::test]
async fn others_who_mention_somebody_keep_a_right_publication_when_they_are_erased() {
    let town = Town::start().await;
    let own = town.file(&hidden()).await;
    town.bring_to(&own, "closed").await;
    let mention = "Hỏi hàng xóm là Vương Quốc Tuấn ở Số 15 ngõ Hoa Sữa, gọi (0987) 261.164 nhé, đèn vẫn hỏng.";
    let other = town.file(&form_with(json!({"content": mention}))).await;
    town.bring_to(&other, "answered").await;
    let erased = erase(&town.app.app, &DataSubject::read("0987261164").unwrap()).await.unwrap();
    assert_eq!(erased, ErasureOutcome::Done(0, 1, 0));
    let secrets = SECRETS.map(str::to_owned);
    crate::personal_data::assert_holds_none_of(&crate::personal_data::dump(&town.app.app), &secrets[..4]);
    let read = town.get("", &format!("/public/petitions/{}", other.code)).await.expect(200);
    assert!(read.text.contains("đèn vẫn hỏng") && read.text.contains("gọi […] nhé"), "{}", read.text);
    assert_eq!(crate::verify::report(&town.app).await.0, Vec::<String>::new());
}
