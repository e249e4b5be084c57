//! Every state × every action × everybody: what docs/contract.md §4.2 allows happens, everything else is refused with the
//! right status and changes nothing.
//!
//! The table below is that of docs/contract.md §4.2 written out once more, on purpose without a look at the one in the program.

use crate::town::{OTHER_AGENCY, OWNER, Petition, Town, draft, form, form_of_account};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const STATES: [&str; 10] = [
    "received",
    "assigned",
    "in_progress",
    "waiting_for_petitioner",
    "awaiting_approval",
    "answered",
    "closed",
    "refused",
    "withdrawn",
    "duplicate",
];
const OPEN: &[&str] = &["received", "assigned", "in_progress", "waiting_for_petitioner", "awaiting_approval"];
/// The open states in which an agency holds the petition, and all states in which one does.
const HELD_OPEN: &[&str] = &["assigned", "in_progress", "waiting_for_petitioner", "awaiting_approval"];
const HELD: &[&str] = &[
    "assigned",
    "in_progress",
    "waiting_for_petitioner",
    "awaiting_approval",
    "answered",
    "closed",
    "refused",
    "withdrawn",
    "duplicate",
];

/// Everybody: `nobody` has no token, `stranger` the token of another petition, `guest` and `owner` filed the petition.
const PEOPLE: [&str; 13] = [
    "nobody",
    "stranger",
    "guest",
    "owner",
    "other petitioner",
    "clerk",
    "handler",
    "leader",
    "deputy",
    "elsewhere",
    "coordinator",
    "reviewer",
    "admin",
];

