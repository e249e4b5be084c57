//! A document that answers one of ours: a draft that a leader approves, never an answer by itself.

use super::{Exchange, file};
use serde_json::{Value, json};

fn reply(document: &str, number: u32, content: &str) -> String {
    let filled = file("reply.xml").replace("{{DOCUMENT}}", document).replace("{{NUMBER}}", &number.to_string());
    filled.replace("{{CONTENT}}", content)
}

const CONTENT: &str = "UBND phường đã cho thu gom toàn bộ rác trong ngày 03/3/2026.";

#[tokio::test]
async fn a_reply_becomes_a_draft_that_a_leader_approves() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.put("reply.edxml", reply(&document, 15, CONTENT));
    let done = exchange.round().await;
    assert_eq!((done.taken.stored, done.sent.sent), (1, 1));
    assert_eq!(exchange.state_of(&petition).await, "awaiting_approval");
    assert_eq!(exchange.town.recorded("clerk", &petition).await, ["file", "accept", "draft", "submit"]);
    assert_eq!(exchange.town.told(&petition).await, ["file", "accept"], "nothing was answered yet");
    let kept = exchange.came_in("applied").await;
    assert!(!kept.to_string().contains("thu gom"), "the list holds no content: {kept}");
    // The sender is told that it was taken.
    let (_, text) = exchange.files("outbox").into_iter().find(|(name, _)| name.starts_with("status-")).unwrap();
    assert!(text.contains("<edXML:StatusCode>03<") && text.contains("H05.14,2026/03/03,15/UBND-VP"), "{text}");

    exchange.town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let answered = exchange.town.read(&petition).await;
    assert_eq!((&answered["status"], &answered["answer"]["content"]), (&json!("answered"), &json!(CONTENT)), "{answered}");
    // Answered is not taken back: nothing is recalled.
    assert_eq!(exchange.round().await.sent, Default::default());
}

#[tokio::test]
async fn the_leader_may_send_a_reply_back_and_the_next_one_takes_its_place() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.put("1.edxml", reply(&document, 15, "Đang xem xét."));
    exchange.round().await;
    // While it waits for the leader, another one does not fit.
    exchange.put("2.edxml", reply(&document, 16, CONTENT));
    exchange.round().await;
    assert_eq!(exchange.came_in("unfitting").await["problem"], "wrong_state");
    exchange.town.act("leader", petition.document, "send_back", json!({"note": "Chưa rõ"})).await.expect(200);
    // The same document once more: now it does.
    exchange.put("3.edxml", reply(&document, 16, CONTENT));
    exchange.round().await;
    assert_eq!(exchange.messages("?state=unfitting").await.len(), 0);
    exchange.town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    assert_eq!(exchange.town.read(&petition).await["answer"]["content"], CONTENT);
}

#[tokio::test]
async fn a_reply_never_answers_by_itself_even_where_nobody_has_to_approve() {
    let exchange = Exchange::start().await;
    let agencies = exchange.town.get("admin", "/admin/agencies?q=Võ Cường").await.expect(200);
    let of = |agency: &&Value| agency["code"] == crate::town::AGENCY;
    let id = agencies["items"].as_array().unwrap().iter().find(of).expect("the agency")["id"].clone();
    exchange.patch(&format!("/admin/agencies/{id}"), &json!({"two_person_approval": false})).await.expect(200);
    let (petition, document) = exchange.sent().await;
    exchange.put("1.edxml", reply(&document, 15, CONTENT));
    exchange.round().await;
    assert_eq!(exchange.state_of(&petition).await, "awaiting_approval");
}

#[tokio::test]
async fn what_is_no_reply_is_kept_and_refused() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    let whole = reply(&document, 20, CONTENT);
    let numbered = |number: u32| whole.replace(",20/", &format!(",{number}/"));
    for (number, (text, problem)) in [
        (numbered(1).replace(CONTENT, "  "), "no_content"),
        (numbered(2).replace(CONTENT, &"ă".repeat(10_001)), "content_too_long"),
        (numbered(3).replace(CONTENT, "&#27;[2J"), "content_unreadable"),
        (numbered(4).replace("DocType>0<", "DocType>1<"), "no_new_document"),
        (numbered(5).replace(&document, "H05,2026/03/02,77/X"), "unknown_document"),
        (numbered(6).replace("ResponseFor>", "ReplacedFor>"), "no_reply"),
        (numbered(7).replace("H05.14</edXML:OrganId><edXML:OrganName", "H77</edXML:OrganId><edXML:OrganName"), "unknown_sender"),
    ]
    .into_iter()
    .enumerate()
    {
        exchange.put(&format!("{number}.xml"), text);
        exchange.round().await;
        let kept = &exchange.messages("?direction=in").await[0];
        assert_eq!((&kept["state"], &kept["problem"]), (&json!("unfitting"), &json!(problem)));
    }
    assert_eq!(exchange.state_of(&petition).await, "assigned");
    // Those that answer our document are told that they were not used.
    let told = exchange.messages("?direction=out").await;
    assert_eq!(told.iter().filter(|message| message["status_code"] == "02").count(), 4);
}

#[tokio::test]
async fn nothing_is_left_in_messages_of_somebody_who_is_erased() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    exchange.put("1.edxml", reply(&document, 15, "Gửi ông Nguyễn Văn An, (0912) 345.678: đã thu gom."));
    exchange.round().await;
    exchange.town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    exchange.round().await;
    let app = &exchange.town.app.app;
    let subject = pakn::personal::DataSubject::read("0912345678").unwrap();
    let erased = pakn::personal::erase(app, &subject).await.unwrap();
    assert_eq!(erased, pakn::personal::ErasureOutcome::Done(0, 1, 0));
    let secrets = ["Nguyễn Văn An", "912345678", "(0912) 345.678", "an@example.vn"].map(str::to_owned);
    crate::personal_data::assert_holds_none_of(&crate::personal_data::dump(app), &secrets);
    assert_eq!(crate::verify::report(&exchange.town.app).await.0, Vec::<String>::new());
}
