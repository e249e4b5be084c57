//! What is held about somebody is handed to them as a whole, and nothing that officers wrote for one another.

use crate::app::PASSWORD;
use crate::media;
use crate::town::{OWNER, Town, draft, form_of_account};
use crate::verify::by_hand;
use pakn::personal::{DataSubject, export};
use serde_json::{Value, json};

async fn upload(town: &Town, token: &str) -> String {
    let form = media::multipart("file", "anh.jpg", "image/jpeg", &media::jpeg(48, 48));
    let request = town.app.request(reqwest::Method::POST, "/attachments").body(&media::multipart_type(), form);
    request.token(token).send().await.expect(201).text_of("/id")
}

#[tokio::test]
async fn an_export_names_everything_that_is_the_persons() {
    let town = Town::start().await;
    let token = town.token(OWNER).await;
    let id = town.get(OWNER, "/me").await.expect(200).body["id"].as_i64().unwrap();
    let wanted = json!({"phone": "0987654321", "current_password": PASSWORD});
    town.app.patch("/me", &wanted).token(&token).send().await.expect(200);
    let (joined, loose) = (upload(&town, &token).await, upload(&town, &token).await);
    by_hand(
        &town.app,
        &format!(
            "INSERT INTO oidc_identities (realm, issuer, subject, account_id, linked_at) \
             VALUES ('citizen', 'https://vneid.example.vn', 'so-79', {id}, '2026-03-02 01:00:00')"
        ),
    )
    .await;
    let mut form = form_of_account();
    form["attachments"] = json!([joined]);
    let petition = town.file_as(OWNER, &form).await;
    town.act("clerk", petition.document, "accept", json!({})).await.expect(200);
    let internal = "Người này hay phàn nàn.";
    town.act("handler", petition.document, "note", json!({"text": internal})).await.expect(200);
    town.act("handler", petition.document, "draft", draft()).await.expect(200);
    town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let rating = json!({"score": 4, "comment": "Cảm ơn, còn một góc."});
    town.post(OWNER, &format!("/petitions/{}/rating", petition.code), &rating).await.expect(200);
    // A draft is no answer yet.
    let open = town.file_as(OWNER, &form_of_account()).await;
    town.act("clerk", open.document, "accept", json!({})).await.expect(200);
    let unsent = json!({"content": "Dự thảo chưa ai duyệt.", "outcome": "resolved"});
    town.act("handler", open.document, "draft", unsent).await.expect(200);

    let held = export(&town.app.app, &DataSubject::read(OWNER).unwrap()).await.unwrap();
    let account = &held["account"];
    assert_eq!(account["claimed_contacts"], json!([{"kind": "phone", "value": "+84987654321"}]));
    assert_eq!(account["identities"][0]["provider"], "https://vneid.example.vn");
    let session = &account["sessions"][0];
    assert!(session["created_at"].is_string() && session["last_seen_at"].is_string(), "{held}");
    let file = |id: &str, file: &Value| {
        assert_eq!((&file["id"], &file["kind"], &file["day"]), (&json!(id), &json!("image"), &json!("2026-03-02")));
        assert!(file["size"].as_i64().is_some_and(|size| size > 100), "{file}");
    };
    file(&loose, &account["files"][0]);
    let first = &held["petitions"][0];
    file(&joined, &first["files"][0]);
    let answer = &first["answers"][0];
    assert_eq!((&answer["content"], &answer["outcome"]), (&draft()["content"], &json!("resolved")));
    assert_eq!((&answer["score"], &answer["comment"]), (&json!(4), &rating["comment"]));
    assert_eq!(held["petitions"][1]["answers"], json!([]));
    let whole = held.to_string();
    assert!(!whole.contains(internal) && !whole.contains("chưa ai duyệt"), "{whole}");
}
