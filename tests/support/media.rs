//! Generates files as phones send them: photos with all camera metadata, videos, audio, PDFs, and multipart bodies.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

/// The start of EICAR, the test file that every scanner detects as malware, split so that no scanner detects this
/// source file.
const EICAR: (&str, &str) = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*");

/// Camera metadata that no published file may contain.
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

/// A JPEG of a given quality with much detail, like leaves on a tree.
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

/// Adds camera metadata to a JPEG: location, maker, orientation, a comment and XMP.
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

/// Maker, orientation and the location 21° 11' N 106° 4' E.
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
    // Header 8, first directory 2 + 3 × 12 + 4, the maker's name, then the GPS directory 2 + 4 × 12 + 4.
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

/// The markers of a JPEG before its pixel data.
pub fn markers(jpeg: &[u8]) -> Vec<u8> {
    let mut markers = Vec::new();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        markers.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    markers
}

/// A PNG without pixels that declares a size.
pub fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    drop(encoder.write_header().expect("a header"));
    bytes
}

/// A PNG of one colour; a few kilobytes at any size.
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

/// A minimal text that begins like a PDF, with some words in it.
pub fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n% {words}\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n").into_bytes()
}

/// A PDF that contains malware.
pub fn infected_pdf() -> Vec<u8> {
    pdf(&format!("{}{}", EICAR.0, EICAR.1))
}

/// A video of this many bytes, valid in its first bytes only.
pub fn mp4(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    bytes.resize(size, 7);
    bytes
}

/// An MP4 box.
pub fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(content.len() + 8).expect("a length").to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(content);
    bytes
}

fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The content of a video frame.
pub const PICTURE: &[u8] = b"anh-phim-anh-phim-anh-phim";
/// The location, as phones write it.
pub const PIN: &str = "+21.1861+106.0765/";

/// A track with this handler and coding, and two samples in one chunk at `place`.
fn track(handler: &[u8; 4], coding: &[u8; 4], entry: &[u8], place: u32, size: usize) -> Vec<u8> {
    let size = u32::try_from(size).expect("a size");
    let described = joined(&[words(&[0, 1]), boxed(coding, entry)]);
    let tables = joined(&[
        boxed(b"stsd", &described),
        boxed(b"stts", &words(&[0, 1, 2, 1000])),
        boxed(b"stsc", &words(&[0, 1, 1, 2, 1])),
        boxed(b"stsz", &words(&[0, 0, 2, size, size])),
        boxed(b"stco", &words(&[0, 1, place])),
        boxed(b"uuid", CAMERA.as_bytes()),
    ]);
    let reference =
        boxed(b"dref", &joined(&[words(&[0, 1]), boxed(b"alis", &joined(&[words(&[1]), CAMERA.as_bytes().to_vec()]))]));
    let info = joined(&[boxed(b"vmhd", &[0; 12]), boxed(b"dinf", &reference), boxed(b"stbl", &tables)]);
    let handled = joined(&[words(&[0, 0]), handler.to_vec(), words(&[0, 0, 0]), CAMERA.as_bytes().to_vec(), vec![0]]);
    let media = joined(&[
        boxed(b"mdhd", &words(&[0, 3_800_000_000, 3_800_000_000, 1000, 2000, 0])),
        boxed(b"hdlr", &handled),
        boxed(b"minf", &info),
    ]);
    let head = joined(&[words(&[0, 3_800_000_000, 3_800_000_000]), vec![0; 68]]);
    boxed(b"trak", &joined(&[boxed(b"tkhd", &head), boxed(b"mdia", &media), boxed(b"udta", &boxed(b"loci", PIN.as_bytes()))]))
}

