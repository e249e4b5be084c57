//! MP4, `QuickTime`, 3GP and M4A: nested boxes (ISO/IEC 14496-12).
//!
//! Keeps an allow-list: the boxes and fields that a player needs, the video and audio tracks, and of the media data
//! only their samples. Everything else is blanked: location tracks, maker notes after the samples, `udta`, `meta`,
//! `uuid`, `loci` and so on.

use super::box_tables::{BoxContents, BoxHeader, BoxPart, MOST_BOXES, drop_box};
use super::file_window::FileWindow;
use super::leaf_boxes::{brands, leaf};
use super::nal_units;
use super::sample_entries::{Framing, descriptions};
use super::samples::{SampleRange, TrackSamples, samples_of};
use super::{BlankedRange, UnknownLayout, has_room, read_at};
use std::io::{Read, Seek, SeekFrom};

/// The largest `moov` box that is read; an hour of video needs about two megabytes.
const LARGEST_MOOV: u64 = 16 * 1024 * 1024;
/// The largest list of brands.
const LARGEST_FTYP: u64 = 1024;

/// The boxes that are kept, by parent box.
const KEPT: &[(&[u8; 4], &[&[u8; 4]])] = &[
    (b"moov", &[b"mvhd", b"trak"]),
    (b"trak", &[b"tkhd", b"edts", b"mdia"]),
    (b"edts", &[b"elst"]),
    (b"mdia", &[b"mdhd", b"hdlr", b"minf"]),
    (b"minf", &[b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"]),
    (b"dinf", &[b"dref"]),
    (b"stbl", &[b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stco", b"co64", b"stss"]),
];

/// Returns the ranges to blank.
pub(super) fn blanks(file: &mut (impl Read + Seek), size: u64) -> Result<Vec<BlankedRange>, UnknownLayout> {
    let mut blanks = Vec::new();
    let (mut data, mut contents, mut kind) = (Vec::new(), None, None);
    let heads = top_level(file, size, &mut blanks)?;
    let boxes = heads.len();
    for head in heads {
        match &head.kind {
            b"ftyp" if kind.is_none() => kind = Some(head),
            b"mdat" => data.push((head.begin(), head.end)),
            b"moov" if contents.is_none() => contents = Some(head),
            // The samples of fragmented files are described outside of `moov`.
            b"moov" | b"moof" => return Err(UnknownLayout),
            _ => drop_box(head, &mut blanks),
        }
    }
    if let Some(head) = kind {
        let bytes = whole(file, head, LARGEST_FTYP)?;
        brands(BoxPart::of(BoxContents { bytes: &bytes, base: head.at }, head, &mut blanks))?;
    }
    let head = contents.ok_or(UnknownLayout)?;
    let moov = whole(file, head, LARGEST_MOOV)?;
    let contents = BoxContents { bytes: &moov, base: head.at };
    let mut walk = BoxWalker { contents, blanks, samples: TrackSamples::default(), framings: Vec::new(), boxes };
    walk.children(head)?;
    let BoxWalker { mut blanks, samples, .. } = walk;
    drop(moov);
    let samples = samples.in_order()?;
    outside(&samples, &data, &mut blanks)?;
    let mut window = FileWindow::new(file, size);
    for range in samples {
        nal_units::clean(&mut window, range, &mut blanks)?;
    }
    Ok(blanks)
}

fn whole(file: &mut (impl Read + Seek), head: BoxHeader, most: u64) -> Result<Vec<u8>, UnknownLayout> {
    let length = head.end - head.at;
    if length > most {
        return Err(UnknownLayout);
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| UnknownLayout)?];
    file.seek(SeekFrom::Start(head.at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn top_level(file: &mut (impl Read + Seek), size: u64, blanks: &mut Vec<BlankedRange>) -> Result<Vec<BoxHeader>, UnknownLayout> {
    let (mut heads, mut at) = (Vec::new(), 0);
    while size - at >= 8 {
        let [a, b, c, d, kind @ ..] = read_at::<8>(file, at)?;
        let (header, length) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, size - at),
            1 => (16, u64::from_be_bytes(read_at::<8>(file, at + 8)?)),
            length => (8, u64::from(length)),
        };
        let end = at.checked_add(length).filter(|end| *end <= size && length >= header).ok_or(UnknownLayout)?;
        if heads.len() >= MOST_BOXES {
            return Err(UnknownLayout);
        }
        heads.push(BoxHeader { kind, at, header, end });
        at = end;
    }
    blanks.push(BlankedRange::zeros(at, size - at));
    Ok(heads)
}

struct BoxWalker<'a> {
    contents: BoxContents<'a>,
    blanks: Vec<BlankedRange>,
    samples: TrackSamples,
    /// How the samples of the track are framed, by sample description.
    framings: Vec<Framing>,
    /// The number of boxes so far.
    boxes: usize,
}

impl BoxWalker<'_> {
    fn children(&mut self, parent: BoxHeader) -> Result<(), UnknownLayout> {
        let kept = KEPT.iter().find(|(kind, _)| **kind == parent.kind).map(|(_, kept)| *kept).ok_or(UnknownLayout)?;
        let heads = self.contents.heads_in(parent.begin(), parent.end)?;
        self.boxes += heads.len();
        if self.boxes > MOST_BOXES || !has_room(&self.blanks) {
            return Err(UnknownLayout);
        }
        let mut seen: Vec<[u8; 4]> = Vec::new();
        for head in heads {
            // Only `trak` may repeat; of any other box players take the first.
            let is_again = head.kind != *b"trak" && seen.contains(&head.kind);
            if is_again || !kept.contains(&&head.kind) || (head.kind == *b"trak" && !self.is_shown_or_heard(head)?) {
                drop_box(head, &mut self.blanks);
                continue;
            }
            if head.kind != *b"trak" {
                seen.push(head.kind);
            }
            match &head.kind {
                b"trak" => {
                    self.framings.clear();
                    self.children(head)?;
                    samples_of(self.contents, head, &self.framings, (&mut self.samples, &mut self.blanks))?;
                }
                b"edts" | b"mdia" | b"minf" | b"dinf" | b"stbl" => self.children(head)?,
                b"stsd" => self.framings = descriptions(self.contents, head, &mut self.blanks)?,
                // Handled together with the samples.
                b"stts" | b"ctts" | b"stsc" | b"stsz" | b"stco" | b"co64" | b"stss" => {}
                _ => leaf(head.kind, BoxPart::of(self.contents, head, &mut self.blanks))?,
            }
        }
        // The four zero bytes at the end of a list are left.
        Ok(())
    }

    fn is_shown_or_heard(&self, track: BoxHeader) -> Result<bool, UnknownLayout> {
        let Some(media) = self.contents.find(track, b"mdia")? else { return Ok(false) };
        let Some(handler) = self.contents.find(media, b"hdlr")? else { return Ok(false) };
        if handler.end < handler.begin() + 12 {
            return Err(UnknownLayout);
        }
        Ok(matches!(&self.contents.kind_at(handler.begin() + 8)?, b"vide" | b"soun"))
    }
}

/// Blanks media data that belongs to no sample; a sample outside of the media data is an error.
fn outside(samples: &[SampleRange], data: &[(u64, u64)], blanks: &mut Vec<BlankedRange>) -> Result<(), UnknownLayout> {
    let mut rest = samples.iter().peekable();
    for (begin, end) in data {
        let mut at = *begin;
        while let Some(range) = rest.next_if(|range| range.begin < *end) {
            if range.begin < *begin || range.end > *end {
                return Err(UnknownLayout);
            }
            if range.begin > at {
                blanks.push(BlankedRange::zeros(at, range.begin - at));
            }
            at = range.end;
        }
        blanks.push(BlankedRange::zeros(at, end - at));
        if !has_room(blanks) {
            return Err(UnknownLayout);
        }
    }
    if rest.peek().is_some() { Err(UnknownLayout) } else { Ok(()) }
}
