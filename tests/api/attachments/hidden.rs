//! Of somebody who wants to stay unknown nothing that the agency gets tells who they are or where it was made.

use super::{contains, fetch, sent};
use crate::media::{
    self, CAMERA, PICTURE, PIN, aac_with_metadata, amr_with_metadata, film_with_metadata, jpeg, mp3_with_metadata, pdf,
    wav_with_metadata, with_metadata,
};
use crate::town::{Petition, Town, form_with};
use pakn::attachments::strip_metadata;
use serde_json::{Value, json};
use std::io::Cursor;

const NAME: &str = "Nguyễn Văn An";
const STREET: &str = "Đường Lý Thái Tổ";

async fn hidden_with(town: &Town, changes: Value) -> Petition {
    let mut form = form_with(json!({"hide_identity": true}));
    for (name, value) in changes.as_object().unwrap() {
        form[name] = value.clone();
    }
    town.file(&form).await
}

async fn original(town: &Town, who: &str, petition: &Petition, id: &str) -> (u16, Vec<u8>) {
    let path = format!("/api/v1/documents/{}/attachments/{id}/original", petition.document);
    let (status, _, bytes) = fetch(&town.app, &path, &town.token(who).await).await;
    (status, bytes)
}

fn tells(bytes: &[u8]) -> bool {
    [CAMERA, PIN, "APETAGEX", "xmpmeta", "ISO6709", "TPE1"].iter().any(|word| contains(bytes, word))
}

fn recordings() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("MP4", film_with_metadata(b"mp42", true)),
        ("MOV", film_with_metadata(b"qt  ", false)),
        ("3GP", film_with_metadata(b"3gp4", true)),
        ("WAV", wav_with_metadata()),
        ("MP3", mp3_with_metadata()),
        ("AAC", aac_with_metadata()),
        ("AMR", amr_with_metadata()),
    ]
}

#[tokio::test]
async fn a_recording_leaves_with_picture_and_sound_and_nothing_else() {
    let town = Town::start_with(|config| {
        config.attachment_video_max_count = 10;
        config.attachment_audio_max_count = 10;
    })
    .await;
    let mut ids = Vec::new();
    for (_, content) in recordings() {
        ids.push(sent(&town.app, &content).await);
    }
    let petition = hidden_with(&town, json!({"attachments": ids})).await;
    let view = town.document("clerk", petition.document).await;
    for ((name, content), (id, shown)) in recordings().iter().zip(ids.iter().zip(view["attachments"].as_array().unwrap())) {
        assert_eq!(shown["original"], "without_metadata", "{name}");
        assert!(tells(content), "{name}");
        let (status, bytes) = original(&town, "clerk", &petition, id).await;
        assert_eq!((status, bytes.len()), (200, content.len()), "{name}");
        assert!(!tells(&bytes), "{name}: {}", String::from_utf8_lossy(&bytes));
        let count = |bytes: &[u8]| bytes.windows(20).filter(|window| *window == &PICTURE[..20]).count();
        assert_eq!(count(&bytes), count(content), "{name}: what is seen and heard is all there");
    }
    // Shown again, the agency gets what was uploaded; hidden again, it does not.
    town.respond(&petition, "identity", json!({"hide_identity": false})).await.expect(200);
    let film = &recordings()[0].1;
    assert_eq!(&original(&town, "clerk", &petition, &ids[0]).await.1, film);
    assert_eq!(town.document("clerk", petition.document).await["attachments"][0]["original"], "whole");
    town.respond(&petition, "identity", json!({"hide_identity": true})).await.expect(200);
    assert!(!tells(&original(&town, "clerk", &petition, &ids[0]).await.1));
}

