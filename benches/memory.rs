//! Resident memory of the server while 32 clients file and read, on each database.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use pakn::kernel::account::Role;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use support::clients::{Acknowledged, Clients};
use support::library::{Library, PASSWORD};
use support::postgres::Postgres;
use support::process::{Installation, Server};
use support::report;
use support::wire::Wire;

const CLIENTS: usize = 32;
const PETITIONS: u64 = 10_000;
const TARGET_MIB: f64 = 64.0;

fn main() {
    report::title("memory: 32 clients file and read");
    let (folder, postgres_folder) = (support::folder(), support::folder());
    measure("SQLite", &Installation::embedded(folder.path()));
    let postgres = Postgres::start();
    measure("PostgreSQL", &Installation::new(postgres_folder.path(), &postgres.database("memory", None)));
    report::machine();
}

fn measure(name: &str, place: &Installation) {
    place.serve().stop();
    let library = Library::open(place);
    library.officer("reader", "27-256-QLDT", Role::Clerk);
    library.close();
    let server = place.serve();
    println!("{name}, before the load: {:.1} MiB", mebibytes(&server, "VmRSS"));
    let clients = Clients::new(CLIENTS);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| file_and_read(&clients, server.address, &next));
        }
    });
    println!("{name}, after the load: {:.1} MiB", mebibytes(&server, "VmRSS"));
    report::at_most(&format!("{name}, highest"), mebibytes(&server, "VmHWM"), TARGET_MIB, "MiB");
    server.stop();
}

/// One client: signs in as an officer, then repeatedly files, follows what it filed, and reads the lists.
fn file_and_read(clients: &Clients, address: SocketAddr, next: &AtomicU64) {
    let mut wire = Wire::connect(address).expect("connect");
    let login = json!({"login": "reader", "password": PASSWORD}).to_string();
    let answer = wire.post("/api/v1/auth/login", &[], &login).expect("an answer").expect(200);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let token = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= PETITIONS {
            return;
        }
        let Acknowledged { code, tracking_token, .. } = clients.send(&mut wire, number).expect("an answer");
        let mut read = |path: &str, header: (&str, &str)| wire.get(path, &[header]).expect("an answer").expect(200);
        read(&format!("/api/v1/petitions/{code}"), ("X-Tracking-Token", &tracking_token));
        read("/api/v1/documents?limit=100", ("Authorization", &token));
        read("/api/v1/public/petitions", ("Accept-Language", "en"));
    }
}

/// A memory value from `/proc` of a process, in MiB.
fn mebibytes(server: &Server, figure: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("/proc: this benchmark needs Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':')).expect("the figure");
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes / 1024.0
}
