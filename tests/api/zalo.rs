//! Zalo: the webhook, conversations, messages and notices, tokens, the Mini App, against a stand-in for Zalo.

mod beside_slow;
mod conversation;
mod kept;
mod mini_app;
mod sending;
mod stand_in;
mod tokens;
mod turns;
mod webhook;

use crate::app::Answered;
use crate::town::Town;
use pakn::config::{Config, Secret};
use pakn::delivery::outbox;
use pakn::integrations::zalo::intake::signature;
use pakn::ops::jobs;
use serde_json::{Value, json};
use stand_in::StandIn;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the settings and the vector of docs/integrations/zalo.md share.
const APP_ID: &str = "1234567890";
const OA_SECRET: &str = "oa-secret-for-tests";
const APP_SECRET: &str = "app-secret-for-tests";
const OA_ID: &str = "2";

/// A town that is connected with Zalo.
struct ZaloTown {
    town: Town,
    zalo: StandIn,
    messages: AtomicU64,
}

impl ZaloTown {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let zalo = StandIn::start();
        let url = zalo.url("");
        let town = Town::start_with(|config| {
            config.zalo_app_id = Some(APP_ID.to_owned());
            config.zalo_app_secret = Some(Secret::new(APP_SECRET.to_owned()));
            config.zalo_oa_secret = Some(Secret::new(OA_SECRET.to_owned()));
            config.zalo_oa_id = Some(OA_ID.to_owned());
            config.zalo_refresh_token = Some(Secret::new("refresh-0".to_owned()));
            for setting in
                [&mut config.zalo_oauth_url, &mut config.zalo_api_url, &mut config.zalo_zns_url, &mut config.zalo_graph_url]
            {
                setting.clone_from(&url);
            }
            config.webhook_private_addresses = true;
            config.public_url = Some("https://pakn.bacninh.gov.vn".to_owned());
            change(config);
        })
        .await;
        Self { town, zalo, messages: AtomicU64::new(0) }
    }

    fn now_ms(&self) -> String {
        self.town.app.app.now().utc().timestamp_millis().to_string()
    }

    /// Posts bytes with a signature.
    async fn post(&self, body: &str, mac: Option<&str>) -> Answered {
        let mut request = self.town.app.request(reqwest::Method::POST, "/channels/zalo/webhook");
        if let Some(mac) = mac {
            request = request.header("X-ZEvent-Signature", mac);
        }
        request.body("application/json", body.to_owned()).send().await
    }

    /// Posts an event that Zalo has signed.
    async fn event(&self, event: &Value) -> Answered {
        let timestamp = event["timestamp"].as_str().unwrap().to_owned();
        let body = event.to_string();
        let mac = signature(APP_ID, body.as_bytes(), &timestamp, OA_SECRET);
        self.post(&body, Some(&format!("mac={mac}"))).await
    }

    /// An event of a person about a message.
    fn message(&self, who: &str, name: &str, message: Value) -> Value {
        let mut message = message;
        let number = self.messages.fetch_add(1, Ordering::Relaxed);
        message["msg_id"] = json!(format!("msg-{number}"));
        json!({
            "app_id": APP_ID, "event_name": name, "sender": {"id": who}, "recipient": {"id": OA_ID},
            "message": message, "timestamp": self.now_ms(),
        })
    }

    /// Somebody writes; what they are told then.
    async fn says(&self, who: &str, text: &str) -> Vec<String> {
        println!("{who:>6}: {text}");
        self.does(who, "user_send_text", json!({"text": text})).await
    }

    /// Somebody does something; what they are told then.
    async fn does(&self, who: &str, name: &str, message: Value) -> Vec<String> {
        let event = self.message(who, name, message);
        self.event(&event).await.expect(200);
        self.work().await;
        self.told(who)
    }

    /// Somebody sends a photo.
    async fn sends_photo(&self, who: &str) -> Vec<String> {
        println!("{who:>6}: [ảnh]");
        let url = self.zalo.url("/photo.jpg");
        self.does(who, "user_send_image", json!({"attachments": [{"type": "image", "payload": {"url": url}}]})).await
    }

    /// One round of everything that leaves the house.
    async fn work(&self) {
        let app = &self.town.app.app;
        loop {
            let talked = jobs::run_zalo(app).await.expect("the database");
            let sent = outbox::deliver_due(app, "test").await.expect("the database");
            if talked.handled + talked.said + sent.taken == 0 {
                return;
            }
        }
    }

    /// What a person has been told since this was asked last.
    fn told(&self, who: &str) -> Vec<String> {
        let told = self.zalo.told(who);
        for text in &told {
            println!("{:>6}: {}", "PAKN", text.replace('\n', "\n        "));
        }
        told
    }

    /// Goes through the steps up to the question whether to send it.
    async fn drafts(&self, who: &str) {
        for text in ["phản ánh", STORY, "phường Võ Cường", "1", "bỏ qua", "Nguyễn Thị Ánh", "0912345678"] {
            self.says(who, text).await;
        }
    }

    /// Files by the conversation; the code.
    async fn files(&self, who: &str) -> String {
        self.drafts(who).await;
        let told = self.says(who, "gửi").await;
        code_in(told.last().expect("the receipt"))
    }

    /// The connection as the administrator sees it.
    async fn status(&self) -> Value {
        self.town.get("admin", "/admin/zalo").await.expect(200).body
    }
}

/// What somebody tells.
const STORY: &str = "Rác thải tồn đọng ba ngày ở đầu ngõ, mùi hôi thối.";

/// The code in a message.
fn code_in(text: &str) -> String {
    let (_, behind) = text.split_once("BN2").unwrap_or_else(|| panic!("a code in {text}"));
    format!("BN2{}", behind.chars().take(10).collect::<String>())
}
