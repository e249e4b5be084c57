//! Reads box headers and numbers from an in-memory `moov` box; offsets are those in the file.

use super::{BlankedRange, UnknownLayout};

/// The maximum number of boxes in a file; a typical video has a few hundred.
pub(super) const MOST_BOXES: usize = 20_000;

/// A box header: type, start, header length, end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BoxHeader {
    pub kind: [u8; 4],
    pub at: u64,
    pub header: u64,
    pub end: u64,
}

impl BoxHeader {
    /// Returns the offset of its content.
    pub const fn begin(&self) -> u64 {
        self.at + self.header
    }
}

/// The bytes of the `moov` box.
#[derive(Debug, Clone, Copy)]
pub(super) struct BoxContents<'a> {
    pub bytes: &'a [u8],
    /// The file offset of the first byte.
    pub base: u64,
}

impl<'a> BoxContents<'a> {
    pub fn slice(&self, at: u64, length: u64) -> Result<&'a [u8], UnknownLayout> {
        let from = usize::try_from(at.checked_sub(self.base).ok_or(UnknownLayout)?).map_err(|_| UnknownLayout)?;
        let length = usize::try_from(length).map_err(|_| UnknownLayout)?;
        self.bytes.get(from..from.checked_add(length).ok_or(UnknownLayout)?).ok_or(UnknownLayout)
    }

    /// Reads a big-endian number of up to eight bytes.
    pub fn number(&self, at: u64, length: u64) -> Result<u64, UnknownLayout> {
        Ok(self.slice(at, length)?.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    /// Reads a four-letter box type.
    pub fn kind_at(&self, at: u64) -> Result<[u8; 4], UnknownLayout> {
        self.slice(at, 4)?.try_into().map_err(|_| UnknownLayout)
    }

    /// Reads the box at `at`, which must end at or before `to`.
    pub fn head_at(&self, at: u64, to: u64) -> Result<BoxHeader, UnknownLayout> {
        let (header, length) = match self.number(at, 4)? {
            1 => (16, self.number(at + 8, 8)?),
            length => (8, length),
        };
        let end = at.checked_add(length).filter(|end| *end <= to && length >= header).ok_or(UnknownLayout)?;
        Ok(BoxHeader { kind: self.kind_at(at + 4)?, at, header, end })
    }

    /// Returns the consecutive boxes between two offsets. `QuickTime` ends some lists with four zero bytes.
    pub fn heads_in(&self, from: u64, to: u64) -> Result<Vec<BoxHeader>, UnknownLayout> {
        let (mut heads, mut at) = (Vec::new(), from);
        while at < to {
            if to - at == 4 && self.number(at, 4)? == 0 {
                break;
            }
            let head = self.head_at(at, to)?;
            if heads.len() >= MOST_BOXES {
                return Err(UnknownLayout);
            }
            heads.push(head);
            at = head.end;
        }
        Ok(heads)
    }

    /// Returns the first child box of a type.
    pub fn find(&self, parent: BoxHeader, kind: &[u8; 4]) -> Result<Option<BoxHeader>, UnknownLayout> {
        Ok(self.heads_in(parent.begin(), parent.end)?.into_iter().find(|head| head.kind == *kind))
    }
}

/// A bounds-checked part of the bytes; offsets count from its start, and nothing after its end is read or blanked.
pub(super) struct BoxPart<'a, 'b> {
    pub contents: BoxContents<'a>,
    pub from: u64,
    pub to: u64,
    pub blanks: &'b mut Vec<BlankedRange>,
}

impl<'a, 'b> BoxPart<'a, 'b> {
    /// Creates the part that holds the content of a box.
    pub const fn of(contents: BoxContents<'a>, head: BoxHeader, blanks: &'b mut Vec<BlankedRange>) -> Self {
        Self { contents, from: head.begin(), to: head.end, blanks }
    }

    pub const fn length(&self) -> u64 {
        self.to - self.from
    }

    /// Reads a number that lies completely within the part.
    pub fn number(&self, at: u64, length: u64) -> Result<u64, UnknownLayout> {
        let at = self
            .from
            .checked_add(at)
            .filter(|at| at.checked_add(length).is_some_and(|end| end <= self.to))
            .ok_or(UnknownLayout)?;
        self.contents.number(at, length)
    }

    /// Blanks the bytes between two offsets.
    pub fn zero(&mut self, from: u64, to: u64) {
        let begin = self.from.saturating_add(from).min(self.to);
        let end = self.from.saturating_add(to).min(self.to);
        if end > begin {
            self.blanks.push(BlankedRange::zeros(begin, end - begin));
        }
    }

    /// Blanks everything from an offset on.
    pub fn rest(&mut self, from: u64) {
        self.zero(from, u64::MAX);
    }

    /// Overwrites up to four bytes if they fit into the part; blanks otherwise.
    pub fn write(&mut self, at: u64, bytes: &[u8]) {
        let blank = BlankedRange::bytes(self.from.saturating_add(at), bytes);
        if blank.at.saturating_add(blank.length) <= self.to {
            self.blanks.push(blank);
        } else {
            self.rest(at);
        }
    }
}

/// Turns a box into one that players skip.
pub(super) fn drop_box(head: BoxHeader, blanks: &mut Vec<BlankedRange>) {
    blanks.push(BlankedRange::word(head.at + 4, *b"free"));
    blanks.push(BlankedRange::zeros(head.begin(), head.end - head.begin()));
}
