//! The gateway over HTTP: signed calls, everything once, and no harm from one that is slow, broken or rude.

use super::stand_in::{Gateway, Manner};
use super::{Exchange, ORGAN, file, status};
use crate::town::{AGENCY, OTHER_AGENCY, Petition, Town, form, form_with};
use chrono::Duration;
use pakn::config::Secret;
use ring::hmac;
use serde_json::{Value, json};

const KEY: &str = "một khóa của trục liên thông";

/// For those who wait for an answer that does not come.
const SHORT_MS: u64 = 2_000;
/// For all others: an answer may take its time on a busy machine.
const LONG_MS: u64 = 60_000;

async fn start(change: impl FnOnce(&mut pakn::config::Config)) -> (Exchange, Gateway) {
    let gateway = Gateway::start();
    let address = gateway.address.clone();
    let town = Town::start_with(|config| {
        config.exchange_gateways = vec![address];
        config.exchange_key = Some(Secret::new(KEY.to_owned()));
        config.exchange_system_id = "pakn-bacninh".to_owned();
        config.exchange_timeout_ms = LONG_MS;
        change(config);
    })
    .await;
    let link = json!({"agency": AGENCY, "organ_id": ORGAN, "transport": "gateway", "address": gateway.address});
    town.post("admin", "/admin/exchange-links", &link).await.expect(201);
    (Exchange { town, folder: Default::default() }, gateway)
}

/// From now on the gateway answers.
fn trust(exchange: &mut Exchange, gateway: &Gateway) {
    let mut config = pakn::config::Config::clone(&exchange.town.app.app.config);
    config.exchange_timeout_ms = LONG_MS;
    exchange.town.app.app.config = config.into();
    gateway.behaves(Manner::Well);
}

async fn newest(exchange: &Exchange) -> Value {
    exchange.messages("?direction=out").await[0].clone()
}

#[tokio::test]
async fn a_document_goes_out_signed_and_its_status_comes_back() {
    let (exchange, gateway) = start(|_| {}).await;
    let (petition, document) = exchange.sent().await;
    let [call] = gateway.calls("sendEdoc").try_into().expect("one call");
    assert_eq!((&*call.headers["from"], &*call.headers["servicetype"], &*call.headers["messagetype"]), ("H05", "eDoc", "edoc"));
    assert_eq!(call.headers["x-timestamp"], "02032026T080000+0000");
    let signed =
        [b"pakn-bacninh", call.headers["x-timestamp"].as_bytes(), call.headers["content-type"].as_bytes(), &call.body].concat();
    let tag = data_encoding::HEXLOWER.decode(call.headers["x-signature"].as_bytes()).unwrap();
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes()), &signed, &tag).expect("the HMAC of the parts");
    roxmltree::Document::parse(std::str::from_utf8(&call.body).unwrap()).expect("the message itself");

    gateway.holds("s-1", "status", &status(&document, "03", "Đã tiếp nhận"));
    let reply =
        file("reply.xml").replace("{{DOCUMENT}}", &document).replace("{{NUMBER}}", "5").replace("{{CONTENT}}", "Đã xử lý.");
    gateway.holds("d-1", "edoc", &reply);
    assert_eq!(exchange.round().await.taken.stored, 2);
    assert_eq!(exchange.state_of(&petition).await, "awaiting_approval");
    let mut ended = gateway.ended();
    ended.sort();
    assert_eq!(ended, [("d-1".to_owned(), "done".to_owned()), ("s-1".to_owned(), "done".to_owned())]);
}

#[tokio::test]
async fn a_gateway_that_fails_gets_the_message_later() {
    let (mut exchange, gateway) = start(|config| config.exchange_timeout_ms = SHORT_MS).await;
    let petition = exchange.town.file(&form()).await;
    let mut attempts = 0;
    for manner in [
        Manner::Status(503),
        Manner::Status(429),
        Manner::Status(401),
        Manner::Status(302),
        Manner::Page,
        Manner::Silent,
        Manner::Stuck,
        Manner::Broken,
    ] {
        gateway.behaves(manner);
        let done = exchange.round().await;
        attempts += 1;
        assert_eq!((done.sent.failed, done.taken.failed), (1, 1), "{manner:?}");
        let message = newest(&exchange).await;
        assert_eq!((&message["state"], &message["attempts"]), (&json!("due"), &json!(attempts)), "{manner:?}");
        assert!(message["problem"].as_str().unwrap().starts_with("away: "), "{message}");
        // The petition does not wait for any of this.
        assert_eq!(exchange.state_of(&petition).await, "assigned");
        exchange.town.later(Duration::hours(4));
    }
    trust(&mut exchange, &gateway);
    assert_eq!(exchange.round().await.sent.sent, 1);
    assert_eq!(newest(&exchange).await["state"], "sent");
    let bodies: Vec<Vec<u8>> = gateway.calls("sendEdoc").into_iter().map(|call| call.body).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the same message at each attempt");
}

