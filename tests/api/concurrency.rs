//! Many at once: registers without gap, and one winner where two act on the same document.

use crate::app::Answered;
use crate::town::{Town, form, form_with};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::collections::BTreeMap;

const CLIENTS: usize = 64;
const PETITIONS: usize = 1000;

#[tokio::test]
async fn sixty_four_clients_file_and_every_register_counts_from_one() {
    let town = Town::start().await;
    let areas = ["09190", "09187", "09163", "09166", "09169"];
    let answers = stream::iter(0..PETITIONS).map(|turn| {
        let request = town.app.post("/petitions", &form_with(json!({"area": areas[turn % areas.len()]})));
        async move { request.send().await }
    });
    let answers: Vec<Answered> = answers.buffer_unordered(CLIENTS).collect().await;
    let mut registers: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut codes = std::collections::BTreeSet::new();
    for answer in answers {
        let receipt = answer.expect(201).body;
        let number = receipt["document"]["number"].as_i64().unwrap();
        registers.entry(receipt["agency"]["code"].as_str().unwrap().to_owned()).or_default().push(number);
        codes.insert(receipt["code"].as_str().unwrap().to_owned());
    }
    assert_eq!(codes.len(), PETITIONS, "every petition has a code of its own");
    assert_eq!(registers.len(), areas.len());
    for (agency, mut numbers) in registers {
        numbers.sort_unstable();
        let whole: Vec<i64> = (1..).take(PETITIONS / areas.len()).collect();
        assert_eq!(numbers, whole, "{agency}");
    }
    let figures = town.get("", "/statistics/summary?period=2026&measures=received").await.expect(200);
    assert!(figures.text.contains(&format!("\"received\":{PETITIONS}")), "{}", figures.text);
}

#[tokio::test]
async fn of_many_who_act_at_once_exactly_one_does() {
    let town = Town::start().await;
    for (state, who, action, body) in [
        ("assigned", ["clerk", "handler"], "accept", json!({})),
        ("awaiting_approval", ["leader", "deputy"], "approve", json!({})),
        ("assigned", ["leader", "deputy"], "refuse", json!({"reason_code": "unclear"})),
        ("assigned", ["clerk", "leader"], "transfer", json!({"agency": "27-09187", "reason": "Khác địa bàn"})),
    ] {
        let petition = town.filed(state).await;
        let mut requests = Vec::new();
        for turn in 0..8 {
            let request = town.app.post(&format!("/documents/{}/{action}", petition.document), &body);
            requests.push(request.token(&town.token(who[turn % 2]).await).send());
        }
        let answers = join_all(requests).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        let lost = answers.iter().filter(|answer| [409, 412].contains(&answer.status)).count();
        assert_eq!((won, lost), (1, 7), "{action}: {answers:?}");
        let times = town.recorded("coordinator", &petition).await.iter().filter(|done| *done == action).count();
        assert_eq!(times, 1, "{action}");
    }
}

#[tokio::test]
async fn of_two_who_read_the_same_version_one_is_told_that_it_is_stale() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    let mut requests = Vec::new();
    for who in ["clerk", "handler", "leader", "deputy"] {
        let request = town.app.post(&format!("/documents/{}/note", petition.document), &json!({"text": "Đã xem."}));
        requests.push(request.token(&town.token(who).await).header("if-match", "\"1\"").send());
    }
    let mut statuses: Vec<u16> = join_all(requests).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412]);
}

#[tokio::test]
async fn a_withdrawal_and_an_answer_at_once_leave_one_of_them() {
    let town = Town::start().await;
    for _ in 0..4 {
        let petition = town.filed("awaiting_approval").await;
        let (approved, withdrawn) = tokio::join!(
            town.act("leader", petition.document, "approve", json!({})),
            town.respond(&petition, "withdraw", json!({}))
        );
        let mut statuses = [approved.status, withdrawn.status];
        let state = if approved.status == 200 { "answered" } else { "withdrawn" };
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{approved:?} {withdrawn:?}");
        assert_eq!(town.read(&petition).await["status"], state);
    }
}

#[tokio::test]
async fn transfers_that_cross_do_not_block_each_other() {
    let town = Town::start().await;
    let transfer = |agency: &str| json!({"agency": agency, "reason": "Khác địa bàn"});
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..16 {
        here.push(town.file(&form()).await);
        there.push(town.file(&form_with(json!({"area": "09187"}))).await);
    }
    town.token("clerk").await;
    town.token("elsewhere").await;
    let (to_there, to_here) = (transfer("27-09187"), transfer("27-09190"));
    let going = here.iter().map(|it| town.act("clerk", it.document, "transfer", to_there.clone()));
    let coming = there.iter().map(|it| town.act("elsewhere", it.document, "transfer", to_here.clone()));
    let (going, coming) = tokio::join!(join_all(going), join_all(coming));
    for answer in going.into_iter().chain(coming) {
        answer.expect(200);
    }
    let mut numbers = Vec::new();
    for petition in &there {
        numbers.push(town.read(petition).await["document"]["number"].as_i64().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (17..=32).collect::<Vec<i64>>());
}