#[tokio::test]
async fn what_nobody_can_clean_is_withheld_and_the_coordinator_looks_at_it() {
    let town = Town::start_with(|config| config.attachment_pdf_max_count = 10).await;
    let pieces = [film_with_metadata(b"mp42", true), media::boxed(b"moof", CAMERA.as_bytes())].concat();
    let cut = film_with_metadata(b"mp42", true)[..700].to_vec();
    let contents = [with_metadata(&jpeg(40, 40), 1), pdf(CAMERA), pieces, cut];
    let mut ids = Vec::new();
    for content in &contents {
        ids.push(sent(&town.app, content).await);
    }
    let petition = hidden_with(&town, json!({"attachments": ids})).await;
    let view = town.document("clerk", petition.document).await;
    assert_eq!(
        (&view["attachments"][0]["original"], &view["attachments"][1]["original"]),
        (&json!("withheld"), &json!("withheld"))
    );
    for (id, content) in ids.iter().zip(&contents) {
        let path = format!("/documents/{}/attachments/{id}/original", petition.document);
        let refused = town.get("leader", &path).await.expect_problem(403, "original_withheld");
        assert!(refused.text_of("/detail").contains("Bàn điều phối"));
        let path = format!("/api/v1/coordination/{}/attachments/{id}/original", petition.code);
        let (status, _, bytes) = fetch(&town.app, &path, &town.token("coordinator").await).await;
        assert_eq!((status, &bytes), (200, content));
        assert_eq!(fetch(&town.app, &path, &town.token("leader").await).await.0, 403);
    }
    let own = town.read(&petition).await;
    for place in 0..contents.len() {
        assert_eq!(own["attachments"][place]["original"], "withheld", "{place}: the petitioner is told what the agency gets");
    }
}

#[tokio::test]
async fn neither_the_street_nor_the_name_is_in_what_officers_read() {
    let town = Town::start().await;
    let content = format!("Tôi là {NAME}, nhà ở {STREET}, gọi 0912345678 hoặc an@example.vn. Rác tồn đọng.");
    let petition = hidden_with(&town, json!({"title": format!("Rác trước nhà {NAME}"), "content": content})).await;
    town.bring_to(&petition, "waiting_for_petitioner").await;
    let reply = json!({"text": format!("{NAME} ở {STREET} xin trả lời.")});
    town.respond(&petition, "reply", reply).await.expect(200);
    let paths = [
        format!("/documents/{}", petition.document),
        "/documents".to_owned(),
        "/documents/register?year=2026".to_owned(),
        "/documents/register.csv?year=2026".to_owned(),
        format!("/petitions/{}", petition.code),
        format!("/petitions/{}/timeline", petition.code),
        "/me/notifications".to_owned(),
    ];
    let words = [NAME, STREET, "0912345678", "an@example.vn"];
    for who in ["handler", "coordinator"] {
        for path in &paths {
            let read = town.get(who, path).await;
            for word in words {
                assert!(!read.text.contains(word), "{who} {path}: {}", read.text);
            }
        }
    }
    let document = town.document("handler", petition.document).await;
    assert_eq!((&document["petition"]["address"], &document["petition"]["hide_identity"]), (&json!(null), &json!(true)));
    assert_eq!(document["petition"]["title"], "Rác trước nhà […]");
    assert_eq!(town.read(&petition).await["address"], STREET, "the petitioner reads everything");
    let identity = town.get("coordinator", &format!("/coordination/{}/petitioner", petition.code)).await.expect(200).body;
    assert_eq!((&identity["address"], &identity["full_name"]), (&json!(STREET), &json!(NAME)));
    town.respond(&petition, "identity", json!({"hide_identity": false})).await.expect(200);
    let shown = town.document("handler", petition.document).await;
    assert_eq!((&shown["petition"]["address"], &shown["petition"]["content"]), (&json!(STREET), &json!(content)));
}

#[test]
fn a_film_that_lies_about_itself_is_unclear_or_clean_and_never_a_panic() {
    let film = film_with_metadata(b"mp42", true);
    for place in 0..film.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut changed = film.clone();
            changed[place] = value;
            if let Ok(blanks) = strip_metadata::blanks(&mut Cursor::new(&changed), "video/mp4") {
                let mut bytes = changed.clone();
                strip_metadata::lay_over(&mut bytes, 0, &blanks);
                assert_eq!(bytes.len(), film.len());
            }
        }
        let _ = strip_metadata::blanks(&mut Cursor::new(&film[..place]), "video/mp4");
    }
    for media_type in ["audio/mpeg", "audio/aac", "audio/amr", "audio/wav"] {
        assert!(strip_metadata::blanks(&mut Cursor::new(&film), media_type).is_err(), "{media_type}");
        assert!(strip_metadata::blanks(&mut Cursor::new(b""), media_type).is_err(), "{media_type}");
    }
    assert!(strip_metadata::blanks(&mut Cursor::new(&film), "application/pdf").is_err());
}
