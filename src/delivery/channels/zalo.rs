//! Client for Zalo's APIs: each method is one call and returns the response without interpreting it.
//!
//! Error codes are interpreted in `integrations::zalo::rules::error_action`; tokens live in
//! `integrations::zalo::tokens`. Rule: if a response was not read completely, the message may still have arrived.

use super::http_client::client;
use crate::config::{Config, ConfigError, ZaloSettings};
use crate::delivery::messages::Template;
use crate::kernel::seal::mac;
use data_encoding::HEXLOWER;
use reqwest::{RequestBuilder, StatusCode, Url};
use serde_json::{Value, json};
use std::time::Duration;

/// Maximum response size in bytes.
const MOST_ANSWER: usize = 256 * 1024;

/// Result of one call.
#[derive(Debug, Clone, PartialEq)]
pub enum ZaloResponse {
    /// A JSON response, possibly an error.
    Answered(Value),
    /// HTTP 401: the token is invalid.
    TokenRefused,
    /// The request was certainly not processed.
    Unreached(String),
    /// The request may have been processed.
    Uncertain(String),
}

/// One ZNS notification, addressed by phone number.
#[derive(Clone, PartialEq, Eq)]
pub struct ZnsNotice {
    /// Phone number in E.164.
    pub phone: String,
    /// Zalo's template id.
    pub template: String,
    /// Template parameters.
    pub data: Value,
    /// Tracking id, the same for each attempt; Zalo returns it in the delivery event.
    pub tracking: String,
}

/// Calls Zalo.
pub struct ZaloChannel {
    /// The Official Account and its secrets.
    pub settings: ZaloSettings,
    client: reqwest::Client,
    timeout: Duration,
    oauth: String,
    api: String,
    notices: String,
    graph: String,
}

