//! `kill -9` in the middle of delivering to a system that is down every now and then: nothing is lost.

use crate::clients::Clients;
use crate::database::TestDatabase;
use crate::process::Installation;
use crate::receiver::{Receiver, Reply};
use crate::wire::Wire;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const PETITIONS: u64 = 1000;
const KILLS: usize = 6;
const PASSWORD: &str = "gạch đỏ bên cầu";

#[test]
fn a_thousand_events_reach_a_flaky_system_through_a_courier_that_is_killed() {
    let (database, folder) = (TestDatabase::empty(), TempDir::new().expect("a folder"));
    let place = Installation::new(folder.path(), database.url_text())
        .with("PAKN_LOG", "warn")
        // On a busy machine a writer may wait for longer than the server would let it.
        .with("PAKN_DATABASE_WAIT_MS", "60000")
        .with("PAKN_DATABASE_LIMIT_MS", "60000")
        .with("PAKN_WEBHOOK_PRIVATE_ADDRESSES", "true")
        .with("PAKN_RETRY_SECONDS", "1")
        .with("PAKN_DELIVERY_HOLD_SECONDS", "2");
    // How many are answered before the next kill: a test that a busy machine lets sleep must not find everything delivered.
    let most = Arc::new(AtomicUsize::new(0));
    let answered = Arc::clone(&most);
    let receiver = Receiver::start(move |number, _| {
        wait_until(|| number < answered.load(Ordering::Relaxed));
        match number {
            number if is_refused(number) => Reply::Status(503, String::new()),
            number if is_cut(number) => Reply::HangUp,
            _ => Reply::Status(200, String::new()),
        }
    });
    let server = place.serve();
    subscribe(&place, server.address, &receiver);
    // Without a courier while they are filed, so that all thousand are waiting when it begins.
    server.stop();
    let filing = place.clone().with("PAKN_WORKER", "false").serve();
    let filed = Clients::new(16).file(filing.address, 0..PETITIONS).acknowledged;
    filing.stop();
    assert_eq!(filed.len(), 1000);

    let mut arrived = 0;
    for kill in 1..=KILLS {
        let server = place.serve();
        let enough = 1000 * kill / (KILLS + 1);
        most.store(enough + 60, Ordering::Relaxed);
        wait_until(|| receiver.received().len() >= enough);
        server.kill();
        assert!(receiver.received().len() > arrived, "kill {kill} came before anything was delivered");
        arrived = receiver.received().len();
    }
    most.store(usize::MAX, Ordering::Relaxed);
    let server = place.serve();
    wait_until(|| taken(&receiver).len() == 1000);
    server.stop();
    let bodies = receiver.received().into_iter().map(|request| (request.header("webhook-id").to_owned(), request.body));
    let mut by_key: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    bodies.for_each(|(key, body)| {
        by_key.entry(key).or_default().insert(body);
    });
    assert_eq!(by_key.len(), 1000, "one key for each event");
    assert!(by_key.values().all(|bodies| bodies.len() == 1), "the same key says the same");
    let codes: BTreeSet<String> = by_key.keys().map(|key| key.split('.').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(codes.len(), 1000, "none is lost");
    place.run(&["verify"]).unwrap_or_else(|said| panic!("{said}"));
}

fn is_refused(number: usize) -> bool {
    number.is_multiple_of(8)
}

/// Taken, as far as the other side knows, and the courier does not learn of it.
fn is_cut(number: usize) -> bool {
    number % 19 == 1
}

/// The keys that the other side has taken.
fn taken(receiver: &Receiver) -> BTreeSet<String> {
    let all = receiver.received().into_iter().enumerate();
    let took = all.filter(|(number, _)| !is_refused(*number) && !is_cut(*number));
    took.map(|(_, request)| request.header("webhook-id").to_owned()).collect()
}

fn wait_until(is_so: impl Fn() -> bool) {
    while !is_so() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn subscribe(place: &Installation, address: SocketAddr, receiver: &Receiver) {
    let mut command: Command = place.command(&["account", "create", "quan.tri", "--role", "admin", "--password-stdin"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("the command");
    std::io::Write::write_all(&mut child.stdin.take().expect("its input"), PASSWORD.as_bytes()).expect("the password");
    assert!(child.wait().expect("an end").success());
    let mut wire = Wire::connect(address).expect("connect");
    let mut post = |path: &str, headers: &[(&str, &str)], body: Value| -> Value {
        let answer = wire.post(path, headers, &body.to_string()).expect("an answer");
        serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{path}: {}", answer.status))
    };
    let token = post("/api/v1/auth/login", &[], json!({"login": "quan.tri", "password": PASSWORD}))["access_token"].clone();
    let bearer = format!("Bearer {}", token.as_str().expect("a token"));
    let webhook = json!({"name": "IOC", "url": receiver.url("/pakn"), "actions": ["file"]});
    let made = post("/api/v1/admin/webhooks", &[("Authorization", &bearer)], webhook);
    assert!(made["secret"].is_string(), "{made}");
}
