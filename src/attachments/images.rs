//! Creates safe renditions of images: decoded within a budget, rotated upright, re-encoded from pixels only.
//!
//! Takes a spooled file; returns two JPEG files without metadata, one for viewing and one thumbnail. Only
//! one image is decoded at a time (the [`image_queue`] decides which), on its own thread, so that a hostile
//! or very large image cannot exhaust the memory or crash the process.

pub mod downscale;
pub mod price;
mod webp;

use super::Attachments;
use super::image_queue;
use super::jpeg;
use super::png;
use crate::db::spool::Spool;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, imageops};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// The longest side of the rendition for viewing, in pixels.
pub const LONGEST_SIDE: u32 = 2560;
/// The longest side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 320;
/// JPEG qualities, best first; a lower one is used when the file would be larger than the original.
const QUALITIES: [u8; 4] = [82, 70, 55, 40];
/// How long an image waits for its slot before it is left to the worker; a client waits no longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// The time limit for processing one image.
const LONGEST_WORK: Duration = Duration::from_secs(60);
/// Minimum bits of a single-colour 8 × 8 block in a JPEG, at any quality.
const LEAST_GREY_BLOCK_BITS: u64 = 6;
/// The same for an image with colours.
const LEAST_COLOURED_BLOCK_BITS: u64 = 14;

/// Limits for decoding.
#[derive(Debug, Clone, Copy)]
pub struct DecodeBudget {
    pub pixels: u64,
    /// Maximum pixels of formats that cannot be decoded at a reduced scale.
    pub unscaled: u64,
    /// Maximum bytes of memory.
    pub bytes: u64,
}

/// Why no renditions were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageError {
    /// The image exceeds the budget.
    TooManyPixels,
    /// The file cannot be decoded as the type it claims to be.
    Damaged,
    /// Too many images are waiting in the queue.
    Busy,
}

impl From<io::Error> for ImageError {
    fn from(_: io::Error) -> Self {
        Self::Damaged
    }
}

impl DecodeBudget {
    /// Checks the number of pixels and returns it.
    ///
    /// # Errors
    /// [`ImageError`] when there are too many or none.
    pub const fn check_pixels(self, width: u64, height: u64) -> Result<u64, ImageError> {
        match width.checked_mul(height) {
            Some(0) => Err(ImageError::Damaged),
            Some(pixels) if pixels <= self.pixels => Ok(pixels),
            _ => Err(ImageError::TooManyPixels),
        }
    }

    /// Checks the number of pixels of an image that cannot be decoded at a reduced scale, so that its cost
    /// grows with its full size.
    ///
    /// # Errors
    /// As [`DecodeBudget::check_pixels`].
    pub const fn check_unscaled(self, width: u64, height: u64) -> Result<u64, ImageError> {
        Self { pixels: if self.unscaled < self.pixels { self.unscaled } else { self.pixels }, ..self }.check_pixels(width, height)
    }

    /// Checks the memory that decoding needs.
    ///
    /// # Errors
    /// [`ImageError::TooManyPixels`] when it exceeds the budget.
    pub const fn check_bytes(self, bytes: u64) -> Result<(), ImageError> {
        if bytes <= self.bytes { Ok(()) } else { Err(ImageError::TooManyPixels) }
    }
}

/// An image as decoded, and its orientation.
pub struct DecodedImage {
    /// At most about [`LONGEST_SIDE`] wide or high.
    pub image: DynamicImage,
    /// The EXIF orientation.
    pub orientation: Orientation,
}

/// The JPEG files that may be shown.
pub struct Renditions {
    pub shown: Vec<u8>,
    pub thumbnail: Vec<u8>,
}

/// Creates the renditions of an image.
///
/// # Errors
/// See [`ImageError`].
pub async fn renditions(
    attachments: &Attachments,
    spool: &Spool,
    media_type: &str,
    source: &str,
    budget: DecodeBudget,
) -> Result<Renditions, ImageError> {
    let (file, looked_at, kind) = (spool.reader()?, spool.reader()?, media_type.to_owned());
    // Too large images are refused before they queue, and the queue needs the price.
    let look = attachments.files.blocking(move || Ok(std::panic::catch_unwind(|| cost(&looked_at, &kind, budget))));
    let price = look.await.map_err(|_| ImageError::Busy)?.map_err(|_| ImageError::Damaged)??;
    let turn = timeout(PATIENCE, attachments.image_queue.acquire(source, price)).await;
    let turn = turn.map_err(|_| ImageError::Busy)?.map_err(|image_queue::ImageQueueFull| ImageError::Busy)?;
    let (tell, told) = oneshot::channel();
    let media_type = media_type.to_owned();
    // A panicking thread drops its end of the channel; a decoder panic is blamed on the image. The slot is
    // released when the thread ends, whether or not anybody still waits for the result.
    std::thread::Builder::new().name("image".to_owned()).spawn(move || {
        let _turn = turn;
        let _ = tell.send(make(&file, &media_type, budget));
    })?;
    told.await.map_err(|_| ImageError::Damaged)?
}

