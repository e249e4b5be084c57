//! Nobody gets a letter twice, however slow the mail server is and however many instances there are.

use super::email::{file_for, town};
use super::{courier, lines, words};
use crate::mail_server::MailServer;
use chrono::Duration;
use pakn::delivery::outbox::{DeliveryLane, deliver_by};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Two instances, and a server that answers only after the first one's hold has run out.
#[tokio::test]
async fn a_slow_mail_server_and_two_instances_send_no_letter_twice() {
    const LETTERS: usize = 12;
    let Some(mut server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    for number in 0..LETTERS {
        file_for(&town, &format!("slow{number}@example.vn")).await;
    }
    let begin = |holder: &'static str| {
        let app = town.app.app.clone();
        tokio::spawn(async move { deliver_by(&app, holder, DeliveryLane::Email).await.expect("the database") })
    };
    let first = begin("first");
    server.wait_for_waiting(8).await;
    town.later(Duration::seconds(121));
    let second = begin("second");
    server.wait_for_waiting(8).await;
    server.go();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!(first.delivered + second.delivered + courier(&town).await, LETTERS);
    let said = std::iter::repeat_with(|| server.letter()).filter(|said| said["waiting"].is_null());
    let letters: Vec<Value> = said.take(LETTERS).collect();
    let people: BTreeSet<String> = letters.iter().map(|letter| letter["recipients"].to_string()).collect();
    assert_eq!(people.len(), LETTERS);
    assert_eq!(server.more().len(), 0);
    assert!(lines(&town, "").await.iter().all(|line| words(line) == "email delivered 1"));
}

#[tokio::test]
async fn a_letter_whose_answer_is_late_is_not_sent_by_another_instance() {
    let Some(mut server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    file_for(&town, "tardy@example.vn").await;
    let app = town.app.app.clone();
    let first = tokio::spawn(async move { deliver_by(&app, "first", DeliveryLane::Email).await.expect("the database") });
    assert_eq!(server.said().await["recipients"], json!(["tardy@example.vn"]));
    server.wait_for_waiting(1).await;
    town.later(Duration::seconds(121));
    assert_eq!(courier(&town).await, 1);
    assert_eq!(words(&lines(&town, "").await[0]), "email dead 1", "nobody knows yet");
    server.go();
    assert_eq!(first.await.unwrap().delivered, 1);
    assert_eq!(words(&lines(&town, "").await[0]), "email delivered 1");
    assert_eq!(server.more().len(), 0);
}