/// A video with all kinds of metadata that cameras, phones and programs write, its tables before or after its data.
pub fn film_with_metadata(brand: &[u8; 4], tables_first: bool) -> Vec<u8> {
    let xmp = |kind: &[u8; 4]| boxed(kind, format!("<x:xmpmeta>{CAMERA} {PIN}</x:xmpmeta>").as_bytes());
    let mut coder = vec![0; 78];
    coder[42..42 + CAMERA.len()].copy_from_slice(CAMERA.as_bytes());
    coder.extend(boxed(b"avcC", b"\x01\x42\x00\x1e"));
    coder.extend(xmp(b"uuid"));
    let data = joined(&[
        PICTURE.to_vec(),
        PICTURE.to_vec(),
        PIN.as_bytes().to_vec(),
        PIN.as_bytes().to_vec(),
        CAMERA.as_bytes().to_vec(),
    ]);
    let contents = |place: u32| {
        let places = place + u32::try_from(2 * PICTURE.len()).expect("a place");
        boxed(
            b"moov",
            &joined(&[
                boxed(b"mvhd", &joined(&[words(&[0, 3_800_000_000, 3_800_000_000, 1000, 2000]), vec![0; 80]])),
                track(b"vide", b"avc1", &coder, place, PICTURE.len()),
                track(b"meta", b"mebx", &[0; 8], places, PIN.len()),
                boxed(
                    b"udta",
                    &joined(&[
                        boxed(b"\xa9xyz", PIN.as_bytes()),
                        boxed(b"\xa9mak", CAMERA.as_bytes()),
                        boxed(b"meta", CAMERA.as_bytes()),
                    ]),
                ),
                boxed(
                    b"meta",
                    &joined(&[boxed(b"keys", b"com.apple.quicktime.location.ISO6709"), boxed(b"ilst", PIN.as_bytes())]),
                ),
                xmp(b"XMP_"),
            ]),
        )
    };
    let begin = joined(&[boxed(b"ftyp", &joined(&[brand.to_vec(), words(&[0]), b"isom".to_vec()])), xmp(b"free"), xmp(b"uuid")]);
    let place = |before: usize| u32::try_from(before + 8).expect("a place");
    if tables_first {
        let length = contents(0).len();
        joined(&[begin.clone(), contents(place(begin.len() + length)), boxed(b"mdat", &data), xmp(b"skip")])
    } else {
        joined(&[begin.clone(), boxed(b"mdat", &data), contents(place(begin.len())), xmp(b"uuid")])
    }
}

/// A WAV with lists, a broadcast chunk and trailing text.
pub fn wav_with_metadata() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], content: &[u8]| {
        let mut bytes = kind.to_vec();
        bytes.extend(u32::try_from(content.len()).expect("a length").to_le_bytes());
        bytes.extend(content);
        bytes.resize(bytes.len() + content.len() % 2, 0);
        bytes
    };
    let list = chunk(b"LIST", format!("INFOIART{CAMERA}").as_bytes());
    let body = joined(&[
        b"WAVE".to_vec(),
        list.clone(),
        chunk(b"fmt ", &[1; 16]),
        chunk(b"bext", CAMERA.as_bytes()),
        chunk(b"data", PICTURE),
        chunk(b"id3 ", PIN.as_bytes()),
        list,
    ]);
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(u32::try_from(body.len()).expect("a length").to_le_bytes());
    bytes.extend(body);
    bytes.extend(b"xyz");
    bytes
}

/// An MP3 with tags before, between and after its frames.
pub fn mp3_with_metadata() -> Vec<u8> {
    let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
    frame.extend(PICTURE);
    frame.resize(417, 1);
    let mut tag = b"ID3\x04\0\0\0\0\0".to_vec();
    let words = format!("TPE1{CAMERA}{PIN}");
    tag.push(u8::try_from(words.len()).expect("a short tag"));
    tag.extend(words.as_bytes());
    let mut last = b"TAG".to_vec();
    last.extend(CAMERA.as_bytes());
    last.resize(128, 0);
    joined(&[
        tag.clone(),
        frame.clone(),
        frame.clone(),
        format!("APETAGEX{CAMERA}").into_bytes(),
        frame.clone(),
        frame,
        tag,
        last,
    ])
}

/// AAC frames after an ID3 tag.
pub fn aac_with_metadata() -> Vec<u8> {
    let length = 7 + PICTURE.len();
    let high = u8::try_from(length >> 3).expect("short");
    let mut frame = vec![0xff, 0xf1, 0x50, 0x80, high, u8::try_from((length & 7) << 5).expect("a byte") | 0x1f, 0xfc];
    frame.extend(PICTURE);
    joined(&[frame.clone(), frame, format!("APETAGEX{CAMERA}{PIN}").into_bytes()])
}

/// An AMR recording of an old phone, with trailing bytes.
pub fn amr_with_metadata() -> Vec<u8> {
    let mut frame = vec![0x3c];
    frame.extend(&PICTURE[..20]);
    frame.resize(32, 9);
    joined(&[b"#!AMR\n".to_vec(), frame.clone(), frame, format!("~~{CAMERA}{PIN}").into_bytes()])
}

/// The boundary of multipart bodies.
pub const BOUNDARY: &str = "ranh-gioi-7f3a";

/// The content type of a multipart body.
pub fn multipart_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A multipart body with one part.
pub fn multipart(field: &str, name: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let mut body = part(field, name, media_type, content);
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// One part of a multipart body.
pub fn part(field: &str, name: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n").into_bytes();
    body.extend(format!("Content-Type: {media_type}\r\n\r\n").into_bytes());
    body.extend_from_slice(content);
    body.extend(b"\r\n");
    body
}
