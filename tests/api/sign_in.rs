//! Signing in where somebody else wants to: guessing, second factors, forgotten passwords, sessions, accounts that nobody uses.

mod idle;
mod lock_out;
mod password_reset;
mod policy;
pub mod second_factor;
mod sessions;

use crate::app::{Answered, TestApp};
use serde_json::json;

/// A sign-in from an address, which the test's proxy tells.
async fn sign_in_from(app: &TestApp, source: &str, login: &str, password: &str) -> Answered {
    let body = json!({"login": login, "password": password});
    app.post("/auth/login", &body).header("X-Forwarded-For", source).send().await
}

/// A server behind a proxy of this machine.
async fn behind_proxy() -> TestApp {
    TestApp::start_with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await
}
