//! What `api-spec/` promises is what the program does; `PAKN_UPDATE_API_SPEC=1` writes the files anew.

use pakn::kernel::account::Role;
use pakn::ops::http::openapi;
use pakn::petitions::rules::Status;
use pakn::web::problem::catalogue;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn compare_or_write(name: &str, generated: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("api-spec").join(name);
    if std::env::var_os("PAKN_UPDATE_API_SPEC").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == generated, "api-spec/{name} is not what the program does: run the tests with PAKN_UPDATE_API_SPEC=1");
}

fn document() -> Value {
    serde_json::to_value(openapi::describe()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &'_ Value)| -> Vec<String> {
        item.as_object().unwrap().keys().map(|method| format!("{method} {path}")).collect()
    };
    let names: Vec<String> = paths.iter().flat_map(of).collect();
    names
        .into_iter()
        .map(|name| {
            let (method, path) = name.split_once(' ').unwrap();
            let operation = &document["paths"][path][method];
            (name.clone(), operation)
        })
        .collect()
}

#[test]
fn the_words_of_the_description_are_those_of_the_wire() {
    let document = document();
    let words = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    let wire = |words: Vec<&str>| Value::from(words);
    assert_eq!(words("Status"), wire(Status::ALL.iter().map(|it| it.as_str()).collect()));
    assert_eq!(words("Role"), wire(Role::ALL.iter().map(|it| it.as_str()).collect()));
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let words = schema["enum"].as_array().cloned().unwrap_or_default();
        for word in words.iter().filter_map(Value::as_str) {
            assert_eq!(word, word.to_lowercase(), "{name}: nothing on the wire has capitals");
        }
    }
}

#[test]
fn what_a_petition_cannot_be_without_is_marked() {
    let document = document();
    let required = |name: &str| -> BTreeSet<String> {
        let names = document["components"]["schemas"][name]["required"].as_array().unwrap();
        names.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let of_all = ["title", "content", "category", "area"].map(str::to_owned);
    assert_eq!(required("PetitionForm"), BTreeSet::from(of_all.clone()));
    assert_eq!(required("PartnerForm"), of_all.into_iter().chain(["partner_id".to_owned()]).collect());
}

#[test]
fn the_description_is_the_committed_one() {
    compare_or_write("openapi.json", &(openapi::describe().to_pretty_json().unwrap() + "\n"));
}

#[test]
fn the_catalogue_of_errors_is_the_committed_one() {
    compare_or_write("errors.md", &catalogue::markdown());
}

#[test]
fn every_operation_has_a_name_of_its_own_a_summary_and_a_known_tag() {
    let document = document();
    let tags: BTreeSet<&str> = document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut names = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{name}: the operation id is taken");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{name}: no summary");
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(tag), "{name}: unknown tag {tag}");
        assert!(operation["responses"].get("default").is_none(), "{name}: every answer is described by its status");
        assert!(operation["x-right"]["name"].is_string(), "{name} names no right");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
}
