//! Attachment kinds, file types, IDs and limits.
//!
//! Takes what the file's bytes say, or an ID sent by a client; returns a kind, or an ID that is safe in a path.
//! File names and media types sent by clients are never trusted or stored.

use crate::kernel::field_problem::FieldRule;
use data_encoding::HEXLOWER;

text_enum! {
    /// The kind of a file.
    AttachmentKind {
        /// JPEG, PNG or WebP.
        Image = "image",
        /// `MP4`, `QuickTime`, `WebM`, `3GP`.
        Video = "video",
        Pdf = "pdf",
        /// MP3, M4A, AAC, OGG, WAV, AMR.
        Audio = "audio",
    }
}

text_enum! {
    /// The processing state of an attachment.
    AttachmentState {
        /// Waits for the malware scan or for renditions; nobody can see it.
        Scanning = "scanning",
        /// Visible to readers with permission.
        Ready = "ready",
        /// Malware was found; the file is deleted.
        Infected = "infected",
        /// Cannot be decoded as its type; the file is deleted.
        Damaged = "damaged",
    }
}

text_enum! {
    /// What an attachment was sent with.
    Occasion {
        /// The petition itself.
        File = "file",
        /// A reply to the agency's question.
        Reply = "reply",
    }
}

/// Letters of an ID: 128 random bits in hexadecimal.
const ID_LETTERS: usize = 32;

/// The unguessable ID of an attachment or upload; safe in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileId(String);

impl FileId {
    /// Creates an ID from 128 random bits.
    #[must_use]
    pub fn new(high: u64, low: u64) -> Self {
        Self(format!("{high:016x}{low:016x}"))
    }

    /// Creates an ID from the bytes in a link.
    #[must_use]
    pub fn of_bytes(bytes: &[u8; 16]) -> Self {
        Self(HEXLOWER.encode(bytes))
    }

    /// Returns the 128 bits, for a link.
    #[must_use]
    pub fn bytes(&self) -> [u8; 16] {
        HEXLOWER.decode(self.0.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
    }

    /// Returns the ID as used in JSON and in the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for FileId {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, FieldRule> {
        let is_id = text.len() == ID_LETTERS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_id { Ok(Self(text.to_owned())) } else { Err(FieldRule::UnknownCode) }
    }
}

impl std::fmt::Display for FileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A recognised file type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileType {
    pub kind: AttachmentKind,
    /// The media type with which it is served.
    pub media_type: &'static str,
    /// The extension of the download file name.
    pub extension: &'static str,
}

/// Every accepted type: name from recognition, kind, media type, extension.
const TYPES: &[(&str, FileType)] = &[
    ("image/jpeg", FileType { kind: AttachmentKind::Image, media_type: "image/jpeg", extension: "jpg" }),
    ("image/png", FileType { kind: AttachmentKind::Image, media_type: "image/png", extension: "png" }),
    ("image/webp", FileType { kind: AttachmentKind::Image, media_type: "image/webp", extension: "webp" }),
    ("video/mp4", FileType { kind: AttachmentKind::Video, media_type: "video/mp4", extension: "mp4" }),
    ("video/x-m4v", FileType { kind: AttachmentKind::Video, media_type: "video/mp4", extension: "mp4" }),
    ("video/quicktime", FileType { kind: AttachmentKind::Video, media_type: "video/quicktime", extension: "mov" }),
    ("video/webm", FileType { kind: AttachmentKind::Video, media_type: "video/webm", extension: "webm" }),
    ("video/3gpp", FileType { kind: AttachmentKind::Video, media_type: "video/3gpp", extension: "3gp" }),
    ("application/pdf", FileType { kind: AttachmentKind::Pdf, media_type: "application/pdf", extension: "pdf" }),
    ("audio/mpeg", FileType { kind: AttachmentKind::Audio, media_type: "audio/mpeg", extension: "mp3" }),
    ("audio/m4a", FileType { kind: AttachmentKind::Audio, media_type: "audio/mp4", extension: "m4a" }),
    ("audio/aac", FileType { kind: AttachmentKind::Audio, media_type: "audio/aac", extension: "aac" }),
    ("audio/ogg", FileType { kind: AttachmentKind::Audio, media_type: "audio/ogg", extension: "ogg" }),
    ("audio/x-wav", FileType { kind: AttachmentKind::Audio, media_type: "audio/wav", extension: "wav" }),
    ("audio/amr", FileType { kind: AttachmentKind::Audio, media_type: "audio/amr", extension: "amr" }),
];

impl FileType {
    /// Returns the accepted type with this name in the recognition library.
    #[must_use]
    pub fn recognised_as(name: &str) -> Option<Self> {
        TYPES.iter().find(|(known, _)| *known == name).map(|(_, file_type)| *file_type)
    }

    /// Returns the accepted type with this stored media type.
    #[must_use]
    pub fn stored_as(media_type: &str) -> Option<Self> {
        TYPES.iter().map(|(_, file_type)| *file_type).find(|file_type| file_type.media_type == media_type)
    }
}

/// Limits per kind: size of a file and number of files per petition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindLimit {
    /// Maximum bytes of a file.
    pub bytes: u64,
    /// Maximum files of this kind on one petition.
    pub count: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_32_hexadecimal_letters_and_nothing_else() {
        let id = FileId::new(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210);
        assert_eq!(id.as_str(), "0123456789abcdeffedcba9876543210");
        assert_eq!(FileId::of_bytes(&id.bytes()), id);
        assert_eq!(id.as_str().parse::<FileId>(), Ok(id));
        for wrong in ["", "../../../../../../etc/passwd0000", "0123456789ABCDEFFEDCBA9876543210", "0123456789abcdef"] {
            assert_eq!(wrong.parse::<FileId>(), Err(FieldRule::UnknownCode), "{wrong}");
        }
    }
}
