//! The doors of a server: TLS, pages of other origins, a listener for administrators, slow clients, where weaknesses are reported.

use crate::app::TestApp;
use pakn::kernel::account::Role;
use reqwest::Method;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

#[actix_web::test]
async fn pages_of_the_listed_origins_may_use_the_api_and_no_others() {
    let app = TestApp::start_with(|config| config.cors_origins = vec!["https://pakn.bacninh.gov.vn".to_owned()]).await;
    let ask = async |origin: &str| {
        let request = app.request(Method::OPTIONS, "/petitions").header("Origin", origin);
        let request = request.header("Access-Control-Request-Method", "POST");
        request.header("Access-Control-Request-Headers", "content-type,idempotency-key,x-tracking-token").send().await
    };
    let good = ask("https://pakn.bacninh.gov.vn").await.expect(200);
    assert_eq!(good.header("access-control-allow-origin"), "https://pakn.bacninh.gov.vn");
    assert_eq!(good.header("access-control-allow-credentials"), "", "there are no cookies");
    let bad = ask("https://evil.example").await;
    assert_eq!((bad.status, bad.header("access-control-allow-origin")), (400, ""));
    let read = app.get("/categories").header("Origin", "https://pakn.bacninh.gov.vn").send().await.expect(200);
    assert_eq!(read.header("access-control-allow-origin"), "https://pakn.bacninh.gov.vn");
    assert!(read.header("access-control-expose-headers").contains("retry-after"));
    app.stop().await;
    let closed = TestApp::start().await;
    let read = closed.get("/categories").header("Origin", "https://pakn.bacninh.gov.vn").send().await.expect(200);
    assert_eq!(read.header("access-control-allow-origin"), "");
    closed.stop().await;
}

#[actix_web::test]
async fn every_answer_tells_browsers_what_not_to_do() {
    let app = TestApp::start().await;
    for answer in [app.get("/categories").send().await, app.get("/nirgends").send().await] {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("strict-transport-security", "max-age=31536000"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
    }
    app.stop().await;
}

#[actix_web::test]
async fn administrators_may_have_a_door_of_their_own() {
    let app = TestApp::start_with(|config| config.admin_routes_apart = true).await;
    let admin = app.officer("quan.tri", None, &[Role::Admin]).await;
    app.get("/admin/agencies").token(&admin).send().await.expect(404);
    app.post("/admin/accounts", &json!({})).token(&admin).send().await.expect(404);
    app.get("/admin/outbox").token(&admin).send().await.expect(404);
    let inside = async |path: &str| app.inside(Method::GET, path).token(&admin).send().await;
    inside("/api/v1/admin/agencies").await.expect(200);
    inside("/api/v1/admin/outbox").await.expect(200);
    inside("/api/v1/me").await.expect(200);
    inside("/api/v1/public/petitions").await.expect(404);
    app.inside(Method::GET, "/api/v1/admin/agencies").send().await.expect_problem(401, "not_signed_in");
    app.get("/me").token(&admin).send().await.expect(200);
    app.stop().await;
    let together = TestApp::start().await;
    let admin = together.officer("quan.tri", None, &[Role::Admin]).await;
    together.get("/admin/agencies").token(&admin).send().await.expect(200);
    together.inside(Method::GET, "/api/v1/admin/agencies").token(&admin).send().await.expect(404);
    together.stop().await;
}

#[actix_web::test]
async fn weaknesses_are_reported_where_the_operator_says() {
    let app = TestApp::start().await;
    app.outside(Method::GET, "/.well-known/security.txt").send().await.expect_problem(404, "security_contact_missing");
    app.stop().await;
    let app = TestApp::start_with(|config| {
        config.security_contact = Some("mailto:attt@bacninh.gov.vn".to_owned());
        config.public_url = Some("https://pakn.bacninh.gov.vn".to_owned());
    })
    .await;
    let answer = app.outside(Method::GET, "/.well-known/security.txt").send().await.expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        answer.text,
        "Contact: mailto:attt@bacninh.gov.vn\nExpires: 2023-09-02T02:00:00Z\nPreferred-Languages: vi, en\n\
         Canonical: https://pakn.bacninh.gov.vn/.well-known/security.txt\n"
    );
    app.stop().await;
}

#[actix_web::test]
async fn the_service_speaks_tls_where_it_has_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("tls.key"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=127.0.0.1",
        ])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (file, private) = (certificate.clone(), key.clone());
    let app = TestApp::start_with(move |config| {
        config.tls_certificate_file = Some(file);
        config.tls_key_file = Some(private);
    })
    .await;
    let trusted = reqwest::Certificate::from_pem(&std::fs::read(&certificate).unwrap()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    let answer = client.get(format!("https://{}/api/v1/categories", app.address())).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let plain = client.get(format!("http://{}/api/v1/categories", app.address())).send().await;
    assert!(plain.is_err() || plain.unwrap().status() != 200);
    app.stop().await;
}

#[actix_web::test]
async fn whoever_sends_half_a_request_gets_no_place_for_ever() {
    let app = TestApp::start_with(|config| config.body_seconds = 1).await;
    let mut slow = TcpStream::connect(app.address()).unwrap();
    slow.write_all(
        b"POST /api/v1/petitions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"kind\"",
    )
    .unwrap();
    // Others are served meanwhile, and the half one is told when its time is over.
    for _ in 0..5 {
        app.get("/categories").send().await.expect(200);
    }
    let answer = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        slow.read_to_string(&mut text).map(|_| text)
    });
    let text = answer.await.unwrap().unwrap_or_default();
    assert!(text.starts_with("HTTP/1.1 408") && text.contains("request_timeout"), "{text}");
    app.stop().await;
}
