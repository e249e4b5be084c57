//! Signed links to files: the holder may read one file until the expiry, nothing else.
//!
//! Takes the file, the expiry and the intended reader; returns a token for a URL, and verifies it again. A
//! modified or expired link is treated as not found.

use super::Rendition;
use super::view::AttachmentViewer;
use crate::attachments::rules::FileId;
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AgencyId;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes before the signature: rendition, ID, expiry, reader and petition state.
const SIGNED_BYTES: usize = 1 + 16 + 8 + 9 + 1;

/// Creates and verifies signed links.
pub struct SignedLinks {
    key: Hmac<Sha256>,
}

/// The content of a verified link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedLink {
    pub id: FileId,
    pub rendition: Rendition,
    /// Seconds until it expires.
    pub seconds_left: i64,
    /// The reader for whom it was issued.
    pub reader: AttachmentViewer,
    /// Whether the petition was valid at that time: not refused, withdrawn or merged.
    pub was_valid: bool,
}

impl SignedLinks {
    /// Creates the signer; `None` when the key is unusable, which does not happen for text keys.
    #[must_use]
    pub fn new(key: &[u8]) -> Option<Self> {
        Some(Self { key: Hmac::new_from_slice(key).ok()? })
    }

    /// Returns the signed token of a link.
    #[must_use]
    pub fn sign(
        &self,
        id: &FileId,
        rendition: Rendition,
        until: Instant,
        (reader, is_valid): (AttachmentViewer, bool),
    ) -> String {
        let mut bytes = vec![letter(rendition)];
        bytes.extend_from_slice(&id.bytes());
        bytes.extend_from_slice(&until.utc().timestamp().to_be_bytes());
        let (letter, agency) = match reader {
            AttachmentViewer::Public => (b'e', 0),
            AttachmentViewer::Petitioner => (b'p', 0),
            AttachmentViewer::Coordinator => (b'c', 0),
            AttachmentViewer::Agency(AgencyId(agency)) => (b'a', agency),
        };
        bytes.push(letter);
        bytes.extend_from_slice(&agency.to_be_bytes());
        bytes.push(if is_valid { b'v' } else { b'o' });
        let signature = self.key.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Verifies a token.
    ///
    /// # Errors
    /// [`ErrorCode::AttachmentNotFound`] for a token with an invalid signature or one that has expired.
    pub fn open(&self, text: &str, now: Instant) -> Result<OpenedLink, ErrorCode> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| ErrorCode::AttachmentNotFound)?;
        let (signed, signature) = bytes.split_at_checked(SIGNED_BYTES).ok_or(ErrorCode::AttachmentNotFound)?;
        let checked = self.key.clone().chain_update(signed).verify_slice(signature);
        checked.map_err(|_| ErrorCode::AttachmentNotFound)?;
        let opened = parse(signed, now).ok_or(ErrorCode::AttachmentNotFound)?;
        if opened.seconds_left > 0 { Ok(opened) } else { Err(ErrorCode::AttachmentNotFound) }
    }
}

fn parse(signed: &[u8], now: Instant) -> Option<OpenedLink> {
    let (first, rest) = signed.split_first()?;
    let (id, rest) = rest.split_at_checked(16)?;
    let (until, rest) = rest.split_at_checked(8)?;
    let (reader, rest) = rest.split_first()?;
    let (agency, state) = rest.split_at_checked(8)?;
    let rendition = Rendition::ALL.into_iter().find(|rendition| letter(*rendition) == *first)?;
    let until = i64::from_be_bytes(until.try_into().ok()?);
    let reader = match reader {
        b'e' => AttachmentViewer::Public,
        b'p' => AttachmentViewer::Petitioner,
        b'c' => AttachmentViewer::Coordinator,
        b'a' => AttachmentViewer::Agency(AgencyId(i64::from_be_bytes(agency.try_into().ok()?))),
        _ => return None,
    };
    Some(OpenedLink {
        id: FileId::of_bytes(id.try_into().ok()?),
        rendition,
        seconds_left: until - now.utc().timestamp(),
        reader,
        was_valid: state.first() == Some(&b'v'),
    })
}

const fn letter(rendition: Rendition) -> u8 {
    match rendition {
        Rendition::Original => b'o',
        Rendition::Shown => b's',
        Rendition::Thumbnail => b't',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration, Utc};

    fn moment() -> Instant {
        Instant::from_utc("2026-03-02T01:00:00Z".parse::<DateTime<Utc>>().unwrap())
    }

    #[test]
    fn a_link_opens_one_file_until_its_moment_and_no_letter_of_it_may_change() {
        let links = SignedLinks::new(b"0123456789abcdef0123456789abcdef").unwrap();
        let id = FileId::new(7, 9);
        let reader = AttachmentViewer::Agency(AgencyId(7));
        let text = links.sign(&id, Rendition::Shown, moment().plus(Duration::seconds(60)), (reader, true));
        let opened = links.open(&text, moment()).unwrap();
        assert_eq!(opened, OpenedLink { id, rendition: Rendition::Shown, seconds_left: 60, reader, was_valid: true });
        assert!(links.open(&text, moment().plus(Duration::seconds(59))).is_ok());
        assert!(links.open(&text, moment().plus(Duration::seconds(60))).is_err());
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert!(links.open(&String::from_utf8(changed).unwrap(), moment()).is_err(), "letter {place}");
        }
        let other = SignedLinks::new(b"another secret another secret 32").unwrap();
        assert!(other.open(&text, moment()).is_err());
        for wrong in ["", "x", "Đ", &"A".repeat(10_000)] {
            assert!(links.open(wrong, moment()).is_err());
        }
    }
}
