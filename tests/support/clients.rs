//! Clients that file petitions at once, each on a connection of its own, and remember what was acknowledged.
//!
//! The idempotency key of a petition follows from its number, so that it can be sent again. A client whose connection breaks
//! ends and hands back what it was not answered.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use super::petitions::Petitions;
use super::wire::Wire;
use serde::Deserialize;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A petition that the server has answered with 201.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its number among the clients.
    pub number: u64,
    /// Its code.
    pub code: String,
    /// What opens it to the guest who filed it.
    pub tracking_token: String,
}

/// What came of some petitions.
#[derive(Default)]
pub struct Filed {
    /// Those that were answered.
    pub acknowledged: Vec<Acknowledged>,
    /// Those that were sent and not answered, and those that were not sent any more.
    pub open: VecDeque<u64>,
    /// From the first request to the last answer.
    pub taken: Duration,
}

impl Filed {
    /// Answers in a second.
    pub fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.acknowledged.len()).expect("a count")) / self.taken.as_secs_f64()
    }
}

/// Clients and what they file.
pub struct Clients {
    /// How many at once.
    pub count: usize,
    /// What.
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
    /// So many clients.
    pub fn new(count: usize) -> Self {
        Self { count, petitions: Petitions::new(), answered: AtomicU64::new(0), most: AtomicU64::new(u64::MAX) }
    }

    /// How many petitions they have ever been answered.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Lets no further petition go out once they were answered so many.
    pub fn hold_at(&self, answers: u64) {
        self.most.store(answers, Ordering::Relaxed);
    }

    /// Files all of these petitions.
    pub fn file(&self, address: SocketAddr, numbers: impl IntoIterator<Item = u64>) -> Filed {
        let filed = self.file_while(address, numbers, |_| {});
        assert!(filed.open.is_empty(), "the server has cut {} clients off", filed.open.len());
        filed
    }

    /// Files petitions until all are answered or the server is gone. Meanwhile the conductor does what it likes; it is told
    /// whether any client is still at work.
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

    /// Files one petition with its key; panics when it is answered with anything but 201.
    pub fn send(&self, wire: &mut Wire, number: u64) -> std::io::Result<Acknowledged> {
        let reply = wire.post("/api/v1/petitions", &[("Idempotency-Key", &key(number))], self.petitions.body(number))?;
        let receipt: Receipt = serde_json::from_str(&reply.expect(201)).expect("a receipt");
        Ok(Acknowledged { number, code: receipt.code, tracking_token: receipt.tracking_token })
    }

    /// Reads acknowledged petitions as their petitioners would; panics when one is not there.
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

/// The key with which a petition is sent: the same each time, and long enough for a guest.
pub fn key(number: u64) -> String {
    // The finaliser of SplitMix64, which scatters numbers that follow one another.
    let scattered = |number: u64| {
        let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    format!("{:016x}{:016x}", scattered(number), scattered(!number))
}
