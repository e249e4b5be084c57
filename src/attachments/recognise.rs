//! Recognises the file type from the first bytes; the client's claims are ignored.

use crate::attachments::rules::FileType;

/// Returns the accepted file type, or `None`.
#[must_use]
pub fn recognise(head: &[u8]) -> Option<FileType> {
    // The `infer` library reports 3GP (recorded by old phones) as MP4 or not at all.
    if head.get(4..11) == Some(b"ftyp3gp") {
        return FileType::recognised_as("video/3gpp");
    }
    match infer::get(head)?.mime_type() {
        // Voice messages of messengers: the library distinguishes them from other OGG files by their first packet.
        "audio/opus" => FileType::recognised_as("audio/ogg"),
        name => FileType::recognised_as(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide() {
        let mp4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
        let m4a = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42";
        for (head, media_type) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF\0"[..], Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some("image/png")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"%PDF-1.7\n", Some("application/pdf")),
            (b"ID3\x04\0\0\0\0\0\0", Some("audio/mpeg")),
            (&[&b"OggS\0\x02"[..], &[0; 20], b"\x01\x1e\x01vorbis\0\0\0"].concat(), Some("audio/ogg")),
            (&[&b"OggS\0\x02"[..], &[0; 21], b"\x13OpusHead\x01"].concat(), Some("audio/ogg")),
            (b"#!AMR\n\x3c\x91\x17\x16\xbe\x66", Some("audio/amr")),
            (mp4, Some("video/mp4")),
            (m4a, Some("audio/mp4")),
            (b"\0\0\0\x18ftyp3gp4\0\0\0\0", Some("video/3gpp")),
            (b"<!doctype html><script>alert(1)</script>", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", None),
            (b"PK\x03\x04", None),
            (b"GIF89a\x01\0\x01\0", None),
            (b"MZ\x90\0", None),
            (b"\0\0\0\x18ftypheic\0\0\0\0heic", None),
            (b"", None),
        ] {
            assert_eq!(recognise(head).map(|it| it.media_type), media_type, "{head:?}");
        }
    }
}
