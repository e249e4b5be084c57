//! The documents: links lead somewhere, sections that are cited exist, and the table of settings is that of the program;
//! `PAKN_UPDATE_DOCS=1` writes the table anew.

use pakn::config::Config;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The documents beside those in `docs`.
const OTHERS: &[&str] = &["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "DEPENDENCIES.md", "deploy/README.md"];

/// Where sections are cited.
const CITING: &[&str] = &["src", "tests", "migrations", "benches", "docs"];

/// What stands between a document's name and the section, also where a comment goes on in the next line.
const BEFORE_A_SECTION: &[char] = &[' ', '\n', '\t', '/', '!', '*', '#', '|', '`', ')'];

/// What stands between two sections of one document.
const BETWEEN_SECTIONS: &[&str] = &["", ",", ", and", "and", "to", ";", "–", "or"];

const OPERATIONS: &str = "docs/operations.md";
const BEGIN: &str = "<!-- settings: begin -->\n";
const END: &str = "<!-- settings: end -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file in a folder and below, without what was installed there.
fn files(folder: &str) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_file() {
                found.push(entry.path());
            } else if kind.is_dir() && !["node_modules", "target"].iter().any(|name| entry.file_name() == *name) {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The lines outside of blocks of code.
fn lines_of_words(text: &str) -> Vec<&str> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push(line);
        }
    }
    lines
}

fn headings(text: &str) -> Vec<&str> {
    let words = lines_of_words(text).into_iter().filter_map(|line| {
        let words = line.trim_start_matches('#');
        ((1..=6).contains(&(line.len() - words.len())) && words.starts_with(' ')).then(|| words.trim())
    });
    words.collect()
}

/// The anchors of a document: GitHub writes headings small, with `-` for spaces and without punctuation, and counts repetitions.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for heading in headings(text) {
        let slug = slug(heading);
        let count = seen.entry(slug.clone()).or_default();
        anchors.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
        *count += 1;
    }
    anchors
}

