//! Where somebody is signed in, and ending it.

use crate::app::{PASSWORD, TestApp};
use chrono::Duration;
use pakn::kernel::account::Role;
use serde_json::{Value, json};

async fn sign_in(app: &TestApp, device: &str) -> (String, String) {
    let body = json!({"login": "an.nguyen", "password": PASSWORD});
    let answer = app.post("/auth/login", &body).header("User-Agent", device).send().await.expect(200);
    (answer.text_of("/access_token"), answer.text_of("/refresh_token"))
}

async fn sessions(app: &TestApp, token: &str) -> Vec<Value> {
    app.get("/me/sessions").token(token).send().await.expect(200).body["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_owner_sees_and_ends_the_own_sessions() {
    let app = TestApp::start().await;
    let other = app.officer("binh.tran", Some("27-256-QLDT"), &[Role::Clerk]).await;
    app.officer("an.nguyen", Some("27-256-QLDT"), &[Role::Clerk]).await;
    let (phone, phone_refresh) = sign_in(&app, "Điện thoại của An").await;
    app.clock.advance(Duration::minutes(5));
    let (desk, _) = sign_in(&app, "Firefox/140").await;
    let refreshed = app.post("/auth/refresh", &json!({"refresh_token": phone_refresh})).send().await.expect(200);
    let phone_refresh = refreshed.text_of("/refresh_token");

    let listed = sessions(&app, &desk).await;
    let named = |name: &str| listed.iter().find(|session| session["device"] == name).cloned().unwrap_or_default();
    assert_eq!(named("Firefox/140")["is_current"], true);
    let on_phone = listed.iter().find(|session| session["begun_at"] != session["last_used_at"]).cloned().unwrap();
    assert_eq!((&on_phone["is_current"], &on_phone["begun_at"]), (&json!(false), &json!("2023-03-06T09:00:00+07:00")));
    assert_eq!(on_phone["last_used_at"], "2023-03-06T09:05:00+07:00");

    let path = format!("/me/sessions/{}/end", on_phone["id"].as_str().unwrap());
    app.post(&path, &json!({})).token(&other).send().await.expect_problem(404, "session_not_found");
    app.get("/me").token(&phone).send().await.expect(200);
    app.post(&path, &json!({})).token(&desk).send().await.expect(204);
    app.get("/me").token(&phone).send().await.expect_problem(401, "token_invalid");
    let ended = app.post("/auth/refresh", &json!({"refresh_token": phone_refresh})).send().await;
    ended.expect_problem(401, "refresh_token_invalid");
    app.post(&path, &json!({})).token(&desk).send().await.expect_problem(404, "session_not_found");
    app.post("/me/sessions/rubbish/end", &json!({})).token(&desk).send().await.expect_problem(404, "session_not_found");

    sign_in(&app, "Safari").await;
    app.post("/me/sessions/end-others", &json!({})).token(&desk).send().await.expect(204);
    let left = sessions(&app, &desk).await;
    assert_eq!((left.len(), &left[0]["device"]), (1, &json!("Firefox/140")));
    app.stop().await;
}
