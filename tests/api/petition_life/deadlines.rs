//! The clock: when it starts, when it pauses, and the one extension.

use crate::town::{Petition, Town, form, form_with};
use chrono::{DateTime, Duration, FixedOffset};
use pakn::directory::rules::calendar::{KnownDays, WorkingCalendar, WorkingSession};
use pakn::kernel::Instant;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

#[tokio::test]
async fn the_deadline_explains_itself() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    let deadline = town.document("clerk", petition.document).await["deadline"].clone();
    assert_eq!(deadline["paused_working_ms"], 0);
    assert!(deadline["rule"].is_i64() && deadline["calendar_version"].is_i64(), "{deadline}");
    let days = ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09"];
    assert_eq!(deadline["days"], json!(days));
}

#[tokio::test]
async fn each_urgency_has_its_own_deadline() {
    let town = Town::start().await;
    for (urgency, due_at) in [
        ("normal", "2026-03-09T17:00:00+07:00"),
        ("urgent", "2026-03-02T13:30:00+07:00"),
        ("complex", "2026-03-23T17:00:00+07:00"),
    ] {
        let petition = town.file(&form_with(json!({"urgency": urgency}))).await;
        assert_eq!(petition.receipt["due_at"], due_at, "{urgency}");
    }
}

#[tokio::test]
async fn what_arrives_at_night_counts_from_the_next_session() {
    let town = Town::start().await;
    town.at("2026-03-06T22:00:00+07:00");
    let urgent = town.file(&form_with(json!({"urgency": "urgent"}))).await;
    assert_eq!(urgent.receipt["received_at"], "2026-03-06T22:00:00+07:00");
    assert_eq!(urgent.receipt["due_at"], "2026-03-09T11:30:00+07:00", "four working hours of Monday");
}

#[tokio::test]
async fn a_pause_outside_working_hours_moves_nothing() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    town.at("2026-03-06T17:00:00+07:00");
    town.act("handler", petition.document, "ask", json!({"question": "Ở đâu?"})).await.expect(200);
    town.at("2026-03-09T07:30:00+07:00");
    let replied = town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect(200);
    assert_eq!(replied["due_at"], petition.receipt["due_at"]);
}

#[tokio::test]
async fn pauses_add_up() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    for (asked, replied) in [("2026-03-03T08:00:00", "2026-03-03T10:00:00"), ("2026-03-04T08:00:00", "2026-03-04T09:00:00")] {
        town.at(&format!("{asked}+07:00"));
        town.act("handler", petition.document, "ask", json!({"question": "Ở đâu?"})).await.expect(200);
        town.at(&format!("{replied}+07:00"));
        town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect(200);
    }
    let read = town.read(&petition).await;
    assert_eq!(read["deadline"]["paused_working_ms"], 3 * 3_600_000);
    assert_eq!(read["due_at"], "2026-03-10T10:30:00+07:00", "three working hours after the old deadline");
    assert_eq!(town.document("handler", petition.document).await["due_at"], read["due_at"]);
}

#[tokio::test]
async fn an_extension_is_asked_for_granted_and_shown_to_the_petitioner() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    let extend = json!({"until": "2026-03-14", "reason": "Chờ xe chuyên dụng"});
    let asked = town.act("handler", petition.document, "extend", extend.clone()).await.expect(200);
    assert_eq!(asked["due_at"], petition.receipt["due_at"], "only asked for");
    town.act("handler", petition.document, "extend", extend.clone()).await.expect_problem(409, "extension_pending");
    let granted = town.act("leader", petition.document, "grant_extension", json!({})).await.expect(200);
    assert_eq!(granted["due_at"], "2026-03-16T17:00:00+07:00", "a Saturday moves to Monday");
    let told = town.read(&petition).await;
    assert_eq!(told["extension"], json!({"state": "granted", "reason": "Chờ xe chuyên dụng", "until": "2026-03-14"}));
    assert_eq!(told["deadline"]["extended_until"], "2026-03-14");
    assert_eq!(town.told(&petition).await, ["file", "accept", "extend", "grant_extension"]);
    town.act("handler", petition.document, "extend", extend).await.expect_problem(409, "already_extended");
    town.act("leader", petition.document, "grant_extension", json!({})).await.expect_problem(409, "no_extension_asked");
}

#[tokio::test]
async fn a_pause_after_an_extension_moves_the_new_deadline() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    let extend = json!({"until": "2026-03-13", "reason": "Chờ xe chuyên dụng"});
    town.act("handler", petition.document, "extend", extend).await.expect(200);
    town.act("leader", petition.document, "grant_extension", json!({})).await.expect(200);
    town.at("2026-03-10T08:00:00+07:00");
    town.act("handler", petition.document, "ask", json!({"question": "Ở đâu?"})).await.expect(200);
    town.at("2026-03-11T08:00:00+07:00");
    let replied = town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect(200);
    assert_eq!(replied["due_at"], "2026-03-16T17:00:00+07:00", "Friday, and one working day more");
}

#[tokio::test]
async fn a_denied_extension_leaves_the_deadline_and_is_the_only_one() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    let extend = json!({"until": "2026-03-14", "reason": "Chờ xe"});
    town.act("handler", petition.document, "extend", extend.clone()).await.expect(200);
    town.act("leader", petition.document, "deny_extension", json!({})).await.expect(422);
    let denied = town.act("leader", petition.document, "deny_extension", json!({"note": "Có xe rồi."})).await.expect(200);
    assert_eq!(denied["due_at"], petition.receipt["due_at"]);
    assert_eq!(denied["petition"]["extension"]["state"], "denied");
    town.act("handler", petition.document, "extend", extend).await.expect_problem(409, "already_extended");
}

