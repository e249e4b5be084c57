//! Photos and other files that come with petitions: sent at once or in pieces, made safe to show, joined, kept from strangers.

mod announced;
mod hidden;
mod joining;
mod pictures;
mod pieces;
mod reading;
mod room;
mod servers;
mod uploading;

use crate::app::{Answered, TestApp};
use crate::media;
use reqwest::Method;

/// Sends a file as somebody; the empty token is nobody.
async fn send_as(app: &TestApp, token: &str, content: &[u8]) -> Answered {
    let body = media::multipart("file", "ảnh.jpg", "image/jpeg", content);
    let request = app.request(Method::POST, "/attachments").body(&media::multipart_type(), body);
    if token.is_empty() { request.send().await } else { request.token(token).send().await }
}

/// Sends a file as a guest.
async fn send(app: &TestApp, content: &[u8]) -> Answered {
    send_as(app, "", content).await
}

/// The id of a file that a guest has sent.
pub async fn sent(app: &TestApp, content: &[u8]) -> String {
    send(app, content).await.expect(201).text_of("/id")
}

/// What an address answers: status, headers, bytes.
async fn fetch(app: &TestApp, path: &str, token: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let mut request = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("http://{}{path}", app.address()));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

/// Files that lie anywhere in the data folder's stores.
fn stored_files(app: &TestApp) -> usize {
    let mut count = 0;
    let mut open = vec![app.app.config.data_dir.join("files"), app.app.config.data_dir.join("uploads")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { count += 1 }
        }
    }
    count
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}
