//! Boxes with fixed-length fields: keeps what a player needs, within the values that cameras write.

use super::box_tables::BoxPart;
use super::{BlankedRange, UnknownLayout};

/// Brands that reveal the file type but not the vendor.
const BRANDS: &[&[u8; 4]] = &[
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"mp71", b"avc1", b"hvc1",
    b"hev1", b"qt  ", b"M4A ", b"M4V ", b"M4B ", b"mmp4", b"MSNV", b"3gp1", b"3gp2", b"3gp3", b"3gp4", b"3gp5", b"3gp6", b"3gp7",
    b"3gp8", b"3gp9", b"3gs7", b"3ge6", b"3ge7", b"3gg6", b"3gr6", b"3g2a", b"3g2b", b"3g2c",
];
/// The maximum number of edits in a track.
const MOST_EDITS: u64 = 256;
/// The highest track ID; cameras use small numbers.
const LAST_TRACK: u64 = 0xffff;
/// The largest time scale (units per second).
const LARGEST_SCALE: u64 = 100_000_000;
/// The longest duration, in time scale units.
const LONGEST: u64 = 0xffff_ffff_ffff;
/// The maximum width of a picture in pixels.
const LARGEST_SIDE: u64 = 0x4000;
/// 1, 0 and -1 in the matrix of a rotated picture.
const TURNS: [u64; 3] = [0, 0x0001_0000, 0xffff_0000];
/// 1 in the last column of the matrix.
const ONE: u64 = 0x4000_0000;

/// Keeps the known file type brands.
pub(super) fn brands(mut part: BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    let major = part.contents.kind_at(part.from)?;
    let known = if BRANDS.contains(&&major) { major } else { *b"mp42" };
    let mut at = 0;
    while at + 4 <= part.length() {
        let brand = part.contents.kind_at(part.from + at)?;
        match at {
            4 => part.zero(4, 8),
            _ if BRANDS.contains(&&brand) => {}
            _ => part.write(at, &known),
        }
        at += 4;
    }
    part.rest(at);
    Ok(())
}

/// Keeps the needed fields of a box.
pub(super) fn leaf(kind: [u8; 4], mut part: BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    match &kind {
        b"mvhd" => film(&mut part),
        b"tkhd" => track(&mut part),
        b"mdhd" => media(&mut part),
        b"elst" => edits(&mut part),
        b"hdlr" => handler(&mut part),
        // The graphics mode of the video, and the stereo balance.
        b"vmhd" => {
            part.write(0, &[0, 0, 0, 1]);
            part.rest(4);
            Ok(())
        }
        b"smhd" => {
            part.rest(0);
            Ok(())
        }
        b"dref" => references(&mut part),
        _ => Err(UnknownLayout),
    }
}

/// Blanks creation and modification time; returns whether the box uses 64-bit numbers.
fn times(part: &mut BoxPart<'_, '_>) -> Result<bool, UnknownLayout> {
    let is_long = match part.number(0, 1)? {
        0 => false,
        1 => true,
        _ => return Err(UnknownLayout),
    };
    part.zero(4, if is_long { 20 } else { 12 });
    Ok(is_long)
}

/// Checks the time scale and the duration, which may also be "unknown".
fn duration(part: &BoxPart<'_, '_>, (scale, at): (Option<u64>, u64), is_long: bool) -> Result<(), UnknownLayout> {
    let is_usual = scale.map_or(Ok(0), |at| part.number(at, 4))? <= LARGEST_SCALE;
    let is_short = !is_long || part.number(at, 8).is_ok_and(|length| length <= LONGEST || length == u64::MAX);
    if is_usual && is_short { Ok(()) } else { Err(UnknownLayout) }
}

fn film(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    let is_long = times(part)?;
    let (scale, at) = if is_long { (20, 32) } else { (12, 20) };
    duration(part, (Some(scale), scale + 4), is_long)?;
    part.zero(1, 4);
    // Playback rate and volume.
    part.write(at, &[0, 1, 0, 0]);
    part.write(at + 4, &[1, 0, 0, 0]);
    part.zero(at + 8, at + 16);
    matrix(part, at + 16);
    part.zero(at + 52, at + 76);
    if part.number(at + 76, 4).unwrap_or(LAST_TRACK + 1) > LAST_TRACK {
        part.write(at + 76, &[0xff; 4]);
    }
    part.rest(at + 80);
    Ok(())
}