fn slug(heading: &str) -> String {
    // Of a link only the words stay.
    let mut parts = heading.split("](");
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        words.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    let is_mark = |c: char| ('\u{300}'..='\u{36f}').contains(&c);
    let kept = words.chars().filter(|c| c.is_alphanumeric() || is_mark(*c) || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// The targets of the links of a document.
fn links(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in lines_of_words(text) {
        // Code in a line is no link, but the words of one may be code.
        let words: String = line.split('`').step_by(2).collect();
        for rest in words.split("](").skip(1) {
            let target = rest.split_once(')').and_then(|(target, _)| target.split_whitespace().next());
            targets.extend(target.map(str::to_owned));
        }
    }
    targets
}

/// A target without its escapes, as `%20`.
fn unescaped(target: &str) -> String {
    let mut parts = target.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).expect("two digits behind a percent sign");
        bytes.push(u8::from_str_radix(code, 16).expect("two digits behind a percent sign"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).expect("a target in UTF-8")
}

/// What is wrong with a link of a document.
fn fault(document: &Path, target: &str) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let target = unescaped(target);
    let (path, anchor) = target.split_once('#').map_or((target.as_str(), None), |(path, anchor)| (path, Some(anchor)));
    let file = match path.strip_prefix('/') {
        Some(path) => root().join(path),
        None if path.is_empty() => document.to_owned(),
        None => document.parent().unwrap().join(path),
    };
    if !file.exists() {
        return Some("there is no such file");
    }
    let anchor = anchor?;
    if !is_markdown(&file) {
        return Some("only documents have headings");
    }
    (!anchors(&fs::read_to_string(&file).unwrap()).contains(anchor)).then_some("there is no such heading")
}

#[test]
fn every_link_leads_somewhere() {
    let in_docs = files("docs").into_iter().filter(|path| is_markdown(path));
    let mut wrong = Vec::new();
    for document in OTHERS.iter().map(|name| root().join(name)).chain(in_docs) {
        let text = fs::read_to_string(&document).unwrap();
        for target in links(&text) {
            let fault = fault(&document, &target);
            wrong.extend(fault.map(|fault| format!("{}: {target}: {fault}", name_of(&document))));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The numbers of the headings of a document.
fn sections(text: &str) -> BTreeSet<String> {
    let numbers = headings(text).into_iter().map(|heading| number_of(heading).to_owned());
    numbers.filter(|number| !number.is_empty()).collect()
}

/// The number with which words begin: `4` of `4. Life`, `4.2` of `4.2, §4.3`.
fn number_of(words: &str) -> &str {
    let end = words.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(words.len());
    let (number, _) = words.split_at(end);
    number.trim_end_matches('.')
}

/// The document that is named at the end of some words: `docs/contract.md` from the root, or another beside the citing one.
fn document_before(words: &str, citing: &Path) -> Option<PathBuf> {
    let words = words.trim_end_matches(BEFORE_A_SECTION).strip_suffix(".md")?;
    let name = words.rsplit(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_' | '.')).next()?;
    match name.rsplit_once("docs/") {
        Some((_, name)) => Some(root().join("docs").join(format!("{name}.md"))),
        None if citing.starts_with(root().join("docs")) => Some(citing.parent()?.join(format!("{name}.md"))),
        None => None,
    }
}

/// The sections that a text cites, with their documents. A section that stands alone in a numbered document is one of its own.
fn citations(path: &Path, text: &str) -> Vec<(PathBuf, String)> {
    let is_numbered = path.starts_with(root().join("docs")) && !sections(text).is_empty();
    let mut cited = Vec::new();
    let mut present: Option<PathBuf> = None;
    let mut parts = text.split('§');
    let mut before = parts.next().unwrap_or_default();
    for part in parts {
        let further = before.trim_start_matches(number_of(before)).trim();
        let goes_on = present.is_some() && BETWEEN_SECTIONS.contains(&further);
        present = match document_before(before, path) {
            None if goes_on => present,
            None => is_numbered.then(|| path.to_owned()),
            named => named,
        };
        let number = number_of(part);
        if !number.is_empty() {
            cited.extend(present.clone().map(|document| (document, number.to_owned())));
        }
        before = part;
    }
    cited
}

#[test]
fn every_section_that_is_cited_is_there() {
    let mut known: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for path in CITING.iter().flat_map(|folder| files(folder)) {
        // What is no text cites nothing.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (document, number) in citations(&path, &text) {
            let of_document = || fs::read_to_string(&document).map(|text| sections(&text)).unwrap_or_default();
            count += 1;
            if !known.entry(document.clone()).or_insert_with(of_document).contains(&number) {
                wrong.push(format!("{}: there is no section {number} in {}", name_of(&path), name_of(&document)));
            }
        }
    }
    assert!(count > 100, "only {count} citations were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The settings of a structure with their sentences, from its source.
fn settings_of(source: &str, structure: &str) -> Vec<(String, String)> {
    let (_, body) = source.split_once(&format!("pub struct {structure} {{\n")).expect("the structure");
    let (body, _) = body.split_once("\n}\n").expect("its end");
    let (mut settings, mut sentence, mut is_skipped) = (Vec::new(), Vec::new(), false);
    for line in body.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            sentence.push(words.trim());
        } else if line == "#[serde(skip)]" {
            is_skipped = true;
        } else if let Some((name, _)) = line.strip_prefix("pub ").and_then(|field| field.split_once(": ")) {
            if !is_skipped {
                settings.push((name.to_owned(), sentence.join(" ")));
            }
            (sentence, is_skipped) = (Vec::new(), false);
        }
    }
    settings
}

/// What each setting is unless somebody says otherwise, as `pakn config` shows it.
fn defaults() -> BTreeMap<String, String> {
    // Where the tests run is nobody's default.
    let here = format!("{}/", std::env::current_dir().unwrap().display());
    let shown = Config::default().describe().replace(&here, "");
    let default = |line: &str| -> Option<(String, String)> {
        if let Some(key) = line.strip_prefix("# ").and_then(|rest| rest.strip_suffix(" = # unset")) {
            return Some((key.to_owned(), "–".to_owned()));
        }
        let (key, value) = line.strip_suffix(" # default")?.split_once(" = ")?;
        Some((key.to_owned(), format!("`{value}`")))
    };
    shown.lines().map(|line| default(line).unwrap_or_else(|| panic!("no setting: {line}"))).collect()
}

/// The table of all settings in the order of their definition.
fn settings_table() -> String {
    let mut settings = settings_of(include_str!("../../src/config/mod.rs"), "Config");
    let of_provider = settings_of(include_str!("../../src/config/oidc.rs"), "ProviderConfig");
    for prefix in ["oidc_citizen_", "oidc_officer_"] {
        settings.extend(of_provider.iter().map(|(key, sentence)| (format!("{prefix}{key}"), sentence.clone())));
    }
    let mut defaults = defaults();
    let mut table = "\n| Setting | Variable | Default | What |\n|---|---|---|---|\n".to_owned();
    for (key, sentence) in &settings {
        let default = defaults.remove(key).unwrap_or_else(|| panic!("{key} is no setting of `pakn config`"));
        let variable = key.to_uppercase();
        let cells = [format!("`{key}`"), format!("`PAKN_{variable}`"), default, sentence.clone()];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    assert!(defaults.is_empty(), "settings without a sentence: {defaults:?}");
    table + "\n"
}

#[test]
fn the_table_of_settings_is_that_of_the_program() {
    let file = root().join(OPERATIONS);
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table begins");
    let (written, after) = rest.split_once(END).expect("the table ends");
    let table = settings_table();
    if std::env::var_os("PAKN_UPDATE_DOCS").is_some() {
        fs::write(&file, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert!(
            written == table,
            "the settings in {OPERATIONS} are not those of the program: run the tests with PAKN_UPDATE_DOCS=1"
        );
    }
}
