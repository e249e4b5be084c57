//! Events for other systems.

use super::{courier, lines, words};
use crate::app::Answered;
use crate::receiver::{Received, Receiver, Reply};
use crate::town::{OTHER_AGENCY, Town, form, form_with};
use chrono::{DateTime, Duration};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

async fn town() -> Town {
    Town::start_with(|config| config.webhook_private_addresses = true).await
}

async fn subscribe(town: &Town, receiver: &Receiver, more: Value) -> Answered {
    let mut body = json!({"name": "IOC", "url": receiver.url("/pakn")});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    town.post("admin", "/admin/webhooks", &body).await.expect(201)
}

/// The signature by the words of the specification, without the code of the product.
fn signed(secret: &str, request: &Received) -> String {
    let key = BASE64.decode(secret.trim_start_matches("whsec_").as_bytes()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, timestamp) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    mac.update(format!("{id}.{timestamp}.{}", request.body).as_bytes());
    format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

fn kinds(receiver: &Receiver) -> Vec<String> {
    let kind = |request: &Received| serde_json::from_str::<Value>(&request.body).unwrap()["type"].as_str().unwrap().to_owned();
    // Several are on their way at once, and nobody promises an order.
    let mut kinds: Vec<String> = receiver.received().iter().map(kind).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn an_event_is_posted_signed_and_without_personal_data() {
    let (town, receiver) = (town().await, Receiver::willing());
    let made = subscribe(&town, &receiver, json!({})).await;
    let secret = made.text_of("/secret");
    assert!(town.get("admin", "/admin/webhooks").await["items"][0].get("secret").is_none());
    let petition = town.file(&form()).await;
    assert_eq!(courier(&town).await, 1);
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].target.as_str(), received[0].header("content-type")), ("POST /pakn", "application/json"));
    assert_eq!(received[0].header("webhook-signature"), signed(&secret, &received[0]));
    let sent: i64 = received[0].header("webhook-timestamp").parse().unwrap();
    let now = DateTime::parse_from_rfc3339(crate::town::MONDAY).unwrap().timestamp();
    assert!((now..now + 60).contains(&sent), "{sent} at {now}");
    let event: Value = serde_json::from_str(&received[0].body).unwrap();
    assert_eq!((&event["type"], &event["data"]["code"]), (&json!("petition.file"), &json!(petition.code)));
    assert_eq!((&event["data"]["status"], &event["data"]["category"]), (&json!("assigned"), &json!("rac-thai-chat-thai")));
    for personal in ["Nguyễn", "0912345678", "84912345678", "an@example.vn", "21.18", "Lý Thái Tổ", "Rác thải"] {
        assert!(!received[0].body.contains(personal), "{personal} in {}", received[0].body);
    }
    assert_eq!(courier(&town).await, 0, "once is enough");
}

#[tokio::test]
async fn only_what_was_asked_for_is_posted() {
    let (town, some, there, none) = (town().await, Receiver::willing(), Receiver::willing(), Receiver::willing());
    subscribe(&town, &some, json!({"actions": ["accept", "approve"]})).await;
    subscribe(&town, &there, json!({"agency": OTHER_AGENCY})).await;
    subscribe(&town, &none, json!({"category": "cap-nuoc-sach"})).await;
    let petition = town.filed("answered").await;
    courier(&town).await;
    assert_eq!(kinds(&some), ["petition.accept", "petition.approve"]);
    assert_eq!((kinds(&there).len(), kinds(&none).len()), (0, 0));
    // What the petitioner does not see is nobody else's business.
    town.act("handler", petition.document, "note", json!({"text": "Đã gọi điện."})).await;
    let other = town.file(&form_with(json!({"area": "09187"}))).await;
    assert_eq!(other.receipt["agency"]["code"], OTHER_AGENCY);
    courier(&town).await;
    assert_eq!((kinds(&there), kinds(&some).len()), (vec!["petition.file".to_owned()], 2));
}

