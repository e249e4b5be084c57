//! Sounds that are frame after frame: MP3, AAC (ADTS), AMR. Whatever lies before, between and behind the frames goes: ID3, APE, Lyrics.

use super::{Blank, Unclear};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// What the frames are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// MPEG-1 and -2 audio.
    Mpeg,
    /// AAC with a head before each frame.
    Adts,
    /// What telephones record.
    Amr,
}

/// Thousands of bits in a second, of MPEG-1 layer III and of MPEG-2 layer III.
const RATES: [[u32; 15]; 2] = [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/// Samples in a second.
const SAMPLES: [u32; 3] = [44_100, 48_000, 32_000];
/// Bytes of a frame behind its first one, by its mode; the last is a frame in which nothing was said.
const NARROW: [u64; 16] = [12, 13, 15, 17, 19, 20, 26, 31, 5, NONE, NONE, NONE, NONE, NONE, NONE, 0];
const WIDE: [u64; 16] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, NONE, NONE, NONE, NONE, NONE, 0];
/// There is no such mode.
const NONE: u64 = u64::MAX;

/// A file of which a few bytes are read here and there, mostly forwards.
struct Peek<R> {
    reader: BufReader<R>,
    at: u64,
    size: u64,
}

impl<R: Read + Seek> Peek<R> {
    /// So many bytes, or none where the file ends before.
    fn bytes<const N: usize>(&mut self, at: u64) -> Result<Option<[u8; N]>, Unclear> {
        let length = u64::try_from(N).map_err(|_| Unclear)?;
        if at.checked_add(length).is_none_or(|end| end > self.size) {
            return Ok(None);
        }
        let way = i64::try_from(at).map_err(|_| Unclear)? - i64::try_from(self.at).map_err(|_| Unclear)?;
        self.reader.seek_relative(way)?;
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.at = at + length;
        Ok(Some(bytes))
    }
}

pub(super) fn blanks(file: &mut (impl Read + Seek), size: u64, kind: Kind) -> Result<Vec<Blank>, Unclear> {
    file.seek(SeekFrom::Start(0))?;
    let mut peek = Peek { reader: BufReader::with_capacity(64 * 1024, file), at: 0, size };
    let mut blanks = Vec::new();
    let (mut at, modes) = match kind {
        Kind::Amr => beginning_of_amr(&mut peek)?,
        Kind::Mpeg | Kind::Adts => (behind_tags(&mut peek, &mut blanks)?, NARROW),
    };
    let (mut frames, mut gap) = (0_u64, at);
    while at < size {
        match frame(&mut peek, at, kind, &modes)? {
            // What looks like a frame between two that are none may be anything.
            Some(end) if (frames > 0 && at == gap) || end == size || frame(&mut peek, end, kind, &modes)?.is_some() => {
                blanks.push(Blank::zeros(gap, at - gap));
                frames += 1;
                at = end;
                gap = end;
            }
            // Any byte may begin a frame of a telephone: behind the first that does not nothing is believed.
            _ if kind == Kind::Amr => break,
            _ => at += 1,
        }
    }
    blanks.push(Blank::zeros(gap, size - gap));
    if frames > 0 { Ok(blanks) } else { Err(Unclear) }
}

fn beginning_of_amr<R: Read + Seek>(peek: &mut Peek<R>) -> Result<(u64, [u64; 16]), Unclear> {
    match (peek.bytes::<6>(0)?, peek.bytes::<9>(0)?) {
        (Some(narrow), _) if narrow == *b"#!AMR\n" => Ok((6, NARROW)),
        (_, Some(wide)) if wide == *b"#!AMR-WB\n" => Ok((9, WIDE)),
        _ => Err(Unclear),
    }
}

/// Empties the tags in front, which stay as long as they are: a player finds the first frame behind them.
fn behind_tags<R: Read + Seek>(peek: &mut Peek<R>, blanks: &mut Vec<Blank>) -> Result<u64, Unclear> {
    let mut at = 0;
    while let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) = peek.bytes::<10>(at)? {
        let length = [a, b, c, d].iter().fold(0, |sum, byte| (sum << 7) | u64::from(*byte & 0x7f));
        blanks.push(Blank::zeros(at + 5, 1));
        let end = at + 10 + length + if flags & 0x10 == 0 { 0 } else { 10 };
        if end > peek.size {
            return Err(Unclear);
        }
        blanks.push(Blank::zeros(at + 10, end - at - 10));
        at = end;
    }
    Ok(at)
}

/// Where a frame ends that begins there.
fn frame<R: Read + Seek>(peek: &mut Peek<R>, at: u64, kind: Kind, modes: &[u64; 16]) -> Result<Option<u64>, Unclear> {
    let length = match kind {
        Kind::Mpeg => peek.bytes::<4>(at)?.and_then(of_mpeg),
        Kind::Adts => peek.bytes::<7>(at)?.and_then(of_adts),
        Kind::Amr => peek.bytes::<1>(at)?.and_then(|[first]| {
            let size = modes.get(usize::from((first >> 3) & 15)).copied().filter(|size| *size != NONE);
            size.filter(|_| first & 0x83 == 0).map(|size| size + 1)
        }),
    };
    Ok(length.and_then(|length| at.checked_add(length)).filter(|end| *end <= peek.size))
}

fn of_mpeg([first, second, third, _]: [u8; 4]) -> Option<u64> {
    // Layer III only: nothing else is called MP3.
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
