//! What the program is made of: licences, sources and banned crates of the whole tree as `deny.toml` has them, and a reason for each crate
//! that we name ourselves.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/outside.rs"]
mod outside;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use toml::Table;

/// The crates of this repository.
const OWN: [&str; 2] = ["pakn", "pakn-route"];

/// What cargo knows of the tree, from the lock file as it is committed.
static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let output = cargo(&["metadata", "--format-version", "1", "--locked", "--offline"]);
    // Crates that only other systems need may never have been fetched here.
    let output = if output.status.success() { output } else { cargo(&["metadata", "--format-version", "1", "--locked"]) };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

fn cargo(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn rules() -> Table {
    text("deny.toml").parse().unwrap()
}

fn words<'a>(rules: &'a Table, section: &str, key: &str) -> Vec<&'a str> {
    rules[section][key].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

fn packages() -> &'static [Value] {
    METADATA["packages"].as_array().unwrap()
}

/// Whether a licence expression (SPDX) can be met by the allowed licences alone.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut tokens: Vec<String> = Vec::new();
    for word in spaced.split_whitespace() {
        let follows_with = tokens.last().is_some_and(|last| last.ends_with(" WITH"));
        match tokens.last_mut() {
            Some(last) if word == "WITH" || follows_with => *last = format!("{last} {word}"),
            _ => tokens.push(word.to_owned()),
        }
    }
    let mut rest = tokens.iter().map(String::as_str).peekable();
    let met = either(&mut rest, allowed);
    assert!(rest.next().is_none(), "cannot read {expression}");
    met
}

fn either<'a>(tokens: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &[&str]) -> bool {
    let mut met = both(tokens, allowed);
    while tokens.next_if_eq(&"OR").is_some() {
        met |= both(tokens, allowed);
    }
    met
}

fn both<'a>(tokens: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &[&str]) -> bool {
    let mut met = one(tokens, allowed);
    while tokens.next_if_eq(&"AND").is_some() {
        met &= one(tokens, allowed);
    }
    met
}

fn one<'a>(tokens: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &[&str]) -> bool {
    match tokens.next() {
        Some("(") => {
            // Brackets inside of brackets no crate has, and `is_met` would say so.
            let inner: Vec<&str> = std::iter::from_fn(|| tokens.next_if(|token| *token != ")")).collect();
            assert_eq!(tokens.next(), Some(")"));
            is_met(&inner.join(" "), allowed)
        }
        Some(licence) => allowed.contains(&licence),
        None => false,
    }
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
    for met in [
        "MIT",
        "MIT/Apache-2.0",
        "Apache-2.0 OR LGPL-2.1-or-later",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
    ] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in [
        "LGPL-3.0",
        "GPL-3.0-only",
        "MIT AND GPL-2.0",
        "(MIT OR Apache-2.0) AND LGPL-2.1-or-later",
        "GPL-2.0 WITH Classpath-exception-2.0",
    ] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn every_crate_has_a_licence_that_is_allowed() {
    let rules = rules();
    let allowed = words(&rules, "licenses", "allow");
    let strange: Vec<String> = packages()
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(|licence| is_met(licence, &allowed)))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert!(strange.is_empty(), "{strange:#?}");
    assert!(packages().len() > 100, "the tree was not read");
    assert!(!allowed.iter().any(|licence| licence.contains("GPL")), "{allowed:?}");
}

#[test]
fn crates_come_from_one_registry_and_none_is_banned() {
    let rules = rules();
    let (banned, mut registries) = (words(&rules, "bans", "deny"), BTreeSet::new());
    for unknown in ["unknown-registry", "unknown-git"] {
        assert_eq!(rules["sources"][unknown].as_str(), Some("deny"));
    }
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.contains(&name), "{name} is banned by deny.toml");
        match package["source"].as_str() {
            Some(source) => {
                assert!(source.starts_with("registry+"), "{name} comes from {source}");
                registries.insert(source.to_owned());
            }
            None => assert!(OWN.contains(&name), "{name} is no crate of the registry"),
        }
    }
    assert_eq!(registries.len(), 1, "{registries:?}");
}

#[test]
fn each_crate_that_we_name_has_a_reason() {
    let manifest: Table = text("Cargo.toml").parse().unwrap();
    let named = |section: &str| -> BTreeSet<String> { manifest[section].as_table().unwrap().keys().cloned().collect() };
    let document = text("DEPENDENCIES.md");
    let (program, tests) = document.split_once("## In tests only").unwrap();
    let listed = |part: &str| -> Vec<String> {
        let rows = part.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        rows.inspect(|(name, why)| assert!(why.len() > 10, "why {name}?")).map(|(name, _)| name.to_owned()).collect()
    };
    for (section, part) in [("dependencies", program), ("dev-dependencies", tests)] {
        let listed = listed(part);
        assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), named(section), "DEPENDENCIES.md and [{section}]");
        assert!(listed.is_sorted(), "{section}: in the order of the alphabet");
    }
}

#[test]
fn unsafe_code_is_forbidden() {
    let manifest: Table = text("Cargo.toml").parse().unwrap();
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for root in ["src/lib.rs", "src/main.rs"] {
        assert!(text(root).contains("#![forbid(unsafe_code)]"), "{root}");
    }
    assert!(text("route-attributes/Cargo.toml").contains("unsafe_code = \"forbid\""));
}

#[test]
fn the_bill_of_materials_names_every_crate_and_is_the_same_each_time() {
    let Some(python) = outside::provided("PAKN_TEST_PYTHON") else { return };
    let print = || {
        let mut command = Command::new(&python);
        command.arg(".ci/sbom").env("CARGO", env!("CARGO")).current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let bill = print();
    assert_eq!(bill, print());
    let bill: Value = serde_json::from_slice(&bill).unwrap();
    assert_eq!((bill["bomFormat"].as_str(), bill["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    let components = bill["components"].as_array().unwrap();
    let refs: BTreeSet<&str> = components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
    assert_eq!(refs.len(), components.len(), "no crate twice");
    let manifest: Table = text("Cargo.toml").parse().unwrap();
    for name in manifest["dependencies"].as_table().unwrap().keys() {
        assert!(refs.iter().any(|reference| reference.starts_with(&format!("pkg:cargo/{name}@"))), "{name} is missing");
    }
    for component in components.iter().filter(|component| component["name"] != "pakn-route") {
        assert_eq!(component["hashes"][0]["content"].as_str().map(str::len), Some(64), "{component}");
    }
    // What others depend on is there as well.
    for dependency in bill["dependencies"].as_array().unwrap() {
        for needed in dependency["dependsOn"].as_array().unwrap() {
            assert!(refs.contains(needed.as_str().unwrap()), "{needed}");
        }
    }
}
