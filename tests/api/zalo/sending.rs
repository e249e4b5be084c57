//! Messages and notices: what each code does, what is never sent twice, and what is never lost.

use super::ZaloTown;
use crate::receiver::Reply;
use crate::town::{OWNER, Town, form, form_of_account};
use chrono::Duration;
use pakn::integrations::zalo::replies;
use serde_json::{Value, json};

/// The newest line of the outbox as `channel state attempts`.
async fn newest(zalo: &ZaloTown) -> String {
    let lines = zalo.town.get("admin", "/admin/outbox?limit=1").await.expect(200).body;
    words(&lines["items"][0])
}

fn words(line: &Value) -> String {
    format!("{} {} {}", line["channel"].as_str().unwrap(), line["state"].as_str().unwrap(), line["attempts"])
}

#[tokio::test]
async fn zalo_down_for_an_hour_loses_nothing_and_says_nothing_twice() {
    let zalo = ZaloTown::start().await;
    zalo.says("1", "phản ánh").await;
    zalo.zalo.is_down(true);
    assert!(zalo.says("1", super::STORY).await.is_empty());
    assert!(zalo.says("1", "phường Võ Cường").await.is_empty());
    for _ in 0..6 {
        zalo.town.later(Duration::minutes(10));
        zalo.work().await;
    }
    assert!(zalo.told("1").is_empty());
    zalo.zalo.is_down(false);
    zalo.town.later(Duration::hours(1));
    zalo.work().await;
    let told = zalo.told("1");
    // Two answers in their order, and the reminder that was due meanwhile.
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("Sự việc ở đâu?") && told[1].contains("lĩnh vực"), "{told:?}");
    zalo.town.later(Duration::hours(7));
    zalo.work().await;
    assert!(zalo.told("1").is_empty());
}

