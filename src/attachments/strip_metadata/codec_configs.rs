//! Codec configuration boxes: keeps the known fields and blanks everything after them.

use super::box_tables::{BoxHeader, BoxPart, drop_box};
use super::descriptors;
use super::sample_entries::Framing;
use super::{UnknownLayout, nal_units};

/// The maximum bytes of a parameter set, with all scaling lists written out.
const LARGEST_SET: u64 = 256;

/// Keeps the known fields of a box or drops it; returns the framing of the samples if the box defines it.
pub(super) fn keep(head: BoxHeader, mut part: BoxPart<'_, '_>) -> Result<Option<Framing>, UnknownLayout> {
    match &head.kind {
        b"avcC" => return avc(&mut part).map(Some),
        b"hvcC" => return hevc(&mut part).map(Some),
        b"esds" => descriptors::keep(&mut part)?,
        b"vpcC" => {
            part.zero(1, 4);
            part.rest(10);
        }
        b"dOps" => {
            let channels = part.number(1, 1)?;
            let has_table = part.number(10, 1)? != 0;
            part.rest(if has_table { 13 + channels } else { 11 });
        }
        b"dfLa" => lossless(&mut part)?,
        b"alac" => {
            part.zero(0, 4);
            // Maximum frame size and bit rate, which players do not need.
            part.zero(16, 24);
            part.rest(28);
        }
        b"dac3" => part.rest(3),
        // The vendor of the codec comes first.
        b"damr" => {
            part.zero(0, 5);
            part.rest(9);
        }
        b"d263" => {
            part.zero(0, 5);
            part.rest(7);
        }
        b"pasp" if [0, 4].into_iter().all(|at| part.number(at, 4).is_ok_and(|size| size <= 0xffff)) => part.rest(8),
        b"fiel" => part.rest(2),
        b"colr" if is_colour(&part) => {
            let is_long = part.number(0, 4)? == u64::from(u32::from_be_bytes(*b"nclx"));
            if is_long {
                let full = part.number(10, 1)? & 0x80 != 0;
                part.write(10, &[if full { 0x80 } else { 0 }]);
            }
            part.rest(if is_long { 11 } else { 10 });
        }
        // A channel layout given by number, without channel descriptions.
        b"chan" if part.number(12, 4) == Ok(0) && part.number(4, 4)? != 0x0001_0000 => {
            part.zero(0, 4);
            part.zero(8, 12);
            part.rest(16);
        }
        _ => drop_box(head, part.blanks),
    }
    Ok(None)
}

/// Whether the colours are given by standard numbers instead of an ICC profile (of somebody's screen).
fn is_colour(part: &BoxPart<'_, '_>) -> bool {
    let number = |at, length| part.number(at, length).unwrap_or(u64::MAX);
    let is = |word: [u8; 4]| number(0, 4) == u64::from(u32::from_be_bytes(word));
    let is_whole = (is(*b"nclx") && part.length() >= 11) || is(*b"nclc");
    is_whole && [4, 6, 8].into_iter().all(|at| number(at, 2) <= 0xff)
}

fn avc(part: &mut BoxPart<'_, '_>) -> Result<Framing, UnknownLayout> {
    if part.length() < 7 {
        // No decoder accepts it, so its samples cannot be interpreted either.
        part.rest(4);
        return Ok(Framing::Whole);
    }
    let size = length_size(part.number(4, 1)?)?;
    let mut at = 6;
    for _ in 0..part.number(5, 1)? & 0x1f {
        at = set(part, at, |head| head & 0x1f == 7)?;
    }
    let count = part.number(at, 1)?;
    at += 1;
    for _ in 0..count {
        at = set(part, at, |head| head & 0x1f == 8)?;
    }
    let has_more = [100, 110, 122, 144, 244].contains(&part.number(1, 1)?);
    if has_more && part.length() >= at + 4 {
        // Keeps the chroma format and bit depths; the extension sets after them are not used in practice.
        part.write(at + 3, &[0]);
        at += 4;
    }
    part.rest(at);
    Ok(Framing::Avc(size))
}

fn hevc(part: &mut BoxPart<'_, '_>) -> Result<Framing, UnknownLayout> {
    if part.length() < 23 {
        part.rest(4);
        return Ok(Framing::Whole);
    }
    let size = length_size(part.number(21, 1)?)?;
    let mut at = 23;
    for _ in 0..part.number(22, 1)? {
        let kind = part.number(at, 1)? & 0x3f;
        let count = part.number(at + 1, 2)?;
        at += 3;
        for _ in 0..count {
            at = match kind {
                32..=34 => set(part, at, |head| (head >> 1) & 0x3f == kind)?,
                39 | 40 => message(part, at)?,
                _ => return Err(UnknownLayout),
            };
        }
    }
    part.rest(at);
    Ok(Framing::Hevc(size))
}

fn length_size(byte: u64) -> Result<u8, UnknownLayout> {
    match byte & 3 {
        0 => Ok(1),
        1 => Ok(2),
        3 => Ok(4),
        _ => Err(UnknownLayout),
    }
}

/// Returns the end of a length-prefixed parameter set, which must not be larger than necessary.
fn set(part: &BoxPart<'_, '_>, at: u64, is_right: impl Fn(u64) -> bool) -> Result<u64, UnknownLayout> {
    let length = part.number(at, 2)?;
    if !(2..=LARGEST_SET).contains(&length) || at + 2 + length > part.length() || !is_right(part.number(at + 2, 1)?) {
        return Err(UnknownLayout);
    }
    Ok(at + 2 + length)
}

/// Replaces an SEI message (for the decoder or from the encoder) with an empty one.
fn message(part: &mut BoxPart<'_, '_>, at: u64) -> Result<u64, UnknownLayout> {
    let length = part.number(at, 2)?;
    if length < 2 || at + 2 + length > part.length() {
        return Err(UnknownLayout);
    }
    nal_units::silence(part.from + at + 4, length - 2, part.blanks);
    Ok(at + 2 + length)
}

/// FLAC: keeps the stream info, blanks comments and pictures.
fn lossless(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    if part.number(4, 4)? & 0x7fff_ffff != 34 || part.length() < 42 {
        return Err(UnknownLayout);
    }
    part.zero(0, 4);
    part.write(4, &[0x80]);
    // The MD5 of the audio is not needed.
    part.zero(26, 42);
    part.rest(42);
    Ok(())
}
