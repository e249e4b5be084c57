//! Inserts a guard after compressed JPEG data, so that the decoder fails on truncated data instead of filling
//! the missing part with grey.
//!
//! Takes a JPEG; returns the same bytes with a run of one-bits before each marker that ends a scan. No Huffman
//! code consists of ones only: a decoder that runs into the guard fails, one that has finished skips it.

use std::io::{self, BufRead, Read};

/// Number of 0xFF bytes in a guard, each followed by the required stuffing zero: more than a decoder reads ahead
/// and more than it accepts as non-code bits.
const WALL_BYTES: usize = 256;

/// A reader that inserts the guards.
pub struct TruncationGuard<R> {
    source: R,
    state: GuardState,
    ready: Vec<u8>,
    given: usize,
}

#[derive(Debug, Clone, Copy)]
enum GuardState {
    /// Between two segments.
    Between,
    /// After a 0xFF byte between segments.
    Marker,
    /// In the length of a segment: whether it is a scan, and the first length byte if already read.
    Length(bool, Option<u8>),
    /// In a segment, with the number of bytes left.
    Segment(bool, u16),
    /// In compressed data.
    Data,
    /// After a 0xFF byte in compressed data.
    DataMarker,
}

impl<R: BufRead> TruncationGuard<R> {
    /// Wraps a reader that is at the start of a JPEG.
    pub const fn new(source: R) -> Self {
        Self { source, state: GuardState::Between, ready: Vec::new(), given: 0 }
    }
}

/// Returns the next state, and whether a guard must be inserted before this byte and the pending ones.
const fn next(state: GuardState, byte: u8) -> (GuardState, bool) {
    let state = match (state, byte) {
        (GuardState::Between | GuardState::Marker, 0xff) => GuardState::Marker,
        (GuardState::DataMarker, 0xff) | (GuardState::Data, 0xff) => GuardState::DataMarker,
        (GuardState::DataMarker, 0 | 0xd0..=0xd7) | (GuardState::Data, _) => GuardState::Data,
        (GuardState::DataMarker, _) => return (behind(byte), true),
        (GuardState::Marker, _) => behind(byte),
        (GuardState::Between, _) => GuardState::Between,
        (GuardState::Length(is_scan, None), _) => GuardState::Length(is_scan, Some(byte)),
        (GuardState::Length(is_scan, Some(high)), _) => left(is_scan, u16::from_be_bytes([high, byte]).saturating_sub(2)),
        (GuardState::Segment(is_scan, length), _) => left(is_scan, length.saturating_sub(1)),
    };
    (state, false)
}

/// Returns the state after a marker.
const fn behind(marker: u8) -> GuardState {
    match marker {
        0 | 1 | 0xd0..=0xd9 => GuardState::Between,
        _ => GuardState::Length(marker == 0xda, None),
    }
}

const fn left(is_scan: bool, length: u16) -> GuardState {
    match (is_scan, length) {
        (true, 0) => GuardState::Data,
        (false, 0) => GuardState::Between,
        _ => GuardState::Segment(is_scan, length),
    }
}

impl<R: BufRead> Read for TruncationGuard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A chunk may produce no output, and returning zero bytes would mean end of file.
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let bytes = self.source.fill_buf()?;
            if bytes.is_empty() {
                return Ok(0);
            }
            for byte in bytes {
                let (state, is_walled) = next(self.state, *byte);
                if is_walled {
                    // After the 0xFF byte already emitted, which becomes the first byte of the guard.
                    self.ready.extend([0, 0xff].repeat(WALL_BYTES));
                }
                // With several 0xFF bytes before a marker, only the first gets a guard; it would be wrong after the
                // others.
                let is_again = matches!((self.state, state), (GuardState::DataMarker, GuardState::DataMarker));
                self.state = state;
                if !is_again {
                    self.ready.push(*byte);
                }
            }
            let read = bytes.len();
            self.source.consume(read);
        }
        let mut rest = self.ready.get(self.given..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walled(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut all = Vec::new();
        TruncationGuard::new(std::io::BufReader::with_capacity(piece, bytes)).read_to_end(&mut all).unwrap();
        all
    }

    #[test]
    fn a_wall_stands_behind_each_scan_and_nowhere_else() {
        let head = [0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xda, 0, 3, 0xff, 0xda, 0, 4, 0xff, 0xd9];
        let data = [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4];
        let last = [0xff, 0xda, 0, 2, 5, 0xff, 0xff, 0xd9, 6];
        let whole = [&head[..], &data, &last].concat();
        let wall = [0xff, 0].repeat(WALL_BYTES);
        let walls = [&head[..], &data, &wall, &last[..5], &wall, &last[6..]].concat();
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(walled(&whole, piece), walls, "in pieces of {piece}");
        }
    }
}
