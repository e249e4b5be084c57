//! Time from the start of the process to the first 200 of `/health/ready`, on a database with the demo year.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use std::time::{Duration, Instant};
use support::process::Installation;
use support::report;
use support::wire::Wire;

const STARTS: usize = 20;
const TARGET_MS: f64 = 300.0;

fn main() {
    report::title("start: from the process to ready, on the demo database");
    let folder = support::folder();
    let place = Installation::embedded(folder.path());
    place.serve_with(&["--demo"]).stop();
    let times: Vec<f64> = (0..STARTS).map(|_| start(&place).as_secs_f64() * 1000.0).collect();
    let slowest = times.iter().copied().fold(0.0, f64::max);
    println!("slowest of {STARTS}: {slowest:.1} ms");
    report::at_most("median", report::median(times), TARGET_MS, "ms");
    report::machine();
}

fn start(place: &Installation) -> Duration {
    let begun = Instant::now();
    let server = place.serve();
    let mut wire = Wire::connect(server.address).expect("connect");
    wire.get("/health/ready", &[]).expect("an answer").expect(200);
    let taken = begun.elapsed();
    server.stop();
    taken
}
