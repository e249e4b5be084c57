//! Several instances, an instance that was killed, and the report of the command line.

use super::{Exchange, status};
use crate::process::Installation;
use crate::town::form;
use chrono::Duration;
use pakn::app::App;
use pakn::db::leases;
use pakn::integrations::edoc::{receive, send};
use pakn::ops::jobs::run_exchange;

#[tokio::test]
async fn two_instances_at_once_send_and_take_each_message_once() {
    let exchange = Exchange::start().await;
    let (one, town) = (&exchange.town.app.app, &exchange.town);
    let two = App::open((*one.config).clone(), one.clock.clone()).expect("open");
    let mut petitions = Vec::new();
    for _ in 0..10 {
        petitions.push(town.file(&form()).await);
    }
    // Without the lease, as when one of them has stalled past its end.
    let going = || false;
    let (sent, also) = tokio::join!(send::send_due(one, &going), send::send_due(&two, &going));
    let (sent, also) = (sent.unwrap(), also.unwrap());
    assert_eq!((sent.sent + also.sent, sent.failed + also.failed), (10, 0));
    let messages = exchange.messages("?direction=out").await;
    assert!(messages.iter().all(|message| message["state"] == "sent" && message["attempts"] == 1), "{messages:?}");
    for (number, message) in messages.iter().enumerate() {
        exchange.put(&format!("{number}.xml"), status(message["message_id"].as_str().unwrap(), "03", ""));
    }
    let (taken, also) = tokio::join!(receive::receive(one, &going), receive::receive(&two, &going));
    assert_eq!(taken.unwrap().stored + also.unwrap().stored, 10);
    for petition in &petitions {
        assert_eq!(town.recorded("clerk", petition).await, ["file", "accept"]);
    }
    two.close().await;
}

#[tokio::test]
async fn an_instance_that_was_killed_holds_the_duty_for_ten_minutes_and_loses_nothing() {
    let exchange = Exchange::start().await;
    exchange.town.file(&form()).await;
    let app = &exchange.town.app.app;
    assert!(leases::acquire(app, "exchange", "killed", Duration::seconds(600)).await.unwrap());
    assert_eq!(run_exchange(app).await.unwrap(), Default::default());
    exchange.town.later(Duration::seconds(601));
    assert_eq!(run_exchange(app).await.unwrap().sent.sent, 1);
}

#[tokio::test]
async fn the_report_names_what_was_sent_and_not_acknowledged() {
    let exchange = Exchange::start().await;
    let (answered, document) = exchange.sent().await;
    let (missing, _) = exchange.sent().await;
    exchange.put("1.xml", status(&document, "01", ""));
    exchange.round().await;
    let app = &exchange.town.app.app;
    let url = app.config.database_url.as_ref().unwrap().reveal().to_owned();
    let key = crate::database::PERSONAL_KEY;
    let installation = Installation::new(&app.config.data_dir, &url).with("PAKN_PERSONAL_KEYS", key);
    let output = installation.command(&["exchange", "report", "--days", "3650"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for line in
        ["1\tH05.14\tout\tacknowledged\t1", "1\tH05.14\tout\tsent\t1", "1\tH05.14\tin\tnoted\t1", "sent and not acknowledged: 1"]
    {
        assert!(lines.contains(&line), "{line} in {text}");
    }
    assert!(text.contains(&missing.code) && !text.contains(&answered.code), "{text}");
}
