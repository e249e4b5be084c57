//! The matrix as it is committed: one row for each route, one column for everybody who may come.

use super::people::Who;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const EXPLANATION: &str = "\
# Who may do what, as the server answers it: one row for each route, one column for everybody who may come.
# Written by PAKN_UPDATE_RIGHTS=1 cargo test --test api rights; a change of any line is a change of somebody's rights.
#
# A cell is the status for one's own record / for somebody else's; one status where there is nothing to own.
# Own: the petitioner's own petition, account, upload; a document that the officer's agency holds; a record of the administration
# that exists. Foreign: another petitioner's, another agency's, one that does not exist, a body that names one of these.
# nobody: without token or key.  tracking: a guest with the tracking token of the petition (own) or of another one (foreign).
# former: handler and leader of an agency that handed the document on (own).  key_exch, key_o311: keys of other systems.
# 401 come in first; 403 not with this role; 404 nothing that this one may know of; 409 not in this state; 422 not with this body.
";

/// A cell: the status for the own and for the foreign record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub own: u16,
    pub foreign: u16,
}

/// The rows in the order of the routes; the right comes with the route.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matrix(pub BTreeMap<String, (String, Vec<Cell>)>);

impl Matrix {
    pub fn file() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/rights/matrix.txt")
    }

    /// The text that people read.
    pub fn text(&self) -> String {
        let mut text = format!("{EXPLANATION}\n{:<64} {:<15}", "route", "right");
        for who in Who::ALL {
            write!(text, " {:<11}", who.name()).unwrap();
        }
        text = format!("{}\n", text.trim_end());
        for (route, (right, cells)) in &self.0 {
            let mut line = format!("{route:<64} {right:<15}");
            for Cell { own, foreign } in cells {
                let cell = if own == foreign { own.to_string() } else { format!("{own}/{foreign}") };
                write!(line, " {cell:<11}").unwrap();
            }
            writeln!(text, "{}", line.trim_end()).unwrap();
        }
        text
    }
}

/// The lines in which two texts differ, each with what stands there instead.
pub fn differences(committed: &str, found: &str) -> Vec<String> {
    fn rows(text: &str) -> BTreeMap<String, &str> {
        let rows = text.lines().filter(|line| line.contains(" /"));
        rows.map(|line| (line.split_whitespace().take(2).collect::<Vec<_>>().join(" "), line)).collect()
    }
    let (committed, found) = (rows(committed), rows(found));
    let mut lines = Vec::new();
    for (route, line) in &found {
        match committed.get(route) {
            None => lines.push(format!("without a row: {route}\n   found:     {line}")),
            Some(before) if before != line => lines.push(format!("{route}\n   committed: {before}\n   found:     {line}")),
            Some(_) => {}
        }
    }
    lines.extend(committed.keys().filter(|route| !found.contains_key(*route)).map(|route| format!("without a route: {route}")));
    lines
}
