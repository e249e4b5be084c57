//! A complete server in a test: a real socket, its own database with the reference data, and a clock set by the
//! test.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use crate::database::{PERSONAL_KEY, Template, TestDatabase};
use chrono::{DateTime, Duration, Utc};
use pakn::accounts;
use pakn::accounts::passwords::{PasswordCost, Passwords};
use pakn::app::App;
use pakn::config::{Config, Secret};
use pakn::directory::load_reference;
use pakn::kernel::Instant;
use pakn::kernel::account::{ContactKind, Role};
use pakn::kernel::clock::FixedClock;
use pakn::kernel::ids::AccountId;
use pakn::officers::{self, Administrator, NewOfficer};
use pakn::ops::server;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// Start time of every test: Monday, 6 March 2023, 9:00 in Việt Nam, while the default directory is in force.
pub const BEGINNING: &str = "2023-03-06T09:00:00+07:00";

/// The password of every officer created by [`TestApp::officer`].
pub const PASSWORD: &str = "gạch đỏ bên cầu";

/// A running server.
pub struct TestApp {
    /// The application of the server, for direct access.
    pub app: App,
    /// The clock of the server.
    pub clock: Arc<FixedClock>,
    address: SocketAddr,
    admin_address: SocketAddr,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    // Dropped last: the server uses them until it has stopped.
    place: Arc<(TestDatabase, TempDir)>,
}

/// A response of the server.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as received.
    pub text: String,
    /// The body as JSON; null if it is not JSON.
    pub body: Value,
}

impl Answered {
    /// Panics unless the response has this status; returns itself.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Panics unless the response is a problem as described in docs/contract.md §11.5, with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answered = self.expect(status);
        assert_eq!(answered.header("content-type"), "application/problem+json");
        let problem = &answered.body;
        assert_eq!((answered.code(), problem["status"].as_u64()), (code, Some(status.into())), "{problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{problem}");
        assert_eq!(problem["request_id"], answered.header("x-request-id"), "{problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        answered
    }

    /// Returns a header as text; empty if missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of text"))
    }

    /// Returns the `code` of a problem.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Returns the invalid fields of a problem as `field=code`, in order.
    pub fn errors(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| format!("{}={}", text(&error["field"]), text(&error["code"]))).collect()
    }

    /// Returns a text in the body, by JSON pointer.
    #[track_caller]
    pub fn text_of(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {}", self.text)).to_owned()
    }
}

/// A request to be sent.
pub struct Request {
    builder: reqwest::RequestBuilder,
}

impl Request {
    /// Adds the access token.
    pub fn token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value) }
    }

    pub fn json(self, body: &Value) -> Self {
        Self { builder: self.builder.json(body) }
    }

    /// Sets a body of any media type.
    pub fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self { builder: self.builder.header("Content-Type", media_type).body(body) }
    }

    /// Sends the request and leaves the body to the caller, for streaming.
    pub async fn open(self) -> reqwest::Response {
        self.builder.send().await.expect("an answer")
    }

    pub async fn send(self) -> Answered {
        let mut response = self.builder.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // A stream does not end: its beginning shows that it is one.
        let is_stream = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let text = match is_stream {
            true => String::from_utf8_lossy(&response.chunk().await.expect("a body").unwrap_or_default()).into_owned(),
            false => response.text().await.expect("a body"),
        };
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answered { status, headers, text, body }
    }
}

