//! An administrator cannot become an officer: what the administration has had in hand opens no petition until somebody else vouches for it.

use crate::app::{Answered, PASSWORD};
use crate::sign_in::second_factor::code as totp;
use crate::town::{AGENCY, OTHER_AGENCY, Petition, Town};
use pakn::officers;
use serde_json::{Value, json};

const NEW: &str = "một câu dài hơn hẳn";

async fn me(town: &Town, token: &str) -> Value {
    town.app.get("/me").token(token).send().await.expect(200).body
}

async fn id_of(town: &Town, who: &str) -> i64 {
    town.get(who, "/me").await.expect(200)["id"].as_i64().unwrap()
}

async fn admin(town: &Town, path: &str, body: Value) -> Answered {
    town.post("admin", &format!("/admin/accounts{path}"), &body).await
}

/// Signs in with a one-time password and changes it.
async fn take_over(town: &Town, login: &str, password: &str) -> String {
    let token = town.app.login(login, password).await.expect(200).text_of("/access_token");
    let change = json!({"current_password": password, "new_password": NEW});
    town.app.post("/me/password", &change).token(&token).send().await.expect(204);
    token
}

async fn confirm(town: &Town, who: &str, id: i64) -> Answered {
    town.post(who, &format!("/account-confirmations/{id}"), &json!({})).await
}

/// Everything that shows a person or moves a petition is closed, and what is the administration's or one's own is not.
async fn is_held_back(town: &Town, token: &str, petition: &Petition) {
    let path = format!("/documents/{}", petition.document);
    for path in [path.clone(), format!("{path}/petitioner"), "/documents".to_owned(), "/documents/register?year=2026".to_owned()]
    {
        town.app.get(&path).token(token).send().await.expect_problem(403, "confirmation_required");
    }
    let accept = town.app.post(&format!("{path}/accept"), &json!({})).token(token).send().await;
    accept.expect_problem(403, "confirmation_required");
    town.app.get(&format!("/petitions/{}", petition.code)).token(token).send().await.expect_problem(404, "petition_not_found");
    assert_eq!(me(town, token).await["awaits_confirmation"], true);
}

#[tokio::test]
async fn a_reset_by_an_administrator_opens_no_petition_until_a_leader_confirms() {
    let town = Town::start().await;
    let petition = town.filed("assigned").await;
    town.token("handler").await;
    let id = id_of(&town, "handler").await;
    let reset = admin(&town, &format!("/{id}/reset"), json!({})).await.expect(200);
    assert_eq!((&reset.body["link_sent"], &reset.body["account"]["awaits_confirmation"]), (&json!(false), &json!(true)));
    let password = reset.text_of("/initial_password");
    // Whoever has the password has to change it first, as before.
    confirm(&town, "leader", id).await.expect_problem(409, "not_taken_over");
    let token = take_over(&town, "handler", &password).await;
    is_held_back(&town, &token, &petition).await;

    // Neither the administrator, nor the officer, nor another agency, nor a role without that right.
    for (who, status, code) in [
        ("admin", 403, "role_missing"),
        ("clerk", 403, "role_missing"),
        ("reviewer", 403, "role_missing"),
        ("elsewhere", 404, "account_not_found"),
    ] {
        confirm(&town, who, id).await.expect_problem(status, code);
    }
    let own = town.app.post(&format!("/account-confirmations/{id}"), &json!({})).token(&token).send().await;
    own.expect_problem(403, "role_missing");
    let listed = town.get("leader", "/account-confirmations").await.expect(200)["items"].clone();
    assert_eq!((&listed[0]["id"], &listed[0]["cause"], &listed[0]["is_taken_over"]), (&json!(id), &json!("reset"), &json!(true)));
    assert_eq!(town.get("elsewhere", "/account-confirmations").await.expect(200)["items"], json!([]));
    let confirmed = confirm(&town, "leader", id).await.expect(200);
    assert_eq!(confirmed.body["awaits_confirmation"], false);
    confirm(&town, "leader", id).await.expect_problem(409, "wrong_state");
    // Whoever was signed in meanwhile is not any more; the officer signs in again.
    town.app.get("/me").token(&token).send().await.expect_problem(401, "token_invalid");
    let token = town.app.login("handler", NEW).await.expect(200).text_of("/access_token");
    assert_eq!(me(&town, &token).await["awaits_confirmation"], false);
    town.app.get(&format!("/documents/{}/petitioner", petition.document)).token(&token).send().await.expect(200);
    let entries = town.get("admin", "/admin/audit?action=confirm_account").await.expect(200)["items"].clone();
    assert_eq!((&entries[0]["subject"], &entries[1]), (&json!(id.to_string()), &Value::Null), "{entries}");
}

