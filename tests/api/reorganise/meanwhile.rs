//! A reform while clients file: whoever comes too late for the old agency comes in time for the new one.

use super::{ON, reform};
use crate::clients::Clients;
use crate::town::Town;
use crate::wire::Wire;
use diesel::prelude::*;
use pakn::db::StorageError;
use pakn::db::schema::{agencies, petitions};
use pakn::ops::verify;
use pakn::petitions::rules::Status;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Petitions that are there before the reform begins.
const BEFORE: u64 = 60;

#[tokio::test]
async fn no_petition_is_left_at_an_agency_that_ended_while_it_was_filed() {
    let town = Town::start().await;
    let (address, clients) = (town.app.address(), Clients::new(3));
    let token = format!("Bearer {}", town.token("admin").await);
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let report = std::thread::scope(|scope| {
        for _ in 0..clients.count {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    file(address, &clients, next.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
        while next.load(Ordering::Relaxed) < BEFORE {
            std::thread::yield_now();
        }
        let mut wire = Wire::connect(address).expect("connect");
        let headers = [("Authorization", token.as_str())];
        let reply = wire.post("/api/v1/admin/reorganisations", &headers, &reform(false).to_string());
        is_over.store(true, Ordering::Relaxed);
        serde_json::from_str::<Value>(&reply.expect("an answer").expect(200)).expect("a report")
    });
    assert!(report["petitions_moved"].as_u64().unwrap() >= BEFORE / 2, "{report}");
    let left = town.app.app.db.read(|connection| {
        let ended = agencies::table.filter(agencies::valid_to.is_not_null()).select(agencies::id.nullable());
        let open: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
        let left = petitions::table.filter(petitions::status.eq_any(open)).filter(petitions::agency_id.eq_any(ended));
        Ok::<_, StorageError>(left.select(petitions::code).load::<String>(connection)?)
    });
    assert_eq!(left.await.expect("the petitions"), Vec::<String>::new(), "left behind by the reform of {ON}");
    assert_eq!(verify::everything(&town.app.app.db, &mut |_| {}).await.expect("verify"), 0);
}

/// Files one petition; it is taken, or refused because its commune has ended, or the server is busy with the reform.
fn file(address: SocketAddr, clients: &Clients, number: u64) {
    let mut wire = Wire::connect(address).expect("connect");
    let reply = wire.post("/api/v1/petitions", &[], clients.petitions.body(number)).expect("an answer");
    let (status, text) = (reply.status, String::from_utf8(reply.body).expect("a text"));
    assert!(matches!(status, 201 | 503) || (status == 422 && text.contains("\"not_in_force\"")), "{status} {text}");
}
