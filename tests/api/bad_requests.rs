//! Requests that no handler should see: each is answered precisely, none with 500.

use crate::app::TestApp;
use pakn::kernel::account::Role;
use reqwest::Method;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const JSON: &str = "application/json";

#[tokio::test]
async fn malformed_json_is_named_with_its_place() {
    let app = TestApp::start().await;
    let send =
        |body: &'static [u8]| app.outside(Method::POST, "/api/v1/auth/login").body(JSON, body).header("accept-language", "en");
    let problem = send(b"{\"login\": \"x\",\n oops}").send().await.expect_problem(400, "malformed_json");
    assert_eq!(problem.body["detail"], "The body is not valid JSON. Line 2, column 2.");
    for body in [
        &b""[..],
        b"{",
        b"nul",
        b"{\"login\": \"a\x00b\"}",
        b"{\"login\": \"\xff\"}",
        b"{\"login\": \"a\", \"password\": \"b\"} {}",
        b"{\"login\": 1e999}",
    ] {
        send(body).send().await.expect_problem(400, "malformed_json");
    }
    let deep = "[".repeat(200_000);
    let answer = app.outside(Method::POST, "/api/v1/auth/login").body(JSON, deep).send().await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn wrong_fields_are_named_one_by_one() {
    let app = TestApp::start().await;
    for (body, expected) in [
        (json!({"login": "a", "password": "b", "otp": "1"}), "otp=unknown_field"),
        (json!({"login": 5, "password": "b"}), "login=wrong_type"),
        (json!({"login": "a", "password": null}), "password=wrong_type"),
        (json!({"login": "a"}), "password=required"),
        (json!([]), "=wrong_type"),
        (json!("x"), "=wrong_type"),
    ] {
        assert_eq!(
            app.post("/auth/login", &body).send().await.expect_problem(422, "invalid_values").errors(),
            [expected],
            "{body}"
        );
    }
}

#[tokio::test]
async fn problems_speak_the_readers_language() {
    let app = TestApp::start().await;
    let vietnamese = app.get("/nix").send().await.expect_problem(404, "route_not_found");
    assert_eq!(vietnamese.body["title"], "Không tìm thấy");
    assert_eq!(vietnamese.header("content-language"), "vi");
    let english = app.get("/nix").header("accept-language", "en-GB,en;q=0.9").send().await.expect_problem(404, "route_not_found");
    assert_eq!(english.body["title"], "Not found");
    assert_eq!(english.header("content-language"), "en");
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let app = TestApp::start().await;
    let login = |media_type: &str| app.outside(Method::POST, "/api/v1/auth/login").body(media_type, "{}");
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "multipart/form-data"] {
        login(media_type).send().await.expect_problem(415, "unsupported_media_type");
    }
    login("application/json; charset=utf-8").send().await.expect_problem(422, "invalid_values");
    login(JSON).header("content-encoding", "identity").send().await.expect_problem(422, "invalid_values");
    login(JSON).header("content-encoding", "gzip").send().await.expect_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused() {
    let app = TestApp::start().await;
    let answer = app.outside(Method::POST, "/api/v1/auth/login").body(JSON, vec![b' '; 10_000_000]).send().await;
    answer.expect_problem(413, "body_too_large");
}

#[tokio::test]
async fn a_header_of_a_hundred_kilobytes_is_refused() {
    let app = TestApp::start().await;
    let answer = app.outside(Method::GET, "/health/live").header("x-long", &"x".repeat(100_000)).send().await;
    answer.expect_problem(431, "headers_too_large");
}

#[tokio::test]
async fn what_the_framework_cannot_parse_is_refused_and_serving_goes_on() {
    let app = TestApp::start().await;
    let long = "x".repeat(200_000);
    for (bytes, status) in [
        (format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {long}\r\n\r\n"), "431"),
        (format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(70_000)), "400"),
        ("GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n".to_owned(), "400"),
        ("G\u{0}T / HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n".to_owned(), "400"),
    ] {
        let said = raw(&app, bytes.as_bytes());
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{said}");
    }
    app.outside(Method::GET, "/health/live").send().await.expect(200);
}

fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // The server may stop listening before all of it is sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn unknown_addresses_and_wrong_methods_are_told_apart() {
    let app = TestApp::start().await;
    for path in
        ["/", "/api", "/api/v1", "/api/v1/nix", "/api/v2/me", "/api/v1/me/", "//", "/api/v1/%2e%2e/health", "/%00", "/%ff"]
    {
        app.outside(Method::GET, path).send().await.expect_problem(404, "route_not_found");
    }
    let answer = app.outside(Method::PUT, "/api/v1/me").send().await.expect_problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "DELETE, GET, PATCH");
    app.get("/auth/login").send().await.expect_problem(405, "method_not_allowed");
    app.outside(Method::from_bytes(b"BREW").unwrap(), "/health/live").send().await.expect_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn without_a_good_token_nothing_else_is_looked_at() {
    let app = TestApp::start().await;
    let answer = app.get("/me").send().await.expect_problem(401, "not_signed_in");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    for value in ["Bearer x", "Bearer ", "Bearer", "Basic eDp5", "x", "bearer a.b.c"] {
        app.get("/me").header("authorization", value).send().await.expect_problem(401, "token_invalid");
    }
    // A stranger does not learn what is wrong with a body or a query.
    app.outside(Method::POST, "/api/v1/admin/accounts").body(JSON, "{").send().await.expect_problem(401, "not_signed_in");
    app.get("/admin/accounts?limit=x").send().await.expect_problem(401, "not_signed_in");
    let clerk = app.officer("van.thu", Some("27-VPUBND"), &[Role::Clerk]).await;
    let forbidden = app.outside(Method::POST, "/api/v1/admin/accounts").token(&clerk).body("text/plain", "{");
    forbidden.send().await.expect_problem(403, "role_missing");
    app.get("/admin/accounts?limit=x").token(&clerk).send().await.expect_problem(403, "role_missing");
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let app = TestApp::start().await;
    let admin = app.officer("quan.tri", None, &[Role::Admin]).await;
    for (query, expected) in [
        ("limit=0", "limit=out_of_range"),
        ("limit=101", "limit=out_of_range"),
        ("limit=-1", "limit=out_of_range"),
        ("limit=many", "limit=wrong_type"),
        ("limit=99999999999999999999", "limit=wrong_type"),
        ("limit=1&limit=2", "limit=duplicate"),
        ("cursor=rubbish", "cursor=foreign_cursor"),
        // ["other list", 1]
        ("cursor=WyJvdGhlciBsaXN0IiwxXQ", "cursor=foreign_cursor"),
        ("nix=1", "nix=unknown_field"),
    ] {
        let answer = app.get(&format!("/admin/accounts?{query}")).token(&admin).send().await;
        assert_eq!(answer.expect_problem(422, "invalid_values").errors(), [expected], "{query}");
    }
}
