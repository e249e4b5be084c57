//! The head of a period: a signed, published statement about the ends of all audit streams.
//!
//! Whoever keeps a head can later detect any changed, deleted or inserted entry before it: stream ends follow from
//! their entries, the statement from the stream ends, and each statement contains the hash of the previous one.

use super::EntryHasher;
use data_encoding::{BASE64, HEXLOWER};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Length of a key id: the first hex digits of the SHA-256 of the public key.
const KEY_ID_LETTERS: usize = 16;

/// The end of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEnd {
    /// Number of the last entry, which is also the number of entries.
    pub sequence: i64,
    /// Hash of the last entry.
    pub hash: String,
}

/// The ends of all streams by name.
pub type StreamEnds = BTreeMap<String, StreamEnd>;

/// Returns the hash over the ends of all streams, in the order of their names.
#[must_use]
pub fn hash_of(ends: &StreamEnds) -> String {
    let begin = EntryHasher::of("pakn audit streams 1");
    let all =
        ends.iter().fold(begin, |fields, (stream, end)| fields.text(stream).text(&end.sequence.to_string()).text(&end.hash));
    all.finish()
}

/// A head as it is stored and published. It holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHead {
    /// The hour in Việt Nam in which it was made, with `+001` and so on behind it where the clock was set back; of older heads the day.
    #[schema(example = "2026-11-23T02")]
    #[serde(alias = "day")]
    pub period: String,
    /// When, in UTC with six digits.
    #[schema(example = "2026-11-22T19:00:00.000000Z")]
    pub made_at: String,
    /// How many streams there were.
    pub streams: i64,
    /// How many entries they had together.
    pub entries: i64,
    /// SHA-256 over the ends of all streams, in hex.
    pub streams_hash: String,
    /// `hash` of the head before; empty for the first.
    pub previous_hash: String,
    /// Names the key: the first 16 letters of the SHA-256 of the public key, in hex.
    pub key_id: String,
    /// The ed25519 public key, 32 bytes in hex.
    pub public_key: String,
    /// SHA-256 of the statement, in hex.
    pub hash: String,
    /// The ed25519 signature of the statement, in base64.
    pub signature: String,
}

impl AuditHead {
    /// Returns the statement to sign: lines of name and value, each ended by a line feed.
    #[must_use]
    pub fn statement(&self) -> String {
        // The first version had daily heads; their signed text must not change.
        let (version, word) = if self.period.contains('T') { (2, "period") } else { (1, "day") };
        format!(
            "pakn audit head {version}\n{word} {}\nmade_at {}\nstreams {}\nentries {}\nstreams_hash {}\nprevious_hash {}\nkey_id {}\npublic_key {}\n",
            self.period,
            self.made_at,
            self.streams,
            self.entries,
            self.streams_hash,
            self.previous_hash,
            self.key_id,
            self.public_key,
        )
    }

    /// Checks the head by itself: hash, key id, signature; returns the faults.
    #[must_use]
    pub fn faults(&self) -> Vec<&'static str> {
        let statement = self.statement();
        let mut faults = Vec::new();
        if HEXLOWER.encode(&Sha256::digest(statement.as_bytes())) != self.hash {
            faults.push("its hash is not that of its statement");
        }
        let key = HEXLOWER.decode(self.public_key.as_bytes()).unwrap_or_default();
        if key_id(&key) != self.key_id {
            faults.push("its key has another id");
        }
        let signature = BASE64.decode(self.signature.as_bytes()).unwrap_or_default();
        if UnparsedPublicKey::new(&ED25519, key).verify(statement.as_bytes(), &signature).is_err() {
            faults.push("its signature does not fit");
        }
        faults
    }
}

fn key_id(public_key: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(public_key)).chars().take(KEY_ID_LETTERS).collect()
}

/// Returns the name of the next period: the hour of `local` if it comes after the newest name; otherwise, because
/// the clock was set back, the newest name with an incremented suffix.
#[must_use]
pub fn next_period(newest: Option<&str>, local: chrono::NaiveDateTime) -> String {
    let hour = local.format("%Y-%m-%dT%H").to_string();
    match newest.filter(|newest| *newest >= hour.as_str()) {
        None => hour,
        Some(newest) => {
            let (begin, count) = newest.split_once('+').unwrap_or((newest, "0"));
            let count: u32 = count.parse().unwrap_or_default();
            // Three digits keep the lexical order of names for six weeks of hours.
            format!("{begin}+{:03}", count + 1)
        }
    }
}

