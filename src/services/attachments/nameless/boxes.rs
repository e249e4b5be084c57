//! MP4, `QuickTime`, 3GP and M4A: boxes in boxes (ISO/IEC 14496-12).
//!
//! Kept are the boxes that a player needs, the tracks of picture and sound, and of the media data only their samples: a track of places, a
//! maker's note behind the samples, `udta`, `meta`, `uuid`, `loci` and whatever else go. Times of the recording are set to zero.

use super::samples::{Samples, samples_of};
use super::tables::{Head, head_at, heads_in, kind_at, number};
use super::{Blank, Unclear, read_at};
use std::io::{Read, Seek, SeekFrom};

/// The largest table of contents that is looked at; an hour of video has about two megabytes of it.
const LARGEST_MOOV: u64 = 32 * 1024 * 1024;
/// The name of what players pass over.
const FREE: [u8; 4] = *b"free";

/// The boxes that are kept, by the box around them.
const KEPT: &[(&[u8; 4], &[&[u8; 4]])] = &[
    (b"moov", &[b"mvhd", b"trak"]),
    (b"trak", &[b"tkhd", b"edts", b"mdia"]),
    (b"edts", &[b"elst"]),
    (b"mdia", &[b"mdhd", b"hdlr", b"minf"]),
    (b"minf", &[b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"]),
    (b"dinf", &[b"dref"]),
    (b"stbl", &[b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stco", b"co64", b"stss"]),
];

/// What describes how samples are coded, and nothing else.
const CODED: &[&[u8; 4]] = &[
    b"avcC", b"hvcC", b"av1C", b"vpcC", b"d263", b"damr", b"esds", b"dOps", b"dfLa", b"alac", b"dac3", b"dec3", b"wave", b"chan",
    b"colr", b"pasp", b"btrt", b"fiel", b"clap", b"dvcC", b"dvvC",
];

/// What has to be blanked.
pub(super) fn blanks(file: &mut (impl Read + Seek), size: u64) -> Result<Vec<Blank>, Unclear> {
    let mut blanks = Vec::new();
    let (mut data, mut contents) = (Vec::new(), None);
    for head in top_level(file, size, &mut blanks)? {
        match &head.kind {
            b"ftyp" => {}
            b"mdat" => data.push((head.begin(), head.end)),
            b"moov" if contents.is_none() => contents = Some(head),
            // Pieces of a film are described elsewhere than in the table of contents.
            b"moov" | b"moof" => return Err(Unclear),
            _ => drop_box(head, &mut blanks),
        }
    }
    let head = contents.filter(|head| head.end - head.at <= LARGEST_MOOV).ok_or(Unclear)?;
    let mut moov = vec![0; usize::try_from(head.end - head.at).map_err(|_| Unclear)?];
    file.seek(SeekFrom::Start(head.at))?;
    file.read_exact(&mut moov)?;
    let mut walk = Walk { bytes: &moov, base: head.at, blanks, samples: Samples::default() };
    walk.children(head)?;
    let Walk { mut blanks, samples, .. } = walk;
    outside(&samples.in_order()?, &data, &mut blanks)?;
    Ok(blanks)
}

fn top_level(file: &mut (impl Read + Seek), size: u64, blanks: &mut Vec<Blank>) -> Result<Vec<Head>, Unclear> {
    let (mut heads, mut at) = (Vec::new(), 0);
    while size - at >= 8 {
        let [a, b, c, d, kind @ ..] = read_at::<8>(file, at)?;
        let (header, length) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, size - at),
            1 => (16, u64::from_be_bytes(read_at::<8>(file, at + 8)?)),
            length => (8, u64::from(length)),
        };
        let end = at.checked_add(length).filter(|end| *end <= size && length >= header).ok_or(Unclear)?;
        heads.push(Head { kind, at, header, end });
        at = end;
    }
    blanks.push(Blank::zeros(at, size - at));
    Ok(heads)
}

/// Makes a box one that players pass over.
fn drop_box(head: Head, blanks: &mut Vec<Blank>) {
    blanks.push(Blank::word(head.at + 4, FREE));
    blanks.push(Blank::zeros(head.begin(), head.end - head.begin()));
}

struct Walk<'a> {
    bytes: &'a [u8],
    /// Where the bytes begin in the file.
    base: u64,
    blanks: Vec<Blank>,
    samples: Samples,
}

impl Walk<'_> {
    fn children(&mut self, parent: Head) -> Result<(), Unclear> {
        let kept = KEPT.iter().find(|(kind, _)| **kind == parent.kind).map(|(_, kept)| *kept).ok_or(Unclear)?;
        for head in heads_in(self.bytes, self.base, parent.begin(), parent.end)? {
            if !kept.contains(&&head.kind) || (head.kind == *b"trak" && !self.is_shown_or_heard(head)?) {
                drop_box(head, &mut self.blanks);
                continue;
            }
            match &head.kind {
                b"trak" => {
                    self.children(head)?;
                    samples_of(self.bytes, self.base, head, &mut self.samples)?;
                }
                b"edts" | b"mdia" | b"minf" | b"dinf" | b"stbl" => self.children(head)?,
                _ => self.leaf(head)?,
            }
        }
        Ok(())
    }

    fn is_shown_or_heard(&self, track: Head) -> Result<bool, Unclear> {
        let of = |parent: Head, kind: &[u8; 4]| -> Result<Option<Head>, Unclear> {
            Ok(heads_in(self.bytes, self.base, parent.begin(), parent.end)?.into_iter().find(|head| head.kind == *kind))
        };
        let Some(media) = of(track, b"mdia")? else { return Ok(false) };
        let Some(handler) = of(media, b"hdlr")? else { return Ok(false) };
        Ok(matches!(&kind_at(self.bytes, self.base, handler.begin() + 8)?, b"vide" | b"soun"))
    }

    fn leaf(&mut self, head: Head) -> Result<(), Unclear> {
        let begin = head.begin();
        let zero = |from: u64, to: u64| Blank::zeros(begin + from, (begin + to).min(head.end).saturating_sub(begin + from));
        match &head.kind {
            b"mvhd" | b"tkhd" | b"mdhd" => {
                let is_long = number(self.bytes, self.base, begin, 1)? == 1;
                self.blanks.push(zero(4, if is_long { 20 } else { 12 }));
            }
            // Who made the software, and a name.
            b"hdlr" => self.blanks.push(zero(12, head.end - begin)),
            b"dref" => self.references(head)?,
            b"stsd" => self.descriptions(head)?,
            _ => {}
        }
        Ok(())
    }

    /// Where media data lie: in the file itself, or at a path of somebody's machine.
    fn references(&mut self, head: Head) -> Result<(), Unclear> {
        for entry in heads_in(self.bytes, self.base, head.begin() + 8, head.end)? {
            self.blanks.push(Blank::zeros(entry.begin() + 4, entry.end.saturating_sub(entry.begin() + 4)));
        }
        Ok(())
    }

    fn descriptions(&mut self, head: Head) -> Result<(), Unclear> {
        for entry in heads_in(self.bytes, self.base, head.begin() + 8, head.end)? {
            let begin = entry.begin();
            let zero = |from: u64, to: u64| Blank::zeros(begin + from, to - from);
            // Its kind tells a picture from a sound: only the one has its size where the other has zeros.
            let is_sound = self.samples_are_heard(entry)?;
            let fixed = match (is_sound, number(self.bytes, self.base, begin + 8, 2)?) {
                (false, _) => 78,
                (true, 0) => 28,
                (true, 1) => 44,
                (true, 2) => 64,
                (true, _) => return Err(Unclear),
            };
            if entry.end < begin + fixed {
                return Err(Unclear);
            }
            self.blanks.push(zero(12, 16));
            if !is_sound {
                // The name of the coder, often that of the camera.
                self.blanks.push(zero(42, 74));
            }
            self.coding(begin + fixed, entry.end)?;
        }
        Ok(())
    }

    fn coding(&mut self, from: u64, to: u64) -> Result<(), Unclear> {
        let mut at = from;
        while to - at >= 8 {
            let Ok(head) = head_at(self.bytes, self.base, at, to) else { break };
            if !CODED.contains(&&head.kind) {
                drop_box(head, &mut self.blanks);
            }
            at = head.end;
        }
        self.blanks.push(Blank::zeros(at, to - at));
        Ok(())
    }

    /// By the four letters of the coding.
    fn samples_are_heard(&self, entry: Head) -> Result<bool, Unclear> {
        const HEARD: &[&[u8; 4]] = &[
            b"mp4a", b"samr", b"sawb", b"sawp", b"Opus", b"fLaC", b"alac", b"ac-3", b"ec-3", b"lpcm", b"sowt", b"twos", b"ulaw",
            b"alaw", b".mp3", b"in24", b"fl32",
        ];
        const SEEN: &[&[u8; 4]] = &[
            b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"mp4v", b"s263", b"h263", b"av01", b"vp08", b"vp09", b"jpeg",
            b"mjpa",
        ];
        match () {
            () if HEARD.contains(&&entry.kind) => Ok(true),
            () if SEEN.contains(&&entry.kind) => Ok(false),
            () => Err(Unclear),
        }
    }
}

/// Blanks of the media data what no sample lies in; a sample outside of the data is none of ours.
fn outside(samples: &[(u64, u64)], data: &[(u64, u64)], blanks: &mut Vec<Blank>) -> Result<(), Unclear> {
    let mut rest = samples.iter().copied().peekable();
    for (begin, end) in data {
        let mut at = *begin;
        while let Some((from, to)) = rest.next_if(|(from, _)| from < end) {
            if from < *begin || to > *end {
                return Err(Unclear);
            }
            blanks.push(Blank::zeros(at, from.saturating_sub(at)));
            at = at.max(to);
        }
        blanks.push(Blank::zeros(at, end - at));
    }
    if rest.peek().is_some() { Err(Unclear) } else { Ok(()) }
}
