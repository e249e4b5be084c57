//! Answers to several petitioners: whoever filed what was merged is masked like the petition's own, also once they are forgotten.

use super::{change, public};
use crate::town::{Petition, Town, form_with};
use crate::verify::{by_hand, report};
use pakn::personal::{DataSubject, ErasureOutcome, erase};
use pakn::petitions::publication::ensure_masked;
use serde_json::json;

/// What an answer to two petitioners may say.
const TO_BOTH: &str = "Trả lời chung cho ông Bùi Đình Chín và bà Cao Thị Mười.";
const EMAIL_OF_OTHER: &str = "muoi.cao.77@hopthu.vn";

/// Two petitioners of one matter, the second one hidden.
async fn two(town: &Town) -> (Petition, Petition) {
    let one = json!({"kind": "citizen", "full_name": "Bùi Đình Chín", "phone": "0912000222"});
    let other = json!({"kind": "citizen", "full_name": "Cao Thị Mười", "email": EMAIL_OF_OTHER});
    let first = town.file(&form_with(json!({"petitioner": one}))).await;
    (first, town.file(&form_with(json!({"petitioner": other, "hide_identity": true}))).await)
}

async fn answer_to_both(town: &Town, petition: &Petition) {
    town.bring_to(petition, "in_progress").await;
    let draft = json!({"content": TO_BOTH, "outcome": "resolved"});
    for (who, action, body) in [("handler", "draft", draft), ("handler", "submit", json!({})), ("leader", "approve", json!({}))] {
        town.act(who, petition.document, action, body).await.expect(200);
    }
}

async fn assert_names_nobody(town: &Town, petition: &Petition, duplicate: &Petition) {
    let answer = public(town, petition).await.unwrap()["answer"].clone();
    let text = answer.as_str().unwrap();
    assert!(!text.contains("Chín") && !text.contains("Mười") && text.matches("[…]").count() == 2, "{text}");
    assert_eq!(town.read(duplicate).await["answer"]["content"], answer, "whoever filed the other reads the same");
    assert_eq!(town.read(petition).await["answer"]["content"], TO_BOTH);
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn everybody_whose_petition_was_merged_is_masked_in_the_public_answer() {
    let town = Town::start().await;
    let (before, merged_before) = two(&town).await;
    town.coordinate(&merged_before, "merge", json!({"into": before.code})).await.expect(200);
    answer_to_both(&town, &before).await;
    assert_names_nobody(&town, &before, &merged_before).await;
    // Other words and another start mask them as well.
    let words = json!({"answer": "Cảm ơn bà Cao Thị Mười, ông Bùi Đình Chín."});
    change(&town, "leader", &before, words).await.expect(200);
    assert_names_nobody(&town, &before, &merged_before).await;
    change(&town, "leader", &before, json!({"answer": null})).await.expect(200);
    by_hand(&town.app, "UPDATE publications SET masked_by = 0").await;
    ensure_masked(&town.app.app).await.unwrap();
    assert_names_nobody(&town, &before, &merged_before).await;

    // What is public already is masked anew by the merge.
    let (after, merged_after) = two(&town).await;
    answer_to_both(&town, &after).await;
    town.coordinate(&merged_after, "merge", json!({"into": after.code})).await.expect(200);
    assert_names_nobody(&town, &after, &merged_after).await;
}

#[tokio::test]
async fn whoever_is_erased_stays_masked_in_the_answer_to_the_petition_that_theirs_repeated() {
    let town = Town::start().await;
    let (first, merged) = two(&town).await;
    town.coordinate(&merged, "merge", json!({"into": first.code})).await.expect(200);
    answer_to_both(&town, &first).await;
    let before = public(&town, &first).await.unwrap()["answer"].clone();
    let erased = erase(&town.app.app, &DataSubject::read(EMAIL_OF_OTHER).unwrap()).await.unwrap();
    assert_eq!(erased, ErasureOutcome::Done(0, 1, 0));
    let findings = async || report(&town.app).await.0;
    assert_eq!(public(&town, &first).await.unwrap()["answer"], before);
    assert_eq!(findings().await, Vec::<String>::new());
    // Made again by another decision and by newer rules.
    change(&town, "leader", &first, json!({"title": "Rác ở đầu ngõ"})).await.expect(200);
    assert_eq!(public(&town, &first).await.unwrap()["answer"], before);
    by_hand(&town.app, "UPDATE publications SET masked_by = 0").await;
    ensure_masked(&town.app.app).await.unwrap();
    let read = public(&town, &first).await.unwrap();
    assert_eq!((&read["answer"], &read["title"]), (&before, &json!("Rác ở đầu ngõ")));
    assert_eq!(findings().await, Vec::<String>::new());
    // Nor do words that are chosen and given up again bring the name back; the petitioner's own answer keeps everybody else.
    change(&town, "leader", &first, json!({"answer": "Đã trả lời."})).await.expect(200);
    change(&town, "leader", &first, json!({"answer": null})).await.expect(200);
    assert_eq!(public(&town, &first).await.unwrap()["answer"], before);
    assert_eq!(town.read(&first).await["answer"]["content"], TO_BOTH.replace("Cao Thị Mười", "[…]"));
    assert_eq!(findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_erased_leaves_the_words_that_were_chosen_before_the_merge() {
    let town = Town::start().await;
    let (first, merged) = two(&town).await;
    answer_to_both(&town, &first).await;
    let named = json!({"title": "Ý kiến của bà Cao Thị Mười", "answer": "Bà Cao Thị Mười và ông Bùi Đình Chín đã báo."});
    change(&town, "leader", &first, named).await.expect(200);
    town.coordinate(&merged, "merge", json!({"into": first.code})).await.expect(200);
    let masked = public(&town, &first).await.unwrap();
    assert_eq!(masked["title"], "Ý kiến của bà […]");
    for person in [EMAIL_OF_OTHER, "0912000222"] {
        erase(&town.app.app, &DataSubject::read(person).unwrap()).await.unwrap();
        let read = public(&town, &first).await.unwrap();
        assert_eq!((&read["title"], &read["answer"]), (&masked["title"], &masked["answer"]), "{person}");
        assert_eq!(report(&town.app).await.0, Vec::<String>::new(), "{person}");
    }
    by_hand(&town.app, "UPDATE moderations SET text_hash = SUBSTR(text_hash, 2, 63) || 'a'").await;
    let findings = report(&town.app).await.0;
    assert!(findings.iter().any(|it| it.contains("is not what the timeline says")), "{findings:?}");
}
