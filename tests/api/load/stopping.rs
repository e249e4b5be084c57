//! The way out: readiness says no first, everything goes on for a while, and what was begun is finished.

use crate::database::TestDatabase;
use crate::process::Installation;
use crate::town::form;
use crate::wire::Wire;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn a_server_that_is_told_to_stop_serves_on_until_the_load_has_turned_away() {
    let (folder, database) = (TempDir::new().unwrap(), TestDatabase::empty());
    let place = Installation::new(folder.path(), database.url_text()).with("PAKN_SHUTDOWN_DELAY", "3600");
    let server = place.serve();
    let mut wire = Wire::connect(server.address).unwrap();
    let ready = |address| Wire::connect(address).and_then(|mut wire| wire.get("/health/ready", &[])).unwrap();
    ready(server.address).expect(200);
    assert!(Command::new("kill").arg(server.id().to_string()).status().unwrap().success());
    let told = loop {
        let answer = ready(server.address);
        if answer.status != 200 {
            break answer;
        }
    };
    assert!(told.expect(503).contains("\"stopping\""));
    assert!(ready(server.admin_address).expect(503).contains("\"stopping\""));
    // The connection from before is served a last time, and new ones are, until somebody says it again.
    wire.post("/api/v1/petitions", &[], &form().to_string()).unwrap().expect(201);
    assert!(wire.get("/health/live", &[]).is_err(), "the server closes what it has answered");
    let mut wire = Wire::connect(server.address).unwrap();
    wire.post("/api/v1/petitions", &[], &form().to_string()).unwrap().expect(201);
    server.stop();
    assert!(place.log().contains("stopped"), "{}", place.log());
}
