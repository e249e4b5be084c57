//! A petitioner who hides agrees later that the agency learns who it is, and takes that back.

use crate::town::{AGENCY, OTHER_AGENCY, OWNER, Petition, Town, form, form_of_account, form_with};
use serde_json::{Value, json};

fn shows() -> Value {
    json!({"hide_identity": false})
}

fn hides() -> Value {
    json!({"hide_identity": true})
}

fn hidden_form_of_account() -> Value {
    let mut form = form_of_account();
    form["hide_identity"] = json!(true);
    form
}

async fn may(town: &Town, petition: &Petition, action: &str) -> bool {
    town.read(petition).await["allowed_actions"].as_array().unwrap().contains(&json!(action))
}

#[tokio::test]
async fn the_agency_asks_and_sees_the_person_once_the_petitioner_agrees() {
    let town = Town::start().await;
    let petition = town.file(&form_with(hides())).await;
    let person = format!("/documents/{}/petitioner", petition.document);
    town.act("clerk", petition.document, "accept", json!({})).await.expect(200);
    let question = json!({"question": "Anh/chị cho phép cơ quan liên hệ trực tiếp không?"});
    town.act("handler", petition.document, "ask", question).await.expect(200);
    town.get("handler", &person).await.expect_problem(403, "identity_hidden");
    assert!(may(&town, &petition, "show_identity").await && !may(&town, &petition, "hide_identity").await);

    let before = town.read(&petition).await;
    let shown = town.respond(&petition, "identity", shows()).await.expect(200);
    assert_eq!((&shown["hide_identity"], &shown["status"]), (&json!(false), &before["status"]), "the question still waits");
    assert_eq!(shown["version"].as_i64(), before["version"].as_i64().map(|version| version + 1));
    assert_eq!(town.told(&petition).await, ["file", "accept", "ask", "show_identity"]);
    assert_eq!(town.get("handler", &person).await.expect(200)["full_name"], "Nguyễn Văn An");
    let news = town.get("clerk", "/me/notifications").await.expect(200).body["items"][0].clone();
    assert_eq!((&news["action"], &news["petition"]), (&json!("show_identity"), &json!(petition.code)));

    assert!(may(&town, &petition, "hide_identity").await && !may(&town, &petition, "show_identity").await);
    town.respond(&petition, "identity", hides()).await.expect(200);
    town.get("handler", &person).await.expect_problem(403, "identity_hidden");
    assert_eq!(crate::verify::report(&town.app).await.0, [""; 0]);
}

#[tokio::test]
async fn the_next_agency_sees_the_person_only_while_the_consent_stands() {
    let town = Town::start().await;
    let petition = town.file(&form_with(hides())).await;
    town.respond(&petition, "identity", shows()).await.expect(200);
    let transfer = json!({"agency": OTHER_AGENCY, "reason": "Khác địa bàn"});
    town.act("clerk", petition.document, "transfer", transfer).await.expect(200);
    let person = format!("/documents/{}/petitioner", town.present_document(&petition).await);
    town.get("elsewhere", &person).await.expect(200);
    town.respond(&petition, "identity", hides()).await.expect(200);
    town.get("elsewhere", &person).await.expect_problem(403, "identity_hidden");
}

#[tokio::test]
async fn only_whoever_filed_decides_and_only_while_it_lives() {
    let town = Town::start().await;
    let petition = town.file_as(OWNER, &hidden_form_of_account()).await;
    let path = format!("/petitions/{}/identity", petition.code);
    town.post("leader", &path, &shows()).await.expect_problem(403, "role_missing");
    town.post("elsewhere", &path, &shows()).await.expect_problem(404, "petition_not_found");
    town.post("coordinator", &path, &shows()).await.expect_problem(403, "role_missing");
    town.app.post(&path, &shows()).send().await.expect_problem(404, "petition_not_found");
    assert_eq!(town.post(OWNER, &path, &json!({})).await.wrong_fields(), ["hide_identity=required"]);
    town.post(OWNER, &path, &hides()).await.expect_problem(409, "wrong_state");
    town.post(OWNER, &path, &shows()).await.expect(200);
    town.post(OWNER, &path, &shows()).await.expect_problem(409, "wrong_state");

    let gone = town.file(&form()).await;
    town.respond(&gone, "withdraw", json!({})).await.expect(200);
    town.respond(&gone, "identity", hides()).await.expect_problem(409, "wrong_state");
    let answered = town.filed("answered").await;
    town.respond(&answered, "identity", hides()).await.expect(200);
    assert_eq!(town.read(&answered).await["agency"]["code"], AGENCY);
}
