//! Blanks the elements before the audio in an AAC frame: fill and data elements, in which encoders write their names.
//!
//! The elements start at any bit; their content is set to zero. Elements after the audio cannot be found without
//! decoding.

use super::file_window::FileWindow;
use super::{BlankedRange, UnknownLayout, has_room};
use std::io::{Read, Seek};

/// Element types.
const DATA: u64 = 4;
const PROGRAM: u64 = 5;
const FILL: u64 = 6;

/// Blanks the elements of the frame between two file offsets; returns whether there were any.
pub(super) fn clean<R: Read + Seek>(
    window: &mut FileWindow<'_, R>,
    (begin, end): (u64, u64),
    blanks: &mut Vec<BlankedRange>,
) -> Result<bool, UnknownLayout> {
    let mut bits = WindowBitReader { window, begin, end, at: 0 };
    let mut was_there = false;
    while let Ok(kind) = bits.take(3) {
        let count = match kind {
            FILL => match bits.take(4)? {
                15 => 14 + bits.take(8)?,
                count => count,
            },
            DATA => {
                let is_aligned = bits.take(5)? & 1 == 1;
                let count = match bits.take(8)? {
                    255 => 255 + bits.take(8)?,
                    count => count,
                };
                if is_aligned {
                    bits.at = bits.at.next_multiple_of(8);
                }
                count
            }
            // A program config element, which can hold a comment.
            PROGRAM => return Err(UnknownLayout),
            _ => break,
        };
        bits.zero(8 * count, blanks)?;
        was_there |= count > 0;
        if !has_room(blanks) {
            return Err(UnknownLayout);
        }
    }
    Ok(was_there)
}

struct WindowBitReader<'w, 'f, R> {
    window: &'w mut FileWindow<'f, R>,
    begin: u64,
    end: u64,
    at: u64,
}

impl<R: Read + Seek> WindowBitReader<'_, '_, R> {
    fn byte(&mut self, place: u64) -> Result<u8, UnknownLayout> {
        let at = self.begin + place;
        let byte = if at < self.end { self.window.bytes::<1>(self.begin, at)? } else { None };
        byte.map(|[byte]| byte).ok_or(UnknownLayout)
    }

    fn take(&mut self, count: u64) -> Result<u64, UnknownLayout> {
        let mut number = 0;
        for _ in 0..count {
            let byte = self.byte(self.at / 8)?;
            number = (number << 1) | u64::from((byte >> (7 - self.at % 8)) & 1);
            self.at += 1;
        }
        Ok(number)
    }

    /// Zeros the next bits; the other bits of the first and last byte are kept.
    fn zero(&mut self, count: u64, blanks: &mut Vec<BlankedRange>) -> Result<(), UnknownLayout> {
        if count == 0 {
            return Ok(());
        }
        let (from, to) = (self.at, self.at + count);
        let (first, last) = (from / 8, to / 8);
        if self.begin + to.div_ceil(8) > self.end {
            return Err(UnknownLayout);
        }
        // Counted in whole bytes, so that the first and last byte are never the same.
        let mut whole = first;
        if from % 8 > 0 {
            let kept = !(0xff_u8 >> (from % 8));
            blanks.push(BlankedRange::bytes(self.begin + first, &[self.byte(first)? & kept]));
            whole += 1;
        }
        blanks.push(BlankedRange::zeros(self.begin + whole, last - whole));
        if to % 8 > 0 {
            let kept = 0xff_u8 >> (to % 8);
            blanks.push(BlankedRange::bytes(self.begin + last, &[self.byte(last)? & kept]));
        }
        self.at = to;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::trying::holds;
    use super::*;
    use std::io::Cursor;

    /// Packs a string of bits, padded with ones.
    fn packed(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|byte| *byte != b' ').map(|byte| byte - b'0').collect();
        bits.chunks(8).map(|chunk| (0..8).fold(0, |sum, at| (sum << 1) | chunk.get(at).unwrap_or(&1))).collect()
    }

    fn ones(count: usize) -> String {
        "1".repeat(8 * count)
    }

    fn cleaned(frame: &[u8]) -> Result<Vec<u8>, UnknownLayout> {
        let mut blanks = Vec::new();
        let end = u64::try_from(frame.len()).unwrap();
        clean(&mut FileWindow::new(&mut Cursor::new(frame), end), (0, end), &mut blanks)?;
        let mut copy = frame.to_vec();
        super::super::lay_over(&mut copy, 0, &blanks);
        Ok(copy)
    }

    #[test]
    fn what_stands_before_the_sound_becomes_zeros_bit_by_bit() {
        let sound = "001 1010 1111 0000 1111";
        let zeros = |count: usize| "0".repeat(8 * count);
        for (count, head) in [(1, "110 0001"), (3, "110 0011"), (14, "110 1110"), (15, "110 1111 00000001")] {
            let frame = packed(&format!("{head}{}{sound}", ones(count)));
            assert_eq!(cleaned(&frame), Ok(packed(&format!("{head}{}{sound}", zeros(count)))), "{count}");
        }
        let data = |held: &str| packed(&format!("100 0000 0 00000010{held}110 0001{held}{sound}"));
        assert!(cleaned(&data(&ones(2))).is_ok_and(|copy| copy[2] == 0));
        // Aligned to the next byte.
        let aligned = [packed("100 0000 1 00001000").as_slice(), b"MARKERQX", &packed(sound)].concat();
        let copy = cleaned(&aligned).unwrap();
        assert!(!holds(&copy, b"MARK") && holds(&copy, &packed(sound)));
        let none = packed(sound);
        assert_eq!(cleaned(&none), Ok(none.clone()));
        assert!(cleaned(&packed("101 0000 00000000")).is_err(), "words about the channels");
        assert!(cleaned(&packed("110 1111 11111111 0000")).is_err(), "longer than the frame");
    }
}
