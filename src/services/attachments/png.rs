//! PNG, row by row: a screenshot or a scan of any size is made smaller while it is read.
//!
//! Enters a file, leaves an image of at most 2560 pixels (longest side) before a white wall. Rule: only an interlaced image,
//! whose rows do not come in their order, is held as a whole, and only within the budget.

use super::images::{Bounded, Budget, Decoded, LONGEST_SIDE, Unusable, over_white};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use png::{BitDepth, ColorType, Decoder, Limits, Reader, Transformations};
use std::io::BufReader;

/// Memory of the decoder beside the rows.
const DECODER_BYTES: usize = 8 * 1024 * 1024;

/// Decodes a file.
///
/// # Errors
/// When it has too many pixels for the budget or is no PNG that can be read.
pub fn decode(file: Bounded<'_>, budget: Budget) -> Result<Decoded, Unusable> {
    let mut decoder = decoder(file);
    let header = decoder.read_header_info().map_err(|_| Unusable::Damaged)?;
    let (width, height, is_interlaced) = (header.width, header.height, header.interlaced);
    budget.check_unscaled(u64::from(width), u64::from(height))?;
    let mut reader = decoder.read_info().map_err(|_| Unusable::Damaged)?;
    let exif = reader.info().exif_metadata.as_deref().map(<[u8]>::to_vec);
    let orientation = exif.and_then(|exif| Orientation::from_exif_chunk(&exif)).unwrap_or(Orientation::NoTransforms);
    let (colour, depth) = reader.output_color_type();
    if depth != BitDepth::Eight {
        return Err(Unusable::Damaged);
    }
    let mut shrinker = Shrinker::new(width, height, colour);
    budget.check_bytes(shrinker.bytes())?;
    if is_interlaced {
        whole(&mut reader, &mut shrinker, budget)?;
    } else {
        while let Some(row) = reader.next_row().map_err(|_| Unusable::Damaged)? {
            shrinker.add(row.data());
            file.check()?;
        }
    }
    Ok(Decoded { image: shrinker.finish()?, orientation })
}

/// What is packed beside the pixels (texts, profiles) is not even unpacked; of an animation only the first picture is read.
fn decoder(file: Bounded<'_>) -> Decoder<BufReader<Bounded<'_>>> {
    let mut decoder = Decoder::new_with_limits(BufReader::new(file), Limits { bytes: DECODER_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder
}

/// What decoding costs, in pixels; an interlaced image is gone through twice.
///
/// # Errors
/// As [`decode`].
pub fn cost(file: Bounded<'_>, budget: Budget) -> Result<u64, Unusable> {
    let mut decoder = decoder(file);
    let header = decoder.read_header_info().map_err(|_| Unusable::Damaged)?;
    let pixels = budget.check_unscaled(u64::from(header.width), u64::from(header.height))?;
    Ok(if header.interlaced { pixels.saturating_mul(2) } else { pixels })
}

fn whole(reader: &mut Reader<BufReader<Bounded<'_>>>, shrinker: &mut Shrinker, budget: Budget) -> Result<(), Unusable> {
    let size = reader.output_buffer_size().ok_or(Unusable::TooManyPixels)?;
    budget.check_bytes(shrinker.bytes() + u64::try_from(size).unwrap_or(u64::MAX))?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|_| Unusable::Damaged)?;
    pixels.chunks_exact(frame.line_size.max(1)).for_each(|row| shrinker.add(row));
    Ok(())
}

/// Averages squares of pixels, row by row.
struct Shrinker {
    side: u32,
    colour: ColorType,
    width: u32,
    height: u32,
    /// Sums of red, green, blue and the number of pixels of the squares in work.
    sums: Vec<[u32; 4]>,
    rows: u32,
    pixels: Vec<u8>,
}

impl Shrinker {
    fn new(width: u32, height: u32, colour: ColorType) -> Self {
        let side = width.max(height).div_ceil(LONGEST_SIDE).max(1);
        let (width, height) = (width.div_ceil(side), height.div_ceil(side));
        let across = usize::try_from(width).unwrap_or(usize::MAX);
        Self { side, colour, width, height, sums: vec![[0; 4]; across], rows: 0, pixels: Vec::new() }
    }

    /// The memory of the finished picture while it grows.
    fn bytes(&self) -> u64 {
        2 * 3 * u64::from(self.width) * u64::from(self.height)
    }

    fn add(&mut self, row: &[u8]) {
        let side = usize::try_from(self.side).unwrap_or(usize::MAX);
        let samples = self.colour.samples();
        for (sum, square) in self.sums.iter_mut().zip(row.chunks(side * samples)) {
            for pixel in square.chunks_exact(samples) {
                let [red, green, blue] = colour(pixel);
                let [reds, greens, blues, count] = sum;
                *reds += u32::from(red);
                *greens += u32::from(green);
                *blues += u32::from(blue);
                *count += 1;
            }
        }
        self.rows += 1;
        if self.rows == self.side {
            self.close_row();
        }
    }

    fn close_row(&mut self) {
        self.rows = 0;
        for sum in &mut self.sums {
            let [red, green, blue, count] = std::mem::take(sum);
            let mean = |total: u32| u8::try_from(total / count.max(1)).unwrap_or(u8::MAX);
            self.pixels.extend([mean(red), mean(green), mean(blue)]);
        }
    }

    fn finish(mut self) -> Result<DynamicImage, Unusable> {
        if self.rows > 0 {
            self.close_row();
        }
        let image = RgbImage::from_raw(self.width, self.height, self.pixels).ok_or(Unusable::Damaged)?;
        Ok(DynamicImage::ImageRgb8(image))
    }
}

fn colour(pixel: &[u8]) -> [u8; 3] {
    match *pixel {
        [grey] => [grey; 3],
        [grey, alpha] => over_white([grey, grey, grey, alpha]),
        [red, green, blue] => [red, green, blue],
        [red, green, blue, alpha] => over_white([red, green, blue, alpha]),
        _ => [255; 3],
    }
}
