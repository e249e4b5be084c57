//! MPEG-4 stream descriptions (`esds`): nested descriptors, of which two are kept.

use super::box_tables::BoxPart;
use super::{UnknownLayout, nal_units};

/// The tag of a user-private descriptor, which players skip.
const PRIVATE: u8 = 0xfe;

/// A descriptor: its tag and the range of its content, as offsets in the box.
struct Descriptor {
    tag: u64,
    at: u64,
    begin: u64,
    end: u64,
}

/// Keeps the known descriptors.
pub(super) fn keep(part: &mut BoxPart<'_, '_>) -> Result<(), UnknownLayout> {
    part.zero(0, 4);
    let stream = descriptor(part, 4, part.length())?;
    // Dependence on another stream, a URL, or a separate clock never occurs in a recording.
    if stream.tag != 3 || part.number(stream.begin + 2, 1)? & 0xe0 != 0 || stream.begin + 3 > stream.end {
        return Err(UnknownLayout);
    }
    part.zero(stream.begin, stream.begin + 3);
    let (mut at, mut has_config, mut has_packets) = (stream.begin + 3, false, false);
    while at < stream.end {
        let found = descriptor(part, at, stream.end)?;
        match found.tag {
            4 if !has_config => {
                coding(part, &found)?;
                has_config = true;
            }
            // A predefined packet header type.
            6 if !has_packets => {
                part.zero(found.begin + 1, found.end);
                has_packets = true;
            }
            _ => empty(part, &found),
        }
        at = found.end;
    }
    part.rest(stream.end);
    Ok(())
}

fn descriptor(part: &BoxPart<'_, '_>, at: u64, to: u64) -> Result<Descriptor, UnknownLayout> {
    let (tag, mut begin, mut length) = (part.number(at, 1)?, at + 1, 0);
    for _ in 0..4 {
        let byte = part.number(begin, 1)?;
        begin += 1;
        length = (length << 7) | (byte & 0x7f);
        if byte & 0x80 == 0 {
            let end = begin + length;
            return if end <= to { Ok(Descriptor { tag, at, begin, end }) } else { Err(UnknownLayout) };
        }
    }
    Err(UnknownLayout)
}

fn empty(part: &mut BoxPart<'_, '_>, found: &Descriptor) {
    part.write(found.at, &[PRIVATE]);
    part.zero(found.begin, found.end);
}

fn coding(part: &mut BoxPart<'_, '_>, parent: &Descriptor) -> Result<(), UnknownLayout> {
    let coding = part.number(parent.begin, 1)?;
    if parent.begin + 13 > parent.end {
        return Err(UnknownLayout);
    }
    // Buffer size and bit rates, which players do not need.
    part.zero(parent.begin + 2, parent.begin + 13);
    let (mut at, mut has_info) = (parent.begin + 13, false);
    while at < parent.end {
        let found = descriptor(part, at, parent.end)?;
        if found.tag == 5 && !has_info {
            info(part, &found, coding)?;
            has_info = true;
        } else {
            empty(part, &found);
        }
        at = found.end;
    }
    Ok(())
}

/// Keeps the decoder-specific configuration.
fn info(part: &mut BoxPart<'_, '_>, found: &Descriptor, coding: u64) -> Result<(), UnknownLayout> {
    let bytes = part.contents.slice(part.from + found.begin, found.end - found.begin)?;
    match coding {
        0x40 | 0x66..=0x68 => {
            let bits = bits_of_aac(bytes).ok_or(UnknownLayout)?;
            let (whole, spare) = (bits / 8, bits % 8);
            let mut at = found.begin + whole;
            if spare > 0 {
                let last = u8::try_from(part.number(at, 1)?).map_err(|_| UnknownLayout)?;
                part.write(at, &[last & !(0xff_u8 >> spare)]);
                at += 1;
            }
            part.zero(at, found.end);
        }
        // MPEG-4 video, with text from the encoder.
        0x20 => nal_units::words_in(bytes, part.from + found.begin, part.blanks)?,
        _ => return Err(UnknownLayout),
    }
    Ok(())
}

/// Reads bits, most significant first.
struct BitReader<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl BitReader<'_> {
    fn take(&mut self, count: u64) -> Option<u64> {
        let mut number = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(usize::try_from(self.at / 8).ok()?)?;
            number = (number << 1) | u64::from((byte >> (7 - self.at % 8)) & 1);
            self.at += 1;
        }
        Some(number)
    }

    /// Reads the sample rate, as an index or written out.
    fn rate(&mut self) -> Option<()> {
        if self.take(4)? == 15 {
            self.take(24)?;
        }
        Some(())
    }

    /// Skips a bit pattern if it comes next.
    fn skip(&mut self, word: u64) -> bool {
        let at = self.at;
        let is_there = self.take(11) == Some(word);
        if !is_there {
            self.at = at;
        }
        is_there
    }
}

/// Returns the length in bits of an AAC configuration as recorders write it; `None` for other types and when it
/// contains a channel comment.
fn bits_of_aac(bytes: &[u8]) -> Option<u64> {
    let mut bits = BitReader { bytes, at: 0 };
    let mut kind = bits.take(5)?;
    bits.rate()?;
    if bits.take(4)? == 0 {
        return None;
    }
    let is_extended = matches!(kind, 5 | 29);
    if is_extended {
        bits.rate()?;
        kind = bits.take(5)?;
    }
    if !(1..=4).contains(&kind) {
        return None;
    }
    bits.take(1)?;
    if bits.take(1)? == 1 {
        bits.take(14)?;
    }
    bits.take(1)?;
    // The same extension, signalled in a way that old decoders skip.
    let before = bits.at;
    if !is_extended && bits.skip(0x2b7) {
        let is_whole = bits.take(5) == Some(5) && (bits.take(1)? == 0 || bits.rate().is_some());
        if !is_whole {
            return Some(before);
        }
        if bits.skip(0x548) {
            bits.take(1)?;
        }
    }
    Some(bits.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aac_is_described_in_as_many_bits_as_it_needs() {
        for (bytes, bits) in [
            (&[0x12, 0x08][..], Some(16)),
            (&[0x12, 0x08, 0x4d, 0x41], Some(16)),
            (&[0x11, 0x90, 0x56, 0xe5, 0x00], Some(33)),
            (&[0x13, 0x10, 0x56, 0xe5, 0x9d, 0x48, 0x80], Some(49)),
            (&[0x2b, 0x92, 0x08, 0x00], Some(25)),
            (&[0x12, 0x00], None),
            (&[0xf8, 0xe8, 0x50, 0x00], None),
            (&[0x12], None),
        ] {
            assert_eq!(bits_of_aac(bytes), bits, "{bytes:02x?}");
        }
    }
}
