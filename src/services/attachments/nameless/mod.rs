//! A copy of a recording that tells nothing of who made it and where: every byte that is neither picture nor sound is blanked in place.
//!
//! Enters a file, leave [`Blank`]s, laid over its bytes when they leave. Rules: what is kept is named, and everything else goes, so that a
//! field that nobody has heard of goes too; a file that is built in another way than expected is [`Unclear`] and leaves as no copy at all.

mod boxes;
mod chunks;
mod frames;
mod overlay;
mod samples;
mod tables;

pub use overlay::{lay_over, stream};

use std::io::{self, Read, Seek};

/// Bytes of a file that leave as others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blank {
    /// Where they begin.
    pub at: u64,
    /// How many.
    pub length: u64,
    /// What stands there instead; zeros otherwise.
    pub word: Option<[u8; 4]>,
}

impl Blank {
    const fn zeros(at: u64, length: u64) -> Self {
        Self { at, length, word: None }
    }

    const fn word(at: u64, word: [u8; 4]) -> Self {
        Self { at, length: 4, word: Some(word) }
    }
}

/// The file is not built as it should be, so that nobody can say what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclear;

impl From<io::Error> for Unclear {
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
enum Form {
    /// Boxes in boxes: MP4, `QuickTime`, 3GP, M4A.
    Boxes,
    /// Chunks: WAV.
    Chunks,
    /// Frame after frame.
    Frames(frames::Kind),
}

fn form_of(media_type: &str) -> Option<Form> {
    Some(match media_type {
        "video/mp4" | "video/quicktime" | "video/3gpp" | "audio/mp4" => Form::Boxes,
        "audio/wav" => Form::Chunks,
        "audio/mpeg" => Form::Frames(frames::Kind::Mpeg),
        "audio/aac" => Form::Frames(frames::Kind::Adts),
        "audio/amr" => Form::Frames(frames::Kind::Amr),
        _ => return None,
    })
}

/// What has to be blanked in a file, in its order.
///
/// # Errors
/// [`Unclear`] for a type without a way, and for a file that is not built as expected.
pub fn blanks(file: &mut (impl Read + Seek), media_type: &str) -> Result<Vec<Blank>, Unclear> {
    let size = file.seek(io::SeekFrom::End(0))?;
    let mut blanks = match form_of(media_type).ok_or(Unclear)? {
        Form::Boxes => boxes::blanks(file, size)?,
        Form::Chunks => chunks::blanks(file, size)?,
        Form::Frames(kind) => frames::blanks(file, size, kind)?,
    };
    blanks.retain(|blank| blank.length > 0);
    blanks.sort_by_key(|blank| blank.at);
    Ok(blanks)
}

/// Bytes at a place.
fn read_at<const N: usize>(file: &mut (impl Read + Seek), at: u64) -> Result<[u8; N], Unclear> {
    let mut bytes = [0; N];
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
