//! Filing, sign-in, an inbox and readiness while sixteen anonymous clients send the most expensive public requests,
//! compared with no such load.
//!
//! With and without load alternately, in the same run. Configured by `PAKN_BENCH_PETITIONS` (default: 300,000 over
//! ten years) and `PAKN_BENCH_BACKEND` (`sqlite`, `postgres`, default: both). `PAKN_BENCH_FOLDER` uses a folder
//! with a `pakn.db` already filled by `pakn generate`.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use pakn::kernel::account::Role;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::clients::key;
use support::library::{Library, PASSWORD};
use support::petitions::Petitions;
use support::postgres::Postgres;
use support::process::Installation;
use support::report;
use support::wire::Wire;

const STRANGERS: u64 = 16;
const ROUNDS: u64 = 5;
/// Requests of each kind, in each half of a round.
const TIMES: u64 = 60;
const AGENCY: &str = "27-256-QLDT";
const KINDS: [&str; 4] = ["filing", "signing in", "inbox", "readiness"];

fn main() {
    let petitions = std::env::var("PAKN_BENCH_PETITIONS").unwrap_or_else(|_| "300000".to_owned());
    let backend = std::env::var("PAKN_BENCH_BACKEND").unwrap_or_default();
    let ready = std::env::var("PAKN_BENCH_FOLDER").ok().map(PathBuf::from);
    let folder = support::folder();
    if backend != "postgres" {
        let place = Installation::embedded(ready.as_deref().unwrap_or(folder.path()));
        measure("SQLite", &place, ready.is_none().then_some(petitions.as_str()));
    }
    if backend != "sqlite" {
        let postgres = Postgres::start();
        let place = Installation::new(&folder.path().join("postgres"), &postgres.database("strangers", None));
        measure("PostgreSQL", &place, Some(&petitions));
    }
    report::machine();
}

fn measure(name: &str, place: &Installation, petitions: Option<&str>) {
    report::title(&format!("strangers on {name}"));
    std::fs::create_dir_all(place.folder()).expect("a folder");
    if let Some(petitions) = petitions {
        print!("{}", place.run(&["generate", "--petitions", petitions, "--years", "10", "--until", "2025-12-31"]).expect("made"));
    }
    let library = Library::open_relaxed(place);
    let username = format!("reader{}", std::process::id());
    library.officer(&username, AGENCY, Role::Clerk);
    library.close();
    let server = place.serve();
    let mut probe = Probe::new(server.address, &username);
    let (mut quiet, mut busy) = (Times::default(), Times::default());
    probe.look(&mut Times::default());
    for round in 0..ROUNDS {
        probe.look(&mut quiet);
        let asked = beside_strangers(server.address, round, || probe.look(&mut busy));
        println!("round {}: strangers were answered {asked:?}", round + 1);
    }
    server.stop();
    for kind in KINDS {
        let (alone, beside) = (p99(&quiet, kind), p99(&busy, kind));
        println!("{kind}: p99 {alone:.1} ms alone, {beside:.1} ms beside strangers");
        report::at_most(&format!("p99 of {kind} beside strangers, against alone"), beside / alone, 2.0, "times");
    }
}

type Times = BTreeMap<&'static str, Vec<f64>>;

