//! A provider that cheats: it says and signs whatever a test wants.

use super::{Begun, begun, settings, to_the_present};
use crate::app::{Answered, TestApp};
use crate::receiver::{Receiver, Reply};
use data_encoding::BASE64URL_NOPAD;
use pakn::config::Config;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// What the provider says.
pub struct Plan {
    /// Added to its metadata, or in the place of what it would say.
    pub metadata: Value,
    /// Answer of the token endpoint: status and body.
    pub token: (u16, String),
    /// Answer of the userinfo endpoint.
    pub userinfo: Value,
    /// The keys that it publishes.
    pub keys: Vec<Key>,
}

/// A key with a name.
#[derive(Clone)]
pub struct Key {
    pair: Arc<Ed25519KeyPair>,
    name: String,
}

impl Key {
    /// A fresh one.
    pub fn new(name: &str) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self { pair: Arc::new(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()), name: name.to_owned() }
    }

    /// What everybody knows of it.
    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn published(&self) -> Value {
        let x = BASE64URL_NOPAD.encode(self.public());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.name, "x": x})
    }

    /// A token with the claims, signed rightly.
    pub fn token(&self, claims: &Value) -> String {
        signed(&json!({"alg": "EdDSA", "kid": self.name}), claims, |text| self.pair.sign(text).as_ref().to_vec())
    }
}

/// A token with any header, signed in any way.
pub fn signed(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = BASE64URL_NOPAD.encode(&sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// A server beside the provider that cheats.
pub struct Cheated {
    pub app: TestApp,
    pub key: Key,
    pub issuer: String,
    plan: Arc<Mutex<Plan>>,
    provider: Receiver,
}

impl Cheated {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let key = Key::new("k1");
        let plan = Plan { metadata: json!({}), token: (500, String::new()), userinfo: json!({}), keys: vec![key.clone()] };
        let plan = Arc::new(Mutex::new(plan));
        let known = Arc::clone(&plan);
        let provider = Receiver::start(move |_, request| {
            let plan = known.lock().unwrap();
            let issuer = format!("http://{}", request.header("host"));
            let ok = |value: Value| Reply::Status(200, value.to_string());
            match request.target.split([' ', '?']).nth(1).unwrap_or_default() {
                "/.well-known/openid-configuration" => ok(metadata(&issuer, &plan.metadata)),
                "/jwks" => ok(json!({"keys": plan.keys.iter().map(Key::published).collect::<Vec<_>>()})),
                "/token" => Reply::Status(plan.token.0, plan.token.1.clone()),
                "/me" => ok(plan.userinfo.clone()),
                _ => Reply::Status(404, String::new()),
            }
        });
        let issuer = provider.url("");
        let app = TestApp::start_with(|config| {
            config.oidc.citizen = settings(&issuer, "pakn-citizen");
            change(config);
        });
        let app = app.await;
        to_the_present(&app);
        Self { app, key, issuer, plan, provider }
    }

    /// Changes what the provider says.
    pub fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.plan.lock().unwrap());
    }

    /// How often something was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.provider.received().iter().filter(|request| request.target.ends_with(path)).count()
    }

    /// Begins; the nonce that a right token holds.
    pub async fn begin(&self) -> (Begun, String) {
        let begun = begun(&self.app.post("/auth/oidc/citizen/begin", &json!({})).send().await.expect(200));
        let url = reqwest::Url::parse(&begun.url).unwrap();
        let nonce = url.query_pairs().find(|(name, _)| name == "nonce").unwrap().1.into_owned();
        (begun, nonce)
    }

    /// The claims of a right token.
    pub fn claims(&self, nonce: &str) -> Value {
        let now = self.app.app.now().utc().timestamp();
        json!({
            "iss": self.issuer, "sub": "s-1", "aud": "pakn-citizen", "nonce": nonce, "iat": now, "exp": now + 300,
            "HoVaTen": "Nguyễn Văn An", "LoaiTaiKhoan": "1",
        })
    }

    /// Finishes with a token that the provider gives out.
    pub async fn finish_with(&self, begun: &Begun, token: &str) -> Answered {
        let answer = json!({"access_token": "access", "token_type": "Bearer", "id_token": token});
        self.plan(|plan| plan.token = (200, answer.to_string()));
        self.finish(begun).await
    }

    pub async fn finish(&self, begun: &Begun) -> Answered {
        let body = json!({"state": begun.state, "finish_secret": begun.secret, "code": "code"});
        self.app.post("/auth/oidc/citizen/finish", &body).send().await
    }

    /// Signs in with a token of changed claims.
    pub async fn with_claims(&self, change: impl FnOnce(&mut Value)) -> Answered {
        let (begun, nonce) = self.begin().await;
        let mut claims = self.claims(&nonce);
        change(&mut claims);
        self.finish_with(&begun, &self.key.token(&claims)).await
    }
}

fn metadata(issuer: &str, changes: &Value) -> Value {
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    for (name, value) in changes.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    metadata
}
