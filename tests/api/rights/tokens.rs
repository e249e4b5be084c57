//! Tokens that are not good open nothing, not even what is open without one, and are no reason to fail.

use crate::app::{PASSWORD, TestApp};
use crate::town::Town;
use chrono::Duration;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use std::io::{Read, Write};

/// Open, for guests, for one's own account, for officers, for administrators.
const PATHS: [&str; 5] = ["/petitions/BN26-7K3QX9-C", "/petitions", "/me", "/documents", "/admin/agencies"];

async fn refused(town: &Town, what: &str, token: &str) {
    for path in PATHS {
        let answer = town.app.get(path).token(token).send().await;
        assert_eq!((answer.status, answer.code()), (401, "token_invalid"), "{what} at {path}: {}", answer.text);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{what} at {path}");
    }
    let filed = town.app.post("/petitions", &crate::town::form()).token(token).send().await;
    assert_eq!((filed.status, filed.code()), (401, "token_invalid"), "{what}: {}", filed.text);
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// The parts of a token: header, claims, signature.
fn parts(token: &str) -> (Value, Value, String) {
    let mut parts = token.split('.');
    let (header, claims, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    (decoded(header), decoded(claims), signature.to_owned())
}

fn hs256(header: &Value, claims: &Value, key: &[u8]) -> String {
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

fn hs512(header: &Value, claims: &Value, key: &[u8]) -> String {
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let mut mac = Hmac::<Sha512>::new_from_slice(key).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_token_that_was_not_signed_by_this_server_as_it_stands_opens_nothing() {
    let town = Town::start().await;
    let (token, other) = (town.token("clerk").await, town.token("admin").await);
    let (header, claims, signature) = parts(&token);
    let (_, other_claims, other_signature) = parts(&other);
    let with = |name: &str, value: Value| {
        let mut changed = header.clone();
        changed[name] = value;
        changed
    };
    let joined = |header: &Value, claims: &Value, signature: &str| format!("{}.{}.{signature}", encoded(header), encoded(claims));
    for algorithm in ["none", "None", "nOnE", "HS512", "HS384", "RS256", "ES256", "EdDSA", "", "x"] {
        let changed = with("alg", json!(algorithm));
        refused(&town, &format!("alg {algorithm}, unsigned"), &joined(&changed, &claims, "")).await;
        refused(&town, &format!("alg {algorithm}, old signature"), &joined(&changed, &claims, &signature)).await;
    }
    // The key of another server, no key, and what everybody can know of this one.
    for key in [&b"another key of thirty-two bytes!"[..], b"", b"secret", encoded(&header).as_bytes(), &Sha256::digest(b"pakn")] {
        refused(&town, "HS256 with another key", &hs256(&header, &claims, key)).await;
        refused(&town, "HS512 with another key", &hs512(&with("alg", json!("HS512")), &claims, key)).await;
    }
    refused(&town, "the claims of another account", &joined(&header, &other_claims, &signature)).await;
    refused(&town, "the signature of another account", &joined(&header, &claims, &other_signature)).await;
    for (name, value) in
        [("sub", other_claims["sub"].clone()), ("exp", json!(4_102_444_800_i64)), ("sid", json!(1)), ("roles", json!(["admin"]))]
    {
        let mut changed = claims.clone();
        changed[name] = value;
        refused(&town, &format!("{name} changed"), &joined(&header, &changed, &signature)).await;
    }
    for cut in [1, 2, signature.len(), signature.len() + 1, token.len() / 2, token.len() - 1] {
        refused(&town, "truncated", token.get(..token.len() - cut).unwrap()).await;
    }
    for text in ["x", ".", "..", "...", "a.b.c", "null", "%00", "eyJhbGciOiJub25lIn0.e30.", "=.=.=", &"A".repeat(8_000)] {
        refused(&town, text, text).await;
    }
    refused(&town, "a part too many", &format!("{token}.{signature}")).await;
    // The good one is still good.
    town.app.get("/documents").token(&token).send().await.expect(200);
}

#[tokio::test]
async fn a_token_is_good_in_its_time_only() {
    let town = Town::start().await;
    let now = town.token("clerk").await;
    town.later(Duration::hours(1));
    let later = town.app.login("clerk", PASSWORD).await.expect(200).text_of("/access_token");
    refused(&town, "expired", &now).await;
    town.app.get("/documents").token(&later).send().await.expect(200);
    town.at(crate::town::MONDAY);
    refused(&town, "from the future", &later).await;
}

#[tokio::test]
async fn a_token_of_an_account_that_is_disabled_or_signed_out_opens_nothing() {
    let town = Town::start().await;
    let clerk = town.token("clerk").await;
    let accounts = town.get("admin", "/admin/accounts?q=clerk").await.expect(200);
    let id = accounts["items"].as_array().unwrap().iter().find(|account| account["username"] == "clerk").unwrap()["id"].clone();
    town.app.get("/documents").token(&clerk).send().await.expect(200);
    town.post("admin", &format!("/admin/accounts/{id}/disable"), &json!({})).await.expect(200);
    refused(&town, "disabled", &clerk).await;

    let signed_in = town.app.login("handler", PASSWORD).await;
    let signed_in = if signed_in.status == 200 {
        signed_in
    } else {
        town.token("handler").await;
        town.app.login("handler", PASSWORD).await
    };
    let (access, refresh) = (signed_in.text_of("/access_token"), signed_in.text_of("/refresh_token"));
    town.app.get("/documents").token(&access).send().await.expect(200);
    refused(&town, "a refresh token is no access token", &refresh).await;
    town.app.post("/auth/logout", &json!({"refresh_token": refresh})).send().await.expect(204);
    refused(&town, "signed out", &access).await;
}

#[tokio::test]
async fn other_schemes_and_two_tokens_are_refused() {
    let town = Town::start().await;
    let token = town.token("clerk").await;
    for value in ["Basic Y2xlcms6eA==", "Bearer", "Bearer ", "bearer", &format!("Token {token}"), &token] {
        let answer = town.app.get("/documents").header("Authorization", value).send().await;
        assert_eq!((answer.status, answer.code()), (401, "token_invalid"), "{value}");
    }
    let both = town.app.get("/documents").token("x").header("Authorization", &format!("Bearer {token}")).send().await;
    assert_eq!(both.status, 401, "the first one counts: {}", both.text);
}

/// What the server answers to headers of this size, sent as they stand.
fn with_header_of(app: &TestApp, bytes: usize) -> String {
    let mut stream = std::net::TcpStream::connect(app.address()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    let head = "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ";
    // The server may hang up in the middle of it.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all("A".repeat(bytes).as_bytes()));
    let _ = stream.write_all(b"\r\n\r\n");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_header_of_a_megabyte_is_refused_and_the_server_goes_on() {
    let town = Town::start().await;
    for bytes in [20_000, 1_000_000] {
        let answer = with_header_of(&town.app, bytes);
        let is_refused = answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 400") || answer.is_empty();
        assert!(is_refused, "{bytes}: {answer}");
    }
    town.get("clerk", "/me").await.expect(200);
}
