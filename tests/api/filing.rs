//! Filing: who may, how, and what comes back.

mod bad_input;
mod repeated;
mod worked;

use crate::town::{AGENCY, OWNER, Town, form, form_of_account, form_with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_guest_files_and_gets_a_code_and_a_token() {
    let town = Town::start().await;
    let filed = town.post("", "/petitions", &form()).await.expect(201);
    let code = filed.text_of("/code");
    assert_eq!(filed.header("location"), format!("/api/v1/petitions/{code}"));
    assert!(code.starts_with("BN26-") && code.len() == 13, "{code}");
    assert!(filed.text_of("/tracking_token").len() >= 20);
    assert_eq!(
        (&filed["status"], &filed["public_status"], &filed["version"]),
        (&json!("assigned"), &json!("pending"), &json!(1))
    );
    assert_eq!(filed["category"], json!({"code": "rac-thai-chat-thai", "name": "Rác thải, chất thải"}));
    assert_eq!(filed["area"], json!({"code": "09190", "name": "Phường Võ Cường"}));
    for secret in ["Nguyễn Văn An", "912345678", "an@example.vn", "21.186"] {
        assert!(!filed.text.contains(secret), "{secret} comes back in {}", filed.text);
    }
}

#[tokio::test]
async fn the_token_of_a_guest_opens_that_petition_and_no_other() {
    let town = Town::start().await;
    let (mine, other) = (town.file(&form()).await, town.file(&form()).await);
    assert_eq!(town.read(&mine).await["title"], "Rác thải tồn đọng");
    let path = format!("/petitions/{}", other.code);
    for token in [mine.tracking.as_str(), "nix"] {
        let read = town.app.get(&path).header("x-tracking-token", token).send().await;
        read.expect_problem(404, "petition_not_found");
    }
    town.get("", &path).await.expect_problem(404, "petition_not_found");
    assert!(!town.read(&mine).await.to_string().contains(&mine.tracking), "the token is shown once");
}

#[tokio::test]
async fn a_citizen_files_with_the_data_of_the_account() {
    let town = Town::start().await;
    let petition = town.file_as(OWNER, &form_of_account()).await;
    assert_eq!(petition.tracking, "", "an account needs no token");
    let read = town.get(OWNER, &format!("/petitions/{}", petition.code)).await.expect(200);
    assert_eq!((&read["petitioner_kind"], &read["channel"]), (&json!("citizen"), &json!("mobile")));
    town.get("other@example.vn", &format!("/petitions/{}", petition.code)).await.expect_problem(404, "petition_not_found");
    let person = town.get("clerk", &format!("/documents/{}/petitioner", petition.document)).await.expect(200);
    assert_eq!((&person["full_name"], &person["email"]), (&json!("Trần Thị Bình"), &json!(OWNER)));
}

#[tokio::test]
async fn a_business_files_with_or_without_an_account() {
    let town = Town::start().await;
    let mut form = form_of_account();
    form["kind"] = json!("business");
    let petition = town.file_as("company@example.vn", &form).await;
    let person = town.get("clerk", &format!("/documents/{}/petitioner", petition.document)).await.expect(200);
    assert_eq!((&person["kind"], &person["tax_code"]), (&json!("business"), &json!("0100233488")));
    let guest = json!({"kind": "business", "full_name": "Lê Thị Chi", "company_name": "Công ty Gốm", "tax_code": "0100233488"});
    let petition = town.file(&form_with(json!({"kind": "business", "petitioner": guest}))).await;
    assert_eq!(town.read(&petition).await["petitioner_kind"], "business");
}

#[tokio::test]
async fn an_officer_files_for_somebody_at_the_counter() {
    let town = Town::start().await;
    let petition = town.file_as("clerk", &form_with(json!({"channel": "counter"}))).await;
    assert!(!petition.tracking.is_empty(), "for the slip that the petitioner takes home");
    let timeline = town.get("clerk", &format!("/petitions/{}/timeline", petition.code)).await.expect(200);
    assert_eq!((&timeline["items"][0]["action"], &timeline["items"][0]["actor"]), (&json!("file"), &json!("officer")));
    let person = town.get("clerk", &format!("/documents/{}/petitioner", petition.document)).await.expect(200);
    assert_eq!(person["full_name"], "Nguyễn Văn An");
    town.respond(&petition, "withdraw", json!({})).await.expect(200);
}

#[tokio::test]
async fn a_petition_needs_little() {
    let town = Town::start().await;
    let least = json!({"title": "Rác thải", "content": "Rác đầy ngõ", "category": "rac-thai-chat-thai", "area": "09190"});
    let petition = town.file(&least).await;
    let read = town.read(&petition).await;
    for (field, usual) in [
        ("kind", json!("field")),
        ("channel", json!("web")),
        ("urgency", json!("normal")),
        ("petitioner_kind", json!("citizen")),
        ("hide_identity", json!(false)),
        ("location", Value::Null),
    ] {
        assert_eq!(read[field], usual, "{field}");
    }
    assert_eq!(petition.receipt["agency"]["code"], AGENCY);
}

// docs/contract.md §3.2
#[tokio::test]
async fn every_channel_kind_and_urgency_of_the_contract_is_taken() {
    let town = Town::start().await;
    for channel in ["mobile", "zalo", "web", "phone", "counter", "open311", "national_portal"] {
        let petition = town.file(&form_with(json!({"channel": channel}))).await;
        assert_eq!(town.read(&petition).await["channel"], channel);
    }
    for kind in ["field", "procedure"] {
        let petition = town.file(&form_with(json!({"kind": kind}))).await;
        assert_eq!(town.read(&petition).await["kind"], kind);
    }
}

#[tokio::test]
async fn texts_are_kept_as_written_in_one_normal_form() {
    let town = Town::start().await;
    // Typed with combining marks, an emoji, Windows line ends, blanks around.
    let decomposed = "  \u{110}u\u{31b}o\u{31b}\u{300}ng nga\u{323}\u{302}p 🗑️ ";
    let content = "Dòng một\r\nDòng hai\t<b>không phải HTML</b> \u{1F6A7}";
    let petition = town.file(&form_with(json!({"title": decomposed, "content": content}))).await;
    let read = town.read(&petition).await;
    assert_eq!(read["title"], "Đường ngập 🗑️");
    assert_eq!(read["content"], "Dòng một\nDòng hai\t<b>không phải HTML</b> 🚧");
    let found = town.get("clerk", "/documents?q=%C4%91%C6%B0%E1%BB%9Dng%20ngap").await.expect(200);
    assert_eq!(found["items"][0]["code"], petition.code);
}

#[tokio::test]
async fn the_longest_texts_of_many_bytes_are_taken() {
    let town = Town::start().await;
    let (title, content) = ("ệ".repeat(200), "🚧".repeat(5000));
    let petition = town.file(&form_with(json!({"title": title, "content": content}))).await;
    let read = town.read(&petition).await;
    assert_eq!((read["title"].as_str().unwrap(), read["content"].as_str().unwrap()), (title.as_str(), content.as_str()));
}

#[tokio::test]
async fn a_petitioner_lists_their_own_petitions() {
    let town = Town::start().await;
    let first = town.file_as(OWNER, &form_of_account()).await;
    town.file_as("other@example.vn", &form_of_account()).await;
    town.at("2026-03-05T08:00:00+07:00");
    let second = town.file_as(OWNER, &form_of_account()).await;
    town.bring_to(&first, "in_progress").await;
    let codes = async |query: &str| {
        let list = town.get(OWNER, &format!("/petitions?{query}")).await.expect(200);
        let items = list["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes("").await, [second.code.clone(), first.code.clone()], "newest first");
    assert_eq!(codes("status=in_progress").await, std::slice::from_ref(&first.code));
    assert_eq!(codes("from=2026-03-03").await, std::slice::from_ref(&second.code));
    assert_eq!(codes("to=2026-03-02").await, std::slice::from_ref(&first.code));
    let page = town.get(OWNER, "/petitions?limit=1").await.expect(200);
    let cursor = page.text_of("/next_cursor");
    town.file_as(OWNER, &form_of_account()).await;
    assert_eq!(codes(&format!("limit=1&cursor={cursor}")).await, [first.code]);
    for (query, wrong) in [
        ("status=open", "status=not_one_of"),
        ("from=2026-02-30", "from=unreadable"),
        ("limit=0", "limit=out_of_range"),
        ("sort=title", "sort=unknown_field"),
    ] {
        assert_eq!(town.get(OWNER, &format!("/petitions?{query}")).await.wrong_fields(), [wrong]);
    }
}
