//! A real OpenID provider (oidc-provider) as a separate process, and a browser that fills in its forms.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use crate::outside::provided;
use reqwest::Url;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A timeout longer than key generation.
const PATIENCE: Duration = Duration::from_secs(60);

/// The redirect URI; nothing listens there, the browser stops before following it.
pub const BACK: &str = "https://pakn.example.vn/signed-in";

/// The running provider; ends when it is dropped.
pub struct IdentityProvider {
    /// Its issuer URL.
    pub issuer: String,
    said: Receiver<String>,
    input: ChildStdin,
    child: Child,
}

/// The parameters returned to [`BACK`].
pub type Returned = BTreeMap<String, String>;

impl IdentityProvider {
    /// Starts it, if its packages are installed: `tests/run` sets `PAKN_TEST_NODE_MODULES`. `people` are claims by
    /// login.
    pub fn start(people: &Value, claims_in_token: bool) -> Option<Self> {
        let modules = provided("PAKN_TEST_NODE_MODULES")?;
        let options = json!({"redirect_uris": [BACK], "people": people, "claims_in_token": claims_in_token});
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/oidc.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(modules).arg(options.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the provider starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (sender, said) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let input = child.stdin.take().expect("its input");
        let issuer = said.recv_timeout(PATIENCE).expect("its address");
        Some(Self { issuer, said, input, child })
    }

    /// Replaces its keys; its earlier signatures can no longer be verified.
    pub fn rotate(&mut self) {
        writeln!(self.input, "rotate").expect("the provider listens");
        assert_eq!(self.said.recv_timeout(PATIENCE).expect("an answer"), "rotate");
    }

    /// Opens the URL and signs in under a name; returns the redirect parameters.
    pub async fn sign_in(&self, url: &str, login: &str) -> Returned {
        let mut browser = Browser::new();
        let mut form = browser.walk(url, None).await.expect_err("a form for signing in");
        for fields in [format!("prompt=login&login={login}&password=x"), "prompt=consent".to_owned()] {
            form = match browser.walk(form.as_str(), Some(fields)).await {
                Ok(returned) => return returned,
                Err(next) => next,
            };
        }
        panic!("the provider asks for more at {form}")
    }

    /// Opens the URL and cancels the sign-in.
    pub async fn decline(&self, url: &str) -> Returned {
        let mut browser = Browser::new();
        let form = browser.walk(url, None).await.expect_err("a form for signing in");
        browser.walk(&format!("{form}/abort"), None).await.expect("back at the application")
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        Self { client: client.expect("a client"), cookies: BTreeMap::new() }
    }

    /// Follows redirects to the application (`Ok`) or to a page with a form (`Err`).
    async fn walk(&mut self, url: &str, mut fields: Option<String>) -> Result<Returned, Url> {
        let mut url = Url::parse(url).expect("an address");
        loop {
            let request = match fields.take() {
                Some(fields) => {
                    self.client.post(url.clone()).header("content-type", "application/x-www-form-urlencoded").body(fields)
                }
                None => self.client.get(url.clone()),
            };
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let response = request.header(COOKIE, cookies.join("; ")).send().await.expect("the provider answers");
            for line in response.headers().get_all(SET_COOKIE) {
                let cookie = line.to_str().expect("text").split(';').next().expect("a cookie");
                let (name, value) = cookie.split_once('=').expect("a name");
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let Some(next) = response.headers().get(LOCATION) else {
                assert!(response.status().is_success(), "{url}: {}", response.text().await.expect("a page"));
                return Err(url);
            };
            url = url.join(next.to_str().expect("text")).expect("an address");
            if url.as_str().starts_with(BACK) {
                return Ok(url.query_pairs().into_owned().collect());
            }
        }
    }
}
