//! The clock of the machine was ahead and is set back: everything goes on in its order, and nothing waits for it.

use crate::app::PASSWORD;
use crate::town::{Town, draft, form};
use crate::verify::report;
use chrono::{DateTime, FixedOffset};
use diesel::prelude::*;
use pakn::db::schema::outbox;
use pakn::db::{DbConnection, StorageError};
use pakn::ops::clock_rollback::pull_back;
use pakn::ops::jobs;
use serde_json::json;

/// A day and more before [`AHEAD`].
const RIGHT: &str = "2026-03-02T09:00:00+07:00";
const AHEAD: &str = "2026-03-03T10:30:00+07:00";

fn moment(text: &str) -> DateTime<FixedOffset> {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_petition_goes_on_in_its_order_and_verify_finds_nothing() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    town.at(AHEAD);
    town.bring_to(&petition, "waiting_for_petitioner").await;
    let young = town.file(&form()).await;
    town.at(RIGHT);
    town.respond(&petition, "reply", json!({"text": "Đầu ngõ 12."})).await.expect(200);
    for (who, action, body) in [("handler", "draft", draft()), ("handler", "submit", json!({})), ("leader", "approve", json!({}))]
    {
        town.act(who, petition.document, action, body).await.expect(200);
    }
    // Filed by the clock that was ahead, answered by the right one.
    town.bring_to(&young, "answered").await;
    for petition in [&petition, &young] {
        let read = town.read(petition).await;
        let received = moment(read["received_at"].as_str().unwrap());
        let timeline = town.get("handler", &format!("/petitions/{}/timeline?limit=100", petition.code)).await.expect(200);
        let times: Vec<_> =
            timeline["items"].as_array().unwrap().iter().map(|item| moment(item["at"].as_str().unwrap())).collect();
        assert!(times.is_sorted() && times.len() > 3, "{times:?}");
        assert!(times.iter().all(|at| *at >= received), "nothing is before the receipt");
        assert!(times.last().unwrap() >= &moment(AHEAD));
    }
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
    // By then the right clock has caught up.
    town.at("2026-03-04T09:00:00+07:00");
    town.file(&form()).await;
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
    town.app.stop().await;
}

#[tokio::test]
async fn the_audit_record_goes_on_in_its_order() {
    let town = Town::start().await;
    town.at(AHEAD);
    town.filed("in_progress").await;
    town.at(RIGHT);
    town.filed("in_progress").await;
    let admin = town.get("admin", "/admin/audit?limit=100").await.expect(200);
    let clerk: Vec<_> = admin["items"].as_array().unwrap().iter().filter(|item| item["action"] == "accept").collect();
    let times: Vec<_> = clerk.iter().map(|item| moment(item["at"].as_str().unwrap())).collect();
    assert_eq!(times.len(), 2);
    assert!(times.iter().all(|at| *at >= moment(AHEAD)), "{times:?}");
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
    town.app.stop().await;
}

#[tokio::test]
async fn nobody_stays_locked_out_until_the_clock_has_caught_up() {
    let town = Town::start().await;
    town.token("clerk").await;
    town.at(AHEAD);
    let mut last = 401;
    for _ in 0..12 {
        last = town.app.login("clerk", "sai mật khẩu").await.status;
    }
    assert_eq!(last, 429);
    town.at(RIGHT);
    town.app.login("clerk", PASSWORD).await.expect(200);
    town.app.stop().await;
}

fn due_in_future(connection: &mut DbConnection) -> Result<Vec<(pakn::kernel::Instant, bool)>, StorageError> {
    let lines = outbox::table.filter(outbox::state.eq("due")).order(outbox::id);
    Ok(lines.select((outbox::due_at, outbox::held_until.is_not_null())).load(connection)?)
}

#[tokio::test]
async fn what_waits_in_a_queue_goes_on_at_once() {
    let town = Town::start_with(|config| {
        config.smtp_url = Some(pakn::config::Secret::new("smtp://127.0.0.1:9".to_owned()));
        config.mail_from = Some("PAKN <pakn@bacninh.gov.vn>".to_owned());
        config.public_url = Some("https://pakn.bacninh.gov.vn".to_owned());
    })
    .await;
    town.at(AHEAD);
    let with_mail = json!({"petitioner": {"kind": "citizen", "full_name": "Nguyễn Thị Ánh", "email": "anh@example.vn"}});
    town.file(&crate::town::form_with(with_mail)).await;
    let far = "UPDATE outbox SET holder = 'somebody', held_until = '2026-03-05 00:00:00'";
    crate::verify::by_hand(&town.app, far).await;
    town.at(RIGHT);
    assert_eq!(pull_back(&town.app.app).await.unwrap(), 2, "one line, due and held too late");
    let now = town.app.app.now();
    let lines = town.app.app.db.read(due_in_future).await.unwrap();
    assert!(lines.len() == 1 && lines.iter().all(|(due, held)| *due <= now && !held), "{lines:?}");
    assert_eq!(pull_back(&town.app.app).await.unwrap(), 0, "once");
    // A duty that somebody took by the clock that was ahead.
    crate::verify::by_hand(
        &town.app,
        "INSERT INTO leases (name, holder, held_until) VALUES ('system_actions', 'x', '2026-03-05 00:00:00')",
    )
    .await;
    assert!(jobs::run_maintenance(&town.app.app).await.unwrap().was_free);
    town.app.stop().await;
}
