//! Webhook deliveries, signed as the Standard Webhooks specification requires (`webhook-id`, `webhook-timestamp`,
//! `webhook-signature`).
//!
//! Enters: a [`WebhookRequest`]. Leaves: a [`DeliveryReport`]. Rule: URLs in private networks are refused.

use super::DeliveryReport;
use super::http_client::{client, is_inside_name, is_public};
use crate::config::{Config, ConfigError};
use crate::delivery::rules::AttemptOutcome;
use crate::delivery::store::outbox::NO_ANSWER;
use crate::kernel::Instant;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::seal::mac;
use data_encoding::BASE64;
use reqwest::{StatusCode, Url};
use std::net::IpAddr;
use std::time::Duration;

/// Prefix of every secret.
pub const SECRET_PREFIX: &str = "whsec_";

/// One webhook delivery.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookRequest {
    pub url: String,
    /// Signing secrets; two while the receiver rotates its secret.
    pub secrets: Vec<String>,
    /// Idempotency key (`webhook-id`), the same for each attempt.
    pub key: String,
    /// Request body, exactly as signed.
    pub body: String,
}

/// Posts webhook deliveries.
pub struct WebhookChannel {
    client: reqwest::Client,
    allows_private: bool,
    timeout: Duration,
}

/// Returns the signature of a message (`v1,` and base64); `None` for a malformed secret.
#[must_use]
pub fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let key = BASE64.decode(secret.strip_prefix(SECRET_PREFIX)?.as_bytes()).ok()?;
    Some(format!("v1,{}", BASE64.encode(&mac(&key, format!("{id}.{timestamp}.{body}").as_bytes()))))
}

impl WebhookChannel {
    /// Builds the channel from the configuration.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let allows_private = config.webhook_private_addresses;
        let timeout = Duration::from_millis(config.webhook_timeout_ms);
        Ok(Self { client: client(allows_private)?, allows_private, timeout })
    }

    /// Checks whether deliveries may be posted to a URL.
    ///
    /// # Errors
    /// [`FieldRule::PrivateAddress`] for a host in a private network, `Malformed` for everything else that is
    /// invalid.
    pub fn admits(&self, url: &str) -> Result<(), FieldRule> {
        let malformed = FieldRule::Malformed("https://ioc.bacninh.gov.vn/pakn");
        let Ok(url) = Url::parse(url) else { return Err(malformed) };
        let is_anonymous = url.username().is_empty() && url.password().is_none();
        let Some(host) = url.host_str().filter(|_| is_anonymous && matches!(url.scheme(), "https" | "http")) else {
            return Err(malformed);
        };
        // The resolver never sees a literal IP address, so check it here; the URL parser has normalised every
        // spelling that clients accept.
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let is_inside = literal.map_or_else(|| is_inside_name(host), |address| !is_public(address));
        match (self.allows_private, is_inside, url.scheme()) {
            (true, _, _) | (false, false, "https") => Ok(()),
            (false, true, _) => Err(FieldRule::PrivateAddress),
            (false, false, _) => Err(malformed),
        }
    }

    /// Sends a GET request to a URL that came from outside.
    ///
    /// # Errors
    /// Those of the client.
    pub async fn get(&self, url: &str) -> reqwest::Result<reqwest::Response> {
        self.client.get(url).send().await
    }

    /// Posts one delivery.
    pub async fn post(&self, post: WebhookRequest, now: Instant) -> DeliveryReport {
        if self.admits(&post.url).is_err() {
            return DeliveryReport::failed(AttemptOutcome::Refused, "address not allowed");
        }
        let timestamp = now.utc().timestamp();
        let signatures: Vec<String> =
            post.secrets.iter().filter_map(|secret| signature(secret, &post.key, timestamp, &post.body)).collect();
        let sent = self
            .client
            .post(&post.url)
            .timeout(self.timeout)
            .header("content-type", "application/json")
            .header("webhook-id", &post.key)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signatures.join(" "))
            .body(post.body)
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => DeliveryReport::delivered(None),
            Ok(answer) => {
                let status = answer.status();
                let failed = DeliveryReport::failed(AttemptOutcome::Unreached, format!("HTTP {}", status.as_u16()));
                DeliveryReport { is_gone: status == StatusCode::GONE, ..failed }
            }
            Err(error) if error.is_timeout() => {
                let outcome = if error.is_connect() { AttemptOutcome::Unreached } else { AttemptOutcome::Uncertain };
                DeliveryReport { is_silent: true, ..DeliveryReport::failed(outcome, NO_ANSWER) }
            }
            Err(error) if error.is_connect() => DeliveryReport::failed(AttemptOutcome::Unreached, "connection"),
            Err(_) => DeliveryReport::failed(AttemptOutcome::Uncertain, "broken off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_specification() {
        // Test vector of standard-webhooks.md, "Signature scheme", also used in the reference libraries.
        let told = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(told.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(signature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a", 1, "b"), None);
    }

    #[test]
    fn only_the_open_internet_by_https() {
        let outside = WebhookChannel::new(&Config::default()).unwrap();
        for wrong in ["http://example.vn/", "ftp://example.vn", "https://user:word@example.vn/", "example.vn", ""] {
            assert!(matches!(outside.admits(wrong), Err(FieldRule::Malformed(_))), "{wrong}");
        }
        for inside in [
            "https://127.0.0.1/",
            "http://10.0.0.7/x",
            "https://[::1]/",
            "https://2130706433/",
            "https://localhost:8080/",
            "https://localhost./",
            "https://LocalHost.:443/",
            "https://a.localhost./",
            "https://127.0.0.1./",
            "https://127.1/",
            "https://0x7f.1/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://017700000001/",
            "https://１２７.０.０.１/",
            "https://ⓛocalhost/",
            "https://0/",
            "https://[::ffff:7f00:1]/",
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
            "https://[fec0::1]/",
            "https://198.18.0.1/",
            "https://192.0.0.170/",
            "https://203.0.113.5/",
            "https://metadata.internal/",
            "https://db/",
        ] {
            assert_eq!(outside.admits(inside), Err(FieldRule::PrivateAddress), "{inside}");
        }
        assert_eq!(outside.admits("https://ioc.bacninh.gov.vn/pakn?x=1"), Ok(()));
    }
}
