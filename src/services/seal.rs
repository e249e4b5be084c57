//! Short texts that only this installation can have written: links in messages, hashes of addresses.
//!
//! Enters a purpose and a text, leaves an HMAC-SHA-256 (RFC 2104) under a key that is derived from the key of the access tokens,
//! a different one for each purpose, so that what is sealed for one purpose opens nothing else.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a seal that are kept: 128 bits are enough against guessing, and short enough for a link.
const KEPT: usize = 16;

/// Seals texts.
#[derive(Clone)]
pub struct Seal {
    key: Vec<u8>,
}

impl Seal {
    /// Under a key of this installation.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { key: key.to_vec() }
    }

    /// The seal of a text for a purpose: 32 hexadecimal digits.
    #[must_use]
    pub fn of(&self, purpose: &str, text: &str) -> String {
        let derived = mac(&self.key, purpose.as_bytes());
        let sealed = mac(&derived, text.as_bytes());
        HEXLOWER.encode(sealed.get(..KEPT).unwrap_or_default())
    }

    /// Whether a seal belongs to a text; takes the same time for every wrong one.
    #[must_use]
    pub fn fits(&self, purpose: &str, text: &str, seal: &str) -> bool {
        let right = self.of(purpose, text);
        right.len() == seal.len() && right.bytes().zip(seal.bytes()).fold(0, |other, (a, b)| other | (a ^ b)) == 0
    }
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
        let seal = Seal::new(b"a key of this installation");
        let sealed = seal.of("unsubscribe", "17");
        assert!(seal.fits("unsubscribe", "17", &sealed));
        assert!(!seal.fits("unsubscribe", "18", &sealed) && !seal.fits("file", "17", &sealed));
        assert!(!seal.fits("unsubscribe", "17", "") && !seal.fits("unsubscribe", "17", &sealed.to_uppercase()));
        assert!(!Seal::new(b"another").fits("unsubscribe", "17", &sealed));
    }
}
