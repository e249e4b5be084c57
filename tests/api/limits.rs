//! How often somebody may come: by source, by account, by device, and what the headers say of it.

mod reading;

use crate::app::{Answered, PASSWORD, TestApp};
use crate::town::form;
use chrono::Duration;
use pakn::config::Config;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

pub async fn limited(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.rate_limits = true;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        change(config);
    })
    .await
}

async fn file_from(app: &TestApp, source: &str, device: &str) -> Answered {
    let request = app.post("/petitions", &form()).header("X-Forwarded-For", source);
    if device.is_empty() { request.send().await } else { request.header("X-Device-Id", device).send().await }
}

#[actix_web::test]
async fn a_source_files_so_often_and_then_waits() {
    let app = limited(|config| config.filings_per_minute_of_source = 4).await;
    for left in (0..4).rev() {
        let filed = file_from(&app, "14.162.0.9", "").await.expect(201);
        assert_eq!(filed.header("ratelimit-policy"), "\"filing\";q=4;w=60");
        assert!(filed.header("ratelimit").starts_with(&format!("\"filing\";r={left};t=")), "{}", filed.header("ratelimit"));
    }
    let refused = file_from(&app, "14.162.0.9", "").await.expect_problem(429, "too_many_attempts");
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("15", "\"filing\";r=0;t=15"));
    file_from(&app, "14.162.0.10", "").await.expect(201);
    app.clock.advance(Duration::seconds(15));
    file_from(&app, "14.162.0.9", "").await.expect(201);
    file_from(&app, "14.162.0.9", "").await.expect(429);
    app.stop().await;
}

#[actix_web::test]
async fn a_device_and_an_account_have_limits_of_their_own() {
    let app = limited(|config| config.filings_per_minute = 2).await;
    for _ in 0..2 {
        file_from(&app, "14.162.0.9", "máy-1").await;
        file_from(&app, "14.162.0.9", "may-1").await.expect(201);
    }
    file_from(&app, "14.162.0.10", "may-1").await.expect_problem(429, "too_many_attempts");
    file_from(&app, "14.162.0.9", "may-2").await.expect(201);
    file_from(&app, "14.162.0.9", "").await.expect(201);
    let citizen = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345678", "password": PASSWORD});
    let token = app.post("/auth/register", &citizen).send().await.expect(201).text_of("/access_token");
    let mut form = form();
    form.as_object_mut().unwrap().remove("petitioner");
    for at in 0..3 {
        let filed = app.post("/petitions", &form).token(&token).header("X-Forwarded-For", &format!("14.162.1.{at}")).send().await;
        assert_eq!(filed.status, if at < 2 { 201 } else { 429 }, "{}", filed.text);
    }
    app.stop().await;
}

