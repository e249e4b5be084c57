//! The cost of processing an image, used by the fair queue. The unit is the work for one pixel of an ordinary
//! photo (decode, downscale, encode): about 14 ns on a 2024 CPU.
//!
//! Takes numbers from the image headers; returns a price. The step costs (3–4 ns each) were measured; measure
//! again after changing a decoder. A price that is too low lets one source delay the others.

/// Steps per pixel of a 12-megapixel phone photo.
const ORDINARY_PIXEL: u64 = 4;
/// Encoding one pixel as JPEG; renditions are encoded up to three times.
const WRITTEN_PIXEL: u64 = 12;
/// One 8 × 8 block in one scan, including the conversion to pixels in the last scan.
const JPEG_BLOCK: u64 = 24;
/// One byte of compressed coefficients.
const JPEG_BYTE: u64 = 4;
/// Unpacking and averaging one row byte, in quarter steps.
const PNG_ROW_BYTE_QUARTERS: u64 = 2;
/// Averaging one pixel, in quarter steps.
const PNG_PIXEL_QUARTERS: u64 = 2;
/// The same for interlaced images, whose pixels are far apart in memory; in quarter steps.
const PNG_SCATTERED_PIXEL_QUARTERS: u64 = 6;
/// One compressed byte; the lower the compression ratio, the more these dominate.
const PNG_PACKED_BYTE: u64 = 1;
/// One pixel of a lossy WebP, for prediction and filtering.
const WEBP_PIXEL: u64 = 10;
/// One pixel of any other WebP: transforms, possibly alpha or animation.
const WEBP_EXACT_PIXEL: u64 = 12;
/// One byte of a WebP file.
const WEBP_BYTE: u64 = 8;

/// Returns the price of a JPEG from the blocks of its scans, their bytes, and the rendition size.
#[must_use]
pub fn jpeg(blocks: u64, bytes: u64, shown: (u32, u32)) -> u64 {
    price(blocks.saturating_mul(JPEG_BLOCK).saturating_add(bytes.saturating_mul(JPEG_BYTE)), shown)
}

/// Returns the price of a PNG from its pixels, unpacked row bytes, compressed bytes, and the rendition size.
#[must_use]
pub fn png(pixels: u64, unpacked: u64, packed: u64, is_interlaced: bool, shown: (u32, u32)) -> u64 {
    let pixel = if is_interlaced { PNG_SCATTERED_PIXEL_QUARTERS } else { PNG_PIXEL_QUARTERS };
    let quarters = pixels.saturating_mul(pixel).saturating_add(unpacked.saturating_mul(PNG_ROW_BYTE_QUARTERS));
    price((quarters / 4).saturating_add(packed.saturating_mul(PNG_PACKED_BYTE)), shown)
}

/// Returns the price of a WebP from its pixels, file bytes, and the rendition size.
#[must_use]
pub fn webp(pixels: u64, bytes: u64, is_lossy: bool, shown: (u32, u32)) -> u64 {
    let pixel = if is_lossy { WEBP_PIXEL } else { WEBP_EXACT_PIXEL };
    price(pixels.saturating_mul(pixel).saturating_add(bytes.saturating_mul(WEBP_BYTE)), shown)
}

/// Adds the steps and the cost of encoding a rendition of this size.
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
