//! The life of a petition, to be read from top to bottom; its turns stand in the modules below.

mod answering;
mod consent;
mod deadlines;
mod handing_on;
mod hidden_words;
mod merging;
mod reopening;
mod shared_answers;
mod silence;

use crate::town::{AGENCY, Town, form_with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_petition_travels_from_a_phone_to_the_figures() {
    let town = Town::start().await;

    // Monday, 8:00: a guest files, and the rules find the ward.
    let petition = town.file(&form_with(json!({"content": "Rác ở đầu ngõ đã ba ngày. Gọi tôi: 0912 345 678."}))).await;
    assert_eq!(petition.receipt["status"], "assigned");
    assert_eq!(petition.receipt["public_status"], "pending");
    assert_eq!(petition.receipt["agency"], json!({"code": AGENCY, "name": "Ủy ban nhân dân phường Võ Cường"}));
    assert_eq!(petition.receipt["document"]["number"], 1);
    assert_eq!(petition.receipt["document"]["year"], 2026);
    assert_eq!(petition.receipt["received_at"], "2026-03-02T08:00:00+07:00");
    assert_eq!(petition.receipt["due_at"], "2026-03-09T17:00:00+07:00", "five working days, the first not counted");
    let document = petition.document;

    // The ward accepts it, and the leader gives it to somebody.
    let accepted = town.act("clerk", document, "accept", json!({})).await.expect(200);
    assert_eq!((&accepted["status"], &accepted["petition"]["status"]), (&json!("accepted"), &json!("in_progress")));
    town.token("deputy").await;
    let assigned = town.act("leader", document, "assign", json!({"account": "deputy"})).await.expect(200);
    assert_eq!((&assigned["status"], &assigned["assignee"]), (&json!("assigned"), &json!("deputy")));

    // At 10:00 they ask something: the clock stands still until the reply two days later, sixteen working hours.
    town.at("2026-03-02T10:00:00+07:00");
    let asked = town.act("deputy", document, "ask", json!({"question": "Ở đầu ngõ nào?"})).await.expect(200);
    assert_eq!((&asked["status"], &asked["petition"]["status"]), (&json!("waiting"), &json!("waiting_for_petitioner")));
    town.at("2026-03-04T10:00:00+07:00");
    let replied = town.respond(&petition, "reply", json!({"text": "Ngõ 12 đường Lý Thái Tổ."})).await.expect(200);
    assert_eq!(replied["status"], "in_progress");
    assert_eq!(replied["deadline"]["paused_working_ms"], 16 * 3_600_000);
    assert_eq!(replied["due_at"], "2026-03-11T17:00:00+07:00", "later by two working days");

    // An answer is drafted and submitted; its author may not approve it, the other leader does.
    let draft = json!({"content": "Đã thu gom rác. Liên hệ 0222 3823 456.", "outcome": "resolved"});
    let drafted = town.act("deputy", document, "draft", draft).await.expect(200);
    assert_eq!((&drafted["status"], &drafted["draft"]["outcome"]), (&json!("in_progress"), &json!("resolved")));
    assert_eq!(town.read(&petition).await["answer"], Value::Null, "a draft is nobody else's business");
    let submitted = town.act("deputy", document, "submit", json!({})).await.expect(200);
    assert_eq!(submitted["petition"]["status"], "awaiting_approval");
    town.act("deputy", document, "approve", json!({})).await.expect_problem(403, "author_may_not_approve");
    let unpublished = town.get("", &format!("/public/petitions/{}", petition.code)).await;
    unpublished.expect_problem(404, "petition_not_found");
    let approved = town.act("leader", document, "approve", json!({})).await.expect(200);
    assert_eq!((&approved["status"], &approved["petition"]["status"]), (&json!("completed"), &json!("answered")));
    assert_eq!(town.read(&petition).await["answer"]["content"], "Đã thu gom rác. Liên hệ 0222 3823 456.");

    // Everybody may read it now, but no person, no number and no exact place.
    let public = town.get("", &format!("/public/petitions/{}", petition.code)).await.expect(200);
    assert_eq!(public["content"], "Rác ở đầu ngõ đã ba ngày. Gọi tôi: […].");
    assert_eq!(public["answer"], "Đã thu gom rác. Liên hệ […].");
    assert_eq!(public["location"], json!({"latitude": 21.186, "longitude": 106.077}));
    assert_eq!((&public["public_status"], &public["rating"]), (&json!("handled"), &Value::Null));
    assert!(!public.text.contains("Nguyễn Văn An"));

    // The petitioner is content, and the petition is closed.
    let rated = town.respond(&petition, "rating", json!({"score": 5})).await.expect(200);
    assert_eq!((&rated["status"], &rated["answer"]["score"]), (&json!("closed"), &json!(5)));

    // The petitioner was told what concerns them; the officers know everything.
    assert_eq!(town.told(&petition).await, ["file", "accept", "ask", "reply", "approve", "rate"]);
    let recorded = ["file", "accept", "assign", "ask", "reply", "draft", "submit", "approve", "rate"];
    assert_eq!(town.recorded("leader", &petition).await, recorded);

    // The province sees one more petition, handled in time.
    let figures = town.get("", "/statistics/summary?period=2026&measures=received,handled,mean_rating").await.expect(200);
    let figures = figures.text;
    for figure in ["\"received\":1", "\"handled\":1", "\"mean_rating\":5.0"] {
        assert!(figures.contains(figure), "{figure} in {figures}");
    }
}

#[tokio::test]
async fn the_timeline_names_who_when_and_what_came_of_it() {
    let town = Town::start().await;
    let petition = town.filed("waiting_for_petitioner").await;
    town.at("2026-03-03T09:00:00+07:00");
    town.respond(&petition, "reply", json!({"text": "Ngõ 12."})).await.expect(200);
    let timeline = town.get("handler", &format!("/petitions/{}/timeline", petition.code)).await.expect(200);
    let items = timeline["items"].as_array().unwrap();
    let sequence: Vec<i64> = items.iter().map(|entry| entry["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequence, [1, 2, 3, 4]);
    assert_eq!((&items[0]["actor"], &items[0]["status"]), (&json!("petitioner"), &json!("assigned")));
    assert_eq!(items[0]["detail"], json!({"channel": "mobile", "agency": AGENCY}));
    assert_eq!((&items[2]["actor"], &items[2]["note"]), (&json!("officer"), &json!("Ở đoạn nào của đường?")));
    assert_eq!((&items[3]["at"], &items[3]["note"]), (&json!("2026-03-03T09:00:00+07:00"), &json!("Ngõ 12.")));
    assert_eq!(items[3]["public_status"], "in_progress");
    assert_eq!(items[3]["detail"]["paused_working_ms"], 9 * 3_600_000);
    assert!(!timeline.text.contains("Nguyễn Văn An"), "no person in the timeline");
}

#[tokio::test]
async fn the_timeline_is_read_page_by_page() {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    let mut path = format!("/petitions/{}/timeline?limit=2", petition.code);
    let mut seen = Vec::new();
    loop {
        let page = town.get("handler", &path).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["sequence"].as_i64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/petitions/{}/timeline?limit=2&cursor={cursor}", petition.code);
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_code_is_read_in_any_spelling() {
    let town = Town::start().await;
    let petition = town.file(&crate::town::form()).await;
    let bare = petition.code.replace('-', "").to_lowercase();
    let read = town.app.get(&format!("/petitions/{bare}")).header("x-tracking-token", &petition.tracking).send().await;
    assert_eq!(read.expect(200)["code"], petition.code);
    let mut wrong = petition.code.clone();
    let last = if wrong.pop() == Some('A') { 'B' } else { 'A' };
    wrong.push(last);
    town.get("coordinator", &format!("/petitions/{wrong}")).await.expect_problem(404, "petition_not_found");
}

#[tokio::test]
async fn a_change_says_which_version_it_read() {
    let town = Town::start().await;
    let petition = town.file(&crate::town::form()).await;
    let token = town.token("clerk").await;
    let path = format!("/documents/{}", petition.document);
    let read = town.get("clerk", &path).await;
    assert_eq!(read.header("etag"), "\"1\"");
    let note = |version: &str| {
        let request = town.app.post(&format!("{path}/note"), &json!({"text": "Đã xem."}));
        request.token(&token).header("if-match", version).send()
    };
    let noted = note("\"1\"").await;
    assert_eq!(noted.expect(200).header("etag"), "\"2\"");
    note("\"1\"").await.expect_problem(412, "stale_version");
    note("*").await.expect(200);
    let withdraw = |version: &str| {
        let request = town.app.post(&format!("/petitions/{}/withdraw", petition.code), &json!({}));
        request.header("x-tracking-token", &petition.tracking).header("if-match", version).send()
    };
    withdraw("\"1\"").await.expect_problem(412, "stale_version");
    withdraw("\"3\"").await.expect(200);
}
