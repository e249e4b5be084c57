//! How 200 connections that send one byte a second affect 32 clients that file: the 99th percentile of latency with
//! and without them, alternately on the same server.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::clients::Clients;
use support::postgres::Postgres;
use support::process::Installation;
use support::report::{self, median};
use support::wire::Wire;

const CLIENTS: usize = 32;
const SLOW: usize = 200;
/// Seconds per side of a round; the target is defined over one minute with slow connections.
const SECONDS: u64 = 60;
/// Maximum ratio of the 99th percentiles.
const TARGET: f64 = 2.0;

fn main() {
    report::title("slow clients: 32 clients file while 200 connections send a byte a second");
    let (folder, other) = (support::folder(), support::folder());
    measure("SQLite", &Installation::embedded(folder.path()));
    let postgres = Postgres::start();
    measure("PostgreSQL", &Installation::new(other.path(), &postgres.database("slow", None)));
    report::machine();
}

fn measure(name: &str, place: &Installation) {
    let server = place.serve();
    let clients = Clients::new(CLIENTS);
    let next = AtomicU64::new(0);
    // Warm-up: the first seconds of a server are its slowest.
    file(&clients, server.address, &next, Duration::from_secs(5));
    let alone = file(&clients, server.address, &next, Duration::from_secs(SECONDS));
    let is_over = AtomicBool::new(false);
    let besides = std::thread::scope(|scope| {
        for at in 0..SLOW {
            let is_over = &is_over;
            scope.spawn(move || dawdle(server.address, at % 2 == 0, is_over));
        }
        let times = file(&clients, server.address, &next, Duration::from_secs(SECONDS));
        is_over.store(true, Ordering::Relaxed);
        times
    });
    server.stop();
    let ((one, many), (slowest, slowest_besides)) =
        ((median(alone.clone()), median(besides.clone())), (p99(alone), p99(besides)));
    println!("{name}, alone: median {one:.1} ms, slowest hundredth from {slowest:.1} ms");
    println!("{name}, beside the slow ones: median {many:.1} ms, slowest hundredth from {slowest_besides:.1} ms");
    report::at_most(&format!("{name}, ratio of the slowest hundredths"), slowest_besides / slowest, TARGET, "times");
}

/// Files for some time; returns the latencies in milliseconds.
fn file(clients: &Clients, address: SocketAddr, next: &AtomicU64, time: Duration) -> Vec<f64> {
    let (times, end) = (Mutex::new(Vec::new()), Instant::now() + time);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut wire = Wire::connect(address).expect("connect");
                let mut own = Vec::new();
                while Instant::now() < end {
                    let begun = Instant::now();
                    clients.send(&mut wire, next.fetch_add(1, Ordering::Relaxed)).expect("an answer");
                    own.push(begun.elapsed().as_secs_f64() * 1000.0);
                }
                times.lock().expect("no panic").extend(own);
            });
        }
    });
    times.into_inner().expect("no panic")
}

/// Sends a request head or body byte by byte, and reconnects whenever the server closes the connection.
fn dawdle(address: SocketAddr, is_head: bool, is_over: &AtomicBool) {
    let body = "POST /api/v1/petitions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n";
    while !is_over.load(Ordering::Relaxed) {
        let Ok(mut stream) = TcpStream::connect(address) else { continue };
        stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a timeout");
        if !is_head && stream.write_all(body.as_bytes()).is_err() {
            continue;
        }
        let mut answer = [0; 64];
        let drip = if is_head { body.as_bytes() } else { &[b' '; 4000] };
        for byte in drip {
            let is_closed = stream.read(&mut answer).is_ok();
            if is_closed || is_over.load(Ordering::Relaxed) || stream.write_all(&[*byte]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

fn p99(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(f64::NAN)
}
