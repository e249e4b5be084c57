//! Files as phones send them: photos with all that a camera writes into them, and the bodies in which they come.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

/// The start of EICAR, the file that every scanner takes for malware, in two parts: so that no scanner takes this source for it.
const EICAR: (&str, &str) = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*");

/// What a camera writes, and nothing that is shown may contain.
pub const CAMERA: &str = "NhanDangMayAnh";

/// A JPEG: dark on the left, bright on the right, red below.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let light = u8::try_from(x * 255 / width).expect("a byte");
        let red = if y > height / 2 { 255 } else { light };
        Rgb([red, light, light])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&picture).expect("a JPEG");
    bytes
}

/// A JPEG of a quality, with as much detail as leaves on a tree have.
pub fn noisy_jpeg(width: u32, height: u32, quality: u8) -> Vec<u8> {
    let grain = |x: u32, y: u32| {
        (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).wrapping_mul(3_266_489_917).to_be_bytes()
    };
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let [red, green, blue, _] = grain(x, y);
        Rgb([red / 2, green, blue / 2])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&picture).expect("a JPEG");
    bytes
}

/// The JPEG with the camera's data: where it was taken, with what, how it was held, a comment and XMP.
pub fn with_metadata(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend(segment(0xe1, &exif(orientation)));
    bytes.extend(segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{CAMERA}</x:xmpmeta>").as_bytes()));
    bytes.extend(segment(0xed, format!("Photoshop 3.0\0{CAMERA}").as_bytes()));
    bytes.extend(segment(0xfe, format!("<script>alert('{CAMERA}')</script>").as_bytes()));
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("a short segment");
    let mut bytes = vec![0xff, marker];
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// Maker, orientation and the place 21° 11' N 106° 4' E.
fn exif(orientation: u16) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let mut bytes = Vec::new();
        bytes.extend(tag.to_be_bytes());
        bytes.extend(kind.to_be_bytes());
        bytes.extend(count.to_be_bytes());
        bytes.extend(value);
        bytes
    };
    let short = |value: u16| [value.to_be_bytes()[0], value.to_be_bytes()[1], 0, 0];
    let degrees = |degrees: u32, minutes: u32| [degrees, 1, minutes, 1, 0, 1].into_iter().flat_map(u32::to_be_bytes);
    // Header 8, first directory 2 + 3 × 12 + 4, the maker's name, then the directory of the place 2 + 4 × 12 + 4.
    let name_at = 8 + 42;
    let place_at = u32::try_from(name_at + CAMERA.len()).expect("an offset");
    let numbers_at = place_at + 54;
    let mut bytes = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    bytes.extend(entry(0x010f, 2, u32::try_from(CAMERA.len()).expect("a length"), 50_u32.to_be_bytes()));
    bytes.extend(entry(0x0112, 3, 1, short(orientation)));
    bytes.extend(entry(0x8825, 4, 1, place_at.to_be_bytes()));
    bytes.extend([0; 4]);
    bytes.extend(CAMERA.as_bytes());
    bytes.extend([0, 4]);
    bytes.extend(entry(1, 2, 2, *b"N\0\0\0"));
    bytes.extend(entry(2, 5, 3, numbers_at.to_be_bytes()));
    bytes.extend(entry(3, 2, 2, *b"E\0\0\0"));
    bytes.extend(entry(4, 5, 3, (numbers_at + 24).to_be_bytes()));
    bytes.extend([0; 4]);
    bytes.extend(degrees(21, 11));
    bytes.extend(degrees(106, 4));
    bytes
}

/// The markers of a JPEG up to its pixels.
pub fn markers(jpeg: &[u8]) -> Vec<u8> {
    let mut markers = Vec::new();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        markers.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    markers
}

/// A PNG without pixels that claims a size.
pub fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    drop(encoder.write_header().expect("a header"));
    bytes
}

/// A PNG of one colour, which a few kilobytes can hold at any size.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.add_text_chunk("Comment".to_owned(), CAMERA.to_owned()).expect("a comment");
    let mut writer = encoder.write_header().expect("a header");
    let mut stream = writer.stream_writer().expect("a stream");
    let row = [200, 30, 30, 255].repeat(usize::try_from(width).expect("a width"));
    for _ in 0..height {
        std::io::Write::write_all(&mut stream, &row).expect("a row");
    }
    stream.finish().expect("the end");
    writer.finish().expect("the end");
    bytes
}

/// The smallest text that begins like a PDF, with some words in it.
pub fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n% {words}\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n").into_bytes()
}

/// A PDF with malware in it.
pub fn infected_pdf() -> Vec<u8> {
    pdf(&format!("{}{}", EICAR.0, EICAR.1))
}

/// A video of so many bytes, as far as its first bytes tell.
pub fn mp4(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    bytes.resize(size, 7);
    bytes
}

/// Before every part of a body.
pub const BOUNDARY: &str = "ranh-gioi-7f3a";

/// The type of a body.
pub fn multipart_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A body with one part.
pub fn multipart(field: &str, name: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let mut body = part(field, name, media_type, content);
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// One part of a body.
pub fn part(field: &str, name: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n").into_bytes();
    body.extend(format!("Content-Type: {media_type}\r\n\r\n").into_bytes());
    body.extend_from_slice(content);
    body.extend(b"\r\n");
    body
}
