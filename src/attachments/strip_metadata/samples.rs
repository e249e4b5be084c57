//! Locates the samples of a track by the tables in its `stbl` box; keeps only the table entries that describe
//! samples.

use super::box_tables::{BoxContents, BoxHeader};
use super::sample_entries::Framing;
use super::{BlankedRange, UnknownLayout, has_room};

/// The maximum number of samples; an hour of video has about a quarter of a million.
const MOST_SAMPLES: u64 = 1_000_000;
/// The maximum number of chunks that hold samples.
const MOST_CHUNKS: u64 = 500_000;
/// For uncompressed audio, the size in `stsz` is not in bytes; such a track is not supported.
const SMALLEST_FIXED: u64 = 8;

/// A run of contiguous samples; for AAC a single sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SampleRange {
    pub begin: u64,
    pub end: u64,
    pub framing: Framing,
}

/// The samples of all tracks.
#[derive(Debug, Default)]
pub(super) struct TrackSamples {
    ranges: Vec<SampleRange>,
    samples: u64,
    chunks: u64,
}

impl TrackSamples {
    /// Returns the ranges in file order; overlapping ranges are an error.
    pub fn in_order(self) -> Result<Vec<SampleRange>, UnknownLayout> {
        let mut ranges = self.ranges;
        ranges.sort_unstable();
        let is_apart = ranges.iter().zip(ranges.iter().skip(1)).all(|(first, next)| first.end <= next.begin);
        if is_apart && !ranges.is_empty() { Ok(ranges) } else { Err(UnknownLayout) }
    }

    fn count(&mut self, samples: u64, chunks: u64) -> Result<(), UnknownLayout> {
        self.samples += samples;
        self.chunks += chunks;
        if self.samples > MOST_SAMPLES || self.chunks > MOST_CHUNKS { Err(UnknownLayout) } else { Ok(()) }
    }

    fn add(&mut self, range: SampleRange) {
        match self.ranges.last_mut() {
            // For AAC each frame start matters.
            Some(last) if last.end == range.begin && last.framing == range.framing && range.framing != Framing::Aac => {
                last.end = range.end;
            }
            _ => self.ranges.push(range),
        }
    }
}

/// A sample table of a track.
#[derive(Clone, Copy)]
struct SampleTable<'a> {
    contents: BoxContents<'a>,
    head: BoxHeader,
}

impl SampleTable<'_> {
    fn number(&self, at: u64, length: u64) -> Result<u64, UnknownLayout> {
        if self.head.begin() + at + length > self.head.end {
            return Err(UnknownLayout);
        }
        self.contents.number(self.head.begin() + at, length)
    }

    fn zero(&self, from: u64, to: u64, blanks: &mut Vec<BlankedRange>) {
        let (begin, end) = ((self.head.begin() + from).min(self.head.end), (self.head.begin() + to).min(self.head.end));
        blanks.push(BlankedRange::zeros(begin, end - begin));
    }

    /// Blanks the fields before the entries and the bytes after them.
    fn around(&self, end: u64, blanks: &mut Vec<BlankedRange>) {
        self.zero(1, 4, blanks);
        self.zero(end, self.head.end, blanks);
    }

    /// Returns the number of entries of this width; all of them must be present.
    fn entries(&self, width: u64, blanks: &mut Vec<BlankedRange>) -> Result<u64, UnknownLayout> {
        let (version, count) = (self.number(0, 1)?, self.number(4, 4)?);
        if version > 1 || self.head.begin() + 8 + count * width > self.head.end {
            return Err(UnknownLayout);
        }
        self.around(8 + count * width, blanks);
        Ok(count)
    }
}

