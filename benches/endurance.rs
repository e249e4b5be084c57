//! Long version of `tests/api/crash.rs`: 64 clients file 20,000 petitions on each database, first undisturbed, then
//! while the server is killed ten times. Panics when a petition is lost, duplicated or out of order.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use std::time::Instant;
use support::postgres::Postgres;
use support::process::Installation;
use support::report;
use support::storm::Storm;

const CLIENTS: usize = 64;
const PETITIONS: u64 = 20_000;

fn main() {
    report::title("endurance: 64 clients file 20,000 petitions");
    let postgres = Postgres::start();
    let folders = [(); 4].map(|()| support::folder());
    let [peace, storm, peace_pg, storm_pg] = &folders;
    let runs = [
        ("SQLite, in peace", Installation::embedded(peace.path()), 0),
        ("SQLite, killed ten times", Installation::embedded(storm.path()), 10),
        ("PostgreSQL, in peace", Installation::new(peace_pg.path(), &postgres.database("peace", None)), 0),
        ("PostgreSQL, killed ten times", Installation::new(storm_pg.path(), &postgres.database("storm", None)), 10),
    ];
    for (name, place, kills) in runs {
        let begun = Instant::now();
        Storm { clients: CLIENTS, petitions: PETITIONS, kills }.blow(&place);
        println!("{name}: nothing lost, nothing doubled, registers and `pakn verify` in order ({:.0?})", begun.elapsed());
    }
    report::machine();
}
