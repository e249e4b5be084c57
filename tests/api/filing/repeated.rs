//! The same key twice is one petition.

use crate::app::{Answered, PASSWORD};
use crate::media::{jpeg, multipart, multipart_type};
use crate::town::{OWNER, Petition, Town, form, form_of_account, form_with};
use chrono::Duration;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

const KEY: &str = "0b6e7c9a-4f0e-4b3a-9f43-5a1f5c1d2e3f";

async fn file(town: &Town, who: &str, key: &str, form: &Value) -> Answered {
    let mut request = town.app.post("/petitions", form).header("idempotency-key", key);
    if !who.is_empty() {
        request = request.token(&town.token(who).await);
    }
    request.send().await
}

async fn filed(town: &Town) -> i64 {
    let register = town.get("clerk", "/documents/register?limit=100").await.expect(200);
    i64::try_from(register["items"].as_array().unwrap().len()).unwrap()
}

#[tokio::test]
async fn the_same_key_and_body_give_the_first_answer() {
    let town = Town::start().await;
    let first = file(&town, "", KEY, &form()).await.expect(201);
    town.bring_to(&Petition::of(first.body.clone()), "in_progress").await;
    town.later(Duration::hours(23));
    let again = file(&town, "", KEY, &form()).await.expect(201);
    assert_eq!(again.text, first.text, "also the token, and not what became of it since");
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(filed(&town).await, 1);
    assert_eq!(town.read(&Petition::of(again.body)).await["status"], "in_progress", "the token of both opens it");
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let town = Town::start().await;
    file(&town, "", KEY, &form()).await.expect(201);
    let other = file(&town, "", KEY, &form_with(json!({"title": "Đường ngập nước"}))).await;
    other.expect_problem(422, "idempotency_key_reused");
    assert_eq!(filed(&town).await, 1);
}

#[tokio::test]
async fn another_key_or_none_is_another_petition() {
    let town = Town::start().await;
    file(&town, "", KEY, &form()).await.expect(201);
    file(&town, "", "7e1f0c3b-52d8-4a96-8b0e-d1c4f7a9263e", &form()).await.expect(201);
    town.file(&form()).await;
    town.file(&form()).await;
    assert_eq!(filed(&town).await, 4);
}

#[tokio::test]
async fn the_key_of_one_account_is_not_that_of_another() {
    let town = Town::start().await;
    let mine = file(&town, OWNER, KEY, &form_of_account()).await.expect(201);
    let theirs = file(&town, "other@example.vn", KEY, &form_of_account()).await.expect(201);
    let guests = file(&town, "", KEY, &form()).await.expect(201);
    assert!(mine["code"] != theirs["code"] && mine["code"] != guests["code"]);
    assert_eq!(file(&town, OWNER, KEY, &form_of_account()).await.expect(201).text, mine.text);
}

#[tokio::test]
async fn what_was_refused_leaves_the_key_free() {
    let town = Town::start().await;
    file(&town, "", KEY, &form_with(json!({"area": "nix"}))).await.expect(422);
    file(&town, "", KEY, &form()).await.expect(201);
}

#[tokio::test]
async fn fifty_at_once_are_one_petition_and_fifty_equal_answers() {
    let town = Town::start().await;
    let form = form();
    let answers = join_all((0..50).map(|_| file(&town, "", KEY, &form))).await;
    let first = answers[0].text.clone();
    for answer in answers {
        assert_eq!(answer.expect(201).text, first);
    }
    assert_eq!(filed(&town).await, 1);
    assert_eq!(town.file(&form).await.receipt["document"]["number"], 2, "no number was wasted");
}

#[tokio::test]
async fn a_key_is_visible_and_not_endless() {
    let town = Town::start().await;
    for key in ["", "a b", &"x".repeat(256)] {
        let answer = file(&town, "", key, &form()).await;
        assert_eq!(answer.status / 100, 4, "{key}: {}", answer.text);
    }
    assert_eq!(filed(&town).await, 0);
}

#[tokio::test]
async fn a_guests_key_has_to_be_one_that_nobody_guesses() {
    let town = Town::start().await;
    for weak in [
        "1",
        "another",
        "petition-000000000000000000000001",
        "00000000-0000-0000-0000-000000000000",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc",
        "0123456789012345678901234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "2026-11-30T08:30:00",
        "0912345678",
    ] {
        let refused = file(&town, "", weak, &form()).await;
        let message = refused.body["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(refused.wrong_fields(), ["Idempotency-Key=guessable"], "{weak}");
        assert!(message.contains("100 bit"), "{message}");
    }
    assert_eq!(filed(&town).await, 0);
    // The same with every other door that a guest creates something by.
    let account = json!({"account_kind": "citizen", "full_name": "Trần Văn B", "phone": "0987654321", "password": PASSWORD});
    let request = town.app.post("/auth/register", &account).header("Idempotency-Key", "k-1");
    assert_eq!(request.send().await.wrong_fields(), ["Idempotency-Key=guessable"]);
    let body = multipart("file", "a.jpg", "image/jpeg", &jpeg(20, 20));
    let request = town.app.request(Method::POST, "/attachments").body(&multipart_type(), body);
    assert_eq!(request.header("Idempotency-Key", "anh-1").send().await.wrong_fields(), ["Idempotency-Key=guessable"]);
    // Whoever is signed in has a space of their own.
    file(&town, OWNER, "1", &form_of_account()).await.expect(201);
    for strong in ["0b6e7c9a4f0e4b3a9f435a1f5c1d2e3f", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "V1StGXR8_Z5jdHi6B-myT"] {
        file(&town, "", strong, &form()).await.expect(201);
    }
}

#[tokio::test]
async fn a_guests_first_answer_is_given_again_only_for_the_whole_of_what_was_sent() {
    let town = Town::start().await;
    let send = async |form: Value, device: &str| {
        let mut request = town.app.post("/petitions", &form).header("idempotency-key", KEY);
        if !device.is_empty() {
            request = request.header("X-Device-Id", device);
        }
        request.send().await
    };
    let first = send(form(), "telephone-7").await.expect(201);
    let token = first.text_of("/tracking_token");
    assert_eq!(send(form(), "telephone-7").await.expect(201).text, first.text);
    let someone = json!({"kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345679", "email": "an@example.vn"});
    for (body, device) in [
        (form(), "telephone-8"),
        (form(), ""),
        (form_with(json!({"petitioner": someone})), "telephone-7"),
        (form_with(json!({"hide_identity": true})), "telephone-7"),
        (
            form_with(json!({"location": {"latitude": 21.186_149, "longitude": 106.076_551, "address": "Đường khác"}})),
            "telephone-7",
        ),
    ] {
        let refused = send(body, device).await;
        assert!(!refused.text.contains(&token), "{}", refused.text);
        refused.expect_problem(422, "idempotency_key_reused");
    }
    assert_eq!(filed(&town).await, 1);
}
