//! A petition that repeats another one: its petitioner gets the other one's answer.

use crate::town::{OTHER_AGENCY, Town, form, form_with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_duplicate_gets_the_answer_of_the_one_it_repeats() {
    let town = Town::start().await;
    let (first, second) = (town.filed("awaiting_approval").await, town.filed("in_progress").await);
    let merged = town.act("leader", second.document, "merge", json!({"into": first.code})).await.expect(200);
    assert_eq!((&merged["status"], &merged["petition"]["status"]), (&json!("voided"), &json!("duplicate")));
    let waiting = town.read(&second).await;
    assert_eq!((&waiting["merged_into"], &waiting["answer"]), (&json!(first.code), &Value::Null));
    town.act("leader", first.document, "approve", json!({})).await.expect(200);
    let told = town.read(&second).await;
    assert_eq!((&told["status"], &told["answer"]["content"]), (&json!("duplicate"), &json!("Đã thu gom rác trong ngày.")));
    assert_eq!(town.told(&second).await, ["file", "accept", "merge", "share_answer"]);
    town.respond(&second, "rating", json!({"score": 5})).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn what_repeats_an_answered_petition_has_its_answer_at_once() {
    let town = Town::start().await;
    let (first, second) = (town.filed("answered").await, town.file(&form()).await);
    town.coordinate(&second, "merge", json!({"into": first.code.to_lowercase()})).await.expect(200);
    assert_eq!(town.read(&second).await["answer"]["content"], "Đã thu gom rác trong ngày.");
}

#[tokio::test]
async fn a_leader_merges_within_the_agency_and_the_coordinator_across() {
    let town = Town::start().await;
    let there = town.file(&form_with(json!({"area": "09187"}))).await;
    assert_eq!(there.receipt["agency"]["code"], OTHER_AGENCY);
    let here = town.file(&form()).await;
    let into = json!({"into": there.code});
    let answer = town.act("leader", here.document, "merge", into.clone()).await;
    assert_eq!(answer.wrong_fields(), ["into=unknown_code"], "a leader does not learn that it exists");
    assert_eq!(town.coordinate(&here, "merge", into).await.expect(200)["status"], "duplicate");
}

#[tokio::test]
async fn merges_neither_go_in_circles_nor_in_chains() {
    let town = Town::start().await;
    let (first, second, third) = (town.file(&form()).await, town.file(&form()).await, town.file(&form()).await);
    let merge =
        async |from: &crate::town::Petition, into: &str| town.act("leader", from.document, "merge", json!({"into": into})).await;
    merge(&first, &first.code).await.expect_problem(409, "merge_into_itself");
    merge(&second, &first.code).await.expect(200);
    merge(&third, &second.code).await.expect_problem(409, "merge_into_itself");
    merge(&first, &third.code).await.expect_problem(409, "has_duplicates");
    merge(&third, &first.code).await.expect(200);
    assert_eq!(merge(&first, "BN26-7K3QX9-C").await.wrong_fields(), ["into=unknown_code"]);
    assert_eq!(merge(&first, "BN26-7K3QX9-D").await.wrong_fields(), ["into=check_digit"]);
    assert_eq!(merge(&first, "nix").await.wrong_fields(), ["into=malformed"]);
}

#[tokio::test]
async fn nobody_withdraws_what_others_wait_for() {
    let town = Town::start().await;
    let (first, second) = (town.file(&form()).await, town.file(&form()).await);
    assert!(town.read(&first).await["allowed_actions"].as_array().unwrap().contains(&json!("withdraw")));
    town.act("leader", second.document, "merge", json!({"into": first.code})).await.expect(200);
    assert_eq!(town.read(&first).await["allowed_actions"], json!(["hide_identity"]));
    town.respond(&first, "withdraw", json!({})).await.expect_problem(409, "others_wait");
    let refusal = json!({"reason_code": "unclear", "note": "Không rõ vị trí."});
    town.act("leader", first.document, "refuse", refusal).await.expect(200);
    let told = town.read(&second).await;
    assert_eq!(told["status"], "duplicate");
    assert_eq!((&told["refusal"]["reason_code"], &told["refusal"]["note"]), (&json!("unclear"), &Value::Null));
    assert!(told["refusal"]["guidance"].as_str().unwrap().contains("Xin gửi lại"), "{told}");
}
