//! The walk along the routes of the administration.

use super::routes::Walk;
use crate::app::PASSWORD;
use crate::sign_in::second_factor::code;
use crate::town::{AGENCY, form};
use serde_json::{Value, json};

pub async fn walk(walk: &mut Walk) {
    accounts(walk).await;
    directory(walk).await;
    rules(walk).await;
    calendar(walk).await;
    systems(walk).await;
    exchange(walk).await;
    imports(walk).await;
}

/// A route of the administration with the number of a thing in its path.
async fn admin(walk: &mut Walk, route: &str, id: &Value, body: Value, action: &str) -> Value {
    let path = route.split(' ').nth(1).unwrap().replace("{id}", &id.to_string());
    walk.does("admin", route, &path, &body, action).await.body
}

/// Makes a thing, changes it and ends it.
async fn life(walk: &mut Walk, (path, thing): (&str, &str), made: Value, changed: Value) {
    let made = admin(walk, &format!("POST /admin/{path}"), &Value::Null, made, &format!("create_{thing}")).await;
    let (id, one) = (&made["id"], format!("/admin/{path}/{{id}}"));
    admin(walk, &format!("PATCH {one}"), id, changed, &format!("change_{thing}")).await;
    admin(walk, &format!("POST {one}/end"), id, json!({"on": "2026-03-31"}), &format!("end_{thing}")).await;
}

async fn accounts(walk: &mut Walk) {
    let new = json!({"username": "an.nguyen", "full_name": "Nguyễn Văn An", "agency": AGENCY, "roles": ["clerk"]});
    let made = admin(walk, "POST /admin/accounts", &Value::Null, new, "create_account").await;
    let id = &made["account"]["id"];
    let changes = json!({"roles": ["clerk", "handler"], "email": "an@example.vn"});
    admin(walk, "PATCH /admin/accounts/{id}", id, changes, "change_account").await;
    for action in ["disable", "enable", "reset"] {
        admin(walk, &format!("POST /admin/accounts/{{id}}/{action}"), id, json!({}), &format!("{action}_account")).await;
    }
    admin(walk, "POST /admin/accounts/{id}/unlock", id, json!({}), "unlock_account").await;
    let handler = walk.town.get("handler", "/me").await.expect(200).body["id"].clone();
    let begun = walk.town.post("handler", "/me/second-factor", &json!({"current_password": PASSWORD})).await.expect(200);
    let first = json!({"totp": code(&walk.town.app, &begun.text_of("/secret"))});
    walk.town.post("handler", "/me/second-factor/confirm", &first).await.expect(200);
    walk.look_away().await;
    let route = "POST /admin/accounts/{id}/second-factor/remove";
    admin(walk, route, &handler, json!({}), "remove_second_factor").await;
    walk.town.app.clock.advance(chrono::Duration::seconds(30));
    walk.does(
        "leader",
        "POST /account-confirmations/{id}",
        &format!("/account-confirmations/{handler}"),
        &json!({}),
        "confirm_account",
    )
    .await;
    let csv = format!("username,full_name,agency_code,roles\nbinh.tran,Trần Thị Bình,{AGENCY},clerk\n");
    admin(walk, "POST /admin/accounts/import", &Value::Null, json!(csv), "import_accounts").await;
}

async fn directory(walk: &mut Walk) {
    let agency = json!({"code": "27-256-BQLC", "name": "Ban Quản lý chợ Bắc Ninh", "short_name": "BQL chợ", "level": "district",
                        "kind": "management_board", "parent": "27-256", "area": "256", "valid_from": "2026-01-01"});
    life(walk, ("agencies", "agency"), agency, json!({"name": "Ban Quản lý chợ thành phố Bắc Ninh"})).await;
    let area = json!({"code": "09999", "name": "Phường Mới", "kind": "phuong", "parent": "256"});
    life(walk, ("areas", "area"), area, json!({"name": "Phường Rất Mới"})).await;
    let category = json!({"code": "den-duong", "name_vi": "Đèn đường", "department": "27-SXD", "district_division": "QLDT",
                          "default_level": "commune", "processing_working_days": 5, "examples": ["Đèn đường hỏng"]});
    life(walk, ("categories", "category"), category, json!({"processing_working_days": 7})).await;
}

async fn rules(walk: &mut Walk) {
    let rule = json!({"name": "Ồn ào ban đêm", "conditions": {"category": ["tieng-on"], "words": ["Karaoke"], "area": "256"},
                      "target": {"agency": "27-CAT"}, "position": 5});
    let made = admin(walk, "POST /admin/routing-rules", &Value::Null, rule, "create_routing_rule").await;
    let id = &made["id"];
    admin(walk, "PATCH /admin/routing-rules/{id}", id, json!({"position": 1}), "change_routing_rule").await;
    let order = json!({"rules": [id]});
    admin(walk, "POST /admin/routing-rules/reorder", &Value::Null, order, "reorder_routing_rules").await;
    admin(walk, "POST /admin/routing-rules/{id}/end", id, json!({"on": "2026-03-31"}), "end_routing_rule").await;
    let rule = json!({"category": "tieng-on", "urgency": "normal", "amount": 3, "unit": "working_days"});
    life(walk, ("deadline-rules", "deadline_rule"), rule, json!({"amount": 4})).await;
}

