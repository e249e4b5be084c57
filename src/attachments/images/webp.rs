//! WebP decoding: a plain lossy photo is decoded to YUV planes, anything else as a whole image; then it is
//! downscaled row by row.
//!
//! Takes a file; returns an image of at most 2560 pixels (longest side) on a white background. Before anything
//! is decoded, the announced chunks must lie within the file and the memory must fit the budget.

use super::downscale::{Downscaler, over_white, recolour, size_after};
use super::{DeadlineReader, DecodeBudget, DecodedImage, ImageError, LONGEST_SIDE, price};
use image::metadata::Orientation;
use image_webp::WebPDecoder;
use image_webp::vp8::{Frame, Vp8Decoder};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// YUV planes of a lossy image, in quarter bytes per pixel: one luma byte per pixel and two chroma bytes per
/// four pixels, padded to whole macroblocks.
const PLANES_QUARTERS: u64 = 7;
/// Bytes per pixel of a lossless image: the decoder's buffer and the output.
const EXACT_BYTES: u64 = 8;
/// Bytes per pixel of a lossy image with alpha: planes, RGBA output, and the alpha plane, which is coded as a
/// lossless image.
const TRANSPARENT_BYTES: u64 = 12;
/// Bytes per pixel of the first animation frame: as [`TRANSPARENT_BYTES`], plus a canvas.
const MOVING_BYTES: u64 = 16;
/// Maximum number of chunks (metadata and animation frames) in a file.
const MOST_CHUNKS: u32 = 10_000;
/// Maximum bytes of EXIF data that are read.
const EXIF_BYTES: usize = 256 * 1024;