#[tokio::test]
async fn an_extension_is_asked_for_before_the_deadline_and_reaches_beyond_it() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    let extend = async |until: &str| {
        let body = json!({"until": until, "reason": "Chờ xe"});
        town.act("handler", petition.document, "extend", body).await
    };
    assert_eq!(extend("2026-03-09").await.wrong_fields(), ["until=must_be_after"]);
    assert_eq!(extend("2031-01-01").await.wrong_fields(), ["until=out_of_range"]);
    assert_eq!(extend("262142-12-31").await.wrong_fields(), ["until=unreadable"]);
    assert_eq!(extend("2026-02-29").await.wrong_fields(), ["until=unreadable"]);
    town.at("2026-03-09T17:00:00+07:00");
    extend("2026-03-20").await.expect_problem(409, "deadline_passed");
}

/// The due date is the same wherever it stands, and what explains it gives it again.
async fn one_due_date(town: &Town, petition: &Petition, who: &str) -> String {
    let read = town.read(petition).await;
    let document = town.document(who, petition.document).await;
    let due_at = read["due_at"].as_str().unwrap().to_owned();
    let timeline = town.get(who, &format!("/petitions/{}/timeline?limit=100", petition.code)).await.expect(200);
    let newest = timeline["items"].as_array().unwrap().last().unwrap().clone();
    let inbox = town.get(who, "/documents?limit=100").await.expect(200);
    let line = inbox["items"].as_array().unwrap().iter().find(|line| line["id"] == petition.document).unwrap().clone();
    for (place, said) in [
        ("deadline", &read["deadline"]["due_at"]),
        ("document", &document["due_at"]),
        ("deadline of the document", &document["deadline"]["due_at"]),
        ("petition of the document", &document["petition"]["due_at"]),
        ("inbox", &line["due_at"]),
    ] {
        assert_eq!(*said, json!(due_at), "{place}: {newest}");
    }
    let paused = read["deadline"]["paused_working_ms"].as_i64().unwrap();
    assert_eq!(paused % 60_000, 0, "whole minutes");
    let calendar = WorkingCalendar::new(0, WorkingSession::usual("2020-01-01".parse().unwrap()), KnownDays::default());
    let counted_until: DateTime<FixedOffset> = read["deadline"]["counted_until"].as_str().unwrap().parse().unwrap();
    let again = calendar.add_working(Instant::from_utc(counted_until.to_utc()), Duration::milliseconds(paused)).unwrap();
    assert_eq!(again.to_rfc3339(), due_at, "recomputed from what explains it");
    due_at
}

#[tokio::test]
async fn a_pause_that_nobody_notices_moves_nothing() {
    let town = Town::start().await;
    let petition = town.filed("in_progress").await;
    let due_at = petition.receipt["due_at"].as_str().unwrap().to_owned();
    for (asked, replied, moved) in [
        ("09:00:00.000", "09:00:00.006", 0),
        ("09:00:59.997", "09:01:00.003", 0),
        ("09:10:00.000", "09:10:59.999", 0),
        ("09:20:00.500", "09:21:00.500", 1),
        ("09:30:00.000", "09:32:59.999", 2),
    ] {
        let before = one_due_date(&town, &petition, "handler").await;
        town.at(&format!("2026-03-03T{asked}+07:00"));
        town.act("handler", petition.document, "ask", json!({"question": "Ở đâu?"})).await.expect(200);
        let waiting = town.read(&petition).await;
        assert_eq!(waiting["deadline"]["paused_since"], format!("2026-03-03T{}+07:00", asked.trim_end_matches(".000")));
        town.at(&format!("2026-03-03T{replied}+07:00"));
        town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect(200);
        let after = one_due_date(&town, &petition, "handler").await;
        assert_eq!(moved == 0, before == after, "{asked} to {replied}: {before}, {after}");
    }
    assert_eq!(due_at, "2026-03-09T17:00:00+07:00");
    assert_eq!(one_due_date(&town, &petition, "handler").await, "2026-03-10T07:33:00+07:00");
    let read = town.read(&petition).await;
    assert_eq!((&read["deadline"]["paused_since"], &read["deadline"]["counted_until"]), (&Value::Null, &json!(due_at)));
}

#[tokio::test]
async fn whatever_was_asked_and_replied_there_is_one_due_date() {
    let town = Town::start().await;
    let mut dice = StdRng::seed_from_u64(2);
    for urgency in ["normal", "urgent", "complex", "normal"] {
        town.at("2026-03-02T08:00:00.123+07:00");
        let petition = town.file(&form_with(json!({"urgency": urgency}))).await;
        town.bring_to(&petition, "in_progress").await;
        for round in 0..5 {
            town.later(Duration::milliseconds(dice.random_range(1..20_000_000)));
            let has_asked = round == 2 && urgency == "complex";
            if has_asked {
                let extend = json!({"until": "2026-04-10", "reason": "Chờ xe chuyên dụng"});
                town.act("handler", petition.document, "extend", extend).await.expect(200);
                town.act("leader", petition.document, "grant_extension", json!({})).await.expect(200);
            }
            town.act("handler", petition.document, "ask", json!({"question": "Ở đâu?"})).await.expect(200);
            one_due_date(&town, &petition, "handler").await;
            let longest = if dice.random_bool(0.5) { 60_000 } else { 100_000_000 };
            town.later(Duration::milliseconds(dice.random_range(1..longest)));
            town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect(200);
            one_due_date(&town, &petition, "handler").await;
        }
    }
}
