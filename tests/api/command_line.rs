//! What the command line says of itself, to shells and as manual pages, without settings, keys or a database; and what it says of
//! settings before anything is opened.

use crate::process::Installation;
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

/// The commands that `pakn --help` names.
fn commands(place: &Installation) -> Vec<String> {
    let help = place.run(&["--help"]).unwrap();
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let (list, _) = list.split_once("\n\n").expect("the list ends");
    // Descriptions that need a second line stand further in.
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<String> = names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    assert!(names.len() > 20 && names.iter().any(|name| name == "load-reference"), "{help}");
    names.into_iter().filter(|name| name != "help").collect()
}

/// Nothing that a command needs: a file of settings that is not there, a variable that is no setting, and no data folder.
fn nowhere(folder: &Path) -> Installation {
    let missing = folder.join("missing.toml");
    Installation::embedded(&folder.join("data")).with("PAKN_CONFIG", missing.to_str().unwrap()).with("PAKN_COLOUR", "red")
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn every_shell_is_told_every_command() {
    let folder = TempDir::new().unwrap();
    let place = nowhere(folder.path());
    let commands = commands(&place);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.run(&["completions", shell]).unwrap();
        let words: BTreeSet<&str> = script.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).collect();
        for command in &commands {
            assert!(words.contains(command.as_str()), "{shell} is not told {command}:\n{script}");
        }
    }
    let told = place.command(&["completions", "tcsh"]).output().unwrap();
    assert_eq!(told.status.code(), Some(2), "{told:?}");
    assert!(is_empty(folder.path()), "nothing was made");
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let folder = TempDir::new().unwrap();
    let place = nowhere(folder.path());
    let page = place.run(&["man"]).unwrap();
    assert!(page.lines().any(|line| line.starts_with(".TH pakn 1")), "{page}");
    assert!(page.contains("PAKN_CONFIG") && is_empty(folder.path()), "{page}");

    let manual = folder.path().join("share/man1");
    place.run(&["man", "--dir", manual.to_str().unwrap()]).unwrap();
    let mut pages = BTreeSet::new();
    for entry in std::fs::read_dir(&manual).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let (title, text) = (name.strip_suffix(".1").expect("a page"), std::fs::read_to_string(entry.path()).unwrap());
        assert!(text.lines().any(|line| line.starts_with(&format!(".TH {title} 1"))), "{name}:\n{text}");
        assert!(text.contains(env!("CARGO_PKG_VERSION")), "{name}:\n{text}");
        pages.insert(title.to_owned());
    }
    for command in commands(&place) {
        assert!(pages.contains(&format!("pakn-{command}")), "no page of {command}: {pages:?}");
    }
    assert!(pages.contains("pakn") && pages.contains("pakn-account-create"), "{pages:?}");
    assert!(!pages.iter().any(|page| page.ends_with("-help")), "{pages:?}");
    assert!(!folder.path().join("data").exists(), "no data folder was made");
}

/// Checks settings; the exit status and the lines on standard output.
fn checked(place: &Installation, file: &Path) -> (Option<i32>, Vec<String>) {
    let ran = place.command(&["config", "--check", "--config", file.to_str().unwrap()]).output().unwrap();
    (ran.status.code(), String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn the_sample_of_settings_is_valid() {
    let folder = TempDir::new().unwrap();
    let place = Installation::embedded(&folder.path().join("data"));
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/pakn.toml");
    assert_eq!(checked(&place, &sample), (Some(0), vec!["configuration is valid".to_owned()]));
    assert_eq!(place.run(&["config", "--check"]).unwrap(), "configuration is valid\n", "without a file");
    assert!(is_empty(folder.path()), "nothing was made");
}

#[test]
fn every_fault_of_the_settings_is_named_at_once() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("pakn.toml");
    let text = "admin_listn = \"127.0.0.1:1\"\nworker = \"yes\"\nhttp_workers = 0\nsmtp_url = \"smtp://127.0.0.1\"\n\
        tls_certificate_file = \"missing.pem\"\ntls_key_file = \"missing.key\"\naudit_key = \"short\"\n\
        trusted_proxies = [\"10.0.0.0/8\", \"here\"]\n";
    std::fs::write(&file, text).unwrap();
    let place = Installation::embedded(&folder.path().join("data"))
        .with("PAKN_NO_REPLY_DAYS", "soon")
        .with("PAKN_RETENSION_YEARS", "5")
        .with("PAKN_LISTEN", "8080")
        .with("PAKN_LOG", "pakn=loud");
    let (status, lines) = checked(&place, &file);
    assert_eq!(status, Some(78), "{lines:#?}");
    let of_file = format!("(from {})", file.display());
    let of_file = of_file.as_str();
    let expected = [
        ("setting admin_listn: there is no such setting; is admin_listen meant?", of_file),
        ("setting worker: invalid type", of_file),
        ("setting http_workers: must be at least 1", of_file),
        ("setting trusted_proxies[1]: ", of_file),
        ("setting tls_certificate_file: cannot use missing.pem for TLS", of_file),
        ("setting audit_key: must be 64 hexadecimal digits", of_file),
        ("setting mail_from: is needed with smtp_url", "(not set)"),
        ("setting PAKN_NO_REPLY_DAYS: must be a whole number", ""),
        ("setting PAKN_RETENSION_YEARS: there is no such setting; is PAKN_RETENTION_YEARS meant?", ""),
        ("setting listen: must be an address with a port", "(from PAKN_LISTEN)"),
        ("setting log: ", "(from PAKN_LOG)"),
    ];
    for (begin, end) in expected {
        assert!(lines.iter().any(|line| line.starts_with(begin) && line.ends_with(end)), "{begin} … {end}\n{lines:#?}");
    }
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

#[test]
fn a_file_of_settings_that_cannot_be_read_is_named_and_not_quoted() {
    let folder = TempDir::new().unwrap();
    let place = Installation::embedded(&folder.path().join("data")).with("PAKN_SMS_FROM", "BACNINH");
    let file = folder.path().join("pakn.toml");
    let (status, lines) = checked(&place, &file);
    assert!(status == Some(78) && lines.len() == 1 && lines[0].contains(file.to_str().unwrap()), "{lines:?}");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\nsms_token = geheim\n").unwrap();
    let (status, lines) = checked(&place, &file);
    assert!(status == Some(78) && lines.len() == 1 && lines[0].contains("is malformed: TOML parse error at line 2"), "{lines:?}");
    assert!(!lines[0].contains("geheim"), "{lines:?}");
}
