//! JPEG decoding: estimates memory and work from the headers, then decodes at a reduced scale.
//!
//! Takes a file; returns an image of at most 2560 pixels (longest side) and its orientation. The markers are
//! checked before anything is decoded, because a progressive JPEG needs memory for every coefficient and time
//! for every scan, and a header can announce an image whose data is missing.

mod markers;
mod truncation_guard;

use super::images::{DeadlineReader, DecodeBudget, DecodedImage, ImageError, LONGEST_SIDE, price};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};
use markers::{JpegInfo, walk};
use std::io::{BufRead, BufReader, Seek};
use truncation_guard::TruncationGuard;

/// Encoders write about ten scans; hundreds are an attack.
const MOST_SCANS: u32 = 32;

/// Decodes a file.
///
/// # Errors
/// When it has too many pixels for the budget or is not a readable JPEG.
pub fn decode(mut file: DeadlineReader<'_>, budget: DecodeBudget) -> Result<DecodedImage, ImageError> {
    file.rewind()?;
    let facts = walk(&mut BufReader::new(file))?;
    check(&facts, budget)?;
    let (width, height) = scaled_size(&facts);
    file.rewind()?;
    let mut decoder = Decoder::new(BufReader::new(TruncationGuard::new(BufReader::new(file))));
    decoder.read_info().map_err(|_| ImageError::Damaged)?;
    let side = |pixels: u64| u16::try_from(pixels).map_err(|_| ImageError::Damaged);
    let (width, height) = decoder.scale(side(width)?, side(height)?).map_err(|_| ImageError::Damaged)?;
    let pixels = decoder.decode().map_err(|_| ImageError::Damaged)?;
    let info = decoder.info().ok_or(ImageError::Damaged)?;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    drop(decoder);
    let (width, height) = (u32::from(width), u32::from(height));
    let image = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        PixelFormat::CMYK32 => RgbImage::from_raw(width, height, without_ink(&pixels)).map(DynamicImage::ImageRgb8),
        PixelFormat::L16 => None,
    };
    Ok(DecodedImage { image: image.ok_or(ImageError::Damaged)?, orientation })
}

/// Returns the cost of processing the image, from its headers only.
///
/// # Errors
/// As [`decode`].
pub fn cost(reader: &mut impl BufRead, budget: DecodeBudget) -> Result<u64, ImageError> {
    let facts = walk(reader)?;
    check(&facts, budget)?;
    let (width, height) = scaled_size(&facts);
    let side = |pixels: u64| u32::try_from(pixels).unwrap_or(u32::MAX);
    Ok(price::jpeg(facts.blocks, facts.data_bytes, (side(width), side(height))))
}

/// Checks the needed resources against the budget, and the available data against the announced size.
fn check(facts: &JpegInfo, budget: DecodeBudget) -> Result<(), ImageError> {
    budget.check_pixels(facts.width, facts.height)?;
    if facts.scans > MOST_SCANS {
        return Err(ImageError::TooManyPixels);
    }
    let (width, height) = scaled_size(facts);
    // The planes and the finished image exist at the same time for a moment.
    let picture = 2 * width * height * facts.components;
    let coefficients = if facts.is_progressive { facts.coefficient_bytes } else { 0 };
    budget.check_bytes(picture + coefficients + facts.profile_bytes)?;
    if facts.lacks_data { Err(ImageError::Damaged) } else { Ok(()) }
}

/// Returns the size at which the image is decoded.
fn scaled_size(facts: &JpegInfo) -> (u64, u64) {
    let scale = scale_of(facts.width.max(facts.height));
    (scaled(facts.width, scale), scaled(facts.height, scale))
}

/// Returns the decoder scale in eighths (8, 4, 2 or 1) at which the long side fits.
fn scale_of(long_side: u64) -> u64 {
    [8, 4, 2].into_iter().find(|scale| scaled(long_side, *scale) <= u64::from(LONGEST_SIDE)).unwrap_or(1)
}

const fn scaled(pixels: u64, scale: u64) -> u64 {
    (pixels * scale).div_ceil(8)
}

/// Converts CMYK to RGB approximately; exact enough for viewing.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_fits_the_longest_side() {
        let sides = [100, 2560, 2561, 4032, 8160, 12_000, 65_535];
        assert_eq!(sides.map(scale_of), [8, 8, 4, 4, 2, 1, 1]);
    }
}
