//! A test world: officers of two agencies and of the province, petitioners, and petitions in every state, over HTTP
//! only.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use crate::app::{Answered, PASSWORD, Request, TestApp};
use chrono::{DateTime, Duration, FixedOffset};
use pakn::config::Config;
use pakn::kernel::Instant;
use pakn::kernel::account::Role;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Index;
use std::sync::Mutex;

/// UBND phường Võ Cường, to which the default rules route the garbage petitions of its ward.
pub const AGENCY: &str = "27-09190";
/// UBND phường Suối Hoa, the agency of `elsewhere`.
pub const OTHER_AGENCY: &str = "27-09187";
/// Phòng Quản lý đô thị thành phố Bắc Ninh, without officers.
pub const THIRD_AGENCY: &str = "27-256-QLDT";

/// Start time of these tests: half an hour after the offices open, in a month without holidays.
pub const MONDAY: &str = "2026-03-02T08:00:00+07:00";

/// User name, agency and roles of each officer.
const OFFICERS: &[(&str, Option<&str>, &[Role])] = &[
    ("clerk", Some(AGENCY), &[Role::Clerk]),
    ("handler", Some(AGENCY), &[Role::Handler]),
    ("leader", Some(AGENCY), &[Role::Leader]),
    ("deputy", Some(AGENCY), &[Role::Handler, Role::Leader]),
    ("elsewhere", Some(OTHER_AGENCY), &[Role::Clerk, Role::Handler, Role::Leader]),
    ("coordinator", None, &[Role::Coordinator]),
    ("reviewer", None, &[Role::Reviewer]),
    ("admin", None, &[Role::Admin]),
];

/// A server with its people, whose accounts are created on first use.
pub struct Town {
    pub app: TestApp,
    tokens: Mutex<BTreeMap<String, String>>,
    known: Mutex<Vec<String>>,
}

/// A filed petition.
#[derive(Debug, Clone)]
pub struct Petition {
    pub code: String,
    /// The tracking token of a guest; empty when an account filed it.
    pub tracking: String,
    /// The first incoming document; 0 when no rule routed it.
    pub document: i64,
    /// The receipt.
    pub receipt: Value,
}

/// The form of a guest: garbage in phường Võ Cường, with a phone number.
pub fn form() -> Value {
    json!({
        "kind": "field",
        "title": "Rác thải tồn đọng",
        "content": "Rác thải tồn đọng ba ngày ở đầu ngõ, mùi hôi thối.",
        "category": "rac-thai-chat-thai",
        "area": "09190",
        "location": {"latitude": 21.186_149, "longitude": 106.076_551, "address": "Đường Lý Thái Tổ"},
        "petitioner": {"kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345678", "email": "an@example.vn"},
        "channel": "mobile",
    })
}

/// The form with some fields changed.
pub fn form_with(changes: Value) -> Value {
    let mut form = form();
    for (name, value) in changes.as_object().expect("fields") {
        form[name] = value.clone();
    }
    form
}

/// The form without personal fields, for petitioners with an account.
pub fn form_of_account() -> Value {
    let mut form = form();
    form.as_object_mut().expect("fields").remove("petitioner");
    form
}