#[tokio::test]
async fn what_may_have_arrived_is_never_sent_again() {
    let zalo = ZaloTown::start_with(|config| {
        config.zalo_zns_templates = vec!["filed=100".to_owned()];
        // Long enough for the answers that do come, also on a busy machine.
        config.zalo_timeout_ms = 10_000;
    })
    .await;
    zalo.says("1", "xin chào").await;
    // Taken and never answered: the connection breaks off.
    zalo.zalo.next(Reply::HangUp);
    assert!(zalo.says("1", "trợ giúp").await.is_empty());
    zalo.drafts("1").await;
    // Or nothing comes back before our patience ends.
    zalo.zalo.next(Reply::Silence);
    let sent = zalo.zalo.received("POST /v3.0/oa/message/cs").len();
    assert!(zalo.says("1", "gửi").await.is_empty());
    zalo.town.later(Duration::hours(12));
    zalo.work().await;
    assert_eq!(zalo.zalo.received("POST /v3.0/oa/message/cs").len(), sent + 1, "one attempt, and no other");
    assert_eq!((newest(&zalo).await.as_str(), zalo.zalo.notices().len()), ("zalo dead 1", 0));
    let status = zalo.status().await;
    assert_eq!((&status["replies_dead"], &status["replies_waiting"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn an_instance_that_was_killed_while_it_sent_leaves_no_second_message() {
    let zalo = ZaloTown::start().await;
    zalo.event(&zalo.message("1", "user_send_text", json!({"text": "xin chào"}))).await.expect(200);
    let app = &zalo.town.app.app;
    pakn::integrations::zalo::handle::handle_due(app, "killed").await.expect("the database");
    let (now, until) = (app.now(), app.now().plus(Duration::minutes(2)));
    app.db
        .write(move |connection| {
            let row = pakn::integrations::zalo::store::replies::claim(connection, "killed", now, until, 1)?.remove(0);
            pakn::integrations::zalo::store::replies::begin_attempt(connection, "killed", row.id, until)
        })
        .await
        .expect("the database");
    zalo.town.later(Duration::minutes(3));
    zalo.work().await;
    assert!(zalo.told("1").is_empty());
    assert_eq!(zalo.status().await["replies_dead"], 1);
    // One that was only taken in hand, and not yet on its way, is sent by the next.
    zalo.event(&zalo.message("1", "user_send_text", json!({"text": "xin chào"}))).await.expect(200);
    pakn::integrations::zalo::handle::handle_due(app, "killed").await.expect("the database");
    let (now, until) = (app.now(), app.now().plus(Duration::minutes(2)));
    app.db
        .write(move |connection| pakn::integrations::zalo::store::replies::claim(connection, "killed", now, until, 1).map(drop))
        .await
        .expect("the database");
    zalo.town.later(Duration::minutes(3));
    let channel = app.channels.zalo.as_ref().unwrap();
    assert_eq!(replies::deliver_due(app, channel, "next").await.expect("the database"), 1);
    assert_eq!(zalo.told("1").len(), 1);
}

#[tokio::test]
async fn each_code_does_what_it_says() {
    let zalo = ZaloTown::start_with(|config| config.zalo_zns_templates = vec!["filed=100".to_owned()]).await;
    for (code, expected) in [
        (0, "zalo delivered 1"),
        (-32, "zalo due 1"),
        (-100, "zalo due 1"),
        (-213, "zns delivered 1"),
        (-230, "zns delivered 1"),
        (-224, "zalo dead 1"),
        (-201, "zalo dead 1"),
        (-9999, "zalo dead 1"),
    ] {
        zalo.drafts("1").await;
        if code != 0 {
            zalo.zalo.next_code(code);
        }
        zalo.says("1", "gửi").await;
        assert_eq!(newest(&zalo).await, expected, "{code}");
    }
    let notices = zalo.zalo.notices();
    assert_eq!(notices.len(), 2);
    assert_eq!((&notices[0]["phone"], &notices[0]["template_id"]), (&json!("84912345678"), &json!("100")));
    assert!(notices[0]["template_data"]["code"].as_str().unwrap().starts_with("BN26-"));
    assert!(notices[0]["tracking_id"].as_str().unwrap().ends_with(".1"));
    // What could not be sent for the moment is sent later, once.
    zalo.told("1");
    zalo.town.later(Duration::minutes(2));
    zalo.work().await;
    assert_eq!(zalo.told("1").len(), 2);
}

#[tokio::test]
async fn a_notice_that_may_have_arrived_is_confirmed_by_the_webhook() {
    let zalo = ZaloTown::start_with(|config| config.zalo_zns_templates = vec!["filed=100".to_owned()]).await;
    // A guest of the web site, whom only the phone is known of.
    zalo.zalo.next(Reply::HangUp);
    let petition = zalo.town.file(&form()).await;
    zalo.work().await;
    assert_eq!(newest(&zalo).await, "zns dead 1");
    let event = json!({
        "event_name": "user_received_message", "sender": {"id": "2"}, "recipient": {"id": "1"}, "timestamp": zalo.now_ms(),
        "message": {"msg_id": "zns-77", "tracking_id": format!("{}.1", petition.code), "delivery_time": zalo.now_ms()},
    });
    assert_eq!(zalo.event(&event).await.expect(200).body, json!({"taken": true}));
    zalo.work().await;
    assert_eq!(newest(&zalo).await, "zns delivered 1");
    // An event without a template at Zalo goes on to the next channel.
    zalo.town.act("clerk", petition.document, "accept", json!({})).await.expect(200);
    zalo.work().await;
    assert_eq!((newest(&zalo).await.as_str(), zalo.zalo.notices().len()), ("in_app dropped 1", 0));
}

#[tokio::test]
async fn who_wants_no_messages_on_zalo_gets_none() {
    let zalo = ZaloTown::start_with(|config| config.zalo_zns_templates = vec!["filed=100".to_owned()]).await;
    let town: &Town = &zalo.town;
    let patched = town.app.patch("/me/preferences", &json!({"zalo": false})).token(&town.token(OWNER).await).send().await;
    patched.expect(200);
    town.file_as(OWNER, &form_of_account()).await;
    zalo.work().await;
    assert_eq!(newest(&zalo).await, "in_app delivered 1");
    assert!(zalo.zalo.received("POST /v3.0/").is_empty() && zalo.zalo.received("POST /message").is_empty());
}
