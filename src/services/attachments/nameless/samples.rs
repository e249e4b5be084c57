//! Where the samples of a track lie in the file, by the tables of its `stbl`.

use super::Unclear;
use super::tables::{Head, heads_in, number};

/// The most chunks and samples that are looked at: an hour of video has fewer than a tenth of it.
const MOST: u64 = 4_000_000;
/// Sounds without compression count in `stsz` what is no byte; such a track is not understood.
const SMALLEST_FIXED: u64 = 8;

/// Ranges of the samples of all tracks.
#[derive(Debug, Default)]
pub(super) struct Samples(Vec<(u64, u64)>);

impl Samples {
    /// From the first to the last, where two lie in one another as one.
    pub fn in_order(mut self) -> Result<Vec<(u64, u64)>, Unclear> {
        if self.0.is_empty() {
            return Err(Unclear);
        }
        self.0.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (from, to) in self.0 {
            match merged.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => merged.push((from, to)),
            }
        }
        Ok(merged)
    }
}

/// The tables of a track.
struct Tables<'a> {
    bytes: &'a [u8],
    base: u64,
    heads: Vec<Head>,
}

impl Tables<'_> {
    fn find(&self, kind: &[u8; 4]) -> Option<Head> {
        self.heads.iter().find(|head| head.kind == *kind).copied()
    }

    fn word(&self, head: Head, at: u64, length: u64) -> Result<u64, Unclear> {
        if head.begin() + at + length > head.end {
            return Err(Unclear);
        }
        number(self.bytes, self.base, head.begin() + at, length)
    }
}

/// Adds the ranges of one track.
pub(super) fn samples_of(bytes: &[u8], base: u64, track: Head, samples: &mut Samples) -> Result<(), Unclear> {
    let mut at = track;
    for kind in [b"mdia", b"minf", b"stbl"] {
        at = heads_in(bytes, base, at.begin(), at.end)?.into_iter().find(|head| head.kind == *kind).ok_or(Unclear)?;
    }
    let tables = Tables { bytes, base, heads: heads_in(bytes, base, at.begin(), at.end)? };
    let sizes = tables.find(b"stsz").ok_or(Unclear)?;
    let (fixed, count) = (tables.word(sizes, 4, 4)?, tables.word(sizes, 8, 4)?);
    let (chunks, width) = match (tables.find(b"stco"), tables.find(b"co64")) {
        (Some(chunks), None) => (chunks, 4),
        (None, Some(chunks)) => (chunks, 8),
        _ => return Err(Unclear),
    };
    let runs = tables.find(b"stsc").ok_or(Unclear)?;
    let (chunk_count, run_count) = (tables.word(chunks, 4, 4)?, tables.word(runs, 4, 4)?);
    if (fixed != 0 && fixed < SMALLEST_FIXED) || count > MOST || chunk_count > MOST || run_count > chunk_count.max(1) {
        return Err(Unclear);
    }
    let (mut sample, mut run) = (0, 0);
    for chunk in 0..chunk_count {
        // A run holds from its first chunk, counted from one, to that of the next.
        while run + 1 < run_count && tables.word(runs, 8 + 12 * (run + 1), 4)? <= chunk + 1 {
            run += 1;
        }
        let begin = tables.word(chunks, 8 + width * chunk, width)?;
        let mut end = begin;
        for _ in 0..tables.word(runs, 8 + 12 * run + 4, 4)? {
            if sample >= count {
                return Err(Unclear);
            }
            let size = if fixed == 0 { tables.word(sizes, 12 + 4 * sample, 4)? } else { fixed };
            end = end.checked_add(size).ok_or(Unclear)?;
            sample += 1;
        }
        if end > begin {
            samples.0.push((begin, end));
        }
    }
    if sample == count { Ok(()) } else { Err(Unclear) }
}
