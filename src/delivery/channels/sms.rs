//! Text messages by a gateway that takes JSON over HTTP: `{"to", "from", "text", "reference"}`, with a bearer token where one is set.

use super::DeliveryReport;
use super::http_client::client;
use crate::config::{Config, ConfigError, Secret};
use crate::delivery::rules::AttemptOutcome;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The longest answer that is looked at for the gateway's name of the message.
const MOST_ANSWER: usize = 16 * 1024;

/// One text message on its way.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsMessage {
    /// The phone in E.164.
    pub to: String,
    /// What it says.
    pub text: String,
    /// The same at each attempt.
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
    /// From the settings; none without `sms_url`.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(url) = &config.sms_url else { return Ok(None) };
        // The address is the operator's own, and often stands in the same network.
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

/// Everything else (a wrong token, an unpaid bill, a wrong address, a redirect, too many at once, a fault of the gateway) is between
/// the operator and the gateway, and the message can wait for it.
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
