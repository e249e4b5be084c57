//! Citizens sign in at the real provider.

use super::{Setting, finish, settings};
use crate::app::PASSWORD;
use crate::identity_provider::BACK;
use chrono::Duration;
use pakn::kernel::account::ContactKind;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn whoever_comes_first_gets_an_account_and_finds_it_again() {
    let Some(setting) = Setting::start().await else { return };
    let first = setting.sign_in("citizen", "an").await.expect(200);
    assert_eq!(first.header("cache-control"), "no-store");
    let account = &first.body["account"];
    assert_eq!((&account["account_kind"], &account["full_name"]), (&json!("citizen"), &json!("Nguyễn Văn An")));
    assert_eq!((&account["personal_id"], &account["phone"]), (&json!("027090000001"), &json!(null)));
    assert_eq!((&account["email"], &account["roles"]), (&json!(null), &json!(["citizen"])));
    let again = setting.sign_in("citizen", "an").await.expect(200);
    assert_eq!(again.body["account"]["id"], account["id"]);
    let other = setting.sign_in("citizen", "binh").await.expect(200);
    assert_ne!(other.body["account"]["id"], account["id"]);
    // It is an account like any other.
    let token = again.text_of("/access_token");
    let filed = setting.app.post("/petitions", &crate::town::form_of_account()).token(&token).send().await;
    assert_ne!(filed.status, 401, "{}", filed.text);
    setting.app.post("/auth/refresh", &json!({"refresh_token": again.text_of("/refresh_token")})).send().await.expect(200);
    let identities = setting.identities(&token).await;
    assert_eq!(identities["items"][0]["issuer"], json!(setting.provider.issuer));
    assert_eq!((&identities["items"][0]["realm"], &identities["has_password"]), (&json!("citizen"), &json!(false)));
    assert!(identities["items"][0]["last_used_at"].is_string() && !identities.to_string().contains("027090000001"));
}

#[tokio::test]
async fn claims_come_from_userinfo_where_the_settings_say_so() {
    let Some(setting) = Setting::start_with(false, |config| config.oidc.citizen.userinfo = true).await else { return };
    let account = setting.sign_in("citizen", "binh").await.expect(200).body["account"].clone();
    assert_eq!((&account["full_name"], &account["personal_id"]), (&json!("Trần Thị Bình"), &json!("027191000002")));
    // The number is of another year than the day of birth: it is not believed, the person is.
    let account = setting.sign_in("citizen", "odd").await.expect(200).body["account"].clone();
    assert_eq!((&account["full_name"], &account["personal_id"]), (&json!("Lê Lẻ"), &json!(null)));
    let Some(without) = Setting::start_with(false, |_| {}).await else { return };
    without.sign_in("citizen", "binh").await.expect_problem(422, "oidc_claims_insufficient");
}

#[tokio::test]
async fn the_map_of_claims_is_a_setting() {
    let standard = |config: &mut pakn::config::Config| {
        config.oidc.citizen.scopes = vec!["profile".to_owned()];
        config.oidc.citizen.claims = vec!["full_name=name".to_owned()];
    };
    let Some(setting) = Setting::start_with(true, standard).await else { return };
    let account = setting.sign_in("citizen", "an").await.expect(200).body["account"].clone();
    assert_eq!((&account["full_name"], &account["personal_id"]), (&json!("Nguyễn Văn An"), &json!(null)));
}

#[tokio::test]
async fn organisations_and_people_without_a_name_get_no_account() {
    let Some(setting) = Setting::start().await else { return };
    for login in ["company", "nameless", "unknown"] {
        setting.sign_in("citizen", login).await.expect_problem(422, "oidc_claims_insufficient");
    }
}

#[tokio::test]
async fn equal_data_link_nothing() {
    let Some(setting) = Setting::start().await else { return };
    let token = setting.register("an@example.vn", json!({"personal_id": "027090000001"})).await;
    let old = setting.app.get("/me").token(&token).send().await.expect(200).body["id"].clone();
    let new = setting.sign_in("citizen", "an").await.expect(200).body["account"]["id"].clone();
    assert_ne!(old, new);
    assert_eq!(setting.identities(&token).await["items"], json!([]));
}

