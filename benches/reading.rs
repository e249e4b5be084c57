//! The first page of an inbox and of the public petitions, compared with `/health/live`, which does no work.
//!
//! On SQLite with the demo year and more petitions up to 20,000. One client for the latency, then 32 concurrent
//! clients for the throughput; all paths alternately, for several rounds.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use pakn::kernel::account::Role;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Instant;
use support::library::{Library, PASSWORD};
use support::process::Installation;
use support::report::{self, median};
use support::wire::Wire;

/// Petitions to add to the demo year to reach 20,000.
const FURTHER: u64 = 16_566;
/// An agency that receives many of them.
const AGENCY: &str = "27-256-QLDT";
const ROUNDS: usize = 5;
/// Requests per round: by the single client, and by each concurrent client.
const ALONE: u32 = 400;
const EACH: u32 = 100;
const CLIENTS: u32 = 32;

/// A path with the latencies and rates of the rounds.
struct Page {
    path: &'static str,
    milliseconds: Vec<f64>,
    rates: Vec<f64>,
}

fn main() {
    report::title("reading: first pages against /health/live, 20,000 petitions on SQLite");
    let folder = support::folder();
    let place = Installation::embedded(folder.path());
    place.serve_with(&["--demo"]).stop();
    let library = Library::open_relaxed(&place);
    library.file_many(0..FURTHER);
    library.officer("reader", AGENCY, Role::Clerk);
    library.close();

    let server = place.serve();
    let token = sign_in(server.address);
    let paths = ["/health/live", "/api/v1/documents", "/api/v1/public/petitions"];
    let mut pages = paths.map(|path| Page { path, milliseconds: Vec::new(), rates: Vec::new() });
    for _ in 0..ROUNDS {
        for page in &mut pages {
            read(server.address, page.path, &token, ALONE, &mut page.milliseconds);
            page.rates.push(rate(server.address, page.path, &token));
        }
    }
    server.stop();

    println!("{:26} {:>10} {:>8} {:>16} {:>8}", "", "median ms", "ratio", "32 clients: /s", "ratio");
    let [live, ..] = &pages;
    let (fastest, most) = (median(live.milliseconds.clone()), median(live.rates.clone()));
    for page in &pages {
        let (time, rate) = (median(page.milliseconds.clone()), median(page.rates.clone()));
        println!("{:26} {time:10.3} {:8.2} {rate:16.0} {:8.2}", page.path, time / fastest, rate / most);
    }
    report::machine();
}

fn sign_in(address: SocketAddr) -> String {
    let login = json!({"login": "reader", "password": PASSWORD}).to_string();
    let reply = Wire::connect(address).and_then(|mut wire| wire.post("/api/v1/auth/login", &[], &login));
    let answer: Value = serde_json::from_str(&reply.expect("an answer").expect(200)).expect("JSON");
    format!("Bearer {}", answer["access_token"].as_str().expect("a token"))
}

/// Reads a page repeatedly and records each latency, in milliseconds.
fn read(address: SocketAddr, path: &str, token: &str, times: u32, taken: &mut Vec<f64>) {
    let mut wire = Wire::connect(address).expect("connect");
    for _ in 0..times {
        let begun = Instant::now();
        let page = wire.get(path, &[("Authorization", token)]).expect("an answer").expect(200);
        taken.push(begun.elapsed().as_secs_f64() * 1000.0);
        let items = page.matches("\"code\":\"BN").count();
        assert!(path.starts_with("/health") || items == 20, "{path} has {items} items");
    }
}

/// Responses per second to concurrent clients.
fn rate(address: SocketAddr, path: &str, token: &str) -> f64 {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| read(address, path, token, EACH, &mut Vec::new()));
        }
    });
    f64::from(CLIENTS * EACH) / begun.elapsed().as_secs_f64()
}
