//! Places after a reform: codes that mean something else now, new communes, and rules that named old ones.

use super::{AGENCIES, AREAS, ON, Oracle, SUCCESSORS, apply, rows};
use crate::town::{Town, form_with};
use serde_json::{Value, json};

/// Files garbage, or something else, in a commune; the receipt.
async fn file_in(town: &Town, commune: &str, category: &str) -> Value {
    town.file(&form_with(json!({"area": commune, "category": category}))).await.receipt
}

/// A rule of the administrator; its row number.
async fn rule(town: &Town, conditions: Value, target: &str, valid_from: Option<&str>) -> Value {
    let body =
        json!({"name": "Riêng", "position": 1, "conditions": conditions, "target": {"agency": target}, "valid_from": valid_from});
    town.post("admin", "/admin/routing-rules", &body).await.expect(201)["id"].clone()
}

/// All rules that were made by [`rule`] or begun in their place: number, area, target, first and last day.
async fn rules(town: &Town) -> Vec<(Value, Value, Value, Value, Value)> {
    let list = town.get("admin", "/admin/routing-rules?limit=100").await.expect(200).body;
    let own = list["items"].as_array().unwrap().iter().filter(|rule| rule["name"] == "Riêng");
    own.map(|rule| {
        let of = |pointer: &str| rule.pointer(pointer).cloned().unwrap_or_default();
        (of("/id"), of("/conditions/area"), of("/target/agency"), of("/valid_from"), of("/valid_to"))
    })
    .collect()
}

#[tokio::test]
async fn a_code_that_is_used_again_means_two_areas() {
    let town = Town::start().await;
    let old = town.file(&form_with(json!({"area": "09409"}))).await;
    apply(&town).await;
    assert_eq!(town.read(&old).await["area"], json!({"code": "09409", "name": "Xã Mão Điền"}), "where it was filed");
    let new = file_in(&town, "09409", "rac-thai-chat-thai").await;
    assert_eq!(new["area"], json!({"code": "09409", "name": "Phường Mão Điền"}));
    assert_eq!(new["agency"]["code"], "24-09409");
    assert_eq!(new["document"]["number"], 2, "the old petition came first into the register of the successor");
    for (day, name) in [("2025-06-30", "Xã Mão Điền"), ("2025-07-01", "Phường Mão Điền")] {
        let parent = if day < ON { "262" } else { "24" };
        let areas = town.get("", &format!("/areas?parent={parent}&limit=100&on={day}")).await.expect(200);
        let named: Vec<&Value> = areas["items"].as_array().unwrap().iter().filter(|area| area["code"] == "09409").collect();
        assert_eq!((named.len(), &named[0]["name"]), (1, &json!(name)), "{day}");
    }
}

#[tokio::test]
async fn filing_knows_the_new_communes_and_no_old_ones() {
    let town = Town::start().await;
    apply(&town).await;
    let gone = town.post("", "/petitions", &form_with(json!({"area": "09163"}))).await;
    assert_eq!(gone.wrong_fields(), ["area=not_in_force"]);
    // A ward of the former Bắc Giang, which has no predecessors here, among them.
    for commune in ["07210", "09187", "09409"] {
        for category in rows(include_str!("../../../data/categories.csv")) {
            let receipt = file_in(&town, commune, &category["code"]).await;
            let agency = receipt["agency"]["code"].as_str().unwrap_or_else(|| panic!("{} in {commune}", category["code"]));
            assert!(agency.starts_with("24-"), "{agency} for {} in {commune}", category["code"]);
            let local = agency.starts_with("24-0");
            assert!(!local || agency.starts_with(&format!("24-{commune}")), "{agency} for a case in {commune}");
        }
    }
}

#[tokio::test]
async fn a_case_of_a_divided_division_goes_to_the_office_of_its_commune() {
    let (town, oracle) = (Town::start().await, Oracle::new());
    let categories = rows(include_str!("../../../data/categories.csv"));
    let category = &categories.iter().find(|one| one["default_level"] == "district").unwrap()["code"];
    let mut filed = Vec::new();
    for commune in ["09163", "09190", "09187", "09286"] {
        filed.push((commune, town.file(&form_with(json!({"area": commune, "category": category}))).await));
    }
    let one = filed[0].1.receipt["agency"]["code"].clone();
    assert!(filed.iter().all(|(_, petition)| petition.receipt["agency"]["code"] == one), "one division of one district");
    apply(&town).await;
    let mut offices = Vec::new();
    for (commune, petition) in &filed {
        let agency = town.read(petition).await["agency"]["code"].as_str().unwrap().to_owned();
        let place = oracle.commune(commune);
        assert!(agency.starts_with(&format!("24-{place}-")), "{agency} for a case in {commune}, now {place}");
        offices.push(agency);
    }
    offices.sort_unstable();
    offices.dedup();
    assert!(offices.len() > 1, "several offices took over: {offices:?}");
}

