//! Whoever has an account has it erased, with the password; what is open goes on without the person.

use crate::app::{Answered, PASSWORD};
use crate::town::{OWNER, Town, form, form_of_account, form_with};
use reqwest::Method;
use serde_json::{Value, json};

async fn erase(town: &Town, token: &str, body: Value) -> Answered {
    town.app.request(Method::DELETE, "/me").json(&body).token(token).send().await
}

#[tokio::test]
async fn an_account_is_erased_with_the_password_and_its_open_petitions_are_named() {
    let town = Town::start().await;
    let (token, second) = (town.token(OWNER).await, town.app.login(OWNER, PASSWORD).await.expect(200).text_of("/access_token"));
    let open = town.file_as(OWNER, &form_of_account()).await;
    let done = town.file_as(OWNER, &form_of_account()).await;
    town.bring_to(&done, "answered").await;
    // A guest's petition with the proven address goes along; one of another account that names it does not.
    let mut guest = form();
    guest["petitioner"] = json!({"kind": "citizen", "full_name": "Trần Thị Bình", "phone": "0987654321", "email": OWNER});
    let guest = town.file(&guest).await;
    let stranger = town.file(&form_with(json!({}))).await;

    assert_eq!(erase(&town, &token, json!({})).await.expect(422).errors(), ["current_password=required"]);
    erase(&town, &token, json!({"current_password": "không phải mật khẩu"})).await.expect_problem(422, "wrong_password");
    town.app.get("/me").token(&second).send().await.expect(200);
    let erased = erase(&town, &token, json!({"current_password": PASSWORD})).await.expect(200);
    assert_eq!(erased.body["petitions"], 3);
    let mut codes: Vec<&str> =
        erased.body["open_petitions"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    let mut expected = [open.code.as_str(), guest.code.as_str()];
    expected.sort_unstable();
    assert_eq!(codes, expected);
    assert_eq!(erased.body["open_petitions"][0]["outcome"], "continues_without_person");

    // Sessions end, nobody signs in, and a second request finds nobody.
    for token in [&token, &second] {
        town.app.get("/me").token(token).send().await.expect_problem(401, "token_invalid");
    }
    town.app.login(OWNER, PASSWORD).await.expect_problem(401, "login_failed");
    erase(&town, &token, json!({"current_password": PASSWORD})).await.expect_problem(401, "token_invalid");
    // The agency goes on, and sees nobody.
    town.act("clerk", open.document, "accept", json!({})).await.expect(200);
    let identity = town.get("leader", &format!("/documents/{}/petitioner", open.document)).await.expect(200).body;
    assert_eq!((&identity["full_name"], &identity["email"], &identity["phone"]), (&Value::Null, &Value::Null, &Value::Null));
    town.act("handler", open.document, "draft", crate::town::draft()).await.expect(200);
    let kept = town.get("leader", &format!("/documents/{}/petitioner", stranger.document)).await.expect(200).body;
    assert_eq!(kept["full_name"], "Nguyễn Văn An");
    let entries = town.get("admin", "/admin/audit?action=erase_own_account").await.expect(200)["items"].clone();
    assert!(entries[0].is_object() && !entries.to_string().contains("owner@"), "{entries}");
    // The address is free for whoever has it.
    let again = json!({"account_kind": "citizen", "full_name": "Trần Thị Bình", "email": OWNER, "password": PASSWORD});
    town.app.post("/auth/register", &again).send().await.expect(201);
    assert_eq!(crate::verify::report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn an_unproven_contact_takes_no_petition_of_somebody_else_along() {
    let town = Town::start().await;
    let guest = town.file(&form()).await;
    let thief = json!({"account_kind": "citizen", "full_name": "Kẻ Gian", "phone": "0912345678", "password": PASSWORD});
    let token = town.app.post("/auth/register", &thief).send().await.expect(201).text_of("/access_token");
    let erased = erase(&town, &token, json!({"current_password": PASSWORD})).await.expect(200);
    assert_eq!(erased.body, json!({"petitions": 0, "open_petitions": []}));
    let identity = town.get("leader", &format!("/documents/{}/petitioner", guest.document)).await.expect(200).body;
    assert_eq!(identity["phone"], "+84912345678");
}

#[tokio::test]
async fn officers_do_not_erase_themselves() {
    let town = Town::start().await;
    let token = town.token("clerk").await;
    erase(&town, &token, json!({"current_password": PASSWORD})).await.expect_problem(409, "officer_may_not_delete");
    town.app.get("/me").token(&token).send().await.expect(200);
}
