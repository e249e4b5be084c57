//! Filing over HTTP on PostgreSQL, compared with `pgbench` running the SQL statements of a filing.
//!
//! `filing.pgbench.sql` contains the statements as the program sends them; both sides use the same server, the same
//! number of connections, and databases of the same age. Every commit waits for the disk.
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
/// Petitions filed before measuring, and per round over HTTP.
const BEFORE: u64 = 2000;
const OVER_HTTP: u64 = 4000;

/// The parameters of the script that are the same in every transaction; the ids are those of the reference data.
const PARAMETERS: &[&str] = &[
    "agencies=252",
    "areas=135",
    "categories=30",
    "caller=guest petitions",
    "hash=c1873932c808c4be6b46a9b646235a1acdf2c33159a2e6217b5e5f8d8dad0abb",
    "salt=d2b3bdc99d4c24e285af506535046d2b",
    "zero=0",
    "one=1",
    "at=2026-11-22 19:47:20.63634",
    "due_at=2026-11-30 10:00:00",
    "day=2026-11-23",
    "due_day=2026-11-30",
    "month=2026-11-01",
    r#"filed={"received":1,"open":1}"#,
    r#"passes={"overdue":1}"#,
    "year=2026",
    "kind=field",
    "channel=mobile",
    "urgency=normal",
    "petitioner_kind=citizen",
    "assigned=assigned",
    "none=none",
    "arrived=arrived",
    "to_petitioner=petitioner",
    "to_agency=agency",
    "file=file",
    "yes=t",
    "no=f",
    "created=201",
    "person=s1:0a1b2c3d:QUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5PQUJDREVGR0hJSktMTU5P",
    r#"detail={"agency":"27-256-QLDT","channel":"mobile"}"#,
    "title=Cống nghẹt nước thải tràn ra đường",
    "content=Cống thoát nước ngay ngã ba, đường liên thôn, xã Trung Nghĩa bị tắc, nước thải đen chảy vào sân nhà dân đã nhiều \
     tháng nay. Cứ đến mùa mưa là cả khu lo.",
    "search_text=cong nghet nuoc thai tran ra duong cong thoat nuoc ngay nga ba, duong lien thon, xa trung nghia bi tac, nuoc \
     thai den chay vao san nha dan da nhieu thang nay. cu den mua mua la ca khu lo.",
    r#"explanation={"due_at":"2026-11-30T17:00:00+07:00","counted_from":"2026-11-23T07:30:00+07:00","amount":5,"unit":"working_days","days":["2026-11-24","2026-11-25","2026-11-26","2026-11-27","2026-11-30"],"skipped":[{"day":"2026-11-28","why":"weekend"},{"day":"2026-11-29","why":"weekend"}],"calendar_version":1}"#,
    r#"response={"code":"BN26-T74G6C-8","status":"assigned","public_status":"pending","version":1,"category":{"code":"chieu-sang-cong-cong","name":"Chiếu sáng công cộng"},"area":{"code":"09190","name":"Phường Võ Cường"},"agency":{"code":"27-256-QLDT","name":"Phòng Quản lý đô thị thành phố Bắc Ninh"},"document":{"id":3,"number":3,"year":2026},"received_at":"2026-11-23T02:47:20.636340+07:00","due_at":"2026-11-30T17:00:00+07:00"}"#,
];

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

/// Transactions per second.
fn pgbench(postgres: &Postgres, database_url: &str) -> f64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/filing.pgbench.sql");
    let mut command = postgres.program("pgbench");
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--time", SECONDS, "--client", &CLIENTS.to_string()]);
    command.args(PARAMETERS.iter().map(|parameter| format!("--define={parameter}")));
    let ran = command.arg("--file").arg(script).arg(database_url).stderr(Stdio::inherit()).output().expect("pgbench");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}");
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("no rate in:\n{said}"))
}