/// Adds the sample ranges of a track whose descriptions have these framings.
pub(super) fn samples_of(
    contents: BoxContents<'_>,
    track: BoxHeader,
    framings: &[Framing],
    (samples, blanks): (&mut TrackSamples, &mut Vec<BlankedRange>),
) -> Result<(), UnknownLayout> {
    let mut at = track;
    for kind in [b"mdia", b"minf", b"stbl"] {
        at = contents.find(at, kind)?.ok_or(UnknownLayout)?;
    }
    let heads = contents.heads_in(at.begin(), at.end)?;
    let find = |kind: &[u8; 4]| heads.iter().find(|head| head.kind == *kind).map(|head| SampleTable { contents, head: *head });
    let sizes = find(b"stsz").ok_or(UnknownLayout)?;
    let (fixed, count) = (sizes.number(4, 4)?, sizes.number(8, 4)?);
    if fixed != 0 && fixed < SMALLEST_FIXED {
        return Err(UnknownLayout);
    }
    sizes.around(if fixed == 0 { 12 + 4 * count } else { 12 }, blanks);
    let (places, width) = match (find(b"stco"), find(b"co64")) {
        (Some(places), None) => (places, 4),
        (None, Some(places)) => (places, 8),
        _ => return Err(UnknownLayout),
    };
    let chunks = places.entries(width, blanks)?;
    samples.count(count, chunks)?;
    let runs = find(b"stsc").ok_or(UnknownLayout)?;
    let mut runs = ChunkRuns { table: runs, left: runs.entries(12, blanks)?, next: 0, per_chunk: 0, framing: Framing::Whole };
    let mut sample = 0;
    for chunk in 0..chunks {
        runs.advance(chunk + 1, framings)?;
        let begin = places.number(8 + width * chunk, width)?;
        let mut end = begin;
        if runs.per_chunk > count - sample {
            return Err(UnknownLayout);
        }
        for _ in 0..runs.per_chunk {
            let size = if fixed == 0 { sizes.number(12 + 4 * sample, 4)? } else { fixed };
            let next = end.checked_add(size).ok_or(UnknownLayout)?;
            if next > end {
                samples.add(SampleRange { begin: end, end: next, framing: runs.framing });
            }
            end = next;
            sample += 1;
        }
        if end == begin {
            places.zero(8 + width * chunk, 8 + width * (chunk + 1), blanks);
        }
    }
    if sample != count || runs.left != 0 || !has_room(blanks) {
        return Err(UnknownLayout);
    }
    times(find(b"stts").ok_or(UnknownLayout)?, count, blanks)?;
    find(b"ctts").map_or(Ok(()), |table| times(table, count, blanks))?;
    find(b"stss").map_or(Ok(()), |table| whole_pictures(table, count, blanks))
}

/// Samples per chunk, as runs of chunks.
struct ChunkRuns<'a> {
    table: SampleTable<'a>,
    /// Entries not reached yet.
    left: u64,
    next: u64,
    per_chunk: u64,
    framing: Framing,
}

impl ChunkRuns<'_> {
    /// Advances to a chunk (counted from 1). An entry that no chunk reaches is an error.
    fn advance(&mut self, chunk: u64, framings: &[Framing]) -> Result<(), UnknownLayout> {
        if self.left > 0 && self.table.number(8 + 12 * self.next, 4)? <= chunk {
            let at = 8 + 12 * self.next;
            if self.table.number(at, 4)? != chunk {
                return Err(UnknownLayout);
            }
            self.per_chunk = self.table.number(at + 4, 4)?;
            let description = usize::try_from(self.table.number(at + 8, 4)?).map_err(|_| UnknownLayout)?;
            self.framing = description.checked_sub(1).and_then(|place| framings.get(place)).copied().ok_or(UnknownLayout)?;
            self.next += 1;
            self.left -= 1;
        } else if self.next == 0 {
            return Err(UnknownLayout);
        }
        Ok(())
    }
}

/// Checks a table of sample durations or composition offsets; it must cover all samples.
fn times(table: SampleTable<'_>, samples: u64, blanks: &mut Vec<BlankedRange>) -> Result<(), UnknownLayout> {
    let (entries, mut left) = (table.entries(8, blanks)?, samples);
    for entry in 0..entries {
        let at = 8 + 8 * entry;
        if left == 0 {
            table.zero(at, 8 + 8 * entries, blanks);
            break;
        }
        let count = table.number(at, 4)?;
        if count == 0 {
            table.zero(at + 4, at + 8, blanks);
        } else if count > left {
            let number = u32::try_from(left).map_err(|_| UnknownLayout)?;
            blanks.push(BlankedRange::word(table.head.begin() + at, number.to_be_bytes()));
        }
        left = left.saturating_sub(count);
        if !has_room(blanks) {
            return Err(UnknownLayout);
        }
    }
    Ok(())
}

/// Checks the table of key frames: ascending sample numbers.
fn whole_pictures(table: SampleTable<'_>, samples: u64, blanks: &mut Vec<BlankedRange>) -> Result<(), UnknownLayout> {
    let mut last = 0;
    for entry in 0..table.entries(4, blanks)? {
        let number = table.number(8 + 4 * entry, 4)?;
        if number <= last || number > samples {
            return Err(UnknownLayout);
        }
        last = number;
    }
    Ok(())
}
