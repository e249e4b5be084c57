//! A forgotten password: a link that is good once, and an answer that tells nothing.

use crate::app::{Answered, PASSWORD};
use crate::mail_server::MailServer;
use crate::town::{AGENCY, Town, form_with};
use chrono::Duration;
use pakn::config::Secret;
use pakn::ops::jobs::run_maintenance;
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
    crate::outbox::courier(&town).await;
    forget(&town, "Citizen@Example.VN").await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1);
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
    let own = prove_email(&town, &server, "clerk", "van.thu@bacninh.gov.vn").await;
    forget(&town, "van.thu@bacninh.gov.vn").await.expect(202);
    run_maintenance(&town.app.app).await.unwrap();
    crate::outbox::courier(&town).await;
    let path = link(&server.letter());
    town.app.post(&path, &json!({"new_password": NEW})).send().await.expect(204);
    let entries = town.get("admin", "/admin/audit?action=reset_password").await.expect(200).body["items"].clone();
    let told = (entries[0]["account"]["id"].clone(), entries[0]["subject"].clone(), entries[1].clone());
    assert_eq!(told, (own.clone(), json!(own.to_string()), Value::Null), "{entries}");
}

/// A petition whose petitioner gets no letters.
fn without_address() -> Value {
    form_with(json!({"petitioner": {"kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345678"}}))
}

/// Somebody who is signed in proves an e-mail by the code of a letter.
async fn prove(town: &Town, server: &MailServer, (token, password): (&str, &str), email: &str) -> Answered {
    let wanted = json!({"email": email, "current_password": password});
    town.app.patch("/me", &wanted).token(token).send().await.expect(200);
    crate::outbox::courier(town).await;
    let plain = crate::outbox::plain_text(&server.letter());
    let code: String = plain.split_once("Mã xác nhận là ").expect("a code").1.chars().take(6).collect();
    let confirmed = town.app.post("/me/contacts/confirm", &json!({"code": code})).token(token).send().await.expect(200);
    assert_eq!((&confirmed.body["email"], &confirmed.body["confirmed"]), (&json!(email), &json!(true)));
    confirmed
}

/// An officer proves an e-mail by the code of a letter; the number of the account.
async fn prove_email(town: &Town, server: &MailServer, who: &str, email: &str) -> Value {
    let confirmed = prove(town, server, (&town.token(who).await, PASSWORD), email).await;
    let entries = town.get("admin", "/admin/audit?action=confirm_contact").await.expect(200).body["items"].clone();
    assert_eq!(entries[0]["subject"], json!(confirmed.body["id"].to_string()), "{entries}");
    confirmed.body["id"].clone()
}

#[tokio::test]
async fn a_reset_by_an_administrator_goes_to_the_officer_who_has_proven_an_address() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let petition = town.file(&without_address()).await;
    let id = prove_email(&town, &server, "handler", "chuyen.vien@bacninh.gov.vn").await;
    let reset = town.post("admin", &format!("/admin/accounts/{id}/reset"), &json!({})).await.expect(200);
    assert_eq!((&reset.body["link_sent"], &reset.body["initial_password"]), (&json!(true), &Value::Null));
    town.app.login("handler", PASSWORD).await.expect_problem(401, "login_failed");
    crate::outbox::courier(&town).await;
    let letter = server.letter();
    assert_eq!(letter["recipients"], json!(["chuyen.vien@bacninh.gov.vn"]));
    town.app.post(&link(&letter), &json!({"new_password": NEW})).send().await.expect(204);
    let token = town.app.login("handler", NEW).await.expect(200).text_of("/access_token");
    town.app.get(&format!("/documents/{}/petitioner", petition.document)).token(&token).send().await.expect(200);
}

