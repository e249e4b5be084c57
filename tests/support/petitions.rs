//! Bodies of `POST /petitions` from the sample petitions of the project, in turn.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use serde::Deserialize;
use serde_json::json;

const SAMPLES: &str = include_str!("../../data/sample-petitions.csv");

#[derive(Deserialize)]
struct Sample {
    title: String,
    content: String,
    category_code: String,
    commune_code: String,
    petitioner_kind: String,
}

/// The bodies; they cover every category and every commune.
pub struct Petitions(Vec<String>);

impl Petitions {
    pub fn new() -> Self {
        let samples = csv::Reader::from_reader(SAMPLES.as_bytes()).into_deserialize::<Sample>();
        let mut channels = ["mobile", "zalo", "web", "phone"].iter().cycle();
        let bodies = samples.map(|sample| {
            let sample = sample.expect("a sample");
            let mut petitioner = json!({"kind": sample.petitioner_kind, "full_name": "Nguyễn Văn An", "phone": "0912 345 678"});
            if sample.petitioner_kind == "business" {
                petitioner["company_name"] = json!("Công ty Gốm Phù Lãng");
                petitioner["tax_code"] = json!("0100233488");
            }
            json!({
                "title": sample.title,
                "content": sample.content,
                "category": sample.category_code,
                "area": sample.commune_code,
                "location": {"latitude": 21.18, "longitude": 106.07, "address": "Đường Lý Thái Tổ"},
                "petitioner": petitioner,
                "channel": channels.next(),
            })
            .to_string()
        });
        Self(bodies.collect())
    }

    /// Returns the body of a petition; deterministic by number.
    pub fn body(&self, number: u64) -> &str {
        let place = usize::try_from(number).expect("a number") % self.0.len();
        &self.0[place]
    }
}
