//! Concurrent clients that file petitions, each on its own connection, and record the acknowledged ones.
//!
//! The idempotency key of a petition is derived from its number, so that it can be sent again. A client whose
//! connection breaks stops and returns its unanswered petitions.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use super::petitions::Petitions;
use super::wire::Wire;
use serde::Deserialize;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A petition that the server acknowledged with 201.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its number among those of the clients.
    pub number: u64,
    pub code: String,
    /// The token with which the guest who filed it can read it.
    pub tracking_token: String,
}

/// The result of filing petitions.
#[derive(Default)]
pub struct Filed {
    /// The acknowledged petitions.
    pub acknowledged: Vec<Acknowledged>,
    /// Petitions without a response, sent or not.
    pub open: VecDeque<u64>,
    /// Time from the first request to the last response.
    pub taken: Duration,
}

impl Filed {
    /// Returns responses per second.
    pub fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.acknowledged.len()).expect("a count")) / self.taken.as_secs_f64()
    }
}

/// The clients and the petitions they file.
pub struct Clients {
    /// Number of concurrent clients.
    pub count: usize,
    pub petitions: Petitions,
    answered: AtomicU64,
    most: AtomicU64,
}

#[derive(Deserialize)]
struct Receipt {
    code: String,
    tracking_token: String,
}

impl Clients {
    pub fn new(count: usize) -> Self {
        Self { count, petitions: Petitions::new(), answered: AtomicU64::new(0), most: AtomicU64::new(u64::MAX) }
    }

    /// Returns how many petitions were acknowledged in total.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Stops sending after this many acknowledged petitions.
    pub fn hold_at(&self, answers: u64) {
        self.most.store(answers, Ordering::Relaxed);
    }

    /// Files all of these petitions.
    pub fn file(&self, address: SocketAddr, numbers: impl IntoIterator<Item = u64>) -> Filed {
        let filed = self.file_while(address, numbers, |_| {});
        assert!(filed.open.is_empty(), "the server has cut {} clients off", filed.open.len());
        filed
    }

    /// Files petitions until all are acknowledged or the server is gone. Meanwhile runs `conductor`, which can ask
    /// whether any client is still active.
    pub fn file_while(
        &self,
        address: SocketAddr,
        numbers: impl IntoIterator<Item = u64>,
        conductor: impl FnOnce(&dyn Fn() -> bool),
    ) -> Filed {
        let line = Mutex::new(numbers.into_iter().collect::<VecDeque<u64>>());
        let mut filed = Filed::default();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..self.count).map(|_| scope.spawn(|| self.work(address, &line))).collect();
            conductor(&|| clients.iter().any(|client| !client.is_finished()));
            for client in clients {
                let (acknowledged, unanswered) = client.join().expect("a client");
                filed.acknowledged.extend(acknowledged);
                filed.open.extend(unanswered);
            }
        });
        filed.taken = begun.elapsed();
        filed.open.extend(line.into_inner().expect("the line"));
        filed
    }

    fn work(&self, address: SocketAddr, line: &Mutex<VecDeque<u64>>) -> (Vec<Acknowledged>, Option<u64>) {
        let mut acknowledged = Vec::new();
        let Ok(mut wire) = Wire::connect(address) else { return (acknowledged, None) };
        loop {
            while self.answered() >= self.most.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(1));
            }
            let next = line.lock().expect("the line").pop_front();
            let Some(number) = next else { return (acknowledged, None) };
            let Ok(petition) = self.send(&mut wire, number) else { return (acknowledged, Some(number)) };
            acknowledged.push(petition);
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Files one petition with its key; panics on a response other than 201.
    pub fn send(&self, wire: &mut Wire, number: u64) -> std::io::Result<Acknowledged> {
        let reply = wire.post("/api/v1/petitions", &[("Idempotency-Key", &key(number))], self.petitions.body(number))?;
        let receipt: Receipt = serde_json::from_str(&reply.expect(201)).expect("a receipt");
        Ok(Acknowledged { number, code: receipt.code, tracking_token: receipt.tracking_token })
    }

    /// Reads acknowledged petitions with their tokens; panics when one is missing.
    pub fn find(&self, address: SocketAddr, acknowledged: &[Acknowledged]) {
        std::thread::scope(|scope| {
            for part in acknowledged.chunks(acknowledged.len().div_ceil(self.count).max(1)) {
                scope.spawn(move || {
                    let mut wire = Wire::connect(address).expect("connect");
                    for petition in part {
                        let path = format!("/api/v1/petitions/{}", petition.code);
                        let reply = wire.get(&path, &[("X-Tracking-Token", &petition.tracking_token)]).expect("an answer");
                        reply.expect(200);
                    }
                });
            }
        });
    }
}

/// Returns the idempotency key of a petition: deterministic, and long enough for a guest.
pub fn key(number: u64) -> String {
    // The finalizer of SplitMix64, which scatters consecutive numbers.
    let scattered = |number: u64| {
        let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    format!("{:016x}{:016x}", scattered(number), scattered(!number))
}
