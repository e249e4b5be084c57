//! What petitioners read when others have filed the same, and when they are answered a second time.

use super::email::{parsed, town};
use super::{courier, lines};
use crate::mail_server::MailServer;
use crate::town::{OWNER, Petition, Town, form_of_account, form_with};
use chrono::Duration;
use serde_json::{Value, json};
use std::cell::Cell;

/// The petitioner who files for a business.
const COMPANY: &str = "company@example.vn";

/// Sends what is due; the letters that were not read before.
async fn new_letters(town: &Town, server: &MailServer, read: &Cell<usize>) -> Vec<Value> {
    courier(town).await;
    let delivered = lines(town, "state=delivered").await.iter().filter(|line| line["channel"] == "email").count();
    (read.replace(delivered)..delivered).map(|_| server.letter()).collect()
}

#[tokio::test]
async fn the_petitioner_of_a_duplicate_reads_how_the_other_one_ended_and_is_invited_to_nothing() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let merge = async |duplicate: &Petition, into: &Petition| {
        town.coordinate(duplicate, "merge", json!({"into": into.code})).await.expect(200);
    };
    // What each of them reads last, without what everybody is told of filing.
    let read = Cell::new(0);
    let told = async |email: &str| -> String {
        let letters = new_letters(&town, &server, &read).await;
        let own: Vec<_> = letters.iter().filter(|letter| letter["recipients"] == json!([email])).collect();
        parsed(own.last().unwrap_or_else(|| panic!("nothing for {email}")))["text"].as_str().unwrap().to_owned()
    };
    let person = json!({"kind": "citizen", "full_name": "Phạm Thị Bí Mật", "phone": "0977000111", "email": "mat@example.vn"});
    let first = town.file(&form_with(json!({"petitioner": person, "hide_identity": true}))).await;
    let second = town.file_as(OWNER, &form_of_account()).await;
    let third = town.file_as(COMPANY, &form_of_account()).await;
    merge(&second, &first).await;
    let merged = told(OWNER).await;
    assert!(merged.contains(&first.code) && merged.contains("Kết quả xử lý sẽ được gửi"), "{merged}");

    town.act("clerk", first.document, "accept", json!({})).await.expect(200);
    let words = json!({"content": "Chào bà Phạm Thị Bí Mật, phường đã dọn.", "outcome": "resolved"});
    town.act("handler", first.document, "draft", words).await.expect(200);
    town.act("handler", first.document, "submit", json!({})).await.expect(200);
    town.act("leader", first.document, "approve", json!({})).await.expect(200);
    let shared = told(OWNER).await;
    assert!(shared.contains("Ủy ban nhân dân phường Võ Cường trả lời:") && shared.contains("phường đã dọn."), "{shared}");
    merge(&third, &first).await;
    let at_once = told(COMPANY).await;
    assert!(
        at_once.contains("đã có trả lời của Ủy ban nhân dân phường Võ Cường") && at_once.contains("phường đã dọn."),
        "{at_once}"
    );
    for text in [&merged, &shared, &at_once] {
        for never in ["Bí Mật", "0977", "đánh giá", "xem xét lại"] {
            assert!(!text.contains(never), "{never} in {text}");
        }
    }

    let (silent, fourth) = (town.filed("waiting_for_petitioner").await, town.file_as(OWNER, &form_of_account()).await);
    merge(&fourth, &silent).await;
    told(OWNER).await;
    town.later(Duration::days(10));
    pakn::ops::jobs::run_maintenance(&town.app.app).await.expect("a round");
    let refused = told(OWNER).await;
    assert!(refused.contains("không được xử lý tiếp") && refused.contains("không bổ sung thông tin"), "{refused}");
}

#[tokio::test]
async fn a_second_answer_invites_to_rate_and_not_to_ask_again_for_another_look() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let petition = town.file_as(OWNER, &form_of_account()).await;
    let read = Cell::new(0);
    let answers = async || -> String {
        let letters = new_letters(&town, &server, &read).await;
        let mut texts = letters.iter().map(|letter| parsed(letter)["text"].as_str().unwrap().to_owned());
        texts.find(|text| text.contains("trả lời phản ánh")).expect("an answer")
    };
    town.bring_to(&petition, "answered").await;
    let first = answers().await;
    assert!(first.contains("đánh giá") && first.contains("xem xét lại"), "{first}");
    let again = format!("/petitions/{}/reopen", petition.code);
    town.post(OWNER, &again, &json!({"reason": "Rác lại đầy."})).await.expect(200);
    town.act("leader", petition.document, "grant_reopening", json!({})).await.expect(200);
    town.act("handler", petition.document, "draft", crate::town::draft()).await.expect(200);
    town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let second = answers().await;
    assert!(second.contains("đánh giá") && !second.contains("xem xét lại"), "{second}");
}
