//! What everybody may read: published petitions, without a person, with a rounded place.

use super::get;
use crate::town::Town;

#[tokio::test]
async fn a_published_petition_is_a_closed_request_without_a_person() {
    let town = Town::start().await;
    let code = town.filed("answered").await.code;
    for path in
        [format!("/requests/{code}.json"), format!("/requests.json?service_request_id={code},nix"), "/requests.json".to_owned()]
    {
        let read = get(&town, &path).await.expect(200);
        let request = &read.body[0];
        assert_eq!((&request["service_request_id"], &request["status"]), (&code.as_str().into(), &"closed".into()), "{path}");
        assert_eq!(request["service_code"], "rac-thai-chat-thai");
        assert!(request["lat"].is_string() && request["agency_responsible"].is_string(), "{request}");
        for secret in ["Nguyễn Văn An", "912345678", "an@example.vn", "21.18614", "106.07655"] {
            assert!(!read.text.contains(secret), "{secret}");
        }
    }
    let xml = get(&town, &format!("/requests/{code}.xml")).await.expect(200);
    let document = roxmltree::Document::parse(&xml.text).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "service_requests");
    for (query, is_there) in [
        ("status=closed", true),
        ("service_code=rac-thai-chat-thai,nix&status=closed,open", true),
        ("service_code=nix", false),
        ("service_code=chieu-sang", false),
    ] {
        let listed = get(&town, &format!("/requests.json?{query}")).await.expect(200);
        assert_eq!(listed.text.contains(&code), is_there, "{query}");
    }
    let notes = get(&town, &format!("/requests/{code}.json")).await.expect(200).body[0]["status_notes"].clone();
    assert!(notes.as_str().unwrap().starts_with("Đã trả lời. "), "{notes}");
    let open = get(&town, "/requests.json?status=open").await.expect(200);
    assert_eq!(open.text, "[]");
}

#[tokio::test]
async fn questions_that_make_no_sense_are_named() {
    let town = Town::start().await;
    for (query, names) in [
        ("status=half", "status"),
        ("start_date=gestern", "start_date"),
        ("start_date=2023-01-01T00:00:00Z&end_date=2023-06-01T00:00:00Z", "end_date"),
        ("start_date=2023-03-01T00:00:00Z&end_date=2023-02-01T00:00:00Z", "end_date"),
    ] {
        let refused = get(&town, &format!("/requests.json?{query}")).await.expect(400);
        assert!(refused.body[0]["description"].as_str().unwrap().contains(names), "{query}: {}", refused.text);
    }
    get(&town, "/tokens/nix.json").await.expect(404);
    get(&town, "/requests/nix.json").await.expect(404);
}

#[tokio::test]
async fn days_and_a_plus_that_was_not_encoded_are_understood() {
    let town = Town::start().await;
    let code = town.filed("answered").await.code;
    // It was received on 2 March 2026, in the morning.
    for (query, is_there) in [
        ("start_date=2026-03-02", true),
        ("start_date=2026-03-02&end_date=2026-03-02", true),
        ("start_date=2026-03-01&end_date=2026-03-01", false),
        ("start_date=2026-03-03&end_date=2026-03-04", false),
        ("start_date=2026-03-02T00:00:00+07:00&end_date=2026-03-02T23:00:00+07:00", true),
        ("start_date=2026-03-02T00:00:00%2B07:00&end_date=2026-03-02T01:00:00%2B07:00", false),
    ] {
        let listed = get(&town, &format!("/requests.json?{query}")).await.expect(200);
        assert_eq!(listed.text.contains(&code), is_there, "{query}");
    }
    for query in ["start_date=2026-02-30", "start_date=2026-03-02 07:00", "end_date=2026-03-02T00:00:00 x7:00"] {
        get(&town, &format!("/requests.json?{}", query.replace(' ', "%20"))).await.expect(400);
    }
}

#[tokio::test]
async fn the_picture_of_a_request_is_that_of_the_public_page() {
    for shows_images in [true, false] {
        let town = Town::start_with(|config| {
            config.publish_images = shows_images;
            config.public_url = Some("https://pakn.bacninh.gov.vn/".to_owned());
        })
        .await;
        let photo = crate::attachments::sent(&town.app, &crate::media::jpeg(60, 40)).await;
        let petition = town.file(&crate::town::form_with(serde_json::json!({"attachments": [photo]}))).await;
        town.bring_to(&petition, "answered").await;
        let without = town.filed("answered").await.code;
        let listed = get(&town, "/requests.json").await.expect(200).body;
        let picture_of = |code: &str| {
            let requests = listed.as_array().unwrap();
            requests.iter().find(|request| request["service_request_id"] == code).unwrap()["media_url"].clone()
        };
        assert!(picture_of(&without).is_null());
        let picture = picture_of(&petition.code);
        assert_eq!(picture.is_string(), shows_images, "{picture}");
        if let Some(address) = picture.as_str() {
            let path = address.strip_prefix("https://pakn.bacninh.gov.vn").unwrap();
            let answer = town.app.outside(reqwest::Method::GET, path).send().await.expect(200);
            assert_eq!(answer.header("content-type"), "image/jpeg");
        }
    }
}
