//! Every route by which an officer or an administrator changes something or looks at an identity leaves its entry: a route of the
//! description that nobody walks here, or that leaves none, fails.

use super::{Reader, more_routes, officers};
use crate::app::Answered;
use crate::town::Town;
use pakn::config::Secret;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Changing routes that leave no entry, and why.
const WITHOUT: &[(&str, &str)] = &[
    ("POST /auth/register", "petitioners only"),
    ("POST /auth/refresh", "goes on with a session whose beginning is entered; a token that is shown twice is"),
    ("POST /auth/zalo", "petitioners only"),
    ("POST /auth/password-reset", "whoever asks gets nothing but a letter"),
    ("POST /auth/password-reset/{token}", "entered; the test that gets the letter looks for it"),
    ("POST /auth/oidc/{realm}/begin", "changes nothing"),
    ("POST /auth/oidc/{realm}/finish", "a sign-in, entered; the tests that have a provider look for it"),
    ("POST /me/oidc/{realm}/begin", "changes nothing"),
    ("POST /me/oidc/{realm}/finish", "entered; the tests that have a provider look for it"),
    ("POST /me/identities/{id}/remove", "entered; the tests that have a provider look for it"),
    ("POST /me/contacts/send", "changes nothing until the code is shown"),
    ("POST /me/contacts/confirm", "entered for officers; the test that gets the code looks for it"),
    ("DELETE /me", "petitioners only; the test that erases looks for its entry"),
    ("POST /challenges", "changes nothing"),
    ("POST /me/second-factor", "changes nothing until its first code is shown"),
    ("POST /me/notifications/read", "marks what somebody has read, for that account alone"),
    ("POST /me/zalo/phone", "petitioners only"),
    ("POST /me/zalo/location", "petitioners only"),
    ("POST /unsubscribe/{link}", "whoever has the link"),
    ("POST /attachments", "is nothing until it belongs to a petition"),
    ("POST /attachments/uploads", "is nothing until it belongs to a petition"),
    ("PATCH /attachments/uploads/{upload}", "is nothing until it belongs to a petition"),
    ("DELETE /attachments/uploads/{upload}", "is nothing until it belongs to a petition"),
    ("POST /petitions/{code}/reply", "petitioners only"),
    ("POST /petitions/{code}/rating", "petitioners only"),
    ("POST /petitions/{code}/reopen", "petitioners only"),
    ("POST /petitions/{code}/withdraw", "petitioners only"),
    ("POST /petitions/{code}/identity", "petitioners only"),
    ("POST /exchange/petitions", "other systems; the timeline has it"),
    ("POST /channels/zalo/webhook", "petitioners only"),
    ("POST /admin/routing-rules/dry-run", "changes nothing"),
];

/// Reading routes that show an identity.
const LOOKS: &[&str] = &[
    "GET /documents/{id}/petitioner",
    "GET /coordination/{code}/petitioner",
    "GET /coordination/{code}/attachments/{attachment}/original",
    "GET /documents/{id}/attachments/{attachment}/original",
];

/// Somebody who goes through all routes and looks at the record after each.
pub struct Walk {
    pub town: Town,
    reader: Reader,
    walked: BTreeSet<String>,
}

impl Walk {
    /// Calls a route as an officer and finds its entry: of that account with its roles, for that request. The answer.
    pub async fn does(&mut self, who: &str, route: &str, path: &str, body: &Value, action: &str) -> Answered {
        let (method, token) = (route.split(' ').next().unwrap(), self.town.token(who).await);
        let request = self.town.app.request(method.parse::<Method>().unwrap(), path).token(&token);
        let request = match body {
            Value::String(csv) => request.body("text/csv", csv.clone()),
            _ if method == "GET" => request,
            body => request.json(body),
        };
        self.reader.fresh(&self.town).await;
        let answer = request.send().await;
        assert!((200..300).contains(&answer.status), "{route}: {}", answer.text);
        self.entered(route, action, Some(who), &answer).await;
        answer
    }

