//! Every route of the description × every role: who is let in at all (401 and 403 against anything else).
//!
//! What somebody sees or may do inside is told elsewhere (`lifecycle_table`, `inbox_and_register`). A route that is described
//! and not in the table fails the test, so that nobody adds one without saying who may come.

use crate::town::{OTHER_AGENCY, Town};
use pakn::domain::account::Role;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;

/// Who may come to which route. `everybody`: without a token, too; `petitioners`: citizen and business; `agency`: clerk,
/// handler and leader; `accounts`: all of the roles; `key`: no account
/// at all, only a system with an API key.
const TABLE: &str = "
    POST  /auth/register                                everybody
    POST  /auth/login                                   everybody
    POST  /auth/refresh                                 everybody
    POST  /auth/logout                                  everybody
    GET   /me                                           accounts
    PATCH /me                                           accounts
    POST  /me/password                                  accounts
    GET   /me/notifications                             accounts
    POST  /me/notifications/read                        accounts
    GET   /me/events                                    accounts
    GET   /me/preferences                               accounts
    PATCH /me/preferences                               accounts
    GET   /unsubscribe/{link}                           everybody
    POST  /unsubscribe/{link}                           everybody

    GET   /categories                                   everybody
    GET   /areas                                        everybody
    GET   /agencies                                     everybody
    GET   /openapi.json                                 everybody
    GET   /public/petitions                             everybody
    POST  /attachments                                  everybody
    POST  /attachments/uploads                          everybody
    GET   /attachments/uploads/{upload}                 everybody
    PATCH /attachments/uploads/{upload}                 everybody
    DELETE /attachments/uploads/{upload}                 everybody
    GET   /files/{token}                                everybody
    GET   /public/petitions/{code}                      everybody
    GET   /statistics/summary                           everybody
    GET   /statistics/ranking                           everybody
    GET   /statistics/trend                             everybody
    GET   /statistics/backlog                           everybody
    GET   /charts/trend.svg                             everybody
    GET   /charts/ranking.svg                           everybody
    GET   /charts/ratings.svg                           everybody
    GET   /charts/backlog.svg                           everybody
    GET   /statistics/petitions                         agency coordinator reviewer
    GET   /statistics/snapshots                         everybody
    POST  /statistics/snapshots                         reviewer
    GET   /statistics/snapshots/{id}                    everybody
    GET   /statistics/snapshots/{id}/recompute          reviewer

    POST  /petitions                                    everybody
    GET   /petitions                                    petitioners
    GET   /petitions/{code}                             everybody
    GET   /petitions/{code}/timeline                    everybody
    POST  /petitions/{code}/reply                       everybody
    POST  /petitions/{code}/rating                      everybody
    POST  /petitions/{code}/reopen                      everybody
    POST  /petitions/{code}/withdraw                    everybody

    GET   /reports/{name}.{format}                      leader coordinator reviewer

    GET   /documents                                    agency
    GET   /documents/register                           agency
    GET   /documents/register.csv                       agency
    GET   /documents/register.xlsx                      agency
    GET   /documents/{id}                               agency
    GET   /documents/{id}/petitioner                    agency
    GET   /documents/{id}/attachments/{attachment}/original agency
    POST  /documents/{id}/accept                        agency
    POST  /documents/{id}/approve                       agency
    POST  /documents/{id}/ask                           agency
    POST  /documents/{id}/assign                        agency
    POST  /documents/{id}/deny_extension                agency
    POST  /documents/{id}/deny_reopening                agency
    POST  /documents/{id}/draft                         agency
    POST  /documents/{id}/extend                        agency
    POST  /documents/{id}/grant_extension               agency
    POST  /documents/{id}/grant_reopening               agency
    POST  /documents/{id}/merge                         agency
    POST  /documents/{id}/note                          agency
    POST  /documents/{id}/refuse                        agency
    POST  /documents/{id}/return                        agency
    POST  /documents/{id}/send_back                     agency
    POST  /documents/{id}/submit                        agency
    POST  /documents/{id}/transfer                      agency

    GET   /coordination                                 coordinator
    GET   /coordination/{code}/petitioner               coordinator
    POST  /coordination/{code}/deny_reopening           coordinator
    POST  /coordination/{code}/grant_reopening          coordinator
    POST  /coordination/{code}/merge                    coordinator
    POST  /coordination/{code}/refuse                   coordinator
    POST  /coordination/{code}/route                    coordinator

    GET   /admin/accounts                               admin
    POST  /admin/accounts                               admin
    POST  /admin/accounts/import                        admin
    POST  /admin/petition-imports                       admin
    GET   /admin/accounts/{id}                          admin
    PATCH /admin/accounts/{id}                          admin
    POST  /admin/accounts/{id}/disable                  admin
    POST  /admin/accounts/{id}/enable                   admin
    POST  /admin/accounts/{id}/reset                    admin
    GET   /admin/agencies                               admin
    POST  /admin/agencies                               admin
    GET   /admin/agencies/{id}                          admin
    PATCH /admin/agencies/{id}                          admin
    POST  /admin/agencies/{id}/end                      admin
    GET   /admin/areas                                  admin
    POST  /admin/areas                                  admin
    GET   /admin/areas/{id}                             admin
    PATCH /admin/areas/{id}                             admin
    POST  /admin/areas/{id}/end                         admin
    GET   /admin/calendar                               admin
    PUT   /admin/calendar/days/{date}                   admin
    POST  /admin/calendar/days/{date}/remove            admin
    POST  /admin/calendar/sessions                      admin
    GET   /admin/calendar/sessions/{id}                 admin
    PATCH /admin/calendar/sessions/{id}                 admin
    POST  /admin/calendar/sessions/{id}/end             admin
    GET   /admin/categories                             admin
    POST  /admin/categories                             admin
    GET   /admin/categories/{id}                        admin
    PATCH /admin/categories/{id}                        admin
    POST  /admin/categories/{id}/end                    admin
    GET   /admin/deadline-rules                         admin
    POST  /admin/deadline-rules                         admin
    GET   /admin/deadline-rules/{id}                    admin
    PATCH /admin/deadline-rules/{id}                    admin
    POST  /admin/deadline-rules/{id}/end                admin
    GET   /admin/routing-rules                          admin
    POST  /admin/routing-rules                          admin
    POST  /admin/routing-rules/dry-run                  admin
    POST  /admin/routing-rules/reorder                  admin
    GET   /admin/routing-rules/{id}                     admin
    PATCH /admin/routing-rules/{id}                     admin
    POST  /admin/routing-rules/{id}/end                 admin
    GET   /admin/exchange-links                         admin
    POST  /admin/exchange-links                         admin
    GET   /admin/exchange-links/{id}                    admin
    PATCH /admin/exchange-links/{id}                    admin
    POST  /admin/exchange-links/{id}/end                admin
    GET   /admin/exchange-messages                      admin
    GET   /admin/exchange-messages/unacknowledged       admin
    POST  /admin/exchange-messages/{id}/resend          admin
    POST  /admin/reorganisations                        admin
    GET   /admin/outbox                                 admin
    GET   /admin/outbox/{id}                            admin
    POST  /admin/outbox/{id}/resend                     admin
    GET   /admin/webhooks                               admin
    POST  /admin/webhooks                               admin
    GET   /admin/webhooks/{id}                          admin
    PATCH /admin/webhooks/{id}                          admin
    POST  /admin/webhooks/{id}/secret                   admin
    POST  /admin/webhooks/{id}/end                      admin
    GET   /admin/webhooks/{id}/deliveries               admin
    POST  /admin/webhooks/{id}/replay                   admin
    GET   /admin/api-keys                               admin
    POST  /admin/api-keys                               admin
    POST  /admin/api-keys/{id}/end                      admin
    POST  /exchange/petitions                           key
    GET   /exchange/petitions                           key
    GET   /exchange/petitions/{partner_id}              key
    POST  /channels/zalo/webhook                        everybody
    GET   /channels/zalo/authorised                     everybody
    POST  /auth/zalo                                    everybody
    POST  /me/zalo/phone                                petitioners
    POST  /me/zalo/location                             petitioners
    GET   /admin/zalo                                   admin
    POST  /admin/zalo/authorisation                     admin
