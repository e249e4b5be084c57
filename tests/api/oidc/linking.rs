//! Linking an identity to an account that is there, with proof and without.

use super::{Setting, begun, finish};
use crate::app::PASSWORD;
use chrono::Duration;
use serde_json::json;

#[tokio::test]
async fn who_proves_the_account_links_it() {
    let Some(setting) = Setting::start().await else { return };
    let token = setting.register("an@example.vn", json!({})).await;
    let id = setting.app.get("/me").token(&token).send().await.expect(200).body["id"].clone();
    setting.begin_link("citizen", &token, Some("mật khẩu sai")).await.expect_problem(422, "wrong_password");
    for nothing in [None, Some("")] {
        assert_eq!(setting.begin_link("citizen", &token, nothing).await.errors(), ["current_password=required"]);
    }
    setting.app.post("/me/oidc/citizen/begin", &json!({})).send().await.expect_problem(401, "not_signed_in");
    setting.link("citizen", &token, Some(PASSWORD), "an").await.expect(200);
    assert_eq!(setting.sign_in("citizen", "an").await.expect(200).body["account"]["id"], id);
    // Again is no harm; another one of the same provider is one too many.
    setting.link("citizen", &token, Some(PASSWORD), "an").await.expect(200);
    setting.link("citizen", &token, Some(PASSWORD), "binh").await.expect_problem(409, "oidc_already_linked");
    let other = setting.register("other@example.vn", json!({})).await;
    setting.link("citizen", &other, Some(PASSWORD), "an").await.expect_problem(409, "oidc_identity_taken");
}

#[tokio::test]
async fn a_link_is_finished_by_the_account_that_began() {
    let Some(setting) = Setting::start().await else { return };
    let (mine, theirs) =
        (setting.register("an@example.vn", json!({})).await, setting.register("binh@example.vn", json!({})).await);
    let begin = async || {
        let begun = begun(&setting.begin_link("citizen", &mine, Some(PASSWORD)).await.expect(200));
        let returned = setting.provider.sign_in(&begun.url, "an").await;
        finish(&begun, &returned)
    };
    let body = begin().await;
    let link = setting.app.post("/me/oidc/citizen/finish", &body).token(&theirs).send().await;
    link.expect_problem(422, "oidc_state_unknown");
    let body = begin().await;
    // A link is no sign-in, and a sign-in no link.
    setting.finish("citizen", &body).send().await.expect_problem(422, "oidc_state_unknown");
    let begun = setting.begin("citizen").await;
    let returned = setting.provider.sign_in(&begun.url, "an").await;
    let link = setting.app.post("/me/oidc/citizen/finish", &finish(&begun, &returned)).token(&mine).send().await;
    link.expect_problem(422, "oidc_state_unknown");
    assert_eq!(setting.identities(&mine).await["items"], json!([]));
}

#[tokio::test]
async fn an_identity_is_taken_away_by_its_owner_and_not_the_last_way_in() {
    let Some(setting) = Setting::start().await else { return };
    let token = setting.register("an@example.vn", json!({})).await;
    let linked = setting.link("citizen", &token, Some(PASSWORD), "an").await.expect(200);
    let path = format!("/me/identities/{}/remove", linked.body["items"][0]["id"]);
    let by_provider = setting.sign_in("citizen", "an").await.expect(200).text_of("/access_token");
    let other = setting.register("other@example.vn", json!({})).await;
    let remove = |token: &str, body| setting.app.post(&path, &body).token(token).send();
    let with_password = || json!({"current_password": PASSWORD});
    remove(&other, with_password()).await.expect_problem(404, "oidc_identity_not_found");
    remove(&token, json!({"current_password": "mật khẩu sai"})).await.expect_problem(422, "wrong_password");
    assert_eq!(remove(&token, json!({})).await.errors(), ["current_password=required"]);
    remove(&token, with_password()).await.expect(204);
    remove(&token, with_password()).await.expect_problem(404, "oidc_identity_not_found");
    setting.app.get("/me").token(&by_provider).send().await.expect_problem(401, "token_invalid");
    // Now the identity is nobody's again, and makes an account of its own.
    let alone = setting.sign_in("citizen", "an").await.expect(200).text_of("/access_token");
    let own = setting.identities(&alone).await["items"][0]["id"].clone();
    let path = format!("/me/identities/{own}/remove");
    let remove = || setting.app.post(&path, &json!({})).token(&alone).send();
    remove().await.expect_problem(409, "oidc_last_way_in");
    setting.app.advance(Duration::minutes(11));
    remove().await.expect_problem(403, "fresh_sign_in_needed");
    setting.app.advance(Duration::minutes(-11));
    assert_eq!(setting.identities(&alone).await["items"][0]["id"], own, "a refusal changes nothing");
    setting
        .app
        .post("/me/identities/x/remove", &json!({}))
        .token(&alone)
        .send()
        .await
        .expect_problem(404, "oidc_identity_not_found");
}
