//! Streams a file with the blanked ranges applied.

use super::BlankedRange;
use crate::db::file_store::{FileStore, FileStoreError};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

/// Bytes per chunk of the stream.
const PIECE: usize = 256 * 1024;

/// Applies the ordered ranges to bytes that start at a file offset.
pub fn lay_over(bytes: &mut [u8], at: u64, blanks: &[BlankedRange]) {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let first = blanks.partition_point(|blank| blank.at + blank.length <= at);
    for blank in blanks.iter().skip(first).take_while(|blank| blank.at < at + length) {
        let (from, to) = (blank.at.max(at), (blank.at + blank.length).min(at + length));
        let part = (usize::try_from(from - at), usize::try_from(to - at));
        let (Ok(begin), Ok(end)) = part else { continue };
        for (byte, offset) in bytes.get_mut(begin..end).unwrap_or_default().iter_mut().zip(from - blank.at..) {
            *byte = blank.byte(offset);
        }
    }
}

/// Returns the stream of the blanked file.
#[must_use]
pub fn stream(files: &FileStore, file: File, blanks: Vec<BlankedRange>) -> BoxStream<'static, Result<Bytes, FileStoreError>> {
    let (files, blanks) = (files.clone(), Arc::new(blanks));
    let begin = Some((file, 0_u64));
    stream::unfold(begin, move |state| {
        let (files, blanks) = (files.clone(), Arc::clone(&blanks));
        async move {
            let (mut file, at) = state?;
            let piece = files.blocking(move || {
                let mut bytes = Vec::with_capacity(PIECE);
                file.seek(SeekFrom::Start(at))?;
                file.by_ref().take(u64::try_from(PIECE).unwrap_or_default()).read_to_end(&mut bytes)?;
                lay_over(&mut bytes, at, &blanks);
                Ok((file, bytes))
            });
            match piece.await {
                Ok((_, bytes)) if bytes.is_empty() => None,
                Ok((file, bytes)) => {
                    let next = at + u64::try_from(bytes.len()).unwrap_or_default();
                    Some((Ok(Bytes::from(bytes)), Some((file, next))))
                }
                Err(error) => Some((Err(error), None)),
            }
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_laid_over_whatever_piece_they_fall_into() {
        let message =
            BlankedRange { last: Some(b'!'), ..BlankedRange { length: 6, filling: b'.', ..BlankedRange::bytes(13, b"<>") } };
        let blanks = [BlankedRange::word(3, *b"free"), BlankedRange::zeros(7, 5), message, BlankedRange::bytes(20, b"\0")];
        let whole: Vec<u8> = b"0123456789abcdefghijklmn".to_vec();
        let mut expected = whole.clone();
        expected[3..12].copy_from_slice(b"free\0\0\0\0\0");
        expected[13..19].copy_from_slice(b"<>...!");
        expected[20] = 0;
        for size in 1..=whole.len() {
            let mut out = Vec::new();
            for (number, piece) in whole.chunks(size).enumerate() {
                let mut piece = piece.to_vec();
                lay_over(&mut piece, u64::try_from(number * size).unwrap(), &blanks);
                out.extend(piece);
            }
            assert_eq!(out, expected, "pieces of {size}");
        }
    }
}