";

const ROLES: [&str; 9] = ["nobody", "citizen", "business", "clerk", "handler", "leader", "coordinator", "reviewer", "admin"];

/// The routes of the table with the roles that are let in.
fn table() -> BTreeMap<(String, String), Vec<&'static str>> {
    let mut rows = BTreeMap::new();
    for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let route = (words.next().unwrap().to_owned(), format!("/api/v1{}", words.next().unwrap()));
        let mut let_in: Vec<&str> = Vec::new();
        for word in words {
            match word {
                "everybody" => let_in.extend(ROLES),
                "accounts" => let_in.extend(&ROLES[1..]),
                "petitioners" => let_in.extend(["citizen", "business"]),
                "agency" => let_in.extend(["clerk", "handler", "leader"]),
                role => let_in.extend(ROLES.iter().filter(|known| **known == role)),
            }
        }
        assert!(!let_in.is_empty() || line.ends_with(" key"), "{line}");
        assert!(rows.insert(route, let_in).is_none(), "twice: {line}");
    }
    rows
}

/// The token of each role, without one for `nobody`.
async fn tokens(town: &Town) -> Vec<(&'static str, Option<String>)> {
    let mut tokens = Vec::new();
    for role in ROLES {
        let token = match role {
            "nobody" => None,
            "citizen" => Some(town.token("citizen@example.vn").await),
            "business" => Some(town.token("company@example.vn").await),
            officer => {
                let role: Role = officer.parse().unwrap();
                let agency = [Role::Clerk, Role::Handler, Role::Leader].contains(&role).then_some(OTHER_AGENCY);
                Some(town.app.officer(&format!("only-{officer}"), agency, &[role]).await)
            }
        };
        tokens.push((role, token));
    }
    tokens
}

