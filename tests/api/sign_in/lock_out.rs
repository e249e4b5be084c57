//! Whoever guesses has to wait, and learns nothing by it.

use super::{behind_proxy, sign_in_from};
use crate::app::{Answered, PASSWORD, TestApp};
use chrono::Duration;
use pakn::kernel::account::Role;
use serde_json::{Value, json};

const HERE: &str = "14.162.0.9";
const ELSEWHERE: &str = "14.162.0.77";

async fn officer(app: &TestApp) {
    app.officer("an.nguyen", Some("27-256-QLDT"), &[Role::Clerk]).await;
}

/// What an answer tells, without the name of the request.
fn told(answer: &Answered) -> (u16, Value, String) {
    let mut body = answer.body.clone();
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status, body, answer.header("retry-after").to_owned())
}

#[actix_web::test]
async fn five_wrong_passwords_make_the_sixth_wait_whether_there_is_such_an_account_or_not() {
    let app = behind_proxy().await;
    officer(&app).await;
    for attempt in 1..=8 {
        let known = sign_in_from(&app, "14.162.1.1", "an.nguyen", "sai mật khẩu rồi").await;
        let unknown = sign_in_from(&app, "14.162.2.2", "khong.co.ai", "sai mật khẩu rồi").await;
        assert_eq!(told(&known), told(&unknown), "attempt {attempt}");
        assert_eq!(known.code(), if attempt <= 5 { "login_failed" } else { "too_many_attempts" }, "attempt {attempt}");
    }
    let right = sign_in_from(&app, ELSEWHERE, "an.nguyen", PASSWORD).await.expect_problem(429, "too_many_attempts");
    assert_eq!(right.header("retry-after"), "60");
    app.clock.advance(Duration::seconds(61));
    sign_in_from(&app, ELSEWHERE, "an.nguyen", PASSWORD).await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn each_further_attempt_waits_twice_as_long() {
    let app = behind_proxy().await;
    officer(&app).await;
    for _ in 0..5 {
        sign_in_from(&app, HERE, "an.nguyen", "sai").await.expect_problem(401, "login_failed");
    }
    for wait in [60, 120, 240] {
        let waits = sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect_problem(429, "too_many_attempts");
        assert_eq!(waits.header("retry-after"), wait.to_string());
        app.clock.advance(Duration::seconds(wait + 1));
        sign_in_from(&app, HERE, "an.nguyen", "sai").await.expect_problem(401, "login_failed");
    }
    app.clock.advance(Duration::hours(25));
    sign_in_from(&app, HERE, "an.nguyen", "sai").await.expect_problem(401, "login_failed");
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn all_spellings_of_a_name_are_one_name() {
    let app = behind_proxy().await;
    let body = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345678", "password": PASSWORD});
    app.post("/auth/register", &body).send().await.expect(201);
    for spelling in ["0912345678", "0912 345 678", "+84912345678", "84.912.345.678", "0084912345678"] {
        sign_in_from(&app, HERE, spelling, "sai").await.expect_problem(401, "login_failed");
    }
    sign_in_from(&app, HERE, "0912-345-678", PASSWORD).await.expect_problem(429, "too_many_attempts");
    app.stop().await;
}

#[actix_web::test]
async fn nobody_locks_an_officer_out_of_the_place_where_they_work() {
    let app = behind_proxy().await;
    officer(&app).await;
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect(200);
    for _ in 0..5 {
        sign_in_from(&app, ELSEWHERE, "an.nguyen", "sai").await.expect_problem(401, "login_failed");
    }
    sign_in_from(&app, ELSEWHERE, "an.nguyen", PASSWORD).await.expect_problem(429, "too_many_attempts");
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect(200);
    // The known place is no way around either: it has a count of its own.
    for _ in 0..5 {
        sign_in_from(&app, HERE, "an.nguyen", "sai").await.expect_problem(401, "login_failed");
    }
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect_problem(429, "too_many_attempts");
    app.stop().await;
}

#[actix_web::test]
async fn a_source_that_tries_many_names_waits_too() {
    let app = TestApp::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.sign_in_failures_per_source = 10;
    })
    .await;
    officer(&app).await;
    for at in 0..10 {
        sign_in_from(&app, HERE, &format!("ten.{at}"), "sai").await.expect_problem(401, "login_failed");
    }
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect_problem(429, "too_many_attempts");
    sign_in_from(&app, ELSEWHERE, "an.nguyen", PASSWORD).await.expect(200);
    app.stop().await;
}

/// A server behind a proxy where a source waits after ten wrong names.
async fn of_ten() -> TestApp {
    TestApp::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.sign_in_failures_per_source = 10;
    })
    .await
}