fn p99(times: &Times, kind: &str) -> f64 {
    let mut times = times[kind].clone();
    times.sort_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

/// A client whose latency must not suffer.
struct Probe {
    wire: Wire,
    petitions: Petitions,
    login: String,
    token: String,
    filed: u64,
}

impl Probe {
    fn new(address: SocketAddr, username: &str) -> Self {
        let login = json!({"login": username, "password": PASSWORD}).to_string();
        let mut wire = Wire::connect(address).expect("connect");
        let answer = wire.post("/api/v1/auth/login", &[], &login).expect("an answer").expect(200);
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let token = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
        Self { wire, petitions: Petitions::new(), login, token, filed: u64::from(std::process::id()) << 24 }
    }

    fn look(&mut self, times: &mut Times) {
        for _ in 0..TIMES {
            self.filed += 1;
            let (key, body) = (key(self.filed), self.petitions.body(self.filed));
            let wire = &mut self.wire;
            let mut time = |kind, act: &mut dyn FnMut(&mut Wire)| {
                let begun = Instant::now();
                act(wire);
                times.entry(kind).or_default().push(begun.elapsed().as_secs_f64() * 1000.0);
            };
            let answered = "an answer";
            time(KINDS[0], &mut |wire| {
                wire.post("/api/v1/petitions", &[("Idempotency-Key", &key)], body).expect(answered).expect(201);
            });
            time(KINDS[1], &mut |wire| {
                wire.post("/api/v1/auth/login", &[], &self.login).expect(answered).expect(200);
            });
            time(KINDS[2], &mut |wire| {
                wire.get("/api/v1/documents", &[("Authorization", &self.token)]).expect(answered).expect(200);
            });
            time(KINDS[3], &mut |wire| {
                wire.get("/health/ready", &[]).expect(answered).expect(200);
            });
        }
    }
}

/// Runs something under load; returns how often the load clients got each status.
fn beside_strangers(address: SocketAddr, round: u64, act: impl FnOnce()) -> BTreeMap<u16, u64> {
    let (is_over, counts) = (AtomicBool::new(false), [const { AtomicU64::new(0) }; 600]);
    std::thread::scope(|scope| {
        for stranger in 0..STRANGERS {
            let (is_over, counts) = (&is_over, &counts);
            scope.spawn(move || {
                let mut turn = 0;
                while !is_over.load(Ordering::Relaxed) {
                    turn += 1;
                    let path = worst(round * 1_000_000 + turn * STRANGERS + stranger);
                    let Ok(mut wire) = Wire::connect(address) else { continue };
                    // Every second client disconnects early and sends the next request.
                    let status = match stranger % 2 {
                        0 => wire.get(&path, &[]).map_or(0, |reply| reply.status),
                        _ => wire.get_within(&path, Duration::from_millis(300)).map_or(0, |reply| reply.status),
                    };
                    counts[usize::from(status)].fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // Wait until the load has started.
        while counts.iter().all(|count| count.load(Ordering::Relaxed) == 0) {
            std::thread::yield_now();
        }
        act();
        is_over.store(true, Ordering::Relaxed);
    });
    let answered =
        counts.iter().enumerate().map(|(status, count)| (u16::try_from(status).unwrap_or(0), count.load(Ordering::Relaxed)));
    answered.filter(|(_, count)| *count > 0).collect()
}

/// A request that no cache can answer; each is different.
fn worst(number: u64) -> String {
    let second = format!("{:02}:{:02}:{:02}", number / 3600 % 24, number / 60 % 60, number % 60);
    let day = number / 7 % 28 + 1;
    match number % 7 {
        0 => format!("/api/v1/statistics/trend?from=2016-01-{day:02}&to=2025-12-31&step=day"),
        1 => format!("/api/v1/statistics/summary?from=2016-01-01&to=2025-12-31&as_of=2025-12-{day:02}T{second}%2B07:00"),
        2 => format!(
            "/api/v1/statistics/summary?from=2016-02-{day:02}&to=2025-11-30&group_by=agency&agencies=today&channel=web&compare=year"
        ),
        3 => format!(
            "/api/v1/statistics/ranking?from=2016-01-{day:02}&to=2025-12-31&as_of=2025-12-31T{second}%2B07:00&compare=year"
        ),
        4 => format!("/api/v1/charts/trend.svg?from=2016-03-{day:02}&to=2025-12-31&step=day"),
        5 => format!("/api/v1/public/petitions?q=a+b+c+d+e+g+h+{number}+zz+qq"),
        _ => format!("/open311/v2/requests.json?start_date=2025-09-{day:02}T00:00:00Z&end_date=2025-11-28T{second}Z"),
    }
}
