//! Signing in and out: of officers each time, of petitioners never; a failure the same whoever it was.

use super::{Reader, detail};
use crate::app::PASSWORD;
use crate::town::{OWNER, Town};
use serde_json::json;

#[tokio::test]
async fn sign_ins_of_officers_and_all_failures_are_entered_without_a_name() {
    let town = Town::start().await;
    let mut reader = Reader::default();
    town.token("clerk").await;
    town.token(OWNER).await;
    reader.fresh(&town).await;

    town.app.login(OWNER, PASSWORD).await.expect(200);
    let filed = town.file_as(OWNER, &crate::town::form_of_account()).await;
    town.post(OWNER, &format!("/petitions/{}/withdraw", filed.code), &json!({})).await.expect(200);
    assert_eq!(reader.fresh(&town).await, [], "petitioners are nobody's officers");

    town.app.login("clerk", PASSWORD).await.expect(200);
    let entries = reader.fresh(&town).await;
    assert_eq!(entries.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["sign_in"]);
    let number = entries[0].account_id.unwrap();
    assert_eq!((entries[0].roles.as_str(), &entries[0].subject), ("clerk", &number.to_string()));

    for (login, password, subject) in
        [("clerk", "sai rồi đấy nhé", number.to_string()), ("0912345678", "sai", String::new()), (OWNER, "sai", String::new())]
    {
        town.app.login(login, password).await.expect_problem(401, "login_failed");
        let entries = reader.fresh(&town).await;
        assert_eq!(entries.len(), 1, "{login}");
        let told = (entries[0].stream.as_str(), entries[0].action.as_str(), &entries[0].subject, entries[0].account_id);
        assert_eq!(told, ("sign_in", "fail_sign_in", &subject, None), "{login}");
        assert_eq!(detail(&entries[0]), json!({}), "{login}");
    }
}

#[tokio::test]
async fn a_stolen_token_and_a_wrong_password_are_entered() {
    let town = Town::start().await;
    let mut reader = Reader::default();
    let token = town.token("clerk").await;
    let first = town.app.login("clerk", PASSWORD).await.expect(200).text_of("/refresh_token");
    reader.fresh(&town).await;
    let refresh = json!({"refresh_token": first});
    town.app.post("/auth/refresh", &refresh).send().await.expect(200);
    assert_eq!(reader.fresh(&town).await, []);
    town.app.advance(chrono::Duration::seconds(60));
    town.app.post("/auth/refresh", &refresh).send().await.expect(401);
    let actions: Vec<String> = reader.fresh(&town).await.into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["end_reused_sessions"]);
    town.app.post("/auth/logout", &refresh).send().await.expect(204);
    assert_eq!(reader.fresh(&town).await, [], "it was signed out already");

    let wrong = json!({"current_password": "sai rồi đấy nhé", "new_password": "cầu vồng trên sông Cầu"});
    town.app.post("/me/password", &wrong).token(&token).send().await.expect(422);
    let actions: Vec<String> = reader.fresh(&town).await.into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["fail_password"]);
}