/// A row of docs/contract.md §4.2: the call, the states from which and the people by whom it is allowed, the state that it leads to
/// (`""` when the state stays).
struct Row(&'static str, &'static [&'static str], &'static [&'static str], &'static str);

const AGENCY: &[&str] = &["clerk", "handler", "leader", "deputy"];
const CLERK_OR_LEADER: &[&str] = &["clerk", "leader", "deputy"];
const HANDLER_OR_LEADER: &[&str] = &["handler", "leader", "deputy"];
const HANDLER: &[&str] = &["handler", "deputy"];
const LEADER: &[&str] = &["leader", "deputy"];
const COORDINATOR: &[&str] = &["coordinator"];
const PETITIONER: &[&str] = &["guest", "owner"];

const TABLE: &[Row] = &[
    Row("documents/accept", &["assigned"], AGENCY, "in_progress"),
    Row("documents/assign", &["assigned", "in_progress"], LEADER, "in_progress"),
    Row("documents/transfer", &["assigned", "in_progress"], CLERK_OR_LEADER, "assigned"),
    Row("documents/return", &["assigned"], CLERK_OR_LEADER, "received"),
    Row("documents/refuse", &["assigned"], LEADER, "refused"),
    Row("documents/ask", &["in_progress"], HANDLER_OR_LEADER, "waiting_for_petitioner"),
    Row("documents/extend", &["in_progress"], HANDLER, ""),
    Row("documents/grant_extension", &["in_progress"], LEADER, ""),
    Row("documents/deny_extension", &["in_progress"], LEADER, ""),
    Row("documents/draft", &["in_progress"], HANDLER_OR_LEADER, ""),
    Row("documents/submit", &["in_progress"], HANDLER, "awaiting_approval"),
    Row("documents/approve", &["awaiting_approval"], LEADER, "answered"),
    Row("documents/send_back", &["awaiting_approval"], LEADER, "in_progress"),
    Row("documents/merge", HELD_OPEN, LEADER, "duplicate"),
    Row("documents/grant_reopening", &["answered", "closed"], LEADER, "in_progress"),
    Row("documents/deny_reopening", &["answered", "closed"], LEADER, ""),
    Row("documents/note", HELD, AGENCY, ""),
    Row("petitions/reply", &["waiting_for_petitioner"], PETITIONER, "in_progress"),
    Row("petitions/rating", &["answered"], PETITIONER, "closed"),
    Row("petitions/reopen", &["answered", "closed"], PETITIONER, ""),
    Row("petitions/withdraw", OPEN, PETITIONER, "withdrawn"),
    Row(
        "petitions/identity",
        &["received", "assigned", "in_progress", "waiting_for_petitioner", "awaiting_approval", "answered", "closed"],
        PETITIONER,
        "",
    ),
    Row("coordination/route", &["received"], COORDINATOR, "assigned"),
    Row("coordination/refuse", &["received", "assigned"], COORDINATOR, "refused"),
    Row("coordination/merge", OPEN, COORDINATOR, "duplicate"),
    Row("coordination/grant_reopening", &["answered", "closed"], COORDINATOR, "in_progress"),
    Row("coordination/deny_reopening", &["answered", "closed"], COORDINATOR, ""),
];

impl Row {
    /// The status that docs/contract.md §4.2 asks for.
    fn expected(&self, state: &str, who: &str) -> u16 {
        let Self(call, from, by, _) = self;
        let is_agency = AGENCY.contains(&who);
        let is_held = state != "received";
        match (*call, by.contains(&who), from.contains(&state)) {
            (_, true, true) => 200,
            // An agency that gave the petition back keeps a line of its register, with which nothing can be done.
            (documents, ..) if documents.starts_with("documents/") && is_agency && !is_held => 409,
            (_, true, false) => 409,
            (petitions, ..) if petitions.starts_with("petitions/") => {
                let knows_of_it = PETITIONER.contains(&who) || who == "coordinator" || is_agency && is_held;
                if knows_of_it { 403 } else { 404 }
            }
            _ if ["nobody", "stranger", "guest"].contains(&who) => 401,
            (documents, ..) if documents.starts_with("documents/") && who == "elsewhere" => 404,
            _ => 403,
        }
    }
}

/// Petitions at hand, by state, by who filed them and by what waits for a decision; each with its version.
struct Stock<'t> {
    town: &'t Town,
    target: Petition,
    at_hand: BTreeMap<(&'static str, bool, bool), (Petition, Value)>,
}

impl Stock<'_> {
    /// A petition in the state; `asked`: with an extension or a reopening that waits, where the state can have one.
    async fn take(&mut self, key: (&'static str, bool, bool)) -> (Petition, Value) {
        if let Some(petition) = self.at_hand.remove(&key) {
            return petition;
        }
        let (state, by_account, asked) = key;
        let petition = match by_account {
            true => self.town.file_as(OWNER, &form_of_account()).await,
            false => self.town.file(&form()).await,
        };
        self.town.bring_to(&petition, state).await;
        let document = petition.document;
        if state == "in_progress" {
            self.town.act("handler", document, "draft", draft()).await.expect(200);
            if asked {
                self.town.act("handler", document, "extend", body_of("documents/extend", &self.target)).await.expect(200);
            }
        }
        if asked && ["answered", "closed"].contains(&state) {
            self.call("petitions/reopen", if by_account { "owner" } else { "guest" }, &petition).await.expect(200);
        }
        let version = self.version(&petition).await;
        (petition, version)
    }

    async fn version(&self, petition: &Petition) -> Value {
        let read = self.town.get("coordinator", &format!("/petitions/{}", petition.code)).await.expect(200);
        json!([read["version"], read["status"]])
    }

    async fn call(&self, call: &str, who: &str, petition: &Petition) -> crate::app::Answered {
        let (area, action) = call.split_once('/').unwrap();
        let name = if area == "documents" { petition.document.to_string() } else { petition.code.clone() };
        let request = self.town.app.post(&format!("/{area}/{name}/{action}"), &body_of(call, &self.target));
        let tracked = |token: &str| ("x-tracking-token", token.to_owned());
        let (header, value) = match who {
            "nobody" => return request.send().await,
            "stranger" => tracked(&self.target.tracking),
            "guest" => tracked(&petition.tracking),
            "owner" => ("authorization", format!("Bearer {}", self.town.token(OWNER).await)),
            "other petitioner" => ("authorization", format!("Bearer {}", self.town.token("other@example.vn").await)),
            officer => ("authorization", format!("Bearer {}", self.town.token(officer).await)),
        };
        request.header(header, &value).send().await
    }
}

/// A body with which nothing is wrong.
fn body_of(call: &str, target: &Petition) -> Value {
    match call {
        "documents/assign" => json!({"account": "handler"}),
        "documents/transfer" => json!({"agency": OTHER_AGENCY, "reason": "Khác địa bàn"}),
        "documents/return" | "petitions/reopen" => json!({"reason": "Rác lại đầy"}),
        "documents/refuse" | "coordination/refuse" => json!({"reason_code": "unclear"}),
        "documents/ask" => json!({"question": "Ở đâu?"}),
        "documents/extend" => json!({"until": "2026-03-20", "reason": "Chờ xe"}),
        "documents/draft" => draft(),
        "documents/merge" | "coordination/merge" => json!({"into": target.code}),
        "petitions/reply" | "documents/note" => json!({"text": "Ngõ 12"}),
        "petitions/rating" => json!({"score": 4}),
        "petitions/identity" => json!({"hide_identity": true}),
        "coordination/route" => json!({"agency": OTHER_AGENCY}),
        other if other.contains("deny") || other.contains("send_back") => json!({"note": "Không cần"}),
        _ => json!({}),
    }
}

// docs/contract.md §4.2
#[tokio::test]
async fn everybody_can_do_what_the_contract_says_and_nothing_else() {
    let town = Town::start().await;
    for account in ["handler", OWNER, "other@example.vn", "elsewhere"] {
        town.token(account).await;
    }
    let target = town.file(&form()).await;
    let mut stock = Stock { town: &town, target, at_hand: BTreeMap::new() };
    let (mut wrong, mut calls) = (Vec::new(), 0);
    for state in STATES {
        for row in TABLE {
            let asked = row.0.contains("grant_") || row.0.contains("deny_");
            for who in PEOPLE {
                let key = (state, who == "owner", asked);
                let (petition, version) = stock.take(key).await;
                let answer = stock.call(row.0, who, &petition).await;
                calls += 1;
                let (expected, is_done) = (row.expected(state, who), answer.status == 200);
                if answer.status != expected {
                    wrong.push(format!("{state}, {}, {who}: {} instead of {expected}: {}", row.0, answer.status, answer.code()));
                }
                let now = stock.version(&petition).await;
                let leads_to = if row.3.is_empty() { state } else { row.3 };
                if is_done && now[1] != leads_to {
                    wrong.push(format!("{state}, {}, {who}: leads to {} instead of {leads_to}", row.0, now[1]));
                }
                if !is_done && now != version {
                    wrong.push(format!("{state}, {}, {who}: refused, but {version} became {now}", row.0));
                }
                if !is_done {
                    stock.at_hand.insert(key, (petition, version));
                }
            }
        }
    }
    assert_eq!(calls, STATES.len() * TABLE.len() * PEOPLE.len());
    assert!(wrong.is_empty(), "{} of {calls} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_document_names_the_actions_that_are_then_allowed() {
    let town = Town::start().await;
    town.token("handler").await;
    let target = town.file(&form()).await;
    let mut stock = Stock { town: &town, target, at_hand: BTreeMap::new() };
    let mut wrong = Vec::new();
    for state in HELD {
        for asked in [false, true] {
            for who in ["clerk", "handler", "leader"] {
                let key = (*state, false, asked);
                let (petition, version) = stock.take(key).await;
                let offered = town.document(who, petition.document).await["allowed_actions"].clone();
                stock.at_hand.insert(key, (petition, version));
                let offered: Vec<&str> = offered.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
                let is_asked = asked && ["in_progress", "answered", "closed"].contains(state);
                for Row(call, from, by, _) in TABLE.iter().filter(|row| row.0.starts_with("documents/")) {
                    let action = call.trim_start_matches("documents/");
                    let decides = action.starts_with("grant_") || action.starts_with("deny_");
                    let fits = match action {
                        "extend" => !is_asked,
                        _ => !decides || is_asked,
                    };
                    if offered.contains(&action) != (fits && from.contains(state) && by.contains(&who)) {
                        wrong.push(format!("{state}, {who}, asked {asked}: {action}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
