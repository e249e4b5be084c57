//! The reform of 2025 in a town of 2026 that nobody has reorganised yet: what follows, what stays, what is refused.
//!
//! The oracle below reads the files of the project by itself: who takes over from an old agency for a case in an old commune.

use crate::town::Town;
use serde_json::{Value, json};
use std::collections::BTreeMap;

mod again;
mod commands;
mod faults;
mod meanwhile;
mod petitions;
mod places;
mod reopening;
mod town;

/// First day of the new order.
const ON: &str = "2025-07-01";
const AGENCIES: &str = include_str!("../../data/agencies-2025.csv");
const AREAS: &str = include_str!("../../data/areas-2025.csv");
const SUCCESSORS: &str = include_str!("../../data/successors-2025.csv");
const OLD_AGENCIES: &str = include_str!("../../data/agencies-2023.csv");

/// The body of a reform.
fn reform(dry_run: bool) -> Value {
    json!({"on": ON, "dry_run": dry_run, "agencies": AGENCIES, "areas": AREAS, "successors": SUCCESSORS})
}

/// The reform of 2025 by the administrator; the report.
async fn apply(town: &Town) -> Value {
    town.post("admin", "/admin/reorganisations", &reform(false)).await.expect(200).body
}

/// The lines of a file by column.
fn rows(file: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(file.as_bytes()).into_deserialize().map(|row| row.expect("a line")).collect()
}

/// Who takes over from whom, by the files alone.
struct Oracle {
    /// Area of an agency, old and new ones.
    areas: BTreeMap<String, String>,
    arrows: Vec<BTreeMap<String, String>>,
}

impl Oracle {
    fn new() -> Self {
        let agencies = rows(OLD_AGENCIES).into_iter().chain(rows(AGENCIES));
        let areas = agencies.map(|row| (row["code"].clone(), row["area_code"].clone())).collect();
        Self { areas, arrows: rows(SUCCESSORS) }
    }

    /// The new commune of an old one.
    fn commune(&self, old: &str) -> String {
        let committee = format!("27-{old}");
        let arrow = self.arrows.iter().find(|arrow| arrow["old_code"] == committee).expect("a commune");
        self.areas[&arrow["new_code"]].clone()
    }

    /// The successor of an old agency for a case in an old commune.
    fn heir(&self, agency: &str, commune: &str) -> String {
        let place = self.commune(commune);
        let arrows: Vec<_> = self.arrows.iter().filter(|arrow| arrow["old_code"] == agency).collect();
        let of_place = arrows.iter().find(|arrow| self.areas[&arrow["new_code"]] == place);
        let main = arrows.iter().find(|arrow| arrow["is_primary"] == "1");
        of_place.or(main).expect("an heir")["new_code"].clone()
    }

    /// The successor of an old agency for its officers.
    fn main(&self, agency: &str) -> String {
        let main = self.arrows.iter().find(|arrow| arrow["old_code"] == agency && arrow["is_primary"] == "1");
        main.expect("a main heir")["new_code"].clone()
    }
}
