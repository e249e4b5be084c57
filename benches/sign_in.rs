//! Tests whether the time of a refused sign-in reveals which accounts exist: 1,000 wrong passwords for a known name
//! and 1,000 for unknown ones, alternately on the same server, compared by the Mann-Whitney test.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use pakn::kernel::account::Role;
use serde_json::json;
use std::time::Instant;
use support::library::Library;
use support::postgres::Postgres;
use support::process::Installation;
use support::report::{self, median};
use support::wire::Wire;

const TRIES: usize = 1000;
/// For equal distributions, one pair in twenty is farther apart than this many standard deviations.
const TARGET: f64 = 1.96;

fn main() {
    report::title("sign-in: wrong passwords for known and for unknown names");
    let (folder, other) = (support::folder(), support::folder());
    measure("SQLite", Installation::embedded(folder.path()));
    let postgres = Postgres::start();
    measure("PostgreSQL", Installation::new(other.path(), &postgres.database("sign_in", None)));
    report::machine();
}

fn measure(name: &str, place: Installation) {
    let place = place.with("PAKN_SIGN_IN_FAILURES_PER_ACCOUNT", "0").with("PAKN_SIGN_IN_FAILURES_PER_SOURCE", "0");
    place.serve().stop();
    let library = Library::open(&place);
    library.officer("known", "27-256-QLDT", Role::Clerk);
    library.close();
    let server = place.serve();
    let mut wire = Wire::connect(server.address).expect("connect");
    let mut attempt = |login: &str| {
        let body = json!({"login": login, "password": "không phải mật khẩu này"}).to_string();
        let begun = Instant::now();
        wire.post("/api/v1/auth/login", &[], &body).expect("an answer").expect(401);
        begun.elapsed().as_secs_f64() * 1000.0
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for at in 0..TRIES + 20 {
        // The order alternates, and both names already have failure counters.
        let pair = if at % 2 == 0 { ["known", "nobody"] } else { ["nobody", "known"] };
        for login in pair {
            let taken = attempt(login);
            if at >= 20 {
                if login == "known" { known.push(taken) } else { unknown.push(taken) }
            }
        }
    }
    server.stop();
    println!("{name}: median of known {:.3} ms, of unknown {:.3} ms", median(known.clone()), median(unknown.clone()));
    report::at_most(&format!("{name}, Mann-Whitney |z|"), mann_whitney(&known, &unknown).abs(), TARGET, "standard deviations");
}

/// Returns the difference of the rank sums of two samples in standard deviations.
fn mann_whitney(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|time| (*time, true)).chain(other.iter().map(|time| (*time, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rank = |at: usize| f64::from(u32::try_from(at + 1).expect("a rank"));
    let ranks: f64 = all.iter().enumerate().filter(|(_, (_, is_one))| *is_one).map(|(at, _)| rank(at)).sum();
    let count = |sample: &[f64]| f64::from(u32::try_from(sample.len()).expect("a count"));
    let (n, m) = (count(one), count(other));
    let u = ranks - n * (n + 1.0) / 2.0;
    (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}