/// The key that signs heads.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public_key())
    }
}

impl SigningKey {
    /// Creates the key from a seed of 32 bytes in hex; `None` for other texts.
    #[must_use]
    pub fn of_seed(hex: &str) -> Option<Self> {
        let seed = HEXLOWER.decode(hex.trim().to_ascii_lowercase().as_bytes()).ok()?;
        Ed25519KeyPair::from_seed_unchecked(&seed).ok().map(Self)
    }

    /// Returns the public key in hex.
    #[must_use]
    pub fn public_key(&self) -> String {
        HEXLOWER.encode(self.0.public_key().as_ref())
    }

    /// Signs a head: sets key, hash and signature.
    #[must_use]
    pub fn sign(&self, head: AuditHead) -> AuditHead {
        let public = self.0.public_key().as_ref();
        let mut head = AuditHead { key_id: key_id(public), public_key: HEXLOWER.encode(public), ..head };
        let statement = head.statement();
        head.hash = HEXLOWER.encode(&Sha256::digest(statement.as_bytes()));
        head.signature = BASE64.encode(self.0.sign(statement.as_bytes()).as_ref());
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_on_where_the_clock_was_set_back() {
        let at = |text: &str| text.parse().unwrap();
        let (noon, later) = (at("2026-11-23T12:34:56"), at("2026-11-23T13:00:00"));
        assert_eq!(next_period(None, noon), "2026-11-23T12");
        assert_eq!(next_period(Some("2026-11-23"), noon), "2026-11-23T12", "a head of the day");
        assert_eq!(next_period(Some("2026-11-23T12+007"), later), "2026-11-23T13");
        assert_eq!(next_period(Some("2027-11-23T12"), noon), "2027-11-23T12+001");
        assert_eq!(next_period(Some("2027-11-23T12+009"), noon), "2027-11-23T12+010");
    }

    fn signed() -> AuditHead {
        let head = AuditHead {
            period: "2026-11-23T02".to_owned(),
            made_at: "2026-11-22T19:00:00.000000Z".to_owned(),
            streams: 2,
            entries: 9,
            streams_hash: "ab".repeat(32),
            previous_hash: String::new(),
            key_id: String::new(),
            public_key: String::new(),
            hash: String::new(),
            signature: String::new(),
        };
        SigningKey::of_seed(&"0f".repeat(32)).unwrap().sign(head)
    }

    #[test]
    fn a_signed_head_is_sound_until_something_of_it_changes() {
        assert_eq!(signed().faults(), Vec::<&str>::new());
        type HeadTampering = fn(&mut AuditHead);
        let changes: [HeadTampering; 10] = [
            |head| head.period = "2026-11-24".to_owned(),
            |head| head.made_at = head.made_at.replace("19:00", "19:01"),
            |head| head.streams += 1,
            |head| head.entries -= 1,
            |head| head.streams_hash = head.streams_hash.replacen('a', "b", 1),
            |head| head.previous_hash.push('0'),
            |head| head.key_id = head.key_id.replacen(char::is_alphanumeric, "g", 1),
            |head| head.public_key = SigningKey::of_seed(&"1f".repeat(32)).unwrap().public_key(),
            |head| head.hash = head.hash.replacen(char::is_alphanumeric, "g", 1),
            |head| head.signature = head.signature.to_lowercase(),
        ];
        for (place, change) in changes.iter().enumerate() {
            let mut changed = signed();
            change(&mut changed);
            assert!(!changed.faults().is_empty(), "{place}");
        }
    }

    #[test]
    fn a_seed_is_32_bytes_in_hex() {
        assert!(SigningKey::of_seed(&"0F".repeat(32)).is_some());
        for wrong in ["", "0f", &"0g".repeat(32), &"0f".repeat(33)] {
            assert!(SigningKey::of_seed(wrong).is_none(), "{wrong}");
        }
    }
}