#[tokio::test]
async fn rules_that_name_what_ends_go_on_with_what_follows() {
    let town = Town::start().await;
    let long = Some("2024-01-01");
    let of_commune = rule(&town, json!({"area": "09409"}), "27-CAT", long).await;
    let of_district = rule(&town, json!({"area": "256", "category": "tieng-on"}), "27-CAT", long).await;
    let of_agency = rule(&town, json!({"words": ["xây nhà"]}), "27-SXD", long).await;
    let late = rule(&town, json!({"area": "09163", "category": "y-te"}), "27-SXD", None).await;
    let divided = rule(&town, json!({"words": ["quy hoạch"]}), "27-256-QLDT", long).await;
    let report = apply(&town).await;
    assert_eq!(report["rules_changed"], 4);
    let told =
        |id: &Value| report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == *id).cloned().unwrap_or_default();
    assert_eq!(told(&of_commune)["new_areas"], json!(["09409"]));
    assert_eq!((&told(&of_agency)["old_agency"], &told(&of_agency)["new_agency"]), (&json!("27-SXD"), &json!("24-SXD")));
    assert_eq!(told(&divided), Value::Null, "the place of each case decides");

    let rules = rules(&town).await;
    let of_number = |id: &Value| rules.iter().find(|rule| rule.0 == *id).cloned().unwrap();
    for id in [&of_commune, &of_district, &of_agency] {
        assert_eq!(of_number(id).4, "2025-06-30");
    }
    assert_eq!((of_number(&divided).2, of_number(&divided).4), (json!("27-256-QLDT"), Value::Null));
    let oracle = Oracle::new();
    let begun: Vec<_> = rules.iter().filter(|rule| rule.3 == ON).collect();
    assert_eq!(begun.iter().filter(|rule| rule.1 == "09409" && rule.2 == "24-CAT").count(), 1);
    assert_eq!(begun.iter().filter(|rule| rule.1 == Value::Null && rule.2 == "24-SXD").count(), 1);
    let in_district = begun.len() - 2;
    assert_eq!(in_district, 5, "one for each commune of the former city: {begun:?}");
    // Written before the reform was applied, to begin after its day: nothing is left of the old one.
    let late = of_number(&late);
    assert_eq!((late.1, late.2, late.3), (json!(oracle.commune("09163")), json!("24-SXD"), json!("2026-03-02")));

    let noise = file_in(&town, &oracle.commune("09190"), "tieng-on").await;
    assert_eq!(noise["agency"]["code"], "24-CAT");
    let elsewhere = file_in(&town, "07210", "tieng-on").await;
    assert_ne!(elsewhere["agency"]["code"], "24-CAT");
    assert_eq!(apply(&town).await["rules_changed"], 0);
}

#[tokio::test]
async fn a_rule_does_not_fall_upon_another_area_that_has_its_code_now() {
    let town = Town::start().await;
    let id = rule(&town, json!({"area": "09409"}), "27-CAT", Some("2024-01-01")).await;
    // A reform in which the old commune goes elsewhere than to the one that gets its code.
    let line = "27-09409,24-09409,";
    assert!(SUCCESSORS.contains(line));
    let successors = SUCCESSORS.replace(line, "27-09409,24-09400,");
    let body = json!({"on": ON, "dry_run": false, "agencies": AGENCIES, "areas": AREAS, "successors": successors});
    let report = town.post("admin", "/admin/reorganisations", &body).await.expect(200);
    assert_eq!((&report["rules"][0]["id"], &report["rules"][0]["new_areas"]), (&id, &json!(["09400"])));
    assert_eq!(file_in(&town, "09409", "rac-thai-chat-thai").await["agency"]["code"], "24-09409");
    assert_eq!(file_in(&town, "09400", "rac-thai-chat-thai").await["agency"]["code"], "24-CAT");
}
