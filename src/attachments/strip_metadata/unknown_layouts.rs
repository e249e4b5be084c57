//! Which files were found unclear, as long as the process lives: what is said of them is then what really happens.

use super::{BlankedRange, UnknownLayout, blanks};
use std::collections::VecDeque;
use std::io::{Read, Seek};
use std::sync::{Mutex, PoisonError};

/// Files that are remembered, the oldest going first.
const MOST: usize = 4096;

static UNCLEAR: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// What has to be blanked in the file with this name; remembers that it is unclear.
///
/// # Errors
/// As [`blanks`].
pub fn look(id: &str, file: &mut (impl Read + Seek), media_type: &str) -> Result<Vec<BlankedRange>, UnknownLayout> {
    let found = blanks(file, media_type);
    if found.is_err() && !is_unclear(id) {
        let mut unclear = UNCLEAR.lock().unwrap_or_else(PoisonError::into_inner);
        unclear.truncate(MOST - 1);
        unclear.push_front(id.to_owned());
    }
    found
}

/// Whether the file was looked at and is unclear.
#[must_use]
pub fn is_unclear(id: &str) -> bool {
    UNCLEAR.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|other| other == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn what_is_unclear_is_remembered_once_it_was_looked_at() {
        let clear = b"#!AMR\n\x7c";
        assert!(look("remembered-clear", &mut Cursor::new(clear), "audio/amr").is_ok());
        assert!(!is_unclear("remembered-clear") && !is_unclear("remembered-unclear"));
        assert!(look("remembered-unclear", &mut Cursor::new(b"moof"), "video/mp4").is_err());
        assert!(is_unclear("remembered-unclear") && !is_unclear("remembered-clear"));
    }
}
