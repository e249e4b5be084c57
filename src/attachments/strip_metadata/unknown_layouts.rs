//! Remembers for the life of the process which files have an unknown layout, so that lists describe what a download
//! really does.

use super::{BlankedRange, UnknownLayout, blanks};
use std::collections::VecDeque;
use std::io::{Read, Seek};
use std::sync::{Mutex, PoisonError};

/// The maximum number of remembered files; the oldest are dropped first.
const MOST: usize = 4096;

static UNCLEAR: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// Returns the ranges to blank in a file; remembers it if its layout is unknown.
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

/// Returns whether the file was found to have an unknown layout.
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
