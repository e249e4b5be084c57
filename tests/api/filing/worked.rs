//! Work for those whom nobody knows: an account that anybody makes is no way around it, and nobody pays twice for one petition.

use crate::app::{Answered, PASSWORD, TestApp};
use crate::limits::{limited, pose, solve};
use crate::media::{jpeg, multipart, multipart_type};
use crate::town::{form, form_of_account, form_with};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

const HERE: &str = "14.162.0.9";
const KEY: &str = "0b6e7c9a-4f0e-4b3a-9f43-5a1f5c1d2e3f";
const BITS: u32 = 8;

/// A server that asks work of every guest.
async fn asking() -> TestApp {
    TestApp::start_with(|config| config.guest_challenge_bits = BITS).await
}

async fn proof(app: &TestApp) -> String {
    solve(&pose(app, HERE).await.text_of("/challenge"), BITS)
}

async fn file(app: &TestApp, form: &Value, key: &str, proof: &str) -> Answered {
    let mut request = app.post("/petitions", form);
    for (name, value) in [("Idempotency-Key", key), ("X-Proof-Of-Work", proof)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    request.send().await
}

async fn register(app: &TestApp, number: usize) -> Answered {
    let phone = format!("0912345{number:03}");
    let body = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": phone, "password": PASSWORD});
    app.post("/auth/register", &body).header("X-Forwarded-For", HERE).send().await.expect(201)
}

#[actix_web::test]
async fn accounts_that_have_proven_nothing_count_as_guests_of_their_source() {
    let app = limited(|config| {
        config.guest_filings_before_challenge = 4;
        config.guest_challenge_first_bits = 6;
    })
    .await;
    let file_as =
        async |token: &str| app.post("/petitions", &form_of_account()).token(token).header("X-Forwarded-For", HERE).send().await;
    // Each from another account, and together as much as is usual.
    for number in 0..4 {
        file_as(&register(&app, number).await.text_of("/access_token")).await.expect(201);
    }
    let registered = register(&app, 4).await;
    let token = registered.text_of("/access_token");
    let refused = file_as(&token).await.expect_problem(403, "proof_of_work_needed");
    assert_eq!(refused.errors(), ["X-Proof-Of-Work=zero_bits"]);
    let guest = app.post("/petitions", &form()).header("X-Forwarded-For", HERE).send().await;
    guest.expect_problem(403, "proof_of_work_needed");
    // A key of the own changes nothing.
    let keyed = app.post("/petitions", &form_of_account()).token(&token).header("X-Forwarded-For", HERE);
    keyed.header("Idempotency-Key", "1").send().await.expect_problem(403, "proof_of_work_needed");
    let begin = async || {
        let begun = app.post("/attachments/uploads", &json!({})).token(&token).header("X-Forwarded-For", HERE);
        begun.header("Tus-Resumable", "1.0.0").header("Upload-Length", "600").send().await.status
    };
    assert_eq!(begin().await, 201, "files are counted for themselves");
    let proof = solve(&pose(&app, HERE).await.text_of("/challenge"), 6);
    let worked = app.post("/petitions", &form_of_account()).token(&token).header("X-Forwarded-For", HERE);
    worked.header("X-Proof-Of-Work", &proof).send().await.expect(201);
    app.prove_phone(&registered).await;
    for _ in 0..3 {
        file_as(&token).await.expect(201);
    }
    app.stop().await;
}

#[actix_web::test]
async fn the_same_key_and_body_need_no_second_work() {
    let app = asking().await;
    let proof = proof(&app).await;
    let first = file(&app, &form(), KEY, &proof).await.expect(201);
    for again in [proof.as_str(), "", "rubbish"] {
        assert_eq!(file(&app, &form(), KEY, again).await.expect(201).text, first.text, "{again}");
    }
    let other = form_with(json!({"title": "Đường ngập nước"}));
    file(&app, &other, KEY, &proof).await.expect_problem(422, "idempotency_key_reused");
    file(&app, &form(), "7e1f0c3b-52d8-4a96-8b0e-d1c4f7a9263e", &proof).await.expect_problem(403, "proof_of_work_needed");
    file(&app, &form(), "", &proof).await.expect_problem(403, "proof_of_work_needed");
    app.stop().await;
}

#[actix_web::test]
async fn eight_at_once_with_one_key_and_one_proof_are_one_petition() {
    let app = asking().await;
    let (proof, form) = (proof(&app).await, form());
    let answers = join_all((0..8).map(|_| file(&app, &form, KEY, &proof))).await;
    let first = answers[0].text.clone();
    for answer in answers {
        assert_eq!(answer.expect(201).text, first);
    }
    app.stop().await;
}

#[actix_web::test]
async fn eight_at_once_with_one_proof_and_keys_of_their_own_are_one_petition() {
    let app = asking().await;
    let (proof, form) = (proof(&app).await, form());
    let keys: Vec<String> = (0..8).map(|at| format!("0b6e7c9a-4f0e-4b3a-9f43-5a1f5c1d2e3{at:x}")).collect();
    let answers = join_all(keys.iter().map(|key| file(&app, &form, key, &proof))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403, 403, 403, 403, 403]);
    app.stop().await;
}

#[actix_web::test]
async fn what_is_refused_uses_no_work_up() {
    let app = asking().await;
    let shown = proof(&app).await;
    // Seen at once, and seen only where it would be stored.
    for wrong in [json!({"title": "a"}), json!({"area": "nix"}), json!({"attachments": ["6f1d0c3b9a8e47f2b5d4c3a291807f6e"]})] {
        file(&app, &form_with(wrong), KEY, &shown).await.expect(422);
    }
    file(&app, &form(), KEY, &shown).await.expect(201);
    file(&app, &form(), "", &shown).await.expect_problem(403, "proof_of_work_needed");

    let (shown, picture) = (proof(&app).await, jpeg(20, 20));
    let upload = async |bytes: &[u8], key: &str| {
        let request = app.request(Method::POST, "/attachments").header("X-Proof-Of-Work", &shown);
        let body = multipart("file", "a.jpg", "image/jpeg", bytes);
        let request = request.body(&multipart_type(), body);
        if key.is_empty() { request.send().await } else { request.header("Idempotency-Key", key).send().await }
    };
    assert_ne!(upload(b"no picture at all".as_slice(), KEY).await.status / 100, 2);
    let first = upload(picture.as_slice(), KEY).await.expect(201);
    assert_eq!(upload(picture.as_slice(), KEY).await.expect(201).text, first.text);
    upload(picture.as_slice(), "").await.expect_problem(403, "proof_of_work_needed");
    app.stop().await;
}
