//! Sample descriptions of a track (`stsd`): keeps the fixed fields and the known child boxes of each.

use super::box_tables::{BoxContents, BoxHeader, BoxPart, drop_box};
use super::codec_configs;
use super::{BlankedRange, UnknownLayout};

/// The maximum number of descriptions per track.
const MOST_ENTRIES: usize = 16;

/// The upper limit for sample counts and packet sizes.
const LARGEST_NUMBER: u64 = 0xffff;
/// Valid sample rates in Hz.
const RATES: std::ops::RangeInclusive<f64> = 1.0..=1_000_000.0;

/// The structure of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Framing {
    /// No inner structure.
    Whole,
    /// H.264 NAL units with length prefixes of this many bytes.
    Avc(u8),
    /// HEVC NAL units with such prefixes.
    Hevc(u8),
    /// An AAC frame.
    Aac,
    /// MPEG-4 video, in which encoder text follows a start code.
    Coded,
}

/// Audio formats. Formats with text inside frames (MP3) or unknown structure are excluded.
const HEARD: &[&[u8; 4]] = &[
    b"mp4a", b"samr", b"sawb", b"Opus", b"fLaC", b"alac", b"ac-3", b"lpcm", b"sowt", b"twos", b"ulaw", b"alaw", b"in24", b"in32",
    b"fl32",
];
/// Video formats. Motion JPEG is excluded, because each frame can contain camera metadata.
const SEEN: &[&[u8; 4]] = &[b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"mp4v", b"s263", b"h263", b"vp08", b"vp09"];

/// Keeps the known parts of the descriptions; returns the framing of the samples of each.
pub(super) fn descriptions(
    contents: BoxContents<'_>,
    head: BoxHeader,
    blanks: &mut Vec<BlankedRange>,
) -> Result<Vec<Framing>, UnknownLayout> {
    let mut part = BoxPart::of(contents, head, blanks);
    part.zero(0, 4);
    let entries = contents.heads_in(head.begin() + 8, head.end)?;
    let count = u64::try_from(entries.len()).map_err(|_| UnknownLayout)?;
    if entries.len() > MOST_ENTRIES || part.number(4, 4)? != count {
        return Err(UnknownLayout);
    }
    entries.into_iter().map(|entry| description(contents, entry, blanks)).collect()
}

fn description(contents: BoxContents<'_>, entry: BoxHeader, blanks: &mut Vec<BlankedRange>) -> Result<Framing, UnknownLayout> {
    let mut part = BoxPart::of(contents, entry, blanks);
    // The type distinguishes video from audio: where a video entry has its size, an audio entry has zeros.
    let fixed = match () {
        () if HEARD.contains(&&entry.kind) => sound(&mut part)?,
        () if SEEN.contains(&&entry.kind) => picture(&mut part)?,
        () => return Err(UnknownLayout),
    };
    let framing = children(contents, (entry.begin() + fixed, entry.end), blanks)?;
    match (&entry.kind, framing) {
        (b"mp4v", _) => Ok(Framing::Coded),
        (b"mp4a", _) => Ok(Framing::Aac),
        (b"avc1" | b"avc3", Some(Framing::Avc(length))) => Ok(Framing::Avc(length)),
        (b"hvc1" | b"hev1" | b"dvh1" | b"dvhe", Some(Framing::Hevc(length))) => Ok(Framing::Hevc(length)),
        (b"avc1" | b"avc3" | b"hvc1" | b"hev1" | b"dvh1" | b"dvhe", Some(Framing::Whole)) => Ok(Framing::Whole),
        (b"avc1" | b"avc3" | b"hvc1" | b"hev1" | b"dvh1" | b"dvhe", _) => Err(UnknownLayout),
        _ => Ok(Framing::Whole),
    }
}

