//! What a provider that cheats, or somebody in its place, cannot do.

use super::cheat::{Cheated, Key, signed};
use chrono::Duration;
use pakn::kernel::seal::mac;
use serde_json::{Value, json};

#[tokio::test]
async fn a_right_token_opens_and_each_wrong_claim_does_not() {
    let cheated = Cheated::start().await;
    cheated.with_claims(|_| {}).await.expect(200);
    let now = cheated.app.app.now().utc().timestamp();
    let wrong: [(&str, Value); 18] = [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("pakn-officer")),
        ("aud", json!(["pakn-citizen", "pakn-officer"])),
        ("aud", json!([])),
        ("azp", json!("pakn-officer")),
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{}/", cheated.issuer))),
        ("exp", json!(now)),
        ("exp", json!(now - 3600)),
        ("exp", Value::Null),
        ("iat", json!(now + 3600)),
        ("sub", json!("")),
        ("sub", json!("x".repeat(256))),
        ("sub", json!("s-1\n")),
        ("sub", json!(7)),
        ("exp", json!("soon")),
        ("at_hash", json!("LDktKdoQak3Pk0cnXxCltA")),
    ];
    for (claim, value) in wrong {
        let answer = cheated.with_claims(|claims| claims[claim] = value.clone()).await;
        assert_eq!((answer.status, answer.code()), (422, "oidc_token_invalid"), "{claim} {value}: {}", answer.text);
    }
    cheated.with_claims(|claims| claims["aud"] = json!(["pakn-citizen"])).await.expect(200);
    cheated.with_claims(|claims| claims["iat"] = json!(now + 30)).await.expect(200);
}

#[tokio::test]
async fn only_the_keys_of_the_provider_sign() {
    let cheated = Cheated::start().await;
    let public = cheated.key.public().to_vec();
    let secret = b"secret-of-pakn-citizen".to_vec();
    let none = |_: &[u8]| Vec::new();
    let stranger = Key::new("k1");
    for forged in 0..9 {
        let (begun, nonce) = cheated.begin().await;
        let claims = cheated.claims(&nonce);
        let token = match forged {
            0 => signed(&json!({"alg": "none"}), &claims, none),
            1 => signed(&json!({"alg": "none", "kid": "k1"}), &claims, none),
            2 => signed(&json!({"alg": "None"}), &claims, none),
            3 => signed(&json!({"alg": "HS256", "kid": "k1"}), &claims, |text| mac(&public, text)),
            4 => signed(&json!({"alg": "HS256"}), &claims, |text| mac(&secret, text)),
            5 => stranger.token(&claims),
            6 => signed(&json!({"alg": "EdDSA", "kid": "k1"}), &claims, none),
            7 => signed(&json!({"alg": "RS256", "kid": "k1"}), &claims, |_| vec![0; 256]),
            _ => cheated.key.token(&claims).replace('.', "!"),
        };
        let answer = cheated.finish_with(&begun, &token).await;
        assert_eq!((answer.status, answer.code()), (422, "oidc_token_invalid"), "{forged}: {}", answer.text);
    }
    // A signature of one's own under other claims.
    let (begun, nonce) = cheated.begin().await;
    let (mine, theirs) = (cheated.key.token(&cheated.claims(&nonce)), cheated.key.token(&json!({"sub": "admin"})));
    let parts: Vec<&str> = mine.split('.').collect();
    let swapped = format!("{}.{}.{}", parts[0], theirs.split('.').nth(1).unwrap(), parts[2]);
    cheated.finish_with(&begun, &swapped).await.expect_problem(422, "oidc_token_invalid");
}

#[tokio::test]
async fn keys_that_are_not_known_are_looked_for_once_a_minute() {
    let cheated = Cheated::start().await;
    cheated.with_claims(|_| {}).await.expect(200);
    let next = Key::new("k2");
    let sign_in = async || {
        let (begun, nonce) = cheated.begin().await;
        cheated.finish_with(&begun, &next.token(&cheated.claims(&nonce))).await
    };
    let before = cheated.asked("/jwks");
    for _ in 0..3 {
        sign_in().await.expect_problem(422, "oidc_token_invalid");
    }
    assert_eq!(cheated.asked("/jwks"), before, "they were fetched a moment ago");
    cheated.app.advance(Duration::seconds(61));
    sign_in().await.expect_problem(422, "oidc_token_invalid");
    sign_in().await.expect_problem(422, "oidc_token_invalid");
    assert_eq!(cheated.asked("/jwks"), before + 1);
    cheated.plan(|plan| plan.keys.push(next.clone()));
    cheated.app.advance(Duration::seconds(61));
    sign_in().await.expect(200);
    sign_in().await.expect(200);
    assert_eq!(cheated.asked("/jwks"), before + 2);
}

#[tokio::test]
async fn what_the_provider_says_beside_the_token_is_looked_at() {
    let cheated = Cheated::start_with(|config| config.oidc.citizen.userinfo = true).await;
    cheated.plan(|plan| plan.userinfo = json!({"sub": "s-1", "HoVaTen": "Người Khác", "SoDinhDanh": "027090000001"}));
    let signed = cheated.with_claims(|_| {}).await.expect(200);
    assert_eq!(signed.body["account"]["full_name"], json!("Nguyễn Văn An"), "the token counts more");
    assert_eq!(signed.body["account"]["personal_id"], json!("027090000001"));
    for odd in [json!({"sub": "s-2"}), json!({"HoVaTen": "An"}), json!([]), json!("s-1")] {
        cheated.plan(|plan| plan.userinfo = odd);
        cheated.with_claims(|_| {}).await.expect_problem(422, "oidc_token_invalid");
    }
}

