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
