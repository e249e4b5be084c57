//! A lost answer signs nobody out, and a stolen token does.

use crate::app::{Answered, PASSWORD, TestApp};
use chrono::Duration;
use serde_json::{Value, json};

fn citizen() -> Value {
    json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912 345 678", "password": PASSWORD})
}

async fn signed_in(app: &TestApp) -> Answered {
    app.post("/auth/register", &citizen()).send().await.expect(201)
}

/// Shows a token as a program that calls itself so, of an installation with that name.
async fn refresh(app: &TestApp, token: &str, agent: &str, device: &str) -> Answered {
    let request = app.post("/auth/refresh", &json!({"refresh_token": token}));
    let request = if agent.is_empty() { request } else { request.header("User-Agent", agent) };
    let request = if device.is_empty() { request } else { request.header("X-Device-Id", device) };
    request.send().await
}

async fn me(app: &TestApp, token: &str) -> u16 {
    app.get("/me").token(token).send().await.status
}

fn pair(answer: &Answered) -> (String, String) {
    (answer.text_of("/access_token"), answer.text_of("/refresh_token"))
}

#[actix_web::test]
async fn the_same_program_gets_the_same_next_pair_within_a_minute() {
    let app = TestApp::start().await;
    for (agent, device) in [("pakn-mobile/2.1", ""), ("pakn-mobile/2.1", "may-1"), ("", "may-2"), ("", "")] {
        let first = app.login("0912345678", PASSWORD).await;
        let first = if first.status == 200 { first } else { signed_in(&app).await };
        let shown = first.text_of("/refresh_token");
        let next = refresh(&app, &shown, agent, device).await.expect(200);
        app.advance(Duration::seconds(59));
        let again = refresh(&app, &shown, agent, device).await.expect(200);
        assert_eq!(pair(&next), pair(&again), "{agent} {device}");
        assert_eq!(again.body["expires_in"], 841, "of the same access token less is left");
        assert_ne!(shown, next.text_of("/refresh_token"));
        assert_eq!(me(&app, &again.text_of("/access_token")).await, 200);
        refresh(&app, &next.text_of("/refresh_token"), agent, device).await.expect(200);
    }
    app.stop().await;
}

#[actix_web::test]
async fn later_or_elsewhere_or_after_the_next_pair_was_used_it_is_reuse() {
    let app = TestApp::start().await;
    signed_in(&app).await;
    for case in ["later", "another agent", "another device", "a device that had none", "the next pair was used"] {
        let first = app.login("0912345678", PASSWORD).await.expect(200);
        let other = app.login("0912345678", PASSWORD).await.expect(200);
        let shown = first.text_of("/refresh_token");
        let own = if case == "a device that had none" { "" } else { "may-1" };
        let next = refresh(&app, &shown, "pakn-mobile/2.1", own).await.expect(200);
        let mut newest = next.text_of("/refresh_token");
        let (mut agent, mut device) = ("pakn-mobile/2.1", own);
        match case {
            "later" => app.advance(Duration::seconds(60)),
            // The name of the installation counts alone, where it is given.
            "another agent" => (agent, device) = ("curl/8", ""),
            "another device" => device = "may-9",
            "a device that had none" => device = "may-1",
            _ => newest = refresh(&app, &newest, agent, device).await.expect(200).text_of("/refresh_token"),
        }
        refresh(&app, &shown, agent, device).await.expect_problem(401, "refresh_token_invalid");
        refresh(&app, &newest, "pakn-mobile/2.1", own).await.expect_problem(401, "refresh_token_invalid");
        assert_eq!(me(&app, &next.text_of("/access_token")).await, 401, "{case}");
        assert_eq!(me(&app, &other.text_of("/access_token")).await, 200, "{case}: another sign-in goes on");
    }
    app.stop().await;
}

#[actix_web::test]
async fn of_many_at_once_each_gets_the_same_pair() {
    let app = TestApp::start().await;
    let shown = signed_in(&app).await.text_of("/refresh_token");
    let answers = futures_util::future::join_all((0..12).map(|_| refresh(&app, &shown, "", "may-1"))).await;
    let pairs: Vec<_> = answers.into_iter().map(|answer| pair(&answer.expect(200))).collect();
    assert!(pairs.iter().all(|one| *one == pairs[0]), "{pairs:?}");
    refresh(&app, &pairs[0].1, "", "may-1").await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn the_grace_is_a_setting_and_does_not_outlive_the_session() {
    let app = TestApp::start_with(|config| config.refresh_grace_seconds = 0).await;
    let shown = signed_in(&app).await.text_of("/refresh_token");
    refresh(&app, &shown, "", "may-1").await.expect(200);
    refresh(&app, &shown, "", "may-1").await.expect_problem(401, "refresh_token_invalid");
    app.stop().await;

    let app = TestApp::start().await;
    let shown = signed_in(&app).await.text_of("/refresh_token");
    let next = refresh(&app, &shown, "", "may-1").await.expect(200);
    app.post("/auth/logout", &json!({"refresh_token": next.text_of("/refresh_token")})).send().await.expect(204);
    refresh(&app, &shown, "", "may-1").await.expect_problem(401, "refresh_token_invalid");
    app.stop().await;
}
