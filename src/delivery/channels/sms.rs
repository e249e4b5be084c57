//! Text messages through an HTTP gateway that takes JSON: `{"to", "from", "text", "reference"}`, with a bearer token
//! if one is configured.
//!
//! Enters: an [`SmsMessage`]. Leaves: a [`DeliveryReport`].

use super::DeliveryReport;
use super::http_client::client;
use crate::config::{Config, ConfigError, Secret};
use crate::delivery::rules::AttemptOutcome;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// Maximum size in bytes of a response that is searched for the gateway's message id.
const MOST_ANSWER: usize = 16 * 1024;

/// One text message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsMessage {
    /// Phone number in E.164.
    pub to: String,
    pub text: String,
    /// Idempotency key, the same for each attempt.
    pub key: String,
}

/// Sends text messages.
pub struct SmsChannel {
    client: reqwest::Client,
    url: String,
    token: Option<Secret>,
    from: String,
}

impl SmsChannel {
    /// Builds the channel from the configuration; `None` without `sms_url`.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(url) = &config.sms_url else { return Ok(None) };
        // Private addresses are allowed: the operator configured the URL, and the gateway is often in the same
        // network.
        let client = client(true)?;
        let from = config.sms_from.clone().unwrap_or_default();
        Ok(Some(Self { client, url: url.clone(), token: config.sms_token.clone(), from }))
    }

    /// Sends one message.
    pub async fn send(&self, message: SmsMessage) -> DeliveryReport {
        let body = json!({"to": message.to, "from": self.from, "text": message.text, "reference": message.key});
        let mut request = self.client.post(&self.url).json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.reveal());
        }
        match request.send().await {
            Ok(answer) => judge(answer).await,
            Err(error) if error.is_connect() => DeliveryReport::failed(AttemptOutcome::Unreached, "connection"),
            Err(error) if error.is_builder() => DeliveryReport::failed(AttemptOutcome::Refused, "request"),
            Err(_) => DeliveryReport::failed(AttemptOutcome::Uncertain, "broken off"),
        }
    }
}

/// Whether the status rejects this message. Any other failure (wrong token, unpaid bill, wrong URL, redirect, rate
/// limit, server error) concerns the gateway, and the message can wait.
fn speaks_of_the_message(status: StatusCode) -> bool {
    [StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNPROCESSABLE_ENTITY].contains(&status)
}

async fn judge(mut answer: reqwest::Response) -> DeliveryReport {
    let status = answer.status();
    let told = format!("HTTP {}", status.as_u16());
    if status == StatusCode::GATEWAY_TIMEOUT {
        return DeliveryReport::failed(AttemptOutcome::Uncertain, told);
    }
    if !status.is_success() {
        let outcome = if speaks_of_the_message(status) { AttemptOutcome::Refused } else { AttemptOutcome::Unreached };
        return DeliveryReport::failed(outcome, told);
    }
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        if bytes.len() + chunk.len() > MOST_ANSWER {
            break;
        }
        bytes.extend_from_slice(&chunk);
    }
    let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let id = said.get("id").or_else(|| said.get("message_id"));
    let reference = match id {
        Some(Value::String(text)) => text.chars().take(64).collect(),
        Some(Value::Number(number)) => number.to_string(),
        _ => told,
    };
    DeliveryReport::delivered(Some(reference))
}
