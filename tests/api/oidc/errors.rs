//! What goes wrong on the way to the real provider and back.

use super::{Setting, finish, settings};
use crate::app::TestApp;
use chrono::Duration;
use reqwest::Url;
use serde_json::json;

/// The address with another value of a parameter.
fn with(url: &str, name: &str, value: &str) -> String {
    let mut url = Url::parse(url).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let changed = pairs.into_iter().map(|(key, old)| if key == name { (key, value.to_owned()) } else { (key, old) });
    let changed: Vec<_> = changed.collect();
    url.query_pairs_mut().clear().extend_pairs(changed);
    url.into()
}

#[tokio::test]
async fn codes_and_states_are_good_once() {
    let Some(setting) = Setting::start().await else { return };
    let begun = setting.begin("citizen").await;
    let returned = setting.provider.sign_in(&begun.url, "an").await;
    let body = finish(&begun, &returned);
    setting.finish("citizen", &body).send().await.expect(200);
    setting.finish("citizen", &body).send().await.expect_problem(422, "oidc_state_unknown");
    // The code of somebody else in a sign-in of one's own: its verifier is another one.
    let stolen = setting.begin("citizen").await;
    let mut replayed = body.clone();
    replayed["state"] = json!(stolen.state);
    replayed["finish_secret"] = json!(stolen.secret);
    setting.finish("citizen", &replayed).send().await.expect_problem(422, "oidc_code_refused");
    let mut made_up = replayed.clone();
    let another = setting.begin("citizen").await;
    made_up["state"] = json!(another.state);
    made_up["finish_secret"] = json!(another.secret);
    made_up["code"] = json!("made-up");
    setting.finish("citizen", &made_up).send().await.expect_problem(422, "oidc_code_refused");
}

#[tokio::test]
async fn a_fresh_code_in_the_sign_in_of_another_is_refused() {
    let Some(setting) = Setting::start().await else { return };
    let (mine, theirs) = (setting.begin("citizen").await, setting.begin("citizen").await);
    let returned = setting.provider.sign_in(&theirs.url, "binh").await;
    let mut body = finish(&mine, &returned);
    body["state"] = json!(mine.state);
    setting.finish("citizen", &body).send().await.expect_problem(422, "oidc_code_refused");
}

#[tokio::test]
async fn only_the_client_that_began_can_finish() {
    let Some(setting) = Setting::start().await else { return };
    let begun = setting.begin("citizen").await;
    let returned = setting.provider.sign_in(&begun.url, "an").await;
    let right = finish(&begun, &returned);
    let mut wrong = right.clone();
    wrong["finish_secret"] = json!(setting.begin("citizen").await.secret);
    setting.finish("citizen", &wrong).send().await.expect_problem(422, "oidc_state_unknown");
    setting.finish("officer", &right).send().await.expect_problem(422, "oidc_state_unknown");
    // Who does not hold the secret cannot spoil the sign-in either.
    setting.finish("citizen", &right).send().await.expect(200);
}

#[tokio::test]
async fn after_ten_minutes_it_is_over() {
    let Some(setting) = Setting::start().await else { return };
    let begun = setting.begin("citizen").await;
    let returned = setting.provider.sign_in(&begun.url, "an").await;
    setting.app.advance(Duration::minutes(10));
    setting.finish("citizen", &finish(&begun, &returned)).send().await.expect_problem(422, "oidc_state_unknown");
}

#[tokio::test]
async fn a_wrong_nonce_a_wrong_challenge_and_a_refusal_are_told_apart() {
    let Some(setting) = Setting::start().await else { return };
    let begun = setting.begin("citizen").await;
    let returned = setting.provider.sign_in(&with(&begun.url, "nonce", "somebody-elses"), "an").await;
    setting.finish("citizen", &finish(&begun, &returned)).send().await.expect_problem(422, "oidc_token_invalid");

    let begun = setting.begin("citizen").await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let returned = setting.provider.sign_in(&with(&begun.url, "code_challenge", challenge), "an").await;
    setting.finish("citizen", &finish(&begun, &returned)).send().await.expect_problem(422, "oidc_code_refused");

    let begun = setting.begin("citizen").await;
    let returned = setting.provider.decline(&begun.url).await;
    assert_eq!(returned["error"], "access_denied");
    setting.finish("citizen", &finish(&begun, &returned)).send().await.expect_problem(422, "oidc_denied");
    setting.finish("citizen", &finish(&begun, &returned)).send().await.expect_problem(422, "oidc_state_unknown");
}

#[tokio::test]
async fn an_answer_names_the_provider_that_was_asked() {
    let Some(setting) = Setting::start().await else { return };
    for named in [Some("https://evil.example"), None] {
        let begun = setting.begin("citizen").await;
        let returned = setting.provider.sign_in(&begun.url, "an").await;
        assert_eq!(returned["iss"], setting.provider.issuer);
        let mut body = finish(&begun, &returned);
        match named {
            Some(named) => body["iss"] = json!(named),
            None => drop(body.as_object_mut().unwrap().remove("iss")),
        }
        setting.finish("citizen", &body).send().await.expect_problem(422, "oidc_issuer_wrong");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_is_waited_for() {
    let Some(setting) = Setting::start().await else { return };
    let begun = setting.begin("citizen").await;
    let returned = setting.provider.sign_in(&begun.url, "an").await;
    let Setting { app, provider } = setting;
    drop(provider);
    let answer = app.post("/auth/oidc/citizen/finish", &finish(&begun, &returned)).send().await;
    assert_eq!(answer.expect_problem(503, "oidc_away").header("retry-after"), "5");
}

#[tokio::test]
async fn what_is_not_set_up_is_not_there() {
    let app = TestApp::start().await;
    for path in ["/auth/oidc/citizen/begin", "/auth/oidc/officer/begin", "/auth/oidc/reviewer/begin"] {
        app.post(path, &json!({})).send().await.expect_problem(404, "oidc_not_set_up");
    }
    let body = json!({"state": "x", "finish_secret": "y", "code": "z"});
    app.post("/auth/oidc/citizen/finish", &body).send().await.expect_problem(404, "oidc_not_set_up");
    let away = TestApp::start_with(|config| config.oidc.citizen = settings("http://127.0.0.1:1", "pakn-citizen")).await;
    let answer = away.post("/auth/oidc/citizen/begin", &json!({})).send().await;
    assert_eq!(answer.expect_problem(503, "oidc_away").header("retry-after"), "5");
    for (body, wrong) in [
        (json!({}), vec!["state=required"]),
        (json!({"state": "", "finish_secret": "x"}), vec!["state=required"]),
        (json!({"state": "x".repeat(5000), "finish_secret": "x"}), vec!["state=too_long"]),
        (json!({"state": "x", "finish_secret": "x", "code": "a\nb"}), vec!["code=control_character"]),
        (json!({"state": "x", "finish_secret": "x", "admin": true}), vec!["admin=unknown_field"]),
    ] {
        let answer = away.post("/auth/oidc/citizen/finish", &body).send().await.expect_problem(422, "invalid_values");
        assert_eq!(answer.errors()[..1], wrong, "{body}");
    }
}
