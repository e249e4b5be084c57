//! Days off beyond the data: those of the law count, what is not confirmed is told, and a confirmation computes anew.

use crate::town::Town;
use crate::town::form;
use reqwest::Method;
use serde_json::{Value, json};

/// The due date of a petition filed at a moment, and the days of which it may still be decided whether somebody works.
async fn filed_at(town: &Town, moment: &str) -> (String, Vec<String>) {
    town.at(moment);
    let petition = town.file(&form()).await;
    let deadline = town.read(&petition).await["deadline"].clone();
    let unconfirmed = deadline["unconfirmed_days"].as_array().unwrap().iter().map(|day| day.as_str().unwrap().to_owned());
    (petition.receipt["due_at"].as_str().unwrap().to_owned(), unconfirmed.collect())
}

async fn put_day(town: &Town, day: &str, body: Value) {
    let request = town.app.request(Method::PUT, &format!("/admin/calendar/days/{day}")).json(&body);
    request.token(&town.token("admin").await).send().await.expect(200);
}

#[tokio::test]
async fn nobody_is_due_inside_of_a_holiday_that_the_data_does_not_know_yet() {
    let town = Town::start().await;
    for (moment, due_at) in [
        ("2026-03-02T08:00:00+07:00", "2026-03-09T17:00:00+07:00"),
        // Tết from 4 to 10 February.
        ("2027-02-01T08:00:00+07:00", "2027-02-15T17:00:00+07:00"),
        ("2027-04-29T08:00:00+07:00", "2027-05-10T17:00:00+07:00"),
        ("2027-11-22T08:00:00+07:00", "2027-11-30T17:00:00+07:00"),
        // New Year's Day falls on a Saturday, for which Monday is off.
        ("2027-12-29T08:00:00+07:00", "2028-01-06T17:00:00+07:00"),
        ("2028-01-21T08:00:00+07:00", "2028-02-04T17:00:00+07:00"),
        ("2035-02-02T08:00:00+07:00", "2035-02-16T17:00:00+07:00"),
    ] {
        let (due, unconfirmed) = filed_at(&town, moment).await;
        assert_eq!(due, due_at, "filed {moment}");
        assert_eq!(unconfirmed.is_empty(), moment.starts_with("2026"), "filed {moment}: {unconfirmed:?}");
    }
    let (_, unconfirmed) = filed_at(&town, "2026-12-28T08:00:00+07:00").await;
    assert_eq!(unconfirmed, ["2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05"], "1 January is official");
}

#[tokio::test]
async fn a_confirmed_year_is_what_was_decided_and_open_petitions_are_computed_anew() {
    let town = Town::start().await;
    town.at("2027-02-01T08:00:00+07:00");
    let petition = town.file(&form()).await;
    let calendar = town.get("admin", "/admin/calendar?from=2027-01-01&to=2027-12-31").await.expect(200);
    let year = &calendar["years"][0];
    assert_eq!(
        (&year["year"], &year["is_confirmed"], &calendar["unconfirmed_year"]),
        (&json!(2027), &json!(false), &json!(2027))
    );
    let by_law: Vec<&str> = year["by_law"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect();
    let missing_in_data = [
        "2027-02-04",
        "2027-02-05",
        "2027-02-06",
        "2027-02-07",
        "2027-02-08",
        "2027-02-09",
        "2027-02-10",
        "2027-09-03",
        "2027-11-24",
    ];
    assert_eq!(by_law, missing_in_data);

    // The Government lengthens Tết by a swap.
    put_day(&town, "2027-02-11", json!({"kind": "compensatory_off", "name": "Nghỉ hoán đổi"})).await;
    put_day(&town, "2027-02-20", json!({"kind": "working_weekend", "name": "Làm bù"})).await;
    assert_eq!(town.read(&petition).await["due_at"], "2027-02-16T17:00:00+07:00");
    let confirm = town.post("admin", "/admin/calendar/years/2027/confirm", &json!({})).await.expect(200);
    assert_eq!((&confirm["is_confirmed"], &confirm["by_law"]), (&json!(true), &json!([])));
    let read = town.read(&petition).await;
    assert_eq!((&read["due_at"], &read["deadline"]["unconfirmed_days"]), (&json!("2027-02-16T17:00:00+07:00"), &json!([])));
    let calendar = town.get("admin", "/admin/calendar?from=2027-02-04&to=2027-02-10").await.expect(200);
    assert_eq!((calendar["days"].as_array().unwrap().len(), &calendar["unconfirmed_year"]), (7, &Value::Null));
    assert!(calendar["days"].as_array().unwrap().iter().all(|day| day["is_official"] == true), "{calendar:?}");

    // From now on the data alone says what the days are.
    let remove = town.post("admin", "/admin/calendar/days/2027-02-08/remove", &json!({})).await;
    remove.expect(204);
    assert_eq!(town.read(&petition).await["due_at"], "2027-02-15T17:00:00+07:00");
    town.post("admin", "/admin/calendar/years/2027/confirm", &json!({})).await.expect(200);
    assert_eq!(town.read(&petition).await["due_at"], "2027-02-15T17:00:00+07:00", "a second time changes nothing");
    for (year, wrong) in [("1999", "year=out_of_range"), ("2200", "year=out_of_range"), ("nam", "year=malformed")] {
        let refused = town.post("admin", &format!("/admin/calendar/years/{year}/confirm"), &json!({})).await;
        assert_eq!(refused.wrong_fields(), [wrong]);
    }
}

#[tokio::test]
async fn another_choice_of_the_days_of_tet_wins_over_the_rule() {
    let town = Town::start().await;
    town.at("2027-02-01T08:00:00+07:00");
    let petition = town.file(&form()).await;
    for day in 5..=9 {
        put_day(&town, &format!("2027-02-0{day}"), json!({"kind": "holiday", "name": "Tết Nguyên đán"})).await;
    }
    // 4 February is worked; 10 and 11 are off for the two days of the weekend.
    assert_eq!(town.read(&petition).await["due_at"], "2027-02-15T17:00:00+07:00");
    let days = town.read(&petition).await["deadline"]["days"].clone();
    assert_eq!(days, json!(["2027-02-02", "2027-02-03", "2027-02-04", "2027-02-12", "2027-02-15"]));
}

#[tokio::test]
async fn from_october_on_an_unconfirmed_year_is_warned_of() {
    let town = Town::start().await;
    let warned = async |moment: &str| {
        town.at(moment);
        let ready = town.app.outside(Method::GET, "/health/ready").send().await.expect(200);
        let metrics = town.app.operator_get("/metrics").send().await.expect(200).text;
        let line = metrics.lines().find(|line| line.starts_with("pakn_calendar_unconfirmed_year ")).unwrap().to_owned();
        (ready["warnings"].clone(), line)
    };
    let nothing = (Value::Null, "pakn_calendar_unconfirmed_year 0".to_owned());
    assert_eq!(warned("2026-09-30T23:00:00+07:00").await, nothing);
    let (warnings, line) = warned("2026-10-01T00:00:00+07:00").await;
    assert_eq!(line, "pakn_calendar_unconfirmed_year 2027");
    assert!(warnings[0].as_str().unwrap().contains("2027"), "{warnings}");
    assert_eq!(town.get("admin", "/admin/calendar").await.expect(200)["unconfirmed_year"], 2027);
    town.post("admin", "/admin/calendar/years/2027/confirm", &json!({})).await.expect(200);
    assert_eq!(warned("2026-10-01T00:05:00+07:00").await, nothing);
    assert_eq!(warned("2027-10-01T00:00:00+07:00").await.1, "pakn_calendar_unconfirmed_year 2028");
}