#[actix_web::test]
async fn who_is_known_at_an_address_does_not_wait_for_strangers_there() {
    let app = of_ten().await;
    for (name, roles) in [("an.nguyen", Role::Clerk), ("binh.tran", Role::Handler), ("chi.le", Role::Leader)] {
        app.officer(name, Some("27-256-QLDT"), &[roles]).await;
    }
    let token = sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect(200).text_of("/access_token");
    sign_in_from(&app, HERE, "binh.tran", PASSWORD).await.expect(200);
    for at in 0..50 {
        let wrong = sign_in_from(&app, HERE, &format!("ten.{at}"), "sai").await;
        assert_eq!(wrong.status, if at < 10 { 401 } else { 429 }, "{at}");
    }
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect(200);
    sign_in_from(&app, HERE, "binh.tran", PASSWORD).await.expect(200);
    // What is done in a session does not wait either.
    let wrong = json!({"current_password": "sai", "new_password": "một câu dài hơn hẳn"});
    let request = app.post("/me/password", &wrong).token(&token).header("X-Forwarded-For", HERE);
    request.send().await.expect_problem(422, "wrong_password");
    // Whoever was never here waits like every stranger, and so does the next one who guesses.
    sign_in_from(&app, HERE, "chi.le", PASSWORD).await.expect_problem(429, "too_many_attempts");
    sign_in_from(&app, HERE, "ten.51", "sai").await.expect_problem(429, "too_many_attempts");
    sign_in_from(&app, ELSEWHERE, "chi.le", PASSWORD).await.expect(200);
    // The known name has a count of its own here.
    for _ in 0..5 {
        sign_in_from(&app, HERE, "an.nguyen", "sai").await.expect_problem(401, "login_failed");
    }
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect_problem(429, "too_many_attempts");
    sign_in_from(&app, HERE, "binh.tran", PASSWORD).await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn a_known_device_does_not_wait_for_somebody_who_guesses_its_name_in_the_same_office() {
    let app = of_ten().await;
    officer(&app).await;
    let from = async |device: &str, password: &str| {
        let body = json!({"login": "an.nguyen", "password": password});
        app.post("/auth/login", &body).header("X-Forwarded-For", HERE).header("X-Device-Id", device).send().await
    };
    from("may-cua-an", PASSWORD).await.expect(200);
    for _ in 0..5 {
        from("may-la", "sai").await.expect_problem(401, "login_failed");
    }
    from("may-la", PASSWORD).await.expect_problem(429, "too_many_attempts");
    from("may-cua-an", PASSWORD).await.expect(200);
    // Also on the way, at an address where nobody is known.
    let body = json!({"login": "an.nguyen", "password": PASSWORD});
    let away = app.post("/auth/login", &body).header("X-Forwarded-For", ELSEWHERE).header("X-Device-Id", "may-cua-an");
    away.send().await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn a_visitor_does_not_choose_the_own_source() {
    let app = TestApp::start_with(|config| config.sign_in_failures_per_source = 10).await;
    for at in 0..10 {
        sign_in_from(&app, &format!("14.162.3.{at}"), &format!("ten.{at}"), "sai").await.expect_problem(401, "login_failed");
    }
    sign_in_from(&app, "14.162.3.99", "ten.99", "sai").await.expect_problem(429, "too_many_attempts");
    app.stop().await;
}

#[actix_web::test]
async fn of_many_guesses_at_once_five_are_looked_at() {
    let app = behind_proxy().await;
    officer(&app).await;
    let guesses = (0..40).map(|at| sign_in_from(&app, HERE, "an.nguyen", ["sai", PASSWORD][usize::from(at == 30)]));
    let answers = futures_util::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    let let_in = answers.iter().filter(|answer| answer.status == 200).count();
    // The right one may have had its turn among the first; then the count began anew.
    assert!(looked_at == 5 || let_in == 1, "{looked_at} looked at, {let_in} let in");
    assert_eq!(looked_at + let_in + answers.iter().filter(|answer| answer.status == 429).count(), 40);
    assert!(looked_at <= 9, "{looked_at}");
    app.stop().await;
}

#[actix_web::test]
async fn an_administrator_ends_the_wait() {
    let app = behind_proxy().await;
    officer(&app).await;
    let admin = app.officer("quan.tri", None, &[Role::Admin]).await;
    for _ in 0..6 {
        sign_in_from(&app, HERE, "an.nguyen", "sai").await;
    }
    let listed = app.get("/admin/accounts?q=an.nguyen").token(&admin).send().await.expect(200);
    let id = listed.body["items"][0]["id"].as_i64().unwrap();
    app.post(&format!("/admin/accounts/{id}/unlock"), &json!({})).token(&admin).send().await.expect(200);
    sign_in_from(&app, HERE, "an.nguyen", PASSWORD).await.expect(200);
    app.post("/admin/accounts/999999/unlock", &json!({})).token(&admin).send().await.expect_problem(404, "account_not_found");
    app.stop().await;
}

#[actix_web::test]
async fn whoever_has_a_session_cannot_guess_the_password_either() {
    let app = TestApp::start().await;
    let token = app.officer("an.nguyen", Some("27-256-QLDT"), &[Role::Clerk]).await;
    let body = json!({"current_password": "sai", "new_password": "một câu dài hơn hẳn"});
    for _ in 0..5 {
        app.post("/me/password", &body).token(&token).send().await.expect_problem(422, "wrong_password");
    }
    app.post("/me/password", &body).token(&token).send().await.expect_problem(429, "too_many_attempts");
    app.stop().await;
}
