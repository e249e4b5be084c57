//! Signing in at providers of identities: against a real one (oidc-provider), and against one that cheats.

mod attacks;
mod cheat;
mod citizens;
mod errors;
mod linking;
mod officers;

use crate::app::{Answered, PASSWORD, Request, TestApp};
use crate::identity_provider::{BACK, IdentityProvider, Returned};
use chrono::{Duration, Utc};
use pakn::config::{Config, ProviderConfig, Secret};
use pakn::kernel::Instant;
use serde_json::{Value, json};

/// What VNeID and the National Public Service Portal call what we take.
const VNEID: [&str; 4] =
    ["full_name=HoVaTen", "personal_id=SoDinhDanh", "birth_date=NgayThangNamSinh", "account_type=LoaiTaiKhoan"];

/// The people whom the real provider knows.
fn people() -> Value {
    let person = |name: &str, id: &str, born: &str| json!({"HoVaTen": name, "SoDinhDanh": id, "NgayThangNamSinh": born, "LoaiTaiKhoan": "1", "TechID": "t-1", "name": name});
    json!({
        "an": person("Nguyễn Văn An", "027090000001", "19900131"),
        "binh": person("Trần Thị Bình", "027191000002", "19910605"),
        "odd": person("Lê Lẻ", "027090000003", "19850101"),
        "company": {"HoVaTen": "Công ty Một", "LoaiTaiKhoan": "2"},
        "nameless": {"LoaiTaiKhoan": "1"},
    })
}

/// A provider as the settings name it.
fn settings(issuer: &str, client: &str) -> ProviderConfig {
    ProviderConfig {
        issuer: Some(issuer.to_owned()),
        client_id: Some(client.to_owned()),
        client_secret: Some(Secret::new(format!("secret-of-{client}"))),
        redirect_uris: vec![BACK.to_owned(), "vn.gov.bacninh.pakn:/signed-in".to_owned()],
        scopes: vec!["openid".to_owned(), "vneid".to_owned()],
        acr_values: vec!["LoA1".to_owned()],
        claims: VNEID.map(str::to_owned).to_vec(),
        timeout_ms: 60_000,
        ..ProviderConfig::default()
    }
}

/// A server with the real provider beside it, in the present, because the provider knows no other time.
struct Setting {
    app: TestApp,
    provider: IdentityProvider,
}

/// Somebody on the way to the provider.
struct Begun {
    url: String,
    state: String,
    secret: String,
}

fn begun(answer: &Answered) -> Begun {
    Begun { url: answer.text_of("/authorization_url"), state: answer.text_of("/state"), secret: answer.text_of("/finish_secret") }
}

fn to_the_present(app: &TestApp) {
    // Some minutes ahead: tests take a while, and this clock stands still.
    app.clock.set(Instant::from_utc(Utc::now()).plus(Duration::minutes(5)));
}

/// What a client sends when it finishes.
fn finish(begun: &Begun, returned: &Returned) -> Value {
    let mut body = json!({"state": returned["state"], "finish_secret": begun.secret});
    for name in ["code", "iss", "error"] {
        if let Some(value) = returned.get(name) {
            body[name] = json!(value);
        }
    }
    body
}

impl Setting {
    async fn start() -> Option<Self> {
        Self::start_with(true, |_| {}).await
    }

    /// None where nobody provides the provider.
    async fn start_with(claims_in_token: bool, change: impl FnOnce(&mut Config)) -> Option<Self> {
        let provider = IdentityProvider::start(&people(), claims_in_token)?;
        let app = TestApp::start_with(|config| {
            config.oidc.citizen = settings(&provider.issuer, "pakn-citizen");
            config.oidc.officer = settings(&provider.issuer, "pakn-officer");
            change(config);
        });
        let app = app.await;
        to_the_present(&app);
        Some(Self { app, provider })
    }

    async fn begin(&self, realm: &str) -> Begun {
        begun(&self.app.post(&format!("/auth/oidc/{realm}/begin"), &json!({})).send().await.expect(200))
    }

    fn finish(&self, realm: &str, body: &Value) -> Request {
        self.app.post(&format!("/auth/oidc/{realm}/finish"), body)
    }

    /// The whole way in.
    async fn sign_in(&self, realm: &str, login: &str) -> Answered {
        let begun = self.begin(realm).await;
        let returned = self.provider.sign_in(&begun.url, login).await;
        self.finish(realm, &finish(&begun, &returned)).send().await
    }

    async fn begin_link(&self, realm: &str, token: &str, password: Option<&str>) -> Answered {
        let body = json!({"current_password": password});
        self.app.post(&format!("/me/oidc/{realm}/begin"), &body).token(token).send().await
    }

    /// The whole way of linking.
    async fn link(&self, realm: &str, token: &str, password: Option<&str>, login: &str) -> Answered {
        let begun = begun(&self.begin_link(realm, token, password).await.expect(200));
        let returned = self.provider.sign_in(&begun.url, login).await;
        self.app.post(&format!("/me/oidc/{realm}/finish"), &finish(&begun, &returned)).token(token).send().await
    }

    async fn identities(&self, token: &str) -> Value {
        self.app.get("/me/identities").token(token).send().await.expect(200).body
    }

    async fn register(&self, email: &str, changes: Value) -> String {
        let mut form = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "email": email, "password": PASSWORD});
        for (name, value) in changes.as_object().unwrap() {
            form[name] = value.clone();
        }
        self.app.post("/auth/register", &form).send().await.expect(201).text_of("/access_token")
    }
}