#[tokio::test]
async fn an_address_that_an_administrator_has_set_brings_nobody_to_the_petitions() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let petition = town.file(&without_address()).await;
    let id = prove_email(&town, &server, "handler", "chuyen.vien@bacninh.gov.vn").await;
    let change = json!({"email": "quan.tri@bacninh.gov.vn"});
    let request = town.app.patch(&format!("/admin/accounts/{id}"), &change).token(&town.token("admin").await);
    request.send().await.expect(200);
    // Whoever had the address before is told, and goes on working.
    crate::outbox::courier(&town).await;
    let letter = server.letter();
    assert_eq!(letter["recipients"], json!(["chuyen.vien@bacninh.gov.vn"]));
    assert!(crate::outbox::plain_text(&letter).contains("địa chỉ thư điện tử của tài khoản này đã được thay đổi"));
    town.get("handler", "/documents").await.expect(200);
    // The administration resets: no link goes to the address that it has set itself.
    forget(&town, "handler").await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1);
    crate::outbox::courier(&town).await;
    town.app.post(&link(&server.letter()), &json!({"new_password": NEW})).send().await.expect(204);
    let token = town.app.login("handler", NEW).await.expect(200).text_of("/access_token");
    let look = town.app.get(&format!("/documents/{}/petitioner", petition.document)).token(&token).send().await;
    look.expect_problem(403, "confirmation_required");
    let reset = town.post("admin", &format!("/admin/accounts/{id}/reset"), &json!({})).await.expect(200);
    assert_eq!(reset.body["link_sent"], false);
}

#[tokio::test]
async fn the_page_works_without_scripts() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    town.token("citizen@example.vn").await;
    forget(&town, "citizen@example.vn").await.expect(202);
    run_maintenance(&town.app.app).await.unwrap();
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
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1, "no second letter within five minutes");
    town.later(Duration::minutes(6));
    forget(&town, "citizen@example.vn").await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1);
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

#[tokio::test]
async fn a_link_to_the_address_before_is_void_once_another_one_is_proven() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let token = town.token("citizen@example.vn").await;
    forget(&town, "citizen@example.vn").await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1);
    crate::outbox::courier(&town).await;
    let path = link(&server.letter());
    town.app.get(&path).send().await.expect(200);
    prove(&town, &server, (&token, PASSWORD), "moi@example.vn").await;
    town.app.get(&path).send().await.expect(404);
    town.app.post(&path, &json!({"new_password": NEW})).send().await.expect_problem(404, "reset_link_invalid");
    town.app.login("moi@example.vn", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_address_that_was_proven_while_an_officer_waited_opens_nothing_afterwards() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let (first, strange) = ("gạch vàng bên sông Đuống", "cua.rieng@example.vn");
    let new =
        json!({"username": "moi.a", "full_name": "Nguyễn Văn Mới", "agency": AGENCY, "roles": ["handler"], "password": first});
    let id = town.post("admin", "/admin/accounts", &new).await.expect(201).body["account"]["id"].clone();
    // The administrator comes first, and the officer later, by the same password.
    let token = town.app.login("moi.a", first).await.expect(200).text_of("/access_token");
    prove(&town, &server, (&token, first), strange).await;
    forget(&town, strange).await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1);
    let own = town.app.login("moi.a", first).await.expect(200).text_of("/access_token");
    let change = json!({"current_password": first, "new_password": NEW});
    town.app.post("/me/password", &change).token(&own).send().await.expect(204);
    // A link of the time of waiting, newer than the password.
    town.later(Duration::minutes(6));
    forget(&town, strange).await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 1);
    crate::outbox::courier(&town).await;
    // One of the letters says that the password was changed.
    let path = loop {
        let letter = server.letter();
        if crate::outbox::plain_text(&letter).contains("/auth/password-reset/") {
            break link(&letter);
        }
    };
    town.app.get(&path).send().await.expect(200);

    town.post("leader", &format!("/account-confirmations/{id}"), &json!({})).await.expect(200);
    town.app.get(&path).send().await.expect(404);
    town.app.get("/me").token(&own).send().await.expect_problem(401, "token_invalid");
    let again = town.app.login("moi.a", NEW).await.expect(200);
    let account = &again.body["account"];
    assert_eq!((&account["email"], &account["awaits_confirmation"]), (&Value::Null, &json!(false)));
    town.app.login(strange, NEW).await.expect_problem(401, "login_failed");
    town.later(Duration::minutes(6));
    forget(&town, strange).await.expect(202);
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 0);
    // Nor does a reset by the administrator send anything there.
    let reset = town.post("admin", &format!("/admin/accounts/{id}/reset"), &json!({})).await.expect(200);
    assert_eq!((&reset.body["link_sent"], &reset.body["account"]["awaits_confirmation"]), (&json!(false), &json!(true)));
}
