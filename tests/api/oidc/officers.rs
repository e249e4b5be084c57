//! Officers sign in at a provider of their own.

use super::{Setting, finish};
use crate::app::PASSWORD;
use crate::town::AGENCY;
use pakn::kernel::account::Role;
use pakn::kernel::ids::AccountId;
use pakn::officers::{self, Administrator};
use serde_json::json;

async fn clerk(setting: &Setting) -> String {
    setting.app.officer("vanthu", Some(AGENCY), &[Role::Clerk]).await
}

#[tokio::test]
async fn an_officer_links_first_and_signs_in_then() {
    let Some(setting) = Setting::start().await else { return };
    setting.sign_in("officer", "an").await.expect_problem(401, "oidc_account_refused");
    let token = clerk(&setting).await;
    let linked = setting.link("officer", &token, Some(PASSWORD), "an").await.expect(200);
    assert_eq!((&linked.body["items"][0]["realm"], &linked.body["has_password"]), (&json!("officer"), &json!(true)));
    let signed = setting.sign_in("officer", "an").await.expect(200);
    assert_eq!(signed.body["account"]["username"], json!("vanthu"));
    setting.app.get("/documents").token(&signed.text_of("/access_token")).send().await.expect(200);
    // Another person at the same provider is nobody here, and gets no account.
    setting.sign_in("officer", "binh").await.expect_problem(401, "oidc_account_refused");
    // The same person as a citizen is somebody else.
    let citizen = setting.sign_in("citizen", "an").await.expect(200);
    let id = &signed.body["account"]["id"];
    assert_ne!(citizen.body["account"]["id"], *id);
    // All of it stands in the audit record.
    let identities = setting.identities(&token).await;
    let path = format!("/me/identities/{}/remove", identities["items"][0]["id"]);
    setting.app.post(&path, &json!({"current_password": PASSWORD})).token(&token).send().await.expect(204);
    let admin = setting.app.officer("quantri", None, &[Role::Admin]).await;
    let entries = setting.app.get(&format!("/admin/audit?account={id}")).token(&admin).send().await.expect(200);
    let newest: Vec<&str> = entries.body["items"].as_array().unwrap().iter().filter_map(|it| it["action"].as_str()).collect();
    assert!(newest.starts_with(&["remove_identity", "sign_in", "link_identity"]), "{newest:?}");
}

#[tokio::test]
async fn disabled_accounts_get_the_answer_of_unknown_ones() {
    let Some(setting) = Setting::start().await else { return };
    let token = clerk(&setting).await;
    setting.link("officer", &token, Some(PASSWORD), "an").await.expect(200);
    let id = setting.app.get("/me").token(&token).send().await.expect(200).body["id"].clone();
    officers::disable(&setting.app.app, &Administrator::Operator, AccountId(id.as_i64().unwrap())).await.unwrap();
    let (disabled, unknown) = (setting.sign_in("officer", "an").await, setting.sign_in("officer", "binh").await);
    let said = |answer: crate::app::Answered| answer.expect_problem(401, "oidc_account_refused").body["detail"].clone();
    assert_eq!(said(disabled), said(unknown));
}

#[tokio::test]
async fn a_second_factor_is_asked_for_here_as_well() {
    let Some(setting) = Setting::start().await else { return };
    let token = clerk(&setting).await;
    setting.link("officer", &token, Some(PASSWORD), "an").await.expect(200);
    let begun = setting.app.post("/me/second-factor", &json!({"current_password": PASSWORD})).token(&token).send().await;
    let secret = begun.expect(200).text_of("/secret");
    let confirm = json!({"totp": code(&setting, &secret)});
    let codes = setting.app.post("/me/second-factor/confirm", &confirm).token(&token).send().await.expect(200);
    let begun = setting.begin("officer").await;
    let returned = setting.provider.sign_in(&begun.url, "an").await;
    let body = finish(&begun, &returned);
    setting.finish("officer", &body).send().await.expect_problem(401, "totp_required");
    // The code of the provider is used up, its proof is not.
    let wrong = crate::sign_in::second_factor::wrong_code(&setting.app, &secret);
    let mut more = json!({"state": begun.state, "finish_secret": begun.secret, "totp": wrong});
    setting.finish("officer", &more).send().await.expect_problem(401, "totp_wrong");
    more["totp"] = codes.body["recovery_codes"][0].clone();
    setting.finish("officer", &more).send().await.expect(200);
    setting.finish("officer", &more).send().await.expect_problem(422, "oidc_state_unknown");
    // All at once is possible too.
    let begun = setting.begin("officer").await;
    let returned = setting.provider.sign_in(&begun.url, "an").await;
    let mut body = finish(&begun, &returned);
    body["totp"] = codes.body["recovery_codes"][1].clone();
    setting.finish("officer", &body).send().await.expect(200);
}

/// The code of this moment.
fn code(setting: &Setting, secret: &str) -> String {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let codes = totp_rs::Builder::new().with_secret(bytes).with_account_name("x".to_owned()).build().unwrap();
    let seconds = setting.app.app.now().utc().timestamp();
    codes.generate(u64::try_from(seconds).unwrap()).to_string()
}

#[tokio::test]
async fn initial_passwords_and_missing_second_factors_link_nothing() {
    let needed = |config: &mut pakn::config::Config| config.second_factor_roles = vec![Role::Admin];
    let Some(setting) = Setting::start_with(true, needed).await else { return };
    let token = setting.app.officer("quantri", None, &[Role::Admin]).await;
    setting.begin_link("officer", &token, Some(PASSWORD)).await.expect_problem(403, "second_factor_required");
    let token = clerk(&setting).await;
    setting.begin_link("citizen", &token, Some(PASSWORD)).await.expect_problem(403, "oidc_wrong_realm");
    let id = setting.app.get("/me").token(&token).send().await.expect(200).body["id"].as_i64().unwrap();
    let (_, initial) = officers::reset(&setting.app.app, &Administrator::Operator, AccountId(id)).await.unwrap();
    let initial = initial.expect("a one-time password").reveal().to_owned();
    let token = setting.app.login("vanthu", &initial).await.expect(200).text_of("/access_token");
    setting.begin_link("officer", &token, Some(&initial)).await.expect_problem(403, "password_change_required");
    let token = setting.register("an@example.vn", json!({})).await;
    setting.begin_link("officer", &token, Some(PASSWORD)).await.expect_problem(403, "oidc_wrong_realm");
}

#[tokio::test]
async fn an_identity_of_before_somebody_vouched_for_the_officer_opens_nothing_afterwards() {
    let Some(setting) = Setting::start().await else { return };
    let token = clerk(&setting).await;
    setting.link("officer", &token, Some(PASSWORD), "an").await.expect(200);
    let id = setting.app.get("/me").token(&token).send().await.expect(200).body["id"].as_i64().unwrap();
    let admin = setting.app.officer("quantri", None, &[Role::Admin]).await;
    let more = json!({"roles": ["clerk", "handler"]});
    setting.app.patch(&format!("/admin/accounts/{id}"), &more).token(&admin).send().await.expect(200);
    officers::confirm_as_operator(&setting.app.app, AccountId(id)).await.unwrap();
    setting.sign_in("officer", "an").await.expect_problem(401, "oidc_account_refused");
    let token = setting.app.login("vanthu", PASSWORD).await.expect(200).text_of("/access_token");
    setting.link("officer", &token, Some(PASSWORD), "an").await.expect(200);
    setting.sign_in("officer", "an").await.expect(200);
}