/// Every method and path of the description below `/api/v1`.
async fn described(town: &Town) -> Vec<(String, String)> {
    let description = town.get("", "/openapi.json").await.expect(200);
    let paths = description["paths"].as_object().unwrap();
    let methods = ["get", "put", "post", "patch", "delete"];
    let routes = paths.iter().flat_map(|(path, item)| {
        let present = methods.iter().filter(move |method| item.get(**method).is_some());
        present.map(move |method| (method.to_uppercase(), path.clone()))
    });
    routes.filter(|(_, path)| path.starts_with("/api/v1/")).collect()
}

#[tokio::test]
async fn the_table_names_every_route_that_is_described_and_no_other() {
    let town = Town::start().await;
    let (table, described) = (table(), described(&town).await);
    let unnamed: Vec<_> = described.iter().filter(|route| !table.contains_key(route)).collect();
    let gone: Vec<_> = table.keys().filter(|route| !described.contains(route)).collect();
    assert!(unnamed.is_empty() && gone.is_empty(), "without a row: {unnamed:?}\nwithout a route: {gone:?}");
}

#[tokio::test]
async fn everybody_is_let_in_where_the_table_says_and_nowhere_else() {
    let town = Town::start().await;
    let tokens = tokens(&town).await;
    let mut wrong = Vec::new();
    for ((method, path), let_in) in table() {
        // What the path names does not exist and the body is empty: nothing changes, whoever is let in.
        let named = path
            .replace("{code}", "BN26-7K3QX9-C")
            .replace("{id}", "999999")
            .replace("{date}", "2026-03-04")
            .replace("{name}.{format}", "ranking.csv");
        for (role, token) in &tokens {
            let mut request =
                town.app.request(Method::from_bytes(method.as_bytes()).unwrap(), named.trim_start_matches("/api/v1"));
            if method != "GET" {
                request = request.json(&json!({}));
            }
            if let Some(token) = token {
                request = request.token(token);
            }
            let answer = request.send().await;
            // Wrong credentials in the body are told apart from no credentials at all by their code.
            let is_in = answer.status < 500
                && !["not_signed_in", "role_missing", "token_invalid", "api_key_invalid"].contains(&answer.code());
            if is_in != let_in.contains(role)
                || (!is_in && answer.status != if token.is_none() || let_in.is_empty() { 401 } else { 403 })
            {
                wrong.push(format!("{method} {path} as {role}: {} {}", answer.status, answer.code()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_token_that_is_not_good_opens_nothing_not_even_what_is_open() {
    let town = Town::start().await;
    for path in ["/documents", "/petitions", "/me", "/admin/agencies", "/petitions/BN26-7K3QX9-C"] {
        let answer = town.app.get(path).token("eyJhbGciOiJub25lIn0.e30.").send().await;
        answer.expect_problem(401, "token_invalid");
    }
    let filed = town.app.post("/petitions", &crate::town::form()).token("nix").send().await;
    filed.expect_problem(401, "token_invalid");
    let expired = town.token("clerk").await;
    town.later(chrono::Duration::seconds(901));
    town.app.get("/documents").token(&expired).send().await.expect_problem(401, "token_invalid");
}
