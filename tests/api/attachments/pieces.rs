//! Uploads in pieces by tus 1.0.0.

use super::{sent, stored_files};
use crate::app::{Answered, TestApp};
use crate::media::{jpeg, mp4};
use crate::town::{OWNER, Town, form_with};
use pakn::ops::jobs::run_maintenance;
use reqwest::Method;
use serde_json::json;
use std::io::{Read, Write};

async fn begin(app: &TestApp, length: usize) -> String {
    let request = app.request(Method::POST, "/attachments/uploads").header("Tus-Resumable", "1.0.0");
    let answer = request.header("Upload-Length", &length.to_string()).send().await.expect(201);
    assert_eq!((answer.header("tus-resumable"), answer.header("upload-offset")), ("1.0.0", "0"));
    assert!(answer.header("upload-expires").ends_with(" GMT"));
    answer.header("location").to_owned()
}

async fn piece(app: &TestApp, place: &str, offset: usize, content: &[u8]) -> Answered {
    let request = app.outside(Method::PATCH, place).header("Tus-Resumable", "1.0.0");
    let request = request.header("Upload-Offset", &offset.to_string());
    request.body("application/offset+octet-stream", content.to_vec()).send().await
}

async fn standing(app: &TestApp, place: &str) -> Answered {
    app.outside(Method::HEAD, place).header("Tus-Resumable", "1.0.0").send().await
}

#[tokio::test]
async fn a_file_arrives_in_pieces() {
    let town = Town::start_with(|config| config.upload_piece_min_bytes = 1).await;
    let app = &town.app;
    let photo = jpeg(500, 400);
    let place = begin(app, photo.len()).await;
    let middle = photo.len() / 2;
    let first = piece(app, &place, 0, &photo[..middle]).await.expect(204);
    assert_eq!(first.header("upload-offset"), middle.to_string());
    let found = standing(app, &place).await.expect(200);
    let headers = [found.header("upload-offset"), found.header("upload-length"), found.header("cache-control")];
    assert_eq!(headers, [&middle.to_string(), &photo.len().to_string(), "no-store"]);
    assert!(found.header("attachment-id").is_empty());
    for wrong in [0, middle + 1] {
        piece(app, &place, wrong, &photo[middle..]).await.expect_problem(409, "upload_offset_wrong");
    }
    let last = piece(app, &place, middle, &photo[middle..]).await.expect(204);
    let id = last.header("attachment-id").to_owned();
    assert_eq!(last.header("attachment-state"), "ready");
    assert_eq!(standing(app, &place).await.expect(200).header("attachment-id"), id);
    assert_eq!(stored_files(app), 3, "the pieces are gone");
    let petition = town.file(&form_with(json!({"attachments": [id]}))).await;
    assert_eq!(town.read(&petition).await["attachments"][0]["size"], photo.len());
}

#[tokio::test]
async fn what_arrived_before_the_connection_broke_counts() {
    let app = TestApp::start().await;
    let video = mp4(3_000_000);
    let place = begin(&app, video.len()).await;
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nHost: pakn\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {}\r\n\r\n",
        video.len()
    );
    let mut connection = std::net::TcpStream::connect(app.address()).unwrap();
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(&video[..1_000_000]).unwrap();
    connection.shutdown(std::net::Shutdown::Write).unwrap();
    let _ = tokio::task::spawn_blocking(move || connection.read_to_end(&mut Vec::new())).await.unwrap();
    let mut offset = 0;
    while offset == 0 {
        offset = standing(&app, &place).await.expect(200).header("upload-offset").parse().unwrap();
    }
    assert!(offset > 0 && offset <= 1_000_000);
    let last = piece(&app, &place, offset, &video[offset..]).await.expect(204);
    assert_eq!(last.header("attachment-id").len(), 32);
}

#[tokio::test]
async fn the_server_says_what_it_can_and_refuses_the_rest() {
    let app = TestApp::start_with(|config| config.attachment_video_max_bytes = 50_000_000).await;
    let options = app.request(Method::OPTIONS, "/attachments/uploads").send().await.expect(204);
    assert_eq!(options.header("tus-version"), "1.0.0");
    assert_eq!(options.header("tus-extension"), "creation,termination,expiration");
    assert_eq!(options.header("tus-max-size"), "50000000");
    let post = || app.request(Method::POST, "/attachments/uploads");
    post().header("Upload-Length", "5").send().await.expect_problem(412, "tus_version_unknown");
    let versioned = || post().header("Tus-Resumable", "1.0.0");
    versioned().send().await.expect_problem(400, "malformed_header");
    for length in ["", "x", "-1", "0", "1.5", "99999999999999999999999"] {
        versioned().header("Upload-Length", length).send().await.expect_problem(400, "malformed_header");
    }
    versioned().header("Upload-Length", "50000001").send().await.expect_problem(413, "file_too_large");
    let place = begin(&app, 100).await;
    let patch = || app.outside(Method::PATCH, &place).header("Tus-Resumable", "1.0.0");
    patch().header("Upload-Offset", "0").body("text/plain", "x").send().await.expect_problem(415, "unsupported_media_type");
    patch().body("application/offset+octet-stream", "x").send().await.expect_problem(400, "malformed_header");
    piece(&app, &place, 0, &[0; 101]).await.expect_problem(413, "file_too_large");
    assert_eq!(standing(&app, &place).await.expect(200).header("upload-offset"), "0");
    for unknown in ["x", &"0".repeat(32)] {
        let place = format!("/api/v1/attachments/uploads/{unknown}");
        assert_eq!(standing(&app, &place).await.status, 404);
        piece(&app, &place, 0, b"x").await.expect_problem(404, "upload_not_found");
    }
    piece(&app, &place, 0, &[0; 100]).await.expect_problem(415, "file_type_unknown");
    assert_eq!(standing(&app, &place).await.status, 404, "what was refused is gone");
    assert_eq!(stored_files(&app), 0);
}

#[tokio::test]
async fn uploads_end_at_a_word_or_with_time_and_belong_to_their_account() {
    let town = Town::start_with(|config| config.upload_piece_min_bytes = 1).await;
    let app = &town.app;
    let place = begin(app, 1000).await;
    piece(app, &place, 0, &[7; 500]).await.expect(204);
    app.outside(Method::DELETE, &place).header("Tus-Resumable", "1.0.0").send().await.expect(204);
    assert_eq!(standing(app, &place).await.status, 404);
    assert_eq!(stored_files(app), 0);

    let place = begin(app, 1000).await;
    piece(app, &place, 0, &[7; 500]).await.expect(204);
    town.later(chrono::Duration::hours(25));
    assert_eq!(standing(app, &place).await.status, 404);
    assert_eq!(run_maintenance(&app.app).await.unwrap().removed_files, 1);
    assert_eq!(stored_files(app), 0);

    let token = town.token(OWNER).await;
    let request = app.request(Method::POST, "/attachments/uploads").token(&token).header("Tus-Resumable", "1.0.0");
    let place = request.header("Upload-Length", "1000").send().await.expect(201).header("location").to_owned();
    assert_eq!(standing(app, &place).await.status, 404);
    let own = app.outside(Method::HEAD, &place).token(&token).header("Tus-Resumable", "1.0.0").send().await;
    assert_eq!(own.status, 200);
    sent(app, &jpeg(20, 20)).await;
}
