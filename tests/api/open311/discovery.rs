//! The rules of SeeClickFix/open311-validator on discovery and services.

use super::get;
use crate::town::Town;
use chrono::{DateTime, Utc};

#[tokio::test]
async fn discovery_passes_the_rules_of_the_validator() {
    let town = Town::start().await;
    let (xml, json) = (get(&town, "/discovery.xml").await.expect(200), get(&town, "/discovery.json").await.expect(200));
    assert_eq!((xml.header("content-type"), json.header("content-type")), ("text/xml", "application/json"));
    let document = roxmltree::Document::parse(&xml.text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "discovery");
    for name in ["contact", "key_service", "changeset"] {
        let inner = root.children().find(|node| node.has_tag_name(name)).and_then(|node| node.text()).unwrap_or_default();
        assert!(!inner.trim().is_empty() && json.body[name] == inner, "{name}");
    }
    let endpoints: Vec<_> = root.descendants().filter(|node| node.has_tag_name("endpoint")).collect();
    assert!(endpoints.len() >= 2, "one endpoint alone is no array to an XML reader");
    for endpoint in endpoints {
        assert!(endpoint.descendants().filter(|node| node.has_tag_name("format")).count() >= 2);
    }
    json.text_of("/changeset").parse::<DateTime<Utc>>().unwrap();
    for endpoint in json.body["endpoints"].as_array().unwrap() {
        let changeset: DateTime<Utc> = endpoint["changeset"].as_str().unwrap().parse().unwrap();
        assert!(changeset < Utc::now());
        assert!(endpoint["formats"].as_array().unwrap().contains(&"text/xml".into()));
        assert_eq!(endpoint["specification"], "http://wiki.open311.org/GeoReport_v2");
    }
}

#[tokio::test]
async fn every_service_has_a_code_and_a_definition() {
    let town = Town::start().await;
    let services = get(&town, "/services.json").await.expect(200);
    assert_eq!(services.header("content-type"), "application/json; charset=utf-8");
    let list = services.body.as_array().unwrap();
    assert_eq!(list.len(), 30);
    for service in list {
        for name in ["service_code", "service_name", "metadata", "type"] {
            assert!(service[name].as_str().is_some_and(|text| !text.is_empty()), "{name} in {service}");
        }
    }
    let xml = get(&town, "/services.xml").await.expect(200);
    assert_eq!(xml.header("content-type"), "text/xml; charset=utf-8");
    let document = roxmltree::Document::parse(&xml.text).unwrap();
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("service_code")).count(), 30);
    let definition = get(&town, "/services/rac-thai-chat-thai.json").await.expect(200);
    assert_eq!(definition["attributes"][0]["values"].as_array().unwrap().len(), 126);
    for path in ["/services/nix.xml", "/services.xml?jurisdiction_id=boston.gov", "/services.yaml"] {
        let refused = get(&town, path).await.expect(404);
        let document = roxmltree::Document::parse(&refused.text).unwrap();
        assert_eq!(document.root_element().tag_name().name(), "errors", "{path}");
        assert!(document.descendants().any(|node| node.has_tag_name("code") && node.text() == Some("404")), "{path}");
    }
}