impl Town {
    /// Starts a server.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let town = Self { app: TestApp::start_with(change).await, tokens: Mutex::default(), known: Mutex::default() };
        town.at(MONDAY);
        town
    }

    /// Returns the access token of an officer of the town, or of a petitioner given by e-mail; a new one after the
    /// clock was moved.
    pub async fn token(&self, name: &str) -> String {
        if let Some(token) = self.tokens.lock().unwrap().get(name) {
            return token.clone();
        }
        let is_known = self.known.lock().unwrap().iter().any(|known| known == name);
        let token = if is_known {
            self.app.login(name, PASSWORD).await.expect(200).text_of("/access_token")
        } else {
            self.join(name).await
        };
        self.known.lock().unwrap().push(name.to_owned());
        self.tokens.lock().unwrap().insert(name.to_owned(), token.clone());
        token
    }

    async fn join(&self, name: &str) -> String {
        if let Some((name, agency, roles)) = OFFICERS.iter().find(|(officer, ..)| *officer == name) {
            return self.app.officer(name, *agency, roles).await;
        }
        let mut account = json!({"account_kind": "citizen", "full_name": "Trần Thị Bình", "email": name, "password": PASSWORD});
        if name.starts_with("company") {
            account["account_kind"] = json!("business");
            account["company_name"] = json!("Công ty Gốm Phù Lãng");
            account["tax_code"] = json!("0100233488");
        }
        let registered = self.app.post("/auth/register", &account).send().await.expect(201);
        self.app.prove_email(&registered).await;
        registered.text_of("/access_token")
    }

    /// Sets the clock to a time in RFC 3339.
    pub fn at(&self, moment: &str) {
        let moment: DateTime<FixedOffset> = moment.parse().expect("a moment");
        self.app.clock.set(Instant::from_utc(moment.to_utc()));
        self.tokens.lock().unwrap().clear();
    }

    /// Advances the clock.
    pub fn later(&self, by: Duration) {
        self.app.clock.advance(by);
        self.tokens.lock().unwrap().clear();
    }

    /// Sends a GET as an account; an empty name is anonymous.
    pub async fn get(&self, who: &str, path: &str) -> Answered {
        self.signed(who, self.app.get(path)).await.send().await
    }

    /// Sends a POST as an account; an empty name is anonymous.
    pub async fn post(&self, who: &str, path: &str, body: &Value) -> Answered {
        self.signed(who, self.app.post(path, body)).await.send().await
    }

    async fn signed(&self, who: &str, request: Request) -> Request {
        if who.is_empty() { request } else { request.token(&self.token(who).await) }
    }

    /// Files as a guest.
    pub async fn file(&self, form: &Value) -> Petition {
        self.file_as("", form).await
    }

    /// Files as an account.
    pub async fn file_as(&self, who: &str, form: &Value) -> Petition {
        Petition::of(self.post(who, "/petitions", form).await.expect(201).body)
    }

    /// Runs an action of an officer on a document.
    pub async fn act(&self, who: &str, document: i64, action: &str, body: Value) -> Answered {
        self.post(who, &format!("/documents/{document}/{action}"), &body).await
    }

    /// Runs an action of the coordinator on a petition.
    pub async fn coordinate(&self, petition: &Petition, action: &str, body: Value) -> Answered {
        self.post("coordinator", &format!("/coordination/{}/{action}", petition.code), &body).await
    }

    /// Runs an action of the guest who filed: `reply`, `rating`, `reopen`, `identity`, `withdraw`.
    pub async fn respond(&self, petition: &Petition, action: &str, body: Value) -> Answered {
        let request = self.app.post(&format!("/petitions/{}/{action}", petition.code), &body);
        request.header("x-tracking-token", &petition.tracking).send().await
    }

    /// Returns the petition as the guest who filed it sees it.
    pub async fn read(&self, petition: &Petition) -> Value {
        let request = self.app.get(&format!("/petitions/{}", petition.code));
        request.header("x-tracking-token", &petition.tracking).send().await.expect(200).body
    }

    /// Returns the document as an officer of its agency sees it.
    pub async fn document(&self, who: &str, document: i64) -> Value {
        self.get(who, &format!("/documents/{document}")).await.expect(200).body
    }

    /// Returns the current document of a petition.
    pub async fn present_document(&self, petition: &Petition) -> i64 {
        self.read(petition).await["document"]["id"].as_i64().expect("a document")
    }

    /// Returns the actions of the timeline in order, as the guest who filed sees them.
    pub async fn told(&self, petition: &Petition) -> Vec<String> {
        let request = self.app.get(&format!("/petitions/{}/timeline?limit=100", petition.code));
        actions(&request.header("x-tracking-token", &petition.tracking).send().await.expect(200).body)
    }

    /// Returns the actions of the timeline in order, as an officer sees them.
    pub async fn recorded(&self, who: &str, petition: &Petition) -> Vec<String> {
        actions(&self.get(who, &format!("/petitions/{}/timeline?limit=100", petition.code)).await.expect(200).body)
    }

    /// Brings a newly filed petition to a state; the clock does not move.
    pub async fn bring_to(&self, petition: &Petition, state: &str) {
        let document = petition.document;
        match state {
            "assigned" => {}
            "received" => self.done("clerk", document, "return", json!({"reason": "Không thuộc thẩm quyền"})).await,
            "in_progress" => self.done("clerk", document, "accept", json!({})).await,
            "waiting_for_petitioner" => {
                Box::pin(self.bring_to(petition, "in_progress")).await;
                self.done("handler", document, "ask", json!({"question": "Ở đoạn nào của đường?"})).await;
            }
            "awaiting_approval" => {
                Box::pin(self.bring_to(petition, "in_progress")).await;
                self.done("handler", document, "draft", draft()).await;
                self.done("handler", document, "submit", json!({})).await;
            }
            "answered" => {
                Box::pin(self.bring_to(petition, "awaiting_approval")).await;
                self.done("leader", document, "approve", json!({})).await;
            }
            "closed" => {
                Box::pin(self.bring_to(petition, "answered")).await;
                self.as_owner(petition, "rating", json!({"score": 5})).await;
            }
            "refused" => self.done("leader", document, "refuse", json!({"reason_code": "unclear"})).await,
            "withdrawn" => self.as_owner(petition, "withdraw", json!({})).await,
            "duplicate" => {
                let first = self.file(&form()).await;
                self.done("leader", document, "merge", json!({"into": first.code})).await;
            }
            other => panic!("there is no state {other}"),
        }
    }

    /// Files a petition and brings it to a state.
    pub async fn filed(&self, state: &str) -> Petition {
        let petition = self.file(&form()).await;
        self.bring_to(&petition, state).await;
        petition
    }

    async fn done(&self, who: &str, document: i64, action: &str, body: Value) {
        self.act(who, document, action, body).await.expect(200);
    }

    async fn as_owner(&self, petition: &Petition, action: &str, body: Value) {
        let path = format!("/petitions/{}/{action}", petition.code);
        let answer = match petition.tracking.is_empty() {
            true => self.post(OWNER, &path, &body).await,
            false => self.respond(petition, action, body).await,
        };
        answer.expect(200);
    }
}

/// The petitioner account that files in these tests.
pub const OWNER: &str = "owner@example.vn";

/// The body of a finished draft.
pub fn draft() -> Value {
    json!({"content": "Đã thu gom rác trong ngày.", "outcome": "resolved"})
}

impl Petition {
    /// Creates it from a receipt.
    pub fn of(receipt: Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            code: text(&receipt["code"]),
            tracking: text(&receipt["tracking_token"]),
            document: receipt["document"]["id"].as_i64().unwrap_or_default(),
            receipt,
        }
    }
}

impl Index<&str> for Answered {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        &self.body[name]
    }
}

impl Answered {
    /// Returns the invalid fields of a 422, as `field=code`.
    #[track_caller]
    pub fn wrong_fields(self) -> Vec<String> {
        self.expect_problem(422, "invalid_values").errors()
    }
}

fn actions(timeline: &Value) -> Vec<String> {
    let items = timeline["items"].as_array().expect("items");
    items.iter().map(|entry| entry["action"].as_str().expect("action").to_owned()).collect()
}
