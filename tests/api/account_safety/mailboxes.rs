//! Codes by e-mail: one mailbox is one, however it is spelled, and one source writes to not many.

use crate::app::{Answered, PASSWORD, Request};
use crate::town::Town;
use pakn::config::{Config, Secret};
use serde_json::json;

const HERE: &str = "14.162.0.9";

/// A town that could send letters; none of them leaves in these tests.
async fn town(change: impl FnOnce(&mut Config)) -> Town {
    Town::start_with(|config| {
        config.smtp_url = Some(Secret::new("smtp://127.0.0.1:1".to_owned()));
        config.mail_from = Some("pakn@bacninh.gov.vn".to_owned());
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        change(config);
    })
    .await
}

async fn register(town: &Town, email: &str, source: &str) -> Answered {
    let body = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "email": email, "password": PASSWORD});
    town.app.post("/auth/register", &body).header("X-Forwarded-For", source).send().await.expect(201)
}

/// How many letters are to be sent.
async fn letters(town: &Town) -> usize {
    let lines = town.get("admin", "/admin/outbox?channel=email&limit=100").await.expect(200);
    lines["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn every_spelling_of_a_mailbox_counts_as_the_same() {
    let town = town(|_| {}).await;
    for number in 0..25 {
        register(&town, &format!("nan.nhan+{number}@gmail.com"), HERE).await;
    }
    // As many as one spelling gets.
    assert_eq!(letters(&town).await, 20);
    for spelling in ["nannhan@gmail.com", "n.a.n.n.h.a.n@gmail.com", "NanNhan+x@GoogleMail.com", "nan.nhan@googlemail.com"] {
        register(&town, spelling, HERE).await;
    }
    assert_eq!(letters(&town).await, 20);
    for another in ["nan-nhan@gmail.com", "nannhan@example.vn", "nan.nhan@example.vn", "nan.nhan+1@example.vn"] {
        register(&town, another, HERE).await;
    }
    assert_eq!(letters(&town).await, 24);
    // They are counted together and nothing else: each stays an account of its own with the address as it was typed.
    let own = town.app.login("nan.nhan+7@gmail.com", PASSWORD).await.expect(200);
    assert_eq!(own.body["account"]["email"], "nan.nhan+7@gmail.com");
    town.app.login("nannhan+7@gmail.com", PASSWORD).await.expect_problem(401, "login_failed");
}

#[tokio::test]
async fn one_source_does_not_write_to_everybody() {
    let town = town(|config| {
        config.rate_limits = true;
        config.account_letters_per_hour_of_source = 3;
    })
    .await;
    let mut registered = Vec::new();
    for number in 0..5 {
        registered.push(register(&town, &format!("nguoi-{number}@example.vn"), HERE).await);
    }
    assert_eq!(letters(&town).await, 3, "the accounts are made all the same");
    let token = registered[4].text_of("/access_token");
    let from = |request: Request, source: &str| request.header("X-Forwarded-For", source);
    let again = || town.app.post("/me/contacts/send", &json!({"kind": "email"})).token(&token);
    let refused = from(again(), HERE).send().await.expect_problem(429, "too_many_attempts");
    assert_eq!(refused.header("retry-after"), "1200");
    let another = json!({"email": "nguoi-khac@example.vn", "current_password": PASSWORD});
    let change = town.app.patch("/me", &another).token(&token);
    from(change, HERE).send().await.expect_problem(429, "too_many_attempts");
    // Told the same whether there is such an account.
    for login in ["nguoi-0@example.vn", "khong.co.ai@example.vn"] {
        let asked = town.app.post("/auth/password-reset", &json!({"login": login}));
        from(asked, HERE).send().await.expect_problem(429, "too_many_attempts");
    }
    let asked = town.app.post("/auth/password-reset", &json!({"login": "nguoi-0@example.vn"}));
    from(asked, "14.162.0.10").send().await.expect(202);
    from(again(), "14.162.0.10").send().await.expect(202);
    assert_eq!(letters(&town).await, 4);
    // Whoever has a network of IPv6 has as many sources as they like.
    for number in 0..20 {
        register(&town, &format!("xa-{number}@example.vn"), &format!("2405:4802:1c:{number:x}::1")).await;
    }
    assert_eq!(letters(&town).await, 4 + 12);
}
