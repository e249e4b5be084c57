//! The files of a petition go along with its document: the original for the agency, an image made anew of somebody who wants to stay
//! unknown, and nothing that is not clean or does not fit.

use super::Exchange;
use crate::app::TestApp;
use crate::attachments::sent;
use crate::media;
use crate::town::form_with;
use pakn::integrations::edoc::rules::edxml::message::{EdxmlDocument, EdxmlMessage};
use pakn::integrations::edoc::rules::edxml::signature::SignatureKeys;
use pakn::integrations::edoc::rules::edxml::{EdxmlLimits, read};
use serde_json::{Value, json};

/// Whether the bytes still tell where a photo was taken.
fn tells_the_place(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|window| window == b"Exif")
}

async fn photo(app: &TestApp) -> String {
    sent(app, &media::with_metadata(&media::jpeg(320, 200), 1)).await
}

/// The document that went out for the one petition of this form.
async fn went_out(exchange: &Exchange, form: &Value) -> EdxmlDocument {
    exchange.town.file(form).await;
    assert_eq!(exchange.round().await.sent.sent, 1);
    let text = exchange.files("outbox").pop().expect("a message").1;
    match read(text.as_bytes(), EdxmlLimits::default(), &SignatureKeys::default()).expect("a message").message {
        EdxmlMessage::Document(document) => *document,
        EdxmlMessage::Status(status) => panic!("{status:?}"),
    }
}

#[tokio::test]
async fn the_agency_gets_the_files_as_they_came() {
    let exchange = Exchange::start().await;
    let app = &exchange.town.app;
    let whole = media::with_metadata(&media::jpeg(320, 200), 1);
    let (image, paper) = (sent(app, &whole).await, sent(app, &media::pdf("Đơn kiến nghị")).await);
    let document = went_out(&exchange, &form_with(json!({"attachments": [image, paper]}))).await;
    let files: Vec<_> = document.attachments.iter().map(|file| (file.name.as_str(), file.media_type.as_str())).collect();
    assert_eq!(files, [("tep-dinh-kem-1.jpg", "image/jpeg"), ("tep-dinh-kem-2.pdf", "application/pdf")]);
    assert_eq!(document.attachments[0].bytes, whole);
    assert!(tells_the_place(&document.attachments[0].bytes));
}

#[tokio::test]
async fn who_wants_to_stay_unknown_sends_an_image_made_anew() {
    let exchange = Exchange::start().await;
    let app = &exchange.town.app;
    let film = media::film_with_metadata(b"mp42", true);
    let ids = [photo(app).await, sent(app, &film).await, sent(app, &media::pdf(media::CAMERA)).await];
    let document = went_out(&exchange, &form_with(json!({"attachments": ids, "hide_identity": true}))).await;
    let types: Vec<_> = document.attachments.iter().map(|file| file.media_type.as_str()).collect();
    assert_eq!(types, ["image/jpeg", "video/mp4"]);
    let [image, video] = &document.attachments[..] else { panic!("two") };
    assert!(!tells_the_place(&image.bytes) && !image.bytes.is_empty());
    let tells = |word: &str| video.bytes.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(video.bytes.len() == film.len() && !tells(media::CAMERA) && !tells(media::PIN));
    assert!(document.content.unwrap().contains("Còn 1 tệp không kèm theo văn bản này"));
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_stays() {
    let exchange = Exchange::start_with(|config| config.exchange_files_max_bytes = 20_000).await;
    let app = &exchange.town.app;
    let (small, large) = (sent(app, &media::pdf("Nhỏ")).await, sent(app, &media::mp4(30_000)).await);
    let document = went_out(&exchange, &form_with(json!({"attachments": [large, small]}))).await;
    let names: Vec<_> = document.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["tep-dinh-kem-2.pdf"]);
    assert!(document.content.unwrap().contains("Còn 1 tệp không kèm theo văn bản này"));
}

#[tokio::test]
async fn a_store_that_does_not_serve_delays_the_document_and_nothing_else() {
    let exchange = Exchange::start().await;
    let app = &exchange.town.app;
    let image = photo(app).await;
    let folder = app.app.config.data_dir.join("files");
    let aside = app.app.config.data_dir.join("aside");
    exchange.town.file(&form_with(json!({"attachments": [image]}))).await;
    std::fs::rename(&folder, &aside).unwrap();
    exchange.town.file(&form_with(json!({}))).await;
    let done = exchange.round().await.sent;
    assert_eq!((done.sent, done.failed), (1, 1));
    let waiting = exchange.messages("?state=due").await;
    assert!(waiting[0]["problem"].as_str().unwrap().starts_with("files: "), "{waiting:?}");
    std::fs::rename(&aside, &folder).unwrap();
    exchange.town.later(chrono::Duration::minutes(2));
    assert_eq!(exchange.round().await.sent.sent, 1);
}
