//! Images made safe to show: decoded within a budget, turned upright, written anew from the pixels alone.
//!
//! Enters a spool, leave two JPEG files without any metadata: one to look at, one small. Rule: one image is decoded at a time
//! (whose, says the [`image_queue`]), on a thread of its own, so that neither a hostile nor a large image takes the memory or the process along.

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

/// The longest side of what is shown.
pub const LONGEST_SIDE: u32 = 2560;
/// The longest side of a thumbnail.
const THUMBNAIL_SIDE: u32 = 320;
/// Qualities of the JPEG files written here, best first: the next one where the file would be larger than the original.
const QUALITIES: [u8; 4] = [82, 70, 55, 40];
/// How long an image waits for its turn before it is left to the worker; a client waits no longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one image may be worked on.
const LONGEST_WORK: Duration = Duration::from_secs(60);
/// Bits of a block of 8 × 8 pixels of one colour, written as JPEG: nothing takes fewer, of any quality.
const LEAST_GREY_BLOCK_BITS: u64 = 6;
/// The same where it has colours.
const LEAST_COLOURED_BLOCK_BITS: u64 = 14;

/// What decoding may use.
#[derive(Debug, Clone, Copy)]
pub struct DecodeBudget {
    /// Pixels.
    pub pixels: u64,
    /// Pixels of what is decoded pixel by pixel.
    pub unscaled: u64,
    /// Bytes of memory.
    pub bytes: u64,
}

/// Why there is nothing to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageError {
    /// It needs more than the budget.
    TooManyPixels,
    /// It cannot be read as what it claims to be.
    Damaged,
    /// Too many images wait for their turn.
    Busy,
}

impl From<io::Error> for ImageError {
    fn from(_: io::Error) -> Self {
        Self::Damaged
    }
}

impl DecodeBudget {
    /// Compares the number of pixels.
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

    /// The same of an image that is decoded pixel by pixel, which costs as much as it has.
    ///
    /// # Errors
    /// As [`DecodeBudget::check_pixels`].
    pub const fn check_unscaled(self, width: u64, height: u64) -> Result<u64, ImageError> {
        Self { pixels: if self.unscaled < self.pixels { self.unscaled } else { self.pixels }, ..self }.check_pixels(width, height)
    }

    /// Compares the memory that is needed.
    ///
    /// # Errors
    /// [`ImageError::TooManyPixels`] when it is too much.
    pub const fn check_bytes(self, bytes: u64) -> Result<(), ImageError> {
        if bytes <= self.bytes { Ok(()) } else { Err(ImageError::TooManyPixels) }
    }
}

/// An image as it lies in the file, and how to hold it.
pub struct DecodedImage {
    /// At most [`LONGEST_SIDE`] wide or high, or nearly.
    pub image: DynamicImage,
    /// How the camera was held.
    pub orientation: Orientation,
}

/// The files that may be shown.
pub struct Renditions {
    /// To look at.
    pub shown: Vec<u8>,
    /// For lists.
    pub thumbnail: Vec<u8>,
}

/// Makes the renditions of an image.
///
/// # Errors
/// [`ImageError`].
pub async fn renditions(
    attachments: &Attachments,
    spool: &Spool,
    media_type: &str,
    source: &str,
    budget: DecodeBudget,
) -> Result<Renditions, ImageError> {
    let (file, looked_at, kind) = (spool.reader()?, spool.reader()?, media_type.to_owned());
    // What is too large is refused before it waits, and what waits has said how much it costs.
    let look = attachments.files.blocking(move || Ok(std::panic::catch_unwind(|| cost(&looked_at, &kind, budget))));
    let price = look.await.map_err(|_| ImageError::Busy)?.map_err(|_| ImageError::Damaged)??;
    let turn = timeout(PATIENCE, attachments.image_queue.acquire(source, price)).await;
    let turn = turn.map_err(|_| ImageError::Busy)?.map_err(|image_queue::ImageQueueFull| ImageError::Busy)?;
    let (tell, told) = oneshot::channel();
    let media_type = media_type.to_owned();
    // A thread that panics drops its end of the channel; a decoder's panic is the fault of the image. The turn is over when the thread is,
    // whether anybody still waits for it or not.
    std::thread::Builder::new().name("image".to_owned()).spawn(move || {
        let _turn = turn;
        let _ = tell.send(make(&file, &media_type, budget));
    })?;
    told.await.map_err(|_| ImageError::Damaged)?
}

/// What making an image anew costs ([`price`]), by its headers alone.
fn cost(file: &File, media_type: &str, budget: DecodeBudget) -> Result<u64, ImageError> {
    let file = DeadlineReader::new(file);
    match media_type {
        "image/jpeg" => jpeg::cost(&mut BufReader::new(file), budget),
        "image/png" => png::cost(file, budget),
        "image/webp" => webp::cost(file, budget),
        _ => Err(ImageError::Damaged),
    }
}

/// A file that is read for so long and then no further, so that no decoder goes on for ever.
#[derive(Debug, Clone, Copy)]
pub struct DeadlineReader<'a> {
    file: &'a File,
    until: Instant,
}

impl<'a> DeadlineReader<'a> {
    /// From now on.
    #[must_use]
    pub fn new(file: &'a File) -> Self {
        Self { file, until: Instant::now() + LONGEST_WORK }
    }

    /// Whether there is time left.
    ///
    /// # Errors
    /// [`ImageError::TooManyPixels`] when there is none.
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
    // Whatever a decoder makes of a file that ends because its time is over.
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

/// Made smaller so that the longest side fits; never larger.
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

/// One of the best qualities whose file is no larger than that; the smallest where all are. Written three times at the most.
fn encode(image: &DynamicImage, most: usize) -> Result<Vec<u8>, ImageError> {
    let [best, good, fair, least] = QUALITIES;
    if least_bytes(image) > most {
        return encode_with(image, least);
    }
    let bytes = encode_with(image, best)?;
    if bytes.len() <= most {
        return Ok(bytes);
    }
    // About so much smaller is a file of the next qualities.
    let quality = match bytes.len().saturating_mul(4) / most.max(1) {
        0..=4 => good,
        5 | 6 => fair,
        _ => least,
    };
    let smaller = encode_with(image, quality)?;
    if smaller.len() <= most || quality == least { Ok(smaller) } else { encode_with(image, least) }
}

/// What even a picture of one colour takes.
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
