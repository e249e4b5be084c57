//! Filing over HTTP on SQLite, compared with the same filing done with one durable transaction per petition.
//!
//! Both run alternately on one file system, for several rounds; the ratio of a round compares both under the same
//! machine load.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

mod support;

use std::time::Instant;
use support::clients::Clients;
use support::library::Library;
use support::process::Installation;
use support::report;

const CLIENTS: usize = 64;
const ROUNDS: u32 = 5;
/// Petitions per round, over HTTP and one by one.
const OVER_HTTP: u64 = 3000;
const ONE_BY_ONE: u32 = 500;

fn main() {
    report::title("filing on SQLite: over HTTP with 64 clients, against one transaction per petition");
    let (folder, alone_folder) = (support::folder(), support::folder());
    let (place, alone_place) = (Installation::embedded(folder.path()), Installation::embedded(alone_folder.path()));
    alone_place.serve().stop();
    let (server, alone) = (place.serve(), Library::open(&alone_place));
    let clients = Clients::new(CLIENTS);
    clients.file(server.address, 0..500);
    alone.file_one_by_one(0..50);

    println!("round   over HTTP/s   one by one/s   ratio");
    let (mut next, mut next_alone, mut ratios) = (500, 50, Vec::new());
    for round in 1..=ROUNDS {
        let http = clients.file(server.address, next..next + OVER_HTTP).rate();
        let begun = Instant::now();
        alone.file_one_by_one(next_alone..next_alone + u64::from(ONE_BY_ONE));
        let one_by_one = f64::from(ONE_BY_ONE) / begun.elapsed().as_secs_f64();
        println!("{round:5} {http:13.0} {one_by_one:14.0} {:7.2}", http / one_by_one);
        ratios.push(http / one_by_one);
        next += OVER_HTTP;
        next_alone += u64::from(ONE_BY_ONE);
    }
    server.stop();
    alone.close();
    report::at_least("median ratio", report::median(ratios), 2.5);
    report::machine();
}