#[tokio::test]
async fn a_first_password_is_set_after_a_fresh_sign_in_only() {
    let Some(setting) = Setting::start().await else { return };
    let token = setting.sign_in("citizen", "an").await.expect(200).text_of("/access_token");
    let change = json!({"email": "an@example.vn"});
    let patch = || setting.app.request(Method::PATCH, "/me").json(&change).token(&token).send();
    setting.app.advance(Duration::minutes(11));
    patch().await.expect_problem(403, "fresh_sign_in_needed");
    setting.app.advance(Duration::minutes(-11));
    let own = patch().await.expect(200);
    assert_eq!(own.body["contacts"], json!([{"kind": "email", "value": "an@example.vn", "confirmed": false}]));
    setting.app.vouch(own.body["id"].as_i64().unwrap(), ContactKind::Email, "an@example.vn").await;
    for password in ["!", "", PASSWORD] {
        let answer = setting.app.login("an@example.vn", password).await;
        assert!(["login_failed", "invalid_values"].contains(&answer.code()), "{}", answer.text);
    }
    setting.app.advance(Duration::minutes(11));
    let set = |body| setting.app.post("/me/password", &body).token(&token).send();
    set(json!({"new_password": PASSWORD})).await.expect_problem(403, "fresh_sign_in_needed");
    setting.app.advance(Duration::minutes(-11));
    assert_eq!(
        set(json!({"new_password": "12345678"})).await.expect_problem(422, "invalid_values").errors(),
        ["new_password=weak_password"]
    );
    set(json!({"new_password": PASSWORD})).await.expect(204);
    setting.app.login("an@example.vn", PASSWORD).await.expect(200);
    assert_eq!(set(json!({"new_password": "vườn đào mùa xuân"})).await.errors(), ["current_password=required"]);
    assert_eq!(setting.identities(&token).await["has_password"], json!(true));
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_account() {
    let Some(setting) = Setting::start().await else { return };
    let mut bodies = Vec::new();
    for _ in 0..3 {
        let begun = setting.begin("citizen").await;
        let returned = setting.provider.sign_in(&begun.url, "an").await;
        bodies.push(finish(&begun, &returned));
    }
    let (one, two, three) = tokio::join!(
        setting.finish("citizen", &bodies[0]).send(),
        setting.finish("citizen", &bodies[1]).send(),
        setting.finish("citizen", &bodies[2]).send()
    );
    let ids: Vec<_> = [one, two, three].into_iter().map(|answer| answer.expect(200).body["account"]["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn rotated_keys_are_fetched_anew() {
    let Some(mut setting) = Setting::start().await else { return };
    setting.sign_in("citizen", "an").await.expect(200);
    setting.provider.rotate();
    // Keys were fetched a moment ago: whoever makes tokens that name other keys cannot make us ask again and again.
    setting.sign_in("citizen", "an").await.expect_problem(422, "oidc_token_invalid");
    setting.app.advance(Duration::seconds(61));
    setting.sign_in("citizen", "an").await.expect(200);
}

#[tokio::test]
async fn the_address_asks_for_what_the_settings_say() {
    let Some(setting) = Setting::start().await else { return };
    let begun = setting.begin("citizen").await;
    let url = reqwest::Url::parse(&begun.url).unwrap();
    let pairs: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs["scope"], "openid vneid");
    assert_eq!((pairs["acr_values"].as_str(), pairs["response_type"].as_str()), ("LoA1", "code"));
    assert_eq!((pairs["code_challenge_method"].as_str(), pairs["code_challenge"].len()), ("S256", 43));
    assert_eq!((pairs["redirect_uri"].as_str(), pairs["state"].as_str()), (BACK, begun.state.as_str()));
    assert!(pairs["nonce"].len() >= 43 && !begun.url.contains(&begun.secret) && !begun.url.contains("secret-of"));
    let asked = settings(&setting.provider.issuer, "pakn-citizen").redirect_uris[1].clone();
    let other = setting.app.post("/auth/oidc/citizen/begin", &json!({"redirect_uri": asked})).send().await.expect(200);
    assert!(other.text_of("/authorization_url").contains("vn.gov.bacninh.pakn"));
    for wrong in ["https://evil.example/", "https://pakn.example.vn/signed-in/", "https://pakn.example.vn/signed-in?x=1", ""] {
        let answer = setting.app.post("/auth/oidc/citizen/begin", &json!({"redirect_uri": wrong})).send().await;
        assert_eq!(answer.expect_problem(422, "invalid_values").errors(), ["redirect_uri=not_allowed"], "{wrong}");
    }
}
