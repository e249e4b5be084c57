//! A wall behind compressed data, so that a decoder that wants more than there are notices it: it would go on with zeros, and a truncated
//! photo would be grey below.
//!
//! Enters a JPEG, leaves the same with some one-bits ahead of each marker that ends a scan. A code never consists of ones alone: a decoder
//! that reaches them fails, and one that is done skips them.

use std::io::{self, BufRead, Read};

/// Bytes of ones in a wall, each with the zeros that have to follow it: more than a decoder reads ahead, and more than it takes for bits that
/// are no codes.
const WALL_BYTES: usize = 256;

/// Reads a JPEG with its walls.
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
    /// Behind a byte of ones there.
    Marker,
    /// In the length of a segment: of a scan, and the first byte of the length where it was read.
    Length(bool, Option<u8>),
    /// So many bytes of a segment are left.
    Segment(bool, u16),
    /// In compressed data.
    Data,
    /// Behind a byte of ones there.
    DataMarker,
}

impl<R: BufRead> TruncationGuard<R> {
    /// From its beginning.
    pub const fn new(source: R) -> Self {
        Self { source, state: GuardState::Between, ready: Vec::new(), given: 0 }
    }
}

/// Where a byte leads, and whether a wall has to stand ahead of it and the ones before it.
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

/// What follows a marker.
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
        // A piece may leave nothing, and nothing would be the end.
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
                    // Behind the byte of ones that was read, which becomes the first of the wall.
                    self.ready.extend([0, 0xff].repeat(WALL_BYTES));
                }
                // Of several bytes of ones ahead of a marker the first is enough, and the wall would not stand behind more.
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
