//! Documents that go to the document system of an agency and what comes back: by folders and by a gateway, good and bad.
#![expect(clippy::string_slice, reason = "a test fails by panicking")]

use crate::app::Answered;
use crate::town::{AGENCY, Petition, Town, form};
use pakn::config::Config;
use pakn::ops::jobs::{ExchangeOutcome, run_exchange};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

mod bad_files;
mod enclosed;
mod folders;
mod gateway;
mod instances;
mod links;
mod reading;
mod replies;
mod signatures;
mod stand_in;
mod statuses;
mod updates;
mod writing;

/// The organ of [`AGENCY`] in these tests.
const ORGAN: &str = "H05.14";
/// Its folder.
const FOLDER: &str = "vo-cuong";

/// A fixture.
fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/edxml/files").join(name);
    fs::read_to_string(path).expect("a fixture")
}

/// A status of the fixture, about a document.
fn status(document: &str, code: &str, text: &str) -> String {
    status_at(document, code, text, "2026/03/02 10:00:00")
}

fn status_at(document: &str, code: &str, text: &str, time: &str) -> String {
    let filled = file("status.xml").replace("{{DOCUMENT}}", document).replace("{{CODE}}", code);
    filled.replace("{{TEXT}}", text).replace("{{TIME}}", time)
}

/// A town whose agency exchanges documents through a folder.
struct Exchange {
    town: Town,
    folder: PathBuf,
}

impl Exchange {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let town = Town::start_with(change).await;
        let folder = town.app.app.config.exchange_folder().join(FOLDER);
        let link = json!({"agency": AGENCY, "organ_id": ORGAN, "transport": "folder", "address": FOLDER});
        town.post("admin", "/admin/exchange-links", &link).await.expect(201);
        Self { town, folder }
    }

    /// One round of the worker.
    async fn round(&self) -> ExchangeOutcome {
        run_exchange(&self.town.app.app).await.expect("a round")
    }

    /// The files in one of the folders, by name.
    fn files(&self, folder: &str) -> Vec<(String, String)> {
        let Ok(entries) = fs::read_dir(self.folder.join(folder)) else { return Vec::new() };
        let mut files: Vec<(String, String)> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// Puts a message into the inbox.
    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.folder.join("inbox")).unwrap();
        fs::write(self.folder.join("inbox").join(name), bytes).unwrap();
    }

    /// A guest files, the document is sent; its identifier in the exchange.
    async fn sent(&self) -> (Petition, String) {
        let petition = self.town.file(&form()).await;
        self.round().await;
        let sent = self.messages("?direction=out").await;
        let of = |message: &&Value| message["petition"] == petition.code && message["kind"] == "document";
        let message = sent.iter().find(of).expect("a message");
        assert_eq!(message["state"], "sent", "{message}");
        (petition, message["message_id"].as_str().unwrap().to_owned())
    }

    /// The messages as the administrator sees them, newest first.
    async fn messages(&self, query: &str) -> Vec<Value> {
        let answer = self.town.get("admin", &format!("/admin/exchange-messages{query}")).await.expect(200);
        answer.body["items"].as_array().unwrap().clone()
    }

    /// The only message that came in and is in the state.
    async fn came_in(&self, state: &str) -> Value {
        let found = self.messages(&format!("?direction=in&state={state}")).await;
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    async fn patch(&self, path: &str, body: &Value) -> Answered {
        let token = self.town.token("admin").await;
        self.town.app.request(Method::PATCH, path).token(&token).json(body).send().await
    }

    /// The state of a petition.
    async fn state_of(&self, petition: &Petition) -> Value {
        self.town.read(petition).await["status"].clone()
    }

    /// The newest entry of a timeline, as an officer reads it.
    async fn newest_entry(&self, who: &str, petition: &Petition) -> Value {
        let path = format!("/petitions/{}/timeline?limit=100", petition.code);
        self.town.get(who, &path).await.expect(200).body["items"].as_array().unwrap().last().unwrap().clone()
    }
}
