//! JPEG: what the headers say of the memory that decoding needs, and decoding at a fraction of the size.
//!
//! Enters a file, leaves an image of at most 2560 pixels (longest side) and its orientation. Rule: nothing is decoded before
//! the markers were walked through, because a progressive JPEG needs memory for every coefficient and time for every scan.

use super::images::{Bounded, Budget, Decoded, LONGEST_SIDE, Unusable};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};
use std::io::{BufRead, BufReader, Read, Seek};

/// Programs write about ten scans; hundreds are an attack.
const MOST_SCANS: u32 = 64;

/// What the markers tell.
#[derive(Debug, Default, PartialEq, Eq)]
struct Facts {
    width: u64,
    height: u64,
    components: u64,
    /// Bytes of all coefficients, which a progressive image needs at once.
    coefficient_bytes: u64,
    is_progressive: bool,
    scans: u32,
    profile_bytes: u64,
}

/// Decodes a file.
///
/// # Errors
/// When it has too many pixels for the budget or is no JPEG that can be read.
pub fn decode(mut file: Bounded<'_>, budget: Budget) -> Result<Decoded, Unusable> {
    let facts = walk(&mut BufReader::new(file))?;
    priced(&facts, budget)?;
    let scale = scale_of(facts.width.max(facts.height));
    let (width, height) = (scaled(facts.width, scale), scaled(facts.height, scale));
    // Planes and the finished picture stand side by side for a moment.
    let picture = 2 * width * height * facts.components;
    let coefficients = if facts.is_progressive { facts.coefficient_bytes } else { 0 };
    budget.check_bytes(picture + coefficients + facts.profile_bytes)?;

    file.rewind()?;
    let mut decoder = Decoder::new(BufReader::new(file));
    decoder.read_info().map_err(|_| Unusable::Damaged)?;
    let side = |pixels: u64| u16::try_from(pixels).map_err(|_| Unusable::Damaged);
    let (width, height) = decoder.scale(side(width)?, side(height)?).map_err(|_| Unusable::Damaged)?;
    let pixels = decoder.decode().map_err(|_| Unusable::Damaged)?;
    let info = decoder.info().ok_or(Unusable::Damaged)?;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    drop(decoder);
    let (width, height) = (u32::from(width), u32::from(height));
    let image = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        PixelFormat::CMYK32 => RgbImage::from_raw(width, height, without_ink(&pixels)).map(DynamicImage::ImageRgb8),
        PixelFormat::L16 => None,
    };
    Ok(Decoded { image: image.ok_or(Unusable::Damaged)?, orientation })
}

/// What decoding costs, in pixels.
///
/// # Errors
/// As [`decode`].
pub fn cost(reader: &mut impl BufRead, budget: Budget) -> Result<u64, Unusable> {
    priced(&walk(reader)?, budget)
}

/// Every scan of a progressive image goes over its coefficients again, with a little in each.
fn priced(facts: &Facts, budget: Budget) -> Result<u64, Unusable> {
    let pixels = budget.check_pixels(facts.width, facts.height)?;
    if facts.scans > MOST_SCANS {
        return Err(Unusable::TooManyPixels);
    }
    Ok(if facts.is_progressive { pixels.saturating_mul(u64::from(8 + facts.scans)) / 8 } else { pixels })
}

/// The eighths at which a long side fits, as the decoder can scale: 8, 4, 2 or 1.
fn scale_of(long_side: u64) -> u64 {
    [8, 4, 2].into_iter().find(|scale| scaled(long_side, *scale) <= u64::from(LONGEST_SIDE)).unwrap_or(1)
}

const fn scaled(pixels: u64, scale: u64) -> u64 {
    (pixels * scale).div_ceil(8)
}

/// Printers' colours on a screen, near enough to see what is on the photo.
fn without_ink(pixels: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| u16::from(255 - ink) * u16::from(255 - black) / 255;
    let mix = |ink, black| u8::try_from(light(ink, black)).unwrap_or(u8::MAX);
    let mut colours = Vec::with_capacity(pixels.len() / 4 * 3);
    for pixel in pixels.chunks_exact(4) {
        if let [cyan, magenta, yellow, black] = *pixel {
            colours.extend([mix(cyan, black), mix(magenta, black), mix(yellow, black)]);
        }
    }
    colours
}

