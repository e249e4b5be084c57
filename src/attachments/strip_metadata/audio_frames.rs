//! Frame-based audio: MP3, AAC (ADTS), AMR. Everything before, between and after the frames is blanked: ID3, APE,
//! Lyrics.

use super::file_window::FileWindow;
use super::frame_headers::{AmrMode, AudioFrameKind, NARROW, WIDE, clean, end_of};
use super::{BlankedRange, UnknownLayout, has_room};
use std::io::{Read, Seek};

/// The maximum number of tags before the audio.
const MOST_TAGS: usize = 64;

pub(super) fn blanks(file: &mut (impl Read + Seek), size: u64, kind: AudioFrameKind) -> Result<Vec<BlankedRange>, UnknownLayout> {
    let mut window = FileWindow::new(file, size);
    let mut blanks = Vec::new();
    let (mut at, modes) = match kind {
        AudioFrameKind::Amr => beginning_of_amr(&mut window)?,
        AudioFrameKind::Mpeg | AudioFrameKind::Adts => (behind_tags(&mut window, size, &mut blanks)?, NARROW),
    };
    let form = (kind, &modes);
    let (mut frames, mut gap) = (0_u64, at);
    while at < size {
        let end = end_of(&mut window, (at, at), form)?.filter(|end| *end <= size);
        match end {
            // A frame header between two non-frames may be arbitrary data.
            Some(end) if (frames > 0 && at == gap) || end == size || end_of(&mut window, (at, end), form)?.is_some() => {
                if at > gap {
                    blanks.push(BlankedRange::zeros(gap, at - gap));
                }
                clean(&mut window, (at, end), form, &mut blanks)?;
                if !has_room(&blanks) {
                    return Err(UnknownLayout);
                }
                frames += 1;
                at = end;
                gap = end;
            }
            // In AMR any byte may look like a frame header, so nothing after the first non-frame is trusted.
            _ if kind == AudioFrameKind::Amr => break,
            _ => at += 1,
        }
    }
    // An empty ID3v1 tag at the end of the file is one that players accept.
    let tag = size.saturating_sub(128);
    if kind == AudioFrameKind::Mpeg && tag >= gap && window.bytes::<3>(tag, tag)? == Some(*b"TAG") {
        blanks.push(BlankedRange::zeros(gap, tag - gap));
        gap = tag + 3;
    }
    blanks.push(BlankedRange::zeros(gap, size - gap));
    if frames > 0 { Ok(blanks) } else { Err(UnknownLayout) }
}

fn beginning_of_amr<R: Read + Seek>(window: &mut FileWindow<'_, R>) -> Result<(u64, [AmrMode; 16]), UnknownLayout> {
    match (window.bytes::<6>(0, 0)?, window.bytes::<9>(0, 0)?) {
        (Some(narrow), _) if narrow == *b"#!AMR\n" => Ok((6, NARROW)),
        (_, Some(wide)) if wide == *b"#!AMR-WB\n" => Ok((9, WIDE)),
        _ => Err(UnknownLayout),
    }
}