/// What the chunk headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WebpInfo {
    width: u32,
    height: u32,
    kind: WebpKind,
    /// File size in bytes.
    bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WebpKind {
    /// Lossy without alpha; the range of the image chunk.
    Photo(ChunkRange),
    Transparent,
    Exact,
    Moving,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChunkRange {
    at: u64,
    length: u64,
}

/// Returns the cost of processing the image, from its headers only.
///
/// # Errors
/// As [`decode`].
pub fn cost(file: DeadlineReader<'_>, budget: DecodeBudget) -> Result<u64, ImageError> {
    let facts = look(file, budget)?;
    let pixels = u64::from(facts.width) * u64::from(facts.height);
    Ok(price::webp(pixels, facts.bytes, matches!(facts.kind, WebpKind::Photo(_)), size_after(facts.width, facts.height)))
}

/// Decodes a file.
///
/// # Errors
/// When it has too many pixels for the budget or is not a readable WebP.
pub fn decode(mut file: DeadlineReader<'_>, budget: DecodeBudget) -> Result<DecodedImage, ImageError> {
    let facts = look(file, budget)?;
    file.rewind()?;
    let mut decoder = WebPDecoder::new(BufReader::new(file)).map_err(|_| ImageError::Damaged)?;
    decoder.set_memory_limit(EXIF_BYTES);
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.and_then(|exif| Orientation::from_exif_chunk(&exif)).unwrap_or(Orientation::NoTransforms);
    decoder.set_memory_limit(usize::try_from(budget.bytes).unwrap_or(usize::MAX));
    let mut shrinker = Downscaler::new(facts.width, facts.height);
    match facts.kind {
        // Small images go through the full decoder, which smooths the chroma; for large ones the downscaling does.
        WebpKind::Photo(piece) if facts.width.max(facts.height) > LONGEST_SIDE => {
            drop(decoder);
            file.seek(SeekFrom::Start(piece.at))?;
            let frame = Vp8Decoder::decode_frame(BufReader::new(file.take(piece.length))).map_err(|_| ImageError::Damaged)?;
            if u32::from(frame.width) != facts.width || u32::from(frame.height) != facts.height {
                return Err(ImageError::Damaged);
            }
            photo(&frame, &mut shrinker);
        }
        _ => {
            let mut pixels = vec![0; decoder.output_buffer_size().ok_or(ImageError::TooManyPixels)?];
            decoder.read_image(&mut pixels).map_err(|_| ImageError::Damaged)?;
            let width = usize::try_from(facts.width).unwrap_or(usize::MAX);
            if decoder.has_alpha() {
                let mut colours = Vec::new();
                for row in pixels.chunks_exact(width.saturating_mul(4)) {
                    recolour(row, &mut colours, over_white);
                    shrinker.add(&colours);
                }
            } else {
                pixels.chunks_exact(width.saturating_mul(3)).for_each(|row| shrinker.add(row));
            }
        }
    }
    Ok(DecodedImage { image: shrinker.finish()?, orientation })
}

/// Feeds the rows of the planes to the downscaler; each chroma sample covers four pixels.
fn photo(frame: &Frame, shrinker: &mut Downscaler) {
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let light_stride = width.next_multiple_of(16);
    let colour_stride = light_stride / 2;
    let mut colours = vec![0; width.saturating_mul(3)];
    let lights = frame.ybuf.chunks_exact(light_stride).take(height);
    for (y, light) in lights.enumerate() {
        let start = (y / 2).saturating_mul(colour_stride);
        let plane = |plane: &[u8]| plane.get(start..start.saturating_add(colour_stride)).map(<[u8]>::to_vec).unwrap_or_default();
        let (blue, red) = (plane(&frame.ubuf), plane(&frame.vbuf));
        let pairs = light.chunks(2).zip(blue.iter().zip(&red));
        for (target, (light, (blue, red))) in colours.chunks_mut(6).zip(pairs) {
            for (pixel, light) in target.as_chunks_mut::<3>().0.iter_mut().zip(light) {
                *pixel = colour_of(*light, *blue, *red);
            }
        }
        shrinker.add(&colours);
    }
}

/// Converts limited-range YUV (BT.601), as used by lossy WebP, to RGB.
fn colour_of(light: u8, blue: u8, red: u8) -> [u8; 3] {
    let (light, blue, red) = (i32::from(light) - 16, i32::from(blue) - 128, i32::from(red) - 128);
    let light = light * 19077;
    let mixed = [light + red * 26149, light - blue * 6419 - red * 13320, light + blue * 33050];
    mixed.map(|colour| u8::try_from((colour >> 14).clamp(0, 255)).unwrap_or(u8::MAX))
}

fn look(mut file: DeadlineReader<'_>, budget: DecodeBudget) -> Result<WebpInfo, ImageError> {
    file.rewind()?;
    let facts = walk(&mut BufReader::new(file))?;
    let pixels = budget.check_unscaled(u64::from(facts.width), u64::from(facts.height))?;
    let bytes = match facts.kind {
        WebpKind::Photo(_) => pixels.saturating_mul(PLANES_QUARTERS) / 4,
        WebpKind::Exact => pixels.saturating_mul(EXACT_BYTES),
        WebpKind::Transparent => pixels.saturating_mul(TRANSPARENT_BYTES),
        WebpKind::Moving => pixels.saturating_mul(MOVING_BYTES),
    };
    // The decoder also holds the compressed bytes of a lossy image in memory.
    budget.check_bytes(bytes.saturating_add(facts.bytes).saturating_add(Downscaler::bytes(facts.width, facts.height)))?;
    Ok(facts)
}

/// Walks over the chunks.
fn walk(reader: &mut (impl Read + Seek)) -> Result<WebpInfo, ImageError> {
    let bytes = reader.seek(SeekFrom::End(0))?;
    reader.rewind()?;
    let riff: [u8; 12] = read(reader)?;
    if !riff.starts_with(b"RIFF") || !riff.ends_with(b"WEBP") {
        return Err(ImageError::Damaged);
    }
    let (mut size, mut picture, mut is_transparent, mut is_moving) = (None, None, false, false);
    for _ in 0..MOST_CHUNKS {
        let at = reader.stream_position()?.saturating_add(8);
        let Ok([k, i, n, d, a, b, c, e]) = read::<8>(reader) else { break };
        let piece = ChunkRange { at, length: u64::from(u32::from_le_bytes([a, b, c, e])) };
        match &[k, i, n, d] {
            b"VP8X" => {
                let [flags, _, _, _, a, b, c, d, e, f] = read(reader)?;
                is_transparent = flags & 0x10 != 0;
                is_moving = flags & 2 != 0;
                let side = |bytes: [u8; 4]| u32::from_le_bytes(bytes) + 1;
                size = Some((side([a, b, c, 0]), side([d, e, f, 0])));
            }
            b"VP8 " if picture.is_none() => {
                let [_, _, _, 0x9d, 1, 0x2a, a, b, c, d] = read(reader)? else { return Err(ImageError::Damaged) };
                let side = |bytes: [u8; 2]| u32::from(u16::from_le_bytes(bytes) & 0x3fff);
                size = size.or(Some((side([a, b]), side([c, d]))));
                picture = Some(WebpKind::Photo(whole(piece, bytes)?));
            }
            b"VP8L" if picture.is_none() => {
                let [0x2f, a, b, c, d] = read(reader)? else { return Err(ImageError::Damaged) };
                let bits = u32::from_le_bytes([a, b, c, d]);
                size = size.or(Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)));
                whole(piece, bytes)?;
                picture = Some(WebpKind::Exact);
            }
            b"ANMF" if picture.is_none() => {
                whole(piece, bytes)?;
                picture = Some(WebpKind::Moving);
            }
            _ => {}
        }
        if picture.is_some() && !is_transparent && !is_moving {
            break;
        }
        // Chunks are padded to an even length.
        reader.seek(SeekFrom::Start(piece.at.saturating_add(piece.length.next_multiple_of(2))))?;
    }
    let ((width, height), picture) = size.zip(picture).ok_or(ImageError::Damaged)?;
    let kind = match picture {
        _ if is_moving => WebpKind::Moving,
        WebpKind::Photo(_) if is_transparent => WebpKind::Transparent,
        other => other,
    };
    Ok(WebpInfo { width, height, kind, bytes })
}

