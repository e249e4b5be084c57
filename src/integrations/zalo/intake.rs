//! Webhook intake. Enters: the raw body and its signature. Leaves: a verified event, stored once; it is handled
//! later, so that the response is immediate.
//!
//! The signature is the plain SHA-256 of application id, body, timestamp and the secret of the Official Account
//! (docs/integrations/zalo.md).

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::integrations::zalo::rules::ZaloEventState;
use crate::integrations::zalo::rules::event::{self, ConversationEvent};
use crate::integrations::zalo::store::events::{self, ZaloEventRow};
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::ZaloEventId;
use chrono::{DateTime, Duration, Utc};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How long Zalo retries an event; older ones are rejected.
const OLDEST_HOURS: i64 = 12;
/// Maximum clock difference.
const AHEAD_MINUTES: i64 = 5;

/// Returns the signature of an event.
#[must_use]
pub fn signature(app_id: &str, body: &[u8], timestamp: &str, oa_secret: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(app_id.as_bytes());
    hash.update(body);
    hash.update(timestamp.as_bytes());
    hash.update(oa_secret.as_bytes());
    HEXLOWER.encode(&hash.finalize())
}

/// Verifies and stores an event; returns `true` when it is new.
///
/// # Errors
/// [`ErrorCode::ZaloNotSetUp`], [`ErrorCode::ZaloSignatureWrong`], a missing field, a `timestamp` that is too old or
/// in the future.
pub async fn take(app: &App, bytes: &[u8], body: &Value, shown: Option<&str>) -> Result<bool, ServiceError> {
    let settings = &super::channel(app)?.settings;
    let timestamp = event::timestamp_of(body).ok_or_else(|| ServiceError::invalid("timestamp", FieldRule::Required))?;
    let right = signature(&settings.app_id, bytes, &timestamp, settings.oa_secret.reveal());
    let shown = shown.map(str::trim).unwrap_or_default();
    let shown = shown.strip_prefix("mac=").unwrap_or(shown).to_ascii_lowercase();
    if !is_same(&right, &shown) {
        return Err(ErrorCode::ZaloSignatureWrong.into());
    }
    let now = app.now();
    if !is_recent(&timestamp, now) {
        let span = |by: Duration| now.plus(by).to_rfc3339();
        let rule = FieldRule::Between(span(-Duration::hours(OLDEST_HOURS)), span(Duration::minutes(AHEAD_MINUTES)));
        return Err(ServiceError::invalid("timestamp", rule));
    }
    let event = event::read(body)?;
    if event.sender.is_empty() || event.event == ConversationEvent::Nothing {
        return Ok(false);
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let row = ZaloEventRow {
        id: ZaloEventId(0),
        dedupe_key: event.key,
        oa_user_id: event.sender,
        event_name: event.name,
        body: text,
        state: ZaloEventState::Due,
        attempts: 0,
        due_at: now,
        holder: None,
        held_until: None,
        problem: None,
        received_at: now,
        settled_at: None,
    };
    app.db.write(move |connection| Ok::<_, ServiceError>(events::insert(connection, &row)?)).await
}

/// Constant-time comparison.
fn is_same(right: &str, shown: &str) -> bool {
    right.len() == shown.len() && right.bytes().zip(shown.bytes()).fold(0, |other, (a, b)| other | (a ^ b)) == 0
}

fn is_recent(timestamp: &str, now: Instant) -> bool {
    let at = timestamp.parse().ok().and_then(DateTime::<Utc>::from_timestamp_millis).map(Instant::from_utc);
    at.is_some_and(|at| at >= now.plus(-Duration::hours(OLDEST_HOURS)) && at <= now.plus(Duration::minutes(AHEAD_MINUTES)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_signature() {
        let body = r#"{"app_id":"1234567890","event_name":"user_send_text","sender":{"id":"1"},"recipient":{"id":"2"},"message":{"msg_id":"m1","text":"Xin chào"},"timestamp":"1700000000000"}"#;
        let told = signature("1234567890", body.as_bytes(), "1700000000000", "oa-secret-for-tests");
        assert_eq!(told, "12d8a1fa5945a69f3a0f3fa5f316c2ef59945cb01dd77b84facc0ecd4642fb50");
        assert!(is_same(&told, &told) && !is_same(&told, "") && !is_same(&told, &told.replace('1', "2")));
    }
}
