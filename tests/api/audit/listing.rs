//! `GET /admin/audit`: for administrators alone, newest first, in pages, narrowed by time, account, action and thing.

use crate::town::Town;
use chrono::Duration;
use serde_json::{Value, json};

async fn actions(town: &Town, query: &str) -> Vec<String> {
    let page = town.get("admin", &format!("/admin/audit?limit=100&{query}")).await.expect(200).body;
    page["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_was_done_is_found_by_whom_what_when_and_to_what() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.get("handler", &format!("/documents/{}/petitioner", petition.document)).await.expect(200);
    town.later(Duration::hours(1));
    let area = town.get("admin", "/admin/areas?limit=1").await.expect(200).body["items"][0].clone();
    let token = town.token("admin").await;
    let path = format!("/admin/areas/{}", area["id"]);
    town.app.patch(&path, &json!({"name": "Tỉnh Bắc Ninh mới"})).token(&token).send().await.expect(200);

    let about = format!("subject_kind=petition&subject={}", petition.code);
    let mut done = actions(&town, &about).await;
    done.sort();
    assert_eq!(done, ["accept", "approve", "draft", "read_document_petitioner", "submit"]);
    let handler = town.get("admin", "/admin/accounts?q=handler").await.expect(200).body["items"][0]["id"].clone();
    let mut done = actions(&town, &format!("account={handler}&{about}")).await;
    done.sort();
    assert_eq!(done, ["draft", "read_document_petitioner", "submit"]);
    assert_eq!(actions(&town, "action=change_area").await, ["change_area"]);
    assert_eq!(actions(&town, "from=2026-03-02T08:30:00%2B07:00&action=accept").await, Vec::<String>::new());
    assert_eq!(actions(&town, "to=2026-03-02T08:30:00%2B07:00&action=accept").await, ["accept"]);

    let entry = town.get("admin", "/admin/audit?action=change_area").await.expect(200).body["items"][0].clone();
    assert_eq!(entry["account"]["username"], "admin");
    assert_eq!((&entry["roles"], &entry["at"]), (&json!(["admin"]), &json!("2026-03-02T09:00:00+07:00")));
    let kept = json!({"before": {"name": area["name"], "version": area["version"]},
                      "after": {"name": "Tỉnh Bắc Ninh mới", "version": area["version"].as_i64().unwrap() + 1}});
    let mut detail = entry["detail"].clone();
    let hash = detail.as_object_mut().unwrap().remove("directory_hash").unwrap();
    assert_eq!((detail, hash.as_str().unwrap().len()), (kept, 64), "the whole directory is covered by its hash");
    let step = town.get("admin", &format!("/admin/audit?action=approve&{about}")).await.expect(200).body["items"][0].clone();
    let told = (&step["detail"]["before"], &step["detail"]["after"], &step["detail"]["document"]);
    assert_eq!(told, (&json!("awaiting_approval"), &json!("answered"), &json!(petition.document)));
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip() {
    let town = Town::start().await;
    town.filed("answered").await;
    let whole = town.get("admin", "/admin/audit?limit=100").await.expect(200).body["items"].as_array().unwrap().clone();
    let (mut paged, mut cursor): (Vec<Value>, String) = (Vec::new(), String::new());
    loop {
        let page = town.get("admin", &format!("/admin/audit?limit=2{cursor}")).await.expect(200).body;
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(whole.len() > 8 && paged == whole, "{} of {}", paged.len(), whole.len());
}

#[tokio::test]
async fn whoever_is_no_administrator_and_whatever_makes_no_sense_is_refused() {
    let town = Town::start().await;
    for who in ["clerk", "leader", "coordinator", "reviewer", "owner@example.vn"] {
        town.get(who, "/admin/audit").await.expect_problem(403, "role_missing");
    }
    town.get("", "/admin/audit").await.expect(401);
    for (query, wrong) in [
        ("from=hôm+qua", "from"),
        ("account=clerk", "account"),
        ("account=99999999999999999999", "account"),
        ("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "to"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
    ] {
        let answer = town.get("admin", &format!("/admin/audit?{query}")).await;
        assert!([400, 422].contains(&answer.status), "{query}: {}", answer.text);
        let fields: Vec<String> = answer.errors().iter().map(|error| error.split('=').next().unwrap().to_owned()).collect();
        assert_eq!(fields, [wrong], "{query}: {}", answer.text);
    }
    for strange in ["action='+OR+1=1--", "subject=%25", "subject_kind=%F0%9F%98%80", "account=-1"] {
        let page = town.get("admin", &format!("/admin/audit?{strange}")).await.expect(200);
        assert_eq!(page["items"], json!([]), "{strange}");
    }
    for who in ["PUT", "PATCH", "DELETE", "POST"] {
        let token = town.token("admin").await;
        let request = town.app.request(who.parse().unwrap(), "/admin/audit").token(&token);
        request.send().await.expect(405);
    }
}
