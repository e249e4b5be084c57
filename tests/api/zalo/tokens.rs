//! The tokens of the Official Account: exchanged by one instance at a time, never lost, authorised again by an administrator.

use super::{APP_ID, OA_ID, ZaloTown};
use crate::receiver::Reply;
use chrono::Duration;
use pakn::app::App;
use pakn::integrations::zalo::tokens;
use serde_json::{Value, json};

#[tokio::test]
async fn two_instances_never_use_one_refresh_token_twice() {
    let zalo = ZaloTown::start().await;
    let one = &zalo.town.app.app;
    let two = App::open((*one.config).clone(), one.clock.clone()).expect("open");
    for round in 1..=5 {
        let (channel_one, channel_two) = (one.channels.zalo.as_ref().unwrap(), two.channels.zalo.as_ref().unwrap());
        let (first, second) = tokio::join!(tokens::current(one, channel_one), tokens::current(&two, channel_two));
        let (first, second) = (first.expect("the database").ok().unwrap(), second.expect("the database").ok().unwrap());
        assert_eq!((first.access.as_str(), first.version), (second.access.as_str(), second.version));
        assert_eq!(zalo.zalo.exchanges(), round);
        // 90,000 seconds later both need the next one at the same moment.
        zalo.town.later(Duration::seconds(90_001));
    }
    assert_eq!(zalo.status().await["state"], "connected");
    two.close().await;
}

#[tokio::test]
async fn tokens_lie_encrypted() {
    let zalo = ZaloTown::start().await;
    zalo.says("1", "xin chào").await;
    let row = zalo
        .town
        .app
        .app
        .db
        .read(|connection| pakn::integrations::zalo::store::tokens::find(connection, OA_ID))
        .await
        .unwrap()
        .unwrap();
    assert!(!row.access_token.contains("access-") && !row.refresh_token.contains("refresh-") && row.access_token.len() > 20);
}

#[tokio::test]
async fn a_token_that_is_refused_is_exchanged_once_and_the_message_sent_once() {
    let zalo = ZaloTown::start().await;
    assert_eq!(zalo.says("1", "xin chào").await.len(), 1);
    zalo.zalo.revoke();
    assert_eq!(zalo.says("1", "xin chào").await.len(), 1);
    assert_eq!(zalo.zalo.exchanges(), 2);
    zalo.zalo.next(Reply::Status(401, String::new()));
    assert_eq!(zalo.says("1", "xin chào").await.len(), 1);
    assert_eq!(zalo.zalo.exchanges(), 3);
    // Refused although it is new: later, not at once again.
    zalo.zalo.next(Reply::Status(401, String::new()));
    zalo.zalo.next_code(-216);
    assert!(zalo.says("1", "xin chào").await.is_empty());
    assert_eq!(zalo.zalo.exchanges(), 4);
    zalo.town.later(Duration::minutes(1));
    zalo.work().await;
    assert_eq!(zalo.told("1").len(), 1);
}

#[tokio::test]
async fn a_lost_refresh_token_shows_and_is_authorised_again() {
    let zalo = ZaloTown::start().await;
    zalo.zalo.spoil_refresh();
    assert!(zalo.says("1", "xin chào").await.is_empty());
    let status = zalo.status().await;
    assert_eq!(
        (&status["state"], &status["problem"]),
        (&json!("needs_authorisation"), &json!("Zalo -14020: refresh token used"))
    );
    assert_eq!(status["replies_waiting"], 1);
    let asked = zalo.zalo.received("POST /v4/oa/access_token").len();
    zalo.town.later(Duration::minutes(1));
    zalo.work().await;
    assert_eq!(zalo.zalo.received("POST /v4/oa/access_token").len(), asked, "a token that was used is not shown again");

    let begun = zalo.town.post("admin", "/admin/zalo/authorisation", &json!({})).await.expect(201);
    let url = reqwest::Url::parse(begun["url"].as_str().unwrap()).unwrap();
    let fields: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!((url.path(), fields["app_id"].as_str()), ("/v4/oa/permission", APP_ID));
    assert_eq!(fields["redirect_uri"], "https://pakn.bacninh.gov.vn/api/v1/channels/zalo/authorised");
    assert_eq!(fields["code_challenge"].len(), 43);
    let back = |code: &str, oa: &str, state: &str| {
        zalo.town.app.get(&format!("/channels/zalo/authorised?code={code}&oa_id={oa}&state={state}")).send()
    };
    back("code-1", OA_ID, "made-up").await.expect_problem(404, "zalo_authorisation_unknown");
    assert_eq!(back("code-1", "999", &fields["state"]).await.wrong_fields(), ["oa_id=unknown_code"]);
    back("code-1", OA_ID, &format!("{}&code_challenge=x", fields["state"])).await.expect(200);
    back("code-1", OA_ID, &fields["state"]).await.expect_problem(404, "zalo_authorisation_unknown");
    assert_eq!(zalo.status().await["state"], "connected");
    zalo.town.later(Duration::minutes(5));
    zalo.work().await;
    assert_eq!(zalo.told("1").len(), 1, "what waited is said now");
}

#[tokio::test]
async fn an_authorisation_is_good_for_ten_minutes_and_a_wrong_code_is_refused() {
    let zalo = ZaloTown::start().await;
    let state_of = |url: &Value| url.as_str().unwrap().rsplit_once("state=").unwrap().1.to_owned();
    let begun = zalo.town.post("admin", "/admin/zalo/authorisation", &json!({})).await.expect(201);
    zalo.town.later(Duration::minutes(11));
    let path = format!("/channels/zalo/authorised?code=code-1&oa_id={OA_ID}&state={}", state_of(&begun["url"]));
    zalo.town.get("", &path).await.expect_problem(404, "zalo_authorisation_unknown");
    let begun = zalo.town.post("admin", "/admin/zalo/authorisation", &json!({})).await.expect(201);
    let path = format!("/channels/zalo/authorised?code=wrong&oa_id={OA_ID}&state={}", state_of(&begun["url"]));
    zalo.town.get("", &path).await.expect_problem(422, "zalo_token_refused");
    let town = crate::town::Town::start().await;
    town.get("", "/channels/zalo/authorised?code=a").await.expect(422);
}

#[tokio::test]
async fn an_exchange_whose_answer_was_lost_ends_in_a_clear_state() {
    let zalo = ZaloTown::start().await;
    zalo.zalo.lose_exchange();
    let app = &zalo.town.app.app;
    let lack = tokens::current(app, app.channels.zalo.as_ref().unwrap()).await.expect("the database").err();
    assert_eq!(lack.as_deref(), Some("broken off"));
    let status = zalo.status().await;
    assert_eq!((&status["state"], &status["problem"]), (&json!("connected"), &json!("broken off")));
    assert!(zalo.says("1", "xin chào").await.is_empty());
    let status = zalo.status().await;
    assert_eq!((&status["state"], &status["replies_waiting"]), (&json!("needs_authorisation"), &json!(1)));
}