#[actix_web::test]
async fn each_effort_is_counted_for_itself() {
    let app = limited(|config| {
        config.sign_ins_per_minute_of_source = 2;
        config.searches_per_minute_of_source = 2;
        config.uploads_per_minute_of_source = 2;
    })
    .await;
    let from = "14.162.0.9";
    for at in 0..3 {
        let (late, searched) = (at == 2, app.get("/public/petitions").header("X-Forwarded-For", from).send().await);
        assert_eq!(searched.status, if late { 429 } else { 200 });
        let login = json!({"login": "khong.co.ai", "password": "sai"});
        let signed_in = app.post("/auth/login", &login).header("X-Forwarded-For", from).send().await;
        assert_eq!(signed_in.status, if late { 429 } else { 401 });
        let uploaded = app.post("/attachments", &json!({})).header("X-Forwarded-For", from).send().await;
        assert_eq!(uploaded.status == 429, late, "{}", uploaded.text);
        // What neither costs nor is worth anything to others is not counted.
        let deleted = app.request(Method::DELETE, "/attachments/uploads/khong-co").header("X-Forwarded-For", from).send().await;
        assert_eq!(deleted.header("ratelimit"), "", "{}", deleted.text);
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_visitor_who_is_no_proxy_does_not_choose_the_source() {
    let app = TestApp::start_with(|config| {
        config.rate_limits = true;
        config.searches_per_minute_of_source = 2;
    })
    .await;
    for at in 0..3 {
        let searched = app.get("/public/petitions").header("X-Forwarded-For", &format!("14.162.0.{at}")).send().await;
        assert_eq!(searched.status, if at < 2 { 200 } else { 429 });
    }
    app.stop().await;
}

#[actix_web::test]
async fn ten_thousand_sign_ins_hold_nobody_else_up() {
    let app = limited(|config| config.sign_ins_per_minute_of_source = 20).await;
    let attack = async {
        let mut refused = 0;
        for round in 0..100 {
            let tries = (0..100).map(|at| {
                let body = json!({"login": format!("ten.{round}.{at}"), "password": "sai"});
                app.post("/auth/login", &body).header("X-Forwarded-For", "203.0.113.7").send()
            });
            let answers = futures_util::future::join_all(tries).await;
            let strange = answers.iter().find(|answer| ![401, 429].contains(&answer.status));
            assert!(strange.is_none(), "{:?}", strange.map(|answer| (answer.status, &answer.text)));
            refused += answers.iter().filter(|answer| answer.status == 429).count();
        }
        refused
    };
    let others = async {
        for _ in 0..20 {
            file_from(&app, "14.162.0.9", "").await.expect(201);
        }
    };
    let (refused, ()) = futures_util::future::join(attack, others).await;
    assert_eq!(refused, 10_000 - 20);
    app.stop().await;
}

/// A text behind the challenge whose hash begins with so many zero bits.
pub fn solve(challenge: &str, bits: u32) -> String {
    (0..u64::MAX).map(|at| format!("{challenge}:{at}")).find(|proof| zero_bits(proof) >= bits).unwrap()
}

/// Any text behind the colon solves a puzzle by chance, so that one that does not has to be looked for, too.
fn fail_to_solve(challenge: &str, bits: u32) -> String {
    (0..u64::MAX).map(|at| format!("{challenge}:{at}x")).find(|proof| zero_bits(proof) < bits).unwrap()
}

fn zero_bits(proof: &str) -> u32 {
    let hash = Sha256::digest(proof.as_bytes());
    u32::from_be_bytes(hash[..4].try_into().unwrap()).leading_zeros()
}

#[actix_web::test]
async fn under_a_flood_guests_show_work_and_accounts_with_a_proven_contact_do_not() {
    let app = TestApp::start_with(|config| config.guest_challenge_bits = 8).await;
    let refused = app.post("/petitions", &form()).send().await.expect_problem(403, "proof_of_work_needed");
    assert_eq!(refused.errors(), ["X-Proof-Of-Work=zero_bits"]);
    app.post("/attachments", &json!({})).send().await.expect_problem(403, "proof_of_work_needed");
    let begin = || app.post("/attachments/uploads", &json!({})).header("Tus-Resumable", "1.0.0").header("Upload-Length", "600");
    begin().send().await.expect_problem(403, "proof_of_work_needed");
    let posed = app.post("/challenges", &json!({})).send().await.expect(200);
    let (challenge, bits) = (posed.text_of("/challenge"), posed.body["bits"].as_u64().unwrap());
    assert_eq!((bits, posed.text_of("/reason").as_str()), (8, "always"));
    let proof = solve(&challenge, 8);
    let file = async |proof: &str| app.post("/petitions", &form()).header("X-Proof-Of-Work", proof).send().await;
    for wrong in [fail_to_solve(&challenge, 8).as_str(), &challenge, &format!("0{proof}"), "rubbish", ":", &"9".repeat(300)] {
        file(wrong).await.expect_problem(403, "proof_of_work_needed");
    }
    file(&proof).await.expect(201);
    file(&proof).await.expect_problem(403, "proof_of_work_needed");
    let old = solve(&app.post("/challenges", &json!({})).send().await.expect(200).text_of("/challenge"), 8);
    app.clock.advance(Duration::minutes(11));
    file(&old).await.expect_problem(403, "proof_of_work_needed");
    let citizen = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345678", "password": PASSWORD});
    let registered = app.post("/auth/register", &citizen).send().await.expect(201);
    let token = registered.text_of("/access_token");
    let mut form = form();
    form.as_object_mut().unwrap().remove("petitioner");
    app.post("/petitions", &form).token(&token).send().await.expect_problem(403, "proof_of_work_needed");
    begin().token(&token).send().await.expect_problem(403, "proof_of_work_needed");
    app.prove_phone(&registered).await;
    app.post("/petitions", &form).token(&token).send().await.expect(201);
    begin().token(&token).send().await.expect(201);
    app.stop().await;
}

pub async fn pose(app: &TestApp, source: &str) -> Answered {
    app.post("/challenges", &json!({})).header("X-Forwarded-For", source).send().await.expect(200)
}

#[actix_web::test]
async fn whoever_files_unusually_much_has_to_work_for_it() {
    let app = limited(|config| {
        config.guest_filings_before_challenge = 6;
        config.guest_challenge_first_bits = 6;
        config.guest_challenge_most_bits = 8;
    })
    .await;
    let (crowd, other) = ("14.162.0.9", "14.162.0.10");
    let quiet = pose(&app, crowd).await;
    assert_eq!((&quiet.body["bits"], &quiet.body["reason"]), (&json!(0), &json!("nothing")));
    for at in 0..6 {
        file_from(&app, crowd, &format!("may-{at}")).await.expect(201);
    }
    let refused = file_from(&app, crowd, "may-moi").await.expect_problem(403, "proof_of_work_needed");
    assert_eq!(refused.errors(), ["X-Proof-Of-Work=zero_bits"]);
    assert!(refused.text_of("/errors/0/message").contains(" 6 bit"), "{}", refused.text);
    file_from(&app, other, "").await.expect(201);
    // What was gathered while nothing was asked is worth nothing now.
    let file = async |proof: &str| {
        app.post("/petitions", &form()).header("X-Forwarded-For", crowd).header("X-Proof-Of-Work", proof).send().await
    };
    file(&solve(&quiet.text_of("/challenge"), 6)).await.expect_problem(403, "proof_of_work_needed");
    let mut asked = Vec::new();
    for _ in 0..20 {
        let posed = pose(&app, crowd).await;
        assert_eq!(posed.body["reason"], "source");
        let bits = u32::try_from(posed.body["bits"].as_u64().unwrap()).unwrap();
        asked.push(bits);
        file(&solve(&posed.text_of("/challenge"), bits)).await.expect(201);
    }
    assert!(asked.is_sorted() && asked.first() == Some(&6) && asked.last() == Some(&8), "{asked:?}");
    let citizen = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345678", "password": PASSWORD});
    let registered = app.post("/auth/register", &citizen).send().await.expect(201);
    app.prove_phone(&registered).await;
    let token = registered.text_of("/access_token");
    let mut own = form();
    own.as_object_mut().unwrap().remove("petitioner");
    app.post("/petitions", &own).token(&token).header("X-Forwarded-For", crowd).send().await.expect(201);
    // It ends by itself, and not at the first quiet minute.
    app.clock.advance(Duration::minutes(1));
    file_from(&app, crowd, "").await.expect(403);
    app.clock.advance(Duration::minutes(60));
    file_from(&app, crowd, "").await.expect(201);
    app.stop().await;
}

#[actix_web::test]
async fn all_guests_work_while_all_together_file_unusually_much() {
    let app = limited(|config| {
        config.guest_filings_of_all_before_challenge = 8;
        config.guest_challenge_first_bits = 6;
    })
    .await;
    for at in 0..8 {
        file_from(&app, &format!("14.162.0.{at}"), "").await.expect(201);
    }
    file_from(&app, "203.0.113.7", "").await.expect_problem(403, "proof_of_work_needed");
    let posed = pose(&app, "203.0.113.7").await;
    assert_eq!(posed.body["reason"], "everybody");
    let proof = solve(&posed.text_of("/challenge"), 6);
    let filed = app.post("/petitions", &form()).header("X-Forwarded-For", "203.0.113.7").header("X-Proof-Of-Work", &proof);
    filed.send().await.expect(201);
    app.stop().await;
}

#[actix_web::test]
async fn one_source_without_a_device_files_thirty_and_then_works_or_waits() {
    let app = limited(|_| {}).await;
    let mut statuses = std::collections::BTreeMap::new();
    for round in 0..20 {
        // Each from another household of the same network.
        let from = |at: usize| if round % 2 == 0 { "203.0.113.7".to_owned() } else { format!("2405:4802:1c:{round:x}{at:x}::1") };
        let app = &app;
        let answers = (0..40).map(|at| {
            let source = from(at);
            async move { file_from(app, &source, "").await.status }
        });
        for status in futures_util::future::join_all(answers).await {
            *statuses.entry((round % 2, status)).or_insert(0) += 1;
        }
    }
    let known = [(0, 201), (0, 403), (0, 429), (1, 201), (1, 403), (1, 429)];
    assert!(statuses.keys().all(|key| known.contains(key)), "{statuses:?}");
    assert_eq!((statuses[&(0, 201)], statuses[&(1, 201)]), (30, 120), "{statuses:?}");
    app.stop().await;
}

/// On PostgreSQL, where several instances serve: what one has let through counts at the others.
#[actix_web::test]
async fn several_instances_count_together() {
    if crate::database::backend() == pakn::db::Backend::Sqlite {
        return;
    }
    let one = limited(|config| {
        config.filings_per_minute_of_source = 4;
        config.searches_per_minute_of_source = 6;
        config.guest_filings_before_challenge = 5;
        config.guest_challenge_first_bits = 6;
    })
    .await;
    let other = one.beside();
    for (at, app) in [&one, &other, &one, &other].into_iter().enumerate() {
        let filed = file_from(app, "14.162.0.9", "").await.expect(201);
        assert!(filed.header("ratelimit").starts_with(&format!("\"filing\";r={};t=", 3 - at)), "{}", filed.header("ratelimit"));
    }
    for app in [&one, &other] {
        let refused = file_from(app, "14.162.0.9", "").await.expect_problem(429, "too_many_attempts");
        assert_eq!(refused.header("retry-after"), "15");
    }
    file_from(&other, "14.162.0.10", "").await.expect(201);
    one.advance(Duration::seconds(15));
    file_from(&other, "14.162.0.9", "").await.expect(201);
    file_from(&one, "14.162.0.9", "").await.expect(429);
    // What is unusual counts together as well, and a puzzle is good once, wherever it is shown.
    one.advance(Duration::seconds(60));
    file_from(&one, "14.162.0.9", "").await.expect(201);
    file_from(&one, "14.162.0.9", "").await.expect_problem(403, "proof_of_work_needed");
    file_from(&other, "14.162.0.9", "").await.expect_problem(403, "proof_of_work_needed");
    let posed = pose(&one, "14.162.0.9").await;
    assert_eq!(posed.body["reason"], "source");
    one.advance(Duration::seconds(60));
    let proof = solve(&posed.text_of("/challenge"), 6);
    let show = async |app: &TestApp| {
        let request = app.post("/petitions", &form()).header("X-Forwarded-For", "14.162.0.9");
        request.header("X-Proof-Of-Work", &proof).send().await
    };
    show(&other).await.expect(201);
    show(&one).await.expect_problem(403, "proof_of_work_needed");
    show(&other).await.expect_problem(403, "proof_of_work_needed");
    // A question that weighs much is paid for at all of them.
    let ask = async |app: &TestApp| {
        let path = "/statistics/trend?step=day&from=2022-01-01&to=2022-02-28";
        app.get(path).header("X-Forwarded-For", "14.162.0.11").send().await.status
    };
    let asked = [ask(&one).await, ask(&other).await, ask(&one).await, ask(&other).await];
    assert_eq!((asked[0], asked[3]), (200, 429), "{asked:?}");
    other.stop().await;
    one.stop().await;
}