fn walk(reader: &mut impl BufRead) -> Result<Facts, Unusable> {
    let mut facts = Facts::default();
    if byte(reader)? != 0xff || byte(reader)? != 0xd8 {
        return Err(Unusable::Damaged);
    }
    loop {
        match next_marker(reader)? {
            None | Some(0xd9) => break,
            Some(0x01 | 0xd0..=0xd8) => {}
            Some(marker) => {
                let length = u64::from(short(reader)?).checked_sub(2).ok_or(Unusable::Damaged)?;
                match marker {
                    0xc0..=0xc2 if facts.width == 0 => {
                        facts.is_progressive = marker == 0xc2;
                        frame(reader, length, &mut facts)?;
                    }
                    // Lossless, hierarchical and arithmetic images, or a second frame.
                    0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(Unusable::Damaged),
                    0xe2 => {
                        facts.profile_bytes += length;
                        skip(reader, length)?;
                    }
                    0xda => {
                        facts.scans += 1;
                        skip(reader, length)?;
                    }
                    _ => skip(reader, length)?,
                }
            }
        }
    }
    if facts.width == 0 || facts.height == 0 || facts.scans == 0 { Err(Unusable::Damaged) } else { Ok(facts) }
}

/// Goes on to the next marker, over compressed data; none at the end of the file.
fn next_marker(reader: &mut impl BufRead) -> Result<Option<u8>, Unusable> {
    loop {
        let mut passed = Vec::new();
        // A piece at a time, so that a file without markers does not end up in memory.
        let found = reader.by_ref().take(64 * 1024).read_until(0xff, &mut passed)?;
        if found == 0 {
            return Ok(None);
        }
        if passed.last() != Some(&0xff) {
            continue;
        }
        let mut code = byte(reader)?;
        while code == 0xff {
            code = byte(reader)?;
        }
        if code != 0 {
            return Ok(Some(code));
        }
    }
}

fn frame(reader: &mut impl BufRead, length: u64, facts: &mut Facts) -> Result<(), Unusable> {
    let _precision = byte(reader)?;
    facts.height = u64::from(short(reader)?);
    facts.width = u64::from(short(reader)?);
    facts.components = u64::from(byte(reader)?);
    if length != 6 + 3 * facts.components || facts.components == 0 {
        return Err(Unusable::Damaged);
    }
    let mut factors = Vec::new();
    for _ in 0..facts.components {
        let (_id, sampling, _table) = (byte(reader)?, byte(reader)?, byte(reader)?);
        factors.push((u64::from(sampling >> 4), u64::from(sampling & 15)));
    }
    let widest = factors.iter().map(|(across, _)| *across).max().unwrap_or_default();
    let highest = factors.iter().map(|(_, down)| *down).max().unwrap_or_default();
    if factors.iter().any(|(across, down)| *across == 0 || *down == 0) {
        return Err(Unusable::Damaged);
    }
    let units = facts.width.div_ceil(8 * widest) * facts.height.div_ceil(8 * highest);
    let blocks: u64 = factors.iter().map(|(across, down)| across * down).sum();
    facts.coefficient_bytes = units * blocks * 64 * 2;
    Ok(())
}

fn byte(reader: &mut impl BufRead) -> Result<u8, Unusable> {
    let mut bytes = [0];
    reader.read_exact(&mut bytes)?;
    Ok(u8::from_be_bytes(bytes))
}

fn short(reader: &mut impl BufRead) -> Result<u16, Unusable> {
    let mut bytes = [0; 2];
    reader.read_exact(&mut bytes)?;
    Ok(u16::from_be_bytes(bytes))
}

fn skip(reader: &mut impl BufRead, length: u64) -> Result<(), Unusable> {
    let skipped = std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
    if skipped == length { Ok(()) } else { Err(Unusable::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_fits_the_longest_side() {
        let sides = [100, 2560, 2561, 4032, 8160, 12_000, 65_535];
        assert_eq!(sides.map(scale_of), [8, 8, 4, 4, 2, 1, 1]);
    }

    #[test]
    fn the_markers_tell_the_memory_of_a_progressive_image() {
        // 4000 × 3000 with halved colours: 1.5 coefficients of two bytes for each pixel.
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xc2, 0, 17, 8];
        bytes.extend(3000_u16.to_be_bytes());
        bytes.extend(4000_u16.to_be_bytes());
        bytes.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
        for _ in 0..10 {
            bytes.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]);
        }
        bytes.extend([0xff, 0xd9]);
        let facts = walk(&mut bytes.as_slice()).unwrap();
        assert!(facts.is_progressive);
        assert_eq!((facts.width, facts.height, facts.scans), (4000, 3000, 10));
        assert_eq!(facts.coefficient_bytes, 250 * 188 * 6 * 128);
        assert_eq!(walk(&mut &bytes[..20]), Err(Unusable::Damaged));
    }
}
