//! NAL units of H.264 and HEVC: pictures and parameter sets are kept, SEI messages and filler are emptied.
//!
//! All lengths stay the same: an SEI message becomes a filler payload, any other unit a filler unit. The type in the
//! unit header is trusted, and only the header of a unit is read.

use super::aac_elements;
use super::file_window::FileWindow;
use super::sample_entries::Framing;
use super::samples::SampleRange;
use super::{BlankedRange, UnknownLayout, has_room};
use std::io::{Cursor, Read, Seek};

/// The maximum length of parameter sets, access unit delimiters and end-of-stream units.
const LARGEST_SET: u64 = 256;
const LARGEST_SIGN: u64 = 3;
/// The SEI payload type "filler".
const FILLER: u8 = 3;
/// The trailing byte of a non-picture unit.
const END: u8 = 0x80;

/// How a unit is handled.
enum NalAction {
    Kept,
    Message,
    Filling([u8; 2], u64),
}

/// Cleans the samples of a range.
pub(super) fn clean<R: Read + Seek>(
    window: &mut FileWindow<'_, R>,
    range: SampleRange,
    blanks: &mut Vec<BlankedRange>,
) -> Result<(), UnknownLayout> {
    let (size, is_hevc) = match range.framing {
        Framing::Whole => return Ok(()),
        Framing::Coded => return words(window, range, blanks),
        Framing::Aac => return aac_elements::clean(window, (range.begin, range.end), blanks).map(drop),
        Framing::Avc(size) => (u64::from(size), false),
        Framing::Hevc(size) => (u64::from(size), true),
    };
    let mut at = range.begin;
    while at < range.end {
        let length = match size {
            1 => window.bytes::<1>(at, at)?.map(|[a]| u64::from(a)),
            2 => window.bytes::<2>(at, at)?.map(|bytes| u64::from(u16::from_be_bytes(bytes))),
            _ => window.bytes::<4>(at, at)?.map(|bytes| u64::from(u32::from_be_bytes(bytes))),
        };
        let begin = at + size;
        let end = begin + length.ok_or(UnknownLayout)?;
        if end > range.end {
            return Err(UnknownLayout);
        }
        unit(window, (begin, end), is_hevc, blanks)?;
        at = end;
    }
    Ok(())
}

fn unit<R: Read + Seek>(
    window: &mut FileWindow<'_, R>,
    (begin, end): (u64, u64),
    is_hevc: bool,
    blanks: &mut Vec<BlankedRange>,
) -> Result<(), UnknownLayout> {
    let (header, length) = (if is_hevc { 2 } else { 1 }, end - begin);
    if length < header {
        blanks.push(BlankedRange::zeros(begin, length));
        return Ok(());
    }
    let [first] = window.bytes::<1>(begin, begin)?.ok_or(UnknownLayout)?;
    let fate = if is_hevc { of_hevc(first, length) } else { of_avc(first, length) };
    match fate {
        NalAction::Kept => return Ok(()),
        // The layer ID is removed too.
        NalAction::Message if is_hevc => {
            blanks.push(BlankedRange::bytes(begin, &[first & 0x7e, 1]));
            silence(begin + 2, length - 2, blanks);
        }
        NalAction::Message => {
            blanks.push(BlankedRange::bytes(begin, &[first & 0x1f]));
            silence(begin + 1, length - 1, blanks);
        }
        NalAction::Filling([head, next], header) => {
            let bytes = [head, next];
            blanks.push(BlankedRange::bytes(
                begin,
                if header == 2 { &bytes } else { bytes.first_chunk::<1>().ok_or(UnknownLayout)? },
            ));
            fill(begin + header, length - header, blanks);
        }
    }
    if has_room(blanks) { Ok(()) } else { Err(UnknownLayout) }
}

const fn of_avc(first: u8, length: u64) -> NalAction {
    match first & 0x1f {
        // Slices, whole or partitioned, and those of an auxiliary (alpha) picture.
        1..=5 | 19 => NalAction::Kept,
        6 => NalAction::Message,
        7 | 8 | 13 if length <= LARGEST_SET => NalAction::Kept,
        9..=11 if length <= LARGEST_SIGN => NalAction::Kept,
        _ => NalAction::Filling([12, 0], 1),
    }
}