/// Blanks the leading tags but keeps their length, so that players find the first frame after them.
fn behind_tags<R: Read + Seek>(
    window: &mut FileWindow<'_, R>,
    size: u64,
    blanks: &mut Vec<BlankedRange>,
) -> Result<u64, UnknownLayout> {
    let (mut at, mut tags) = (0, 0);
    while let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) = window.bytes::<10>(at, at)? {
        let length = [a, b, c, d].iter().fold(0, |sum, byte| (sum << 7) | u64::from(*byte & 0x7f));
        let end = at + 10 + length + if flags & 0x10 == 0 { 0 } else { 10 };
        tags += 1;
        if end > size || tags > MOST_TAGS {
            return Err(UnknownLayout);
        }
        // ID3v2.3 has no known revision, and an emptied tag needs no flags.
        blanks.push(BlankedRange::bytes(at + 3, &[3, 0, 0]));
        // The top bits of the size bytes are not part of the length.
        blanks.push(BlankedRange::bytes(at + 6, &[a & 0x7f, b & 0x7f, c & 0x7f, d & 0x7f]));
        blanks.push(BlankedRange::zeros(at + 10, end - at - 10));
        at = end;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::super::trying::{MARKER, copy, holds};
    use std::io::{Cursor, Read, Seek, SeekFrom};

    /// Counts the bytes read from a file.
    struct CountingFile<'a> {
        file: Cursor<&'a Vec<u8>>,
        read: usize,
    }

    impl Read for CountingFile<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
            let read = self.file.read(bytes)?;
            self.read += read;
            Ok(read)
        }
    }

    impl Seek for CountingFile<'_> {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.file.seek(to)
        }
    }

    fn mpeg(content: &[u8]) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
        frame.extend(content);
        frame.resize(417, 0x55);
        frame
    }

    fn adts(third: u8, fourth: u8, content: &[u8]) -> Vec<u8> {
        let length = 7 + content.len();
        let low = u8::try_from((length & 7) << 5).unwrap() | 0x1f;
        let mut frame = vec![0xff, 0xf1, third, fourth, u8::try_from(length >> 3).unwrap(), low, 0xfc];
        frame.extend(content);
        frame
    }

    #[test]
    fn the_index_in_front_of_an_mp3_goes_and_the_sound_stays() {
        for (word, offset) in [(b"Xing", 32), (b"Info", 32), (b"Info", 17), (b"VBRI", 32), (b"Xing", 34)] {
            let mut index = vec![0; offset];
            index.extend(word);
            index.extend([0; 12]);
            index.extend(MARKER);
            let sound = mpeg(b"sound");
            let file = [mpeg(&index), sound.clone(), sound.clone()].concat();
            let copy = copy(&file, "audio/mpeg").unwrap();
            assert!(!holds(&copy, MARKER) && !holds(&copy, word), "{offset}");
            assert_eq!((&copy[..4], &copy[4..417]), (&file[..4], &[0; 413][..]));
            assert_eq!(copy[417..], [sound.clone(), sound].concat());
        }
    }

    #[test]
    fn tags_of_a_sound_go_whatever_their_version_says() {
        let tag = [b"ID3\x51\x58\x00\0\0\0\x08".as_slice(), MARKER].concat();
        let one = mpeg(b"one").repeat(2);
        let file = [tag.clone(), one, MARKER.to_vec(), tag.clone(), mpeg(b"two"), mpeg(b"three"), tag].concat();
        let copy = copy(&file, "audio/mpeg").unwrap();
        assert!(!holds(&copy, MARKER));
        assert_eq!(copy[..18], *b"ID3\x03\0\0\0\0\0\x08\0\0\0\0\0\0\0\0");
        assert!(holds(&copy, b"one") && holds(&copy, b"two") && holds(&copy, b"three"));
    }

    #[test]
    fn the_tag_behind_a_sound_is_empty() {
        let tag = [b"TAG".as_slice(), MARKER, &[7; 117]].concat();
        let copied = copy(&[mpeg(b"sound"), mpeg(b"sound"), MARKER.to_vec(), tag].concat(), "audio/mpeg").unwrap();
        assert!(!holds(&copied, MARKER));
        assert_eq!(copied[842..], [b"TAG".as_slice(), &[0; 125]].concat());
    }

    #[test]
    fn aac_keeps_no_bit_that_is_no_sound() {
        // The private, original, home and copyright ID bits.
        let file = [adts(0x52, 0xbc, b"sound"), adts(0x50, 0x80, b"sound")].concat();
        let copied = copy(&file, "audio/aac").unwrap();
        assert_eq!(copied, [adts(0x50, 0x80, b"sound"), adts(0x50, 0x80, b"sound")].concat());
        let mut checked = file.clone();
        checked[1] = 0xf0;
        assert!(copy(&checked, "audio/aac").is_err(), "the checksum covers the bits");
        assert!(copy(&adts(0x50, 0x00, MARKER), "audio/aac").is_err(), "the frame tells of its channels");
    }

    #[test]
    fn amr_keeps_no_bit_behind_the_sound() {
        let mut frame = vec![0x3c];
        frame.resize(32, 0xff);
        let file = [b"#!AMR\n".to_vec(), frame.clone(), frame].concat();
        let copied = copy(&file, "audio/amr").unwrap();
        assert_eq!((copied[37], copied[69], copied[36]), (0xf0, 0xf0, 0xff));
        let mut wide = vec![0x0c];
        wide.resize(24, 0xff);
        let copied = copy(&[b"#!AMR-WB\n".to_vec(), wide].concat(), "audio/amr").unwrap();
        assert_eq!(copied[32], 0x80);
    }

    #[test]
    fn many_small_frames_cost_little_and_many_gaps_are_no_recording() {
        let small = adts(0x50, 0x80, b"x").repeat(500_000);
        let mut file = CountingFile { file: Cursor::new(&small), read: 0 };
        let blanks = super::super::blanks(&mut file, "audio/aac").unwrap();
        assert!(blanks.is_empty(), "{}", blanks.len());
        // The cost is re-reading a chunk for each frame; elapsed time would depend on the machine.
        assert!(file.read <= 2 * small.len(), "{} of {}", file.read, small.len());
        let pair = adts(0x50, 0x80, b"x").repeat(2);
        let gaps = [pair, b"-".to_vec()].concat().repeat(300_000);
        assert!(copy(&gaps, "audio/aac").is_err());
        let tags = [b"ID3\x03\0\0\0\0\0\0".repeat(100), mpeg(b"")].concat();
        assert!(copy(&tags, "audio/mpeg").is_err());
    }
}