#[tokio::test]
async fn a_system_that_is_down_is_tried_again_under_the_same_key_and_given_up_at_last() {
    let town = town().await;
    let receiver = Receiver::start(|number, _| match number {
        0 => Reply::Status(500, "Nguyễn Văn An".to_owned()),
        1 => Reply::HangUp,
        2 => Reply::Status(302, String::new()),
        _ => Reply::Status(503, String::new()),
    });
    subscribe(&town, &receiver, json!({"actions": ["file"]})).await;
    town.file(&form()).await;
    assert_eq!(courier(&town).await, 1);
    assert_eq!(courier(&town).await, 0, "not before the pause is over");
    let waiting = lines(&town, "").await;
    assert_eq!((words(&waiting[0]), &waiting[0]["problem"]), ("webhook due 1".to_owned(), &json!("HTTP 500")));
    for _ in 1..20 {
        town.later(Duration::hours(8));
        assert_eq!(courier(&town).await, 1);
    }
    let dead = lines(&town, "state=dead").await;
    assert_eq!(dead.iter().map(words).collect::<Vec<_>>(), ["webhook dead 20"]);
    let received = receiver.received();
    assert_eq!(received.len(), 20);
    assert!(received.iter().all(|request| request.header("webhook-id") == received[0].header("webhook-id")));
    let detail = town.get("admin", &format!("/admin/outbox/{}", dead[0]["id"])).await.expect(200);
    let outcomes: Vec<&str> = detail["tried"].as_array().unwrap().iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!((outcomes.len(), outcomes[0], outcomes[1], outcomes[2]), (20, "unreached", "uncertain", "unreached"));
    assert!(!detail.text.contains("Nguyễn"), "what the other side says is not kept: {}", detail.text);
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_by_an_administrator_and_what_arrived_is_not() {
    let town = town().await;
    let receiver = Receiver::start(|number, _| Reply::Status(if number < 20 { 500 } else { 200 }, String::new()));
    subscribe(&town, &receiver, json!({"actions": ["file"]})).await;
    town.file(&form()).await;
    for _ in 0..20 {
        courier(&town).await;
        town.later(Duration::hours(8));
    }
    let dead = lines(&town, "state=dead").await;
    let resend = format!("/admin/outbox/{}/resend", dead[0]["id"]);
    assert_eq!(words(&town.post("admin", &resend, &json!({})).await.expect(200).body), "webhook due 0");
    assert_eq!(courier(&town).await, 1);
    assert_eq!(words(&lines(&town, "").await[0]), "webhook delivered 1");
    town.post("admin", &resend, &json!({})).await.expect_problem(409, "already_delivered");
    town.post("admin", "/admin/outbox/999999/resend", &json!({})).await.expect_problem(404, "outbox_line_not_found");
}

#[tokio::test]
async fn a_system_that_says_it_is_gone_gets_nothing_more() {
    let (town, receiver) = (town().await, Receiver::start(|_, _| Reply::Status(410, String::new())));
    let id = subscribe(&town, &receiver, json!({})).await.body["id"].clone();
    let first = town.file(&form()).await;
    town.bring_to(&first, "in_progress").await;
    courier(&town).await;
    assert!(town.get("admin", &format!("/admin/webhooks/{id}")).await["ended_at"].is_string());
    let sent = receiver.received().len();
    town.file(&form()).await;
    assert_eq!(courier(&town).await, 0);
    assert_eq!(receiver.received().len(), sent);
    let left = lines(&town, "").await;
    assert!(left.iter().all(|line| line["state"] == "dead"), "{left:?}");
}

#[tokio::test]
async fn events_of_a_time_are_sent_again_under_their_old_ids() {
    let (town, receiver) = (town().await, Receiver::willing());
    let webhook = subscribe(&town, &receiver, json!({"actions": ["file", "approve"]})).await.body["id"].clone();
    town.filed("answered").await;
    courier(&town).await;
    town.later(Duration::days(1));
    town.file(&form()).await;
    courier(&town).await;
    let before: Vec<String> = receiver.received().iter().map(|request| request.header("webhook-id").to_owned()).collect();
    let path = format!("/admin/webhooks/{webhook}/replay");
    let day = json!({"from": "2026-03-02T00:00:00+07:00", "to": "2026-03-03T00:00:00+07:00"});
    assert_eq!(town.post("admin", &path, &day).await.expect(200)["events"], 2);
    courier(&town).await;
    let after: Vec<String> = receiver.received().iter().map(|request| request.header("webhook-id").to_owned()).collect();
    let mut again = after[before.len()..].to_vec();
    again.sort();
    let mut first_two = before[..2].to_vec();
    first_two.sort();
    assert_eq!(again, first_two);
    for (from, to, wrong) in [
        ("2026-03-03T00:00:00+07:00", "2026-03-02T00:00:00+07:00", "to=must_not_be_before"),
        ("2026-01-01T00:00:00+07:00", "2026-03-02T00:00:00+07:00", "to=out_of_range"),
    ] {
        assert_eq!(town.post("admin", &path, &json!({"from": from, "to": to})).await.wrong_fields(), [wrong]);
    }
    let deliveries = town.get("admin", &format!("/admin/webhooks/{webhook}/deliveries")).await.expect(200);
    assert_eq!(deliveries["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one() {
    let (town, receiver) = (town().await, Receiver::willing());
    let made = subscribe(&town, &receiver, json!({})).await;
    let (id, old) = (made.body["id"].clone(), made.text_of("/secret"));
    let new = town.post("admin", &format!("/admin/webhooks/{id}/secret"), &json!({})).await.expect(200).text_of("/secret");
    assert_ne!(new, old);
    town.file(&form()).await;
    courier(&town).await;
    let request = &receiver.received()[0];
    assert_eq!(request.header("webhook-signature"), format!("{} {}", signed(&new, request), signed(&old, request)));
}

#[tokio::test]
async fn addresses_inside_and_wrong_fields_are_refused() {
    let town = Town::start().await;
    for url in ["http://example.vn/", "ftp://a.vn/", "x"] {
        let body = json!({"name": "IOC", "url": url});
        assert_eq!(town.post("admin", "/admin/webhooks", &body).await.wrong_fields(), ["url=malformed"], "{url}");
    }
    for url in ["https://127.0.0.1/", "https://[::1]:8443/", "https://10.1.2.3/", "http://192.168.1.7/", "https://localhost/"] {
        let refused = town.post("admin", "/admin/webhooks", &json!({"name": "IOC", "url": url})).await;
        assert!(refused.text.contains("webhook_private_addresses"), "{}", refused.text);
        assert_eq!(refused.wrong_fields(), ["url=private_address"], "{url}");
    }
    let body = json!({"name": "", "url": "https://a.vn/", "agency": "x", "category": "y"});
    let wrong = town.post("admin", "/admin/webhooks", &body).await.wrong_fields();
    assert_eq!(wrong, ["name=required", "agency=unknown_code", "category=unknown_code"]);
    let body = json!({"name": "IOC", "url": "https://a.vn/", "actions": ["drop_table"]});
    assert_eq!(town.post("admin", "/admin/webhooks", &body).await.wrong_fields(), ["actions[0]=not_one_of"]);
    town.get("admin", "/admin/webhooks/7").await.expect_problem(404, "webhook_not_found");
    let keyed = |key: &'static str| {
        town.app.post("/admin/webhooks", &json!({"name": "IOC", "url": "https://a.vn/"})).header("Idempotency-Key", key)
    };
    let token = town.token("admin").await;
    let (first, second) = (keyed("a").token(&token).send().await, keyed("a").token(&token).send().await);
    assert_eq!(first.expect(201).body, second.expect(201).body);
}