const fn of_hevc(first: u8, length: u64) -> NalAction {
    match (first >> 1) & 0x3f {
        0..=9 | 16..=21 => NalAction::Kept,
        39 | 40 => NalAction::Message,
        32..=34 if length <= LARGEST_SET => NalAction::Kept,
        35..=37 if length <= LARGEST_SIGN => NalAction::Kept,
        _ => NalAction::Filling([38 << 1, 1], 2),
    }
}

/// Turns an SEI message into filler: payload type, length, 0xFF bytes, and the trailing byte.
pub(super) fn silence(at: u64, length: u64, blanks: &mut Vec<BlankedRange>) {
    // Payload type, last length byte, and trailing byte.
    let Some(rest) = length.checked_sub(3) else { return fill(at, length, blanks) };
    // A length is coded as a run of 255s plus the remainder; a few lengths need two messages.
    let (rest, begin) = if rest % 256 == 255 {
        blanks.push(BlankedRange::bytes(at, &[FILLER, 0]));
        (rest - 2, at + 2)
    } else {
        (rest, at)
    };
    let (full, left) = (rest / 256, rest % 256);
    let left = u8::try_from(left).unwrap_or_default();
    if full == 0 {
        let count = u64::from(left);
        blanks.push(BlankedRange {
            length: 3 + count,
            filling: 0xff,
            last: Some(END),
            ..BlankedRange::bytes(begin, &[FILLER, left])
        });
    } else {
        blanks.push(BlankedRange { length: 1 + full, filling: 0xff, ..BlankedRange::bytes(begin, &[FILLER]) });
        let count = full * 255 + u64::from(left);
        blanks.push(BlankedRange {
            length: 2 + count,
            filling: 0xff,
            last: Some(END),
            ..BlankedRange::bytes(begin + 1 + full, &[left])
        });
    }
}

/// Fills with 0xFF bytes and the trailing byte.
fn fill(at: u64, length: u64, blanks: &mut Vec<BlankedRange>) {
    blanks.push(BlankedRange { last: Some(END), ..BlankedRange::filled(at, length, 0xff) });
}

/// Blanks encoder text (MPEG-4 user data) in bytes that start at a file offset.
pub(super) fn words_in(bytes: &[u8], at: u64, blanks: &mut Vec<BlankedRange>) -> Result<(), UnknownLayout> {
    let (mut file, mut found) = (Cursor::new(bytes), Vec::new());
    let end = u64::try_from(bytes.len()).map_err(|_| UnknownLayout)?;
    words(&mut FileWindow::new(&mut file, end), SampleRange { begin: 0, end, framing: Framing::Coded }, &mut found)?;
    blanks.extend(found.into_iter().map(|blank| BlankedRange { at: at + blank.at, ..blank }));
    Ok(())
}

/// Blanks MPEG-4 user data, from its start code to the next one.
fn words<R: Read + Seek>(
    window: &mut FileWindow<'_, R>,
    range: SampleRange,
    blanks: &mut Vec<BlankedRange>,
) -> Result<(), UnknownLayout> {
    let (mut at, mut begin) = (range.begin, None);
    while at + 4 <= range.end {
        let bytes = window.bytes::<4>(at, at)?.ok_or(UnknownLayout)?;
        let [0, 0, 1, code] = bytes else {
            // No start code can begin before the last of these bytes unless it is one of its zeros.
            at += if matches!(bytes, [_, _, 2..=255, _]) { 3 } else { 1 };
            continue;
        };
        if let Some(begin) = begin.take() {
            blanks.push(BlankedRange::filled(begin, at - begin, 0xff));
        }
        at += 4;
        begin = (code == 0xb2).then_some(at);
        if !has_room(blanks) {
            return Err(UnknownLayout);
        }
    }
    if let Some(begin) = begin {
        blanks.push(BlankedRange::filled(begin, range.end - begin, 0xff));
    }
    Ok(())
}
