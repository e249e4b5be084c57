//! A copy of a recording that tells nothing of who made it and where: every byte that is neither picture nor sound is blanked in place.
//!
//! Enters a file, leave [`BlankedRange`]s, laid over its bytes when they leave. Rules: what is kept is named, and everything else goes, so that a
//! field that nobody has heard of goes too; a file that is built in another way than expected, or of more parts than a recording has, is
//! [`UnknownLayout`] and leaves as no copy at all.
//!
//! Not looked into are the coded picture and sound themselves: what an encoder hides between their bits stays. That are the elements of
//! an AAC frame that fill it up behind the sound, the bytes behind the sound of an MP3 frame, and what follows the end of a slice, or of a
//! set of parameters, of H.264 or HEVC.

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

/// The most places of a file that are blanked: one for each picture of two hours.
const MOST_BLANKS: usize = 250_000;

/// Bytes of a file that leave as others: first the head, then the filling, and a last one where there is one.
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

    /// The first four of the bytes, or as many as there are, and nothing behind them.
    fn bytes(at: u64, bytes: &[u8]) -> Self {
        let mut head = [0; 4];
        let mut length = 0;
        for (to, from) in head.iter_mut().zip(bytes) {
            *to = *from;
            length += 1;
        }
        Self { at, length: u64::from(length), head, head_length: length, filling: 0, last: None }
    }

    /// What stands so many bytes behind the beginning.
    fn byte(&self, offset: u64) -> u8 {
        if let (Some(last), true) = (self.last, offset + 1 == self.length) {
            return last;
        }
        let place = usize::try_from(offset).ok().filter(|_| offset < u64::from(self.head_length));
        place.and_then(|place| self.head.get(place)).copied().unwrap_or(self.filling)
    }
}

/// The file is not built as it should be, so that nobody can say what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLayout;

impl From<io::Error> for UnknownLayout {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// Whether there is a way for files of this type.
#[must_use]
pub fn is_known(media_type: &str) -> bool {
    form_of(media_type).is_some()
}

#[derive(Debug, Clone, Copy)]
enum MediaContainer {
    /// Boxes in boxes: MP4, `QuickTime`, 3GP, M4A.
    Boxes,
    /// Chunks: WAV.
    Chunks,
    /// Frame after frame.
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

/// What has to be blanked in a file, in its order.
///
/// # Errors
/// [`UnknownLayout`] for a type without a way, and for a file that is not built as expected.
pub fn blanks(file: &mut (impl Read + Seek), media_type: &str) -> Result<Vec<BlankedRange>, UnknownLayout> {
    let size = file.seek(io::SeekFrom::End(0))?;
    let mut blanks = match form_of(media_type).ok_or(UnknownLayout)? {
        MediaContainer::Boxes => boxes::blanks(file, size)?,
        MediaContainer::Chunks => riff_chunks::blanks(file, size)?,
        MediaContainer::Frames(kind) => audio_frames::blanks(file, size, kind)?,
    };
    blanks.retain(|blank| blank.length > 0);
    blanks.sort_unstable_by_key(|blank| blank.at);
    // Two that lie in one another come of parts that do: the file means two things at once.
    let is_apart = blanks.iter().zip(blanks.iter().skip(1)).all(|(first, next)| first.at + first.length <= next.at);
    if is_apart && has_room(&blanks) { Ok(blanks) } else { Err(UnknownLayout) }
}

/// Whether there are not too many yet.
const fn has_room(blanks: &[BlankedRange]) -> bool {
    blanks.len() <= MOST_BLANKS
}

/// Bytes at a place.
fn read_at<const N: usize>(file: &mut (impl Read + Seek), at: u64) -> Result<[u8; N], UnknownLayout> {
    let mut bytes = [0; N];
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// For the tests of every form.
#[cfg(test)]
mod trying {
    /// What no copy may contain.
    pub const MARKER: &[u8] = b"MARKERQX";

    /// The copy.
    pub fn copy(bytes: &[u8], media_type: &str) -> Result<Vec<u8>, super::UnknownLayout> {
        let blanks = super::blanks(&mut std::io::Cursor::new(bytes), media_type)?;
        let mut copy = bytes.to_vec();
        super::lay_over(&mut copy, 0, &blanks);
        Ok(copy)
    }

    /// Whether some bytes stand in others.
    pub fn holds(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|window| window == word)
    }
}
