//! Walks over the markers of a JPEG: size, memory and work needed for decoding, and whether there is enough data.
//!
//! Takes a file; returns [`JpegInfo`]. Must run before decoding. The minimum data size is a safe lower bound for
//! any decodable file: one bit per block in the first scan of a progressive image, two bits otherwise.

use crate::attachments::images::ImageError;
use std::io::{BufRead, Read};

/// A photo has a few dozen segments, including colour profiles and EXIF.
const MOST_SEGMENTS: u32 = 10_000;
/// The maximum number of components of an image.
const MOST_COMPONENTS: usize = 4;

/// What the markers say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct JpegInfo {
    pub width: u64,
    pub height: u64,
    /// Number of colour components.
    pub components: u64,
    /// Bytes of all coefficients; a progressive image needs them in memory at once.
    pub coefficient_bytes: u64,
    pub is_progressive: bool,
    pub scans: u32,
    /// Blocks visited by all scans together.
    pub blocks: u64,
    /// Bytes of compressed coefficients.
    pub data_bytes: u64,
    /// Bytes of colour profiles.
    pub profile_bytes: u64,
    /// There is less data than any image of this size needs, or a component is missing.
    pub lacks_data: bool,
    parts: Vec<JpegComponent>,
    restarts: u64,
}

/// One colour component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct JpegComponent {
    id: u8,
    blocks: u64,
    /// Whether its first (DC) scan was seen.
    was_seen: bool,
}

/// The scan whose data is being skipped.
struct JpegScan {
    /// The minimum number of bits it needs.
    least_bits: u64,
}

/// Walks over the markers of a file.
///
/// # Errors
/// [`ImageError::Damaged`] when it is not a valid JPEG or has too many segments.
pub fn walk(reader: &mut impl BufRead) -> Result<JpegInfo, ImageError> {
    let mut facts = JpegInfo::default();
    if byte(reader)? != 0xff || byte(reader)? != 0xd8 {
        return Err(ImageError::Damaged);
    }
    let mut scan: Option<JpegScan> = None;
    for _ in 0..MOST_SEGMENTS {
        let found = next_marker(reader, scan.is_some())?;
        if let Some(scan) = scan.take() {
            facts.data_bytes += found.passed;
            facts.restarts += found.restarts;
            facts.lacks_data |= found.passed.saturating_mul(8) < scan.least_bits;
        }
        let Some(marker) = found.marker else { return finished(facts) };
        match marker {
            0xd9 => return finished(facts),
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = u64::from(short(reader)?).checked_sub(2).ok_or(ImageError::Damaged)?;
        match marker {
            0xc0..=0xc2 if facts.width == 0 => {
                facts.is_progressive = marker == 0xc2;
                frame(reader, length, &mut facts)?;
            }
            // Lossless, hierarchical and arithmetic-coded images, or a second frame.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(ImageError::Damaged),
            0xe2 => {
                facts.profile_bytes += length;
                skip(reader, length)?;
            }
            0xda => scan = Some(begin(reader, length, &mut facts)?),
            _ => skip(reader, length)?,
        }
    }
    Err(ImageError::Damaged)
}

fn finished(mut facts: JpegInfo) -> Result<JpegInfo, ImageError> {
    // There is at most one restart marker between two blocks.
    if facts.width == 0 || facts.height == 0 || facts.scans == 0 || facts.restarts > facts.blocks {
        return Err(ImageError::Damaged);
    }
    facts.lacks_data |= facts.parts.iter().any(|part| !part.was_seen);
    Ok(facts)
}

/// Reads a scan header: its components and the range of coefficients.
fn begin(reader: &mut impl BufRead, length: u64, facts: &mut JpegInfo) -> Result<JpegScan, ImageError> {
    let count = byte(reader)?;
    if length != 4 + 2 * u64::from(count) || count == 0 || usize::from(count) > MOST_COMPONENTS {
        return Err(ImageError::Damaged);
    }
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(byte(reader)?);
        byte(reader)?;
    }
    let (first, _last, _approximation) = (byte(reader)?, byte(reader)?, byte(reader)?);
    let is_coarse = !facts.is_progressive || first == 0;
    let mut blocks = 0;
    for id in ids {
        let part = facts.parts.iter_mut().find(|part| part.id == id).ok_or(ImageError::Damaged)?;
        part.was_seen |= is_coarse;
        blocks += part.blocks;
    }
    facts.scans += 1;
    facts.blocks = facts.blocks.saturating_add(blocks);
    // In an AC scan a single code may skip thousands of blocks.
    let bits = match (facts.is_progressive, is_coarse) {
        (false, _) => 2,
        (true, true) => 1,
        (true, false) => 0,
    };
    Ok(JpegScan { least_bits: blocks.saturating_mul(bits) })
}

