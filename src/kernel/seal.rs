//! Short texts that only this installation can have written, and texts that only it can read: links in messages, hashes of addresses,
//! tokens of other systems.
//!
//! Enters a purpose and a text, leaves an HMAC-SHA-256 (RFC 2104) under a key that is derived from the key of the access tokens,
//! a different one for each purpose, so that what is sealed for one purpose opens nothing else.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

/// Bytes of a seal that are kept: 128 bits are enough against guessing, and short enough for a link.
const KEPT: usize = 16;

/// Seals texts.
#[derive(Clone)]
pub struct Sealer {
    key: Vec<u8>,
    earlier: Vec<Vec<u8>>,
}

impl Sealer {
    /// Under a key of this installation; what was sealed under its earlier keys stays good.
    #[must_use]
    pub fn new(key: &[u8], earlier: &[&[u8]]) -> Self {
        Self { key: key.to_vec(), earlier: earlier.iter().map(|key| key.to_vec()).collect() }
    }

    fn keys(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.key).chain(&self.earlier).map(Vec::as_slice)
    }

    /// The seal of a text for a purpose: 32 hexadecimal digits.
    #[must_use]
    pub fn of(&self, purpose: &str, text: &str) -> String {
        under(&self.key, purpose, text)
    }

    /// The seals of a text under the present key and each earlier one, for finding what was stored.
    pub fn all(&self, purpose: &str, text: &str) -> impl Iterator<Item = String> {
        self.keys().map(move |key| under(key, purpose, text))
    }

    /// Whether a seal belongs to a text; takes the same time for every wrong one.
    #[must_use]
    pub fn fits(&self, purpose: &str, text: &str, seal: &str) -> bool {
        let is_same = |right: String| {
            right.len() == seal.len() && right.bytes().zip(seal.bytes()).fold(0, |other, (a, b)| other | (a ^ b)) == 0
        };
        self.all(purpose, text).fold(false, |fits, right| fits | is_same(right))
    }

    /// A text that nobody else can read: ChaCha20-Poly1305 under a fresh number, in base64.
    #[must_use]
    pub fn close(&self, purpose: &str, text: &str) -> Option<String> {
        let number: [u8; NONCE_LEN] = rand::random();
        let mut bytes = text.as_bytes().to_vec();
        let nonce = Nonce::assume_unique_for_key(number);
        cipher(&self.key, purpose)?.seal_in_place_append_tag(nonce, Aad::from(purpose.as_bytes()), &mut bytes).ok()?;
        Some(BASE64.encode(&[&number[..], &bytes].concat()))
    }

    /// The text that was closed for the purpose; none when it was not, or under another key.
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

/// HMAC-SHA-256.
#[must_use]
pub fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is right for HMAC, so that there is nothing to fail.
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
