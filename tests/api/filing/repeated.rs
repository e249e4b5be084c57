//! The same key twice is one petition.

use crate::app::Answered;
use crate::town::{OWNER, Petition, Town, form, form_of_account, form_with};
use chrono::Duration;
use futures_util::future::join_all;
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
    file(&town, "", "another", &form()).await.expect(201);
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
