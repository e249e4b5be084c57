//! Requests of the administration: about records that are there, and about records that are not.

use super::world::{Prepared, World};
use crate::town::AGENCY;
use serde_json::{Value, json};

/// What stands for an id that nothing has.
const UNKNOWN: i64 = 999_999_999;

/// The request; `None` where the route is none of these.
#[expect(clippy::too_many_lines, reason = "one arm for each route")]
pub async fn prepare(world: &World, own: bool, route: &str) -> Option<Prepared> {
    let (method, path) = route.split_once(" /admin/")?;
    let api = |path: &str| format!("/api/v1/admin/{path}");
    // What is read as a whole or made anew; a code that does not exist is the foreign one.
    match (method, path) {
        ("GET", "calendar" | "zalo" | "audit") => return Some(Prepared::get(api(path))),
        ("POST", "zalo/authorisation") => return Some(Prepared::json(api(path), json!({}))),
        ("POST", "accounts/import") => {
            let agency = if own { AGENCY } else { "27-0" };
            let line = format!("nhap{},Trần Văn Nhập,{agency},clerk\n", world.number());
            return Some(Prepared::typed(api(path), "text/csv", format!("username,full_name,agency,roles\n{line}")));
        }
        ("POST", "petition-imports") => {
            let area = if own { "09190" } else { "99999" };
            let csv = format!(
                "number,received_at,category,area,title,content\nPA-{},2019-03-05 08:30,rac-thai-chat-thai,{area},Rác tồn đọng,\
                 Rác thải tồn đọng ba ngày ở đầu ngõ.\n",
                world.number()
            );
            return Some(Prepared::typed(api(path), "text/csv", csv));
        }
        ("POST", "reorganisations") => {
            let areas = if own { include_str!("../../../data/areas-2025.csv") } else { "" };
            let agencies = include_str!("../../../data/agencies-2025.csv");
            let successors = include_str!("../../../data/successors-2025.csv");
            let body =
                json!({"on": "2025-07-01", "dry_run": true, "agencies": agencies, "areas": areas, "successors": successors});
            return Some(Prepared::json(api(path), body));
        }
        ("POST", "routing-rules/reorder") => {
            let rules = world.town.get("admin", "/admin/routing-rules?limit=100").await.expect(200).body;
            let known: Vec<Value> = rules["items"].as_array().unwrap().iter().map(|rule| rule["id"].clone()).collect();
            let order = if own { json!(known) } else { json!([UNKNOWN]) };
            return Some(Prepared::json(api(path), json!({"rules": order})));
        }
        ("POST", "routing-rules/dry-run") => {
            let agency = if own { AGENCY } else { "27-0" };
            let rules = json!([{"conditions": {"category": "tieng-on"}, "target": {"agency": agency}}]);
            return Some(Prepared::json(api(path), json!({"rules": rules, "from": "2026-03-01", "to": "2026-03-31"})));
        }
        ("PUT", "calendar/days/{date}") => {
            let day = if own { format!("2026-12-{:02}", 1 + world.number() % 28) } else { "khong-phai-ngay".to_owned() };
            return Some(Prepared::json(api(&format!("calendar/days/{day}")), json!({"kind": "holiday", "name": "Ngày nghỉ"})));
        }
        ("POST", "calendar/years/{year}/confirm") => {
            let year = if own { (2100 + world.number() % 90).to_string() } else { "khong-phai-nam".to_owned() };
            return Some(Prepared::json(api(&format!("calendar/years/{year}/confirm")), json!({})));
        }
        ("POST", "calendar/days/{date}/remove") => {
            let day = format!("2026-{}-{:02}", if own { 11 } else { 10 }, 1 + world.number() % 28);
            if own {
                let request = world.town.app.request(reqwest::Method::PUT, &format!("/admin/calendar/days/{day}"));
                let request = request.token(&world.town.token("admin").await);
                request.json(&json!({"kind": "holiday", "name": "Ngày nghỉ"})).send().await.expect(200);
            }
            return Some(Prepared::get(api(&format!("calendar/days/{day}/remove"))));
        }
        ("GET", "exchange-messages/unacknowledged") => return Some(Prepared::get(api(path))),
        _ => {}
    }
    let (kind, rest) = match path.split_once("/{id}") {
        Some((kind, rest)) => (kind, Some(rest)),
        None => (path, None),
    };
    let Some(action) = rest else {
        return Some(if method == "GET" {
            Prepared::get(api(kind))
        } else {
            Prepared::json(api(kind), new(world, kind, own).await)
        });
    };
    let id = if own { existing(world, kind).await } else { UNKNOWN };
    let path = api(&format!("{kind}/{id}{action}"));
    Some(match (method, action) {
        ("GET", _) => Prepared::get(path),
        ("PATCH", _) => Prepared::json(path, change(kind)),
        (_, "/end") if kind == "webhooks" || kind == "api-keys" => Prepared::get(path),
        (_, "/end") => Prepared::json(path, json!({"on": "2028-12-31"})),
        (_, "/replay") => Prepared::json(path, json!({"from": "2026-03-01T00:00:00+07:00", "to": "2026-03-02T23:00:00+07:00"})),
        _ => Prepared::get(path),
    })
}

