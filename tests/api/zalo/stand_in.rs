//! Zalo as it is documented, on 127.0.0.1: refresh tokens are good once, access tokens until they are revoked, and what else is asked is
//! answered as the test says.

use crate::media;
use crate::receiver::{Received, Receiver, Reply};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// What stands behind the answers.
#[derive(Default)]
struct State {
    /// The one refresh token that is good.
    refresh: String,
    /// The one access token that is good.
    access: String,
    /// How often tokens were exchanged.
    exchanges: u32,
    /// Answers to the next messages and notices; afterwards everything is taken.
    next: VecDeque<Reply>,
    /// Whether the next exchange is done and its answer lost.
    loses_exchange: bool,
    /// Whether every message is answered with 503.
    is_down: bool,
    /// What was taken: to whom and what.
    told: Vec<(String, String)>,
    /// Notices that were taken.
    notices: Vec<Value>,
    /// Whose Mini App tokens are whose.
    people: BTreeMap<String, Value>,
    /// One-time tokens and what they stand for.
    once: BTreeMap<String, Value>,
}

/// Zalo.
pub struct StandIn {
    receiver: Receiver,
    state: Arc<Mutex<State>>,
}

impl StandIn {
    /// Starts; `refresh-0` is good for the first exchange.
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State { refresh: "refresh-0".to_owned(), ..State::default() }));
        let shared = Arc::clone(&state);
        let receiver = Receiver::start(move |_, request| answer(&mut shared.lock().expect("nobody panicked"), request));
        Self { receiver, state }
    }

    /// An address at it.
    pub fn url(&self, path: &str) -> String {
        self.receiver.url(path)
    }

    /// Everything that came to an address.
    pub fn received(&self, target: &str) -> Vec<Received> {
        self.receiver.received().into_iter().filter(|request| request.target.starts_with(target)).collect()
    }

    /// What a person was told since this was asked last.
    pub fn told(&self, who: &str) -> Vec<String> {
        let mut state = self.state.lock().unwrap();
        let (mine, others) = std::mem::take(&mut state.told).into_iter().partition(|(user, _)| user == who);
        state.told = others;
        let mine: Vec<(String, String)> = mine;
        mine.into_iter().map(|(_, text)| text).collect()
    }

    /// The notices that were taken.
    pub fn notices(&self) -> Vec<Value> {
        self.state.lock().unwrap().notices.clone()
    }

    /// How often tokens were exchanged.
    pub fn exchanges(&self) -> u32 {
        self.state.lock().unwrap().exchanges
    }

    /// Answers the next message or notice so.
    pub fn next(&self, reply: Reply) {
        self.state.lock().unwrap().next.push_back(reply);
    }

    /// Answers the next message or notice with an error code, which comes with 200 as Zalo does.
    pub fn next_code(&self, code: i64) {
        self.next(Reply::Status(200, json!({"error": code, "message": "Lỗi"}).to_string()));
    }

    /// Goes down, or comes back.
    pub fn is_down(&self, is_down: bool) {
        self.state.lock().unwrap().is_down = is_down;
    }

    /// The access token is not good any more.
    pub fn revoke(&self) {
        self.state.lock().unwrap().access = "revoked".to_owned();
    }

    /// The next exchange is done and its answer lost on the way.
    pub fn lose_exchange(&self) {
        self.state.lock().unwrap().loses_exchange = true;
    }

    /// Somebody else has used the refresh token.
    pub fn spoil_refresh(&self) {
        self.state.lock().unwrap().refresh = "used elsewhere".to_owned();
    }

    /// A token of the Mini App belongs to a person.
    pub fn knows(&self, token: &str, person: Value) {
        self.state.lock().unwrap().people.insert(token.to_owned(), person);
    }

    /// A one-time token stands for something.
    pub fn gives_once(&self, code: &str, data: Value) {
        self.state.lock().unwrap().once.insert(code.to_owned(), data);
    }
}

fn said(body: &Value) -> Reply {
    Reply::Status(200, body.to_string())
}

fn answer(state: &mut State, request: &Received) -> Reply {
    let path = request.target.split_once(' ').map_or("", |(_, path)| path);
    match path.split('?').next().unwrap_or_default() {
        "/v4/oa/access_token" => exchange(state, request),
        "/v3.0/oa/message/cs" => match refused(state, request) {
            Some(reply) => reply,
            None => {
                let body: Value = serde_json::from_str(&request.body).expect("JSON");
                let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
                assert!(text("/message/text").chars().count() <= 2000);
                state.told.push((text("/recipient/user_id"), text("/message/text")));
                said(&json!({"error": 0, "message": "Success", "data": {"message_id": format!("z{}", state.told.len())}}))
            }
        },
        "/message/template" => match refused(state, request) {
            Some(reply) => reply,
            None => {
                state.notices.push(serde_json::from_str(&request.body).expect("JSON"));
                said(&json!({"error": 0, "message": "Success", "data": {"msg_id": "zns-1", "quota": {"dailyQuota": "500"}}}))
            }
        },
        "/v2.0/me" => match state.people.get(request.header("access_token")) {
            _ if request.header("appsecret_proof").len() != 64 => said(&json!({"error": 452, "message": "Session key invalid"})),
            Some(person) => said(person),
            None => said(&json!({"error": 452, "message": "Session key invalid"})),
        },
        "/v2.0/me/info" => match state.once.remove(request.header("code")) {
            Some(data) if request.header("secret_key") == super::APP_SECRET => {
                said(&json!({"data": data, "error": 0, "message": "Success"}))
            }
            _ => said(&json!({"error": 112, "message": "Code is invalid"})),
        },
        "/photo.jpg" => Reply::Bytes(media::jpeg(64, 48)),
        "/page.html" => Reply::Status(200, "<html>không phải ảnh</html>".to_owned()),
        _ => Reply::Status(404, String::new()),
    }
}

fn exchange(state: &mut State, request: &Received) -> Reply {
    assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
    if request.header("secret_key") != super::APP_SECRET {
        return said(&json!({"error": -14004, "error_name": "Invalid secret key"}));
    }
    let url = reqwest::Url::parse(&format!("http://form/?{}", request.body)).expect("a form");
    let fields: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(fields["app_id"], super::APP_ID);
    let is_good = match fields["grant_type"].as_str() {
        "refresh_token" => fields["refresh_token"] == state.refresh,
        "authorization_code" => fields["code"] == "code-1" && fields["code_verifier"].len() == 43,
        _ => false,
    };
    if !is_good {
        return said(&json!({"error": -14020, "error_name": "Refresh token was used"}));
    }
    state.exchanges += 1;
    state.refresh = format!("refresh-{}", state.exchanges);
    state.access = format!("access-{}", state.exchanges);
    if std::mem::take(&mut state.loses_exchange) {
        return Reply::HangUp;
    }
    said(&json!({"access_token": state.access, "refresh_token": state.refresh, "expires_in": "90000"}))
}

/// What keeps a message from being taken.
fn refused(state: &mut State, request: &Received) -> Option<Reply> {
    if state.is_down {
        return Some(Reply::Status(503, String::new()));
    }
    if request.header("access_token") != state.access {
        return Some(said(&json!({"error": -216, "message": "Access token is invalid"})));
    }
    state.next.pop_front()
}
