//! Second factors: who needs one, setting it up, codes that are good once, a lost telephone.

use crate::app::{Answered, PASSWORD, TestApp};
use chrono::Duration;
use data_encoding::BASE32_NOPAD;
use pakn::kernel::account::Role;
use serde_json::json;
use totp_rs::Builder;

async fn strict() -> TestApp {
    TestApp::start_with(|config| config.second_factor_roles = vec![Role::Admin, Role::Coordinator, Role::Reviewer]).await
}

/// The code that a telephone shows at the moment of the server.
pub fn code(app: &TestApp, secret: &str) -> String {
    code_beside(app, secret, 0)
}

/// A code that is wrong: any fixed one is right once in a while, and those of the neighbouring moments count as well.
pub fn wrong_code(app: &TestApp, secret: &str) -> String {
    let right = [-60, -30, 0, 30, 60].map(|seconds| code_beside(app, secret, seconds));
    (0..6).map(|number| format!("{number:06}")).find(|code| !right.contains(code)).unwrap()
}

/// The code that it shows so many seconds later.
fn code_beside(app: &TestApp, secret: &str, later: i64) -> String {
    let builder = Builder::new().with_secret(BASE32_NOPAD.decode(secret.as_bytes()).unwrap());
    let seconds = u64::try_from(app.app.now().utc().timestamp() + later).unwrap();
    builder.with_account_name("an").build().unwrap().generate(seconds).to_string()
}

