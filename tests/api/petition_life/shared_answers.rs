//! What those around a duplicate learn of the petition that it repeats: the masked answer, never a person, a score or a note; and that
//! its petitioner is told of every end, once.

use crate::town::{AGENCY, OTHER_AGENCY, OWNER, Petition, Town, form, form_of_account, form_with};
use chrono::Duration;
use pakn::config::Secret;
use pakn::ops::jobs::run_maintenance;
use serde_json::{Value, json};

/// What must not be read by anybody around the duplicate.
const SECRETS: [&str; 6] = ["Bí Mật", "bi mat", "0977", "thu.bi.mat", "Chưa sạch", "Ngõ Kín"];

async fn secretive(town: &Town) -> Petition {
    let person =
        json!({"kind": "citizen", "full_name": "Phạm Thị Bí Mật", "phone": "0977000111", "email": "thu.bi.mat@example.vn"});
    let place = json!({"latitude": 21.186_149, "longitude": 106.076_551, "address": "Số 7 Ngõ Kín"});
    town.file(&form_with(json!({"petitioner": person, "location": place, "hide_identity": true}))).await
}

async fn answer_to(town: &Town, petition: &Petition, content: &str) {
    let document = town.present_document(petition).await;
    for (who, action, body) in [
        ("clerk", "accept", json!({})),
        ("handler", "draft", json!({"content": content, "outcome": "resolved"})),
        ("handler", "submit", json!({})),
        ("leader", "approve", json!({})),
    ] {
        let done = town.act(who, document, action, body).await;
        assert!(action == "accept" || done.status == 200, "{action}: {}", done.text);
    }
}

async fn merge(town: &Town, duplicate: &Petition, into: &Petition) {
    town.coordinate(duplicate, "merge", json!({"into": into.code})).await.expect(200);
}

const ANSWER: &str = "Chào bà Phạm Thị Bí Mật (0977 000 111, thu.bi.mat@example.vn) và ông Nguyễn Văn An, phường đã dọn rác.";

#[tokio::test]
async fn nobody_around_a_duplicate_reads_the_person_the_score_or_the_comment_of_the_other() {
    let town = Town::start().await;
    let first = secretive(&town).await;
    let key = json!({"name": "Cổng quốc gia", "partner": "dvcqg", "scope": "exchange"});
    let key = town.post("admin", "/admin/api-keys", &key).await.expect(201).text_of("/key");
    let mut of_partner = form_with(json!({"partner_id": "DVC-9"}));
    of_partner.as_object_mut().unwrap().remove("channel");
    let partners = town.app.post("/exchange/petitions", &of_partner).header("X-Api-Key", &key).send().await.expect(201);
    let partners = Petition::of(partners.body);
    // The coordinator merges across agencies: those of the duplicate have nothing to do with the other petition.
    let elsewhere = town.file(&form_with(json!({"area": "09187"}))).await;
    assert_eq!(elsewhere.receipt["agency"]["code"], OTHER_AGENCY);
    merge(&town, &elsewhere, &first).await;
    merge(&town, &partners, &first).await;
    answer_to(&town, &first, ANSWER).await;
    town.respond(&first, "rating", json!({"score": 1, "comment": "Chưa sạch đâu."})).await.expect(200);

    let code = &elsewhere.code;
    let guest = town.read(&elsewhere).await;
    let own_timeline = town.app.get(&format!("/petitions/{code}/timeline")).header("x-tracking-token", &elsewhere.tracking);
    let mut seen = vec![guest.clone(), own_timeline.send().await.expect(200).body];
    for (who, path) in [
        ("elsewhere", format!("/documents/{}", elsewhere.document)),
        ("elsewhere", format!("/petitions/{code}")),
        ("elsewhere", format!("/petitions/{code}/timeline")),
        ("elsewhere", "/documents".to_owned()),
        ("elsewhere", "/me/notifications".to_owned()),
        ("coordinator", format!("/petitions/{code}")),
    ] {
        seen.push(town.get(who, &path).await.expect(200).body);
    }
    for path in ["/exchange/petitions/DVC-9", "/exchange/petitions"] {
        town.later(Duration::minutes(1));
        seen.push(town.app.get(path).header("X-Api-Key", &key).send().await.expect(200).body);
    }
    for view in &seen {
        let text = view.to_string().to_lowercase();
        for secret in SECRETS {
            assert!(!text.contains(&secret.to_lowercase()), "{secret} in {view}");
        }
    }
    for answer in [&guest["answer"], &seen[2]["petition"]["answer"], &seen[3]["answer"], &seen[7]["answer"], &seen[8]["answer"]] {
        let content = answer["content"].as_str().unwrap();
        assert!(content.ends_with("phường đã dọn rác.") && content.matches("[…]").count() >= 3, "{content}");
        assert!(!content.contains("Nguyễn Văn An"), "the duplicate's own person is masked too: {content}");
        assert_eq!((&answer["score"], &answer["comment"]), (&Value::Null, &Value::Null));
        assert_eq!(answer["outcome"], "resolved");
    }
    assert_eq!((&guest["answer"]["agency"]["code"], &guest["public_status"]), (&json!(AGENCY), &json!("duplicate")));
    assert!(guest["answer"]["answered_at"].is_string());
    assert_eq!(guest["allowed_actions"], json!([]), "there is nothing to rate and nothing to look at again");
    let own = town.read(&first).await;
    assert_eq!(
        (&own["answer"]["content"], &own["answer"]["score"]),
        (&json!(ANSWER), &json!(1)),
        "the petitioner's own is whole"
    );
}

