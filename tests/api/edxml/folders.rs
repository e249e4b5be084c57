//! Watched folders: nothing half-written is sent or read, everything is done once, and what is missing shows.

use super::{Exchange, status};
use crate::town::form;
use chrono::Duration;
use serde_json::json;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::SystemTime;

#[tokio::test]
async fn a_document_is_sent_once_and_what_is_missing_shows() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    assert!(document.starts_with("H05,2026/03/02,1/PAKN-"), "{document}");
    let files = exchange.files("outbox");
    assert_eq!(files.len(), 1);
    assert!(files[0].1.contains(&document) && !files[0].0.starts_with('.'));
    // Nothing more is due.
    assert_eq!(exchange.round().await.sent, Default::default());

    let path = "/admin/exchange-messages/unacknowledged?older_than_hours=24";
    let missing = async || exchange.town.get("admin", path).await.expect(200).body["items"].as_array().unwrap().len();
    exchange.town.later(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(missing().await, 0);
    exchange.town.later(Duration::seconds(1));
    assert_eq!(missing().await, 1);
    let counts = pakn::integrations::edoc::message_list::counts(&exchange.town.app.app, 30).await.unwrap();
    assert_eq!((counts[0].organ_id.as_str(), counts[0].state.as_str(), counts[0].count), ("H05.14", "sent", 1));

    let id = exchange.messages("?direction=out").await[0]["id"].clone();
    let again = exchange.town.post("admin", &format!("/admin/exchange-messages/{id}/resend"), &json!({})).await.expect(200);
    assert_eq!((&again["state"], &again["attempts"]), (&json!("due"), &json!(0)));
    assert_eq!(exchange.round().await.sent.sent, 1);
    assert_eq!(exchange.files("outbox"), files, "the same message again");

    exchange.put("a.xml", status(&document, "01", "Đã đến"));
    exchange.round().await;
    exchange.town.later(Duration::days(2));
    assert_eq!(missing().await, 0);
    assert_eq!(exchange.messages("?state=acknowledged").await[0]["petition"], petition.code);
}

#[tokio::test]
async fn a_file_that_still_grows_waits_and_a_broken_one_is_put_aside() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    let whole = status(&document, "03", "");
    let half = &whole[..whole.len() / 2];
    exchange.put("1.edxml", half);
    exchange.put("2.edxml", "");
    exchange.put(".3.edxml", &whole);
    exchange.put("4.edxml.part", &whole);
    fs::create_dir_all(exchange.folder.join("inbox/5.edxml")).unwrap();
    symlink("/etc/passwd", exchange.folder.join("inbox/6.xml")).unwrap();
    let done = exchange.round().await.taken;
    assert_eq!((done.stored, done.unreadable, done.failed), (0, 0, 0));
    assert_eq!(exchange.files("failed").len() + exchange.files("done").len(), 0);

    exchange.put("1.edxml", &whole);
    assert_eq!(exchange.round().await.taken.stored, 1);
    assert_eq!(exchange.state_of(&petition).await, "in_progress");
    assert_eq!(exchange.files("done"), [("1.edxml".to_owned(), whole.clone())]);

    // One that has not changed for a while will never be whole.
    exchange.put("7.edxml", half);
    let old = SystemTime::now() - std::time::Duration::from_secs(3600);
    File::options().write(true).open(exchange.folder.join("inbox/7.edxml")).unwrap().set_modified(old).unwrap();
    assert_eq!(exchange.round().await.taken.unreadable, 1);
    assert_eq!(exchange.files("failed"), [("7.edxml".to_owned(), half.to_owned())]);
    assert!(exchange.came_in("unreadable").await["problem"].as_str().unwrap().starts_with("cut_off"));
}

#[tokio::test]
async fn the_same_message_again_does_nothing() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    let text = status(&document, "03", "Đã tiếp nhận");
    exchange.put("1.edxml", &text);
    exchange.put("2.edxml", &text);
    let done = exchange.round().await.taken;
    assert_eq!((done.stored, done.known), (1, 1));
    let recorded = exchange.town.recorded("clerk", &petition).await;
    assert_eq!(recorded, ["file", "accept", "note"]);
    exchange.put("1.edxml", &text);
    assert_eq!(exchange.round().await.taken.known, 1);
    assert_eq!(exchange.town.recorded("clerk", &petition).await, recorded);
    // Each file is kept, under a name of its own.
    let kept: Vec<String> = exchange.files("done").into_iter().map(|(name, _)| name).collect();
    assert_eq!(kept, ["1-1.edxml", "1.edxml", "2.edxml"]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_again_later() {
    let exchange = Exchange::start().await;
    fs::create_dir_all(exchange.folder.parent().unwrap()).unwrap();
    // A file where the folder has to be.
    fs::write(&exchange.folder, "x").unwrap();
    let petition = exchange.town.file(&form()).await;
    assert_eq!(exchange.round().await.sent.failed, 1);
    let message = &exchange.messages("").await[0];
    assert_eq!((&message["state"], &message["attempts"]), (&json!("due"), &json!(1)));
    assert!(message["problem"].as_str().unwrap().starts_with("away: "), "{message}");
    fs::remove_file(&exchange.folder).unwrap();
    assert_eq!(exchange.round().await.sent, Default::default(), "not yet");
    exchange.town.later(Duration::minutes(1));
    assert_eq!(exchange.round().await.sent.sent, 1);
    let message = &exchange.messages("").await[0];
    assert_eq!((&message["petition"], &message["problem"]), (&json!(petition.code), &json!(null)));
}

#[tokio::test]
async fn what_left_the_agency_before_it_was_sent_is_not_sent() {
    let exchange = Exchange::start().await;
    let petition = exchange.town.filed("received").await;
    assert_eq!(exchange.round().await.sent, Default::default());
    assert_eq!(exchange.messages("").await[0]["state"], "cancelled");
    let id = exchange.messages("").await[0]["id"].clone();
    let path = format!("/admin/exchange-messages/{id}/resend");
    exchange.town.post("admin", &path, &json!({})).await.expect_problem(409, "wrong_state");
    // Given to the agency again, it is a new document and goes out.
    exchange.town.coordinate(&petition, "route", json!({"agency": crate::town::AGENCY})).await.expect(200);
    assert_eq!(exchange.round().await.sent.sent, 1);
}

/// The rights of a file or folder.
fn rights(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn nobody_else_may_read_what_is_sent_unless_the_operator_says_so() {
    let exchange = Exchange::start().await;
    exchange.sent().await;
    let folder = &exchange.folder;
    for made in [folder.parent().unwrap(), folder, &folder.join("outbox"), &folder.join("inbox"), &folder.join("failed")] {
        assert_eq!(rights(made), 0o700, "{}", made.display());
    }
    let letter = |number: usize| folder.join("outbox").join(&exchange.files("outbox")[number].0);
    assert_eq!(rights(&letter(0)), 0o600);
    // A folder that an operator has opened for a group stays so, and what is put there can be read by it.
    fs::set_permissions(folder.join("outbox"), Permissions::from_mode(0o750)).unwrap();
    exchange.sent().await;
    assert_eq!(rights(&folder.join("outbox")), 0o750);
    let mut found: Vec<u32> = (0..2).map(|number| rights(&letter(number))).collect();
    found.sort_unstable();
    assert_eq!(found, [0o600, 0o640]);
}
