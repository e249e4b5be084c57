//! A system that does not answer is put off as a whole, and nothing is lost by that.

use super::{courier, lines, words};
use crate::receiver::{Receiver, Reply};
use crate::town::{Town, form};
use chrono::Duration;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// More than may be on their way to one system.
const EVENTS: usize = 10;
const SHARE: usize = 4;

#[tokio::test]
async fn a_silent_system_is_asked_less_and_less_and_gets_everything_when_it_is_back() {
    let town = Town::start_with(|config| {
        config.webhook_private_addresses = true;
        // Long enough for the answers that do come, also on a busy machine.
        config.webhook_timeout_ms = 2_000;
    })
    .await;
    let answers = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&answers);
    let receiver = Receiver::start(move |_, _| match told.load(Ordering::Relaxed) {
        false => Reply::Silence,
        true => Reply::Status(204, String::new()),
    });
    let body = json!({"name": "IOC", "url": receiver.url("/pakn"), "actions": ["file"]});
    let id = town.post("admin", "/admin/webhooks", &body).await.expect(201).body["id"].clone();
    for _ in 0..EVENTS {
        town.file(&form()).await;
    }
    assert_eq!(courier(&town).await, SHARE, "no more than its share is tried");
    let waiting = lines(&town, "state=due").await;
    let due: Vec<&str> = waiting.iter().map(|line| line["due_at"].as_str().unwrap()).collect();
    assert_eq!((waiting.len(), due.iter().min()), (EVENTS, due.iter().max()), "all wait for the same moment");
    // What comes in meanwhile waits with the rest.
    town.file(&form()).await;
    assert_eq!(courier(&town).await, 0);
    let figures = town.app.operator_get("/metrics").send().await.expect(200).text;
    assert!(figures.contains("pakn_outbox_lines{channel=\"webhook\",state=\"put_off\"} 11"), "{figures}");
    assert!(figures.contains("pakn_outbox_lines{channel=\"webhook\",state=\"due\"} 0"), "{figures}");

    town.later(Duration::minutes(1));
    let figures = town.app.operator_get("/metrics").send().await.expect(200).text;
    let oldest = figures.lines().find_map(|line| line.strip_prefix("pakn_outbox_oldest_due_seconds{channel=\"webhook\"} "));
    assert!(oldest.unwrap().parse::<u32>().unwrap() > 0, "{oldest:?}");
    assert_eq!(courier(&town).await, SHARE, "the same ones are tried again");
    assert_eq!(lines(&town, "state=due").await.iter().filter(|line| line["attempts"] == 2).count(), SHARE);

    // An administrator who sends one again says that the system is back.
    answers.store(true, Ordering::Relaxed);
    assert_eq!(courier(&town).await, 0);
    town.post("admin", &format!("/admin/outbox/{}/resend", waiting[5]["id"]), &json!({})).await.expect(200);
    assert_eq!(courier(&town).await, EVENTS + 1);
    assert!(lines(&town, "").await.iter().all(|line| line["state"] == "delivered"));

    // What has ended is not changed any more, and nothing is sent again to it.
    answers.store(false, Ordering::Relaxed);
    town.file(&form()).await;
    courier(&town).await;
    let path = format!("/admin/webhooks/{id}");
    let left = lines(&town, "state=due").await;
    assert_eq!(words(&left[0]), "webhook due 1");
    town.post("admin", &format!("{path}/end"), &json!({})).await.expect(200);
    let token = town.token("admin").await;
    let changed = town.app.patch(&path, &json!({"url": "https://ioc.bacninh.gov.vn/moi"})).token(&token).send().await;
    changed.expect_problem(409, "webhook_ended");
    town.post("admin", &format!("/admin/outbox/{}/resend", left[0]["id"]), &json!({})).await.expect_problem(409, "webhook_ended");
}
