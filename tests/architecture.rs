//! The rules of the house that the compiler does not know: who may use whom, what files may be called and how long they get.
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// A layer and the modules of the crate that it may use; what is not listed here may use everything.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("storage", &["storage", "domain"]),
    ("clock", &["clock", "domain"]),
    ("entropy", &["entropy"]),
    ("config", &["config", "domain", "storage"]),
    ("services", &["services", "storage", "domain", "app", "clock", "config", "entropy"]),
    ("http", &["http", "services", "domain", "app", "clock", "config", "telemetry"]),
    ("jobs", &["jobs", "services", "domain", "app", "clock", "config", "telemetry"]),
];

/// Where the kind of database may be looked at.
const KNOW_THE_DATABASE: &[&str] = &[
    "src/storage/bulk/",
    "src/storage/copy/",
    "src/storage/connection.rs",
    "src/storage/db.rs",
    "src/storage/writer.rs",
    "src/storage/migrate.rs",
    "src/storage/error.rs",
    "src/storage/dialect/",
];

const FORBIDDEN_NAMES: &[&str] =
    &["utils", "util", "helpers", "helper", "common", "misc", "types", "manager", "adapters", "data", "impl"];

const MOST_LINES: usize = 400;

struct Source {
    /// Relative to the project, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The lines without comments.
    fn code(&self) -> String {
        self.text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }

    /// The top module below `src`, if it is there.
    fn layer(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("src/")?;
        inner.split('/').next().map(|name| name.trim_end_matches(".rs"))
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source { path: relative, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folders:?}");
    found
}

/// Every path behind `crate::`, groups in braces taken apart.
fn used_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => paths.extend(items_of(group)),
            None => paths.push(rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect()),
        }
    }
    paths
}

/// The items of a group after its opening brace; a group inside of an item ends the item's path.
fn items_of(group: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 1;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => items.push(String::new()),
            c if depth == 1 && !c.is_whitespace() => items.last_mut().unwrap().push(c),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn layers_use_only_those_below() {
    let mut violations = Vec::new();
    for source in sources(&["src"]) {
        let Some((_, allowed)) = MAY_USE.iter().find(|(layer, _)| source.layer() == Some(layer)) else { continue };
        for path in used_paths(&source.code()) {
            let module = path.split(':').next().unwrap_or_default();
            // Macros and re-exports at the root of the crate belong to nobody; modules are in lower case.
            if is_module(module) && !allowed.contains(&module) {
                violations.push(format!("{} uses crate::{path}", source.path));
            }
        }
    }
    assert_none(&violations);
}

fn is_module(name: &str) -> bool {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    source.join(name).is_dir() || source.join(format!("{name}.rs")).is_file()
}

#[test]
fn groups_of_imports_are_taken_apart() {
    assert_eq!(used_paths("use crate::storage::Db;"), ["storage::Db"]);
    assert_eq!(used_paths("use crate::{app::App, storage::{self, Db}, domain};"), ["app::App", "storage::", "domain"]);
}

#[test]
fn the_domain_knows_no_technology() {
    // Derives of columns, and the address of a computer, which is a value like a date.
    const ALLOWED: &[&str] =
        &["diesel::expression::AsExpression", "diesel::deserialize::FromSqlRow", "diesel::sql_types::", "std::net::IpAddr"];
    const TECHNOLOGY: &[&str] = &["actix", "diesel::", "tokio", "std::fs", "std::net", "std::env", "reqwest"];
    let mut violations = Vec::new();
    for source in sources(&["src/domain"]) {
        let code = ALLOWED.iter().fold(source.code(), |code, allowed| code.replace(allowed, ""));
        for word in TECHNOLOGY.iter().filter(|word| code.contains(**word)) {
            violations.push(format!("{} uses {word}", source.path));
        }
    }
    assert_none(&violations);
}

#[test]
fn sql_stays_in_storage() {
    let mut violations = Vec::new();
    for source in sources(&["src"]) {
        if !matches!(source.layer(), Some("storage" | "domain")) && source.code().contains("diesel") {
            violations.push(format!("{} uses diesel", source.path));
        }
    }
    assert_none(&violations);
}

#[test]
fn the_kind_of_database_is_looked_at_in_few_places() {
    let mut violations = Vec::new();
    for source in sources(&["src"]) {
        let knows = KNOW_THE_DATABASE.iter().any(|place| source.path.starts_with(place));
        for word in ["DbConnection::Postgres", "DbConnection::Sqlite"] {
            if !knows && source.code().contains(word) {
                violations.push(format!("{} looks at {word}", source.path));
            }
        }
    }
    assert_none(&violations);
}

/// The macros of the standard library panic when whoever reads has gone (`… | head`).
#[test]
fn nothing_is_printed_past_the_file_that_knows_closed_pipes() {
    let mut violations = Vec::new();
    for source in sources(&["src"]) {
        if source.code().contains("print!(") || source.code().contains("println!(") {
            violations.push(format!("{} prints; `say!` and `remark!` of src/cli/out.rs do not mind a closed pipe", source.path));
        }
    }
    assert_none(&violations);
}

#[test]
fn files_are_short_named_after_a_subject_and_introduced() {
    let mut violations = Vec::new();
    for source in sources(&["src", "tests", "benches"]) {
        let lines = source.text.lines().count();
        if lines >= MOST_LINES {
            violations.push(format!("{} has {lines} lines; fewer than {MOST_LINES} are allowed", source.path));
        }
        if !source.text.starts_with("//!") {
            violations.push(format!("{} does not open with //!", source.path));
        }
        for name in source.path.trim_end_matches(".rs").split('/').filter(|name| FORBIDDEN_NAMES.contains(name)) {
            violations.push(format!("{}: \"{name}\" names no subject", source.path));
        }
    }
    assert_none(&violations);
}
