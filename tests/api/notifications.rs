//! What people are told in the application: the list, what was read, and the stream.

use crate::town::{OTHER_AGENCY, OWNER, Town, form_of_account};
use pakn::ops::jobs::OutboxDispatcher;
use serde_json::{Value, json};

fn told(page: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{} {}", word(&line["audience"]), word(&line["action"])))
        .collect()
}

/// On a busy machine a heartbeat could come before what a stream is to tell.
async fn without_heartbeats() -> Town {
    Town::start_with(|config| config.event_heartbeat_seconds = 3600).await
}

#[tokio::test]
async fn everybody_is_told_of_what_concerns_them_and_of_nothing_else() {
    let town = Town::start().await;
    let petition = town.file_as(OWNER, &form_of_account()).await;
    town.bring_to(&petition, "answered").await;
    let of_owner = town.get(OWNER, "/me/notifications").await.expect(200);
    assert_eq!(told(&of_owner.body), ["petitioner approve", "petitioner accept", "petitioner file"]);
    assert_eq!((&of_owner["unread"], &of_owner["items"][0]["petition"]), (&json!(3), &json!(petition.code)));
    assert_eq!((&of_owner["items"][0]["status"], &of_owner["items"][0]["is_read"]), (&json!("answered"), &json!(false)));
    for officer in ["clerk", "handler", "leader"] {
        assert_eq!(told(&town.get(officer, "/me/notifications").await.body), ["agency submit", "agency file"], "{officer}");
    }
    for other in ["elsewhere", "reviewer", "admin", "coordinator", "other@example.vn"] {
        assert_eq!(told(&town.get(other, "/me/notifications").await.body).len(), 0, "{other}");
    }
    let lost = town.filed("received").await;
    assert_eq!(told(&town.get("coordinator", "/me/notifications").await.body), ["coordinator return"]);
    town.coordinate(&lost, "route", json!({"agency": OTHER_AGENCY})).await.expect(200);
    assert_eq!(told(&town.get("elsewhere", "/me/notifications").await.body), ["agency route"]);
}