#[tokio::test]
async fn answers_that_are_none_are_told_apart() {
    let cheated = Cheated::start().await;
    let long = "x".repeat(300_000);
    for (status, body, expected) in [
        (500, String::new(), (503, "oidc_away")),
        (503, "{}".to_owned(), (503, "oidc_away")),
        (302, String::new(), (503, "oidc_away")),
        (429, String::new(), (503, "oidc_away")),
        (200, long, (503, "oidc_away")),
        (400, json!({"error": "invalid_grant"}).to_string(), (422, "oidc_code_refused")),
        (401, json!({"error": "invalid_client", "error_description": "\u{1b}[31m"}).to_string(), (503, "oidc_away")),
        (200, String::new(), (422, "oidc_token_invalid")),
        (200, "<html>".to_owned(), (422, "oidc_token_invalid")),
        (200, json!({"access_token": "x", "token_type": "Bearer"}).to_string(), (422, "oidc_token_invalid")),
        (200, json!({"access_token": "x", "token_type": "Bearer", "id_token": "x"}).to_string(), (422, "oidc_token_invalid")),
    ] {
        let (begun, _) = cheated.begin().await;
        cheated.plan(|plan| plan.token = (status, body.clone()));
        let answer = cheated.finish(&begun).await;
        assert_eq!((answer.status, answer.code()), expected, "{status} {}", body.chars().take(80).collect::<String>());
    }
    for (error, expected) in [("access_denied", (422, "oidc_denied")), ("temporarily_unavailable", (503, "oidc_away"))] {
        let (begun, _) = cheated.begin().await;
        let body = json!({"state": begun.state, "finish_secret": begun.secret, "error": error});
        let answer = cheated.app.post("/auth/oidc/citizen/finish", &body).send().await;
        assert_eq!((answer.status, answer.code()), expected);
    }
    let (begun, _) = cheated.begin().await;
    let body = json!({"state": begun.state, "finish_secret": begun.secret});
    let answer = cheated.app.post("/auth/oidc/citizen/finish", &body).send().await.expect_problem(422, "invalid_values");
    assert_eq!(answer.errors(), ["code=required"]);
}

#[tokio::test]
async fn metadata_lead_nowhere_else() {
    for (name, value) in [
        ("issuer", json!("https://evil.example")),
        ("authorization_endpoint", json!("http://evil.example/auth")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("jwks_uri", json!("http://169.254.169.254/latest/meta-data")),
        ("jwks_uri", json!("file:///etc/passwd")),
    ] {
        let cheated = Cheated::start().await;
        cheated.plan(|plan| plan.metadata = json!({name: value}));
        let answer = cheated.app.post("/auth/oidc/citizen/begin", &json!({})).send().await;
        answer.expect_problem(503, "oidc_away");
    }
    let cheated = Cheated::start().await;
    cheated.plan(|plan| plan.metadata = json!({"token_endpoint": "http://169.254.169.254/token"}));
    let (begun, _) = cheated.begin().await;
    cheated.finish(&begun).await.expect_problem(503, "oidc_away");
    // Back to what it was: a provider that was away is asked again after a moment.
    let cheated = Cheated::start().await;
    cheated.plan(|plan| plan.metadata = json!({"issuer": "https://evil.example"}));
    cheated.app.post("/auth/oidc/citizen/begin", &json!({})).send().await.expect_problem(503, "oidc_away");
    cheated.plan(|plan| plan.metadata = json!({}));
    cheated.app.post("/auth/oidc/citizen/begin", &json!({})).send().await.expect_problem(503, "oidc_away");
    cheated.app.advance(Duration::seconds(6));
    cheated.with_claims(|_| {}).await.expect(200);
}

#[tokio::test]
async fn how_sure_the_provider_is_counts_where_the_settings_want_it() {
    let cheated = Cheated::start_with(|config| config.oidc.citizen.require_acr = true).await;
    cheated.with_claims(|_| {}).await.expect_problem(422, "oidc_token_invalid");
    cheated.with_claims(|claims| claims["acr"] = json!("LoA0")).await.expect_problem(422, "oidc_token_invalid");
    cheated.with_claims(|claims| claims["acr"] = json!("LoA1")).await.expect(200);
}

#[tokio::test]
async fn what_was_begun_lies_sealed_and_not_for_long() {
    let cheated = Cheated::start().await;
    let (begun, nonce) = cheated.begin().await;
    let kept = kept(&cheated).await;
    assert_eq!(kept.len(), 1);
    for secret in [&begun.state, &begun.secret, &nonce] {
        assert!(!kept[0].contains(secret.as_str()), "{}", kept[0]);
    }
    cheated.app.advance(Duration::minutes(11));
    cheated.begin().await;
    assert_eq!(self::kept(&cheated).await.len(), 1, "what is over is forgotten");
}

/// What is stored of sign-ins that were begun.
async fn kept(cheated: &Cheated) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let query = "SELECT state_hash || ' ' || secret_hash || ' ' || sealed AS line FROM oidc_sign_ins";
    let read = cheated.app.app.db.read(move |connection| {
        diesel::RunQueryDsl::load::<Line>(diesel::sql_query(query), connection).map_err(pakn::db::StorageError::from)
    });
    read.await.unwrap().into_iter().map(|found| found.line).collect()
}
