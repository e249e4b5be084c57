//! `POST /attachments`: what is taken, what is refused and why, and that nothing of a refused file stays.

use super::{send, send_as, sent, stored_files};
use crate::app::TestApp;
use crate::media::{self, infected_pdf, jpeg, mp4, multipart, multipart_type, part, pdf, png, png_that_claims, with_metadata};
use data_encoding::HEXLOWER;
use futures_util::future::join_all;
use reqwest::Method;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

#[tokio::test]
async fn a_photo_is_received_by_its_bytes() {
    let app = TestApp::start().await;
    let photo = with_metadata(&jpeg(640, 480), 1);
    let receipt = send(&app, &photo).await.expect(201).body;
    assert_eq!(receipt["media_type"], "image/jpeg");
    assert_eq!(receipt["size"], photo.len());
    assert_eq!(receipt["sha256"], HEXLOWER.encode(&Sha256::digest(&photo)));
    assert_eq!(receipt["state"], "ready");
    assert_eq!(receipt["id"].as_str().unwrap().len(), 32);
    assert_eq!(stored_files(&app), 3, "the original, what is shown, a thumbnail; no spool");
}

#[tokio::test]
async fn neither_name_nor_type_of_the_client_counts() {
    let app = TestApp::start().await;
    for (name, media_type, content, recognised) in [
        ("../../../etc/passwd", "text/html", jpeg(20, 20), "image/jpeg"),
        ("..\\..\\a.exe", "application/x-msdownload", png(20, 20), "image/png"),
        ("", "image/png", pdf("giấy tờ"), "application/pdf"),
        ("phim.jpg", "image/jpeg", mp4(5000), "video/mp4"),
    ] {
        let body = multipart("file", name, media_type, &content);
        let answer = app.request(Method::POST, "/attachments").body(&multipart_type(), body).send().await.expect(201);
        assert_eq!(answer.body["media_type"], recognised, "{name}");
    }
    let folder = app.app.config.data_dir.join("files/attachments");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 4, "each lies in a folder named by its id");
}

#[tokio::test]
async fn what_is_no_photo_video_document_or_recording_is_refused() {
    let app = TestApp::start().await;
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let drawing = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    for content in [page, drawing, b"PK\x03\x04zip".to_vec(), b"MZ\x90\0".to_vec(), b"GIF89a\x01\0\x01\0".to_vec(), vec![0; 9000]]
    {
        let answer = send(&app, &content).await.expect_problem(415, "file_type_unknown");
        assert_eq!(answer.errors(), ["file=unknown_file_type"]);
    }
    assert_eq!(send(&app, b"%PDF-1.7").await.expect_problem(422, "invalid_values").errors(), ["file=damaged_file"]);
    assert_eq!(send(&app, b"").await.expect_problem(422, "invalid_values").errors(), ["file=required"]);
    assert_eq!(stored_files(&app), 0);
}

#[tokio::test]
async fn images_that_are_none_or_too_large_are_refused() {
    let app = TestApp::start_with(|config| config.image_memory_bytes = 4 * 1024 * 1024).await;
    let cut = jpeg(400, 300);
    let mut polyglot = jpeg(40, 40);
    polyglot.extend(b"PK\x03\x04<script>alert(1)</script>");
    assert_eq!(send(&app, &polyglot).await.expect(201).body["media_type"], "image/jpeg");
    for (content, why) in [
        (png_that_claims(50_000, 50_000), "too_many_pixels"),
        (png_that_claims(0x7fff_ffff, 0x7fff_ffff), "too_many_pixels"),
        (png_that_claims(100, 100), "damaged_file"),
        (b"\xff\xd8\xff\xe0 no jpeg at all".to_vec(), "damaged_file"),
        (cut[..200].to_vec(), "damaged_file"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "damaged_file"),
        (b"RIFF\x24\0\0\0WEBPVP8 xxxx".to_vec(), "damaged_file"),
        (progressive_header(8000, 6000, 3), "too_many_pixels"),
        (progressive_header(100, 100, 500), "too_many_pixels"),
        // 4,000 times larger than the file; within the pixels, but not within the memory.
        (interlaced_header(9000, 9000), "too_many_pixels"),
    ] {
        let answer = send(&app, &content).await.expect_problem(422, "invalid_values");
        assert_eq!(answer.errors(), [format!("file={why}")]);
    }
    assert_eq!(stored_files(&app), 3, "only the one that could be read");
}

