//! WAV: a flat list of chunks. Keeps the format and the audio data; blanks `LIST`, `bext`, `iXML`, `id3 ` and
//! everything else.

use super::{BlankedRange, UnknownLayout, read_at};
use std::io::{Read, Seek};

/// The ID of a chunk that players skip.
const JUNK: [u8; 4] = *b"JUNK";
/// The maximum number of chunks; a recording has about ten.
const MOST_CHUNKS: usize = 10_000;
/// Plain sample formats: integer, float, A-law and µ-law, and the latter two with IBM's codes.
const PLAIN: [u16; 6] = [1, 3, 6, 7, 0x0101, 0x0102];
/// Formats that need the first number of the extension: samples per block.
const IN_BLOCKS: [u16; 2] = [0x11, 0x31];
/// The format code is in the extension.
const EXTENSIBLE: u16 = 0xfffe;
/// The rest of the format GUID after the code.
const FAMILY: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

pub(super) fn blanks(file: &mut (impl Read + Seek), size: u64) -> Result<Vec<BlankedRange>, UnknownLayout> {
    let [r, i, f, g, a, b, c, d, form @ ..] = read_at::<12>(file, 0)?;
    if [r, i, f, g] != *b"RIFF" || form != *b"WAVE" {
        return Err(UnknownLayout);
    }
    let mut blanks = Vec::new();
    let whole = u32::try_from(size - 8).map_err(|_| UnknownLayout)?;
    if u32::from_le_bytes([a, b, c, d]) > whole {
        blanks.push(BlankedRange::word(4, whole.to_le_bytes()));
    }
    let (mut at, mut chunks) = (12, 0);
    let (mut has_form, mut has_fact, mut has_sound) = (false, false, false);
    while size - at >= 8 {
        chunks += 1;
        if chunks > MOST_CHUNKS {
            return Err(UnknownLayout);
        }
        let [kind @ .., a, b, c, d] = read_at::<8>(file, at)?;
        let (begin, length) = (at + 8, u64::from(u32::from_le_bytes([a, b, c, d])));
        let end = begin.checked_add(length).filter(|end| *end <= size).ok_or(UnknownLayout)?;
        match &kind {
            // Each of them once: no recording has a second one.
            b"fmt " if !has_form => {
                shape(file, (begin, length), &mut blanks)?;
                has_form = true;
            }
            b"fact" if !has_fact => {
                blanks.push(BlankedRange::zeros(begin + length.min(4), length - length.min(4)));
                has_fact = true;
            }
            b"data" if has_form && !has_sound => has_sound = true,
            _ => {
                blanks.push(BlankedRange::word(at, JUNK));
                blanks.push(BlankedRange::zeros(begin, length));
            }
        }
        // Chunks start at even offsets.
        at = (end + length % 2).min(size);
        blanks.push(BlankedRange::zeros(end, at - end));
    }
    blanks.push(BlankedRange::zeros(at, size - at));
    if has_sound { Ok(blanks) } else { Err(UnknownLayout) }
}

/// Keeps the known fields of the format chunk.
fn shape(
    file: &mut (impl Read + Seek),
    (begin, length): (u64, u64),
    blanks: &mut Vec<BlankedRange>,
) -> Result<(), UnknownLayout> {
    if length < 16 {
        return Err(UnknownLayout);
    }
    let form = u16::from_le_bytes(read_at(file, begin)?);
    let kept = match form {
        form if PLAIN.contains(&form) => 16,
        form if IN_BLOCKS.contains(&form) && length >= 20 => {
            blanks.push(BlankedRange::bytes(begin + 16, &[2, 0]));
            20
        }
        EXTENSIBLE if length >= 40 => {
            let [low, high, family @ ..] = read_at::<16>(file, begin + 24)?;
            if !PLAIN.contains(&u16::from_le_bytes([low, high])) || family != FAMILY {
                return Err(UnknownLayout);
            }
            blanks.push(BlankedRange::bytes(begin + 16, &[22, 0]));
            40
        }
        _ => return Err(UnknownLayout),
    };
    blanks.push(BlankedRange::zeros(begin + kept, length - kept));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::trying::{MARKER, copy, holds};
    use super::*;

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_vec();
        bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        bytes.extend(content);
        // The padding byte can carry hidden data too.
        bytes.resize(bytes.len() + content.len() % 2, b'Q');
        bytes
    }

    fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
        let body = chunks.concat();
        [b"RIFF".to_vec(), u32::try_from(body.len() + 4).unwrap().to_le_bytes().to_vec(), b"WAVE".to_vec(), body].concat()
    }

    fn form(tag: u16, extension: &[u8]) -> Vec<u8> {
        let numbers = [1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];
        chunk(b"fmt ", &[tag.to_le_bytes().as_slice(), &numbers, extension].concat())
    }

    fn extensible(tag: u16, behind: &[u8]) -> Vec<u8> {
        let extension = [&[30, 0, 16, 0, 4, 0, 0, 0], tag.to_le_bytes().as_slice(), &FAMILY, behind].concat();
        form(EXTENSIBLE, &extension)
    }

    fn sound() -> Vec<u8> {
        chunk(b"data", b"sound")
    }

    #[test]
    fn the_form_of_the_sound_has_no_extension_but_the_known_one() {
        let extension = [&[8, 0], MARKER].concat();
        for tag in [1, 3, 6, 7] {
            let copied = copy(&wav(&[form(tag, &extension), sound()]), "audio/wav").unwrap();
            assert!(!holds(&copied, MARKER) && holds(&copied, b"sound"), "{tag}");
            assert_eq!(copied[36..46], [0; 10]);
        }
        let copied = copy(&wav(&[extensible(1, MARKER), sound()]), "audio/wav").unwrap();
        assert!(!holds(&copied, MARKER));
        assert_eq!((copied[36], &copied[44..60]), (22, [&[1, 0][..], &FAMILY].concat().as_slice()));
        let blocks = [&[10, 0, 0xf9, 1], MARKER].concat();
        let copied = copy(&wav(&[form(0x11, &blocks), sound()]), "audio/wav").unwrap();
        assert!(!holds(&copied, MARKER));
        assert_eq!(copied[36..40], [2, 0, 0xf9, 1]);
        for refused in [form(2, &extension), form(0x55, &extension), extensible(0x55, b""), form(EXTENSIBLE, &extension)] {
            assert!(copy(&wav(&[refused, sound()]), "audio/wav").is_err());
        }
    }

    #[test]
    fn what_stands_twice_or_behind_goes() {
        let fact = chunk(b"fact", &[&[5, 0, 0, 0], MARKER].concat());
        let file = wav(&[form(1, b""), fact, sound(), chunk(b"data", MARKER), form(1, MARKER), chunk(b"fact", MARKER)]);
        let copied = copy(&file, "audio/wav").unwrap();
        assert!(!holds(&copied, MARKER) && !holds(&copied, b"Q") && holds(&copied, b"sound"));
        assert!(copy(&wav(&[sound(), form(1, b"")]), "audio/wav").is_err());
        let mut long = wav(&[form(1, b""), sound()]);
        long[4..8].copy_from_slice(b"MARK");
        assert!(!holds(&copy(&long, "audio/wav").unwrap(), b"MARK"));
    }

    #[test]
    fn a_recording_has_few_chunks() {
        let many = wav(&[[form(1, b""), sound()].concat(), chunk(b"LIST", b"").repeat(MOST_CHUNKS)]);
        assert!(copy(&many, "audio/wav").is_err());
    }
}
