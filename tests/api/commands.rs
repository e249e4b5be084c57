//! The binary among others: a reader that goes away (`pakn … | head`) is no error, and what is no HTTP fills no log.

use crate::database::TestDatabase;
use crate::process::Installation;
use std::io::{Read, Write};
use std::process::Stdio;
use tempfile::TempDir;

/// A pipe of which nobody holds the other end.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = TempDir::new().unwrap();
    let installation = Installation::embedded(folder.path());
    installation.run(&["migrate"]).unwrap();
    let data = format!("{}/data", env!("CARGO_MANIFEST_DIR"));
    for arguments in [
        &["config"][..],
        &["message", "preview"],
        &["migrate"],
        &["load-reference", &data],
        &["account", "list"],
        &["account", "create", "binh.tran", "--name", "Trần Thị Bình", "--role", "admin"],
        &["exchange", "report"],
        &["audit", "sign"],
        &["audit", "heads"],
        &["audit", "export"],
        &["rotate-keys"],
        &["subject", "export", "+84912345678"],
        &["subject", "erase", "+84912345678"],
        &["verify"],
        &["--help"],
    ] {
        let ran = installation.command(arguments).stdout(closed()).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && !said.contains("panicked"), "{arguments:?}: {} {said}", ran.status);
    }
    // Without anybody for the remarks either.
    let ran = installation.command(&["account", "disable", "binh.tran"]).stdout(closed()).stderr(closed()).status().unwrap();
    assert!(ran.success(), "{ran}");
}

#[test]
fn what_is_no_http_leaves_nothing_in_the_log() {
    let (database, folder) = (TestDatabase::empty(), TempDir::new().unwrap());
    let place = Installation::new(folder.path(), database.url_text()).with("PAKN_LOG", "warn");
    let server = place.serve();
    for rubbish in [&b"\x16\x03\x01\x02\x00\x01\x00\x01"[..], b"GET / HTTP/1.1\r\nX Y: 1\r\n\r\n", b"\0\0\0\0\r\n\r\n"] {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        stream.write_all(rubbish).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    server.stop();
    assert_eq!(place.log(), "");
}
