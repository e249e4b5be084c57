//! The whole server in a test: a real socket, a database of its own with the reference data, a clock that is set by hand.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use crate::database::{Template, TestDatabase};
use chrono::{DateTime, Duration, Utc};
use pakn::app::App;
use pakn::clock::FixedClock;
use pakn::config::{Config, Secret};
use pakn::domain::Instant;
use pakn::domain::account::Role;
use pakn::http::server::{self, Running};
use pakn::services::accounts::officers::{self, Administrator, NewOfficer};
use pakn::services::accounts::passwords::{PasswordCost, Passwords};
use pakn::services::directory::load_reference;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

/// When every test begins: Monday, 6 March 2023, 9:00 in Việt Nam, while the default directory is in force.
pub const BEGINNING: &str = "2023-03-06T09:00:00+07:00";

/// The password of every officer made by [`TestApp::officer`].
pub const PASSWORD: &str = "gạch đỏ bên cầu";

/// A running server.
pub struct TestApp {
    /// What the server owns, to look behind it.
    pub app: App,
    /// The clock of the server.
    pub clock: Arc<FixedClock>,
    base: String,
    client: reqwest::Client,
    running: Option<Running>,
    _database: TestDatabase,
    _folder: TempDir,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body, or null where it is no JSON.
    pub body: Value,
}

impl Answered {
    /// Panics unless the answer has the status; hands itself on.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The `code` of a problem.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The wrong fields of a problem as `field=code`, in their order.
    pub fn errors(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| format!("{}={}", text(&error["field"]), text(&error["code"]))).collect()
    }

    /// A member of the body that is a text.
    #[track_caller]
    pub fn text_of(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {}", self.text)).to_owned()
    }
}

/// A request on its way.
pub struct Request {
    builder: reqwest::RequestBuilder,
}

impl Request {
    /// With the access token.
    pub fn token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// With a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value) }
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        Self { builder: self.builder.json(body) }
    }

    /// With a body of any type.
    pub fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self { builder: self.builder.header("Content-Type", media_type).body(body) }
    }

    /// Sends it.
    pub async fn send(self) -> Answered {
        let response = self.builder.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answered { status, headers, text, body }
    }
}

impl TestApp {
    /// Starts a server on a database with the reference data.
    pub async fn start() -> Self {
        static WITH_REFERENCE: Template = Template::new();
        let database = WITH_REFERENCE.database(load_reference_data);
        let folder = TempDir::new().expect("a folder");
        let clock = Arc::new(FixedClock::new(beginning()));
        let app = open(&database, &folder, Arc::clone(&clock));
        let running = server::start(app.clone(), "127.0.0.1:0", "127.0.0.1:0").expect("start");
        let base = format!("http://{}/api/v1", running.address);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { app, clock, base, client, running: Some(running), _database: database, _folder: folder }
    }

    /// A request to a path below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> Request {
        Request { builder: self.client.request(method, format!("{}{path}", self.base)) }
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// A POST with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// A PATCH with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// Makes an officer with [`PASSWORD`] and signs in; the access token.
    pub async fn officer(&self, username: &str, agency: Option<&str>, roles: &[Role]) -> String {
        let officer = NewOfficer {
            username: username.to_owned(),
            full_name: "Trần Thị Bình".to_owned(),
            agency: agency.map(str::to_owned),
            roles: roles.to_vec(),
            password: Some(PASSWORD.to_owned()),
            ..NewOfficer::default()
        };
        officers::create(&self.app, &Administrator::Operator, &officer, None).await.expect("an officer");
        self.login(username, PASSWORD).await.expect(200).text_of("/access_token")
    }

    /// Signs in.
    pub async fn login(&self, login: &str, password: &str) -> Answered {
        self.post("/auth/login", &serde_json::json!({"login": login, "password": password})).send().await
    }

    /// Moves the clock on.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Stops the server in order.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("stop");
        }
        self.app.close().await;
    }
}

fn beginning() -> Instant {
    Instant::from_utc(BEGINNING.parse::<DateTime<Utc>>().expect("a moment"))
}

fn open(database: &TestDatabase, folder: &TempDir, clock: Arc<FixedClock>) -> App {
    let config = Config {
        data_dir: folder.path().to_path_buf(),
        database_url: Some(Secret::new(database.url_text().to_owned())),
        http_workers: 1,
        worker: false,
        ..Config::default()
    };
    let mut app = App::open(config, clock).expect("open");
    // The real cost would make every sign-in of every test slow.
    app.passwords = Passwords::new(PasswordCost { memory_kib: 8, passes: 1 }).expect("a cost");
    app
}

/// Runs on a thread of its own, because a template is filled without waiting.
fn load_reference_data(database: &TestDatabase) {
    let load = || {
        let folder = TempDir::new().expect("a folder");
        let app = open(database, &folder, Arc::new(FixedClock::new(beginning())));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            load_reference::ensure_loaded(&app).await.expect("reference data");
            app.close().await;
        });
    };
    std::thread::scope(|scope| scope.spawn(load).join()).expect("the reference data is loaded");
}
