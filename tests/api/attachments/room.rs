//! Room for uploads: by source and hour, for all files without a petition, on the disk; filing goes on whatever is refused.

use super::{send, stored_files};
use crate::app::{Answered, TestApp};
use crate::media::{multipart, multipart_type, pdf};
use crate::town::form;
use chrono::Duration;
use pakn::config::Config;
use pakn::ops::jobs::run_maintenance;
use reqwest::Method;
use serde_json::{Value, json};

/// What a file costs however small it is.
const LEAST: u64 = 256 * 1024;

pub(super) async fn with(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        change(config);
    })
    .await
}

async fn send_from(app: &TestApp, source: &str, size: usize) -> Answered {
    let content = pdf(&"x".repeat(size));
    let body = multipart("file", "a.pdf", "application/pdf", &content);
    app.request(Method::POST, "/attachments").header("X-Forwarded-For", source).body(&multipart_type(), body).send().await
}

pub(super) async fn begin_from(app: &TestApp, source: &str, length: u64) -> Answered {
    let request = app.request(Method::POST, "/attachments/uploads").header("Tus-Resumable", "1.0.0");
    request.header("X-Forwarded-For", source).header("Upload-Length", &length.to_string()).send().await
}

pub(super) async fn ready(app: &TestApp) -> Value {
    app.operator_get("/health/ready").send().await.expect(200).body
}

pub(super) async fn figure(app: &TestApp, name: &str) -> i64 {
    let text = app.operator_get("/metrics").send().await.expect(200).text;
    let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).expect(name).to_owned();
    line.rsplit_once(" ").unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn below_the_floor_of_free_space_only_uploads_are_refused() {
    let app = with(|config| config.upload_free_space_bytes = u64::MAX / 2).await;
    let refused = send(&app, &pdf("đơn")).await.expect_problem(507, "storage_low");
    assert!(!refused.header("retry-after").is_empty());
    assert!(refused.text_of("/detail").contains("phản ánh, kiến nghị không kèm tệp vẫn gửi được"), "{}", refused.text);
    let english = app.request(Method::POST, "/attachments/uploads").header("Accept-Language", "en");
    let english = english.header("Tus-Resumable", "1.0.0").header("Upload-Length", "500").send().await;
    assert!(english.expect_problem(507, "storage_low").text_of("/detail").contains("petitions without files"));
    app.post("/petitions", &form()).send().await.expect(201);
    assert_eq!(stored_files(&app), 0);
    let ready = ready(&app).await;
    assert_eq!((&ready["status"], &ready["uploads"]), (&json!("ok"), &json!("storage_low")));
    assert!(ready["free_bytes"].as_u64().unwrap() > 0);
    assert_eq!(figure(&app, "pakn_uploads_refused").await, 1);
    assert!(figure(&app, "pakn_files_free_bytes").await > 0);
}

#[tokio::test]
async fn the_disk_may_fill_while_pieces_arrive() {
    let mut app = with(|_| {}).await;
    let place = begin_from(&app, "14.162.0.9", 200_000).await.expect(201).header("location").to_owned();
    // What another instance sees whose disk is full; the upload goes on once there is room.
    let config = &app.app.config;
    let (address, spool) = (config.files().unwrap(), config.spool_folder());
    let full = pakn::db::file_store::FileStore::open(&address, &spool, u64::MAX / 2).unwrap();
    let links = pakn::attachments::signed_links::SignedLinks::new(b"0123456789abcdef0123456789abcdef").unwrap();
    let roomy = std::mem::replace(&mut app.app.attachments, pakn::attachments::Attachments::new(full, links).into());
    use pakn::attachments::uploads::{UploadChunk, append, status};
    let id = place.rsplit('/').next().unwrap().parse().unwrap();
    let upload = status(&app.app, None, &id).await.unwrap();
    let mut piece = UploadChunk::begin(&app.app, upload.clone()).await.unwrap();
    piece.take(&[7; 50_000]).await.unwrap();
    assert!(piece.take(&[7; 50_000]).await.unwrap_err().to_string().contains("storage_low"));
    let piece = UploadChunk::begin(&app.app, upload).await.unwrap();
    append(&app.app, None, &id, 0, piece).await.unwrap();
    app.app.attachments = roomy;
    assert_eq!(stored_files(&app), 0);
    let head = app.outside(Method::HEAD, &place).header("Tus-Resumable", "1.0.0").send().await.expect(200);
    assert_eq!(head.header("upload-offset"), "0");
}

#[tokio::test]
async fn a_source_uploads_so_many_bytes_in_an_hour() {
    let app = with(|config| config.upload_bytes_per_hour_of_source = 4 * LEAST).await;
    for _ in 0..4 {
        send_from(&app, "14.162.0.9", 10).await.expect(201);
    }
    let refused = send_from(&app, "14.162.0.9", 10).await.expect_problem(429, "upload_bytes_exhausted");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 60);
    begin_from(&app, "14.162.0.9", 500).await.expect_problem(429, "upload_bytes_exhausted");
    send_from(&app, "14.162.0.8", 10).await.expect(201);
    // Whoever has an account is at the same place.
    app.post("/petitions", &form()).header("X-Forwarded-For", "14.162.0.9").send().await.expect(201);
    app.advance(Duration::hours(2));
    send_from(&app, "14.162.0.9", 10).await.expect(201);
}