impl TestApp {
    /// Starts a server on a database with the reference data.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server with other settings.
    #[expect(clippy::unused_async, reason = "starting reads alike everywhere")]
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        static WITH_REFERENCE: Template = Template::new();
        Self::on(WITH_REFERENCE.database(load_reference_data), change)
    }

    /// Starts a server on an already filled database. The server runs on its own thread, so that it shuts down
    /// cleanly even when the test panics.
    pub fn on(database: TestDatabase, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = Arc::new(FixedClock::new(beginning()));
        let mut config = config(&database, &folder);
        change(&mut config);
        let app = open(config, Arc::clone(&clock));
        Self::serve(app, clock, Arc::new((database, folder)))
    }

    /// Starts another instance on the same database and folder, with the same clock.
    pub fn beside(&self) -> Self {
        let app = open(Config::clone(&self.app.config), Arc::clone(&self.clock));
        Self::serve(app, Arc::clone(&self.clock), Arc::clone(&self.place))
    }

    fn serve(app: App, clock: Arc<FixedClock>, place: Arc<(TestDatabase, TempDir)>) -> Self {
        let (tell_addresses, addresses) = sync_channel(1);
        let (stop, stopped) = oneshot::channel();
        let served = app.clone();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async {
                let running = server::start(served.clone(), "127.0.0.1:0", "127.0.0.1:0").expect("start");
                tell_addresses.send((running.address, running.admin_address)).expect("the test waits");
                let _ = stopped.await;
                running.stop().await.expect("stop");
                served.close().await;
            });
        });
        let (address, admin_address) = addresses.recv().expect("the server starts");
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let (stop, thread) = (Some(stop), Some(thread));
        Self { app, clock, address, admin_address, client, stop, thread, place }
    }

    /// Returns the address of the public listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Creates a request to any path of the public listener.
    pub fn outside(&self, method: Method, path: &str) -> Request {
        Request { builder: self.client.request(method, format!("http://{}{path}", self.address)) }
    }

    /// Creates a GET to the operators' listener.
    pub fn operator_get(&self, path: &str) -> Request {
        self.inside(Method::GET, path)
    }

    /// Creates a request to any path of the operators' listener.
    pub fn inside(&self, method: Method, path: &str) -> Request {
        Request { builder: self.client.request(method, format!("http://{}{path}", self.admin_address)) }
    }

    /// Creates a request to a path below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> Request {
        self.outside(method, &format!("/api/v1{path}"))
    }

    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// Creates a POST with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// Creates a PATCH with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// Creates an officer with [`PASSWORD`], signs in and returns the access token.
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

    /// Confirms the e-mail of a newly registered account, as an identity provider does.
    pub async fn prove_email(&self, registered: &Answered) {
        self.prove(registered, ContactKind::Email, "/account/email").await;
    }

    /// Like [`Self::prove_email`], for a phone.
    pub async fn prove_phone(&self, registered: &Answered) {
        self.prove(registered, ContactKind::Phone, "/account/phone").await;
    }

    async fn prove(&self, registered: &Answered, kind: ContactKind, place: &str) {
        let id = registered.body["account"]["id"].as_i64().expect("an account");
        self.vouch(id, kind, &registered.text_of(place)).await;
    }

    /// Stores a confirmed contact in an account.
    pub async fn vouch(&self, account: i64, kind: ContactKind, value: &str) {
        accounts::accept_verified(&self.app, AccountId(account), kind, value).await.expect("proven");
    }

    pub async fn login(&self, login: &str, password: &str) -> Answered {
        self.post("/auth/login", &serde_json::json!({"login": login, "password": password})).send().await
    }

    /// Advances the clock.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Shuts the server down, as dropping does; for tests that do so explicitly.
    #[expect(clippy::unused_async, reason = "starting and stopping read alike")]
    pub async fn stop(self) {
        drop(self);
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            // A second panic would hide the first.
            assert!(ended.is_ok() || std::thread::panicking(), "the server did not end in order");
        }
    }
}

fn beginning() -> Instant {
    Instant::from_utc(BEGINNING.parse::<DateTime<Utc>>().expect("a moment"))
}

fn config(database: &TestDatabase, folder: &TempDir) -> Config {
    Config {
        data_dir: folder.path().to_path_buf(),
        // The same for every server, so that the rows of a template can be decrypted.
        personal_keys: vec![Secret::new(PERSONAL_KEY.to_owned())],
        database_url: Some(Secret::new(database.url_text().to_owned())),
        database_connections: 4,
        // A busy machine must not cause refusals; tests of refusals set these themselves.
        database_wait_ms: 60_000,
        database_limit_ms: 60_000,
        database_question_ms: 60_000,
        database_count_ms: 60_000,
        http_workers: 1,
        stop_seconds: 5,
        worker: false,
        // Requirements for officers are off, except in the tests about them.
        second_factor_roles: Vec::new(),
        idle_days: 0,
        rate_limits: false,
        ..Config::default()
    }
}

fn open(config: Config, clock: Arc<FixedClock>) -> App {
    let mut app = App::open(config, clock).expect("open");
    // The real cost would slow down every sign-in of every test.
    app.passwords = Passwords::new(PasswordCost { memory_kib: 8, passes: 1 }).expect("a cost");
    app
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Runs on its own thread, because templates are filled from synchronous code.
fn load_reference_data(database: &TestDatabase) {
    let load = || {
        let folder = TempDir::new().expect("a folder");
        runtime().block_on(async {
            let app = open(config(database, &folder), Arc::new(FixedClock::new(beginning())));
            load_reference::ensure_loaded(&app).await.expect("reference data");
            app.close().await;
        });
    };
    std::thread::scope(|scope| scope.spawn(load).join()).expect("the reference data is loaded");
}
