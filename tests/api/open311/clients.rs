//! The Python packages `georeport` and `three`, unchanged; skipped only where no Python with them is named.

use super::key;
use crate::outside::provided;
use crate::town::Town;
use std::process::Command;

#[tokio::test]
async fn the_published_clients_list_file_and_read() {
    let Some(python) = provided("PAKN_TEST_PYTHON") else { return };
    let town = Town::start().await;
    let published = town.filed("answered").await.code;
    let key = key(&town, "open311", 100).await;
    let endpoint = format!("http://{}/open311/v2", town.app.address());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/open311/clients.py");
    let run = move || Command::new(python).args([script, &endpoint, &key, &published]).env("NO_PROXY", "*").output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim(), "both clients are content");
}