#[tokio::test]
async fn a_file_that_is_refused_has_been_sent_all_the_same() {
    let app = with(|config| config.upload_bytes_per_hour_of_source = 3 * LEAST).await;
    for _ in 0..3 {
        let body = multipart("file", "a.exe", "image/jpeg", &[0; 9000]);
        let request = app.request(Method::POST, "/attachments").header("X-Forwarded-For", "14.162.0.9");
        request.body(&multipart_type(), body).send().await.expect_problem(415, "file_type_unknown");
    }
    send_from(&app, "14.162.0.9", 10).await.expect_problem(429, "upload_bytes_exhausted");
}

#[tokio::test]
async fn an_ipv6_source_is_a_household_and_the_network_around_has_a_limit_too() {
    let app = with(|config| config.upload_bytes_per_hour_of_source = LEAST).await;
    let from = |network: u32, host: u32| format!("2405:4802:1c:{network:x}::{host:x}");
    send_from(&app, &from(1, 1), 10).await.expect(201);
    send_from(&app, &from(1, 2), 10).await.expect_problem(429, "upload_bytes_exhausted");
    for network in 2..=8 {
        send_from(&app, &from(network, 1), 10).await.expect(201);
    }
    send_from(&app, &from(9, 1), 10).await.expect_problem(429, "upload_bytes_exhausted");
    send_from(&app, "2405:4802:1d:1::1", 10).await.expect(201);
}

#[tokio::test]
async fn what_an_upload_announces_is_taken_at_once_and_given_back_when_it_ends() {
    let app = with(|config| {
        config.upload_bytes_per_hour_of_source = 100_000_000;
        config.upload_unjoined_bytes = 0;
    })
    .await;
    let first = begin_from(&app, "14.162.0.9", 60_000_000).await.expect(201).header("location").to_owned();
    begin_from(&app, "14.162.0.9", 60_000_000).await.expect_problem(429, "upload_bytes_exhausted");
    assert_eq!(ready(&app).await["unjoined_bytes"], 60_000_000);
    app.outside(Method::DELETE, &first).header("Tus-Resumable", "1.0.0").send().await.expect(204);
    assert_eq!(ready(&app).await["unjoined_bytes"], 0);
    begin_from(&app, "14.162.0.9", 60_000_000).await.expect(201);
    begin_from(&app, "14.162.0.9", 60_000_000).await.expect_problem(429, "upload_bytes_exhausted");
    // One of which nothing has come is not waited for long.
    app.advance(Duration::minutes(16));
    assert_eq!(run_maintenance(&app.app).await.unwrap().removed_files, 1);
    assert_eq!(figure(&app, "pakn_files_unjoined_bytes").await, 0);
    begin_from(&app, "14.162.0.9", 60_000_000).await.expect(201);
}

#[tokio::test]
async fn files_without_a_petition_have_a_room_of_their_own() {
    let app = with(|config| config.upload_unjoined_bytes = 8 * LEAST).await;
    let mut ids = Vec::new();
    for source in 0..4 {
        for _ in 0..2 {
            ids.push(send_from(&app, &format!("14.162.0.{source}"), 10).await.expect(201).text_of("/id"));
        }
        // A quarter of the room is the most that one source may fill.
        send_from(&app, &format!("14.162.0.{source}"), 10).await.expect_problem(429, "upload_bytes_exhausted");
    }
    for _ in 0..2 {
        send_from(&app, "14.162.0.9", 10).await.expect_problem(507, "uploads_full");
        begin_from(&app, "14.162.0.9", 500).await.expect_problem(507, "uploads_full");
    }
    assert_eq!(ready(&app).await["uploads"], "uploads_full");
    let mut with_files = form();
    with_files["attachments"] = json!(ids[..2]);
    app.post("/petitions", &with_files).send().await.expect(201);
    assert_eq!(
        (&ready(&app).await["uploads"], figure(&app, "pakn_files_unjoined_bytes").await),
        (&json!("ok"), 6 * i64::try_from(LEAST).unwrap())
    );
    send_from(&app, "14.162.0.9", 10).await.expect(201);
    app.advance(Duration::hours(25));
    assert_eq!(run_maintenance(&app.app).await.unwrap().removed_files, 7);
    assert_eq!(ready(&app).await["unjoined_bytes"], 0);
}

#[tokio::test]
async fn pieces_have_a_least_size_and_a_greatest_number() {
    let app = with(|config| {
        config.upload_piece_min_bytes = 1000;
        config.upload_pieces_max = 4;
    })
    .await;
    let piece = async |place: &str, offset: usize, size: usize| {
        let request = app.outside(Method::PATCH, place).header("Tus-Resumable", "1.0.0");
        let request = request.header("Upload-Offset", &offset.to_string());
        request.body("application/offset+octet-stream", vec![7; size]).send().await
    };
    let place = begin_from(&app, "14.162.0.9", 9_000).await.expect(201).header("location").to_owned();
    for small in [1, 999] {
        let refused = piece(&place, 0, small).await.expect_problem(422, "piece_too_small");
        assert_eq!(refused.errors(), ["Content-Length=too_small"]);
    }
    for at in 0..3 {
        piece(&place, at * 1000, 1000).await.expect(204);
    }
    piece(&place, 3000, 1000).await.expect_problem(409, "too_many_pieces");
    piece(&place, 3000, 6000).await.expect_problem(404, "upload_not_found");
    assert_eq!(stored_files(&app), 0);
    // The last piece is as small as it is.
    let content = pdf("đơn");
    let place = begin_from(&app, "14.162.0.9", content.len().try_into().unwrap()).await.expect(201).header("location").to_owned();
    let request = app.outside(Method::PATCH, &place).header("Tus-Resumable", "1.0.0").header("Upload-Offset", "0");
    request.body("application/offset+octet-stream", content).send().await.expect(204);
}