#[tokio::test]
async fn a_message_that_the_gateway_does_not_want_waits_for_a_person() {
    let (exchange, gateway) = start(|_| {}).await;
    exchange.town.file(&form()).await;
    gateway.behaves(Manner::Refuses);
    exchange.round().await;
    let message = newest(&exchange).await;
    assert_eq!((&message["state"], &message["problem"]), (&json!("failed"), &json!("refused: sendEdoc: error 12 Saima")));
    exchange.town.later(Duration::days(3));
    gateway.behaves(Manner::Status(400));
    assert_eq!(exchange.round().await.sent, Default::default());
    let path = format!("/admin/exchange-messages/{}/resend", message["id"]);
    exchange.town.post("admin", &path, &json!({})).await.expect(200);
    exchange.round().await;
    assert_eq!(newest(&exchange).await["problem"], "refused: sendEdoc was answered with 400");
}

#[tokio::test]
async fn one_silent_call_is_enough_for_a_round() {
    let (mut exchange, gateway) = start(|config| config.exchange_timeout_ms = SHORT_MS).await;
    for _ in 0..4 {
        exchange.town.file(&form()).await;
    }
    gateway.behaves(Manner::Silent);
    assert_eq!(exchange.round().await.sent.failed, 1);
    assert_eq!(gateway.calls("sendEdoc").len(), 1);
    trust(&mut exchange, &gateway);
    assert_eq!(exchange.round().await.sent.sent, 3, "those that were not tried are still due");
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off() {
    let (exchange, gateway) = start(|_| {}).await;
    exchange.town.file(&form()).await;
    gateway.behaves(Manner::Endless);
    let done = exchange.round().await;
    assert_eq!((done.sent.failed, done.taken.failed), (1, 1));
    let problem = newest(&exchange).await["problem"].clone();
    assert_eq!(problem, "away: sendEdoc was answered with something else than JSON", "cut off, not waited for");
}

#[tokio::test]
async fn what_was_stored_and_not_reported_is_not_done_twice() {
    let (exchange, gateway) = start(|_| {}).await;
    let (petition, document) = exchange.sent().await;
    let text = status(&document, "03", "");
    gateway.holds("s-1", "status", &text);
    exchange.round().await;
    // As if the report had been lost: the gateway offers it again.
    gateway.holds("s-1", "status", &text);
    assert_eq!(exchange.round().await.taken.known, 1);
    assert_eq!(exchange.town.recorded("clerk", &petition).await, ["file", "accept"]);
    gateway.holds("x-1", "edoc", &file("bad-xxe.xml"));
    assert_eq!(exchange.round().await.taken.unreadable, 1);
    assert_eq!(gateway.ended().last().unwrap(), &("x-1".to_owned(), "fail".to_owned()));
}

#[tokio::test]
async fn organs_behind_one_gateway_are_told_apart() {
    let (exchange, gateway) = start(|_| {}).await;
    let link = json!({"agency": OTHER_AGENCY, "organ_id": "H05.15", "transport": "gateway", "address": gateway.address});
    exchange.town.post("admin", "/admin/exchange-links", &link).await.expect(201);
    let here: Petition = exchange.town.file(&form()).await;
    let there = exchange.town.file(&form_with(json!({"area": "09187"}))).await;
    assert_eq!(exchange.round().await.sent.sent, 2);
    let sent = exchange.messages("?direction=out").await;
    let name = |petition: &Petition| {
        let message = sent.iter().find(|message| message["petition"] == petition.code).unwrap();
        message["message_id"].as_str().unwrap().to_owned()
    };
    // The organ of one agency says something about the document of the other.
    gateway.holds("s-1", "status", &status(&name(&there), "03", ""));
    exchange.round().await;
    assert_eq!(exchange.state_of(&there).await, "assigned");
    assert_eq!(exchange.came_in("unfitting").await["problem"], "unknown_document");
    gateway.holds("s-2", "status", &status(&name(&there), "03", "").replace("000.00.14.H05", "H05.15"));
    exchange.round().await;
    assert_eq!((exchange.state_of(&there).await, exchange.state_of(&here).await), (json!("in_progress"), json!("assigned")));
}
