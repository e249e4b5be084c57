//! What everybody reads: shown to the approver beside its source, changed, taken down, put back, and gone with the petition.

mod merged;

use crate::app::Answered;
use crate::town::{Petition, Town, draft, form_with};
use crate::verify::{by_hand, report};
use chrono::Duration;
use pakn::ops::jobs::run_maintenance;
use pakn::petitions::publication::ensure_masked;
use serde_json::{Value, json};

const WORDS: &str =
    "Tôi là NGUYEN VAN AN, số 12 ngõ 5. Gọi (0912) 345 678 hoặc an [at] example.vn, xe 99A-123.45. Nợ 120 000 000 đồng.";
const MASKED: &str = "Tôi là […], […]. Gọi […] hoặc […], xe […]. Nợ 120 000 000 đồng.";

async fn file(town: &Town) -> Petition {
    let place = json!({"latitude": 21.186_149, "longitude": 106.076_551, "address": "Số 12 ngõ 5 đường Lý Thái Tổ"});
    town.file(&form_with(json!({"title": "Rác ở 0912,345,678", "content": WORDS, "location": place}))).await
}

/// Changes the public version: an officer by the document, the coordinator by the petition.
async fn change(town: &Town, who: &str, petition: &Petition, body: Value) -> Answered {
    let path = match who {
        "coordinator" => format!("/coordination/{}/publication", petition.code),
        _ => format!("/documents/{}/publication", petition.document),
    };
    town.app.patch(&path, &body).token(&town.token(who).await).send().await
}

async fn publication(town: &Town, who: &str, petition: &Petition) -> Answered {
    town.get(who, &format!("/documents/{}/publication", petition.document)).await
}

async fn public(town: &Town, petition: &Petition) -> Option<Value> {
    let answer = town.get("", &format!("/public/petitions/{}", petition.code)).await;
    let listed = town.get("", "/public/petitions?limit=100").await.expect(200).text.contains(&petition.code);
    let requests = town.app.outside(reqwest::Method::GET, &format!("/open311/v2/requests/{}.json", petition.code));
    let open311 = requests.send().await.status == 200;
    let is_public = answer.status == 200;
    assert_eq!((listed, open311), (is_public, is_public), "list and Open311 say the same");
    is_public.then_some(answer.body)
}

