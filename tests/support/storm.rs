//! A server that is killed repeatedly under load and must not lose anything it has acknowledged.
//!
//! After each kill all acknowledged petitions are read, and unanswered ones are sent again with their key; at the
//! end all petitions are sent once more, and the registers, the number of petitions and `pakn verify` are checked.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use super::clients::{Acknowledged, Clients};
use super::process::Installation;
use super::registers;
use std::collections::VecDeque;
use std::time::Duration;

/// The size of the test.
#[derive(Debug, Clone, Copy)]
pub struct Storm {
    /// Concurrent clients.
    pub clients: usize,
    /// Petitions in total.
    pub petitions: u64,
    /// How often the server is killed, spread evenly.
    pub kills: u64,
}

impl Storm {
    /// Runs it on a new installation; panics when anything is lost, duplicated or out of order.
    pub fn blow(&self, place: &Installation) {
        let clients = Clients::new(self.clients);
        let mut open: VecDeque<u64> = (0..self.petitions).collect();
        let mut acknowledged: Vec<Acknowledged> = Vec::new();
        for kill in 1..=self.kills {
            let (server, until) = (place.serve(), self.petitions * kill / (self.kills + 1));
            clients.find(server.address, &acknowledged);
            // If a busy machine delays this thread, the clients must not have filed everything already.
            clients.hold_at(until + self.petitions / (self.kills + 1) / 2);
            let filed = clients.file_while(server.address, open, |is_anybody_at_work| {
                while is_anybody_at_work() && clients.answered() < until {
                    std::thread::sleep(Duration::from_millis(1));
                }
                server.kill();
                clients.hold_at(u64::MAX);
            });
            assert!(!filed.open.is_empty(), "the kill came too late");
            open = filed.open;
            acknowledged.extend(filed.acknowledged);
        }
        let server = place.serve();
        clients.find(server.address, &acknowledged);
        acknowledged.extend(clients.file(server.address, open).acknowledged);
        let again = clients.file(server.address, 0..self.petitions).acknowledged;
        server.stop();
        assert_eq!(in_order(acknowledged), in_order(again), "the same key gives the same answer");
        registers::check(place.database_url(), self.petitions);
        place.run(&["verify"]).unwrap_or_else(|said| panic!("{said}"));
    }
}

fn in_order(mut petitions: Vec<Acknowledged>) -> Vec<Acknowledged> {
    petitions.sort_by_key(|petition| petition.number);
    petitions
}