#[tokio::test]
async fn an_administrator_with_another_role_confirms_nobody() {
    let town = Town::start().await;
    town.token("handler").await;
    let id = id_of(&town, "handler").await;
    let boss = town.app.officer("sep", Some(AGENCY), &["leader", "coordinator", "admin"].map(|role| role.parse().unwrap())).await;
    let post = |path: String| town.app.post(&path, &json!({})).token(&boss).send();
    let password = post(format!("/admin/accounts/{id}/reset")).await.expect(200).text_of("/initial_password");
    take_over(&town, "handler", &password).await;
    post(format!("/account-confirmations/{id}")).await.expect_problem(403, "administrator_may_not_confirm");
    let list = town.app.get("/account-confirmations").token(&boss).send().await;
    list.expect_problem(403, "administrator_may_not_confirm");
    // Not after giving the administration up either: it was this account's own deed.
    let boss_id = me(&town, &boss).await["id"].as_i64().unwrap();
    let roles = json!({"roles": ["leader", "coordinator"]});
    let request = town.app.patch(&format!("/admin/accounts/{boss_id}"), &roles).token(&town.token("admin").await);
    request.send().await.expect(200);
    post(format!("/account-confirmations/{id}")).await.expect_problem(403, "administrator_may_not_confirm");
    confirm(&town, "coordinator", id).await.expect(200);
}

