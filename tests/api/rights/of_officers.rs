//! Requests of agencies, the coordinator and readers of figures: what their agency holds and what another one does.

use super::people::Who;
use super::world::{Prepared, World};
use crate::town::{AGENCY, OTHER_AGENCY, THIRD_AGENCY, draft, form_with};
use serde_json::{Value, json};

/// The steps of a document: the state from which each leads on, and what it says.
const STEPS: &[(&str, &str)] = &[
    ("accept", "assigned"),
    ("assign", "in_progress"),
    ("transfer", "assigned"),
    ("return", "assigned"),
    ("refuse", "assigned"),
    ("ask", "in_progress"),
    ("note", "in_progress"),
    ("draft", "in_progress"),
    ("submit", "drafted"),
    ("approve", "awaiting_approval"),
    ("send_back", "awaiting_approval"),
    ("extend", "in_progress"),
    ("grant_extension", "extension_asked"),
    ("deny_extension", "extension_asked"),
    ("merge", "in_progress"),
    ("grant_reopening", "reopening_asked"),
    ("deny_reopening", "reopening_asked"),
];

/// The request; `None` where the route is none of these.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of route")]
pub async fn prepare(world: &World, who: Who, own: bool, route: &str) -> Option<Prepared> {
    let api = |path: &str| format!("/api/v1{path}");
    let agency = if own { AGENCY } else { OTHER_AGENCY };
    Some(match route {
        "GET /documents" => Prepared::get(api(if own { "/documents" } else { "/documents?assignee=elsewhere" })),
        "GET /documents/register" | "GET /documents/register.csv" | "GET /documents/register.xlsx" => {
            Prepared::get(api(&format!("{}?year=2026", route.trim_start_matches("GET "))))
        }
        "GET /documents/{id}" | "GET /documents/{id}/petitioner" => {
            let document = world.petition(for_document(who), own, "in_progress").await.document;
            Prepared::get(api(&route.trim_start_matches("GET ").replace("{id}", &document.to_string())))
        }
        "GET /documents/{id}/publication" => {
            let document = world.petition(for_document(who), own, "awaiting_approval").await.document;
            Prepared::get(api(&format!("/documents/{document}/publication")))
        }
        "PATCH /documents/{id}/publication" => {
            let document = world.petition(for_document(who), own, "awaiting_approval").await.document;
            Prepared::json(api(&format!("/documents/{document}/publication")), body(world, "publication").await)
        }
        "GET /coordination/{code}/publication" => {
            let code = desk(world, own, "received").await;
            Prepared::get(api(&format!("/coordination/{code}/publication")))
        }
        "PATCH /coordination/{code}/publication" => {
            let code = desk(world, own, "reopening_asked").await;
            Prepared::json(api(&format!("/coordination/{code}/publication")), body(world, "publication").await)
        }
        "GET /documents/{id}/attachments/{attachment}/original" => original(world, who, own).await,
        "GET /account-confirmations" => Prepared::get(api("/account-confirmations")),
        "POST /account-confirmations/{id}" => {
            let id = waiting(world, agency).await;
            Prepared::json(api(&format!("/account-confirmations/{id}")), json!({}))
        }
        "GET /coordination" => Prepared::get(api("/coordination")),
        "GET /coordination/{code}/petitioner" => {
            let code = desk(world, own, "received").await;
            Prepared::get(api(&format!("/coordination/{code}/petitioner")))
        }
        "GET /coordination/{code}/attachments/{attachment}/original" => {
            let photo = world.photo("").await;
            let area = if own { "09190" } else { "09187" };
            let petition = world.town.file(&form_with(json!({"area": area, "attachments": [photo]}))).await;
            Prepared::get(api(&format!("/coordination/{}/attachments/{photo}/original", petition.code)))
        }
        // The figures of another agency are not for its neighbour.
        "GET /statistics/petitions" => {
            Prepared::get(api(&format!("/statistics/petitions?period=2026-03&bucket=received&agency={agency}")))
        }
        "GET /reports/{name}.{format}" => {
            Prepared::get(api(&format!("/reports/register.csv?from=2026-01-01&to=2026-12-31&agency={agency}")))
        }
        "POST /statistics/snapshots" => {
            Prepared::json(api("/statistics/snapshots"), json!({"title": "Báo cáo tháng 3", "question": {}}))
        }
        _ => {
            if let Some(action) = route.strip_prefix("POST /documents/{id}/") {
                let (_, state) = STEPS.iter().find(|(step, _)| *step == action)?;
                let document = world.petition(for_document(who), own, state).await.document;
                return Some(Prepared::json(api(&format!("/documents/{document}/{action}")), body(world, action).await));
            }
            let action = route.strip_prefix("POST /coordination/{code}/")?;
            let state = if action.ends_with("reopening") { "reopening_asked" } else { "received" };
            let code = desk(world, own, state).await;
            Prepared::json(api(&format!("/coordination/{code}/{action}")), body(world, action).await)
        }
    })
}

/// The documents of these tests were filed by guests, whoever asks for them.
fn for_document(who: Who) -> Who {
    if who == Who::Former { who } else { Who::Nobody }
}

/// A petition on the coordinator's desk, or one that an agency holds.
async fn desk(world: &World, own: bool, state: &str) -> String {
    world.petition(Who::Nobody, own, state).await.code
}

async fn body(world: &World, action: &str) -> Value {
    match action {
        "assign" => json!({"account": "handler"}),
        "transfer" => json!({"agency": THIRD_AGENCY, "reason": "Không thuộc thẩm quyền"}),
        "route" => json!({"agency": OTHER_AGENCY}),
        "return" => json!({"reason": "Không thuộc thẩm quyền"}),
        "refuse" => json!({"reason_code": "unclear"}),
        "ask" => json!({"question": "Ở đoạn nào của đường?"}),
        "note" => json!({"text": "Đã xem."}),
        "publication" => json!({"title": "Rác thải ở ngõ"}),
        "draft" => draft(),
        "extend" => json!({"until": "2026-03-20", "reason": "Chờ xe"}),
        "send_back" | "deny_extension" | "deny_reopening" => json!({"note": "Chưa rõ"}),
        "merge" => json!({"into": world.guest_petition().await.code}),
        _ => json!({}),
    }
}

async fn original(world: &World, who: Who, own: bool) -> Prepared {
    let photo = world.photo("").await;
    let area = if own { "09190" } else { "09187" };
    let petition = world.town.file(&form_with(json!({"area": area, "attachments": [photo]}))).await;
    if own && who == Who::Former {
        let away = json!({"agency": OTHER_AGENCY, "reason": "Không thuộc thẩm quyền"});
        world.town.act("clerk", petition.document, "transfer", away).await.expect(200);
    }
    Prepared::get(format!("/api/v1/documents/{}/attachments/{photo}/original", petition.document))
}

/// A new officer of an agency whom an administrator has made.
async fn waiting(world: &World, agency: &str) -> i64 {
    let (username, first) = (format!("moi.{}", world.number()), "gạch vàng bên sông Đuống");
    let new =
        json!({"username": username, "full_name": "Nguyễn Văn Mới", "agency": agency, "roles": ["handler"], "password": first});
    let id = world.made("accounts", new).await;
    let token = world.town.app.login(&username, first).await.expect(200).text_of("/access_token");
    let change = json!({"current_password": first, "new_password": "một câu dài hơn hẳn"});
    world.town.app.post("/me/password", &change).token(&token).send().await.expect(204);
    id
}
