//! Statistics of a year by agency compared with the previous year, on a large data set, against the plain `GROUP
//! BY` over the petitions; and filing there, against filing on an empty database.
//!
//! Configured by `PAKN_BENCH_PETITIONS` (default: 1,000,000 over ten years) and `PAKN_BENCH_BACKEND` (`sqlite`,
//! `postgres`, default: both). `PAKN_BENCH_DATABASE_URL` uses a database already filled by `pakn generate`.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use pakn::db::DbConnection;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;
use support::clients::Clients;
use support::postgres::Postgres;
use support::process::Installation;
use support::report::{self, median};
use support::wire::Wire;

/// Two whole years in the middle of the ten.
const QUESTION: &str = "/api/v1/statistics/summary?period=2023&group_by=agency&compare=year";
const WITH_TIMES: &str =
    "&measures=received,handled,handling_rate,mean_processing_days,median_processing_days,p90_processing_days";
const TIMES: usize = 300;
const WARM: usize = 20;
/// Number of filing clients, petitions per round, and rounds.
const CLIENTS: usize = 16;
const FILED: u64 = 3000;
const ROUNDS: u64 = 5;

/// The query over the petitions for one year by agency when nothing is precomputed; the request covers two years.
const PLAIN: &str = "SELECT agency_id, COUNT(*) AS received, COUNT(first_answered_at) AS handled, \
     COUNT(*) FILTER (WHERE timeliness = 'late') AS late, COUNT(score) AS rated, AVG(score) AS mean_rating FROM petitions \
     WHERE received_on BETWEEN '{year}-01-01' AND '{year}-12-31' AND status NOT IN ('refused', 'withdrawn', 'duplicate') \
     GROUP BY agency_id";

fn main() {
    let petitions = std::env::var("PAKN_BENCH_PETITIONS").unwrap_or_else(|_| "1000000".to_owned());
    let backend = std::env::var("PAKN_BENCH_BACKEND").unwrap_or_default();
    let ready = std::env::var("PAKN_BENCH_DATABASE_URL").ok();
    let folder = support::folder();
    if ready.is_none() && backend != "postgres" {
        measure(
            &Installation::embedded(&folder.path().join("big")),
            &Installation::embedded(&folder.path().join("empty")),
            Some(&petitions),
        );
    }
    if ready.is_some() || backend != "sqlite" {
        let postgres = Postgres::start();
        let at = |name: &str, url: &str| Installation::new(&folder.path().join(name), url);
        // Filing is compared on the same server.
        match ready {
            Some(url) => {
                let empty =
                    url.rsplit_once('/').map(|(server, _)| format!("{server}/empty_{}", std::process::id())).expect("a database");
                let mut server = PgConnection::establish(&url).expect("connect");
                server.batch_execute(&format!("CREATE DATABASE empty_{}", std::process::id())).expect("a database");
                measure(&at("big", &url), &at("empty", &empty), None);
                server.batch_execute(&format!("DROP DATABASE empty_{} WITH (FORCE)", std::process::id())).expect("no database");
            }
            None => measure(
                &at("big", &postgres.database("big", None)),
                &at("empty", &postgres.database("empty", None)),
                Some(&petitions),
            ),
        }
    }
    report::machine();
}

fn measure(big: &Installation, empty: &Installation, petitions: Option<&str>) {
    report::title(&format!("figures on {}", if big.database_url().starts_with("postgres") { "PostgreSQL" } else { "SQLite" }));
    std::fs::create_dir_all(big.folder()).expect("a folder");
    std::fs::create_dir_all(empty.folder()).expect("a folder");
    if let Some(petitions) = petitions {
        let begun = Instant::now();
        print!(
            "{}",
            big.run(&["generate", "--petitions", petitions, "--years", "10", "--until", "2025-12-31"]).expect("generated")
        );
        println!("generated in {:.0} s", begun.elapsed().as_secs_f64());
    }
    let server = big.serve();
    let plain = ask(server.address, QUESTION);
    let with_times = ask(server.address, &format!("{QUESTION}{WITH_TIMES}"));
    let by_hand = plain_group_by(big.database_url(), big.folder());
    println!(
        "plain GROUP BY of the same two years: {:.1} ms, {:.0} times the median over HTTP",
        by_hand,
        by_hand / median(plain.clone())
    );
    report::at_most("p99 of a year by agency beside the year before", p99(plain), 20.0, "ms");
    report::at_most("p99 of the same with medians and percentiles", p99(with_times), 60.0, "ms");

    let other = empty.serve();
    let (clients, mut ratios) = (Clients::new(CLIENTS), Vec::new());
    for round in 0..ROUNDS {
        let numbers = || round * FILED..(round + 1) * FILED;
        let here = clients.file(server.address, numbers()).rate();
        let there = clients.file(other.address, numbers()).rate();
        println!("round {}: {here:.0} petitions/s here, {there:.0} on an empty database", round + 1);
        ratios.push(here / there);
    }
    other.stop();
    server.stop();
    report::at_least("filing here against an empty database, median", median(ratios), 0.8);
    // Checks the result: a fast but wrong figure is worthless.
    let begun = Instant::now();
    print!("{}", big.run(&["verify"]).expect("verified"));
    println!("verified in {:.0} s", begun.elapsed().as_secs_f64());
}

/// Returns the latencies in milliseconds.
fn ask(address: SocketAddr, path: &str) -> Vec<f64> {
    let mut wire = Wire::connect(address).expect("connect");
    let mut taken = Vec::with_capacity(TIMES);
    for turn in 0..WARM + TIMES {
        let begun = Instant::now();
        let answer = wire.get(path, &[]).expect("an answer").expect(200);
        if turn >= WARM {
            taken.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        assert!(answer.contains("\"comparison\""), "{answer}");
    }
    let (shortest, longest) = (taken.iter().copied().fold(f64::MAX, f64::min), taken.iter().copied().fold(0.0, f64::max));
    println!("{path}: median {:.2} ms, from {shortest:.2} to {longest:.2}", median(taken.clone()));
    taken
}

fn p99(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).copied().unwrap_or_default()
}

/// Returns the best of three, in milliseconds.
fn plain_group_by(url: &str, folder: &Path) -> f64 {
    let mut connection = match url.starts_with("postgres") {
        true => DbConnection::Postgres(PgConnection::establish(url).expect("connect")),
        false => DbConnection::Sqlite(SqliteConnection::establish(&folder.join("pakn.db").to_string_lossy()).expect("connect")),
    };
    let mut time = || {
        let begun = Instant::now();
        for year in ["2023", "2022"] {
            connection.batch_execute(&PLAIN.replace("{year}", year)).expect("figures");
        }
        begun.elapsed().as_secs_f64() * 1000.0
    };
    (0..3).map(|_| time()).fold(f64::MAX, f64::min)
}
