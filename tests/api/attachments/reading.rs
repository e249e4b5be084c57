//! Who sees what: images made anew behind links that expire, originals for the holding agency, nothing of the camera anywhere else.

use super::{contains, fetch, sent};
use crate::media::{CAMERA, jpeg, markers, mp4, pdf, png, with_metadata};
use crate::town::{OTHER_AGENCY, Petition, Town, form_with};
use serde_json::{Value, json};

async fn filed_with(town: &Town, contents: &[Vec<u8>]) -> (Petition, Vec<String>) {
    let mut ids = Vec::new();
    for content in contents {
        ids.push(sent(&town.app, content).await);
    }
    (town.file(&form_with(json!({"attachments": ids}))).await, ids)
}

/// What is shown carries the pixels and nothing else.
fn assert_clean(bytes: &[u8]) {
    assert!(!contains(bytes, CAMERA) && !contains(bytes, "Exif") && !contains(bytes, "script") && !contains(bytes, "xmp"));
    let markers = markers(bytes);
    assert!(markers.iter().all(|marker| !matches!(marker, 0xe1..=0xef | 0xfe)), "{markers:x?}");
}

fn links(view: &Value) -> Vec<String> {
    let attachments = view["attachments"].as_array().unwrap();
    let of = |it: &Value| [it["url"].as_str().unwrap().to_owned(), it["thumbnail_url"].as_str().unwrap().to_owned()];
    attachments.iter().flat_map(of).collect()
}

#[tokio::test]
async fn no_path_but_the_original_carries_the_data_of_the_camera() {
    let town = Town::start().await;
    let photo = with_metadata(&jpeg(800, 600), 6);
    assert!(contains(&photo, CAMERA) && contains(&photo, "Exif"));
    let (petition, ids) = filed_with(&town, &[photo.clone(), png(300, 200)]).await;
    town.bring_to(&petition, "answered").await;

    let own = town.read(&petition).await;
    let coordinator = town.get("coordinator", &format!("/petitions/{}", petition.code)).await.expect(200).body;
    let document = town.document("handler", petition.document).await;
    let public = town.get("", &format!("/public/petitions/{}", petition.code)).await.expect(200).body;
    for view in [&own, &coordinator, &document, &public] {
        assert_eq!(view["attachments"].as_array().unwrap().len(), 2);
        for link in links(view) {
            let (status, headers, bytes) = fetch(&town.app, &link, "").await;
            assert_eq!((status, headers["content-type"].as_bytes()), (200, &b"image/jpeg"[..]));
            assert_clean(&bytes);
        }
    }
    assert!(public["attachments"].as_array().unwrap().iter().all(|file| file["original"].is_null()));
    let original = format!("/api/v1/documents/{}/attachments/{}/original", petition.document, ids[0]);
    let (status, _, bytes) = fetch(&town.app, &original, &town.token("handler").await).await;
    assert_eq!((status, bytes), (200, photo));
}

#[tokio::test]
async fn an_image_is_shown_upright_and_not_too_large() {
    let town = Town::start().await;
    // Orientation 6: the camera was held upright, the sensor lies; what is on the left of the pixels belongs to the top.
    let (petition, _) = filed_with(&town, &[with_metadata(&jpeg(3000, 1500), 6), png(6000, 40)]).await;
    let links = links(&town.read(&petition).await);
    let image = async |place: usize| image::load_from_memory(&fetch(&town.app, &links[place], "").await.2).unwrap().to_rgb8();
    let shown = image(0).await;
    assert_eq!((shown.width(), shown.height()), (750, 1500));
    assert!(shown.get_pixel(600, 20)[1] < 40, "dark on top");
    assert!(shown.get_pixel(600, 1480)[1] > 215, "bright below");
    assert!(shown.get_pixel(20, 20)[0] > 215, "red on the left");
    let thumbnail = image(1).await;
    assert_eq!((thumbnail.width(), thumbnail.height()), (160, 320));
    assert_eq!((image(2).await.width(), image(2).await.height()), (2000, 14));
}

