//! Contacts: said, proven by a code, and only then used; a stolen access token moves none of them.

use crate::app::{Answered, PASSWORD};
use crate::outbox::courier;
use crate::receiver::{Receiver, Reply};
use crate::sign_in::second_factor::{code as totp, wrong_code};
use crate::town::{Town, form, form_of_account};
use chrono::Duration;
use pakn::config::Secret;
use pakn::ops::jobs::run_maintenance;
use reqwest::Method;
use serde_json::{Value, json};

const PHONE: &str = "0912 345 678";
const OTHER_PHONE: &str = "0987 654 321";

/// A town with a gateway for text messages.
async fn town(gateway: &Receiver) -> Town {
    let url = gateway.url("/sms");
    Town::start_with(|config| {
        config.sms_url = Some(url);
        config.sms_token = Some(Secret::new("bí-mật".to_owned()));
        config.sms_from = Some("PAKN BN".to_owned());
    })
    .await
}

fn gateway() -> Receiver {
    Receiver::start(|number, _| Reply::Status(200, json!({"id": format!("sms-{number}")}).to_string()))
}

fn citizen(phone: &str) -> Value {
    json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": phone, "password": PASSWORD})
}

async fn register(town: &Town, body: &Value) -> Answered {
    town.app.post("/auth/register", body).send().await
}

/// Everything that the gateway has got so far, as number and text.
async fn texts(town: &Town, gateway: &Receiver) -> Vec<(String, String)> {
    courier(town).await;
    let told = gateway.received().into_iter().map(|request| serde_json::from_str::<Value>(&request.body).unwrap());
    told.map(|sms| (sms["to"].as_str().unwrap().to_owned(), sms["text"].as_str().unwrap().to_owned())).collect()
}

/// The code of the newest text message.
async fn newest_code(town: &Town, gateway: &Receiver) -> String {
    let (_, text) = texts(town, gateway).await.pop().expect("a text message");
    let code: String = text.chars().take(6).collect();
    assert!(code.chars().all(|digit| digit.is_ascii_digit()), "{text}");
    code
}

async fn confirm(town: &Town, token: &str, code: &str) -> Answered {
    town.app.post("/me/contacts/confirm", &json!({"code": code})).token(token).send().await
}

async fn patch(town: &Town, token: &str, body: Value) -> Answered {
    town.app.patch("/me", &body).token(token).send().await
}

