//! Registering, signing in, staying signed in, one's own account.

use crate::app::{Answered, PASSWORD, TestApp};
use chrono::Duration;
use pakn::kernel::account::Role;
use serde_json::{Value, json};

fn citizen() -> Value {
    json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912 345 678", "password": PASSWORD})
}

async fn register(app: &TestApp, body: &Value) -> Answered {
    app.post("/auth/register", body).send().await
}

async fn refresh(app: &TestApp, token: &str) -> Answered {
    app.post("/auth/refresh", &json!({"refresh_token": token})).send().await
}

async fn me(app: &TestApp, token: &str) -> Answered {
    app.get("/me").token(token).send().await
}

#[actix_web::test]
async fn a_citizen_registers_and_is_signed_in() {
    let app = TestApp::start().await;
    let answer = register(&app, &citizen()).await.expect(201);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 900);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let account = &answer.body["account"];
    assert_eq!((&account["account_kind"], &account["phone"]), (&json!("citizen"), &json!("+84912345678")));
    assert_eq!((&account["roles"], &account["agency"]), (&json!(["citizen"]), &Value::Null));
    assert!(!answer.text.contains("argon2") && !answer.text.contains(PASSWORD));
    let own = me(&app, &answer.text_of("/access_token")).await.expect(200);
    assert_eq!(&own.body, account);
    assert_eq!(own.headers["etag"], "\"1\"");
    app.stop().await;
}

#[actix_web::test]
async fn a_business_names_its_company_and_its_tax_code() {
    let app = TestApp::start().await;
    let mut body =
        json!({"account_kind": "business", "full_name": "Lê Thị Chi", "email": "Chi@Example.vn", "password": PASSWORD});
    assert_eq!(register(&app, &body).await.expect(422).errors(), ["company_name=required", "tax_code=required"]);
    body["company_name"] = json!("Công ty Gốm Phù Lãng");
    body["tax_code"] = json!("0100233480");
    assert_eq!(register(&app, &body).await.expect(422).errors(), ["tax_code=check_digit"]);
    body["tax_code"] = json!("0100233488");
    let answer = register(&app, &body).await.expect(201);
    assert_eq!(answer.body["account"]["email"], "chi@example.vn");
    assert_eq!(answer.body["account"]["roles"], json!(["business"]));
    app.stop().await;
}

#[actix_web::test]
async fn every_bad_field_of_a_registration_is_named() {
    let app = TestApp::start().await;
    for (field, value, expected) in [
        ("account_kind", json!("officer"), "account_kind=not_one_of"),
        ("account_kind", json!("robot"), "account_kind=not_one_of"),
        ("full_name", json!(" "), "full_name=required"),
        ("full_name", json!("A\u{0}n"), "full_name=control_character"),
        ("full_name", json!("x".repeat(201)), "full_name=too_long"),
        ("full_name", json!(7), "full_name=wrong_type"),
        ("phone", json!("1900 1234"), "phone=invalid_phone"),
        ("phone", Value::Null, "phone=required"),
        ("email", json!("a@b"), "email=malformed"),
        ("password", json!("short"), "password=too_short"),
        ("password", json!("x".repeat(129)), "password=too_long"),
        ("password", json!("12345678"), "password=weak_password"),
        ("password", json!("0912345678"), "password=weak_password"),
        ("password", json!("nguyễn văn an"), "password=weak_password"),
        ("company_name", json!("Công ty"), "company_name=not_allowed"),
        ("tax_code", json!("0100233488"), "tax_code=not_allowed"),
        ("personal_id", json!("12345"), "personal_id=malformed"),
        ("role", json!("admin"), "role=unknown_field"),
    ] {
        let mut body = citizen();
        body[field] = value;
        assert_eq!(register(&app, &body).await.expect(422).errors(), [expected], "{field}");
    }
    let first = register(&app, &citizen()).await.expect(201);
    app.prove_phone(&first).await;
    let mut again = citizen();
    again["phone"] = json!("+84 912.345.678");
    assert_eq!(register(&app, &again).await.expect(422).errors(), ["phone=taken"]);
    app.stop().await;
}

