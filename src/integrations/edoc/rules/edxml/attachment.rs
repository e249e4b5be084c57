//! Decodes the attachments of a message. Enters: base64 text. Leaves: bytes and a file name without folders.
//!
//! Rules: senders often zip a file before encoding it (`application/zip`), so an archive with a single file is
//! unpacked. Every declared archive is decompressed at least to measure it, and rejected if it exceeds the limits.
//! Invalid base64 is rejected.

use super::message::Attachment;
use super::{EdxmlLimits, EdxmlProblem};
use data_encoding::BASE64;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Maximum files in one archive.
const MOST_FILES: usize = 200;
/// Size in bytes up to which decompression is always allowed: short texts have a high compression ratio.
const ALWAYS_ALLOWED: u64 = 1024 * 1024;
/// Maximum characters of a file name.
const LONGEST_NAME: usize = 200;

/// Decodes the attachments of one message and tracks the remaining size limits.
#[derive(Debug)]
pub struct AttachmentDecoder {
    limits: EdxmlLimits,
    unpacked: u64,
    place: usize,
}

impl AttachmentDecoder {
    /// Starts with the limits of a message.
    #[must_use]
    pub const fn new(limits: EdxmlLimits) -> Self {
        Self { limits, unpacked: 0, place: 0 }
    }

    /// Decodes the next attachment.
    ///
    /// # Errors
    /// `BadBase64`, `BadZip`, `ZipBomb`, each with the index of the attachment in the message.
    pub fn open(&mut self, name: &str, media_type: &str, encoded: &str) -> Result<Attachment, EdxmlProblem> {
        self.place += 1;
        let compact: Vec<u8> = encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let bytes = BASE64.decode(&compact).map_err(|_| EdxmlProblem::BadBase64(self.place))?;
        drop(compact);
        let (name, media_type) = (plain_name(name), media_type.trim().to_ascii_lowercase());
        if media_type.contains("zip") && bytes.starts_with(b"PK") {
            return self.unpack(name, media_type, bytes);
        }
        Ok(Attachment { name, media_type, bytes })
    }

    fn unpack(&mut self, name: String, media_type: String, bytes: Vec<u8>) -> Result<Attachment, EdxmlProblem> {
        let (bad, bomb) = (EdxmlProblem::BadZip(self.place), EdxmlProblem::ZipBomb(self.place));
        let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let by_ratio = packed.saturating_mul(self.limits.unpack_ratio).max(ALWAYS_ALLOWED);
        let mut left = by_ratio.min(self.limits.unpacked_bytes.saturating_sub(self.unpacked));
        let mut archive = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(|_| bad.clone())?;
        if archive.len() > MOST_FILES {
            return Err(bomb);
        }
        let is_single = archive.len() == 1 && !has_ending(&name, "zip");
        let mut single = Vec::new();
        for index in 0..archive.len() {
            let file = archive.by_index(index).map_err(|_| bad.clone())?;
            let mut limited = file.take(left.saturating_add(1));
            // Do not trust the sizes in the archive header; count the actual output.
            let read = if is_single {
                limited.read_to_end(&mut single).ok().and_then(|count| u64::try_from(count).ok())
            } else {
                std::io::copy(&mut limited, &mut std::io::sink()).ok()
            };
            let read = read.ok_or_else(|| bad.clone())?;
            left = left.checked_sub(read).ok_or_else(|| bomb.clone())?;
            self.unpacked = self.unpacked.saturating_add(read);
        }
        drop(archive);
        if is_single {
            return Ok(Attachment { name, media_type: "application/octet-stream".to_owned(), bytes: single });
        }
        Ok(Attachment { name, media_type, bytes })
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case(ending))
}

/// Returns the last path component (either separator) without characters that are invalid in file names.
fn plain_name(name: &str) -> String {
    let last = name.trim().rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control() && *c != ':').take(LONGEST_NAME).collect();
    if plain.trim_matches('.').is_empty() { "unnamed".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_names_no_folder() {
        for (name, plain) in
            [("../../etc/passwd", "passwd"), ("C:\\x\\công văn.doc", "công văn.doc"), ("..", "unnamed"), ("", "unnamed")]
        {
            assert_eq!(plain_name(name), plain);
        }
    }

    #[test]
    fn base64_may_have_line_breaks_and_nothing_else() {
        let open = |text: &str| AttachmentDecoder::new(EdxmlLimits::default()).open("a", "text/plain", text);
        assert_eq!(open("eGlu\r\n  IGNo\n\tw6Bv ").map(|file| file.bytes), Ok("xin chào".into()));
        for wrong in ["****", "eGlu=IGNo", "eGl", "đ"] {
            assert_eq!(open(wrong).map(|file| file.bytes), Err(EdxmlProblem::BadBase64(1)), "{wrong}");
        }
    }
}