/// A progressive JPEG that promises pixels and scans.
fn progressive_header(width: u16, height: u16, scans: usize) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xc2, 0, 17, 8];
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
    bytes.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 1].repeat(scans));
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// A PNG whose rows do not come in their order.
fn interlaced_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(64, 64);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes[28] = 1;
    let checksum = crc(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

/// The checksum of a piece of a PNG.
pub fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[tokio::test]
async fn a_large_png_of_one_colour_is_read_in_little_memory() {
    let app = TestApp::start_with(|config| config.image_memory_bytes = 48 * 1024 * 1024).await;
    let bomb = png(6000, 6000);
    assert!(bomb.len() < 2 * 1024 * 1024, "144 MB of pixels");
    send(&app, &bomb).await.expect(201);
}

#[tokio::test]
async fn each_kind_has_its_largest_file() {
    let app = TestApp::start_with(|config| {
        config.attachment_image_max_bytes = 10_000;
        config.attachment_video_max_bytes = 300_000;
        config.attachment_pdf_max_bytes = 100;
        config.attachment_audio_max_bytes = 100;
    })
    .await;
    send(&app, &mp4(300_000)).await.expect(201);
    for content in [mp4(300_001), pdf(&"x".repeat(100)), with_metadata(&jpeg(600, 600), 1), mp4(2_000_000)] {
        let answer = send(&app, &content).await.expect_problem(413, "file_too_large");
        assert_eq!(answer.errors(), ["file=too_large"]);
    }
    assert_eq!(stored_files(&app), 1);
}

#[tokio::test]
async fn a_body_holds_one_file_and_nothing_else() {
    let app = TestApp::start().await;
    let post =
        async |media_type: &str, body: Vec<u8>| app.request(Method::POST, "/attachments").body(media_type, body).send().await;
    let mut two = part("file", "a.jpg", "image/jpeg", &jpeg(20, 20));
    two.extend(multipart("file", "b.jpg", "image/jpeg", &jpeg(20, 20)));
    assert_eq!(post(&multipart_type(), two).await.wrong_fields(), ["file=duplicate"]);
    let other = multipart("tệp", "a.jpg", "image/jpeg", &jpeg(20, 20));
    assert_eq!(post(&multipart_type(), other).await.wrong_fields(), ["tệp=unknown_field"]);
    let nothing = format!("--{}--\r\n", media::BOUNDARY).into_bytes();
    assert_eq!(post(&multipart_type(), nothing).await.wrong_fields(), ["file=required"]);
    post("application/json", b"{}".to_vec()).await.expect_problem(415, "unsupported_media_type");
    post("multipart/form-data", b"x".to_vec()).await.expect_problem(415, "unsupported_media_type");
    post(&multipart_type(), b"no parts".to_vec()).await.expect_problem(400, "malformed_request");
    let cut = multipart("file", "a.jpg", "image/jpeg", &jpeg(20, 20));
    post(&multipart_type(), cut[..cut.len() - 40].to_vec()).await.expect_problem(400, "malformed_request");
    app.request(Method::POST, "/attachments")
        .token("x")
        .body(&multipart_type(), Vec::new())
        .send()
        .await
        .expect_problem(401, "token_invalid");
    assert_eq!(stored_files(&app), 0);
}

#[tokio::test]
async fn an_upload_that_is_cut_leaves_nothing() {
    let app = TestApp::start().await;
    let body = multipart("file", "a.mp4", "video/mp4", &mp4(1_000_000));
    let head = format!(
        "POST /api/v1/attachments HTTP/1.1\r\nHost: pakn\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        multipart_type(),
        body.len()
    );
    let mut connection = std::net::TcpStream::connect(app.address()).unwrap();
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(&body[..500_000]).unwrap();
    connection.shutdown(std::net::Shutdown::Write).unwrap();
    // The server closes once it has noticed, whether it answers or not.
    let waited = tokio::task::spawn_blocking(move || connection.read_to_end(&mut Vec::new())).await.unwrap();
    drop(waited);
    sent(&app, &jpeg(20, 20)).await;
    assert_eq!(stored_files(&app), 3);
}

#[tokio::test]
async fn a_hundred_uploads_at_once_are_all_received() {
    let app = TestApp::start().await;
    let photo = jpeg(800, 600);
    let answers = join_all((0..100).map(|_| send(&app, &photo))).await;
    let mut ids: Vec<String> = answers.into_iter().map(|answer| answer.expect(201).text_of("/id")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100);
    // On a busy machine some had to wait too long for their pictures; the worker makes them.
    pakn::ops::jobs::run_maintenance(&app.app).await.unwrap();
    assert_eq!(stored_files(&app), 300);
}

#[tokio::test]
async fn the_same_key_and_file_give_the_first_answer_again() {
    let app = TestApp::start().await;
    let upload = async |content: &[u8]| {
        let body = multipart("file", "a.jpg", "image/jpeg", content);
        let request = app.request(Method::POST, "/attachments").body(&multipart_type(), body);
        request.header("Idempotency-Key", "7e1f0c3b-52d8-4a96-8b0e-d1c4f7a9263e").send().await
    };
    let first = upload(&jpeg(20, 20)).await.expect(201);
    let again = upload(&jpeg(20, 20)).await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(stored_files(&app), 3);
    upload(&jpeg(30, 30)).await.expect_problem(422, "idempotency_key_reused");
    assert_eq!(stored_files(&app), 3);
}

#[tokio::test]
async fn without_a_scanner_nothing_is_taken_for_infected() {
    let app = TestApp::start().await;
    assert_eq!(send_as(&app, "", &infected_pdf()).await.expect(201).body["state"], "ready");
}

#[tokio::test]
async fn what_cannot_be_made_smaller_while_it_is_decoded_may_have_fewer_pixels() {
    let app = TestApp::start_with(|config| config.image_max_pixels_unscaled = 1_000_000).await;
    for large in [png(1001, 1000), png_that_claims(1000, 1001), webp(1000, 1001, 0), interlaced_header(1001, 1000)] {
        assert_eq!(send(&app, &large).await.expect_problem(422, "invalid_values").errors(), ["file=too_many_pixels"]);
    }
    for fitting in [jpeg(1400, 1000), png(1000, 1000), webp(900, 900, 0)] {
        assert_eq!(send(&app, &fitting).await.expect(201).body["state"], "ready");
    }
}

#[tokio::test]
async fn of_what_moves_or_is_packed_beside_the_pixels_nothing_is_unpacked() {
    let app = TestApp::start_with(|config| config.image_memory_bytes = 4 * 1024 * 1024).await;
    let mut packed = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut packed, 30, 30);
    encoder.add_ztxt_chunk("Comment".to_owned(), "a".repeat(40_000_000)).unwrap();
    encoder.write_header().unwrap().write_image_data(&[7; 900]).unwrap();
    let mut moving = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut moving, 30, 30);
    encoder.set_animated(300, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for _ in 0..300 {
        writer.write_image_data(&[7; 900]).unwrap();
    }
    writer.finish().unwrap();
    assert!(packed.len() < 1_000_000);
    for content in [packed, moving, webp(200, 200, 500)] {
        assert_eq!(send(&app, &content).await.expect(201).body["state"], "ready");
    }
}

/// A WebP of one colour, with so many pictures after one another.
fn webp(width: u32, height: u32, moving: usize) -> Vec<u8> {
    let mut still = Vec::new();
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([9, 90, 190]));
    let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut still);
    encoder.encode(&picture, width, height, image::ExtendedColorType::Rgb8).unwrap();
    if moving == 0 {
        return still;
    }
    let chunk = |kind: &[u8; 4], content: &[u8]| {
        let mut bytes = kind.to_vec();
        bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        bytes.extend(content);
        bytes.resize(bytes.len() + content.len() % 2, 0);
        bytes
    };
    let short = |number: u32| number.to_le_bytes()[..3].to_vec();
    let size = [short(width - 1), short(height - 1)].concat();
    let frame = [vec![0; 6], size.clone(), short(40), vec![0], still[12..].to_vec()].concat();
    let mut body = [b"WEBP".to_vec(), chunk(b"VP8X", &[vec![2, 0, 0, 0], size].concat()), chunk(b"ANIM", &[0; 6])].concat();
    for _ in 0..moving {
        body.extend(chunk(b"ANMF", &frame));
    }
    chunk(b"RIFF", &body)
}