async fn calendar(walk: &mut Walk) {
    let holiday = json!({"kind": "holiday", "name": "Nghỉ bù"});
    walk.does("admin", "PUT /admin/calendar/days/{date}", "/admin/calendar/days/2026-03-04", &holiday, "put_calendar_day").await;
    let (route, path) = ("POST /admin/calendar/days/{date}/remove", "/admin/calendar/days/2026-03-04/remove");
    walk.does("admin", route, path, &json!({}), "remove_calendar_day").await;
    let (route, path) = ("POST /admin/calendar/years/{year}/confirm", "/admin/calendar/years/2031/confirm");
    walk.does("admin", route, path, &json!({}), "confirm_calendar_year").await;
    let session = json!({"starts_at": "18:00", "ends_at": "19:00"});
    life(walk, ("calendar/sessions", "working_session"), session, json!({"ends_at": "19:30"})).await;
}

async fn systems(walk: &mut Walk) {
    let webhook = json!({"name": "Trung tâm điều hành", "url": "http://127.0.0.1:9/pakn", "actions": []});
    let made = admin(walk, "POST /admin/webhooks", &Value::Null, webhook, "create_webhook").await;
    let id = if made["id"].is_null() { made["webhook"]["id"].clone() } else { made["id"].clone() };
    walk.town.file(&form()).await;
    let lines = walk.town.get("admin", "/admin/outbox?channel=webhook&limit=1").await.expect(200).body;
    admin(walk, "POST /admin/outbox/{id}/resend", &lines["items"][0]["id"], json!({}), "resend_outbox_line").await;
    admin(walk, "PATCH /admin/webhooks/{id}", &id, json!({"name": "IOC"}), "change_webhook").await;
    let time = json!({"from": "2026-03-01T00:00:00+07:00", "to": "2026-03-03T00:00:00+07:00"});
    admin(walk, "POST /admin/webhooks/{id}/replay", &id, time, "replay_webhook").await;
    admin(walk, "POST /admin/webhooks/{id}/secret", &id, json!({}), "rotate_webhook_secret").await;
    admin(walk, "POST /admin/webhooks/{id}/end", &id, json!({}), "end_webhook").await;
    let key = json!({"name": "Cổng Dịch vụ công", "scope": "exchange"});
    let made = admin(walk, "POST /admin/api-keys", &Value::Null, key, "create_api_key").await;
    admin(walk, "POST /admin/api-keys/{id}/end", &made["id"], json!({}), "end_api_key").await;
    admin(walk, "POST /admin/zalo/authorisation", &Value::Null, json!({}), "authorise_zalo").await;
}

async fn exchange(walk: &mut Walk) {
    let link = json!({"agency": AGENCY, "organ_id": "000.00.14.H05", "transport": "folder", "address": "ubnd-vo-cuong"});
    let made = admin(walk, "POST /admin/exchange-links", &Value::Null, link, "create_exchange_link").await;
    let changes = json!({"address": "ubnd-vo-cuong-2"});
    admin(walk, "PATCH /admin/exchange-links/{id}", &made["id"], changes, "change_exchange_link").await;
    walk.town.file(&form()).await;
    let messages = walk.town.get("admin", "/admin/exchange-messages?limit=1").await.expect(200).body;
    let id = &messages["items"][0]["id"];
    admin(walk, "POST /admin/exchange-messages/{id}/resend", id, json!({}), "resend_exchange_message").await;
    let end = json!({"on": "2026-03-31"});
    admin(walk, "POST /admin/exchange-links/{id}/end", &made["id"], end, "end_exchange_link").await;
}

async fn imports(walk: &mut Walk) {
    let csv = "number,received_at,category,area,title,content\n\
               PA-1,2019-03-05 08:30,rac-thai-chat-thai,09190,Đèn đường hỏng,Đèn đường hỏng đã hai tuần ở ngõ 12.\n";
    admin(walk, "POST /admin/petition-imports", &Value::Null, json!(csv), "import_petitions").await;
    let reform = json!({
        "on": "2025-07-01",
        "dry_run": false,
        "agencies": include_str!("../../../data/agencies-2025.csv"),
        "areas": include_str!("../../../data/areas-2025.csv"),
        "successors": include_str!("../../../data/successors-2025.csv"),
    });
    // What was made above would not stand in its files, and new rules name what ends.
    admin(walk, "POST /admin/reorganisations", &Value::Null, reform, "reorganise_agencies").await;
}