/// Returns the chunk range if it lies within the file.
fn whole(piece: ChunkRange, bytes: u64) -> Result<ChunkRange, ImageError> {
    if piece.at.saturating_add(piece.length) <= bytes { Ok(piece) } else { Err(ImageError::Damaged) }
}

fn read<const BYTES: usize>(reader: &mut impl Read) -> Result<[u8; BYTES], ImageError> {
    let mut bytes = [0; BYTES];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        let mut bytes = [&kind[..], &length, content].concat();
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        bytes
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        chunk(b"RIFF", &[b"WEBP".to_vec(), chunks.concat()].concat())
    }

    const PHOTO: [u8; 12] = [0x10, 0, 0, 0x9d, 1, 0x2a, 0xa0, 0x0f, 0xb8, 0x0b, 7, 7];

    #[test]
    fn the_chunks_tell_the_size_and_how_it_is_coded() {
        let simple = file(&[chunk(b"VP8 ", &PHOTO)]);
        let facts = walk(&mut Cursor::new(&simple)).unwrap();
        assert_eq!((facts.width, facts.height), (4000, 3000));
        assert_eq!(facts.kind, WebpKind::Photo(ChunkRange { at: 20, length: 12 }));
        let cut = &simple[..simple.len() - 1];
        assert_eq!(walk(&mut Cursor::new(cut)), Err(ImageError::Damaged), "less than is promised");
        let extended = |flags: u8| chunk(b"VP8X", &[flags, 0, 0, 0, 0x9f, 0x0f, 0, 0xb7, 0x0b, 0]);
        let transparent = file(&[extended(0x10), chunk(b"ALPH", &[0; 9]), chunk(b"VP8 ", &PHOTO)]);
        assert_eq!(walk(&mut Cursor::new(transparent)).unwrap().kind, WebpKind::Transparent);
        let noted = file(&[extended(8), chunk(b"ICCP", &[0; 3]), chunk(b"VP8 ", &PHOTO), chunk(b"EXIF", &[0; 9])]);
        assert_eq!(walk(&mut Cursor::new(noted)).unwrap().kind, WebpKind::Photo(ChunkRange { at: 20 + 10 + 12 + 8, length: 12 }));
        let moving = file(&[extended(2), chunk(b"ANIM", &[0; 6]), chunk(b"ANMF", &[0; 40])]);
        assert_eq!(walk(&mut Cursor::new(moving)).unwrap().kind, WebpKind::Moving);
        assert_eq!(walk(&mut Cursor::new(file(&[extended(0)]))), Err(ImageError::Damaged));
        assert_eq!(walk(&mut Cursor::new(b"RIFF\x24\0\0\0WEBPVP8 xxxx")), Err(ImageError::Damaged));
    }

    #[test]
    fn the_colours_of_television_are_those_of_a_screen() {
        assert_eq!(colour_of(16, 128, 128), [0; 3]);
        assert_eq!(colour_of(235, 128, 128), [254; 3]);
        let [red, green, blue] = colour_of(81, 90, 240);
        assert!(red > 250 && green < 5 && blue < 5, "red is red: {red} {green} {blue}");
    }
}
