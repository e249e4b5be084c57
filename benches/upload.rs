//! Resident memory of the server while 50 clients upload 20 MB each at the same time: photos and videos.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

#[path = "../tests/support/media.rs"]
mod media;
mod support;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use std::sync::Barrier;
use support::postgres::Postgres;
use support::process::{Installation, Server};
use support::report;
use support::wire::Wire;

const CLIENTS: usize = 50;
const BYTES: usize = 20 * 1024 * 1024 - 1024;
const TARGET_MIB: f64 = 96.0;

fn main() {
    report::title("upload: 50 clients upload 20 MB each");
    let postgres = Postgres::start();
    for (name, content) in [("videos", media::mp4(BYTES)), ("photos of 12 megapixels", photo())] {
        let (folder, other) = (support::folder(), support::folder());
        measure(&format!("SQLite, {name}"), &Installation::embedded(folder.path()), &content);
        let url = postgres.database(&name.replace(' ', "_"), None);
        measure(&format!("PostgreSQL, {name}"), &Installation::new(other.path(), &url), &content);
    }
    report::machine();
}

/// A noisy photo, padded behind its end, where cameras append videos.
fn photo() -> Vec<u8> {
    let noise = |x: u32, y: u32| x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b) ^ (x * y).wrapping_mul(0xc2b2_ae35);
    let picture = RgbImage::from_fn(4000, 3000, |x, y| {
        let [red, green, blue, _] = noise(x, y).to_be_bytes();
        Rgb([red / 4 + 90, green / 4 + 60, blue / 4 + 30])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&picture).expect("a JPEG");
    bytes.resize(BYTES, 0);
    bytes
}

fn measure(name: &str, place: &Installation, content: &[u8]) {
    let server = place.serve();
    println!("{name}, before the load: {:.1} MiB", mebibytes(&server, "VmRSS"));
    let body = media::multipart("file", "tep", "application/octet-stream", content);
    let together = Barrier::new(CLIENTS);
    let begun = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut wire = Wire::connect(server.address).expect("connect");
                together.wait();
                wire.send("/api/v1/attachments", &media::multipart_type(), &body).expect("an answer").expect(201);
            });
        }
    });
    println!("{name}, after the load: {:.1} MiB, {:.1} s", mebibytes(&server, "VmRSS"), begun.elapsed().as_secs_f64());
    report::at_most(&format!("{name}, highest"), mebibytes(&server, "VmHWM"), TARGET_MIB, "MiB");
    server.stop();
}

/// A memory value from `/proc` of a process, in MiB.
fn mebibytes(server: &Server, figure: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("/proc: this benchmark needs Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':')).expect("the figure");
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes / 1024.0
}