/// A marker and the data before it.
#[derive(Debug, Default)]
struct MarkerScan {
    /// `None` at the end of the file.
    marker: Option<u8>,
    /// Bytes of compressed data that were skipped.
    passed: u64,
    restarts: u64,
}

/// Advances to the next marker, over compressed data and restart markers.
fn next_marker(reader: &mut impl BufRead, is_scan: bool) -> Result<MarkerScan, ImageError> {
    let mut found = MarkerScan::default();
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(found);
        }
        let Some(ahead) = piece.iter().position(|byte| *byte == 0xff) else {
            let all = piece.len();
            reader.consume(all);
            found.passed += u64::try_from(all).unwrap_or(u64::MAX);
            continue;
        };
        reader.consume(ahead + 1);
        found.passed += u64::try_from(ahead).unwrap_or(u64::MAX);
        let mut code = byte(reader)?;
        while code == 0xff {
            code = byte(reader)?;
        }
        match code {
            // A stuffed 0xFF byte in the data.
            0 => found.passed += 1,
            0xd0..=0xd7 if is_scan => found.restarts += 1,
            _ => return Ok(MarkerScan { marker: Some(code), ..found }),
        }
    }
}

fn frame(reader: &mut impl BufRead, length: u64, facts: &mut JpegInfo) -> Result<(), ImageError> {
    let _precision = byte(reader)?;
    facts.height = u64::from(short(reader)?);
    facts.width = u64::from(short(reader)?);
    facts.components = u64::from(byte(reader)?);
    if length != 6 + 3 * facts.components || facts.components == 0 {
        return Err(ImageError::Damaged);
    }
    let mut factors = Vec::new();
    for _ in 0..facts.components {
        let (id, sampling, _table) = (byte(reader)?, byte(reader)?, byte(reader)?);
        factors.push((id, u64::from(sampling >> 4), u64::from(sampling & 15)));
    }
    let widest = factors.iter().map(|(_, across, _)| *across).max().unwrap_or_default();
    let highest = factors.iter().map(|(_, _, down)| *down).max().unwrap_or_default();
    if factors.iter().any(|(_, across, down)| *across == 0 || *down == 0) {
        return Err(ImageError::Damaged);
    }
    let units = facts.width.div_ceil(8 * widest) * facts.height.div_ceil(8 * highest);
    let blocks: u64 = factors.iter().map(|(_, across, down)| across * down).sum();
    facts.coefficient_bytes = units * blocks * 64 * 2;
    for (id, across, down) in factors {
        // Without padding blocks: a scan with one component omits them.
        let columns = (facts.width * across).div_ceil(widest).div_ceil(8);
        let rows = (facts.height * down).div_ceil(highest).div_ceil(8);
        facts.parts.push(JpegComponent { id, blocks: columns * rows, was_seen: false });
    }
    Ok(())
}

fn byte(reader: &mut impl BufRead) -> Result<u8, ImageError> {
    let mut bytes = [0];
    reader.read_exact(&mut bytes)?;
    Ok(u8::from_be_bytes(bytes))
}

fn short(reader: &mut impl BufRead) -> Result<u16, ImageError> {
    let mut bytes = [0; 2];
    reader.read_exact(&mut bytes)?;
    Ok(u16::from_be_bytes(bytes))
}

