//! A system that takes events and does not answer holds up nobody else: no other system, no person and no stream.

use super::ZaloTown;
use crate::mail_server::MailServer;
use crate::receiver::{Receiver, Reply};
use crate::town::{OWNER, form, form_of_account, form_with};
use pakn::config::Secret;
use pakn::ops::jobs::OutboxDispatcher;
use serde_json::{Value, json};
use std::sync::{Arc, Condvar, Mutex};

/// Events that wait for the one that hangs.
const EVENTS: usize = 12;

/// Holds everybody until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn wait(&self) {
        let (open, bell) = &*self.0;
        drop(bell.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
    }

    fn open(&self) {
        let (open, bell) = &*self.0;
        *open.lock().unwrap() = true;
        bell.notify_all();
    }
}

#[tokio::test]
async fn a_system_that_hangs_holds_up_nobody_else() {
    let mail = MailServer::start(&[]);
    let zalo = ZaloTown::start_with(|config| {
        config.worker = true;
        config.webhook_private_addresses = true;
        config.webhook_timeout_ms = 600_000;
        config.event_heartbeat_seconds = 3600;
        if let Some(mail) = &mail {
            config.smtp_url = Some(Secret::new(format!("smtp://127.0.0.1:{}", mail.port)));
            config.mail_from = Some("pakn@bacninh.gov.vn".to_owned());
        }
    })
    .await;
    let town = &zalo.town;
    let code = zalo.files("1").await;
    zalo.told("1");
    let document = town.get("clerk", "/documents").await["items"][0]["id"].as_i64().unwrap();
    let gate = Gate::default();
    let (held, healthy) = (gate.clone(), Receiver::willing());
    let hanging = Receiver::start(move |_, _| {
        held.wait();
        Reply::Status(204, String::new())
    });
    let mut ids = Vec::new();
    for receiver in [&hanging, &healthy] {
        let body = json!({"name": "IOC", "url": receiver.url("/pakn"), "actions": ["file"]});
        ids.push(town.post("admin", "/admin/webhooks", &body).await.expect(201).body["id"].clone());
    }
    for _ in 1..EVENTS {
        town.file(&form()).await;
    }
    let guest = json!({"petitioner": {"kind": "citizen", "full_name": "Nguyễn Thị Ánh", "email": "anh@example.vn"}});
    town.file(&form_with(guest)).await;
    town.act("clerk", document, "accept", json!({})).await.expect(200);

    let courier = OutboxDispatcher::start(&town.app.app);
    tokio::join!(healthy.until(EVENTS), hanging.until(1));
    let mut told = Vec::new();
    while told.is_empty() {
        told = zalo.told("1");
        tokio::task::yield_now().await;
    }
    assert!(told[0].contains(&code), "{told:?}");
    if let Some(mail) = mail {
        let letters = move || while mail.letter()["recipients"] != json!(["anh@example.vn"]) {};
        tokio::task::spawn_blocking(letters).await.unwrap();
    }
    let mut stream = town.app.get("/me/events").token(&town.token(OWNER).await).open().await;
    assert!(stream.chunk().await.unwrap().unwrap().starts_with(b": pakn"));
    let petition = town.file_as(OWNER, &form_of_account()).await;
    let heard = stream.chunk().await.unwrap().unwrap();
    let heard = std::str::from_utf8(&heard).unwrap();
    assert!(heard.contains("event: notification\n") && heard.contains(&petition.code), "{heard}");
    drop(stream);

    // All that while nothing was settled that hangs, and no more than a few lines were on their way.
    let lines = town.get("admin", &format!("/admin/outbox?limit=100&webhook={}", ids[0])).await.expect(200).body;
    let lines = lines["items"].as_array().unwrap();
    let is_waiting = |line: &Value| line["state"] == "due" && line["attempts"] == 0;
    assert!(lines.len() == EVENTS + 1 && lines.iter().all(is_waiting), "{lines:?}");
    assert!((1..=4).contains(&hanging.received().len()), "{}", hanging.received().len());
    gate.open();
    hanging.until(EVENTS + 1).await;
    courier.stop().await;
}
