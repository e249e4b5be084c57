//! With a real clamd and a real store that speaks S3, which `tests/run` starts; skipped only where their variables are not set.

use super::{contains, fetch, send, sent, stored_files};
use crate::app::TestApp;
use crate::media::{infected_pdf, jpeg, mp4, pdf, png};
use crate::outside::provided;
use crate::town::form_with;
use pakn::config::{Config, Secret};
use pakn::ops::jobs::run_maintenance;
use reqwest::Method;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;

async fn new_bucket(endpoint: &str) -> impl Fn(&mut Config) + use<> {
    let bucket = format!("pakn-{:016x}", rand::random::<u64>());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(client.put(format!("{endpoint}/{bucket}")).send().await.unwrap().status().is_success());
    let endpoint = endpoint.to_owned();
    move |config| {
        config.attachments_url = Some(format!("s3://{bucket}/tep"));
        config.s3_endpoint = Some(endpoint.clone());
        config.s3_access_key = Some(Secret::new("thu".to_owned()));
        config.s3_secret_key = Some(Secret::new("nghiem".to_owned()));
    }
}

#[tokio::test]
async fn malware_is_refused_and_leaves_nothing() {
    let Some(clamd) = provided("PAKN_TEST_CLAMD") else { return };
    let app = TestApp::start_with(|config| config.clamd_address = Some(clamd)).await;
    let answer = send(&app, &infected_pdf()).await.expect_problem(422, "invalid_values");
    assert_eq!(answer.errors(), ["file=infected"]);
    assert_eq!(stored_files(&app), 0);
    for clean in [pdf("đơn"), jpeg(300, 200), mp4(3_000_000)] {
        assert_eq!(send(&app, &clean).await.expect(201).body["state"], "ready");
    }
}

#[tokio::test]
async fn nobody_sees_a_file_before_it_was_scanned() {
    let Some(clamd) = provided("PAKN_TEST_CLAMD") else { return };
    // Nobody listens at the first address; the second process of the province has the right one.
    let mut app = TestApp::start_with(|config| config.clamd_address = Some("127.0.0.1:9".to_owned())).await;
    let photo = send(&app, &jpeg(300, 200)).await.expect(201);
    assert_eq!(photo.body["state"], "scanning");
    let (photo, malware) = (photo.text_of("/id"), sent(&app, &infected_pdf()).await);
    let late = sent(&app, &infected_pdf()).await;
    let filed = app.post("/petitions", &form_with(json!({"attachments": [photo, malware]}))).send().await.expect(201).body;
    let path = format!("/petitions/{}", filed["code"].as_str().unwrap());
    let token = filed["tracking_token"].as_str().unwrap().to_owned();
    let read = async |app: &TestApp| {
        app.get(&path).header("X-Tracking-Token", &token).send().await.expect(200).body["attachments"].clone()
    };
    let waiting = read(&app).await;
    assert_eq!((&waiting[0]["state"], &waiting[0]["url"]), (&json!("scanning"), &json!(null)));
    assert_eq!(run_maintenance(&app.app).await.unwrap().checked_files, 0);

    let mut config = Config::clone(&app.app.config);
    config.clamd_address = Some(clamd);
    app.app.config = config.into();
    app.advance(chrono::Duration::minutes(2));
    assert_eq!(run_maintenance(&app.app).await.unwrap().checked_files, 3);
    let checked = read(&app).await;
    assert_eq!((&checked[0]["state"], &checked[1]["state"]), (&json!("ready"), &json!("infected")));
    assert_eq!(fetch(&app, checked[0]["url"].as_str().unwrap(), "").await.0, 200);
    assert_eq!(checked[1]["url"], json!(null));
    let answer = app.post("/petitions", &form_with(json!({"attachments": [late]}))).send().await;
    assert_eq!(answer.wrong_fields(), ["attachments[0]=infected"]);
    assert_eq!(stored_files(&app), 3, "what was infected is gone");
}