/// Returns the cost of processing an image ([`price`]), from its headers only.
fn cost(file: &File, media_type: &str, budget: DecodeBudget) -> Result<u64, ImageError> {
    let file = DeadlineReader::new(file);
    match media_type {
        "image/jpeg" => jpeg::cost(&mut BufReader::new(file), budget),
        "image/png" => png::cost(file, budget),
        "image/webp" => webp::cost(file, budget),
        _ => Err(ImageError::Damaged),
    }
}

/// A reader with a deadline, after which reading fails, so that no decoder runs forever.
#[derive(Debug, Clone, Copy)]
pub struct DeadlineReader<'a> {
    file: &'a File,
    until: Instant,
}

impl<'a> DeadlineReader<'a> {
    /// Wraps the file; the deadline counts from now.
    #[must_use]
    pub fn new(file: &'a File) -> Self {
        Self { file, until: Instant::now() + LONGEST_WORK }
    }

    /// Checks the deadline.
    ///
    /// # Errors
    /// [`ImageError::TooManyPixels`] when it has passed.
    pub fn check(&self) -> Result<(), ImageError> {
        if Instant::now() < self.until { Ok(()) } else { Err(ImageError::TooManyPixels) }
    }
}

impl Read for DeadlineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check().map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
        self.file.read(buffer)
    }
}

impl Seek for DeadlineReader<'_> {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.file.seek(place)
    }
}

fn make(file: &File, media_type: &str, budget: DecodeBudget) -> Result<Renditions, ImageError> {
    let mut bounded = DeadlineReader::new(file);
    bounded.rewind()?;
    let decoded = match media_type {
        "image/jpeg" => jpeg::decode(bounded, budget),
        "image/png" => png::decode(bounded, budget),
        "image/webp" => webp::decode(bounded, budget),
        _ => Err(ImageError::Damaged),
    };
    // Checked first: after the deadline a decoder may report anything about the cut-off file.
    bounded.check()?;
    let decoded = decoded?;
    let mut image = decoded.image;
    if image.width().max(image.height()) > LONGEST_SIDE {
        image = fitted(&image, LONGEST_SIDE);
    }
    image.apply_orientation(decoded.orientation);
    let most = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let shown = encode(&image, most)?;
    let thumbnail = encode(&fitted(&image, THUMBNAIL_SIDE), most)?;
    Ok(Renditions { shown, thumbnail })
}

/// Scales the image down so that the longest side fits; never enlarges.
fn fitted(image: &DynamicImage, side: u32) -> DynamicImage {
    let longest = image.width().max(image.height()).max(1);
    let fit = |pixels: u32| {
        let smaller = u64::from(pixels) * u64::from(side.min(longest)) / u64::from(longest);
        u32::try_from(smaller).unwrap_or(u32::MAX).max(1)
    };
    let (width, height) = (fit(image.width()), fit(image.height()));
    match image {
        DynamicImage::ImageLuma8(grey) => DynamicImage::ImageLuma8(imageops::thumbnail(grey, width, height)),
        DynamicImage::ImageRgb8(colours) => DynamicImage::ImageRgb8(imageops::thumbnail(colours, width, height)),
        other => DynamicImage::ImageRgb8(imageops::thumbnail(&other.to_rgb8(), width, height)),
    }
}

/// Encodes at the best quality whose file is not larger than `most` bytes, or else the smallest file. Makes
/// at most three attempts.
fn encode(image: &DynamicImage, most: usize) -> Result<Vec<u8>, ImageError> {
    let [best, good, fair, least] = QUALITIES;
    if least_bytes(image) > most {
        return encode_with(image, least);
    }
    let bytes = encode_with(image, best)?;
    if bytes.len() <= most {
        return Ok(bytes);
    }
    // Estimates how much smaller the file gets at the next qualities.
    let quality = match bytes.len().saturating_mul(4) / most.max(1) {
        0..=4 => good,
        5 | 6 => fair,
        _ => least,
    };
    let smaller = encode_with(image, quality)?;
    if smaller.len() <= most || quality == least { Ok(smaller) } else { encode_with(image, least) }
}

/// The minimum size in bytes of an image of this size, even with a single colour.
fn least_bytes(image: &DynamicImage) -> usize {
    let blocks = u64::from(image.width().div_ceil(8)).saturating_mul(u64::from(image.height().div_ceil(8)));
    let bits = if matches!(image, DynamicImage::ImageLuma8(_)) { LEAST_GREY_BLOCK_BITS } else { LEAST_COLOURED_BLOCK_BITS };
    usize::try_from(blocks.saturating_mul(bits) / 8).unwrap_or(usize::MAX)
}

fn encode_with(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    let encoded = match image {
        DynamicImage::ImageLuma8(grey) => encoder.encode_image(grey),
        DynamicImage::ImageRgb8(colours) => encoder.encode_image(colours),
        other => encoder.encode_image(&other.to_rgb8()),
    };
    encoded.map_err(|_| ImageError::Damaged)?;
    Ok(bytes)
}