#[tokio::test]
async fn links_expire_and_cannot_be_changed() {
    let town = Town::start().await;
    let (petition, _) = filed_with(&town, &[jpeg(40, 40)]).await;
    let link = links(&town.read(&petition).await)[0].clone();
    let (status, headers, _) = fetch(&town.app, &link, "").await;
    assert_eq!(status, 200);
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox; frame-ancestors 'none'");
    assert_eq!(headers["cache-control"], "private, max-age=60");
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("inline; filename=\""));
    for wrong in [link.replace("/files/", "/files/A"), "/api/v1/files/x".to_owned(), "/api/v1/files/..%2f..%2fpakn.db".to_owned()]
    {
        assert_eq!(fetch(&town.app, &wrong, "").await.0, 404, "{wrong}");
    }
    town.later(chrono::Duration::minutes(59));
    assert_eq!(fetch(&town.app, &link, "").await.0, 200);
    town.later(chrono::Duration::minutes(1));
    assert_eq!(fetch(&town.app, &link, "").await.0, 404);
    let fresh = links(&town.read(&petition).await)[0].clone();
    assert_eq!(fetch(&town.app, &fresh, "").await.0, 200);
}

#[tokio::test]
async fn an_upload_that_belongs_to_no_petition_is_shown_to_nobody() {
    let town = Town::start().await;
    let id = sent(&town.app, &jpeg(40, 40)).await;
    let links = &town.app.app.attachments.links;
    let until = town.app.app.now().plus(chrono::Duration::hours(1));
    use pakn::attachments::Rendition;
    use pakn::attachments::view::AttachmentViewer;
    for rendition in Rendition::ALL {
        let link = links.sign(&id.parse().unwrap(), rendition, until, (AttachmentViewer::Petitioner, true));
        assert_eq!(fetch(&town.app, &format!("/api/v1/files/{link}"), "").await.0, 404);
    }
}

#[tokio::test]
async fn originals_are_for_the_holding_agency_and_each_look_is_written_down() {
    let town = Town::start().await;
    let (petition, ids) = filed_with(&town, &[jpeg(40, 40), mp4(5000)]).await;
    let (other, _) = filed_with(&town, &[jpeg(40, 40)]).await;
    let path = |document: i64, id: &str| format!("/documents/{document}/attachments/{id}/original");
    for (who, status) in
        [("", 401), ("owner@example.vn", 403), ("coordinator", 403), ("reviewer", 403), ("admin", 403), ("elsewhere", 404)]
    {
        assert_eq!(town.get(who, &path(petition.document, &ids[0])).await.status, status, "{who}");
    }
    for wrong in [
        path(other.document, &ids[0]),
        path(petition.document, &"0".repeat(32)),
        path(petition.document, "x"),
        path(9999, &ids[0]),
    ] {
        assert_eq!(town.get("clerk", &wrong).await.status, 404, "{wrong}");
    }
    let looks = async || looks_at(&town).await;
    assert_eq!(looks().await, 0);
    let video = town.get("clerk", &path(petition.document, &ids[1])).await.expect(200);
    assert_eq!(video.header("content-type"), "video/mp4");
    assert_eq!(video.header("content-disposition"), format!("attachment; filename=\"{}.mp4\"", ids[1]));
    assert_eq!(video.header("cache-control"), "private, no-store");
    town.get("leader", &path(petition.document, &ids[0])).await.expect(200);
    assert_eq!(looks().await, 2);

    // Handed on, it is the next agency's.
    let body = json!({"agency": OTHER_AGENCY, "reason": "Đúng thẩm quyền của phường bạn"});
    town.act("clerk", petition.document, "transfer", body).await.expect(200);
    town.get("clerk", &path(petition.document, &ids[0])).await.expect_problem(403, "identity_hidden");
    let next = town.present_document(&petition).await;
    town.get("elsewhere", &path(next, &ids[0])).await.expect(200);
    assert_eq!(town.document("clerk", petition.document).await["attachments"], json!([]), "and not the first one's any more");
}

