//! Heads of boxes and numbers in a table of contents that is in memory; places are those of the file.

use super::Unclear;

/// A box: its kind, where it begins, how long its head is, where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub kind: [u8; 4],
    pub at: u64,
    pub header: u64,
    pub end: u64,
}

impl Head {
    /// Where its content begins.
    pub const fn begin(&self) -> u64 {
        self.at + self.header
    }
}

fn slice(bytes: &[u8], base: u64, at: u64, length: u64) -> Result<&[u8], Unclear> {
    let from = usize::try_from(at.checked_sub(base).ok_or(Unclear)?).map_err(|_| Unclear)?;
    let length = usize::try_from(length).map_err(|_| Unclear)?;
    bytes.get(from..from.checked_add(length).ok_or(Unclear)?).ok_or(Unclear)
}

/// A number of up to eight bytes, the first one being the greatest.
pub(super) fn number(bytes: &[u8], base: u64, at: u64, length: u64) -> Result<u64, Unclear> {
    Ok(slice(bytes, base, at, length)?.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

/// Four letters.
pub(super) fn kind_at(bytes: &[u8], base: u64, at: u64) -> Result<[u8; 4], Unclear> {
    slice(bytes, base, at, 4)?.try_into().map_err(|_| Unclear)
}

/// The box that begins at a place and ends before another.
pub(super) fn head_at(bytes: &[u8], base: u64, at: u64, to: u64) -> Result<Head, Unclear> {
    let (header, length) = match number(bytes, base, at, 4)? {
        1 => (16, number(bytes, base, at + 8, 8)?),
        length => (8, length),
    };
    let end = at.checked_add(length).filter(|end| *end <= to && length >= header).ok_or(Unclear)?;
    Ok(Head { kind: kind_at(bytes, base, at + 4)?, at, header, end })
}

/// The boxes between two places, one behind the other. `QuickTime` ends some lists with four zeros.
pub(super) fn heads_in(bytes: &[u8], base: u64, from: u64, to: u64) -> Result<Vec<Head>, Unclear> {
    let (mut heads, mut at) = (Vec::new(), from);
    while at < to {
        if to - at == 4 && number(bytes, base, at, 4)? == 0 {
            break;
        }
        let head = head_at(bytes, base, at, to)?;
        heads.push(head);
        at = head.end;
    }
    Ok(heads)
}