fn another(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_registered_phone_is_a_claim_until_its_code_was_shown() {
    let gateway = gateway();
    let town = town(&gateway).await;
    let registered = register(&town, &citizen(PHONE)).await.expect(201);
    let account = &registered.body["account"];
    assert_eq!((&account["phone"], &account["confirmed"]), (&json!("+84912345678"), &json!(false)));
    let contact = json!([{"kind": "phone", "value": "+84912345678", "confirmed": false}]);
    assert_eq!(account["contacts"], contact);
    let token = registered.text_of("/access_token");
    town.app.login("0912345678", PASSWORD).await.expect(200);

    let code = newest_code(&town, &gateway).await;
    let request = gateway.received().pop().unwrap();
    assert_eq!((request.header("authorization"), request.target.as_str()), ("Bearer bí-mật", "POST /sms"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!((&body["to"], &body["from"]), (&json!("+84912345678"), &json!("PAKN BN")));

    confirm(&town, &token, another(&code)).await.expect_problem(422, "contact_code_wrong");
    let confirmed = confirm(&town, &token, &code).await.expect(200);
    assert_eq!(confirmed.body["confirmed"], true);
    assert_eq!(confirmed.body["contacts"], json!([{"kind": "phone", "value": "+84912345678", "confirmed": true}]));
    confirm(&town, &token, &code).await.expect_problem(422, "contact_code_wrong");
    town.app.login("0912345678", PASSWORD).await.expect(200);
    assert_eq!(register(&town, &citizen(PHONE)).await.expect(422).errors(), ["phone=taken"]);
    assert_eq!(texts(&town, &gateway).await.len(), 1, "nothing else was sent");
}

#[tokio::test]
async fn whoever_proves_a_phone_has_it_and_whoever_only_said_so_has_it_no_longer() {
    let gateway = gateway();
    let town = town(&gateway).await;
    let passwords = ["gạch đỏ bên cầu một", "gạch đỏ bên cầu hai", "gạch đỏ bên cầu ba"];
    let mut tokens = Vec::new();
    for password in passwords {
        let mut body = citizen(PHONE);
        body["password"] = json!(password);
        tokens.push(register(&town, &body).await.expect(201).text_of("/access_token"));
        newest_code(&town, &gateway).await;
    }
    // Each of them signs in by it, with the own password, to the own account.
    let mut ids = Vec::new();
    for password in passwords {
        ids.push(town.app.login("0912345678", password).await.expect(200).body["account"]["id"].clone());
    }
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
    town.app.login("0912345678", "gạch đỏ bên cầu bốn").await.expect_problem(401, "login_failed");

    // The second one holds the telephone: the code of another claim does not help.
    town.app.post("/me/contacts/send", &json!({"kind": "phone"})).token(&tokens[1]).send().await.expect(202);
    let code = newest_code(&town, &gateway).await;
    confirm(&town, &tokens[0], &code).await.expect_problem(422, "contact_code_wrong");
    confirm(&town, &tokens[1], &code).await.expect(200);
    town.app.login("0912345678", passwords[1]).await.expect(200);
    for lost in [0, 2] {
        town.app.login("0912345678", passwords[lost]).await.expect_problem(401, "login_failed");
        let own = town.app.get("/me").token(&tokens[lost]).send().await.expect(200);
        assert_eq!((&own.body["phone"], &own.body["contacts"]), (&Value::Null, &json!([])));
    }
}

#[tokio::test]
async fn many_claims_push_nobody_out_who_was_first_and_keep_nobody_out_who_comes_last() {
    let gateway = gateway();
    let town = town(&gateway).await;
    for number in 0..22 {
        let mut body = citizen(PHONE);
        body["password"] = json!(format!("gạch đỏ bên cầu số {number}"));
        register(&town, &body).await.expect(201);
    }
    for number in [0, 1, 20, 21] {
        town.app.login("0912345678", &format!("gạch đỏ bên cầu số {number}")).await.expect(200);
    }
    // One address gets not many codes, whoever says that it is theirs.
    assert_eq!(texts(&town, &gateway).await.len(), 20);
}

#[tokio::test]
async fn strangers_who_claim_a_phone_do_not_keep_its_owner_from_proving_it() {
    let gateway = gateway();
    let town = town(&gateway).await;
    for _ in 0..5 {
        let stranger = register(&town, &citizen(PHONE)).await.expect(201).text_of("/access_token");
        // As often as they are let.
        for _ in 0..5 {
            town.app.post("/me/contacts/send", &json!({"kind": "phone"})).token(&stranger).send().await;
        }
    }
    texts(&town, &gateway).await;
    let token = register(&town, &citizen(PHONE)).await.expect(201).text_of("/access_token");
    let code = newest_code(&town, &gateway).await;
    assert_eq!(confirm(&town, &token, &code).await.expect(200).body["confirmed"], true);
}

#[tokio::test]
async fn codes_are_short_lived_few_and_tried_five_times() {
    let gateway = gateway();
    let town = town(&gateway).await;
    let token = register(&town, &citizen(PHONE)).await.expect(201).text_of("/access_token");
    let code = newest_code(&town, &gateway).await;
    for _ in 0..5 {
        confirm(&town, &token, another(&code)).await.expect_problem(422, "contact_code_wrong");
    }
    confirm(&town, &token, &code).await.expect_problem(422, "contact_code_wrong");

    let send = || town.app.post("/me/contacts/send", &json!({"kind": "phone"})).token(&token).send();
    send().await.expect(202);
    let second = newest_code(&town, &gateway).await;
    town.app.clock.advance(Duration::minutes(10));
    confirm(&town, &token, &second).await.expect_problem(422, "contact_code_wrong");
    for _ in 0..3 {
        send().await.expect(202);
    }
    send().await.expect_problem(429, "too_many_attempts");
    // Another account gets one all the same: nobody is kept from proving a phone by somebody else's claim.
    let mut other = citizen(PHONE);
    other["full_name"] = json!("Lê Thị Chi");
    register(&town, &other).await.expect(201);
    // Of codes that replace one another only the newest goes out.
    assert_eq!(texts(&town, &gateway).await.len(), 4);
    assert_eq!(send().await.expect(429).header("retry-after"), "3600");
    let email = town.app.post("/me/contacts/send", &json!({"kind": "email"})).token(&token).send().await;
    email.expect_problem(409, "no_contact_to_prove");
}

#[tokio::test]
async fn a_stolen_access_token_moves_no_contact() {
    let gateway = gateway();
    let town = town(&gateway).await;
    let registered = register(&town, &citizen(PHONE)).await.expect(201);
    town.app.prove_phone(&registered).await;
    let token = registered.text_of("/access_token");
    let sent = texts(&town, &gateway).await.len();
    for body in [json!({"phone": OTHER_PHONE}), json!({"email": "ke.gian@example.vn"}), json!({"phone": null, "email": "x@y.vn"})]
    {
        assert_eq!(patch(&town, &token, body.clone()).await.expect(422).errors(), ["current_password=required"], "{body}");
        let mut guessed = body.clone();
        guessed["current_password"] = json!("không phải mật khẩu");
        patch(&town, &token, guessed).await.expect_problem(422, "wrong_password");
        let mut with_code = body;
        with_code["totp"] = json!("000000");
        assert_eq!(patch(&town, &token, with_code).await.expect(422).errors(), ["current_password=required"]);
    }
    assert_eq!(texts(&town, &gateway).await.len(), sent, "nothing was sent anywhere");

    // The owner changes it: the new one is proven first, and the old one is told.
    let wanted = json!({"phone": OTHER_PHONE, "current_password": PASSWORD});
    let pending = patch(&town, &token, wanted).await.expect(200);
    assert_eq!((&pending.body["phone"], &pending.body["confirmed"]), (&json!("+84912345678"), &json!(false)));
    town.app.login("0987654321", PASSWORD).await.expect_problem(401, "login_failed");
    town.app.login("0912345678", PASSWORD).await.expect(200);
    let code = newest_code(&town, &gateway).await;
    let changed = confirm(&town, &token, &code).await.expect(200);
    assert_eq!((&changed.body["phone"], &changed.body["confirmed"]), (&json!("+84987654321"), &json!(true)));
    town.app.login("0987654321", PASSWORD).await.expect(200);
    town.app.login("0912345678", PASSWORD).await.expect_problem(401, "login_failed");
    let (to, text) = texts(&town, &gateway).await.pop().unwrap();
    assert_eq!(to, "+84912345678");
    assert!(text.contains("số điện thoại đã thay đổi") && !text.contains("987"), "{text}");

    // Taking the last one away needs the password as well.
    let changed = json!({"current_password": PASSWORD, "new_password": "đèn xanh bên chợ"});
    town.app.post("/me/password", &changed).token(&token).send().await.expect(204);
    let (to, text) = texts(&town, &gateway).await.pop().unwrap();
    assert!(to == "+84987654321" && text.contains("mật khẩu đã thay đổi"), "{to}: {text}");
}

#[tokio::test]
async fn a_fresh_second_factor_stands_in_for_the_password() {
    let gateway = gateway();
    let town = town(&gateway).await;
    let registered = register(&town, &citizen(PHONE)).await.expect(201);
    town.app.prove_phone(&registered).await;
    let token = registered.text_of("/access_token");
    let begin = |body: Value| town.app.post("/me/second-factor", &body).token(&token).send();
    assert_eq!(begin(json!({})).await.expect(422).errors(), ["current_password=required"]);
    let secret = begin(json!({"current_password": PASSWORD})).await.expect(200).text_of("/secret");
    let post = |path: &'static str, body: Value| town.app.post(path, &body).token(&token).send();
    post("/me/second-factor/confirm", json!({"totp": totp(&town.app, &secret)})).await.expect(200);
    let (to, text) = texts(&town, &gateway).await.pop().unwrap();
    assert!(to == "+84912345678" && text.contains("xác thực hai lớp đã thay đổi"), "{to}: {text}");
    town.app.clock.advance(Duration::seconds(30));
    let wrong = wrong_code(&town.app, &secret);
    patch(&town, &token, json!({"phone": OTHER_PHONE, "totp": wrong})).await.expect_problem(401, "totp_wrong");
    patch(&town, &token, json!({"phone": OTHER_PHONE, "totp": totp(&town.app, &secret)})).await.expect(200);
    let remove = json!({"totp": totp(&town.app, &secret)});
    assert_eq!(post("/me/second-factor/remove", remove).await.expect(422).errors(), ["current_password=required"]);
}

#[tokio::test]
async fn what_is_not_proven_is_used_for_no_reset_and_shows_no_petition_of_a_guest() {
    let gateway = gateway();
    let town = town(&gateway).await;
    let petition = town.file(&form()).await;
    let mut thief = citizen(PHONE);
    thief["email"] = json!("an@example.vn");
    let token = register(&town, &thief).await.expect(201).text_of("/access_token");
    let own = town.app.get("/petitions").token(&token).send().await.expect(200);
    assert_eq!(own.body["items"], json!([]));
    let path = format!("/petitions/{}", petition.code);
    town.app.get(&path).token(&token).send().await.expect_problem(404, "petition_not_found");
    for login in ["0912345678", "an@example.vn"] {
        town.app.post("/auth/password-reset", &json!({"login": login})).send().await.expect(202);
    }
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().reset_letters, 0);
    // Those who handle it reach the petitioner by what was said, as they reach a guest.
    let filed = town.app.post("/petitions", &form_of_account()).token(&token).send().await.expect(201);
    let identity = format!("/documents/{}/petitioner", filed.body["document"]["id"]);
    assert_eq!(town.get("leader", &identity).await.expect(200)["phone"], "+84912345678");
}

#[tokio::test]
async fn without_a_channel_an_account_works_and_says_that_nothing_is_proven() {
    let town = Town::start().await;
    let registered = register(&town, &citizen(PHONE)).await.expect(201);
    assert_eq!(registered.body["account"]["confirmed"], false);
    let token = registered.text_of("/access_token");
    let send = town.app.post("/me/contacts/send", &json!({"kind": "phone"})).token(&token).send().await;
    send.expect_problem(409, "contact_unreachable");
    confirm(&town, &token, "123456").await.expect_problem(422, "contact_code_wrong");
    for wrong in [json!({"kind": "fax"}), json!({})] {
        town.app.post("/me/contacts/send", &wrong).token(&token).send().await.expect(422);
    }
    town.app.request(Method::POST, "/me/contacts/confirm").json(&json!({"code": "1"})).send().await.expect(401);
}

#[tokio::test]
async fn a_gateway_that_fails_is_tried_again_and_one_that_refuses_is_not() {
    let gateway = Receiver::start(|number, _| match number {
        0 => Reply::Status(503, String::new()),
        1 => Reply::Status(200, "{}".to_owned()),
        _ => Reply::Status(400, String::new()),
    });
    let town = town(&gateway).await;
    register(&town, &citizen(PHONE)).await.expect(201);
    assert_eq!(texts(&town, &gateway).await.len(), 1);
    town.app.clock.advance(Duration::minutes(1));
    assert_eq!(texts(&town, &gateway).await.len(), 2);
    register(&town, &citizen(OTHER_PHONE)).await.expect(201);
    assert_eq!(texts(&town, &gateway).await.len(), 3);
    town.app.clock.advance(Duration::minutes(5));
    assert_eq!(texts(&town, &gateway).await.len(), 3);
    let lines = town.get("admin", "/admin/outbox?limit=10").await.expect(200)["items"].clone();
    let told = |at: usize| (lines[at]["channel"].clone(), lines[at]["state"].clone(), lines[at]["petition"].clone());
    assert_eq!(told(1), (json!("sms"), json!("delivered"), Value::Null));
    assert_eq!(told(0), (json!("sms"), json!("dropped"), Value::Null));
    assert!(!lines.to_string().contains("912345678"), "{lines}");
}

#[tokio::test]
async fn what_is_between_the_operator_and_the_gateway_costs_no_message() {
    const ANSWERS: [u16; 10] = [302, 401, 402, 403, 404, 405, 407, 408, 415, 429];
    let gateway = Receiver::start(|number, _| Reply::Status(ANSWERS.get(number).copied().unwrap_or(200), "{}".to_owned()));
    let town = town(&gateway).await;
    for number in 0..ANSWERS.len() {
        register(&town, &citizen(&format!("0912 345 6{number:02}"))).await.expect(201);
    }
    assert_eq!(texts(&town, &gateway).await.len(), ANSWERS.len());
    town.app.clock.advance(Duration::minutes(1));
    assert_eq!(texts(&town, &gateway).await.len(), 2 * ANSWERS.len());
    let lines = town.get("admin", "/admin/outbox?limit=50").await.expect(200)["items"].clone();
    let states: Vec<&str> = lines.as_array().unwrap().iter().map(|line| line["state"].as_str().unwrap()).collect();
    assert_eq!(states, vec!["delivered"; ANSWERS.len()]);
}