async fn looks_at(town: &Town) -> i64 {
    use diesel::prelude::*;
    use pakn::db::schema::identity_looks;
    let count = |connection: &mut pakn::db::DbConnection| {
        let count = identity_looks::table.filter(identity_looks::occasion.eq("original")).count().get_result(connection);
        Ok::<i64, pakn::db::StorageError>(count?)
    };
    town.app.app.db.read(count).await.unwrap()
}

#[tokio::test]
async fn the_original_photo_of_somebody_who_hides_is_shown_to_nobody() {
    let town = Town::start().await;
    let ids = [sent(&town.app, &with_metadata(&jpeg(40, 40), 1)).await, sent(&town.app, &pdf("đơn")).await];
    let petition = town.file(&form_with(json!({"attachments": ids, "hide_identity": true}))).await;
    let path = |id: &str| format!("/documents/{}/attachments/{id}/original", petition.document);
    for id in &ids {
        town.get("clerk", &path(id)).await.expect_problem(403, "original_withheld");
    }
    let view = town.document("clerk", petition.document).await;
    assert_eq!(fetch(&town.app, view["attachments"][0]["url"].as_str().unwrap(), "").await.0, 200);
}

#[tokio::test]
async fn the_public_sees_images_that_a_published_petition_was_filed_with() {
    let town = Town::start().await;
    let (petition, ids) = filed_with(&town, &[mp4(5000), jpeg(40, 40), pdf("đơn")]).await;
    let path = format!("/public/petitions/{}", petition.code);
    town.get("", &path).await.expect_problem(404, "petition_not_found");
    town.bring_to(&petition, "waiting_for_petitioner").await;
    let later = sent(&town.app, &jpeg(40, 40)).await;
    town.respond(&petition, "reply", json!({"text": "Đây ạ.", "attachments": [later]})).await.expect(200);
    town.act("handler", petition.document, "draft", crate::town::draft()).await.expect(200);
    town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let public = town.get("", &path).await.expect(200).body;
    let shown: Vec<&str> = public["attachments"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(shown, [&ids[1]]);
    let own = town.read(&petition).await;
    assert_eq!(own["attachments"].as_array().unwrap().len(), 4);
    assert_eq!((&own["attachments"][0]["url"], &own["attachments"][0]["media_type"]), (&Value::Null, &json!("video/mp4")));
}

#[tokio::test]
async fn what_everybody_is_told_of_a_photo_is_what_the_link_leads_to() {
    let town = Town::start().await;
    let (petition, _) = filed_with(&town, &[png(300, 200), with_metadata(&jpeg(2400, 1800), 1)]).await;
    town.bring_to(&petition, "answered").await;
    let public = town.get("", &format!("/public/petitions/{}", petition.code)).await.expect(200).body;
    let own = town.read(&petition).await;
    for (place, original) in ["image/png", "image/jpeg"].into_iter().enumerate() {
        let (shown, told) = (&public["attachments"][place], &own["attachments"][place]);
        let (_, headers, bytes) = fetch(&town.app, shown["url"].as_str().unwrap(), "").await;
        assert_eq!(headers["content-type"], shown["media_type"].as_str().unwrap());
        assert_eq!(
            (bytes.len(), &shown["media_type"]),
            (shown["size"].as_u64().unwrap().try_into().unwrap(), &json!("image/jpeg"))
        );
        assert_eq!(told["media_type"], original, "whoever is involved is told of the original");
    }
}

#[tokio::test]
async fn a_photo_made_anew_is_no_larger_than_the_original() {
    let town = Town::start().await;
    // As phones that save space write it: the same pixels in a better quality would be several times larger.
    let poor = crate::media::noisy_jpeg(900, 700, 45);
    let (petition, _) = filed_with(&town, &[poor.clone(), jpeg(900, 700)]).await;
    for link in links(&town.read(&petition).await) {
        let (status, _, bytes) = fetch(&town.app, &link, "").await;
        assert_eq!(status, 200);
        assert!(bytes.len() <= poor.len(), "{} bytes out of {}", bytes.len(), poor.len());
    }
}

/// The first link that somebody was given.
fn link(view: &Value) -> String {
    view["attachments"][0]["url"].as_str().unwrap_or_else(|| panic!("no link in {view}")).to_owned()
}

#[tokio::test]
async fn links_end_when_the_petition_is_taken_back_refused_or_merged() {
    let town = Town::start().await;
    let into = town.file(&crate::town::form()).await;
    for how in ["withdraw", "refuse", "merge"] {
        let (petition, _) = filed_with(&town, &[jpeg(40, 40)]).await;
        let path = format!("/petitions/{}", petition.code);
        let given = [
            link(&town.read(&petition).await),
            link(&town.document("clerk", petition.document).await),
            link(&town.get("leader", &path).await.expect(200).body),
            link(&town.get("coordinator", &path).await.expect(200).body),
        ];
        for link in &given {
            assert_eq!(fetch(&town.app, link, "").await.0, 200);
        }
        match how {
            "withdraw" => drop(town.respond(&petition, "withdraw", json!({})).await.expect(200)),
            "refuse" => drop(town.act("leader", petition.document, how, json!({"reason_code": "unclear"})).await.expect(200)),
            _ => drop(town.act("leader", petition.document, how, json!({"into": into.code})).await.expect(200)),
        }
        for link in &given {
            assert_eq!(fetch(&town.app, link, "").await.0, 404, "{how}");
        }
        // Whoever may still read the petition is given a new one.
        assert_eq!(fetch(&town.app, &link(&town.read(&petition).await), "").await.0, 200, "{how}");
    }
}

#[tokio::test]
async fn the_link_of_an_agency_ends_when_it_hands_the_petition_on_and_no_other_does() {
    let town = Town::start().await;
    for (action, body) in
        [("transfer", json!({"agency": OTHER_AGENCY, "reason": "Khác địa bàn"})), ("return", json!({"reason": "Khác"}))]
    {
        let (petition, _) = filed_with(&town, &[jpeg(40, 40)]).await;
        let path = format!("/petitions/{}", petition.code);
        let (own, agencys, again) = (
            link(&town.read(&petition).await),
            link(&town.document("clerk", petition.document).await),
            link(&town.get("clerk", &path).await.expect(200).body),
        );
        town.act("clerk", petition.document, action, body).await.expect(200);
        assert_eq!(town.document("clerk", petition.document).await["attachments"], json!([]));
        for link in [&agencys, &again] {
            assert_eq!(fetch(&town.app, link, "").await.0, 404, "{action}");
        }
        assert_eq!(fetch(&town.app, &own, "").await.0, 200, "{action}");
    }
}

#[tokio::test]
async fn what_everybody_was_given_ends_when_the_petition_is_public_no_more() {
    let town = Town::start().await;
    let (petition, _) = filed_with(&town, &[jpeg(40, 40)]).await;
    town.bring_to(&petition, "answered").await;
    let path = format!("/public/petitions/{}", petition.code);
    let requests = format!("/open311/v2/requests/{}.json", petition.code);
    let given = link(&town.get("", &path).await.expect(200).body);
    let (status, _, listed) = fetch(&town.app, &requests, "").await;
    assert!(status == 200 && contains(&listed, "/api/v1/files/"));
    assert_eq!(fetch(&town.app, &given, "").await.0, 200);
    // Looked at again, handed on and refused there.
    town.respond(&petition, "reopen", json!({"reason": "Vẫn còn."})).await.expect(200);
    town.act("leader", petition.document, "grant_reopening", json!({})).await.expect(200);
    let body = json!({"agency": OTHER_AGENCY, "reason": "Khác địa bàn"});
    town.act("clerk", petition.document, "transfer", body).await.expect(200);
    let there = town.present_document(&petition).await;
    town.act("elsewhere", there, "refuse", json!({"reason_code": "unclear"})).await.expect(200);
    assert_eq!(fetch(&town.app, &given, "").await.0, 404);
    let (_, _, listed) = fetch(&town.app, &requests, "").await;
    assert!(!contains(&listed, "/api/v1/files/"));
    assert!(!town.get("", &path).await.text.contains("/api/v1/files/"));
}