fn picture(part: &mut BoxPart<'_, '_>) -> Result<u64, UnknownLayout> {
    if part.length() < 78 {
        return Err(UnknownLayout);
    }
    part.zero(0, 6);
    part.zero(8, 24);
    // 72 dpi in both directions.
    part.write(28, &[0, 0x48, 0, 0]);
    part.write(32, &[0, 0x48, 0, 0]);
    part.zero(36, 40);
    // One frame per sample; then the compressor name, often the camera model; 24-bit depth, no colour table.
    part.write(40, &[0, 1]);
    part.zero(42, 74);
    part.write(74, &[0, 0x18, 0xff, 0xff]);
    Ok(78)
}

fn sound(part: &mut BoxPart<'_, '_>) -> Result<u64, UnknownLayout> {
    let fixed = match part.number(8, 2)? {
        0 => 28,
        1 => 44,
        2 => 64,
        _ => return Err(UnknownLayout),
    };
    if part.length() < fixed {
        return Err(UnknownLayout);
    }
    part.zero(0, 6);
    part.zero(10, 16);
    // Of the `QuickTime` fields only the marker for variable frame lengths is needed.
    if part.number(20, 2)? != 0xfffe {
        part.zero(20, 22);
    }
    part.zero(22, 24);
    // Sample and byte counts, after the rate and channels where these are written out.
    let numbers: &[u64] = match fixed {
        44 => &[28, 32, 36, 40],
        64 => &[40, 48, 52, 56, 60],
        _ => &[],
    };
    for at in numbers {
        if part.number(*at, 4)? > LARGEST_NUMBER {
            return Err(UnknownLayout);
        }
    }
    if fixed == 64 {
        let rate = f64::from_bits(part.number(32, 8)?);
        if !RATES.contains(&rate) || rate.fract() != 0.0 {
            return Err(UnknownLayout);
        }
        part.write(28, &[0, 0, 0, 72]);
        part.write(44, &[0x7f, 0, 0, 0]);
    }
    Ok(fixed)
}

/// Keeps the known child boxes; returns the framing if one of them defines it.
fn children(
    contents: BoxContents<'_>,
    (from, to): (u64, u64),
    blanks: &mut Vec<BlankedRange>,
) -> Result<Option<Framing>, UnknownLayout> {
    let (mut at, mut framing, mut seen) = (from, None, Vec::new());
    while to - at >= 8 {
        let Ok(head) = contents.head_at(at, to) else { break };
        at = head.end;
        if seen.contains(&head.kind) || seen.len() >= MOST_ENTRIES {
            drop_box(head, blanks);
            continue;
        }
        seen.push(head.kind);
        match &head.kind {
            b"wave" => wave(contents, head, blanks)?,
            _ => framing = codec_configs::keep(head, BoxPart::of(contents, head, blanks))?.or(framing),
        }
    }
    blanks.push(BlankedRange::zeros(at, to - at));
    Ok(framing)
}

/// Cleans the `wave` box in which `QuickTime` wraps audio descriptions.
fn wave(contents: BoxContents<'_>, parent: BoxHeader, blanks: &mut Vec<BlankedRange>) -> Result<(), UnknownLayout> {
    let mut seen = Vec::new();
    for head in contents.heads_in(parent.begin(), parent.end)? {
        if seen.contains(&head.kind) || seen.len() >= MOST_ENTRIES {
            drop_box(head, blanks);
            continue;
        }
        seen.push(head.kind);
        let mut part = BoxPart::of(contents, head, blanks);
        match &head.kind {
            b"frma" => {
                if !HEARD.contains(&&contents.kind_at(head.begin())?) || head.end < head.begin() + 4 {
                    return Err(UnknownLayout);
                }
                part.rest(4);
            }
            // The byte order.
            b"enda" => {
                part.zero(0, 1);
                part.rest(2);
            }
            // The list terminator, and a box without information.
            [0, 0, 0, 0] | b"mp4a" => part.rest(0),
            _ => {
                codec_configs::keep(head, part)?;
            }
        }
    }
    Ok(())
}
