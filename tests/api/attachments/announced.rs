//! What is announced and does not come: it holds no room for long, little of it for one source, and none that photos need.

use super::room::{begin_from, figure, ready, with};
use crate::app::{Answered, TestApp};
use crate::media::{multipart, multipart_type, pdf};
use crate::town::form;
use chrono::Duration;
use pakn::ops::jobs::run_maintenance;
use reqwest::Method;
use serde_json::json;
use std::io::Write;
use std::net::TcpStream;

const MIB: u64 = 1024 * 1024;

async fn begin(app: &TestApp, length: usize) -> String {
    begin_from(app, "14.162.0.9", length.try_into().unwrap()).await.expect(201).header("location").to_owned()
}

async fn piece(app: &TestApp, place: &str, offset: usize, content: Vec<u8>) -> Answered {
    let request = app.outside(Method::PATCH, place).header("Tus-Resumable", "1.0.0");
    request.header("Upload-Offset", &offset.to_string()).body("application/offset+octet-stream", content).send().await
}

async fn standing(app: &TestApp, place: &str) -> Answered {
    app.outside(Method::HEAD, place).header("Tus-Resumable", "1.0.0").send().await
}

#[tokio::test]
async fn an_upload_stays_as_long_as_it_goes_on() {
    let app = with(|config| config.upload_piece_min_bytes = 1).await;
    let (silent, slow, steady) = (begin(&app, 1000).await, begin(&app, 1000).await, begin(&app, 1000).await);
    app.advance(Duration::minutes(14));
    piece(&app, &slow, 0, vec![7; 10]).await.expect(204);
    piece(&app, &steady, 0, vec![7; 500]).await.expect(204);
    app.advance(Duration::minutes(2));
    assert_eq!(standing(&app, &silent).await.status, 404, "nothing of it has come");
    app.advance(Duration::minutes(12));
    piece(&app, &slow, 10, vec![7; 1]).await.expect(204);
    piece(&app, &steady, 500, vec![7; 1]).await.expect(204);
    // A piece of one byte is no going on: the upload has the part of a day that has arrived, a little more than a quarter of an hour.
    app.advance(Duration::minutes(4));
    assert_eq!(standing(&app, &slow).await.status, 404);
    for minutes in [10, 14, 14] {
        app.advance(Duration::minutes(minutes));
        let offset = standing(&app, &steady).await.expect(200).header("upload-offset").parse().unwrap();
        piece(&app, &steady, offset, vec![7; 1]).await.expect(204);
    }
    app.advance(Duration::minutes(16));
    assert_eq!(standing(&app, &steady).await.status, 404, "nothing comes any more");
    assert_eq!(run_maintenance(&app.app).await.unwrap().removed_files, 3);
    assert_eq!(ready(&app).await["unjoined_bytes"], 0);
}

#[tokio::test]
async fn an_upload_has_the_part_of_a_day_that_has_arrived_and_a_finished_one_all_of_it() {
    let app = with(|config| config.upload_piece_min_bytes = 1).await;
    let content = pdf("đơn");
    let (open, finished) = (begin(&app, 100_000).await, begin(&app, content.len()).await);
    piece(&app, &open, 0, vec![7; 90_000]).await.expect(204);
    let id = piece(&app, &finished, 0, content).await.expect(204).header("attachment-id").to_owned();
    let mut minutes = 0;
    while standing(&app, &open).await.status == 200 {
        piece(&app, &open, 90_000 + minutes / 14, vec![7; 1]).await.expect(204);
        app.advance(Duration::minutes(14));
        minutes += 14;
    }
    // Nine tenths of a day and a quarter of an hour, up to the next piece.
    assert!((1311..1330).contains(&minutes), "{minutes}");
    assert_eq!(standing(&app, &finished).await.expect(200).header("attachment-id"), id);
    app.advance(Duration::hours(3));
    assert_eq!(standing(&app, &finished).await.status, 404);
}

