//! The key ring for personal data: the current key encrypts, earlier keys still decrypt.
//!
//! Takes a location and a text, returns `s1:<key>:<base64>`: AES-256-GCM with a random 96-bit nonce, which is safe
//! for 2³² values per key. The location (`table.column` and the row) is authenticated, so that a value cannot be
//! moved elsewhere.

use crate::db::StorageError;
use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

/// Prefix of every sealed value.
pub const MARK: &str = "s1:";

/// Length of a key name in hex digits.
const NAME_LETTERS: usize = 8;

/// Bytes of a lookup hash that are kept.
const HASH_BYTES: usize = 16;

/// One key, from which the encryption key and the lookup key are derived.
struct SealingKey {
    name: String,
    cipher: LessSafeKey,
    lookup: hmac::Key,
}

impl SealingKey {
    fn of_secret(secret: &str) -> Option<Self> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let derived = |purpose: &str| hmac::sign(&root, purpose.as_bytes());
        let name = HEXLOWER.encode(derived("pakn personal data: name").as_ref());
        Some(Self {
            name: name.get(..NAME_LETTERS)?.to_owned(),
            cipher: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, derived("pakn personal data: seal").as_ref()).ok()?),
            lookup: hmac::Key::new(hmac::HMAC_SHA256, derived("pakn personal data: look up").as_ref()),
        })
    }

    fn hash(&self, kind: &str, value: &str) -> String {
        let hash = hmac::sign(&self.lookup, format!("{kind}\n{value}").as_bytes());
        HEXLOWER.encode(hash.as_ref().get(..HASH_BYTES).unwrap_or_default())
    }
}

/// The keys, the current one first.
pub(super) struct KeyRing(Vec<SealingKey>);

/// Why a value could not be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnsealError {
    /// The key is not in the ring.
    UnknownKey,
    /// The value was not sealed for this location, or was changed.
    Wrong,
}

impl KeyRing {
    /// Creates a ring from secrets, the current one first.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self(secrets.into_iter().filter_map(SealingKey::of_secret).collect())
    }

    /// Returns the key names, the current one first.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|key| key.name.clone()).collect()
    }

    fn current(&self) -> Result<&SealingKey, StorageError> {
        self.0.first().ok_or_else(|| StorageError::Settings("there is no key for personal data".to_owned()))
    }

    /// Encrypts a text for a location.
    pub fn seal(&self, place: &str, text: &str) -> Result<String, StorageError> {
        let key = self.current()?;
        let number: [u8; NONCE_LEN] = rand::random();
        let mut bytes = text.as_bytes().to_vec();
        key.cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(number), Aad::from(place.as_bytes()), &mut bytes)
            .map_err(|_| StorageError::Settings("a value is too long to be sealed".to_owned()))?;
        let mut sealed = format!("{MARK}{}:", key.name);
        BASE64.encode_append(&[&number[..], &bytes].concat(), &mut sealed);
        Ok(sealed)
    }

    /// Decrypts a value of a location.
    pub fn open(&self, place: &str, sealed: &str) -> Result<String, UnsealError> {
        let (name, bytes) = parts(sealed).ok_or(UnsealError::Wrong)?;
        let key = self.0.iter().find(|key| key.name == name).ok_or(UnsealError::UnknownKey)?;
        let (number, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(UnsealError::Wrong)?;
        let mut rest = rest.to_vec();
        let opened = key.cipher.open_in_place(Nonce::assume_unique_for_key(*number), Aad::from(place.as_bytes()), &mut rest);
        let text = opened.map_err(|_| UnsealError::Wrong)?.to_vec();
        String::from_utf8(text).map_err(|_| UnsealError::Wrong)
    }

    /// Returns the lookup hashes of a value under every key, the current one first.
    pub fn hashes(&self, kind: &str, value: &str) -> Vec<String> {
        self.0.iter().map(|key| key.hash(kind, value)).collect()
    }
}

/// Splits a sealed value into key name and bytes; `None` for other values.
fn parts(value: &str) -> Option<(&str, Vec<u8>)> {
    let (name, bytes) = value.strip_prefix(MARK)?.split_once(':')?;
    let is_name = name.len() == NAME_LETTERS && HEXLOWER_PERMISSIVE.decode(name.as_bytes()).is_ok();
    let bytes = BASE64.decode(bytes.as_bytes()).ok()?;
    (is_name && bytes.len() >= NONCE_LEN + AES_256_GCM.tag_len()).then_some((name, bytes))
}

/// Returns the name of the key that sealed a value; `None` for plain text.
pub(crate) fn key_of(value: &str) -> Option<&str> {
    parts(value).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "the first key of the ring, long enough";
    const SECOND: &str = "the second key of the ring, long enough";

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let ring = KeyRing::new([FIRST]);
        let sealed = ring.seal("accounts.phone 7", "+84912345678").unwrap();
        assert!(sealed.starts_with(MARK) && !sealed.contains("912345678"));
        assert_eq!(ring.open("accounts.phone 7", &sealed).as_deref(), Ok("+84912345678"));
        assert_eq!(ring.open("accounts.phone 8", &sealed), Err(UnsealError::Wrong));
        assert_eq!(ring.open("accounts.email 7", &sealed), Err(UnsealError::Wrong));
        assert_ne!(ring.seal("accounts.phone 7", "+84912345678").unwrap(), sealed, "each time under another number");
        assert_eq!(KeyRing::new([SECOND]).open("accounts.phone 7", &sealed), Err(UnsealError::UnknownKey));
        for wrong in ["", "s1:", "s1:00000000:", "s1:00000000:AAAA", "Nguyễn Văn An", "s1:zzzzzzzz:AAAA", "s2:00000000:AAAA"] {
            assert_eq!(ring.open("accounts.phone 7", wrong), Err(UnsealError::Wrong), "{wrong}");
        }
        let (last, mut bent) = (sealed.len() - 5, sealed.into_bytes());
        bent[last] = if bent[last] == b'A' { b'B' } else { b'A' };
        assert_eq!(ring.open("accounts.phone 7", &String::from_utf8(bent).unwrap()), Err(UnsealError::Wrong));
    }

    #[test]
    fn a_new_key_opens_and_finds_what_the_earlier_one_has_left() {
        let (before, after) = (KeyRing::new([FIRST]), KeyRing::new([SECOND, FIRST]));
        let sealed = before.seal("zalo_people.phone 1", "+84912345678").unwrap();
        assert_eq!(after.open("zalo_people.phone 1", &sealed).as_deref(), Ok("+84912345678"));
        assert_eq!(key_of(&sealed), Some(before.names()[0].as_str()));
        assert_eq!(after.names()[1], before.names()[0]);
        assert_eq!(after.hashes("phone", "+84912345678")[1..], before.hashes("phone", "+84912345678"));
        assert_ne!(after.hashes("phone", "x")[0], after.hashes("email", "x")[0]);
    }
}