/// A record of the kind that is there.
async fn existing(world: &World, kind: &str) -> i64 {
    match kind {
        "outbox" => event(world).await,
        // Nothing was exchanged in this town: a message that is not there is refused as one.
        "exchange-messages" => UNKNOWN,
        kind => world.made(kind, new(world, kind, true).await).await,
    }
}

/// A line of the outbox: an event for another system.
async fn event(world: &World) -> i64 {
    if world.first("/admin/webhooks").await.is_null() {
        world.made("webhooks", new(world, "webhooks", true).await).await;
    }
    world.guest_petition().await;
    world.first("/admin/outbox").await["id"].as_i64().unwrap_or(UNKNOWN)
}

/// What an administrator makes; the foreign one names something that does not exist.
async fn new(world: &World, kind: &str, own: bool) -> Value {
    let number = world.number();
    let agency = if own { AGENCY } else { "27-0" };
    match kind {
        "accounts" => {
            json!({"username": format!("moi{number}"), "full_name": "Trần Văn Mới", "agency": agency, "roles": ["clerk"]})
        }
        "agencies" => json!({
            "code": format!("27-256-M{number}"), "name": "Ban Quản lý chợ", "short_name": "BQL chợ", "level": "district",
            "kind": "management_board", "parent": if own { "27-256" } else { "27-0" }, "area": "256", "valid_from": "2026-01-01",
        }),
        "areas" => json!({
            "code": format!("{}", 70_000 + number), "name": "Phường Mới", "kind": "phuong", "parent": if own { "256" } else { "0" },
            "latitude": 21.18, "longitude": 106.07, "valid_from": "2026-04-01",
        }),
        "categories" => category(number, own),
        "deadline-rules" => {
            let category = match own {
                true => {
                    world.town.post("admin", "/admin/categories", &category(number, true)).await.expect(201);
                    format!("linh-vuc-{number}")
                }
                false => "khong-co".to_owned(),
            };
            json!({"category": category, "urgency": "normal", "amount": 3, "unit": "working_days"})
        }
        "routing-rules" => {
            json!({"name": "Ồn ào", "conditions": {"category": "tieng-on", "words": ["x"]}, "target": {"agency": agency}})
        }
        "exchange-links" => {
            let made = if own { world.made("agencies", Box::pin(new(world, "agencies", true)).await).await } else { 0 };
            let code = match own {
                true => world.town.get("admin", &format!("/admin/agencies/{made}")).await.expect(200).text_of("/code"),
                false => "27-0".to_owned(),
            };
            json!({"agency": code, "organ_id": format!("H05.{number}"), "transport": "folder", "address": format!("thu-muc-{number}")})
        }
        "calendar/sessions" => {
            let minute = number % 60;
            let ends = if own { format!("20:{minute:02}") } else { "17:00".to_owned() };
            json!({"starts_at": "18:30", "ends_at": ends, "valid_from": format!("2027-{:02}-01", 1 + number % 12)})
        }
        "webhooks" => json!({"name": "Hệ thống khác", "url": "http://127.0.0.1:9/hook", "agency": agency}),
        "api-keys" => {
            json!({"name": "Hệ thống khác", "partner": format!("doi-tac-{number}"), "scope": if own { "exchange" } else { "x" }})
        }
        other => panic!("nothing is made of {other}"),
    }
}

fn category(number: u32, own: bool) -> Value {
    json!({
        "code": format!("linh-vuc-{number}"), "name_vi": "Lĩnh vực mới", "department": if own { "27-STNMT" } else { "27-0" },
        "district_division": "TNMT", "default_level": "commune", "processing_working_days": 5,
    })
}

fn change(kind: &str) -> Value {
    match kind {
        "accounts" => json!({"full_name": "Trần Văn Khác"}),
        "categories" => json!({"name_vi": "Lĩnh vực khác"}),
        "deadline-rules" => json!({"amount": 4}),
        "exchange-links" => json!({"address": "thu-muc-khac"}),
        "calendar/sessions" => json!({"starts_at": "18:45"}),
        _ => json!({"name": "Tên khác"}),
    }
}
