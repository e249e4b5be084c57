//! What making a picture anew costs, so that the queue can be fair: the unit is the work that a pixel of an ordinary photo takes, read,
//! made smaller and written, about fourteen nanoseconds of a processor of 2024.
//!
//! Enter the numbers that headers tell, leaves a price. Rule: the steps (of three to four nanoseconds) were measured; whoever changes a
//! decoder measures again. A price that is too low lets somebody keep the others waiting.

/// The steps for a pixel of a photo of twelve million pixels from a telephone.
const ORDINARY_PIXEL: u64 = 4;
/// Writing one pixel of a picture as JPEG; the pictures that are shown are written up to three times.
const WRITTEN_PIXEL: u64 = 12;
/// One block of 8 × 8 in one scan: read, and in the last one turned into pixels.
const JPEG_BLOCK: u64 = 24;
/// One byte of compressed coefficients.
const JPEG_BYTE: u64 = 4;
/// One byte of rows, unpacked and averaged, in quarters.
const PNG_ROW_BYTE_QUARTERS: u64 = 2;
/// One pixel that is averaged, in quarters.
const PNG_PIXEL_QUARTERS: u64 = 2;
/// The same out of its order, far apart in memory.
const PNG_SCATTERED_PIXEL_QUARTERS: u64 = 6;
/// One compressed byte, which takes longer the less it packs.
const PNG_PACKED_BYTE: u64 = 1;
/// One pixel of a lossy WebP, predicted and smoothed one after another.
const WEBP_PIXEL: u64 = 10;
/// One of any other WebP: transformed, sometimes with transparency or an animation around it.
const WEBP_EXACT_PIXEL: u64 = 12;
/// One byte of a WebP.
const WEBP_BYTE: u64 = 8;

/// Of a JPEG, by the blocks that its scans go over, their bytes, and the size at which it is shown.
#[must_use]
pub fn jpeg(blocks: u64, bytes: u64, shown: (u32, u32)) -> u64 {
    price(blocks.saturating_mul(JPEG_BLOCK).saturating_add(bytes.saturating_mul(JPEG_BYTE)), shown)
}

/// Of a PNG, by its pixels, the bytes of its rows, the bytes that they take in the file, and the size at which it is shown.
#[must_use]
pub fn png(pixels: u64, unpacked: u64, packed: u64, is_interlaced: bool, shown: (u32, u32)) -> u64 {
    let pixel = if is_interlaced { PNG_SCATTERED_PIXEL_QUARTERS } else { PNG_PIXEL_QUARTERS };
    let quarters = pixels.saturating_mul(pixel).saturating_add(unpacked.saturating_mul(PNG_ROW_BYTE_QUARTERS));
    price((quarters / 4).saturating_add(packed.saturating_mul(PNG_PACKED_BYTE)), shown)
}

/// Of a WebP, by its pixels, the bytes of the file, and the size at which it is shown.
#[must_use]
pub fn webp(pixels: u64, bytes: u64, is_lossy: bool, shown: (u32, u32)) -> u64 {
    let pixel = if is_lossy { WEBP_PIXEL } else { WEBP_EXACT_PIXEL };
    price(pixels.saturating_mul(pixel).saturating_add(bytes.saturating_mul(WEBP_BYTE)), shown)
}

/// Of so many steps and of writing a picture of this size.
fn price(steps: u64, (width, height): (u32, u32)) -> u64 {
    let written = u64::from(width).saturating_mul(u64::from(height)).saturating_mul(WRITTEN_PIXEL);
    steps.saturating_add(written) / ORDINARY_PIXEL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_of_an_ordinary_photo_is_the_unit() {
        let blocks = 500 * 375 + 2 * 250 * 188;
        let photo = jpeg(blocks, 1_900_000, (2000, 1500));
        assert!((10_000_000..15_000_000).contains(&photo), "of 4000 x 3000: {photo}");
    }

    #[test]
    fn the_price_goes_by_the_work_and_not_by_the_bytes() {
        let bomb = |side: u32| {
            let pixels = u64::from(side) * u64::from(side);
            png(pixels, 8 * pixels, 8 * pixels / 1032, true, (side, side))
        };
        // 60 ms and 220 ms, where the photo above takes 170 ms.
        assert!((3_000_000..6_000_000).contains(&bomb(1000)), "{}", bomb(1000));
        assert!((12_000_000..24_000_000).contains(&bomb(2000)), "{}", bomb(2000));
        assert!(png(1_000_000, 8_000_000, 8000, true, (1000, 1000)) > png(1_000_000, 1_000_000, 8000, false, (1000, 1000)));
        assert!(webp(12_000_000, 32_000, true, (2000, 1500)) > jpeg(282_000, 32_000, (2000, 1500)));
    }
}