/// Returns the error code of a response; `None` if it has none.
#[must_use]
pub fn code_of(answer: &Value) -> Option<i64> {
    match answer.get("error")? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

impl ZaloChannel {
    /// Builds the channel from the configuration; `None` without `zalo_app_id`.
    ///
    /// # Errors
    /// An unusable setting.
    pub fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(settings) = config.zalo()? else { return Ok(None) };
        if let Some(name) = settings.templates.keys().find(|name| name.parse::<Template>().is_err()) {
            return Err(ConfigError::unusable("zalo_zns_templates", &format!("there is no message named {name}")));
        }
        let base = |url: &String| url.trim_end_matches('/').to_owned();
        Ok(Some(Self {
            settings,
            // Private addresses are allowed: the operator configures the URLs, and test servers listen on localhost.
            client: client(true)?,
            timeout: Duration::from_millis(config.zalo_timeout_ms),
            oauth: base(&config.zalo_oauth_url),
            api: base(&config.zalo_api_url),
            notices: base(&config.zalo_zns_url),
            graph: base(&config.zalo_graph_url),
        }))
    }

    /// Sends a message from the Official Account.
    pub async fn message(&self, access_token: &str, user: &str, text: &str) -> ZaloResponse {
        let body = json!({"recipient": {"user_id": user}, "message": {"text": text}});
        let url = format!("{}/v3.0/oa/message/cs", self.api);
        self.call(self.client.post(url).header("access_token", access_token).json(&body)).await
    }

    /// Sends a ZNS notification by phone number.
    pub async fn notice(&self, access_token: &str, notice: &ZnsNotice) -> ZaloResponse {
        let phone = notice.phone.trim_start_matches('+');
        let body = json!({
            "phone": phone, "template_id": notice.template, "template_data": notice.data, "tracking_id": notice.tracking,
        });
        let url = format!("{}/message/template", self.notices);
        self.call(self.client.post(url).header("access_token", access_token).json(&body)).await
    }

    /// Exchanges the refresh token, which can be used only once.
    pub async fn refresh(&self, refresh_token: &str) -> ZaloResponse {
        let fields = [("refresh_token", refresh_token), ("app_id", &self.settings.app_id), ("grant_type", "refresh_token")];
        self.exchange(&fields).await
    }

    /// Exchanges an OAuth authorisation code for tokens.
    pub async fn authorise(&self, code: &str, verifier: &str) -> ZaloResponse {
        let app_id = self.settings.app_id.as_str();
        self.exchange(&[("code", code), ("app_id", app_id), ("grant_type", "authorization_code"), ("code_verifier", verifier)])
            .await
    }

    async fn exchange(&self, fields: &[(&str, &str)]) -> ZaloResponse {
        let form = Url::parse_with_params("http://form/", fields).ok().and_then(|url| url.query().map(str::to_owned));
        let request = self
            .client
            .post(format!("{}/v4/oa/access_token", self.oauth))
            .header("secret_key", self.settings.app_secret.reveal())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.unwrap_or_default());
        self.call(request).await
    }

    /// Returns the URL where an administrator authorises the application for the Official Account.
    #[must_use]
    pub fn permission_url(&self, redirect_uri: &str, challenge: &str, state: &str) -> Option<String> {
        let fields = [
            ("app_id", self.settings.app_id.as_str()),
            ("redirect_uri", redirect_uri),
            ("code_challenge", challenge),
            ("state", state),
        ];
        let url = Url::parse_with_params(&format!("{}/v4/oa/permission", self.oauth), fields).ok()?;
        Some(url.into())
    }

    /// Requests the profile of the user whose token a Mini App holds.
    pub async fn profile(&self, access_token: &str) -> ZaloResponse {
        let url = format!("{}/v2.0/me?fields=id,name,picture", self.graph);
        let proof = proof(self.settings.app_secret.reveal(), access_token);
        self.call(self.client.get(url).header("access_token", access_token).header("appsecret_proof", proof)).await
    }

    /// Requests the phone number or location behind a one-time code of a Mini App.
    pub async fn info(&self, access_token: &str, code: &str) -> ZaloResponse {
        let request = self
            .client
            .get(format!("{}/v2.0/me/info", self.graph))
            .header("access_token", access_token)
            .header("code", code)
            .header("secret_key", self.settings.app_secret.reveal());
        self.call(request).await
    }

    async fn call(&self, request: RequestBuilder) -> ZaloResponse {
        match request.timeout(self.timeout).send().await {
            Ok(answer) => read(answer).await,
            Err(error) if error.is_connect() => ZaloResponse::Unreached("connection".to_owned()),
            // The caller-supplied token is not a valid header value.
            Err(error) if error.is_builder() => ZaloResponse::Unreached("request".to_owned()),
            Err(error) if error.is_timeout() => ZaloResponse::Uncertain("timeout".to_owned()),
            Err(_) => ZaloResponse::Uncertain("broken off".to_owned()),
        }
    }
}

async fn read(mut answer: reqwest::Response) -> ZaloResponse {
    let status = answer.status();
    if status == StatusCode::UNAUTHORIZED {
        return ZaloResponse::TokenRefused;
    }
    if status == StatusCode::GATEWAY_TIMEOUT {
        return ZaloResponse::Uncertain("HTTP 504".to_owned());
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return ZaloResponse::Unreached(format!("HTTP {}", status.as_u16()));
    }
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= MOST_ANSWER => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => return ZaloResponse::Uncertain("broken off".to_owned()),
        }
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => ZaloResponse::Answered(Value::Object(fields)),
        _ if status.is_success() => ZaloResponse::Uncertain("unreadable answer".to_owned()),
        _ => ZaloResponse::Unreached(format!("HTTP {}", status.as_u16())),
    }
}

/// `appsecret_proof`: proves that the sender of a token also knows the application's secret.
fn proof(app_secret: &str, access_token: &str) -> String {
    HEXLOWER.encode(&mac(app_secret.as_bytes(), access_token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_proof() {
        let told = proof("app-secret-for-tests", "access-token-for-tests");
        assert_eq!(told, "7196be12396e82d498574863aab45f32c0f0c84c6d6d4038d19a0d78120bdf44");
    }

    #[test]
    fn codes_come_as_numbers_and_as_texts() {
        for (answer, code) in [
            (json!({"error": -216}), Some(-216)),
            (json!({"error": "-216"}), Some(-216)),
            (json!({"error": {"code": 5}}), None),
            (json!({"access_token": "x"}), None),
        ] {
            assert_eq!(code_of(&answer), code);
        }
    }
}
