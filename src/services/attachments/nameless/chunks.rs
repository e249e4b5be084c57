//! WAV: chunks in one list. Kept are the form of the sound and the sound; `LIST`, `bext`, `iXML`, `id3 ` and whatever else go.

use super::{Blank, Unclear, read_at};
use std::io::{Read, Seek};

/// The name of what players pass over.
const JUNK: [u8; 4] = *b"JUNK";

pub(super) fn blanks(file: &mut (impl Read + Seek), size: u64) -> Result<Vec<Blank>, Unclear> {
    let [r, i, f, g, _, _, _, _, form @ ..] = read_at::<12>(file, 0)?;
    if [r, i, f, g] != *b"RIFF" || form != *b"WAVE" {
        return Err(Unclear);
    }
    let (mut blanks, mut at, mut has_sound) = (Vec::new(), 12, false);
    while size - at >= 8 {
        let [kind @ .., a, b, c, d] = read_at::<8>(file, at)?;
        let (begin, length) = (at + 8, u64::from(u32::from_le_bytes([a, b, c, d])));
        let end = begin.checked_add(length).filter(|end| *end <= size).ok_or(Unclear)?;
        match &kind {
            b"data" => has_sound = true,
            b"fmt " | b"fact" => {}
            _ => {
                blanks.push(Blank::word(at, JUNK));
                blanks.push(Blank::zeros(begin, length));
            }
        }
        // Chunks begin at even places.
        at = (end + length % 2).min(size);
    }
    blanks.push(Blank::zeros(at, size - at));
    if has_sound { Ok(blanks) } else { Err(Unclear) }
}