/// Sets one up; gives its secret and the recovery codes.
async fn enrol(app: &TestApp, token: &str) -> (String, Vec<String>) {
    let begun = app.post("/me/second-factor", &json!({"current_password": PASSWORD})).token(token).send().await.expect(200);
    let secret = begun.text_of("/secret");
    let body = json!({"totp": code(app, &secret)});
    let confirmed = app.post("/me/second-factor/confirm", &body).token(token).send().await.expect(200);
    let codes: Vec<String> = serde_json::from_value(confirmed.body["recovery_codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

async fn sign_in(app: &TestApp, login: &str, totp: Option<&str>) -> Answered {
    let mut body = json!({"login": login, "password": PASSWORD});
    if let Some(totp) = totp {
        body["totp"] = json!(totp);
    }
    app.post("/auth/login", &body).send().await
}

#[actix_web::test]
async fn an_administrator_comes_in_only_with_a_second_factor() {
    let app = strict().await;
    let token = app.officer("quan.tri", None, &[Role::Admin]).await;
    app.get("/admin/agencies").token(&token).send().await.expect_problem(403, "second_factor_required");
    let own = app.get("/me").token(&token).send().await.expect(200);
    assert_eq!(own.body["has_second_factor"], false);

    let wrong = app.post("/me/second-factor", &json!({"current_password": "sai"})).token(&token).send().await;
    wrong.expect_problem(422, "wrong_password");
    let begun = app.post("/me/second-factor", &json!({"current_password": PASSWORD})).token(&token).send().await.expect(200);
    assert_eq!(begun.header("cache-control"), "no-store");
    let (secret, url, picture) = (begun.text_of("/secret"), begun.text_of("/otpauth_url"), begun.text_of("/qr_svg"));
    assert!(url.starts_with("otpauth://totp/") && url.contains(&secret) && url.contains("quan.tri"), "{url}");
    assert!(picture.starts_with("<svg") && picture.len() > 2000, "{picture}");
    app.get("/admin/agencies").token(&token).send().await.expect_problem(403, "second_factor_required");
    let wrong = json!({"totp": wrong_code(&app, &secret)});
    let refused = app.post("/me/second-factor/confirm", &wrong).token(&token).send().await;
    refused.expect_problem(401, "totp_wrong");
    let body = json!({"totp": code(&app, &secret)});
    let confirmed = app.post("/me/second-factor/confirm", &body).token(&token).send().await.expect(200);
    assert_eq!(confirmed.body["recovery_codes"].as_array().unwrap().len(), 10);
    app.get("/admin/agencies").token(&token).send().await.expect(200);

    sign_in(&app, "quan.tri", None).await.expect_problem(401, "totp_required");
    sign_in(&app, "quan.tri", Some(&code(&app, &secret))).await.expect_problem(401, "totp_wrong");
    app.clock.advance(Duration::seconds(30));
    let now = code(&app, &secret);
    sign_in(&app, "quan.tri", Some(&now)).await.expect(200);
    sign_in(&app, "quan.tri", Some(&now)).await.expect_problem(401, "totp_wrong");
    app.stop().await;
}

#[actix_web::test]
async fn a_recovery_code_stands_in_once() {
    let app = strict().await;
    let token = app.officer("dieu.phoi", None, &[Role::Coordinator]).await;
    let (secret, codes) = enrol(&app, &token).await;
    sign_in(&app, "dieu.phoi", Some(&codes[3].to_uppercase())).await.expect(200);
    sign_in(&app, "dieu.phoi", Some(&codes[3])).await.expect_problem(401, "totp_wrong");
    app.clock.advance(Duration::seconds(60));
    let body = json!({"totp": code(&app, &secret)});
    let renewed = app.post("/me/second-factor/recovery-codes", &body).token(&token).send().await.expect(200);
    let fresh = renewed.body["recovery_codes"][0].as_str().unwrap().to_owned();
    sign_in(&app, "dieu.phoi", Some(&codes[4])).await.expect_problem(401, "totp_wrong");
    sign_in(&app, "dieu.phoi", Some(&fresh)).await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn codes_are_not_guessed_behind_a_known_password() {
    let app = strict().await;
    let token = app.officer("giam.sat", None, &[Role::Reviewer]).await;
    let (secret, _) = enrol(&app, &token).await;
    app.clock.advance(Duration::seconds(60));
    for _ in 0..5 {
        // Asking without a code in between does not begin the count anew.
        sign_in(&app, "giam.sat", None).await.expect_problem(401, "totp_required");
        sign_in(&app, "giam.sat", Some(&wrong_code(&app, &secret))).await.expect_problem(401, "totp_wrong");
    }
    sign_in(&app, "giam.sat", Some(&code(&app, &secret))).await.expect_problem(429, "too_many_attempts");
    app.stop().await;
}

#[actix_web::test]
async fn whose_role_needs_it_cannot_give_it_up_and_others_can() {
    let app = strict().await;
    let admin = app.officer("quan.tri", None, &[Role::Admin]).await;
    let (secret, _) = enrol(&app, &admin).await;
    app.clock.advance(Duration::seconds(60));
    let body = json!({"current_password": PASSWORD, "totp": code(&app, &secret)});
    app.post("/me/second-factor/remove", &body).token(&admin).send().await.expect_problem(409, "second_factor_needed");

    let clerk = app.officer("van.thu", Some("27-256-QLDT"), &[Role::Clerk]).await;
    app.get("/documents").token(&clerk).send().await.expect(200);
    let (secret, _) = enrol(&app, &clerk).await;
    let again = app.post("/me/second-factor", &json!({"current_password": PASSWORD})).token(&clerk).send().await;
    again.expect_problem(409, "second_factor_present");
    sign_in(&app, "van.thu", None).await.expect_problem(401, "totp_required");
    app.clock.advance(Duration::seconds(60));
    for (password, totp, code_of) in
        [("sai", code(&app, &secret), "wrong_password"), (PASSWORD, wrong_code(&app, &secret), "totp_wrong")]
    {
        let refused = app.post("/me/second-factor/remove", &json!({"current_password": password, "totp": totp})).token(&clerk);
        assert_eq!(refused.send().await.code(), code_of);
    }
    let body = json!({"current_password": PASSWORD, "totp": code(&app, &secret)});
    app.post("/me/second-factor/remove", &body).token(&clerk).send().await.expect(204);
    sign_in(&app, "van.thu", None).await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn an_administrator_helps_whoever_lost_the_telephone() {
    let app = strict().await;
    let (admin, other) =
        (app.officer("quan.tri", None, &[Role::Admin]).await, app.officer("giam.sat", None, &[Role::Reviewer]).await);
    enrol(&app, &admin).await;
    enrol(&app, &other).await;
    let listed = app.get("/admin/accounts?q=giam.sat").token(&admin).send().await.expect(200);
    assert_eq!(listed.body["items"][0]["has_second_factor"], true);
    let id = listed.body["items"][0]["id"].as_i64().unwrap();
    let path = format!("/admin/accounts/{id}/second-factor/remove");
    app.post(&path, &json!({})).token(&admin).send().await.expect(200);
    app.get("/me").token(&other).send().await.expect_problem(401, "token_invalid");
    app.post(&path, &json!({})).token(&admin).send().await.expect_problem(409, "second_factor_missing");
    let again = sign_in(&app, "giam.sat", None).await.expect(200);
    let token = again.text_of("/access_token");
    app.get("/admin/agencies").token(&token).send().await.expect_problem(403, "second_factor_required");
    app.stop().await;
}

#[actix_web::test]
async fn the_secret_lies_sealed() {
    let app = strict().await;
    let token = app.officer("quan.tri", None, &[Role::Admin]).await;
    let (secret, codes) = enrol(&app, &token).await;
    let stored: Vec<String> = app
        .app
        .db
        .read(|connection| {
            let row = pakn::accounts::store::second_factors::find(connection, pakn::kernel::ids::AccountId(1))?;
            Ok::<_, pakn::db::StorageError>(row.into_iter().map(|row| row.secret).collect())
        })
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
    assert!(!stored[0].contains(&secret) && codes.iter().all(|code| !stored[0].contains(code)));
    app.stop().await;
}
