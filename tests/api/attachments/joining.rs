//! `attachments` of a petition and of a reply: each id once, by whom it belongs to, within the numbers.

use super::{send_as, sent};
use crate::app::TestApp;
use crate::media::{jpeg, mp4, pdf};
use crate::town::{OWNER, Town, form_of_account, form_with};
use pakn::ops::jobs::run_maintenance;
use pakn::petitions::rules::PetitionKind;
use serde_json::{Value, json};

fn with(ids: &[&str]) -> Value {
    form_with(json!({"attachments": ids}))
}

#[tokio::test]
async fn an_id_joins_one_petition_once() {
    let town = Town::start().await;
    let id = sent(&town.app, &jpeg(40, 40)).await;
    let petition = town.file(&with(&[&id])).await;
    assert_eq!(town.read(&petition).await["attachments"][0]["id"], id);
    assert_eq!(town.post("", "/petitions", &with(&[&id])).await.wrong_fields(), ["attachments[0]=taken"]);
    let unknown = "0".repeat(32);
    let wrong = with(&[&unknown, "../../etc/passwd", "", &id.to_uppercase()]);
    let all = ["attachments[1]=unknown_code", "attachments[2]=unknown_code", "attachments[3]=unknown_code"];
    assert_eq!(town.post("", "/petitions", &wrong).await.wrong_fields(), all);
    assert_eq!(town.post("", "/petitions", &with(&[&unknown])).await.wrong_fields(), ["attachments[0]=unknown_code"]);
    let fresh = sent(&town.app, &jpeg(40, 40)).await;
    assert_eq!(town.post("", "/petitions", &with(&[&fresh, &fresh])).await.wrong_fields(), ["attachments[1]=duplicate"]);
    town.file(&with(&[&fresh])).await;
}

#[tokio::test]
async fn a_refused_filing_joins_nothing_and_a_repeated_one_joins_once() {
    let town = Town::start().await;
    let (first, second) = (sent(&town.app, &jpeg(40, 40)).await, sent(&town.app, &pdf("đơn")).await);
    let wrong = with(&[&first, &"0".repeat(32)]);
    assert_eq!(town.post("", "/petitions", &wrong).await.wrong_fields(), ["attachments[1]=unknown_code"]);
    let file = async || {
        let request = town
            .app
            .post("/petitions", &with(&[&second, &first]))
            .header("Idempotency-Key", "7e1f0c3b-52d8-4a96-8b0e-d1c4f7a9263e");
        request.send().await.expect(201).body
    };
    let receipt = file().await;
    assert_eq!(file().await, receipt);
    let petition = crate::town::Petition::of(receipt);
    let kept = town.read(&petition).await["attachments"].clone();
    assert_eq!((&kept[0]["id"], &kept[1]["id"]), (&json!(second), &json!(first)), "in the order in which they were named");
}

#[tokio::test]
async fn what_an_account_uploaded_is_its_own() {
    let town = Town::start().await;
    let id = send_as(&town.app, &town.token(OWNER).await, &jpeg(40, 40)).await.expect(201).text_of("/id");
    assert_eq!(town.post("", "/petitions", &with(&[&id])).await.wrong_fields(), ["attachments[0]=unknown_code"]);
    let mut form = form_of_account();
    form["attachments"] = json!([id]);
    assert_eq!(town.post("other@example.vn", "/petitions", &form).await.wrong_fields(), ["attachments[0]=unknown_code"]);
    town.file_as(OWNER, &form).await;
    // An officer at the counter uploads and types.
    let id = send_as(&town.app, &town.token("clerk").await, &jpeg(40, 40)).await.expect(201).text_of("/id");
    town.file_as("clerk", &with(&[&id])).await;
    // What a guest uploaded joins for whoever knows its id.
    form["attachments"] = json!([sent(&town.app, &jpeg(40, 40)).await]);
    town.file_as(OWNER, &form).await;
}

#[tokio::test]
async fn two_petitions_at_once_do_not_share_a_file() {
    let town = Town::start().await;
    for _ in 0..5 {
        let id = sent(&town.app, &pdf("một")).await;
        let form = with(&[&id]);
        let (one, other) = tokio::join!(town.post("", "/petitions", &form), town.post("", "/petitions", &form));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422]);
    }
}

#[tokio::test]
async fn there_may_be_so_many_of_each_kind_and_of_all() {
    let app = TestApp::start_with(|config| {
        config.attachment_pdf_max_count = 1;
        config.attachments_per_petition = 3;
    })
    .await;
    let file = async |ids: &[String]| app.post("/petitions", &form_with(json!({"attachments": ids}))).send().await;
    let documents = [sent(&app, &pdf("1")).await, sent(&app, &pdf("2")).await];
    assert_eq!(file(&documents).await.wrong_fields(), ["attachments[1]=too_many"]);
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(sent(&app, &jpeg(20, 20)).await);
    }
    assert_eq!(file(&ids).await.wrong_fields(), ["attachments=too_many"]);
    file(&ids[..3]).await.expect(201);
}

#[tokio::test]
async fn kinds_that_need_a_picture_take_a_photo_or_a_video() {
    let app = TestApp::start_with(|config| config.kinds_requiring_photo = vec![PetitionKind::Field]).await;
    let file = async |ids: Value| app.post("/petitions", &form_with(json!({"attachments": ids}))).send().await;
    assert_eq!(file(json!([])).await.wrong_fields(), ["attachments=required"]);
    let document = sent(&app, &pdf("đơn")).await;
    assert_eq!(file(json!([document])).await.wrong_fields(), ["attachments=required"]);
    file(json!([document, sent(&app, &mp4(5000)).await])).await.expect(201);
    file(json!([sent(&app, &jpeg(20, 20)).await])).await.expect(201);
}

#[tokio::test]
async fn a_reply_brings_more() {
    let town = Town::start().await;
    let first = sent(&town.app, &jpeg(40, 40)).await;
    let petition = town.file(&with(&[&first])).await;
    town.bring_to(&petition, "waiting_for_petitioner").await;
    let second = sent(&town.app, &jpeg(40, 40)).await;
    let reply = |ids: Value| json!({"text": "Ở đầu ngõ 12.", "attachments": ids});
    assert_eq!(town.respond(&petition, "reply", reply(json!([first]))).await.wrong_fields(), ["attachments[0]=taken"]);
    assert_eq!(town.respond(&petition, "reply", reply(json!(["x"]))).await.wrong_fields(), ["attachments[0]=unknown_code"]);
    let view = town.respond(&petition, "reply", reply(json!([second]))).await.expect(200).body;
    let ids: Vec<&Value> = view["attachments"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [&json!(first), &json!(second)]);
    assert_eq!(town.document("handler", petition.document).await["attachments"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn unused_files_are_removed_and_used_ones_stay() {
    let town = Town::start().await;
    let (used, unused) = (sent(&town.app, &jpeg(40, 40)).await, sent(&town.app, &jpeg(40, 40)).await);
    let petition = town.file(&with(&[&used])).await;
    town.later(chrono::Duration::hours(23));
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().removed_files, 0);
    town.later(chrono::Duration::hours(2));
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().removed_files, 1);
    assert_eq!(super::stored_files(&town.app), 3);
    assert_eq!(town.post("", "/petitions", &with(&[&unused])).await.wrong_fields(), ["attachments[0]=unknown_code"]);
    let url = town.read(&petition).await["attachments"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(super::fetch(&town.app, &url, "").await.0, 200);
}
