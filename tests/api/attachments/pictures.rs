//! Which pictures are taken: those that telephones and messengers make, whatever their coding; and which are not, because they promise more
//! than lies in the file.

use super::{send, stored_files};
use crate::app::TestApp;
use crate::media::{self, jpeg, png};

/// A JPEG of one colour as small as it can be, with a share of its data: blocks of one or two bits.
fn smallest_jpeg(marker: u8, width: u16, height: u16, (part, of): (usize, usize)) -> Vec<u8> {
    let is_progressive = marker == 0xc2;
    let mut bytes = [&[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0][..], &[1; 64], &[0xff, marker, 0, 17, 8]].concat();
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code for the first coefficient, one for the others: there is none.
    for table in [0, 0x10] {
        bytes.extend([&[0xff, 0xc4, 0, 20, table, 1][..], &[0; 16]].concat());
    }
    let last = if is_progressive { 0 } else { 63 };
    bytes.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, last, 0]);
    let blocks = usize::from(width.div_ceil(16)) * usize::from(height.div_ceil(16)) * 6;
    let data = (blocks * if is_progressive { 1 } else { 2 }).div_ceil(8);
    bytes.resize(bytes.len() + data * part / of, 0);
    bytes.extend([0xff, 0xd9]);
    bytes
}

fn exact_webp(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([9, 90, 190]));
    let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
    encoder.encode(&picture, width, height, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// A PNG that claims another size than that of its pixels.
fn stretched_png(width: u32, height: u32) -> Vec<u8> {
    let head = media::png_that_claims(width, height);
    let whole = png(64, 64);
    // The signature and the header, of which the first has no pixels behind it.
    let mut bytes = [&head[..33], &whole[33..]].concat();
    bytes[24..26].copy_from_slice(&[8, 6]);
    let checksum = super::uploading::crc(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

#[tokio::test]
async fn pictures_of_telephones_and_messengers_are_taken_whatever_their_coding() {
    let app = TestApp::start().await;
    // Larger ones take the same way; that they fit the usual budget is said beside the decoder.
    for (picture, media_type) in [
        (smallest_jpeg(0xc2, 4000, 3000, (1, 1)), "image/jpeg"),
        (smallest_jpeg(0xc0, 4000, 3000, (1, 1)), "image/jpeg"),
        (exact_webp(4000, 3000), "image/webp"),
    ] {
        let receipt = send(&app, &picture).await.expect(201).body;
        assert_eq!((receipt["media_type"].as_str(), receipt["state"].as_str()), (Some(media_type), Some("ready")));
    }
}

#[tokio::test]
async fn a_picture_that_lacks_what_its_header_promises_is_damaged() {
    let app = TestApp::start().await;
    let whole = jpeg(640, 480);
    let mut ended = whole[..whole.len() * 9 / 10].to_vec();
    ended.extend([0xff, 0xd9]);
    let mut stretched = jpeg(64, 64);
    let frame = stretched.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    stretched[frame + 5..frame + 9].copy_from_slice(&[0x26, 0xac, 0x26, 0xac]);
    let webp = exact_webp(300, 200);
    let pixels = png(640, 480);
    for (place, content) in [
        whole[..whole.len() * 9 / 10].to_vec(),
        ended,
        stretched,
        smallest_jpeg(0xc0, 9900, 9900, (1, 100)),
        smallest_jpeg(0xc0, 4000, 3000, (99, 100)),
        smallest_jpeg(0xc2, 4000, 3000, (99, 100)),
        stretched_png(6000, 6000),
        pixels[..pixels.len() - 40].to_vec(),
        webp[..webp.len() - 2].to_vec(),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = send(&app, &content).await.expect_problem(422, "invalid_values");
        assert_eq!(answer.errors(), ["file=damaged_file"], "the one at {place}");
    }
    assert_eq!(stored_files(&app), 0);
}

#[tokio::test]
async fn a_jpeg_of_thousands_of_segments_is_damaged() {
    let app = TestApp::start().await;
    let whole = jpeg(64, 64);
    let with = |segment: &[u8], count: usize| [&whole[..2], &segment.repeat(count), &whole[2..]].concat();
    for segment in [&[0xff, 0xfe, 0, 2][..], &[0xff, 0xdd, 0, 4, 0, 0], &[0xff, 0xe9, 0, 3, 7]] {
        send(&app, &with(segment, 2000)).await.expect(201);
        let answer = send(&app, &with(segment, 20_000)).await.expect_problem(422, "invalid_values");
        assert_eq!(answer.errors(), ["file=damaged_file"]);
    }
}

#[tokio::test]
async fn recordings_of_messengers_are_taken() {
    let app = TestApp::start().await;
    for first in [&b"\x13OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0"[..], b"\x1e\x01vorbis\0\0\0\0\x01\x80\xbb\0\0"] {
        let page = [&b"OggS\0\x02"[..], &[0; 20], &[1], first, &[0; 40]].concat();
        assert_eq!(send(&app, &page).await.expect(201).body["media_type"], "audio/ogg");
    }
}
