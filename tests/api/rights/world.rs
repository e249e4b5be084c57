//! The town of the walk, and the records that requests are made about: one's own and somebody else's.

use super::people::{Keys, OTHER, Who};
use crate::town::{OTHER_AGENCY, Petition, Town, form_of_account, form_with};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// A town with keys, and numbers that are used once.
pub struct World {
    pub town: Town,
    pub keys: Keys,
    next: AtomicU32,
}

/// What is sent with a request.
#[derive(Debug, Clone)]
pub enum Payload {
    None,
    Json(Value),
    Typed(String, Vec<u8>),
}

/// A request about a record that nobody has harmed yet; whoever sends it adds what shows who they are.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub path: String,
    pub payload: Payload,
    pub headers: Vec<(String, String)>,
}

impl Prepared {
    pub fn get(path: impl Into<String>) -> Self {
        Self { path: path.into(), payload: Payload::None, headers: Vec::new() }
    }

    pub fn json(path: impl Into<String>, body: Value) -> Self {
        Self { payload: Payload::Json(body), ..Self::get(path) }
    }

    pub fn typed(path: impl Into<String>, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { payload: Payload::Typed(media_type.to_owned(), body.into()), ..Self::get(path) }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl World {
    pub async fn start() -> Self {
        let town = Town::start_with(|config| {
            config.webhook_private_addresses = true;
            // A piece shows who may send it, however small it is.
            config.upload_piece_min_bytes = 1;
        })
        .await;
        let keys = Keys::make(&town).await;
        let world = Self { town, keys, next: AtomicU32::new(1) };
        // Everybody has an account and has been told something before the walk begins.
        for who in Who::ALL.into_iter().filter(|who| who.role().is_some()) {
            world.town.token(who.account()).await;
        }
        world.town.file_as(OTHER, &form_of_account()).await;
        world
    }

    /// A number that was not used before.
    pub fn number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A petition: the petitioner's own, one that the agency of the officers holds, one that it held; or somebody else's at
    /// another agency.
    pub async fn petition(&self, who: Who, own: bool, state: &str) -> Petition {
        if !own {
            return self.town.file(&form_with(json!({"area": "09187"}))).await;
        }
        let petition = match who.is_petitioner() {
            true => self.town.file_as(who.account(), &form_of_account()).await,
            false => self.guest_petition().await,
        };
        if who == Who::Former {
            let away = json!({"agency": OTHER_AGENCY, "reason": "Không thuộc thẩm quyền"});
            self.town.act("clerk", petition.document, "transfer", away).await.expect(200);
        } else {
            self.bring_to(&petition, state, who).await;
        }
        petition
    }

    pub async fn guest_petition(&self) -> Petition {
        self.town.file(&form_with(json!({"area": "09190"}))).await
    }

    /// The states of `Town`, and those in which something was asked for.
    async fn bring_to(&self, petition: &Petition, state: &str, who: Who) {
        let document = petition.document;
        let act = async |officer: &str, action: &str, body: Value| {
            self.town.act(officer, document, action, body).await.expect(200);
        };
        match state {
            "drafted" => {
                self.town.bring_to(petition, "in_progress").await;
                act("handler", "draft", crate::town::draft()).await;
            }
            "extension_asked" => {
                self.town.bring_to(petition, "in_progress").await;
                act("handler", "extend", json!({"until": "2026-03-20", "reason": "Chờ xe"})).await;
            }
            "reopening_asked" => {
                self.town.bring_to(petition, "answered").await;
                let path = format!("/petitions/{}/reopen", petition.code);
                let request = self.town.app.post(&path, &json!({"reason": "Rác vẫn còn nguyên."}));
                let request = match who.is_petitioner() {
                    true => request.token(&self.town.token(who.account()).await),
                    false => request.header("x-tracking-token", &petition.tracking),
                };
                request.send().await.expect(200);
            }
            state => self.town.bring_to(petition, state).await,
        }
    }

    /// A record that an administrator makes; its id.
    pub async fn made(&self, what: &str, body: Value) -> i64 {
        let made = self.town.post("admin", &format!("/admin/{what}"), &body).await.expect(201).body;
        let places = ["/id", "/account/id", "/webhook/id", "/record/id", "/key/id"];
        places.iter().find_map(|place| made.pointer(place)?.as_i64()).unwrap_or_else(|| panic!("an id in {made}"))
    }

    /// The first item of a list that an administrator reads.
    pub async fn first(&self, path: &str) -> Value {
        self.town.get("admin", path).await.expect(200).body["items"][0].clone()
    }

    /// An upload that was begun by somebody; its path.
    pub async fn upload(&self, who: &str) -> String {
        let request = self.town.app.request(Method::POST, "/attachments/uploads").header("Tus-Resumable", "1.0.0");
        let request = request.header("Upload-Length", "600");
        let request = if who.is_empty() { request } else { request.token(&self.town.token(who).await) };
        request.send().await.expect(201).header("location").to_owned()
    }

    /// The id of a photo that somebody has uploaded.
    pub async fn photo(&self, who: &str) -> String {
        let body = crate::media::multipart("file", "ảnh.jpg", "image/jpeg", &crate::media::jpeg(24, 24));
        let request = self.town.app.request(Method::POST, "/attachments").body(&crate::media::multipart_type(), body);
        let request = if who.is_empty() { request } else { request.token(&self.town.token(who).await) };
        request.send().await.expect(201).text_of("/id")
    }
}