#[tokio::test]
async fn those_around_a_duplicate_read_the_public_words_and_none_once_they_are_taken_down() {
    let town = Town::start().await;
    let first = secretive(&town).await;
    let key = json!({"name": "Cổng quốc gia", "partner": "dvcqg", "scope": "exchange"});
    let key = town.post("admin", "/admin/api-keys", &key).await.expect(201).text_of("/key");
    let mut of_partner = form_with(json!({"partner_id": "DVC-9"}));
    of_partner.as_object_mut().unwrap().remove("channel");
    let partners = town.app.post("/exchange/petitions", &of_partner).header("X-Api-Key", &key).send().await.expect(201);
    let partners = Petition::of(partners.body);
    let elsewhere = town.file(&form_with(json!({"area": "09187"}))).await;
    merge(&town, &elsewhere, &first).await;
    merge(&town, &partners, &first).await;
    answer_to(&town, &first, ANSWER).await;
    for (changes, is_public) in [
        (json!({}), true),
        (json!({"answer": "Phường đã dọn, cảm ơn bà Phạm Thị Bí Mật."}), true),
        (json!({"published": false, "reason": "Nêu tên người khác."}), false),
        (json!({"published": true, "reason": "Đã sửa."}), true),
    ] {
        town.later(Duration::minutes(1));
        if changes != json!({}) {
            let path = format!("/documents/{}/publication", first.document);
            town.app.patch(&path, &changes).token(&town.token("leader").await).send().await.expect(200);
        }
        let public = town.get("", &format!("/public/petitions/{}", first.code)).await;
        assert_eq!(public.status == 200, is_public, "{changes}");
        let words = if is_public { public["answer"].clone() } else { Value::Null };
        let guest = town.read(&elsewhere).await;
        let officer = town.document("elsewhere", elsewhere.document).await;
        let partner = town.app.get("/exchange/petitions/DVC-9").header("X-Api-Key", &key).send().await.expect(200).body;
        for answer in [&guest["answer"], &officer["petition"]["answer"], &partner["answer"]] {
            assert_eq!((&answer["content"], &answer["outcome"]), (&words, &json!("resolved")), "{changes}");
            assert!(answer["answered_at"].is_string(), "{changes}");
        }
        assert_eq!(guest["answer"]["agency"]["code"], AGENCY);
    }
    assert_eq!(town.read(&first).await["answer"]["content"], ANSWER, "the petitioner's own is whole");
}

/// A town that writes letters, which nobody sends here: each is a line of the outbox.
async fn town_with_letters() -> Town {
    Town::start_with(|config| {
        config.smtp_url = Some(Secret::new("smtp://127.0.0.1:9".to_owned()));
        config.mail_from = Some("PAKN <pakn@bacninh.gov.vn>".to_owned());
    })
    .await
}

/// A guest with an address of their own files.
async fn file_for(town: &Town, email: &str) -> Petition {
    town.file(&form_with(json!({"petitioner": {"kind": "citizen", "full_name": "Nguyễn Thị Ánh", "email": email}}))).await
}

/// What the petitioner of a petition got letters about, beside that it was filed and accepted.
async fn letters(town: &Town, petition: &Petition) -> Vec<String> {
    let path = format!("/petitions/{}/timeline?limit=100", petition.code);
    let timeline = town.get("coordinator", &path).await.expect(200).body;
    let lines = town.get("admin", &format!("/admin/outbox?limit=100&petition={}", petition.code)).await.expect(200).body;
    let mut sequences: Vec<i64> =
        lines["items"].as_array().unwrap().iter().map(|line| line["sequence"].as_i64().unwrap()).collect();
    sequences.sort_unstable();
    let entries = timeline["items"].as_array().unwrap();
    let of = |sequence: i64| entries.iter().find(|entry| entry["sequence"] == sequence).unwrap();
    let words = sequences.into_iter().map(|sequence| {
        let entry = of(sequence);
        let ending = entry["detail"]["original_status"].as_str().map(|word| format!(" {word}")).unwrap_or_default();
        format!("{}{ending}", entry["action"].as_str().unwrap())
    });
    words.filter(|word| word != "file" && word != "accept").collect()
}