#[tokio::test]
async fn big_announcements_leave_room_for_photos() {
    let app = with(|config| config.upload_unjoined_bytes = 96 * MIB).await;
    let mut source = 0;
    let mut next = async |length: u64| {
        source += 1;
        begin_from(&app, &format!("14.162.0.{source}"), length).await
    };
    for _ in 0..6 {
        next(12 * MIB).await.expect(201);
    }
    next(12 * MIB).await.expect_problem(507, "uploads_full");
    assert_eq!((&ready(&app).await["uploads"], figure(&app, "pakn_uploads_refused").await), (&json!("ok"), 0));
    for _ in 0..2 {
        next(10 * MIB).await.expect(201);
    }
    next(10 * MIB).await.expect_problem(507, "uploads_full");
    assert_eq!((&ready(&app).await["uploads"], figure(&app, "pakn_uploads_refused").await), (&json!("uploads_full"), 1));
    app.post("/petitions", &form()).send().await.expect(201);
    app.advance(Duration::minutes(16));
    assert_eq!(run_maintenance(&app.app).await.unwrap().removed_files, 8);
    assert_eq!((&ready(&app).await["uploads"], figure(&app, "pakn_uploads_refused").await), (&json!("ok"), 0));
    next(12 * MIB).await.expect(201);
}

#[tokio::test]
async fn a_source_and_the_network_around_it_announce_an_eighth_of_the_room() {
    let app = with(|config| config.upload_unjoined_bytes = 96 * MIB).await;
    let first = begin_from(&app, "14.162.0.9", 12 * MIB).await.expect(201).header("location").to_owned();
    for length in [1, MIB] {
        let refused = begin_from(&app, "14.162.0.9", length).await.expect_problem(429, "upload_bytes_exhausted");
        assert_eq!(refused.header("retry-after"), "900");
    }
    begin_from(&app, "14.162.0.8", 12 * MIB).await.expect(201);
    // What has arrived is not waited for any more.
    piece(&app, &first, 0, vec![7; MIB.try_into().unwrap()]).await.expect(204);
    begin_from(&app, "14.162.0.9", MIB).await.expect(201);
    begin_from(&app, "14.162.0.9", 1).await.expect_problem(429, "upload_bytes_exhausted");
    app.outside(Method::DELETE, &first).header("Tus-Resumable", "1.0.0").send().await.expect(204);
    begin_from(&app, "14.162.0.9", MIB).await.expect(201);

    for network in 1..=2 {
        begin_from(&app, &format!("2405:4802:1c:{network}::1"), 6 * MIB).await.expect(201);
    }
    begin_from(&app, "2405:4802:1c:3::1", MIB).await.expect_problem(429, "upload_bytes_exhausted");
    begin_from(&app, "2405:4802:1d:1::1", 6 * MIB).await.expect(201);
}

#[tokio::test]
async fn room_on_the_disk_is_kept_for_what_is_on_its_way() {
    let free = ready(&with(|_| {}).await).await["free_bytes"].as_u64().unwrap();
    let app = with(|config| {
        config.upload_free_space_bytes = free / 2;
        config.upload_unjoined_bytes = 0;
        config.upload_bytes_per_hour_of_source = 0;
        config.attachment_video_max_bytes = free;
    })
    .await;
    // Above the floor it fits once, in the spool and in the store, and not twice, whatever other tests write meanwhile.
    let length = free / 6;
    begin_from(&app, "14.162.0.9", length).await.expect(201);
    let head = format!(
        "POST /api/v1/attachments HTTP/1.1\r\nHost: pakn\r\nContent-Type: {}\r\nContent-Length: {length}\r\n\r\n",
        multipart_type()
    );
    let body = multipart("file", "a.pdf", "application/pdf", &pdf(&"x".repeat(9000)));
    let mut sending = TcpStream::connect(app.address()).unwrap();
    sending.write_all(head.as_bytes()).unwrap();
    sending.write_all(&body[..2000]).unwrap();
    // The server has yet to read it.
    answered_at_last(&app, length, 507).await.expect_problem(507, "storage_low");
    begin_from(&app, "14.162.0.9", MIB).await.expect(201);
    drop(sending);
    answered_at_last(&app, length, 201).await;
}

/// Begins uploads until one is answered with the status.
async fn answered_at_last(app: &TestApp, length: u64, status: u16) -> Answered {
    for _ in 0..10_000 {
        let answer = begin_from(app, "14.162.0.9", length).await;
        if answer.status == status {
            return answer;
        }
    }
    panic!("nothing was answered with {status}");
}
