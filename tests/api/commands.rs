//! The binary among others: a reader that goes away (`pakn … | head`) is no error, and what is no HTTP fills no log.

use crate::database::TestDatabase;
use crate::process::Installation;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
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
        &["config", "--check"],
        &["completions", "bash"],
        &["man"],
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
    // From October on the next year's calendar may be missing, whatever is said here.
    let said: Vec<String> = place.log().lines().filter(|line| !line.contains("calendar::years")).map(str::to_owned).collect();
    assert_eq!(said, Vec::<String>::new());
}

#[test]
fn a_mistyped_setting_is_an_error_that_names_the_nearest() {
    let folder = TempDir::new().unwrap();
    let place = Installation::embedded(folder.path());
    for command in [&["config"][..], &["serve"], &["migrate"], &["verify"]] {
        let ran = place.clone().with("PAKN_RETENSION_YEARS", "5").command(command).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{said}");
        assert!(said.contains("PAKN_RETENSION_YEARS") && said.contains("is PAKN_RETENTION_YEARS meant?"), "{said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
    let file = folder.path().join("pakn.toml");
    std::fs::write(&file, "admin_listn = \"127.0.0.1:1\"\n").unwrap();
    let said = place.run(&["config", "--config", file.to_str().unwrap()]).unwrap_err();
    assert!(said.contains("is admin_listen meant?"), "{said}");
    // What the tests of this program are told, a cluster tells, or is no text.
    let odd: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(&b"\xff"[..]);
    let mut command = place.command(&["config"]);
    let ran = command
        .env("PAKN_TEST_X", "1")
        .env("PAKN_PORT_80_TCP", "tcp://1.2.3.4:80")
        .env::<_, &std::ffi::OsStr>("OTHER", odd)
        .output();
    let shown = String::from_utf8(ran.unwrap().stdout).unwrap();
    assert!(shown.contains("# public_url = # unset") && shown.contains("idle_days = 0 # from PAKN_IDLE_DAYS"), "{shown}");
    let ran = place.command(&["config"]).env::<_, &std::ffi::OsStr>("PAKN_LISTEN", odd).output().unwrap();
    assert!(String::from_utf8_lossy(&ran.stderr).contains("PAKN_LISTEN: must be text"), "{ran:?}");
}

#[test]
fn the_banner_names_the_scheme_that_is_spoken() {
    let folder = TempDir::new().unwrap();
    let [certificate, key] = ["tls.pem", "tls.key"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=127.0.0.1",
        ])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let place = Installation::embedded(folder.path());
    let tls = place.clone().with("PAKN_TLS_CERTIFICATE_FILE", &certificate).with("PAKN_TLS_KEY_FILE", &key);
    for (place, begin) in [(place, "pakn listens on http://127.0.0.1:"), (tls, "pakn listens on https://127.0.0.1:")] {
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(line.starts_with(begin), "{line}");
    }
}

#[test]
fn a_demo_is_reached_from_other_machines_only_when_it_was_said_twice() {
    let folder = TempDir::new().unwrap();
    let place = Installation::embedded(folder.path());
    for (listen, admin_listen) in [
        ("0.0.0.0:0", "127.0.0.1:0"),
        ("127.0.0.1:0", "0.0.0.0:0"),
        ("[::]:0", "127.0.0.1:0"),
        ("192.0.2.1:8080", "127.0.0.1:0"),
        ("[::ffff:192.0.2.1]:8080", "127.0.0.1:0"),
    ] {
        let told = place.run(&["serve", "--demo", "--listen", listen, "--admin-listen", admin_listen]).unwrap_err();
        assert!(told.contains("--demo-public"), "{listen} {admin_listen}: {told}");
        let told = place.clone().with("PAKN_DEMO_PUBLIC", "false").run(&[
            "serve",
            "--demo",
            "--listen",
            listen,
            "--admin-listen",
            admin_listen,
        ]);
        assert!(told.unwrap_err().contains("--demo-public"));
    }
    assert!(!folder.path().join("pakn.db").exists(), "nothing was built");
    assert!(place.run(&["serve", "--demo-public"]).unwrap_err().contains("--demo"), "it means nothing alone");
    // Said twice it goes on, here until the database turns out to hold something else.
    for (flags, variable) in [(&["--demo-public"][..], "false"), (&[][..], "true")] {
        let elsewhere = place.clone().with("PAKN_DEMO_PUBLIC", variable).with("PAKN_DATABASE_URL", "mysql://nothing");
        let arguments = [&["serve", "--demo", "--listen", "0.0.0.0:0", "--admin-listen", "127.0.0.1:0"][..], flags].concat();
        let told = elsewhere.run(&arguments).unwrap_err();
        assert!(!told.contains("--demo-public") && told.contains("database_url"), "{told}");
    }
}

#[test]
fn a_folder_that_holds_the_demo_is_reached_from_other_machines_only_when_that_was_said() {
    let folder = TempDir::new().unwrap();
    let place = Installation::embedded(folder.path());
    place.run(&["migrate"]).unwrap();
    let file = folder.path().join("pakn.db");
    SqliteConnection::establish(file.to_str().unwrap()).unwrap().batch_execute("UPDATE directory_state SET is_demo = 1").unwrap();
    for (listen, admin_listen) in [("0.0.0.0:0", "127.0.0.1:0"), ("127.0.0.1:0", "[::]:0"), ("192.0.2.1:8080", "127.0.0.1:0")] {
        let ran = place.command(&["serve", "--listen", listen, "--admin-listen", admin_listen]).output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{told}");
        assert!(told.contains("--demo-public") && told.contains("PAKN_DEMO_PUBLIC=true"), "{listen} {admin_listen}: {told}");
    }
    let public = place.clone().with("PAKN_DEMO_PUBLIC", "true");
    for (place, listen) in [(place, "127.0.0.1:0"), (public, "0.0.0.0:0")] {
        let mut command = place.command(&["serve", "--listen", listen, "--admin-listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(line.starts_with("pakn listens on http://"), "{listen}: {line}");
    }
}