#[tokio::test]
async fn the_petitioner_of_a_duplicate_is_told_of_an_answer_and_of_the_next_one_after_a_reopening() {
    let town = town_with_letters().await;
    let (first, second) = (town.filed("in_progress").await, file_for(&town, "anh@example.vn").await);
    merge(&town, &second, &first).await;
    answer_to(&town, &first, "Đã dọn.").await;
    assert_eq!(letters(&town, &second).await, ["merge", "share_answer answered"]);
    town.respond(&first, "reopen", json!({"reason": "Lại đầy."})).await.expect(200);
    town.act("leader", first.document, "grant_reopening", json!({})).await.expect(200);
    answer_to(&town, &first, "Đã dọn lại.").await;
    assert_eq!(letters(&town, &second).await, ["merge", "share_answer answered", "share_answer answered"]);
    assert_eq!(town.read(&second).await["answer"]["content"], "Đã dọn lại.");
    // What ends without anything new is told to nobody.
    town.respond(&first, "rating", json!({"score": 5})).await.expect(200);
    assert_eq!(letters(&town, &second).await.len(), 3);
}

#[tokio::test]
async fn the_petitioner_of_a_duplicate_is_told_that_the_other_was_refused_or_never_replied_to() {
    let town = town_with_letters().await;
    let (first, second) = (town.file(&form()).await, file_for(&town, "anh@example.vn").await);
    merge(&town, &second, &first).await;
    let refusal = json!({"reason_code": "false_content", "note": "Ông An nói không đúng."});
    town.act("leader", first.document, "refuse", refusal).await.expect(200);
    assert_eq!(letters(&town, &second).await, ["merge", "share_answer refused"]);
    let told = town.read(&second).await;
    assert_eq!((&told["refusal"]["reason_code"], &told["refusal"]["note"]), (&json!("false_content"), &Value::Null));
    assert!(!town.get("coordinator", &format!("/petitions/{}/timeline", second.code)).await.text.contains("Ông An"));

    let (silent, third) = (town.filed("waiting_for_petitioner").await, file_for(&town, "ba@example.vn").await);
    merge(&town, &third, &silent).await;
    town.later(Duration::days(10));
    run_maintenance(&town.app.app).await.expect("a round");
    assert_eq!(letters(&town, &third).await, ["merge", "share_answer refused"]);
    let told = town.read(&third).await;
    assert_eq!((&told["public_status"], &told["refusal"]["reason_code"]), (&json!("duplicate"), &json!("no_reply")));
    assert!(
        told["refusal"]["guidance"].as_str().unwrap().contains("được xử lý chung"),
        "it was not they who kept silent: {told}"
    );
}

#[tokio::test]
async fn what_repeats_an_answered_petition_is_told_at_once_and_in_one_letter() {
    let town = town_with_letters().await;
    for state in ["answered", "closed"] {
        let (first, second) = (town.filed(state).await, file_for(&town, "anh@example.vn").await);
        merge(&town, &second, &first).await;
        assert_eq!(letters(&town, &second).await, ["merge answered"], "{state}");
    }
}

#[tokio::test]
async fn a_person_gets_one_message_of_an_event_however_often_they_filed() {
    let town = town_with_letters().await;
    // The same guest twice, somebody else twice with an account and once as a guest with its address.
    let first = file_for(&town, "anh@example.vn").await;
    let again = file_for(&town, "anh@example.vn").await;
    let (one, two) = (town.file_as(OWNER, &form_of_account()).await, town.file_as(OWNER, &form_of_account()).await);
    let as_guest = file_for(&town, OWNER).await;
    let other = file_for(&town, "khac@example.vn").await;
    for duplicate in [&again, &one, &two, &as_guest, &other] {
        merge(&town, duplicate, &first).await;
    }
    answer_to(&town, &first, "Đã dọn.").await;
    assert_eq!(letters(&town, &first).await, ["approve"]);
    let mut shared = Vec::new();
    for duplicate in [&again, &one, &two, &as_guest, &other] {
        shared.push(letters(&town, duplicate).await.iter().filter(|word| word.starts_with("share_answer")).count());
    }
    assert_eq!(shared, [0, 1, 0, 0, 1]);
    let notifications = town.get(OWNER, "/me/notifications").await.expect(200).body;
    let of_answers = notifications["items"].as_array().unwrap().iter().filter(|line| line["action"] == "share_answer").count();
    assert_eq!(of_answers, 1);
    for duplicate in [&again, &two, &as_guest] {
        assert_eq!(town.get("coordinator", &format!("/petitions/{}", duplicate.code)).await["answer"]["content"], "Đã dọn.");
    }
}