#[tokio::test]
async fn two_instances_share_a_bucket() {
    let Some(endpoint) = provided("PAKN_TEST_S3_URL") else { return };
    let change = new_bucket(&endpoint).await;
    let app = TestApp::start_with(|config| {
        change(config);
        config.upload_piece_min_bytes = 1;
    })
    .await;
    let video = mp4(12_000_001);
    let (photo, film) = (sent(&app, &jpeg(300, 200)).await, sent(&app, &video).await);
    let filed = app.post("/petitions", &form_with(json!({"attachments": [photo, film]}))).send().await.expect(201).body;
    let read = app.get(&format!("/petitions/{}", filed["code"].as_str().unwrap()));
    let view = read.header("X-Tracking-Token", filed["tracking_token"].as_str().unwrap()).send().await.expect(200).body;
    let (status, _, bytes) = fetch(&app, view["attachments"][0]["url"].as_str().unwrap(), "").await;
    assert_eq!((status, image::load_from_memory(&bytes).unwrap().width()), (200, 300));
    let clerk =
        app.officer("van.thu", Some(filed["agency"]["code"].as_str().unwrap()), &[pakn::kernel::account::Role::Clerk]).await;
    let original = format!("/api/v1/documents/{}/attachments/{film}/original", filed["document"]["id"]);
    assert!(fetch(&app, &original, &clerk).await.2 == video, "in pieces there, whole back");

    // Pieces of an upload lie there too, for whichever instance gets the next one.
    let content = png(200, 200);
    let tus = |method, place: &str| app.outside(method, place).header("Tus-Resumable", "1.0.0");
    let begun = tus(Method::POST, "/api/v1/attachments/uploads").header("Upload-Length", &content.len().to_string()).send().await;
    let place = begun.expect(201).header("location").to_owned();
    for (offset, piece) in [(0, &content[..100]), (100, &content[100..])] {
        let request = tus(Method::PATCH, &place).header("Upload-Offset", &offset.to_string());
        request.body("application/offset+octet-stream", piece.to_vec()).send().await.expect(204);
    }
    assert_eq!(std::fs::read_dir(app.app.config.data_dir.join("uploads")).unwrap().count(), 0);
    assert!(!app.app.config.data_dir.join("files").exists());
}

#[tokio::test]
async fn a_store_that_is_away_is_a_503_and_stores_nothing() {
    let app = TestApp::start_with(|config| {
        config.attachments_url = Some("s3://pakn".to_owned());
        config.s3_endpoint = Some("http://127.0.0.1:9".to_owned());
        config.s3_access_key = Some(Secret::new("thu".to_owned()));
        config.s3_secret_key = Some(Secret::new("nghiem".to_owned()));
    })
    .await;
    let answer = send(&app, &jpeg(20, 20)).await.expect_problem(503, "files_away");
    assert!(!answer.header("retry-after").is_empty());
}

/// A scanner that finds malware where the word stands, on a free port.
fn stand_in(word: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut command = [0; 10];
            let mut content = Vec::new();
            if stream.read_exact(&mut command).is_err() {
                continue;
            }
            loop {
                let mut length = [0; 4];
                if stream.read_exact(&mut length).is_err() || length == [0; 4] {
                    break;
                }
                let mut piece = vec![0; u32::from_be_bytes(length).try_into().unwrap()];
                stream.read_exact(&mut piece).unwrap();
                content.extend(piece);
            }
            let answer = if contains(&content, word) { "stream: Thu FOUND\0" } else { "stream: OK\0" };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[tokio::test]
async fn a_scanner_that_hangs_holds_no_upload_and_shows_nothing_meanwhile() {
    // It takes every connection and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = hanging.local_addr().unwrap().to_string();
    let mut app = TestApp::start_with(|config| {
        config.clamd_address = Some(address);
        config.scan_wait_seconds = 1;
    })
    .await;
    let photo = send(&app, &jpeg(300, 200)).await.expect(201);
    assert_eq!(photo.body["state"], "scanning");
    let malware = send(&app, &pdf("viruut")).await.expect(201).text_of("/id");
    let ids = [photo.text_of("/id"), malware.clone()];
    let filed = app.post("/petitions", &form_with(json!({"attachments": ids}))).send().await.expect(201).body;
    let code = filed["code"].as_str().unwrap().to_owned();
    let tracking = filed["tracking_token"].as_str().unwrap().to_owned();
    let read = async |app: &TestApp| {
        let answer = app.get(&format!("/petitions/{code}")).header("X-Tracking-Token", &tracking).send().await;
        answer.expect(200).body["attachments"].clone()
    };
    let waiting = read(&app).await;
    for place in 0..2 {
        assert_eq!((&waiting[place]["state"], &waiting[place]["url"]), (&json!("scanning"), &json!(null)));
        assert_eq!(waiting[place]["original"], json!(null));
    }
    let clerk =
        app.officer("van.thu", Some(filed["agency"]["code"].as_str().unwrap()), &[pakn::kernel::account::Role::Clerk]).await;
    let original = |id: &str| format!("/api/v1/documents/{}/attachments/{id}/original", filed["document"]["id"]);
    for id in &ids {
        assert_eq!(fetch(&app, &original(id), &clerk).await.0, 404, "nobody sees it yet");
    }
    drop(hanging);
    let mut config = Config::clone(&app.app.config);
    config.clamd_address = Some(stand_in("viruut"));
    app.app.config = config.into();
    app.advance(chrono::Duration::minutes(2));
    assert_eq!(run_maintenance(&app.app).await.unwrap().checked_files, 2);
    let checked = read(&app).await;
    assert_eq!((&checked[0]["state"], &checked[1]["state"]), (&json!("ready"), &json!("infected")), "the petition keeps a note");
    assert_eq!(fetch(&app, checked[0]["url"].as_str().unwrap(), "").await.0, 200);
    assert_eq!(fetch(&app, &original(&malware), &clerk).await.0, 404);
    assert_eq!(stored_files(&app), 3, "of the malware nothing is left");
}
