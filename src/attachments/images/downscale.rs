//! Downscales an image while its rows arrive: each output pixel is the mean of a square of input pixels.
//!
//! Takes RGB rows; returns an image of at most 2560 pixels (longest side). Memory use and later work depend
//! on the small image only, whatever the size of the input.

use super::{ImageError, LONGEST_SIDE};
use image::{DynamicImage, RgbImage};

/// Bytes per accumulated RGB sum.
const SUM_BYTES: u64 = 12;

/// The grid of squares over the input image.
#[derive(Debug, Clone, Copy)]
struct SampleGrid {
    /// Side of a square in pixels; squares at the right and bottom edges may be smaller.
    side: u32,
    source: (u32, u32),
    target: (u32, u32),
}

impl SampleGrid {
    fn new(width: u32, height: u32) -> Self {
        let side = width.max(height).div_ceil(LONGEST_SIDE).max(1);
        Self { side, source: (width, height), target: (width.div_ceil(side), height.div_ceil(side)) }
    }

    /// Columns or rows of the square at `place`, given the total length of the side.
    fn length(self, place: usize, all: u32) -> u32 {
        let before = u32::try_from(place).unwrap_or(u32::MAX).saturating_mul(self.side);
        all.saturating_sub(before).min(self.side)
    }

    fn finish(self, pixels: Vec<u8>) -> Result<DynamicImage, ImageError> {
        let (width, height) = self.target;
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8).ok_or(ImageError::Damaged)
    }
}

/// Returns the size of the image after downscaling.
#[must_use]
pub fn size_after(width: u32, height: u32) -> (u32, u32) {
    SampleGrid::new(width, height).target
}

/// Downscales rows that arrive in order.
pub struct Downscaler {
    squares: SampleGrid,
    sums: Vec<[u32; 3]>,
    /// Rows accumulated in `sums`.
    rows: u32,
    pixels: Vec<u8>,
}

impl Downscaler {
    /// Creates a downscaler for an image of this size.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let squares = SampleGrid::new(width, height);
        Self { squares, sums: vec![[0; 3]; count(squares.target.0)], rows: 0, pixels: Vec::new() }
    }

    /// Returns the bytes of memory for the output image while it grows.
    #[must_use]
    pub fn bytes(width: u32, height: u32) -> u64 {
        let (width, height) = size_after(width, height);
        2 * 3 * u64::from(width) * u64::from(height)
    }

    /// Adds one RGB row.
    pub fn add(&mut self, row: &[u8]) {
        if self.squares.side == 1 {
            self.pixels.extend_from_slice(row);
            return;
        }
        for (sum, square) in self.sums.iter_mut().zip(row.chunks(3 * count(self.squares.side))) {
            let [mut reds, mut greens, mut blues] = *sum;
            for [red, green, blue] in square.as_chunks::<3>().0 {
                reds += u32::from(*red);
                greens += u32::from(*green);
                blues += u32::from(*blue);
            }
            *sum = [reds, greens, blues];
        }
        self.rows += 1;
        if self.rows == self.squares.side {
            self.close_row();
        }
    }

    fn close_row(&mut self) {
        for (place, sum) in self.sums.iter_mut().enumerate() {
            let pixels = self.squares.length(place, self.squares.source.0) * self.rows;
            self.pixels.extend(mean(std::mem::take(sum), pixels));
        }
        self.rows = 0;
    }

    /// Returns the downscaled image.
    ///
    /// # Errors
    /// [`ImageError::Damaged`] when rows are missing.
    pub fn finish(mut self) -> Result<DynamicImage, ImageError> {
        if self.rows > 0 {
            self.close_row();
        }
        self.squares.finish(self.pixels)
    }
}

/// Downscales rows that hold every n-th pixel, in any order, as in an interlaced image.
pub struct InterlacedDownscaler {
    squares: SampleGrid,
    sums: Vec<[u32; 3]>,
}

/// The position of the pixels of an interlaced row.
#[derive(Debug, Clone, Copy)]
pub struct PixelRun {
    /// The row in the full image.
    pub row: u32,
    /// The column of the first pixel.
    pub first: u32,
    /// The distance between two pixels.
    pub step: u32,
}