fn skip(reader: &mut impl BufRead, length: u64) -> Result<(), ImageError> {
    let skipped = std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
    if skipped == length { Ok(()) } else { Err(ImageError::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachments::images::DecodeBudget;

    /// The header of an image with three components, two of them subsampled by two.
    fn head(marker: u8, width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, marker, 0, 17, 8];
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
        bytes
    }

    const ALL: [u8; 7] = [3, 1, 0, 2, 0, 3, 0];

    fn scan(colours: &[u8], first: u8, last: u8, data: &[u8]) -> Vec<u8> {
        let length = u8::try_from(colours.len() + 5).unwrap();
        [&[0xff, 0xda, 0, length], colours, &[first, last, 0], data].concat()
    }

    fn facts(parts: &[Vec<u8>]) -> Result<JpegInfo, ImageError> {
        walk(&mut [parts.concat(), vec![0xff, 0xd9]].concat().as_slice())
    }

    #[test]
    fn the_markers_tell_the_memory_and_the_work_of_a_progressive_image() {
        // 4000 × 3000 with subsampled chroma: 1.5 coefficients of two bytes per pixel.
        let fine = scan(&[1, 1, 0], 1, 63, &[2, 0xff, 0, 3, 0xff, 0xd0, 4]);
        let image = [head(0xc2, 4000, 3000), scan(&ALL, 0, 0, &[0; 40_000]), fine.repeat(9)];
        let facts = facts(&image).unwrap();
        assert!(facts.is_progressive && !facts.lacks_data);
        assert_eq!((facts.width, facts.height, facts.scans), (4000, 3000, 10));
        assert_eq!(facts.coefficient_bytes, 250 * 188 * 6 * 128);
        assert_eq!(facts.data_bytes, 40_000 + 9 * 4);
        let light = 500 * 375;
        assert_eq!(facts.blocks, light + 2 * 250 * 188 + 9 * light);
        assert_eq!(walk(&mut &image.concat()[..20]), Err(ImageError::Damaged));
    }

    #[test]
    fn the_largest_photos_of_telephones_fit_the_usual_budget() {
        let config = crate::config::Config::default();
        let (pixels, unscaled, bytes) = (config.image_max_pixels, config.image_max_pixels_unscaled, config.image_memory_bytes);
        for (marker, last, width, height) in [(0xc2, 0, 8160, 6120), (0xc0, 63, 8160, 6120), (0xc0, 63, 11_500, 8600)] {
            let facts = facts(&[head(marker, width, height), scan(&ALL, 0, last, &vec![0; 600_000])]).unwrap();
            let checked = super::super::check(&facts, DecodeBudget { pixels, unscaled, bytes });
            assert_eq!(checked, Ok(()), "{marker:x} {width} × {height}");
        }
    }

    #[test]
    fn a_picture_needs_a_bit_or_two_for_each_block() {
        // 4 × 2 luma blocks and 2 × 1 blocks of each chroma component.
        for (marker, least) in [(0xc0, 3), (0xc1, 3), (0xc2, 2)] {
            let last = if marker == 0xc2 { 0 } else { 63 };
            for (bytes, lacks) in [(least - 1, true), (least, false)] {
                let image = [head(marker, 32, 16), scan(&ALL, 0, last, &vec![0; bytes])];
                assert_eq!(facts(&image).unwrap().lacks_data, lacks, "{marker:x} with {bytes}");
            }
            let colourless = [head(marker, 32, 16), scan(&[1, 1, 0], 0, last, &[0; 100])];
            assert!(facts(&colourless).unwrap().lacks_data, "two colours are missing");
        }
        let fine_only = [head(0xc2, 32, 16), scan(&[1, 1, 0], 1, 63, &[0; 100])];
        assert!(facts(&fine_only).unwrap().lacks_data);
    }

    #[test]
    fn thousands_of_segments_and_restarts_are_no_photo() {
        let image = |parts: Vec<u8>| [head(0xc0, 32, 16), parts, scan(&ALL, 0, 63, &[0; 100])];
        assert!(facts(&image([0xff, 0xfe, 0, 2].repeat(9000))).is_ok());
        for many in [[0xff, 0xfe, 0, 2].repeat(10_000), [0xff, 0xdd, 0, 4, 0, 0].repeat(10_000), [0xff, 1].repeat(10_000)] {
            assert_eq!(facts(&image(many)), Err(ImageError::Damaged));
        }
        let restarts = |count: usize| [head(0xc0, 32, 16), scan(&ALL, 0, 63, &[0, 0xff, 0xd0].repeat(count))];
        assert!(facts(&restarts(12)).is_ok());
        assert_eq!(facts(&restarts(13)), Err(ImageError::Damaged), "more than there are blocks");
    }

    #[test]
    fn a_scan_of_a_colour_that_is_not_there_is_damaged() {
        assert_eq!(facts(&[head(0xc0, 32, 16), scan(&[1, 9, 0], 0, 63, &[0; 9])]), Err(ImageError::Damaged));
        assert_eq!(facts(&[scan(&ALL, 0, 63, &[0; 9])]), Err(ImageError::Damaged), "ahead of the frame");
    }
}
