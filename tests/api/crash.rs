//! `kill -9` in the middle of filing; the long version is `cargo bench --bench endurance`.

use crate::database::TestDatabase;
use crate::process::Installation;
use crate::storm::Storm;
use tempfile::TempDir;

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let (database, folder) = (TestDatabase::empty(), TempDir::new().expect("a folder"));
    // On a busy machine a writer may wait for longer than the server would let it.
    let place = Installation::new(folder.path(), database.url_text())
        .with("PAKN_LOG", "warn")
        .with("PAKN_DATABASE_WAIT_MS", "60000")
        .with("PAKN_DATABASE_LIMIT_MS", "60000");
    Storm { clients: 16, petitions: 300, kills: 2 }.blow(&place);
}
