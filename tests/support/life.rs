//! Takes petitions through an agency over HTTP; used by the tests of the worker, of `verify` and of backups.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use crate::app::{PASSWORD, TestApp};
use pakn::kernel::account::Role;
use serde_json::{Value, json};

/// The question that every [`Office::ask`] asks.
pub const QUESTION: &str = "Anh chị cho biết rõ vị trí ạ?";

/// A petition filed by a guest.
#[derive(Debug, Clone)]
pub struct Filed {
    pub code: String,
    /// The guest's tracking token.
    pub tracking_token: String,
    /// Code of the agency.
    pub agency: String,
    /// The id of its document in the register.
    pub document: i64,
}

/// Files a petition as a guest; all of them are routed to one agency.
pub async fn file(app: &TestApp) -> Filed {
    let body = json!({
        "title": "Rác thải tồn đọng",
        "content": "Rác thải tồn đọng ba ngày ở đầu ngõ, gọi 0912345678 không ai nghe.",
        "category": "rac-thai-chat-thai",
        "area": "09190",
        "location": {"latitude": 21.18, "longitude": 106.07, "address": "Đường Lý Thái Tổ"},
        "petitioner": {"kind": "citizen", "full_name": "Nguyễn Thị Hoa", "phone": "0912345678"},
    });
    let answer = app.post("/petitions", &body).send().await.expect(201);
    Filed {
        code: answer.text_of("/code"),
        tracking_token: answer.text_of("/tracking_token"),
        agency: answer.text_of("/agency/code"),
        document: answer.body["document"]["id"].as_i64().expect("a document"),
    }
}

/// A clerk who also works on answers.
pub const HANDLER: &str = "nguoi.xu.ly";
/// The leader.
pub const LEADER: &str = "lanh.dao";

/// [`HANDLER`] and [`LEADER`] of one agency.
pub struct Office;

impl Office {
    /// Creates the officers of the agency that receives the petitions of [`file`]; files one to find it, and
    /// returns it too.
    pub async fn open(app: &TestApp) -> (Self, Filed) {
        let first = file(app).await;
        app.officer(HANDLER, Some(&first.agency), &[Role::Clerk, Role::Handler]).await;
        app.officer(LEADER, Some(&first.agency), &[Role::Leader]).await;
        (Self, first)
    }

    /// Runs one action on a document, by an officer who signs in anew, because the clock of a test moves by days.
    pub async fn act(&self, app: &TestApp, officer: &str, filed: &Filed, action: &str, body: &Value) {
        let token = app.login(officer, PASSWORD).await.expect(200).text_of("/access_token");
        app.post(&format!("/documents/{}/{action}", filed.document), body).token(&token).send().await.expect(200);
    }

    /// Accepts it.
    pub async fn accept(&self, app: &TestApp, filed: &Filed) {
        self.act(app, HANDLER, filed, "accept", &json!({})).await;
    }

    /// Accepts it and asks the petitioner a question.
    pub async fn ask(&self, app: &TestApp, filed: &Filed) {
        self.accept(app, filed).await;
        self.act(app, HANDLER, filed, "ask", &json!({"question": QUESTION})).await;
    }

    /// Drafts, submits and approves an answer to an accepted one.
    pub async fn answer(&self, app: &TestApp, filed: &Filed) {
        let draft = json!({"content": "Đã thu gom toàn bộ rác trong ngày.", "outcome": "resolved"});
        self.act(app, HANDLER, filed, "draft", &draft).await;
        self.act(app, HANDLER, filed, "submit", &json!({})).await;
        self.act(app, LEADER, filed, "approve", &json!({})).await;
    }
}

/// Runs an action of the petitioner.
pub async fn as_petitioner(app: &TestApp, filed: &Filed, action: &str, body: &Value) {
    let path = format!("/petitions/{}/{action}", filed.code);
    app.post(&path, body).header("X-Tracking-Token", &filed.tracking_token).send().await.expect(200);
}