impl InterlacedDownscaler {
    /// Creates a downscaler for an image of this size.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let squares = SampleGrid::new(width, height);
        let (across, down) = squares.target;
        Self { squares, sums: vec![[0; 3]; count(across).saturating_mul(count(down))] }
    }

    /// Returns the bytes of memory for the sums and the output image.
    #[must_use]
    pub fn bytes(width: u32, height: u32) -> u64 {
        let (width, height) = size_after(width, height);
        (SUM_BYTES + 3) * u64::from(width) * u64::from(height)
    }

    /// Adds one RGB row at its position.
    pub fn add(&mut self, row: &[u8], place: PixelRun) {
        let across = count(self.squares.target.0);
        let first = count(place.row / self.squares.side).saturating_mul(across);
        let Some(sums) = self.sums.get_mut(first..first.saturating_add(across)) else { return };
        let mut column = place.first;
        for [red, green, blue] in row.as_chunks::<3>().0 {
            if let Some([reds, greens, blues]) = sums.get_mut(count(column / self.squares.side)) {
                *reds += u32::from(*red);
                *greens += u32::from(*green);
                *blues += u32::from(*blue);
            }
            column = column.saturating_add(place.step);
        }
    }

    /// Returns the downscaled image.
    ///
    /// # Errors
    /// Never fails; has the signature of [`Downscaler::finish`].
    pub fn finish(self) -> Result<DynamicImage, ImageError> {
        let squares = self.squares;
        let mut pixels = Vec::with_capacity(self.sums.len().saturating_mul(3));
        for (down, row) in self.sums.chunks(count(squares.target.0).max(1)).enumerate() {
            for (across, sum) in row.iter().enumerate() {
                let all = squares.length(across, squares.source.0) * squares.length(down, squares.source.1);
                pixels.extend(mean(*sum, all));
            }
        }
        squares.finish(pixels)
    }
}

fn mean(sum: [u32; 3], pixels: u32) -> [u8; 3] {
    sum.map(|total| u8::try_from(total / pixels.max(1)).unwrap_or(u8::MAX))
}

fn count(pixels: u32) -> usize {
    usize::try_from(pixels).unwrap_or(usize::MAX)
}

/// Blends a colour with alpha over white, because JPEG has no alpha channel.
#[must_use]
pub fn over_white([red, green, blue, alpha]: [u8; 4]) -> [u8; 3] {
    let alpha = u16::from(alpha);
    [red, green, blue].map(|colour| u8::try_from((u16::from(colour) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX))
}

/// Converts a row of pixels of `BYTES` bytes each to RGB.
pub fn recolour<const BYTES: usize>(row: &[u8], into: &mut Vec<u8>, colour: impl Fn([u8; BYTES]) -> [u8; 3]) {
    let pixels = row.as_chunks::<BYTES>().0;
    into.resize(pixels.len().saturating_mul(3), 0);
    for (target, pixel) in into.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
        *target = colour(*pixel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(y: u32, width: u32) -> Vec<u8> {
        (0..width).flat_map(|x| [x, y, x + y].map(|light| u8::try_from(light % 251).unwrap())).collect()
    }

    #[test]
    fn a_square_has_the_mean_of_its_pixels_at_the_edges_too() {
        // 2 × 2 pixels become one; the last column and the last row stand alone.
        let (width, height) = (5001, 3);
        let mut shrinker = Downscaler::new(width, height);
        (0..height).for_each(|y| shrinker.add(&row(y, width)));
        let small = shrinker.finish().unwrap().to_rgb8();
        assert_eq!(small.dimensions(), (2501, 2));
        assert_eq!(small.get_pixel(2, 0).0, [4, 0, 5]);
        assert_eq!(small.get_pixel(2, 1).0, [4, 2, 6]);
        assert_eq!(small.get_pixel(2500, 1).0, [u8::try_from(5000 % 251).unwrap(), 2, u8::try_from(5002 % 251).unwrap()]);
    }

    #[test]
    fn the_order_of_rows_and_pixels_makes_no_difference() {
        for (width, height) in [(7, 5), (2561, 9), (3, 5200)] {
            let (mut ordered, mut scattered) = (Downscaler::new(width, height), InterlacedDownscaler::new(width, height));
            for y in 0..height {
                ordered.add(&row(y, width));
            }
            for y in (0..height).rev() {
                let whole = row(y, width);
                for first in [1, 0] {
                    let half: Vec<u8> = whole.chunks(3).skip(first).step_by(2).flatten().copied().collect();
                    scattered.add(&half, PixelRun { row: y, first: u32::try_from(first).unwrap(), step: 2 });
                }
            }
            assert_eq!(ordered.finish().unwrap(), scattered.finish().unwrap());
        }
    }

    #[test]
    fn too_few_rows_are_no_picture() {
        let mut shrinker = Downscaler::new(4, 4);
        shrinker.add(&row(0, 4));
        assert_eq!(shrinker.finish().err(), Some(ImageError::Damaged));
    }

    #[test]
    fn what_cannot_be_seen_is_white() {
        assert_eq!(over_white([0, 0, 0, 0]), [255; 3]);
        assert_eq!(over_white([10, 20, 30, 255]), [10, 20, 30]);
        let mut colours = vec![9; 40];
        recolour(&[5, 0, 6, 255], &mut colours, |[grey, alpha]| over_white([grey, grey, grey, alpha]));
        assert_eq!(colours, [255, 255, 255, 6, 6, 6]);
    }
}
