//! Creates a copy of a recording without metadata: every byte that is neither picture nor sound is blanked in place.
//!
//! Takes a file; returns [`BlankedRange`]s, which are applied while the file is streamed out. An allow-list defines
//! what is kept, so unknown fields are blanked as well. A file with an unexpected structure or too many parts is
//! [`UnknownLayout`], and no copy is served at all.
//!
//! The encoded picture and sound are not inspected, so data hidden there stays: AAC fill elements after the audio,
//! bytes after the audio in an MP3 frame, and bytes after the end of an H.264 or HEVC slice or parameter set.

mod aac_elements;
mod audio_frames;
mod box_tables;
mod boxes;
mod codec_configs;
mod descriptors;
mod file_window;
mod frame_headers;
mod leaf_boxes;
mod nal_units;
mod overlay;
mod riff_chunks;
mod sample_entries;
mod samples;
#[cfg(test)]
mod test_films;
mod unknown_layouts;

pub use overlay::{lay_over, stream};
pub use unknown_layouts::{is_unclear, look};

use std::io::{self, Read, Seek};

/// The maximum number of ranges: one for each picture of two hours of video.
const MOST_BLANKS: usize = 250_000;

/// A range of bytes to replace: first the head bytes, then the fill byte, and optionally a last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlankedRange {
    at: u64,
    length: u64,
    head: [u8; 4],
    head_length: u8,
    filling: u8,
    last: Option<u8>,
}

impl BlankedRange {
    const fn zeros(at: u64, length: u64) -> Self {
        Self::filled(at, length, 0)
    }

    const fn filled(at: u64, length: u64, filling: u8) -> Self {
        Self { at, length, head: [0; 4], head_length: 0, filling, last: None }
    }

    const fn word(at: u64, word: [u8; 4]) -> Self {
        Self { at, length: 4, head: word, head_length: 4, filling: 0, last: None }
    }

    /// Replaces up to four bytes (the first four of `bytes`).
    fn bytes(at: u64, bytes: &[u8]) -> Self {
        let mut head = [0; 4];
        let mut length = 0;
        for (to, from) in head.iter_mut().zip(bytes) {
            *to = *from;
            length += 1;
        }
        Self { at, length: u64::from(length), head, head_length: length, filling: 0, last: None }
    }

    /// Returns the replacement byte at an offset from the start of the range.
    fn byte(&self, offset: u64) -> u8 {
        if let (Some(last), true) = (self.last, offset + 1 == self.length) {
            return last;
        }
        let place = usize::try_from(offset).ok().filter(|_| offset < u64::from(self.head_length));
        place.and_then(|place| self.head.get(place)).copied().unwrap_or(self.filling)
    }
}

/// The file structure is not as expected, so nobody can say what it contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLayout;

impl From<io::Error> for UnknownLayout {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// Returns whether files of this type are supported.
#[must_use]
pub fn is_known(media_type: &str) -> bool {
    form_of(media_type).is_some()
}

#[derive(Debug, Clone, Copy)]
enum MediaContainer {
    /// Nested boxes: MP4, `QuickTime`, 3GP, M4A.
    Boxes,
    /// RIFF chunks: WAV.
    Chunks,
    /// A sequence of frames.
    Frames(frame_headers::AudioFrameKind),
}

fn form_of(media_type: &str) -> Option<MediaContainer> {
    Some(match media_type {
        "video/mp4" | "video/quicktime" | "video/3gpp" | "audio/mp4" => MediaContainer::Boxes,
        "audio/wav" => MediaContainer::Chunks,
        "audio/mpeg" => MediaContainer::Frames(frame_headers::AudioFrameKind::Mpeg),
        "audio/aac" => MediaContainer::Frames(frame_headers::AudioFrameKind::Adts),
        "audio/amr" => MediaContainer::Frames(frame_headers::AudioFrameKind::Amr),
        _ => return None,
    })
}

/// Returns the ranges to blank in a file, in order.
///
/// # Errors
/// [`UnknownLayout`] for an unsupported type and for an unexpected file structure.
pub fn blanks(file: &mut (impl Read + Seek), media_type: &str) -> Result<Vec<BlankedRange>, UnknownLayout> {
    let size = file.seek(io::SeekFrom::End(0))?;
    let mut blanks = match form_of(media_type).ok_or(UnknownLayout)? {
        MediaContainer::Boxes => boxes::blanks(file, size)?,
        MediaContainer::Chunks => riff_chunks::blanks(file, size)?,
        MediaContainer::Frames(kind) => audio_frames::blanks(file, size, kind)?,
    };
    blanks.retain(|blank| blank.length > 0);
    blanks.sort_unstable_by_key(|blank| blank.at);
    // Overlapping ranges mean overlapping parts: the file is ambiguous.
    let is_apart = blanks.iter().zip(blanks.iter().skip(1)).all(|(first, next)| first.at + first.length <= next.at);
    if is_apart && has_room(&blanks) { Ok(blanks) } else { Err(UnknownLayout) }
}

/// Whether the limit of ranges is not reached yet.
const fn has_room(blanks: &[BlankedRange]) -> bool {
    blanks.len() <= MOST_BLANKS
}

/// Reads bytes at an offset.
fn read_at<const N: usize>(file: &mut (impl Read + Seek), at: u64) -> Result<[u8; N], UnknownLayout> {
    let mut bytes = [0; N];
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Shared by the tests of all formats.
#[cfg(test)]
mod trying {
    /// Must not appear in any copy.
    pub const MARKER: &[u8] = b"MARKERQX";

    /// Returns the copy with blanked ranges.
    pub fn copy(bytes: &[u8], media_type: &str) -> Result<Vec<u8>, super::UnknownLayout> {
        let blanks = super::blanks(&mut std::io::Cursor::new(bytes), media_type)?;
        let mut copy = bytes.to_vec();
        super::lay_over(&mut copy, 0, &blanks);
        Ok(copy)
    }

    /// Whether `bytes` contains `word`.
    pub fn holds(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|window| window == word)
    }
}
