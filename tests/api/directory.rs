//! Categories, areas and agencies for everybody, on any day.

use crate::app::TestApp;
use serde_json::Value;

/// Every item of a list, page by page.
pub async fn all(app: &TestApp, path: &str, token: Option<&str>) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = app.get(&format!("{path}{}limit=100{cursor}", if path.contains('?') { '&' } else { '?' }));
        let request = match token {
            Some(token) => request.token(token),
            None => request,
        };
        let mut page = request.send().await.expect(200).body;
        items.append(page["items"].as_array_mut().unwrap());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_directory_of_2023_is_there_on_any_day_since() {
    let app = TestApp::start().await;
    for on in ["", "?on=2023-01-01", "?on=2023-12-31", "?on=2026-11-22", "?on=2199-12-31"] {
        assert_eq!(all(&app, &format!("/agencies{on}"), None).await.len(), 252, "{on}");
        assert_eq!(all(&app, &format!("/areas{on}"), None).await.len(), 135, "{on}");
        assert_eq!(all(&app, &format!("/categories{on}"), None).await.len(), 30, "{on}");
    }
    assert!(all(&app, "/agencies?on=1999-12-31", None).await.is_empty());
}

#[tokio::test]
async fn names_come_in_the_languages_in_which_they_are_known() {
    let app = TestApp::start().await;
    let path = "/categories?limit=1";
    let vietnamese = app.get(path).send().await.expect(200).body;
    assert_eq!(vietnamese["items"][0]["name"], "Công trình xây dựng");
    let english = app.get(path).header("Accept-Language", "en").send().await.expect(200).body;
    assert_eq!(english["items"][0]["name"], "Construction works");
    assert_eq!(english["items"][0]["name_vi"], "Công trình xây dựng");
    assert_eq!(english["items"][0]["processing_working_days"], 10);
    let agency = app.get("/agencies?limit=1").header("Accept-Language", "en").send().await.expect(200).body;
    assert_eq!(agency["items"][0]["name"], agency["items"][0]["name_vi"]);
    assert_eq!(agency["items"][0]["name_en"], Value::Null);
}

#[tokio::test]
async fn areas_are_walked_from_the_province_down() {
    let app = TestApp::start().await;
    let districts = all(&app, "/areas?parent=27", None).await;
    assert_eq!(codes(&districts), ["256", "258", "259", "260", "261", "262", "263", "264"]);
    assert!(districts.iter().all(|district| district["level"] == "district" && district["parent"] == "27"));
    let communes = all(&app, "/areas?parent=256", None).await;
    assert_eq!(communes.len(), 19);
    assert!(communes.iter().all(|commune| commune["level"] == "commune"));
}

#[tokio::test]
async fn agencies_are_found_by_level_area_and_words_without_accents() {
    let app = TestApp::start().await;
    assert_eq!(all(&app, "/agencies?level=province", None).await.len(), 22);
    assert_eq!(all(&app, "/agencies?level=district", None).await.len(), 104);
    assert_eq!(all(&app, "/agencies?area=256&level=district", None).await.len(), 13);
    assert_eq!(all(&app, "/agencies?area=256", None).await.len(), 13 + 19);
    assert_eq!(all(&app, "/agencies?area=27", None).await.len(), 252);
    for q in ["S%E1%BB%9F%20X%C3%A2y%20d%E1%BB%B1ng", "so+xay+dung", "SO%20XAY", "27-SXD"] {
        assert_eq!(codes(&all(&app, &format!("/agencies?q={q}"), None).await), ["27-SXD"], "{q}");
    }
    assert_eq!(all(&app, "/agencies?q=phuong+ninh+xa", None).await.len(), 2);
    assert!(all(&app, "/agencies?q=khong+co+dau", None).await.is_empty());
}

#[tokio::test]
async fn pages_hold_twenty_and_follow_one_another() {
    let app = TestApp::start().await;
    let first = app.get("/agencies").send().await.expect(200).body;
    assert_eq!(first["items"].as_array().unwrap().len(), 20);
    let next = first["next_cursor"].as_str().unwrap();
    let second = app.get(&format!("/agencies?limit=3&cursor={next}")).send().await.expect(200).body;
    assert_eq!(codes(second["items"].as_array().unwrap()), ["27-CTHUE", "27-PCBN", "27-256"]);
    assert_eq!(app.get(&format!("/areas?cursor={next}")).send().await.expect(422).errors(), ["cursor=foreign_cursor"]);
}

#[tokio::test]
async fn each_wrong_parameter_is_named() {
    let app = TestApp::start().await;
    for (path, wrong) in [
        ("/agencies?on=2023-02-30", "on=unreadable"),
        ("/agencies?on=yesterday", "on=unreadable"),
        ("/agencies?on=20230-01-01", "on=unreadable"),
        ("/agencies?on=%2B20230-01-01", "on=out_of_range"),
        ("/agencies?on=1899-12-31", "on=out_of_range"),
        ("/areas?on=2200-01-01", "on=out_of_range"),
        ("/categories?on=0001-01-01", "on=out_of_range"),
        ("/agencies?level=galaxy", "level=not_one_of"),
        ("/agencies?area=999", "area=unknown_code"),
        ("/areas?parent=999", "parent=unknown_code"),
        ("/areas?parent=", "parent=unknown_code"),
        ("/agencies?q=a%00b", "q=control_character"),
        ("/categories?limit=0", "limit=out_of_range"),
        ("/categories?limit=101", "limit=out_of_range"),
        ("/categories?of=2023", "of=unknown_field"),
    ] {
        assert_eq!(app.get(path).send().await.expect(422).errors(), [wrong], "{path}");
    }
}
