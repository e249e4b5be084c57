//! PNG decoding row by row: an image of any size is downscaled while it is read.
//!
//! Takes a file; returns an image of at most 2560 pixels (longest side) on a white background. The full image is
//! never held in memory, and decoding does not start when there is too little compressed data for the size.

use super::images::downscale::{Downscaler, InterlacedDownscaler, PixelRun, over_white, recolour, size_after};
use super::images::{DeadlineReader, DecodeBudget, DecodedImage, ImageError, price};
use image::metadata::Orientation;
use png::{BitDepth, ColorType, Decoder, Limits, Transformations};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Memory of the decoder besides the rows.
const DECODER_BYTES: usize = 8 * 1024 * 1024;
/// The maximum deflate ratio: output bytes per compressed byte.
const MOST_FOR_A_BYTE: u64 = 1032;
/// Encoders write pixel chunks of 8 KB or more.
const MOST_CHUNKS: u32 = 50_000;
/// The Adam7 passes: first column, column step, first row, row step.
const PASSES: [[u32; 4]; 7] = [[0, 8, 0, 8], [4, 8, 0, 8], [0, 4, 4, 8], [2, 4, 0, 4], [0, 2, 2, 4], [1, 2, 0, 2], [0, 1, 1, 2]];

/// Decodes a file.
///
/// # Errors
/// When it has too many pixels for the budget or is not a readable PNG.
pub fn decode(file: DeadlineReader<'_>, budget: DecodeBudget) -> Result<DecodedImage, ImageError> {
    let mut decoder = decoder(file);
    let header = decoder.read_header_info().map_err(|_| ImageError::Damaged)?;
    let (width, height, is_interlaced) = (header.width, header.height, header.interlaced);
    check(width, height, is_interlaced, budget)?;
    let mut reader = decoder.read_info().map_err(|_| ImageError::Damaged)?;
    let exif = reader.info().exif_metadata.as_deref().map(<[u8]>::to_vec);
    let orientation = exif.and_then(|exif| Orientation::from_exif_chunk(&exif)).unwrap_or(Orientation::NoTransforms);
    let (colour, depth) = reader.output_color_type();
    let mut colours = Vec::new();
    let image = if is_interlaced {
        let mut scattered = InterlacedDownscaler::new(width, height);
        for place in places(width, height) {
            let row = reader.next_interlaced_row().map_err(|_| ImageError::Damaged)?.ok_or(ImageError::Damaged)?;
            scattered.add(coloured(row.data(), colour, depth, &mut colours)?, place);
            file.check()?;
        }
        scattered.finish()?
    } else {
        let mut shrinker = Downscaler::new(width, height);
        while let Some(row) = reader.next_row().map_err(|_| ImageError::Damaged)? {
            shrinker.add(coloured(row.data(), colour, depth, &mut colours)?);
            file.check()?;
        }
        shrinker.finish()?
    };
    Ok(DecodedImage { image, orientation })
}

