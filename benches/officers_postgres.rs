//! The work of 32 officers over HTTP on PostgreSQL, comparing this build with an earlier one: measures what a
//! change costs per action.
//!
//! Each officer writes notes and drafts on petitions of their own agency: the smallest actions, where overhead
//! weighs most. `PAKN_BENCH_BEFORE` names the earlier program; both run alternately, on separate databases of the
//! same server, and every commit waits for the disk. Without an earlier program only the rate is printed.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use pakn::kernel::account::Role;
use serde_json::Value;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};
use support::library::PASSWORD;
use support::postgres::Postgres;
use support::process::Installation;
use support::report;
use support::wire::Wire;

const OFFICERS: usize = 32;
const ROUNDS: u32 = 7;
/// Duration of one program's turn.
const ROUND: Duration = Duration::from_secs(8);
/// UBND phường Võ Cường and phường Suối Hoa; officers are assigned to them alternately.
const AGENCIES: [(&str, &str); 2] = [("27-09190", "09190"), ("27-09187", "09187")];

/// A signed-in officer with a petition to work on.
struct Desk {
    bearer: String,
    document: i64,
}

fn main() {
    report::title("the steps of 32 officers on PostgreSQL: this program, and the one before");
    let postgres = Postgres::start();
    let before = std::env::var_os("PAKN_BENCH_BEFORE");
    let (now_folder, before_folder) = (support::folder(), support::folder());
    let now = place(now_folder.path(), &postgres.database("now", None));
    let earlier = before.map(|program| place(before_folder.path(), &postgres.database("earlier", None)).of_program(program));
    // Each program fills and migrates its own database, up to the schema that it knows.
    let mut rates: Vec<(f64, f64)> = Vec::new();
    let (now_server, earlier_server) = (now.serve(), earlier.as_ref().map(Installation::serve));
    let now_desks = desks(&now, now_server.address);
    let earlier_desks = earlier.as_ref().zip(earlier_server.as_ref()).map(|(place, server)| desks(place, server.address));
    println!("round   steps/s   before/s   ratio");
    for round in 1..=ROUNDS {
        let rate = work(now_server.address, &now_desks);
        let other = earlier_server.as_ref().zip(earlier_desks.as_ref()).map(|(server, desks)| work(server.address, desks));
        let other = other.unwrap_or(f64::NAN);
        println!("{round:5} {rate:9.0} {other:10.0} {:7.2}", rate / other);
        rates.push((rate, other));
    }
    now_server.stop();
    if let Some(server) = earlier_server {
        server.stop();
        report::at_least("median ratio", report::median(rates.iter().map(|(rate, other)| rate / other).collect()), 0.95);
    }
    now.run(&["verify"]).unwrap_or_else(|said| panic!("{said}"));
    report::machine();
}

fn place(folder: &std::path::Path, url: &str) -> Installation {
    Installation::new(folder, url).with("PAKN_WORKER", "false").with("PAKN_LOG", "warn").with("PAKN_DATABASE_CONNECTIONS", "16")
}

/// Creates the officers by the command line, so that each program creates its own, and files a petition for each.
fn desks(place: &Installation, address: SocketAddr) -> Vec<Desk> {
    let mut wire = Wire::connect(address).expect("connect");
    (0..OFFICERS)
        .map(|number| {
            let (agency, area) = AGENCIES[number % AGENCIES.len()];
            let username = format!("can.bo.{number}");
            let made = place.run(&["account", "create", &username, "--agency", agency, "--role", Role::Handler.as_str()]);
            let said = made.expect("an officer");
            let initial = said.lines().nth(1).and_then(|line| line.split_once(',')).expect("a password").1.to_owned();
            let token = signed_in(&mut wire, &username, &initial);
            let change = format!(r#"{{"current_password":"{initial}","new_password":"{PASSWORD}"}}"#);
            let bearer = format!("Bearer {token}");
            let _ = wire.post("/api/v1/me/password", &[("Authorization", &bearer)], &change);
            let mut wire = Wire::connect(address).expect("connect");
            let bearer = format!("Bearer {}", signed_in(&mut wire, &username, PASSWORD));
            let form = format!(
                r#"{{"title":"Rác thải tồn đọng","content":"Rác thải tồn đọng ba ngày ở đầu ngõ.","category":"rac-thai-chat-thai",
                    "area":"{area}","petitioner":{{"kind":"citizen","full_name":"Nguyễn Văn An","phone":"0912345678"}}}}"#
            );
            let receipt: Value =
                serde_json::from_str(&wire.post("/api/v1/petitions", &[], &form).expect("filed").expect(201)).expect("a receipt");
            let document = receipt["document"]["id"].as_i64().expect("a document");
            let accept = format!("/api/v1/documents/{document}/accept");
            wire.post(&accept, &[("Authorization", &bearer)], "{}").expect("accepted").expect(200);
            Desk { bearer, document }
        })
        .collect()
}

fn signed_in(wire: &mut Wire, username: &str, password: &str) -> String {
    let body = format!(r#"{{"login":"{username}","password":"{password}"}}"#);
    let answer = wire.post("/api/v1/auth/login", &[], &body).expect("an answer").expect(200);
    let answer: Value = serde_json::from_str(&answer).expect("tokens");
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// Actions per second of all officers together.
fn work(address: SocketAddr, desks: &[Desk]) -> f64 {
    let begun = Instant::now();
    let steps: u32 = thread::scope(|scope| {
        let officers: Vec<_> = desks.iter().map(|desk| scope.spawn(move || steps_of(address, desk, begun))).collect();
        officers.into_iter().map(|officer| officer.join().expect("an officer")).sum()
    });
    f64::from(steps) / begun.elapsed().as_secs_f64()
}

fn steps_of(address: SocketAddr, desk: &Desk, begun: Instant) -> u32 {
    let mut wire = Wire::connect(address).expect("connect");
    let headers = [("Authorization", desk.bearer.as_str())];
    let (note, draft) =
        (format!("/api/v1/documents/{}/note", desk.document), format!("/api/v1/documents/{}/draft", desk.document));
    let mut steps = 0;
    while begun.elapsed() < ROUND {
        wire.post(&note, &headers, r#"{"text":"Đã gọi điện cho tổ dân phố."}"#).expect("a note").expect(200);
        let answer = r#"{"content":"Đã thu gom rác trong ngày.","outcome":"resolved"}"#;
        wire.post(&draft, &headers, answer).expect("a draft").expect(200);
        steps += 2;
    }
    steps
}