#[tokio::test]
async fn what_was_read_stays_read() {
    let town = Town::start().await;
    let petition = town.file_as(OWNER, &form_of_account()).await;
    town.bring_to(&petition, "answered").await;
    let page = town.get(OWNER, "/me/notifications?limit=2").await.expect(200);
    let (newest, older) = (page["items"][0]["id"].clone(), page["items"][1]["id"].clone());
    let rest = town.get(OWNER, &format!("/me/notifications?cursor={}", page["next_cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!((told(&rest.body), &rest["next_cursor"]), (vec!["petitioner file".to_owned()], &Value::Null));
    let read = async |up_to: Value| town.post(OWNER, "/me/notifications/read", &json!({"up_to": up_to})).await.expect(204);
    read(older.clone()).await;
    assert_eq!(town.get(OWNER, "/me/notifications").await["unread"], 1);
    read(json!(i64::MAX)).await;
    read(older).await;
    let all = town.get(OWNER, "/me/notifications").await.expect(200);
    assert_eq!((&all["unread"], &all["items"][0]["is_read"], &all["items"][0]["id"]), (&json!(0), &json!(true), &newest));
    town.file_as(OWNER, &form_of_account()).await;
    assert_eq!(town.get(OWNER, "/me/notifications").await["unread"], 1, "what is still to come is not read");
    town.post(OWNER, "/me/notifications/read", &json!({"up_to": "x"})).await.expect(422);
}

#[tokio::test]
async fn whoever_listens_hears_at_once_what_concerns_them() {
    let town = without_heartbeats().await;
    let courier = OutboxDispatcher::start(&town.app.app);
    let mut listening = Vec::new();
    for who in [OWNER, "clerk", "elsewhere"] {
        let mut stream = town.app.get("/me/events").token(&town.token(who).await).open().await;
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        let greeting = stream.chunk().await.unwrap().unwrap();
        assert!(greeting.starts_with(b": pakn"));
        listening.push(stream);
    }
    // The stream has to have looked once before something new is new; the first thing may fall into that look.
    // On a busy machine what is heard may be about one that was filed before the last.
    let (mut heard, mut filed) = (String::new(), Vec::new());
    while heard.is_empty() {
        filed.push(town.file_as(OWNER, &form_of_account()).await);
        let next = tokio::time::timeout(std::time::Duration::from_secs(3), listening[0].chunk()).await;
        if let Ok(chunk) = next {
            heard.push_str(std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap());
        }
    }
    let is_told = filed.iter().any(|petition| heard.contains(&petition.code));
    assert!(heard.contains("event: notification\n") && is_told, "{heard}");
    assert!(heard.contains("\"audience\":\"petitioner\"") && !heard.contains("\"audience\":\"agency\""), "{heard}");
    let chunk = listening[1].chunk().await.unwrap().unwrap();
    let of_clerk = std::str::from_utf8(&chunk).unwrap();
    assert!(of_clerk.contains("\"audience\":\"agency\"") && !of_clerk.contains("petitioner"), "{of_clerk}");
    // Somebody else's: what is told next is the first that they hear.
    town.file(&crate::town::form_with(json!({"area": "09187"}))).await;
    let chunk = listening[2].chunk().await.unwrap().unwrap();
    let elsewhere = std::str::from_utf8(&chunk).unwrap();
    let is_told = filed.iter().any(|petition| elsewhere.contains(&petition.code));
    assert!(!is_told && elsewhere.contains("\"audience\":\"agency\""), "{elsewhere}");
    drop(listening);
    courier.stop().await;
}

#[tokio::test]
async fn a_sixth_stream_ends_the_first_and_only_that_of_the_same_account() {
    let town = without_heartbeats().await;
    let (own, other) = (town.token(OWNER).await, town.token("clerk").await);
    let open = async |token: &str| {
        let mut stream = town.app.get("/me/events").token(token).open().await;
        assert!(stream.chunk().await.unwrap().unwrap().starts_with(b": pakn"));
        stream
    };
    let beside = open(&other).await;
    let mut streams = Vec::new();
    for _ in 0..6 {
        streams.push(open(&own).await);
    }
    let said = streams[0].chunk().await.unwrap().unwrap();
    assert!(said.starts_with(b"event: replaced\n"), "{said:?}");
    assert!(streams[0].chunk().await.unwrap().is_none(), "that was the end of it");
    // The others still hear, each of them the same.
    let petition = town.file_as(OWNER, &form_of_account()).await;
    town.app.app.feed.poll(&town.app.app).await.unwrap();
    for mut stream in streams.into_iter().skip(1).chain([beside]) {
        let heard = stream.chunk().await.unwrap().unwrap();
        let heard = std::str::from_utf8(&heard).unwrap();
        assert!(heard.contains("event: notification\n") && heard.contains(&petition.code), "{heard}");
    }
}

/// What ends the streams of an account, each done by somebody who may.
async fn end(town: &Town, who: &str, how: &str) {
    let account = town.get(who, "/me").await.expect(200).body["id"].clone();
    let account = format!("/admin/accounts/{}", account.as_i64().unwrap());
    match how {
        "sign out" => {
            let sessions = town.get(who, "/me/sessions").await.expect(200).body;
            for session in sessions["items"].as_array().unwrap() {
                let path = format!("/me/sessions/{}/end", session["id"].as_str().unwrap());
                town.app.post(&path, &json!({})).token(&town.token(who).await).send().await.expect(204);
            }
        }
        "roles" => {
            let roles = json!({"roles": ["clerk"]});
            town.app.patch(&account, &roles).token(&town.token("admin").await).send().await.expect(200);
        }
        "agency" => {
            let agency = json!({"agency": OTHER_AGENCY});
            town.app.patch(&account, &agency).token(&town.token("admin").await).send().await.expect(200);
        }
        "disable" => drop(town.post("admin", &format!("{account}/disable"), &json!({})).await.expect(200)),
        "reset" => drop(town.post("admin", &format!("{account}/reset"), &json!({})).await.expect(200)),
        other => panic!("{other}"),
    }
}

/// What is still told on a stream before it ends.
async fn rest_of(stream: &mut reqwest::Response) -> String {
    let mut rest = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        rest.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    rest
}

#[tokio::test]
async fn a_stream_ends_with_the_session_the_roles_and_the_account() {
    let town = Town::start_with(|config| config.event_heartbeat_seconds = 1).await;
    let ends = [("deputy", "roles"), ("leader", "agency"), ("handler", "disable"), ("clerk", "reset"), ("elsewhere", "sign out")];
    let mut streams = Vec::new();
    for (who, how) in ends {
        let mut stream = town.app.get("/me/events").token(&town.token(who).await).open().await;
        assert!(stream.chunk().await.unwrap().unwrap().starts_with(b": pakn"));
        streams.push((who, how, stream));
    }
    let mut quiet = town.app.get("/me/events").token(&town.token(OWNER).await).open().await;
    assert!(quiet.chunk().await.unwrap().unwrap().starts_with(b": pakn"));
    for (who, how, mut stream) in streams {
        end(&town, who, how).await;
        let rest = rest_of(&mut stream).await;
        assert!(rest.ends_with("event: ended\ndata: {}\n\n") && !rest.contains("notification"), "{who} {how}: {rest}");
    }
    assert!(quiet.chunk().await.unwrap().unwrap().starts_with(b": still here"), "nobody else's ends");
}

#[tokio::test]
async fn what_happens_after_the_end_of_a_session_is_not_told_to_it() {
    // Nothing but the event itself wakes these streams.
    let town = without_heartbeats().await;
    for (who, how) in [("clerk", "sign out"), ("handler", "disable"), ("leader", "roles")] {
        let mut stream = town.app.get("/me/events").token(&town.token(who).await).open().await;
        assert!(stream.chunk().await.unwrap().unwrap().starts_with(b": pakn"));
        end(&town, who, how).await;
        let petition = town.file(&crate::town::form()).await;
        town.app.app.feed.poll(&town.app.app).await.unwrap();
        let rest = rest_of(&mut stream).await;
        assert_eq!(rest, "event: ended\ndata: {}\n\n", "{who} {how}");
        assert!(!rest.contains(&petition.code));
    }
}
