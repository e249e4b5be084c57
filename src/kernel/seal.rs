//! Signs and encrypts short texts under keys of this installation: signed links, hashes of addresses, stored
//! tokens of other systems.
//!
//! Takes a purpose and a text, returns an HMAC-SHA-256 (RFC 2104) or a ciphertext. The key of each purpose is
//! derived from the access token key, so that a value made for one purpose is not valid for another.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

/// Bytes of an HMAC that are kept: 128 bits cannot be guessed and are short enough for a link.
const KEPT: usize = 16;

/// Signs and encrypts texts for a purpose.
#[derive(Clone)]
pub struct Sealer {
    key: Vec<u8>,
    earlier: Vec<Vec<u8>>,
}

impl Sealer {
    /// Creates a sealer; values made under earlier keys stay valid.
    #[must_use]
    pub fn new(key: &[u8], earlier: &[&[u8]]) -> Self {
        Self { key: key.to_vec(), earlier: earlier.iter().map(|key| key.to_vec()).collect() }
    }

    fn keys(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.key).chain(&self.earlier).map(Vec::as_slice)
    }

    /// Returns the HMAC of a text for a purpose: 32 hex digits.
    #[must_use]
    pub fn of(&self, purpose: &str, text: &str) -> String {
        under(&self.key, purpose, text)
    }

    /// Returns the HMAC of a text under the current and each earlier key, to look up stored values.
    pub fn all(&self, purpose: &str, text: &str) -> impl Iterator<Item = String> {
        self.keys().map(move |key| under(key, purpose, text))
    }

    /// Returns whether the HMAC matches the text; constant time, against timing attacks.
    #[must_use]
    pub fn fits(&self, purpose: &str, text: &str, seal: &str) -> bool {
        let is_same = |right: String| {
            right.len() == seal.len() && right.bytes().zip(seal.bytes()).fold(0, |other, (a, b)| other | (a ^ b)) == 0
        };
        self.all(purpose, text).fold(false, |fits, right| fits | is_same(right))
    }

    /// Encrypts a text with ChaCha20-Poly1305 under a random nonce, in base64.
    #[must_use]
    pub fn close(&self, purpose: &str, text: &str) -> Option<String> {
        let number: [u8; NONCE_LEN] = rand::random();
        let mut bytes = text.as_bytes().to_vec();
        let nonce = Nonce::assume_unique_for_key(number);
        cipher(&self.key, purpose)?.seal_in_place_append_tag(nonce, Aad::from(purpose.as_bytes()), &mut bytes).ok()?;
        Some(BASE64.encode(&[&number[..], &bytes].concat()))
    }

    /// Decrypts a text; `None` when it was made for another purpose or under an unknown key.
    #[must_use]
    pub fn open(&self, purpose: &str, closed: &str) -> Option<String> {
        let bytes = BASE64.decode(closed.as_bytes()).ok()?;
        let (number, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
        self.keys().find_map(|key| {
            let mut rest = rest.to_vec();
            let nonce = Nonce::assume_unique_for_key(*number);
            let text = cipher(key, purpose)?.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut rest).ok()?;
            String::from_utf8(text.to_vec()).ok()
        })
    }
}

fn under(key: &[u8], purpose: &str, text: &str) -> String {
    let sealed = mac(&mac(key, purpose.as_bytes()), text.as_bytes());
    HEXLOWER.encode(sealed.get(..KEPT).unwrap_or_default())
}

fn cipher(key: &[u8], purpose: &str) -> Option<LessSafeKey> {
    let key = mac(key, format!("cipher {purpose}").as_bytes());
    UnboundKey::new(&CHACHA20_POLY1305, &key).ok().map(LessSafeKey::new)
}

/// Returns the HMAC-SHA-256.
#[must_use]
pub fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC accepts keys of any length, so this cannot fail.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4231_test_case_2() {
        let told = HEXLOWER.encode(&mac(b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(told, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_seal_is_good_for_its_text_and_purpose_only() {
        let seal = Sealer::new(b"a key of this installation", &[]);
        let sealed = seal.of("unsubscribe", "17");
        assert!(seal.fits("unsubscribe", "17", &sealed));
        assert!(!seal.fits("unsubscribe", "18", &sealed) && !seal.fits("file", "17", &sealed));
        assert!(!seal.fits("unsubscribe", "17", "") && !seal.fits("unsubscribe", "17", &sealed.to_uppercase()));
        assert!(!Sealer::new(b"another", &[]).fits("unsubscribe", "17", &sealed));
    }

    #[test]
    fn what_is_closed_opens_here_and_for_its_purpose_only() {
        let seal = Sealer::new(b"a key of this installation", &[]);
        let closed = seal.close("tokens", "mã truy cập").unwrap();
        assert_eq!(seal.open("tokens", &closed).as_deref(), Some("mã truy cập"));
        assert_ne!(Some(&closed), seal.close("tokens", "mã truy cập").as_ref(), "each time under another number");
        assert_eq!(seal.open("links", &closed), None);
        assert_eq!(Sealer::new(b"another", &[]).open("tokens", &closed), None);
        assert_eq!((seal.open("tokens", ""), seal.open("tokens", "?"), seal.open("tokens", "AAAA")), (None, None, None));
    }

    #[test]
    fn a_new_key_leaves_good_what_the_earlier_one_has_sealed() {
        let before = Sealer::new(b"a key of this installation", &[]);
        let after = Sealer::new(b"the next key", &[b"a key of this installation"]);
        assert!(after.fits("links", "17", &before.of("links", "17")) && !before.fits("links", "17", &after.of("links", "17")));
        assert_eq!(after.open("tokens", &before.close("tokens", "mã").unwrap()).as_deref(), Some("mã"));
        assert!(after.all("links", "17").any(|seal| seal == before.of("links", "17")));
    }
}
