//! What the command line says of itself, to shells and as manual pages, without settings, keys or a database.

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