#[tokio::test]
async fn every_way_of_an_administrator_to_a_role_waits() {
    let town = Town::start().await;
    let petition = town.filed("assigned").await;
    // Made with a password that the administrator knows.
    let new = json!({"username": "moi.a", "full_name": "Nguyễn Văn Mới", "agency": AGENCY, "roles": ["leader"], "password": "gạch vàng bên sông Đuống"});
    admin(&town, "", new).await.expect(201);
    let token = take_over(&town, "moi.a", "gạch vàng bên sông Đuống").await;
    is_held_back(&town, &token, &petition).await;
    // A leader who is not confirmed confirms nobody.
    let other = town.app.get("/account-confirmations").token(&token).send().await;
    other.expect_problem(403, "confirmation_required");

    // Made by a file.
    let csv = format!("username,full_name,agency_code,roles\nmoi.b,Trần Thị Mới,{AGENCY},handler\n");
    let request = town.app.request(reqwest::Method::POST, "/admin/accounts/import").token(&town.token("admin").await);
    let made = request.body("text/csv", csv).send().await.expect(200);
    let token = take_over(&town, "moi.b", &made.text_of("/created/0/initial_password")).await;
    is_held_back(&town, &token, &petition).await;

    // An account without such a role, and the role given later.
    let new =
        json!({"username": "moi.c", "full_name": "Lê Văn Mới", "roles": ["reviewer"], "password": "gạch vàng bên sông Đuống"});
    let id = admin(&town, "", new).await.expect(201).body["account"]["id"].as_i64().unwrap();
    let token = take_over(&town, "moi.c", "gạch vàng bên sông Đuống").await;
    let patch = async |id: i64, body: Value| {
        let request = town.app.patch(&format!("/admin/accounts/{id}"), &body).token(&town.token("admin").await);
        request.send().await.expect(200)
    };
    patch(id, json!({"roles": ["handler"], "agency": AGENCY})).await;
    is_held_back(&town, &token, &petition).await;

    // The own account.
    let own = id_of(&town, "admin").await;
    patch(own, json!({"roles": ["admin", "handler", "leader"], "agency": AGENCY})).await;
    let token = town.token("admin").await;
    is_held_back(&town, &token, &petition).await;
    town.get("admin", "/admin/accounts").await.expect(200);
    confirm(&town, "admin", own).await.expect_problem(403, "confirmation_required");

    // An officer of another agency, moved here; roles that are taken away wait for nothing.
    let there = id_of(&town, "elsewhere").await;
    patch(there, json!({"roles": ["clerk"]})).await;
    assert_eq!(town.get("elsewhere", "/me").await.expect(200)["awaits_confirmation"], false);
    patch(there, json!({"agency": AGENCY})).await;
    is_held_back(&town, &town.token("elsewhere").await, &petition).await;
    confirm(&town, "leader", there).await.expect(200);
    patch(there, json!({"agency": OTHER_AGENCY, "roles": ["clerk", "handler"]})).await;
    confirm(&town, "leader", there).await.expect_problem(404, "account_not_found");
    confirm(&town, "coordinator", there).await.expect(200);

    // For a coordinator only another one, or whoever runs commands on the server.
    let new = json!({"username": "moi.d", "full_name": "Phạm Văn Mới", "agency": AGENCY, "roles": ["coordinator"], "password": "gạch vàng bên sông Đuống"});
    let id = admin(&town, "", new).await.expect(201).body["account"]["id"].as_i64().unwrap();
    take_over(&town, "moi.d", "gạch vàng bên sông Đuống").await;
    confirm(&town, "leader", id).await.expect_problem(404, "account_not_found");
    officers::confirm_as_operator(&town.app.app, pakn::kernel::ids::AccountId(id)).await.unwrap();
    confirm(&town, "coordinator", id).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn a_second_factor_that_an_administrator_took_away_is_the_same() {
    let town = Town::start().await;
    let petition = town.filed("assigned").await;
    let token = town.token("handler").await;
    let id = id_of(&town, "handler").await;
    let begun = town.post("handler", "/me/second-factor", &json!({"current_password": PASSWORD})).await.expect(200);
    let first = json!({"totp": totp(&town.app, &begun.text_of("/secret"))});
    town.app.post("/me/second-factor/confirm", &first).token(&token).send().await.expect(200);
    admin(&town, &format!("/{id}/second-factor/remove"), json!({})).await.expect(200);
    town.app.get("/me").token(&token).send().await.expect(401);
    let token = town.app.login("handler", PASSWORD).await.expect(200).text_of("/access_token");
    is_held_back(&town, &token, &petition).await;
    confirm(&town, "leader", id).await.expect(200);
    let token = town.app.login("handler", PASSWORD).await.expect(200).text_of("/access_token");
    town.app.get("/documents").token(&token).send().await.expect(200);
}

#[tokio::test]
async fn letting_an_officer_in_again_with_a_password_that_the_administration_knows_waits() {
    let town = Town::start().await;
    town.token("handler").await;
    let id = id_of(&town, "handler").await;
    admin(&town, &format!("/{id}/disable"), json!({})).await.expect(200);
    let enabled = admin(&town, &format!("/{id}/enable"), json!({})).await.expect(200);
    assert_eq!(enabled.body["awaits_confirmation"], false, "the officer has a password of their own");
    let reset = admin(&town, &format!("/{id}/reset"), json!({})).await.expect(200).text_of("/initial_password");
    admin(&town, &format!("/{id}/disable"), json!({})).await.expect(200);
    let enabled = admin(&town, &format!("/{id}/enable"), json!({})).await.expect(200);
    assert_eq!(enabled.body["awaits_confirmation"], true);
    take_over(&town, "handler", &reset).await;
    confirm(&town, "leader", id).await.expect(200);
}

/// Sets a second factor up.
async fn enrol(town: &Town, token: &str) {
    let begun = town.app.post("/me/second-factor", &json!({"current_password": NEW})).token(token).send().await.expect(200);
    let first = json!({"totp": totp(&town.app, &begun.text_of("/secret"))});
    town.app.post("/me/second-factor/confirm", &first).token(token).send().await.expect(200);
}

#[tokio::test]
async fn a_second_factor_of_the_time_of_waiting_ends_and_the_officer_sets_up_the_own_one() {
    let town = Town::start_with(|config| config.second_factor_roles = vec!["handler".parse().unwrap()]).await;
    let first = "gạch vàng bên sông Đuống";
    let new =
        json!({"username": "moi.a", "full_name": "Nguyễn Văn Mới", "agency": AGENCY, "roles": ["handler"], "password": first});
    let id = admin(&town, "", new).await.expect(201).body["account"]["id"].as_i64().unwrap();
    let token = take_over(&town, "moi.a", first).await;
    confirm(&town, "leader", id).await.expect_problem(409, "not_taken_over");
    enrol(&town, &token).await;
    town.app.login("moi.a", NEW).await.expect_problem(401, "totp_required");
    officers::confirm_as_operator(&town.app.app, pakn::kernel::ids::AccountId(id)).await.unwrap();
    town.app.get("/me").token(&token).send().await.expect_problem(401, "token_invalid");
    let token = town.app.login("moi.a", NEW).await.expect(200).text_of("/access_token");
    assert_eq!(me(&town, &token).await["has_second_factor"], false);
    town.app.get("/documents").token(&token).send().await.expect_problem(403, "second_factor_required");
    enrol(&town, &token).await;
    town.app.get("/documents").token(&token).send().await.expect(200);
}