    /// Finds the entry of a request that was answered.
    pub async fn entered(&mut self, route: &str, action: &str, who: Option<&str>, answer: &Answered) {
        self.walked.insert(route.to_owned());
        let fresh = self.reader.fresh(&self.town).await;
        let entry = fresh.iter().find(|entry| entry.action == action);
        let entry = entry.unwrap_or_else(|| panic!("{route} left no entry {action}: {fresh:?}"));
        assert_eq!(entry.request_id.as_deref(), Some(answer.header("x-request-id")), "{route}");
        assert!(!entry.subject_kind.is_empty(), "{route}: {entry:?}");
        if let Some(who) = who {
            assert_eq!(entry.stream, format!("account:{}", entry.account_id.expect("an account")), "{route}");
            let roles = entry.roles.split(',').collect::<Vec<_>>();
            let role = if who == "elsewhere" { "clerk" } else { who };
            assert!(roles.contains(&role), "{route}: {entry:?}");
        }
    }

    /// Forgets what was entered until now.
    pub async fn look_away(&mut self) {
        self.reader.fresh(&self.town).await;
    }
}

async fn changing_routes(town: &Town) -> BTreeSet<String> {
    let description = town.get("", "/openapi.json").await.expect(200);
    let paths = description["paths"].as_object().unwrap();
    let mut routes: BTreeSet<String> = LOOKS.iter().map(|route| (*route).to_owned()).collect();
    for (path, item) in paths.iter().filter(|(path, _)| path.starts_with("/api/v1/")) {
        for method in ["put", "post", "patch", "delete"].iter().filter(|method| item.get(**method).is_some()) {
            routes.insert(format!("{} {}", method.to_uppercase(), path.trim_start_matches("/api/v1")));
        }
    }
    routes
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_its_entry() {
    let town = Town::start_with(|config| {
        config.webhook_private_addresses = true;
        config.public_url = Some("https://pakn.bacninh.gov.vn".to_owned());
        config.zalo_app_id = Some("1234567890".to_owned());
        config.zalo_oa_id = Some("2".to_owned());
        for secret in [&mut config.zalo_app_secret, &mut config.zalo_oa_secret, &mut config.zalo_refresh_token] {
            *secret = Some(Secret::new("bí mật của kiểm thử".to_owned()));
        }
    })
    .await;
    let mut walk = Walk { town, reader: Reader::default(), walked: BTreeSet::new() };
    officers::walk(&mut walk).await;
    more_routes::walk(&mut walk).await;
    let described = changing_routes(&walk.town).await;
    let expected: BTreeSet<String> =
        described.into_iter().filter(|route| WITHOUT.iter().all(|(without, _)| without != route)).collect();
    let forgotten: Vec<_> = expected.difference(&walk.walked).collect();
    let strange: Vec<_> = walk.walked.difference(&expected).collect();
    assert!(forgotten.is_empty() && strange.is_empty(), "not walked: {forgotten:#?}\nnot described: {strange:#?}");
    println!("{} routes, each with its entry", walk.walked.len());

    // Nothing of what was entered is a secret or tells of a petitioner.
    let all = walk.town.app.app.db.read(|connection| pakn::audit::store::page(connection, None, 100_000)).await.unwrap();
    for (entry, _) in &all {
        for word in ["0912345678", "Nguyễn Văn An", "an@example.vn", "password", "whsec_", "pakn_", "argon2", "gạch đỏ"] {
            let told = entry.detail.contains(word) && !entry.detail.contains(&format!("must_change_{word}"));
            assert!(!told && !entry.subject.contains(word), "{word}: {entry:?}");
        }
    }
    assert_eq!(crate::verify::report(&walk.town.app).await.0, Vec::<String>::new());
    // A change that changes nothing is none.
    let area = walk.town.get("admin", "/admin/areas?limit=1").await.expect(200).body["items"][0].clone();
    walk.look_away().await;
    let token = walk.town.token("admin").await;
    let same = walk.town.app.patch(&format!("/admin/areas/{}", area["id"]), &json!({"name": area["name"]})).token(&token);
    same.send().await.expect(200);
    assert!(walk.reader.fresh(&walk.town).await.is_empty());
}
