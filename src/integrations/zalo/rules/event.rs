//! Parses a webhook event. Enters: Zalo's JSON object. Leaves: who said what.
//!
//! Lenient: numbers may be strings, fields may be missing, unknown event types are ignored. Duplicates are detected
//! by the message id, or by a hash of event name, sender and time.

use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::text::is_empty;
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Maximum length of a user or message id.
const MOST_ID: usize = 64;
/// Maximum length of an event name.
const MOST_NAME: usize = 64;
/// Maximum photos processed per event.
const MOST_PHOTOS: usize = 10;

/// Something a person did in a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversationEvent {
    Text(String),
    /// Photos at these URLs, possibly with a caption.
    Photos(Vec<String>, Option<String>),
    /// Latitude and longitude.
    Place(f64, f64),
    /// A kind of content that is not supported.
    Unreadable(UnsupportedMedia),
    /// The person started following the account.
    Follow,
    /// The person wants no more messages.
    Unfollow,
    /// Messages with these references were delivered.
    Arrived(Vec<String>),
    /// Nothing that needs a reply.
    Nothing,
}

/// An unsupported kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsupportedMedia {
    Voice,
    Video,
    /// A sticker or an animated image.
    Sticker,
    File,
    Other,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct ZaloEvent {
    /// Zalo's event name.
    pub name: String,
    /// User id at the Official Account; empty if the event has none.
    pub sender: String,
    /// The same person's user id at our application.
    pub app_user: Option<String>,
    /// Time as sent: milliseconds since 1970.
    pub timestamp: String,
    /// Deduplication key.
    pub key: String,
    pub event: ConversationEvent,
}

/// Returns the time of an event as sent; it is part of the signature.
#[must_use]
pub fn timestamp_of(body: &Value) -> Option<String> {
    text(body.get("timestamp")).filter(|text| !text.is_empty() && text.len() <= 20)
}

/// Parses an event.
///
/// # Errors
/// `event_name` or `timestamp` is missing, or an id is longer than Zalo's.
pub fn read(body: &Value) -> Result<ZaloEvent, FieldProblem> {
    let required = |field: &str| FieldProblem::new(field, FieldRule::Required);
    let name = text(body.get("event_name")).filter(|name| !name.is_empty()).ok_or_else(|| required("event_name"))?;
    if name.len() > MOST_NAME {
        return Err(FieldProblem::new("event_name", FieldRule::TooLong(MOST_NAME)));
    }
    let timestamp = timestamp_of(body).ok_or_else(|| required("timestamp"))?;
    let person = ["/sender/id", "/follower/id"].iter().find_map(|place| text(body.pointer(place)));
    let sender = person.unwrap_or_default();
    if sender.len() > MOST_ID {
        return Err(FieldProblem::new("sender.id", FieldRule::TooLong(MOST_ID)));
    }
    let app_user = text(body.get("user_id_by_app")).filter(|id| !id.is_empty() && id.len() <= MOST_ID);
    let message = text(body.pointer("/message/msg_id")).filter(|id| !id.is_empty() && id.len() <= MOST_ID);
    let key = match message {
        Some(id) => format!("{name} {id}"),
        None => {
            let hash = Sha256::digest(format!("{name}\n{sender}\n{timestamp}").as_bytes());
            format!("{name} #{}", HEXLOWER.encode(&hash))
        }
    };
    let event = event_of(&name, body);
    Ok(ZaloEvent { name, sender, app_user, timestamp, key, event })
}

