//! A forgotten password: a link that is good once, and an answer that tells nothing.

use crate::app::{Answered, PASSWORD};
use crate::mail_server::MailServer;
use crate::town::Town;
use chrono::Duration;
use pakn::config::Secret;
use pakn::jobs::run_due;
use serde_json::{Value, json};

const NEW: &str = "một câu dài hơn hẳn";

async fn town(server: &MailServer) -> Town {
    let url = format!("smtp://127.0.0.1:{}", server.port);
    Town::start_with(|config| {
        config.smtp_url = Some(Secret::new(url));
        config.mail_from = Some("PAKN Bắc Ninh <pakn@bacninh.gov.vn>".to_owned());
        config.public_url = Some("https://pakn.bacninh.gov.vn".to_owned());
    })
    .await
}

async fn forget(town: &Town, login: &str) -> Answered {
    town.app.post("/auth/password-reset", &json!({"login": login})).send().await
}

/// The path behind the link of a letter.
fn link(letter: &Value) -> String {
    let plain = crate::outbox::plain_text(letter);
    let words = plain.split_whitespace();
    let path = words.filter_map(|word| word.strip_prefix("https://pakn.bacninh.gov.vn/api/v1")).next();
    path.unwrap_or_else(|| panic!("no link in {plain}")).to_owned()
}

async fn sign_in(town: &Town, password: &str) -> Answered {
    town.app.post("/auth/login", &json!({"login": "citizen@example.vn", "password": password})).send().await
}

#[tokio::test]
async fn a_link_sets_a_new_password_once() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let session = town.token("citizen@example.vn").await;
    forget(&town, "Citizen@Example.VN").await.expect(202);
    assert_eq!(run_due(&town.app.app).await.unwrap().reset_letters, 1);
    assert_eq!(crate::outbox::courier(&town).await, 1);
    let path = link(&server.letter());
    let page = town.app.get(&path).header("Accept-Language", "vi").send().await.expect(200);
    assert!(page.text.contains("Đặt mật khẩu mới") && page.header("content-type").starts_with("text/html"), "{}", page.text);
    let weak = town.app.post(&path, &json!({"new_password": "12345678"})).send().await.expect(422);
    assert_eq!(weak.errors(), ["new_password=weak_password"]);
    town.app.post(&path, &json!({"new_password": NEW})).send().await.expect(204);
    town.app.get("/me").token(&session).send().await.expect_problem(401, "token_invalid");
    sign_in(&town, PASSWORD).await.expect_problem(401, "login_failed");
    sign_in(&town, NEW).await.expect(200);
    town.app.post(&path, &json!({"new_password": "và một câu khác nữa"})).send().await.expect_problem(404, "reset_link_invalid");
    town.app.get(&path).send().await.expect(404);
}

#[tokio::test]
async fn an_officer_who_sets_a_password_by_a_link_is_entered_in_the_audit_record() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let token = town.token("clerk").await;
    let email = json!({"email": "van.thu@bacninh.gov.vn"});
    let own = town.app.patch("/me", &email).token(&token).send().await.expect(200).body["id"].clone();
    forget(&town, "van.thu@bacninh.gov.vn").await.expect(202);
    run_due(&town.app.app).await.unwrap();
    crate::outbox::courier(&town).await;
    let path = link(&server.letter());
    town.app.post(&path, &json!({"new_password": NEW})).send().await.expect(204);
    let entries = town.get("admin", "/admin/audit?action=reset_password").await.expect(200).body["items"].clone();
    let told = (entries[0]["account"]["id"].clone(), entries[0]["subject"].clone(), entries[1].clone());
    assert_eq!(told, (own.clone(), json!(own.to_string()), Value::Null), "{entries}");
}

#[tokio::test]
async fn the_page_works_without_scripts() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    town.token("citizen@example.vn").await;
    forget(&town, "citizen@example.vn").await.expect(202);
    run_due(&town.app.app).await.unwrap();
    crate::outbox::courier(&town).await;
    let path = link(&server.letter());
    let send = async |password: &str| {
        let form = format!("new_password={}", password.replace(' ', "+"));
        let request = town.app.request(reqwest::Method::POST, &path).header("Accept-Language", "vi");
        request.body("application/x-www-form-urlencoded", form).send().await
    };
    let weak = send("12345678").await.expect(200);
    assert!(weak.text.contains("quá dễ đoán") && weak.text.contains("<form"), "{}", weak.text);
    let done = send(NEW).await.expect(200);
    assert!(done.text.contains("Đã đặt mật khẩu mới"), "{}", done.text);
    sign_in(&town, NEW).await.expect(200);
    let used = send("và một câu khác nữa").await.expect(404);
    assert!(
        used.text.contains("đã dùng hoặc đã hết hạn") && used.header("content-type").starts_with("text/html"),
        "{}",
        used.text
    );
}

#[tokio::test]
async fn the_answer_is_the_same_for_everybody_and_letters_are_few() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    town.token("citizen@example.vn").await;
    let known = forget(&town, "citizen@example.vn").await.expect(202);
    let unknown = forget(&town, "khong.co.ai@example.vn").await.expect(202);
    assert_eq!(known.text, unknown.text);
    forget(&town, "citizen@example.vn").await.expect(202);
    assert_eq!(run_due(&town.app.app).await.unwrap().reset_letters, 1, "no second letter within five minutes");
    town.later(Duration::minutes(6));
    forget(&town, "citizen@example.vn").await.expect(202);
    assert_eq!(run_due(&town.app.app).await.unwrap().reset_letters, 1);
    crate::outbox::courier(&town).await;
    let path = link(&server.letter());
    town.later(Duration::minutes(31));
    town.app.post(&path, &json!({"new_password": NEW})).send().await.expect_problem(404, "reset_link_invalid");
    let forged = format!("{path}0");
    town.app.post(&forged, &json!({"new_password": NEW})).send().await.expect_problem(404, "reset_link_invalid");
    for login in ["", " ", &"x".repeat(400)] {
        assert_eq!(forget(&town, login).await.expect(422).errors().len(), 1);
    }
}
