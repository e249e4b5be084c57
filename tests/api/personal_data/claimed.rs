//! Whoever only says that a contact is theirs is not taken for the person behind it.

use crate::app::PASSWORD;
use crate::database::PERSONAL_KEY;
use crate::process::Installation;
use crate::town::{OWNER, Petition, Town, form_of_account};
use pakn::db::service_error::ServiceError;
use pakn::kernel::field_problem::FieldRule;
use pakn::kernel::ids::AccountId;
use pakn::personal::{DataSubject, SubjectAccount, claiming_accounts, erase, export};
use serde_json::{Value, json};

/// That of the guest who files the form of the town.
const PHONE: &str = "0912 345 678";

/// The command line beside the running server.
fn place(town: &Town) -> Installation {
    let config = &town.app.app.config;
    let url = config.database_url.as_ref().unwrap().reveal();
    Installation::new(&config.data_dir, url).with("PAKN_PERSONAL_KEYS", PERSONAL_KEY)
}

fn subject() -> DataSubject {
    DataSubject::read(PHONE).unwrap()
}

/// Registers with the phone and proves nothing; the number and the token of the account.
async fn claims(town: &Town, name: &str) -> (i64, String) {
    let account = json!({"account_kind": "citizen", "full_name": name, "phone": PHONE, "password": PASSWORD});
    let registered = town.app.post("/auth/register", &account).send().await.expect(201);
    (registered.body["account"]["id"].as_i64().unwrap(), registered.text_of("/access_token"))
}

async fn files(town: &Town, token: &str) -> Petition {
    let filed = town.app.post("/petitions", &form_of_account()).token(token).send().await.expect(201);
    let petition = Petition::of(filed.body);
    town.act("leader", petition.document, "refuse", json!({"reason_code": "unclear"})).await.expect(200);
    petition
}

fn codes(held: &Value) -> Vec<&str> {
    held["petitions"].as_array().unwrap().iter().map(|petition| petition["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_operator_names_the_account_where_nobody_has_proven_the_contact() {
    let town = Town::start().await;
    let guest = town.filed("refused").await;
    let (stranger, token) = claims(&town, "Kẻ Gian").await;
    let theirs = files(&town, &token).await;
    let (person, own_token) = claims(&town, "Nguyễn Văn An").await;
    let own = files(&town, &own_token).await;

    let only_claimed = ServiceError::invalid("subject", FieldRule::OnlyClaimed(2));
    assert_eq!(export(&town.app.app, &subject()).await.unwrap_err(), only_claimed);
    assert_eq!(erase(&town.app.app, &subject()).await.unwrap_err(), only_claimed);
    let place = place(&town);
    for command in ["export", "erase"] {
        let said = place.run(&["subject", command, PHONE]).unwrap_err();
        assert!(said.contains(&format!(": {stranger} of 2026-03-02, {person} of 2026-03-02")), "{said}");
        for telling in ["Kẻ Gian", "Nguyễn Văn An", "912345678", "912 345 678"] {
            assert!(!said.contains(telling), "{said}");
        }
    }
    let admin = town.get("admin", "/me").await.expect(200).body["id"].as_i64().unwrap();
    let another = town.get(OWNER, "/me").await.expect(200).body["id"].as_i64().unwrap();
    for id in [admin, another, 999_999] {
        let named = subject().with_account(SubjectAccount::Named(AccountId(id)));
        let refused = erase(&town.app.app, &named).await.unwrap_err();
        assert_eq!(refused, ServiceError::invalid("account", FieldRule::NotAllowed), "{id}");
    }

    let number = person.to_string();
    let told = place.run(&["subject", "export", PHONE, "--account", &number]).unwrap();
    let held: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(held["account"]["full_name"], "Nguyễn Văn An");
    assert_eq!(codes(&held), [guest.code.as_str(), own.code.as_str()]);
    let done = place.run(&["subject", "erase", PHONE, "--account", &number]).unwrap();
    assert_eq!(done, "anonymised 1 accounts, 2 petitions, 0 people on Zalo\n");
    // The stranger keeps account and petition, and has the contact no longer.
    town.app.get("/me").token(&own_token).send().await.expect_problem(401, "token_invalid");
    let kept = town.app.get("/me").token(&token).send().await.expect(200);
    assert_eq!((&kept.body["full_name"], &kept.body["phone"]), (&json!("Kẻ Gian"), &Value::Null));
    town.app.get(&format!("/petitions/{}", theirs.code)).token(&token).send().await.expect(200);
    assert!(claiming_accounts(&town.app.app, &subject()).await.unwrap().is_empty());
    assert_eq!(export(&town.app.app, &subject()).await.unwrap(), json!({"account": null, "petitions": [], "zalo": []}));
}

#[tokio::test]
async fn a_guest_whose_contact_strangers_claim_is_erased_without_any_account() {
    let town = Town::start().await;
    let guest = town.filed("refused").await;
    let (_, token) = claims(&town, "Kẻ Gian").await;
    let theirs = files(&town, &token).await;
    let place = place(&town);
    let told = place.run(&["subject", "export", PHONE, "--account", "none"]).unwrap();
    let held: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&held["account"], codes(&held)), (&Value::Null, vec![guest.code.as_str()]));
    let done = place.run(&["subject", "erase", PHONE, "--account", "none"]).unwrap();
    assert_eq!(done, "anonymised 0 accounts, 1 petitions, 0 people on Zalo\n");
    town.app.get(&format!("/petitions/{}", theirs.code)).token(&token).send().await.expect(200);
    assert!(place.run(&["subject", "erase", PHONE, "--account", "ai đó"]).unwrap_err().contains("--account"));
}

#[tokio::test]
async fn whoever_has_proven_the_contact_is_the_person() {
    let town = Town::start().await;
    let id = town.get(OWNER, "/me").await.expect(200).body["id"].as_i64().unwrap();
    let subject = || DataSubject::read(OWNER).unwrap();
    let (stranger, _) = claims(&town, "Kẻ Gian").await;
    let not_theirs = ServiceError::invalid("account", FieldRule::NotAllowed);
    for account in [SubjectAccount::NoneOfThem, SubjectAccount::Named(AccountId(stranger))] {
        assert_eq!(export(&town.app.app, &subject().with_account(account)).await.unwrap_err(), not_theirs);
    }
    for account in [SubjectAccount::Proven, SubjectAccount::Named(AccountId(id))] {
        let held = export(&town.app.app, &subject().with_account(account)).await.unwrap();
        assert_eq!(held["account"]["email"], OWNER);
    }
}
