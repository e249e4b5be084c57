//! Filing over HTTP on PostgreSQL, against `pgbench` with the statements of a filing.
//!
//! `filing.pgbench.sql` has the statements as the program sends them; both sides use the same server, as many connections, and
//! databases of the same age. Every commit waits for the disk.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use std::path::Path;
use std::process::Stdio;
use support::clients::Clients;
use support::postgres::Postgres;
use support::process::Installation;
use support::report;

const CLIENTS: usize = 16;
const ROUNDS: u32 = 5;
/// Seconds of one round of `pgbench`.
const SECONDS: &str = "8";
/// Petitions that are filed before anything is measured, and in one round over HTTP.
const BEFORE: u64 = 2000;
const OVER_HTTP: u64 = 4000;

fn main() {
    report::title("filing on PostgreSQL: over HTTP with 16 clients, against pgbench with 16 connections");
    let (postgres, folder) = (Postgres::start(), support::folder());
    let place = Installation::new(folder.path(), &postgres.database("over_http", None));
    let place = place.with("PAKN_DATABASE_CONNECTIONS", &CLIENTS.to_string());
    let clients = Clients::new(CLIENTS);
    let server = place.serve();
    clients.file(server.address, 0..BEFORE);
    server.stop();
    let by_pgbench = postgres.database("by_pgbench", Some("over_http"));
    let server = place.serve();

    println!("round   over HTTP/s   pgbench/s   ratio");
    let (mut next, mut ratios) = (BEFORE, Vec::new());
    for round in 1..=ROUNDS {
        let http = clients.file(server.address, next..next + OVER_HTTP).rate();
        let pgbench = pgbench(&postgres, &by_pgbench);
        println!("{round:5} {http:13.0} {pgbench:11.0} {:7.2}", http / pgbench);
        ratios.push(http / pgbench);
        next += OVER_HTTP;
    }
    server.stop();
    report::at_least("median ratio", report::median(ratios), 0.7);
    report::machine();
}

/// Transactions in a second.
fn pgbench(postgres: &Postgres, database_url: &str) -> f64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/filing.pgbench.sql");
    let mut command = postgres.program("pgbench");
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--time", SECONDS, "--client", &CLIENTS.to_string()]);
    let ran = command.arg("--file").arg(script).arg(database_url).stderr(Stdio::inherit()).output().expect("pgbench");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}");
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("no rate in:\n{said}"))
}