#[tokio::test]
async fn the_approver_sees_what_everybody_will_read_and_can_change_it() {
    let town = Town::start().await;
    let petition = file(&town).await;
    town.bring_to(&petition, "awaiting_approval").await;
    let seen = publication(&town, "leader", &petition).await.expect(200);
    assert_eq!((&seen["is_public"], &seen["published"]), (&json!(false), &json!(true)));
    assert_eq!((&seen["content"]["source"], &seen["content"]["public"]), (&json!(WORDS), &json!(MASKED)));
    assert_eq!(seen["title"]["public"], "Rác ở […]");
    assert_eq!(seen["title"]["masked"], json!([{"kind": "number", "at": 6, "length": 12}]));
    let kinds: Vec<&str> = seen["content"]["masked"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["name", "address", "number", "contact", "plate"]);
    assert_eq!(seen["answer"]["public"], draft()["content"]);
    assert_eq!(seen["location"], json!({"latitude": 21.186, "longitude": 106.077}));

    // What is chosen instead is masked as well.
    let words = json!({"title": "Rác ở đầu ngõ", "answer": "Đã dọn. Ông Nguyễn Văn An, 0912·345·678, đã được báo."});
    change(&town, "handler", &petition, words.clone()).await.expect_problem(403, "role_missing");
    change(&town, "elsewhere", &petition, words.clone()).await.expect_problem(404, "document_not_found");
    let stale =
        town.app.patch(&format!("/documents/{}/publication", petition.document), &words).token(&town.token("leader").await);
    stale.header("If-Match", "\"0\"").send().await.expect_problem(412, "stale_version");
    let changed = change(&town, "leader", &petition, words).await.expect(200);
    assert_eq!((&changed["title"]["public"], &changed["title"]["is_changed"]), (&json!("Rác ở đầu ngõ"), &json!(true)));
    assert_eq!(changed["answer"]["public"], "Đã dọn. Ông […], […], đã được báo.");
    assert_eq!(changed.header("etag"), format!("\"{}\"", changed["version"]));
    assert_eq!(public(&town, &petition).await, None, "nothing is published before the answer is sent");
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let read = public(&town, &petition).await.unwrap();
    assert_eq!((&read["title"], &read["content"]), (&json!("Rác ở đầu ngõ"), &json!(MASKED)));
    assert_eq!(read["answer"], "Đã dọn. Ông […], […], đã được báo.");
    assert_eq!(town.read(&petition).await["answer"]["content"], draft()["content"], "the petitioner gets the answer itself");

    // After approval too, and back to what masking gives.
    let other = json!({"content": "Rác chất đống ở đầu ngõ, gọi zalo.me/0912345678.", "title": null, "answer": null});
    change(&town, "leader", &petition, other).await.expect(200);
    let read = public(&town, &petition).await.unwrap();
    assert_eq!((&read["title"], &read["content"]), (&json!("Rác ở […]"), &json!("Rác chất đống ở đầu ngõ, gọi […].")));
    assert_eq!(read["answer"], draft()["content"]);
    assert_eq!(town.recorded("leader", &petition).await.iter().filter(|action| *action == "moderate").count(), 2);
    assert!(!town.told(&petition).await.contains(&"moderate".to_owned()), "the petitioner does not see it");
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn a_publication_is_taken_down_and_put_back_with_a_reason() {
    let town = Town::start().await;
    let petition = file(&town).await;
    town.bring_to(&petition, "in_progress").await;
    change(&town, "leader", &petition, json!({"title": "Rác ở ngõ"})).await.expect_problem(409, "wrong_state");
    town.act("handler", petition.document, "draft", draft()).await.expect(200);
    town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let before = public(&town, &petition).await.unwrap();
    for who in ["leader", "coordinator"] {
        for (body, wrong) in [
            (json!({"published": false}), "reason=required"),
            (json!({"published": true, "reason": "\u{3164}"}), "reason=required"),
            (json!({}), "published=required"),
            (json!({"title": "\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}"}), "title=required"),
            (json!({"content": "ngắn"}), "content=too_short"),
        ] {
            assert_eq!(change(&town, who, &petition, body).await.wrong_fields(), [wrong], "{who}");
        }
        let down = change(&town, who, &petition, json!({"published": false, "reason": "Nêu tên hàng xóm."})).await.expect(200);
        assert_eq!(
            (&down["is_public"], &down["published"], &down["reason"]),
            (&json!(false), &json!(false), &json!("Nêu tên hàng xóm."))
        );
        assert_eq!(public(&town, &petition).await, None);
        // Other words do not put it back.
        change(&town, who, &petition, json!({"title": "Rác ở ngõ nhỏ"})).await.expect(200);
        assert_eq!(public(&town, &petition).await, None);
        assert_eq!(report(&town.app).await.0, Vec::<String>::new());
        let back =
            change(&town, who, &petition, json!({"published": true, "reason": "Đã sửa.", "title": null})).await.expect(200);
        assert_eq!(back["is_public"], true);
        assert_eq!(public(&town, &petition).await.unwrap(), before, "as it was, with its place in the list");
    }
    let entries = town.get("leader", &format!("/petitions/{}/timeline?limit=100", petition.code)).await.expect(200);
    let moderated: Vec<&Value> = entries["items"].as_array().unwrap().iter().filter(|it| it["action"] == "moderate").collect();
    assert_eq!((moderated.len(), &moderated[0]["note"]), (6, &json!("Nêu tên hàng xóm.")));
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn images_end_with_the_publication() {
    let town = Town::start_with(|config| config.publish_images = true).await;
    let body = crate::media::multipart("file", "ảnh.jpg", "image/jpeg", &crate::media::jpeg(24, 24));
    let sent = town.app.request(reqwest::Method::POST, "/attachments").body(&crate::media::multipart_type(), body);
    let photo = sent.send().await.expect(201).text_of("/id");
    let petition = town.file(&form_with(json!({"attachments": [photo]}))).await;
    town.bring_to(&petition, "answered").await;
    let read = public(&town, &petition).await.unwrap();
    let link = read["attachments"][0]["url"].as_str().unwrap().to_owned();
    let own = town.document("clerk", petition.document).await["attachments"][0]["url"].as_str().unwrap().to_owned();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |link: &str| {
        let address = format!("http://{}{link}", town.app.address());
        client.get(address).send().await.unwrap().status().as_u16()
    };
    assert_eq!((status(&link).await, status(&own).await), (200, 200));
    change(&town, "leader", &petition, json!({"published": false, "reason": "Ảnh có người."})).await.expect(200);
    assert_eq!((status(&link).await, status(&own).await), (404, 200));
}

#[tokio::test]
async fn what_must_not_be_public_is_not_published_by_the_approval() {
    let town = Town::start().await;
    let petition = file(&town).await;
    town.bring_to(&petition, "awaiting_approval").await;
    change(&town, "leader", &petition, json!({"published": false, "reason": "Vụ việc của trẻ em."})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    assert_eq!(public(&town, &petition).await, None);
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

/// Answered, reopened and in work again.
async fn reopened(town: &Town) -> Petition {
    let petition = file(town).await;
    town.bring_to(&petition, "answered").await;
    town.respond(&petition, "reopen", json!({"reason": "Vẫn còn rác."})).await.expect(200);
    town.act("leader", petition.document, "grant_reopening", json!({})).await.expect(200);
    petition
}

#[tokio::test]
async fn what_is_public_follows_the_petition_after_reopening() {
    let town = Town::start().await;
    let (answered, silent, merged) = (reopened(&town).await, reopened(&town).await, reopened(&town).await);
    for petition in [&answered, &silent, &merged] {
        let read = public(&town, petition).await.expect("the first answer stays while there is another look");
        assert_eq!((&read["public_status"], &read["answer"]), (&json!("in_progress"), &draft()["content"]));
    }
    // Words chosen for the second answer do not touch the first one, which is public still.
    let second = json!({"content": "Đã dọn lần hai.", "outcome": "resolved"});
    town.act("handler", answered.document, "draft", second).await.expect(200);
    town.act("handler", answered.document, "submit", json!({})).await.expect(200);
    change(&town, "leader", &answered, json!({"answer": "Đã dọn sạch."})).await.expect(200);
    assert_eq!(public(&town, &answered).await.unwrap()["answer"], draft()["content"]);
    // Nor do they count for other words than those for which they were chosen.
    town.act("leader", answered.document, "send_back", json!({"note": "Viết rõ hơn."})).await.expect(200);
    let third = json!({"content": "Đã dọn lần hai, có biên bản.", "outcome": "resolved"});
    town.act("handler", answered.document, "draft", third).await.expect(200);
    town.act("handler", answered.document, "submit", json!({})).await.expect(200);
    town.act("leader", answered.document, "approve", json!({})).await.expect(200);
    assert_eq!(public(&town, &answered).await.unwrap()["answer"], "Đã dọn lần hai, có biên bản.");

    town.act("leader", merged.document, "merge", json!({"into": answered.code})).await.expect(200);
    assert_eq!(public(&town, &merged).await, None, "it is found under the other one");
    town.act("handler", silent.document, "ask", json!({"question": "Ở đoạn nào?"})).await.expect(200);
    town.later(Duration::days(11));
    run_maintenance(&town.app.app).await.unwrap();
    assert_eq!(town.read(&silent).await["status"], "refused");
    assert_eq!(public(&town, &silent).await, None);
    change(&town, "coordinator", &silent, json!({"published": true, "reason": "Thử."})).await.expect_problem(409, "wrong_state");
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_not_what_masking_and_moderation_give_is_named() {
    let town = Town::start().await;
    let petition = file(&town).await;
    town.bring_to(&petition, "answered").await;
    let words = json!({"title": "Rác ở đầu ngõ", "answer": "Đã dọn sạch."});
    change(&town, "leader", &petition, words).await.expect(200);
    for (deed, undo, said) in [
        (
            "UPDATE publications SET answer = 'Đã dọn.'",
            "UPDATE publications SET answer = 'Đã dọn sạch.'",
            "its public answer is not what masking gives of the source",
        ),
        (
            "UPDATE publications SET content = REPLACE(content, 'Nợ', 'Vay')",
            "UPDATE publications SET content = REPLACE(content, 'Vay', 'Nợ')",
            "its public content is not what masking gives of the source",
        ),
        (
            "UPDATE publications SET outcome = 'explained'",
            "UPDATE publications SET outcome = 'resolved'",
            "its public outcome is not",
        ),
        ("UPDATE publications SET latitude = 21.2", "UPDATE publications SET latitude = 21.186", "its public place is not what"),
        (
            "UPDATE moderations SET title = 'Rác khắp nơi'",
            "UPDATE moderations SET title = 'Rác ở đầu ngõ'",
            "the public words that were chosen are not those of their hash",
        ),
        (
            "UPDATE moderated_answers SET content = 'Chưa dọn.'",
            "UPDATE moderated_answers SET content = 'Đã dọn sạch.'",
            "are not those of their hash",
        ),
        (
            "UPDATE moderations SET text_hash = text_hash || 'a'",
            "UPDATE moderations SET text_hash = SUBSTR(text_hash, 1, 64)",
            "what was decided about its publication is not what the timeline says",
        ),
        ("UPDATE petitions SET status = 'refused'", "UPDATE petitions SET status = 'answered'", "it is published and is refused"),
    ] {
        by_hand(&town.app, deed).await;
        let findings = report(&town.app).await.0;
        assert!(findings.iter().any(|finding| finding.contains(said)), "{deed}: {findings:#?}");
        by_hand(&town.app, undo).await;
        assert_eq!(report(&town.app).await.0, Vec::<String>::new(), "{undo}");
    }
    by_hand(&town.app, "DELETE FROM publications").await;
    assert_eq!(report(&town.app).await.0, [format!("publications: {}: it is answered and not published", petition.code)]);
}

#[tokio::test]
async fn what_earlier_rules_have_published_is_masked_anew() {
    let town = Town::start().await;
    let petition = file(&town).await;
    town.bring_to(&petition, "answered").await;
    let before = public(&town, &petition).await.unwrap();
    by_hand(&town.app, "UPDATE publications SET masked_by = 0, content = 'Gọi (0912) 345 678', search_text = ''").await;
    ensure_masked(&town.app.app).await.unwrap();
    assert_eq!(public(&town, &petition).await.unwrap(), before);
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn after_any_course_of_things_exactly_what_ought_to_be_public_is() {
    let town = Town::start().await;
    let mut petitions = Vec::new();
    for _ in 0..5 {
        petitions.push((file(&town).await, true));
    }
    let mut state = 20_260_302_u64;
    for _ in 0..400 {
        // A fixed sequence that looks random (Knuth's MMIX).
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let draw = state >> 33;
        let place = usize::try_from(draw % 5).unwrap();
        let (petition, wished) = &mut petitions[place];
        let deeds = [
            ("clerk", "accept", json!({})),
            ("handler", "draft", draft()),
            ("handler", "submit", json!({})),
            ("leader", "approve", json!({})),
            ("leader", "send_back", json!({"note": "Viết rõ hơn."})),
            ("leader", "grant_reopening", json!({})),
            ("leader", "publication", json!({"published": !draw.is_multiple_of(3), "reason": "Theo quy chế."})),
            ("leader", "publication", json!({"title": "Rác ở đầu ngõ", "answer": "Đã dọn, gọi 0912 345 678."})),
            ("", "reopen", json!({"reason": "Vẫn còn rác."})),
            match draw % 6 {
                0 => ("leader", "refuse", json!({"reason_code": "unclear"})),
                _ => ("leader", "accept", json!({})),
            },
            ("handler", "submit", json!({})),
            ("leader", "approve", json!({})),
        ];
        let (who, action, body) = deeds[usize::try_from(draw / 5 % 12).unwrap()].clone();
        let wish = body["published"].as_bool();
        let done = match (who, action) {
            ("", action) => town.respond(petition, action, body).await,
            (who, "publication") => change(&town, who, petition, body).await,
            (who, action) => town.act(who, petition.document, action, body).await,
        };
        if done.status == 200 {
            *wished = wish.unwrap_or(*wished);
        }
    }
    let merged = town.coordinate(&petitions[0].0, "merge", json!({"into": petitions[1].0.code})).await;
    assert!([200, 409].contains(&merged.status), "{}", merged.text);
    let mut shown = 0;
    for (petition, wished) in &petitions {
        let read = town.read(petition).await;
        let is_valid = !["refused", "withdrawn", "duplicate"].contains(&read["status"].as_str().unwrap());
        let is_answered = town.told(petition).await.iter().any(|action| action == "approve");
        let read = public(&town, petition).await;
        assert_eq!(read.is_some(), is_valid && is_answered && *wished, "{}", petition.code);
        shown += usize::from(read.is_some());
    }
    assert!(shown > 0, "the course publishes something");
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}