#[actix_web::test]
async fn a_registration_sent_again_gets_the_first_answer() {
    let app = TestApp::start().await;
    let send =
        |body: Value| app.post("/auth/register", &body).header("Idempotency-Key", "5f0d8a1e-93c7-4b26-a4d1-7e6b0c92f358").send();
    let first = send(citizen()).await.expect(201);
    app.advance(Duration::minutes(3));
    let second = send(citizen()).await.expect(201);
    assert_eq!(first.body, second.body);
    let mut other = citizen();
    other["full_name"] = json!("Nguyễn Văn Ánh");
    assert_eq!(send(other).await.expect(422).code(), "idempotency_key_reused");
    refresh(&app, &second.text_of("/refresh_token")).await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn one_signs_in_with_any_spelling_of_the_own_name() {
    let app = TestApp::start().await;
    let mut body = citizen();
    body["email"] = json!("an@example.vn");
    register(&app, &body).await.expect(201);
    for login in ["0912345678", "+84 912 345 678", "84912345678", "0912.345.678", "AN@example.vn"] {
        app.login(login, PASSWORD).await.expect(200);
    }
    app.officer("binh.tran", None, &[Role::Reviewer]).await;
    app.login("Binh.Tran", PASSWORD).await.expect(200);
    let with_totp = json!({"login": "binh.tran", "password": PASSWORD, "totp": "123456"});
    app.post("/auth/login", &with_totp).send().await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    let app = TestApp::start().await;
    register(&app, &citizen()).await.expect(201);
    let wrong_password = app.login("0912345678", "gạch đỏ bên sông").await.expect(401);
    let wrong_name = app.login("0912345679", PASSWORD).await.expect(401);
    let nonsense = app.login("' OR 1=1 --", &"x".repeat(5000)).await.expect(401);
    for answer in [&wrong_password, &wrong_name, &nonsense] {
        assert_eq!((answer.code(), &answer.body["detail"]), ("login_failed", &wrong_name.body["detail"]));
    }
    assert_eq!(app.login(" ", "").await.expect(422).errors(), ["login=required", "password=required"]);
    let unknown = json!({"login": "a", "password": "b", "remember": true});
    assert_eq!(app.post("/auth/login", &unknown).send().await.expect(422).errors(), ["remember=unknown_field"]);
    app.stop().await;
}

#[actix_web::test]
async fn an_unused_refresh_token_ends_by_itself() {
    let app = TestApp::start().await;
    let token = register(&app, &citizen()).await.expect(201).text_of("/refresh_token");
    refresh(&app, "nonsense").await.expect(401);
    app.advance(Duration::days(60));
    refresh(&app, &token).await.expect(401);
    app.stop().await;
}

#[actix_web::test]
async fn signing_out_ends_both_tokens_of_this_session_only() {
    let app = TestApp::start().await;
    let one = register(&app, &citizen()).await.expect(201);
    let other = app.login("0912345678", PASSWORD).await.expect(200);
    let logout = json!({"refresh_token": one.text_of("/refresh_token")});
    app.post("/auth/logout", &logout).send().await.expect(204);
    app.post("/auth/logout", &logout).send().await.expect(204);
    me(&app, &one.text_of("/access_token")).await.expect(401);
    refresh(&app, &one.text_of("/refresh_token")).await.expect(401);
    me(&app, &other.text_of("/access_token")).await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn tokens_that_we_did_not_sign_open_nothing() {
    let app = TestApp::start().await;
    let token = register(&app, &citizen()).await.expect(201).text_of("/access_token");
    let parts: Vec<&str> = token.split('.').collect();
    let none = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0";
    let other_key = pakn::accounts::tokens::AccessTokens::new(b"another secret another secret 32", &[]);
    let claims = app.app.tokens.check(&token, app.app.now()).unwrap();
    let forged = other_key.issue(claims.account_id().unwrap(), claims.sid, &claims.roles, app.app.now()).unwrap();
    for wrong in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        token.strip_suffix(parts[2]).unwrap().to_owned(),
        format!("{token}x"),
        forged,
        "x".to_owned(),
    ] {
        let answer = me(&app, &wrong).await.expect(401);
        assert_eq!(answer.code(), "token_invalid", "{wrong}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    assert_eq!(app.get("/me").send().await.expect(401).code(), "not_signed_in");
    app.get("/me").header("Authorization", &format!("Basic {token}")).send().await.expect(401);
    app.advance(Duration::seconds(899));
    me(&app, &token).await.expect(200);
    app.advance(Duration::seconds(1));
    me(&app, &token).await.expect(401);
    app.stop().await;
}

#[actix_web::test]
async fn petitioners_change_their_own_data() {
    let app = TestApp::start().await;
    let mut both = citizen();
    both["email"] = json!("an@example.vn");
    let token = register(&app, &both).await.expect(201).text_of("/access_token");
    let patch = |body: Value, version: &str| app.patch("/me", &body).token(&token).header("If-Match", version).send();
    let with_password = |mut body: Value| {
        body["current_password"] = json!(PASSWORD);
        body
    };
    let changed = patch(with_password(json!({"phone": null})), "\"1\"").await.expect(200);
    assert_eq!((&changed.body["email"], &changed.body["phone"]), (&json!("an@example.vn"), &Value::Null));
    assert_eq!(changed.headers["etag"], "\"2\"");
    assert_eq!(patch(json!({"full_name": "Nguyễn An"}), "\"1\"").await.expect(412).code(), "stale_version");
    assert_eq!(patch(json!({"email": ""}), "*").await.expect(422).errors(), ["phone=required"]);
    assert_eq!(patch(json!({"company_name": "Công ty"}), "*").await.expect(422).errors(), ["company_name=not_allowed"]);
    assert_eq!(patch(json!({"roles": ["admin"]}), "*").await.expect(422).errors(), ["roles=unknown_field"]);
    assert_eq!(patch(json!({"full_name": null}), "*").await.expect(422).errors(), ["full_name=required"]);
    assert_eq!(patch(json!({}), "*").await.expect(200).body["version"], 2);
    assert_eq!(patch(json!({"full_name": "Nguyễn An"}), "*").await.expect(200).body["full_name"], "Nguyễn An");
    let mut other = citizen();
    other["phone"] = json!("0987654321");
    let other = register(&app, &other).await.expect(201);
    app.prove_phone(&other).await;
    assert_eq!(patch(json!({"phone": "0987 654 321"}), "*").await.expect(422).errors(), ["phone=taken"]);
    app.stop().await;
}

#[actix_web::test]
async fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let own = register(&app, &citizen()).await.expect(201);
    let other = app.login("0912345678", PASSWORD).await.expect(200);
    let token = own.text_of("/access_token");
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        app.post("/me/password", &body).token(&token).send()
    };
    assert_eq!(change("gạch đỏ bên sông", "đèn xanh bên chợ").await.expect(422).code(), "wrong_password");
    assert_eq!(change(PASSWORD, "short").await.expect(422).errors(), ["new_password=too_short"]);
    assert_eq!(change(PASSWORD, "matkhau123").await.expect(422).errors(), ["new_password=weak_password"]);
    assert_eq!(change(PASSWORD, PASSWORD).await.expect(422).errors(), ["new_password=unchanged"]);
    change(PASSWORD, "đèn xanh bên chợ").await.expect(204);
    me(&app, &token).await.expect(200);
    refresh(&app, &own.text_of("/refresh_token")).await.expect(200);
    me(&app, &other.text_of("/access_token")).await.expect(401);
    refresh(&app, &other.text_of("/refresh_token")).await.expect(401);
    app.login("0912345678", PASSWORD).await.expect(401);
    app.login("0912345678", "đèn xanh bên chợ").await.expect(200);
    app.stop().await;
}
