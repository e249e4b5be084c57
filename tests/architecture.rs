//! The rules of the house that the compiler does not know: who may use whom, what files may be called and how long they get.
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The wings, the lowest first: one may use only those before it, and itself. `app` is no wing yet: everybody takes it.
const WINGS: &[&str] = &[
    "kernel",
    "db",
    "config",
    "web",
    "audit",
    "accounts",
    "directory",
    "officers",
    "attachments",
    "petitions",
    "figures",
    "delivery",
    "reform",
    "integrations::zalo",
    "integrations::edoc",
    "integrations::partner_api",
    "integrations::imports",
    "integrations::open311",
    "integrations::oidc",
    "personal",
    "sample_data",
    "ops",
];

/// Who uses a higher wing all the same. The list only gets shorter: a pair that is not here fails, and one that is gone too.
const STILL_UPWARD: &[(&str, &str)] = &[
    ("config", "attachments"),
    ("config", "petitions"),
    ("config", "integrations::edoc"),
    ("config", "integrations::oidc"),
    ("web", "ops"),
    ("audit", "accounts"),
    ("audit", "officers"),
    ("accounts", "directory"),
    ("accounts", "officers"),
    ("accounts", "attachments"),
    ("accounts", "delivery"),
    ("accounts", "integrations::zalo"),
    ("accounts", "integrations::partner_api"),
    ("accounts", "integrations::oidc"),
    ("accounts", "personal"),
    ("directory", "petitions"),
    ("directory", "delivery"),
    ("officers", "delivery"),
    ("officers", "integrations::oidc"),
    ("attachments", "petitions"),
    ("petitions", "delivery"),
    ("delivery", "integrations::zalo"),
];

/// What a file is within its wing, by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No input, no output.
    Rules,
    /// The only SQL.
    Store,
    /// Decisions and transaction borders.
    UseCase,
    /// Bytes in, bytes out.
    Http,
    Jobs,
    Cli,
    Config,
    App,
    Telemetry,
}

/// A kind and the kinds that it may use; what is not listed here may use everything.
const MAY_USE: &[(Kind, &[Kind])] = &[
    (Kind::Rules, &[Kind::Rules]),
    (Kind::Store, &[Kind::Store, Kind::Rules]),
    (Kind::Config, &[Kind::Config, Kind::Rules, Kind::Store]),
    (Kind::UseCase, &[Kind::UseCase, Kind::Store, Kind::Rules, Kind::App, Kind::Config]),
    (Kind::Http, &[Kind::Http, Kind::UseCase, Kind::Rules, Kind::App, Kind::Config, Kind::Telemetry]),
    (Kind::Jobs, &[Kind::Jobs, Kind::UseCase, Kind::Rules, Kind::App, Kind::Config, Kind::Telemetry]),
];

/// Where the kind of database may be looked at.
const KNOW_THE_DATABASE: &[&str] = &[
    "src/sample_data/store/",
    "src/figures/store/sums.rs",
    "src/db/copy/",
    "src/db/connection.rs",
    "src/db/database.rs",
    "src/db/writer.rs",
    "src/db/migrate.rs",
    "src/db/error.rs",
    "src/db/dialect/",
    "src/audit/store/append.rs",
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

    /// Its module below the crate, none outside of `src` and for the roots.
    fn module(&self) -> Vec<&str> {
        let Some(inner) = self.path.strip_prefix("src/") else { return Vec::new() };
        let mut names: Vec<&str> = inner.trim_end_matches(".rs").split('/').collect();
        if matches!(names.last(), Some(&("mod" | "lib" | "main"))) {
            names.pop();
        }
        names
    }
}

/// What lies at an address of modules.
fn kind_of(module: &[&str]) -> Kind {
    match module {
        ["app", ..] => Kind::App,
        ["kernel", ..] => Kind::Rules,
        ["config", ..] => Kind::Config,
        ["web", "flood_guard" | "origin" | "shared_limits", ..] | ["db", "service_error" | "idempotency" | "leases", ..] => {
            Kind::UseCase
        }
        ["db", ..] => Kind::Store,
        ["web", ..] | ["ops", "server" | "metrics", ..] => Kind::Http,
        ["ops", "cli", ..] => Kind::Cli,
        ["ops", "jobs", ..] => Kind::Jobs,
        ["ops", "telemetry", ..] => Kind::Telemetry,
        ["integrations", _, inner @ ..] | [_, inner @ ..] => match inner.first() {
            Some(&"rules") => Kind::Rules,
            Some(&"store") => Kind::Store,
            Some(&"http") => Kind::Http,
            _ => Kind::UseCase,
        },
        [] => Kind::Cli,
    }
}