fn track(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    let is_long = times(part)?;
    let (number, at) = if is_long { (20, 36) } else { (12, 24) };
    if part.number(number, 4)? > LAST_TRACK {
        return Err(UnknownLayout);
    }
    duration(part, (None, number + 8), is_long)?;
    let flags = part.contents.slice(part.from + 3, 1)?.first().copied().unwrap_or_default();
    part.zero(1, 3);
    part.write(3, &[flags & 0x0f]);
    part.zero(number + 4, number + 8);
    // Reserved bytes and the layer.
    part.zero(at, at + 10);
    // Of the tracks in an alternate group, one is played.
    if part.number(at + 10, 2).unwrap_or_default() > 0xff {
        part.zero(at + 10, at + 12);
    }
    if !matches!(part.number(at + 12, 2).unwrap_or_default(), 0 | 0x0100) {
        part.write(at + 12, &[1, 0]);
    }
    part.zero(at + 14, at + 16);
    matrix(part, at + 16);
    for size in [at + 52, at + 56] {
        if part.number(size, 4).unwrap_or(u64::MAX) >> 16 > LARGEST_SIDE {
            part.zero(size, size + 4);
        }
    }
    part.rest(at + 60);
    Ok(())
}

fn media(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    let is_long = times(part)?;
    let (scale, at) = if is_long { (20, 32) } else { (12, 20) };
    duration(part, (Some(scale), scale + 4), is_long)?;
    part.zero(1, 4);
    // The language (of the phone) is set to "undetermined".
    part.write(at, &[0x55, 0xc4]);
    part.rest(at + 2);
    Ok(())
}

/// Keeps a rotation matrix; anything else is replaced with the identity.
fn matrix(part: &mut BoxPart<'_, '_>, at: u64) {
    let number = |place: u64| part.number(at + 4 * place, 4).unwrap_or_default();
    let is_turn = [0, 1, 3, 4].into_iter().all(|place| TURNS.contains(&number(place)));
    let is_flat = number(2) == 0 && number(5) == 0 && [0, ONE].contains(&number(8));
    // Whole pixels, and no offset larger than the maximum picture width.
    let is_moved_little = [6, 7].into_iter().all(|place| number(place) & 0xffff == 0 && number(place) >> 16 <= LARGEST_SIDE);
    if is_turn && is_flat && is_moved_little {
        return;
    }
    for place in 0..9 {
        let one: [u8; 4] = match place {
            0 | 4 => [0, 1, 0, 0],
            8 => [0x40, 0, 0, 0],
            _ => [0; 4],
        };
        part.write(at + 4 * place, &one);
    }
}

fn edits(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    let width = match part.number(0, 1)? {
        0 => 12,
        1 => 20,
        _ => return Err(UnknownLayout),
    };
    part.zero(1, 4);
    let count = part.number(4, 4)?;
    if count > MOST_EDITS || part.length() < 8 + count * width {
        return Err(UnknownLayout);
    }
    for edit in 1..=count {
        let speed = 8 + edit * width - 4;
        if !matches!(part.number(speed, 4)?, 0 | 0x0001_0000) {
            part.write(speed, &[0, 1, 0, 0]);
        }
    }
    part.rest(8 + count * width);
    Ok(())
}

/// Blanks the vendor and the name of the handler.
fn handler(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    part.zero(0, 4);
    let (class, kind) = (part.number(4, 4)?, part.number(8, 4)?);
    let is = |number: u64, word: &[u8; 4]| number == u64::from(u32::from_be_bytes(*word));
    if !is(class, b"mhlr") && !is(class, b"dhlr") {
        part.zero(4, 8);
    }
    if ![b"vide", b"soun", b"alis", b"url "].into_iter().any(|word| is(kind, word)) {
        part.write(8, b"alis");
    }
    part.rest(12);
    Ok(())
}

/// Data references: the media data is in the file itself; paths on somebody's machine are blanked.
fn references(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    part.zero(0, 4);
    for entry in part.contents.heads_in(part.from.saturating_add(8).min(part.to), part.to)? {
        if entry.kind != *b"alis" {
            part.blanks.push(BlankedRange::word(entry.at + 4, *b"url "));
        }
        let mut inside = BoxPart::of(part.contents, entry, part.blanks);
        inside.write(0, &[0, 0, 0, 1]);
        inside.rest(4);
    }
    Ok(())
}
