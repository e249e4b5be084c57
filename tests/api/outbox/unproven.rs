//! Letters to addresses that somebody has only typed: whoever reads them reads no word of whoever typed.

use super::courier;
use super::email::{assert_without_bait, parsed, town};
use crate::app::PASSWORD;
use crate::mail_server::MailServer;
use crate::town::{OWNER, Town};
use chrono::Duration;
use pakn::kernel::account::ContactKind;
use pakn::ops::jobs::run_maintenance;
use serde_json::{Value, json};

const BAIT: &str = "EVILREG http://evil.example";
const VICTIM: &str = "nan.nhan@example.vn";

/// The one letter that is on its way.
async fn letter(town: &Town, server: &MailServer) -> Value {
    courier(town).await;
    let letter = server.letter();
    assert_eq!(server.more().len(), 0);
    letter
}

fn assert_neutral(letter: &Value, greeting: &str) {
    let read = parsed(letter);
    assert_eq!(read["to"], VICTIM);
    for part in ["text", "html"] {
        assert!(read[part].as_str().unwrap().replace("&#x2f;", "/").contains(greeting), "{read}");
    }
    assert_without_bait(letter, &read);
}

#[tokio::test]
async fn a_code_for_a_registration_greets_nobody_by_the_name_that_was_typed() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let body = json!({
        "account_kind": "business", "full_name": BAIT, "email": VICTIM, "password": PASSWORD,
        "company_name": "Vào evil.example ngay", "tax_code": "0100233488",
    });
    let token = town.app.post("/auth/register", &body).send().await.expect(201).text_of("/access_token");
    assert_neutral(&letter(&town, &server).await, "Kính gửi ông/bà,");
    town.app.patch("/me/preferences", &json!({"lang": "en"})).token(&token).send().await.expect(200);
    town.app.post("/me/contacts/send", &json!({"kind": "email"})).token(&token).send().await.expect(202);
    assert_neutral(&letter(&town, &server).await, "Dear Sir or Madam,");
}

#[tokio::test]
async fn a_code_for_another_address_is_as_silent_and_what_is_proven_is_greeted_by_name() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let token = town.token(OWNER).await;
    courier(&town).await;
    let changes = json!({"full_name": BAIT, "email": VICTIM, "current_password": PASSWORD});
    town.app.patch("/me", &changes).token(&token).send().await.expect(200);
    assert_neutral(&letter(&town, &server).await, "Kính gửi ông/bà,");
    // Whoever holds the proven address has written the name.
    town.app.post("/auth/password-reset", &json!({"login": OWNER})).send().await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1);
    let read = parsed(&letter(&town, &server).await);
    assert!(read["text"].as_str().unwrap().contains(BAIT), "{read}");
}

#[tokio::test]
async fn an_address_that_was_replaced_is_told_without_the_name_of_whoever_replaced_it() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let token = town.token(VICTIM).await;
    courier(&town).await;
    let own = town.app.get("/me").token(&token).send().await.expect(200);
    town.app.patch("/me", &json!({"full_name": BAIT})).token(&token).send().await.expect(200);
    let id = own.body["id"].as_i64().unwrap();
    town.app.vouch(id, ContactKind::Email, "ke.gian@example.vn").await;
    assert_neutral(&letter(&town, &server).await, "Kính gửi ông/bà,");
}

#[tokio::test]
async fn an_address_that_the_administration_has_set_gets_a_link_without_a_name() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    town.token("clerk").await;
    let listed = town.get("admin", "/admin/accounts?q=clerk").await.expect(200);
    let clerk = listed["items"].as_array().unwrap().iter().find(|account| account["username"] == "clerk").unwrap().clone();
    let changes = json!({"full_name": BAIT, "email": VICTIM});
    let token = town.token("admin").await;
    town.app.patch(&format!("/admin/accounts/{}", clerk["id"]), &changes).token(&token).send().await.expect(200);
    courier(&town).await;
    town.later(Duration::minutes(10));
    town.app.post("/auth/password-reset", &json!({"login": "clerk"})).send().await.expect(202);
    run_maintenance(&town.app.app).await.unwrap();
    courier(&town).await;
    let first = server.letter();
    for letter in std::iter::once(first).chain(server.more()) {
        assert_neutral(&letter, "Kính gửi ông/bà,");
    }
}