/// The wing of an address of modules; none for the root and for `app`.
fn wing_of(module: &[&str]) -> Option<&'static str> {
    WINGS
        .iter()
        .find(|wing| module.join("::").strip_prefix(**wing).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
        .copied()
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

/// Every path behind `crate::`, groups in braces taken apart; and behind `super::`, from the module of the file.
fn used_paths(code: &str, module: &[&str]) -> Vec<String> {
    let mut paths = Vec::new();
    // A visibility uses nothing.
    let code = code.replace("(in crate::", "(").replace("(in super::", "(");
    for (at, _) in code.match_indices("crate::") {
        take_path(&code[at + "crate::".len()..], "", &mut paths);
    }
    // Inside of a `mod tests` it would name one module less.
    let code = code.split("mod tests {").next().unwrap_or_default();
    for (at, _) in code.match_indices("super::").filter(|(at, _)| !code[..*at].ends_with("super::")) {
        let (mut rest, mut around) = (&code[at..], module);
        while let Some(inner) = rest.strip_prefix("super::") {
            (rest, around) = (inner, around.split_last().map_or(around, |(_, outer)| outer));
        }
        take_path(rest, &around.iter().map(|name| format!("{name}::")).collect::<String>(), &mut paths);
    }
    paths
}

fn take_path(rest: &str, around: &str, paths: &mut Vec<String>) {
    match rest.strip_prefix('{') {
        Some(group) => paths.extend(items_of(group).into_iter().map(|item| format!("{around}{item}"))),
        None => {
            let path: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
            match rest[path.len()..].strip_prefix('{').filter(|_| path.ends_with("::")) {
                Some(group) => paths.extend(items_of(group).into_iter().map(|item| format!("{around}{path}{item}"))),
                None => paths.push(format!("{around}{path}")),
            }
        }
    }
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

/// The part of a path that names modules: those are in lower case, and there.
fn module_of(path: &str) -> Vec<&str> {
    let mut folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut module = Vec::new();
    for name in path.split("::") {
        if name.is_empty() || !(folder.join(name).is_dir() || folder.join(format!("{name}.rs")).is_file()) {
            break;
        }
        folder.push(name);
        module.push(name);
    }
    module
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn kinds_use_only_what_they_may() {
    let mut violations = Vec::new();
    for source in sources(&["src"]) {
        let kind = kind_of(&source.module());
        let Some((_, allowed)) = MAY_USE.iter().find(|(using, _)| *using == kind) else { continue };
        for path in used_paths(&source.code(), &source.module()) {
            let module = module_of(&path);
            // Macros and re-exports at the root of the crate belong to nobody.
            if !module.is_empty() && !allowed.contains(&kind_of(&module)) {
                violations.push(format!("{} ({kind:?}) uses crate::{path} ({:?})", source.path, kind_of(&module)));
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn wings_use_only_those_below() {
    let place = |wing: &str| WINGS.iter().position(|other| *other == wing);
    let (mut found, mut violations) = (BTreeSet::new(), Vec::new());
    for source in sources(&["src"]) {
        let Some(using) = wing_of(&source.module()) else { continue };
        for path in used_paths(&source.code(), &source.module()) {
            let Some(used) = wing_of(&module_of(&path)) else { continue };
            if place(used) > place(using) {
                found.insert((using, used));
                if !STILL_UPWARD.contains(&(using, used)) {
                    violations.push(format!("{} uses crate::{path}, which is above it", source.path));
                }
            }
        }
    }
    let gone = STILL_UPWARD.iter().filter(|pair| !found.contains(*pair));
    violations.extend(gone.map(|(using, used)| format!("{using} no longer uses {used}: take the pair off STILL_UPWARD")));
    assert_none(&violations);
}

#[test]
fn every_file_belongs_to_a_wing() {
    let homeless = sources(&["src"]).into_iter().filter(|source| {
        let module = source.module();
        !matches!(module.as_slice(), [] | ["app" | "integrations"]) && wing_of(&module).is_none()
    });
    assert_none(&homeless.map(|source| format!("{} belongs to no wing", source.path)).collect::<Vec<_>>());
}

#[test]
fn groups_of_imports_are_taken_apart() {
    assert_eq!(used_paths("use crate::db::Db;", &[]), ["db::Db"]);
    assert_eq!(used_paths("use crate::{app::App, db::{self, Db}, kernel};", &[]), ["app::App", "db::", "kernel"]);
    assert_eq!(used_paths("use crate::accounts::{rules, store};", &[]), ["accounts::rules", "accounts::store"]);
    assert_eq!(used_paths("use super::super::store::find;", &["audit", "http", "heads"]), ["audit::store::find"]);
}

#[test]
fn rules_know_no_technology() {
    // Derives of columns, and the address of a computer, which is a value like a date.
    const ALLOWED: &[&str] =
        &["diesel::expression::AsExpression", "diesel::deserialize::FromSqlRow", "diesel::sql_types::", "std::net::IpAddr"];
    const TECHNOLOGY: &[&str] = &["actix", "diesel::", "tokio", "std::fs", "std::net", "std::env", "reqwest"];
    let mut violations = Vec::new();
    for source in sources(&["src"]).into_iter().filter(|source| kind_of(&source.module()) == Kind::Rules) {
        let code = ALLOWED.iter().fold(source.code(), |code, allowed| code.replace(allowed, ""));
        for word in TECHNOLOGY.iter().filter(|word| code.contains(**word)) {
            violations.push(format!("{} uses {word}", source.path));
        }
    }
    assert_none(&violations);
}

#[test]
fn sql_stays_in_the_stores() {
    let mut violations = Vec::new();
    for source in sources(&["src"]) {
        if !matches!(kind_of(&source.module()), Kind::Store | Kind::Rules) && source.code().contains("diesel") {
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
            violations
                .push(format!("{} prints; `outln!` and `errln!` of src/ops/cli/out.rs do not mind a closed pipe", source.path));
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

/// Fields, variants and constructors may speak for themselves; a type has a sentence.
#[test]
fn types_are_described() {
    let mut bare = Vec::new();
    for source in sources(&["src"]) {
        let mut is_described = false;
        for line in source.text.lines().map(str::trim) {
            let is_type = ["pub struct ", "pub enum ", "pub trait "].iter().any(|kind| line.starts_with(kind));
            if is_type && !is_described && !line.contains('$') {
                bare.push(format!("{}: {line}", source.path));
            }
            // Attributes stand between the sentence and the type, some over several lines.
            is_described = line.starts_with("///") || (is_described && !line.is_empty() && !line.ends_with([';', '}']));
        }
    }
    assert!(bare.is_empty(), "these have no sentence:\n{}", bare.join("\n"));
}