fn event_of(name: &str, body: &Value) -> ConversationEvent {
    let words = text(body.pointer("/message/text")).filter(|words| !is_empty(words));
    match name {
        "user_send_text" => words.map_or(ConversationEvent::Nothing, ConversationEvent::Text),
        // Treat a shared link as text.
        "user_send_link" => {
            let link = payloads(body).find_map(|payload| text(payload.get("url")));
            words.or(link).map_or(ConversationEvent::Unreadable(UnsupportedMedia::Other), ConversationEvent::Text)
        }
        "user_send_image" => {
            let urls: Vec<String> = payloads(body).filter_map(|payload| text(payload.get("url"))).take(MOST_PHOTOS).collect();
            if urls.is_empty() {
                ConversationEvent::Unreadable(UnsupportedMedia::Other)
            } else {
                ConversationEvent::Photos(urls, words)
            }
        }
        "user_send_location" => {
            let place = payloads(body).find_map(|payload| {
                let place = payload.get("coordinates").unwrap_or(payload);
                number(place.get("latitude")).zip(number(place.get("longitude")))
            });
            place.map_or(ConversationEvent::Unreadable(UnsupportedMedia::Other), |(latitude, longitude)| {
                ConversationEvent::Place(latitude, longitude)
            })
        }
        "user_send_audio" => ConversationEvent::Unreadable(UnsupportedMedia::Voice),
        "user_send_video" => ConversationEvent::Unreadable(UnsupportedMedia::Video),
        "user_send_sticker" | "user_send_gif" => ConversationEvent::Unreadable(UnsupportedMedia::Sticker),
        "user_send_file" => ConversationEvent::Unreadable(UnsupportedMedia::File),
        "user_send_business_card" => ConversationEvent::Unreadable(UnsupportedMedia::Other),
        "follow" => ConversationEvent::Follow,
        "unfollow" => ConversationEvent::Unfollow,
        "user_received_message" => {
            let one = ["/message/msg_id", "/message/tracking_id"].into_iter().filter_map(|place| text(body.pointer(place)));
            let many = body.pointer("/message/msg_ids").and_then(Value::as_array).into_iter().flatten();
            ConversationEvent::Arrived(one.chain(many.filter_map(|id| text(Some(id)))).take(MOST_PHOTOS).collect())
        }
        _ => ConversationEvent::Nothing,
    }
}

fn payloads(body: &Value) -> impl Iterator<Item = &Value> {
    let attachments = body.pointer("/message/attachments").and_then(Value::as_array);
    attachments.into_iter().flatten().filter_map(|attachment| attachment.get("payload"))
}

/// A string, or a number as a string: some libraries send user ids as JSON numbers although they exceed their range.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(value: Option<&Value>) -> Option<f64> {
    text(value)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(name: &str, message: &Value) -> ZaloEvent {
        read(&json!({"event_name": name, "sender": {"id": "7"}, "message": message, "timestamp": "1700000000000"})).unwrap()
    }

    #[test]
    fn kinds_of_messages_are_told_apart() {
        let photo = json!({"msg_id": "m", "attachments": [{"type": "image", "payload": {"url": "https://x/1.jpg"}}]});
        assert_eq!(event("user_send_image", &photo).event, ConversationEvent::Photos(vec!["https://x/1.jpg".to_owned()], None));
        let place = json!({"attachments": [{"payload": {"coordinates": {"latitude": "21.18", "longitude": "106.07"}}}]});
        assert_eq!(event("user_send_location", &place).event, ConversationEvent::Place(21.18, 106.07));
        assert_eq!(
            event("user_send_location", &json!({"attachments": []})).event,
            ConversationEvent::Unreadable(UnsupportedMedia::Other)
        );
        assert_eq!(event("user_send_audio", &json!({})).event, ConversationEvent::Unreadable(UnsupportedMedia::Voice));
        assert_eq!(event("something_new", &json!({"text": "x"})).event, ConversationEvent::Nothing);
        let arrived = json!({"msg_ids": ["a", "b"], "tracking_id": "k"});
        assert_eq!(
            event("user_received_message", &arrived).event,
            ConversationEvent::Arrived(["k", "a", "b"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn a_repetition_has_the_same_key() {
        let first = event("user_send_text", &json!({"msg_id": "m1", "text": "a"}));
        assert_eq!(first.key, event("user_send_text", &json!({"msg_id": "m1", "text": "b"})).key);
        assert_ne!(first.key, event("user_seen_message", &json!({"msg_id": "m1"})).key);
        let follow = json!({"event_name": "follow", "follower": {"id": "7"}, "timestamp": 1_700_000_000_000_i64});
        let read_once = read(&follow).unwrap();
        assert_eq!((read_once.sender.as_str(), read_once.timestamp.as_str()), ("7", "1700000000000"));
        assert_eq!(read_once.key, read(&follow).unwrap().key);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(read(&json!({"timestamp": "1"})).unwrap_err().field, "event_name");
        assert_eq!(read(&json!({"event_name": "follow"})).unwrap_err().field, "timestamp");
        assert_eq!(read(&json!([])).unwrap_err().field, "event_name");
    }
}
