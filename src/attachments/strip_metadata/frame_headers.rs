//! Audio frame headers: where a frame ends, and which bits are not audio.

use super::aac_elements;
use super::file_window::FileWindow;
use super::{BlankedRange, UnknownLayout};
use std::io::{Read, Seek};

/// The type of the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AudioFrameKind {
    /// MPEG-1 and MPEG-2 audio.
    Mpeg,
    /// AAC with a header before each frame.
    Adts,
    /// AMR, as phones record it.
    Amr,
}

/// Bit rates in kbit/s for MPEG-1 layer III and MPEG-2 layer III.
const RATES: [[u32; 15]; 2] = [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/// Sample rates in Hz.
const SAMPLES: [u32; 3] = [44_100, 48_000, 32_000];

/// An AMR mode: frame bytes after the header byte, and the unused bits of the last one.
pub(super) type AmrMode = Option<(u64, u8)>;
/// AMR-NB frame sizes by mode number; the last mode is a no-data frame.
pub(super) const NARROW: [AmrMode; 16] = [
    Some((12, 1)),
    Some((13, 1)),
    Some((15, 2)),
    Some((17, 2)),
    Some((19, 4)),
    Some((20, 1)),
    Some((26, 4)),
    Some((31, 4)),
    Some((5, 1)),
    None,
    None,
    None,
    None,
    None,
    None,
    Some((0, 0)),
];
/// The same for AMR-WB.
pub(super) const WIDE: [AmrMode; 16] = [
    Some((17, 4)),
    Some((23, 7)),
    Some((32, 3)),
    Some((36, 3)),
    Some((40, 3)),
    Some((46, 3)),
    Some((50, 3)),
    Some((58, 3)),
    Some((60, 3)),
    Some((5, 0)),
    None,
    None,
    None,
    None,
    None,
    Some((0, 0)),
];

/// Returns the end of the frame that starts at this offset, for the kind (and the AMR modes).
pub(super) fn end_of<R: Read + Seek>(
    window: &mut FileWindow<'_, R>,
    (from, at): (u64, u64),
    (kind, modes): (AudioFrameKind, &[AmrMode; 16]),
) -> Result<Option<u64>, UnknownLayout> {
    let length = match kind {
        AudioFrameKind::Mpeg => window.bytes::<4>(from, at)?.and_then(of_mpeg),
        AudioFrameKind::Adts => window.bytes::<7>(from, at)?.and_then(of_adts),
        AudioFrameKind::Amr => window.bytes::<1>(from, at)?.and_then(|[first]| of_amr(first, modes)).map(|(size, _)| size + 1),
    };
    Ok(length.and_then(|length| at.checked_add(length)))
}

/// Blanks the non-audio bits of a frame.
pub(super) fn clean<R: Read + Seek>(
    window: &mut FileWindow<'_, R>,
    (at, end): (u64, u64),
    (kind, modes): (AudioFrameKind, &[AmrMode; 16]),
    blanks: &mut Vec<BlankedRange>,
) -> Result<(), UnknownLayout> {
    match kind {
        AudioFrameKind::Mpeg => {
            if is_index(window, at, end)? {
                // The index frame stays silent, but loses what the encoder wrote about itself and the song.
                blanks.push(BlankedRange::zeros(at + 4, end - at - 4));
            }
        }
        AudioFrameKind::Adts => {
            let Some([_, second, third, fourth]) = window.bytes::<4>(at, at)? else { return Err(UnknownLayout) };
            if third & 0x01 == 0 && fourth & 0xc0 == 0 {
                // The frames then describe the channels themselves, with a comment.
                return Err(UnknownLayout);
            }
            // The private, original and home bits, and a copyright ID with one bit per frame.
            if third & 0x02 != 0 || fourth & 0x3c != 0 {
                if second & 0x01 == 0 {
                    // They are covered by the frame checksum.
                    return Err(UnknownLayout);
                }
                blanks.push(BlankedRange::bytes(at + 2, &[third & !0x02, fourth & !0x3c]));
            }
            let head = if second & 0x01 == 0 { 9 } else { 7 };
            if at + head < end && aac_elements::clean(window, (at + head, end), blanks)? && head == 9 {
                return Err(UnknownLayout);
            }
        }
        AudioFrameKind::Amr => {
            let spare = window.bytes::<1>(at, at)?.and_then(|[first]| of_amr(first, modes)).map_or(0, |(_, spare)| spare);
            let Some([last]) = window.bytes::<1>(at, end - 1)? else { return Err(UnknownLayout) };
            let mask = 0xff_u8 << spare;
            if last & !mask != 0 {
                blanks.push(BlankedRange::bytes(end - 1, &[last & mask]));
            }
        }
    }
    Ok(())
}

/// Whether a frame is an index frame (Xing, Info, VBRI), after the regular frame header.
fn is_index<R: Read + Seek>(window: &mut FileWindow<'_, R>, at: u64, end: u64) -> Result<bool, UnknownLayout> {
    // One or two channels, MPEG-1 or MPEG-2, with and without checksum.
    for offset in [13, 15, 21, 23, 36, 38] {
        let word = if at + offset + 4 <= end { window.bytes::<4>(at, at + offset)? } else { None };
        if word.is_some_and(|word| [*b"Xing", *b"Info", *b"VBRI"].contains(&word)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn of_mpeg([first, second, third, _]: [u8; 4]) -> Option<u64> {
    // Layer III only: other layers are not called MP3.
    if first != 0xff || second & 0xe0 != 0xe0 || second & 0x06 != 0x02 {
        return None;
    }
    let (is_first, divisor) = match (second >> 3) & 3 {
        3 => (true, 1),
        2 => (false, 2),
        0 => (false, 4),
        _ => return None,
    };
    let [first_rates, second_rates] = RATES;
    let rates = if is_first { first_rates } else { second_rates };
    let rate = rates.get(usize::from(third >> 4)).copied().filter(|rate| *rate > 0)?;
    let samples = SAMPLES.get(usize::from((third >> 2) & 3)).copied()? / divisor;
    let padding = u32::from((third >> 1) & 1);
    Some(u64::from((if is_first { 144_000 } else { 72_000 }) * rate / samples + padding))
}

fn of_adts([first, second, _, fourth, fifth, sixth, _]: [u8; 7]) -> Option<u64> {
    if first != 0xff || second & 0xf6 != 0xf0 {
        return None;
    }
    let length = (u64::from(fourth & 3) << 11) | (u64::from(fifth) << 3) | u64::from(sixth >> 5);
    (length > 7).then_some(length)
}

fn of_amr(first: u8, modes: &[AmrMode; 16]) -> AmrMode {
    modes.get(usize::from((first >> 3) & 15)).copied().flatten().filter(|_| first & 0x83 == 0)
}