/// Creates a decoder that does not unpack text and profile chunks; only the first frame of an animation is read.
fn decoder(file: DeadlineReader<'_>) -> Decoder<BufReader<DeadlineReader<'_>>> {
    let mut decoder = Decoder::new_with_limits(BufReader::new(file), Limits { bytes: DECODER_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    decoder
}

/// Returns the cost of processing the image, from its headers only.
///
/// # Errors
/// As [`decode`], and [`ImageError::Damaged`] when there is less data than an image of this size can have.
pub fn cost(mut file: DeadlineReader<'_>, budget: DecodeBudget) -> Result<u64, ImageError> {
    file.rewind()?;
    let mut decoder = decoder(file);
    let header = decoder.read_header_info().map_err(|_| ImageError::Damaged)?;
    let (width, height, is_interlaced) = (header.width, header.height, header.interlaced);
    let bits = u64::try_from(header.bits_per_pixel()).unwrap_or(u64::MAX);
    let pixels = check(width, height, is_interlaced, budget)?;
    drop(decoder);
    // A slight underestimate, because rows start at whole bytes.
    let unpacked = pixels.saturating_mul(bits) / 8;
    file.rewind()?;
    let packed = packed(&mut BufReader::new(file))?;
    if packed.saturating_mul(MOST_FOR_A_BYTE) < unpacked {
        return Err(ImageError::Damaged);
    }
    Ok(price::png(pixels, unpacked, packed, is_interlaced, size_after(width, height)))
}

fn check(width: u32, height: u32, is_interlaced: bool, budget: DecodeBudget) -> Result<u64, ImageError> {
    let pixels = budget.check_unscaled(u64::from(width), u64::from(height))?;
    let small = if is_interlaced { InterlacedDownscaler::bytes(width, height) } else { Downscaler::bytes(width, height) };
    // A few rows with at most eight bytes per pixel, and their RGB values.
    budget.check_bytes(small + 64 * u64::from(width))?;
    Ok(pixels)
}

/// Returns the number of compressed pixel bytes (IDAT).
fn packed(reader: &mut (impl Read + Seek)) -> Result<u64, ImageError> {
    // The decoder already checked the signature.
    reader.seek(SeekFrom::Start(8))?;
    let mut packed = 0_u64;
    for _ in 0..MOST_CHUNKS {
        let mut head = [0; 8];
        if reader.read_exact(&mut head).is_err() {
            return Ok(packed);
        }
        let [a, b, c, d, kind @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        match &kind {
            b"IEND" => return Ok(packed),
            b"IDAT" => packed += u64::from(length),
            _ => {}
        }
        reader.seek(SeekFrom::Current(i64::from(length) + 4))?;
    }
    Err(ImageError::Damaged)
}

/// Returns the positions of the rows of an interlaced image, in file order.
fn places(width: u32, height: u32) -> impl Iterator<Item = PixelRun> {
    // A pass without columns has no rows either.
    PASSES.into_iter().filter(move |[first, ..]| *first < width).flat_map(move |[first, step, top, down]| {
        let rows = (top..height).step_by(usize::try_from(down).unwrap_or(usize::MAX));
        rows.map(move |row| PixelRun { row, first, step })
    })
}

/// Converts a row to RGB; of 16-bit samples only the high byte is used.
fn coloured<'a>(row: &'a [u8], colour: ColorType, depth: BitDepth, into: &'a mut Vec<u8>) -> Result<&'a [u8], ImageError> {
    match (colour, depth) {
        (ColorType::Rgb, BitDepth::Eight) => return Ok(row),
        (ColorType::Grayscale, BitDepth::Eight) => recolour(row, into, |[grey]| [grey; 3]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => {
            recolour(row, into, |[grey, alpha]| over_white([grey, grey, grey, alpha]))
        }
        (ColorType::Rgba, BitDepth::Eight) => recolour(row, into, over_white),
        (ColorType::Grayscale, BitDepth::Sixteen) => recolour(row, into, |[grey, _]| [grey; 3]),
        (ColorType::GrayscaleAlpha, BitDepth::Sixteen) => {
            recolour(row, into, |[grey, _, alpha, _]| over_white([grey, grey, grey, alpha]));
        }
        (ColorType::Rgb, BitDepth::Sixteen) => recolour(row, into, |[red, _, green, _, blue, _]| [red, green, blue]),
        (ColorType::Rgba, BitDepth::Sixteen) => {
            recolour(row, into, |[red, _, green, _, blue, _, alpha, _]| over_white([red, green, blue, alpha]));
        }
        _ => return Err(ImageError::Damaged),
    }
    Ok(into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_an_interlaced_image_hold_each_pixel_once() {
        for (width, height) in [(1, 1), (3, 2), (5, 9), (16, 16)] {
            let mut seen = vec![0; usize::try_from(width * height).unwrap()];
            for PixelRun { row, first, step } in places(width, height) {
                assert!(first < width, "a row without pixels");
                let columns = (first..width).step_by(usize::try_from(step).unwrap());
                columns.for_each(|column| seen[usize::try_from(row * width + column).unwrap()] += 1);
            }
            assert!(seen.iter().all(|times| *times == 1), "{width} x {height}");
        }
    }

    #[test]
    fn only_the_bytes_of_the_pixels_count() {
        let chunk = |kind: &[u8; 4], length: u32| {
            let content = vec![0; usize::try_from(length).unwrap() + 4];
            [&length.to_be_bytes()[..], kind, &content].concat()
        };
        let file =
            [vec![0; 8], chunk(b"tEXt", 500), chunk(b"IDAT", 30), chunk(b"IDAT", 12), chunk(b"IEND", 0), chunk(b"IDAT", 9)];
        assert_eq!(packed(&mut std::io::Cursor::new(file.concat())), Ok(42));
        let many = [vec![0; 8], chunk(b"IDAT", 0).repeat(60_000)].concat();
        assert_eq!(packed(&mut std::io::Cursor::new(many)), Err(ImageError::Damaged));
    }
}
