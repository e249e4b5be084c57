//! A second, small reform: xã Yên Phong becomes a phường under the same code, and everything else stays as it was.

use super::{AGENCIES, AREAS, apply, rows};
use crate::town::{Town, form_with};
use serde_json::{Value, json};

const ON: &str = "2026-08-04";
const COMMUNE: &str = "09193";
const BODIES: [&str; 5] = ["24-09193", "24-09193-VP", "24-09193-KT", "24-09193-VHXH", "24-09193-HCC"];

/// The files of 2025 with the changes of 2026 in them; the office for the economy gets another code.
fn second() -> Value {
    let change = |line: &str| {
        let line = line.replace("xã Yên Phong", "phường Yên Phong").replace("Xã Yên Phong,xa", "Phường Yên Phong,phuong");
        format!("{}\n", line.replace("24-09193-KT,", "24-09193-KTHTDT,"))
    };
    let mut successors = "old_code,new_code,effective_date,relation,is_primary\n".to_owned();
    for code in BODIES {
        let heir = if code.ends_with("-KT") { "24-09193-KTHTDT" } else { code };
        successors.push_str(&format!("{code},{heir},{ON},renamed,1\n"));
    }
    let agencies: String = AGENCIES.lines().map(change).collect();
    json!({"on": ON, "dry_run": false, "agencies": agencies, "areas": AREAS.lines().map(change).collect::<String>(), "successors": successors})
}

#[tokio::test]
async fn what_the_files_repeat_stays_and_a_code_goes_over_to_its_successor() {
    let town = Town::start().await;
    apply(&town).await;
    let categories = rows(include_str!("../../../data/categories.csv"));
    let of_division = &categories.iter().find(|one| one["default_level"] == "district").unwrap()["code"];
    let rule = json!({"name": "Riêng", "conditions": {"area": COMMUNE, "words": ["karaoke"]}, "target": {"agency": "24-CAT"}, "position": 1});
    let rule = town.post("admin", "/admin/routing-rules", &rule).await.expect(201)["id"].clone();
    let mine = town.file(&form_with(json!({"area": COMMUNE}))).await;
    let office = town.file(&form_with(json!({"area": COMMUNE, "category": of_division}))).await;
    let elsewhere = town.file(&form_with(json!({"area": "09409"}))).await;
    assert_eq!(mine.receipt["agency"]["code"], "24-09193");
    assert_eq!(office.receipt["agency"]["code"], "24-09193-KT");
    let before = town.read(&elsewhere).await;

    town.at("2026-09-07T09:00:00+07:00");
    let report = town.post("admin", "/admin/reorganisations", &second()).await.expect(200).body;
    for (name, number) in [
        ("agencies_ended", 5),
        ("agencies_begun", 5),
        ("areas_ended", 1),
        ("areas_begun", 1),
        ("successions", 5),
        ("petitions_moved", 2),
        ("rules_changed", 1),
    ] {
        assert_eq!(report[name], json!(number), "{name}");
    }
    assert_eq!((&report["rules"][0]["id"], &report["rules"][0]["new_areas"]), (&rule, &json!([COMMUNE])));
    assert_eq!(town.read(&elsewhere).await, before);
    let moved = town.read(&mine).await;
    assert_eq!(moved["agency"], json!({"code": "24-09193", "name": "Ủy ban nhân dân phường Yên Phong"}));
    assert_eq!(moved["document"]["number"], 1, "a register of its own");
    assert_eq!(town.read(&office).await["agency"]["code"], "24-09193-KTHTDT");

    // What was routed by divisions of 2023 finds its way through both reforms.
    let filed = town.file(&form_with(json!({"area": COMMUNE, "category": of_division}))).await;
    assert_eq!(filed.receipt["agency"]["code"], "24-09193-KTHTDT");
    assert_eq!(filed.receipt["area"]["name"], "Phường Yên Phong");
    let noise = town.file(&form_with(json!({"area": COMMUNE, "title": "Hát karaoke quá to"}))).await;
    assert_eq!(noise.receipt["agency"]["code"], "24-CAT");
    assert_eq!(super::town::findings(&town).await, Vec::<String>::new());
    let again = town.post("admin", "/admin/reorganisations", &second()).await.expect(200);
    assert!(again.body.as_object().unwrap().values().all(|value| !value.is_number() || *value == json!(0)), "{}", again.text);
}
