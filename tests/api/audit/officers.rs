//! The walk along the routes of officers and of their accounts.

use super::routes::Walk;
use crate::app::PASSWORD;
use crate::attachments::sent;
use crate::media::jpeg;
use crate::sign_in::second_factor::code;
use crate::town::{OTHER_AGENCY, draft, form, form_with};
use serde_json::json;

pub async fn walk(walk: &mut Walk) {
    filing_and_reading(walk).await;
    answering(walk).await;
    deadlines_and_reopening(walk).await;
    handing_on(walk).await;
    coordination(walk).await;
    own_account(walk).await;
}

async fn document(walk: &mut Walk, who: &str, id: i64, action: &str, body: serde_json::Value) {
    walk.does(who, &format!("POST /documents/{{id}}/{action}"), &format!("/documents/{id}/{action}"), &body, action).await;
}

async fn filing_and_reading(walk: &mut Walk) {
    let counter = form_with(json!({"channel": "counter"}));
    walk.does("coordinator", "POST /petitions", "/petitions", &counter, "file").await;
    let photo = sent(&walk.town.app, &jpeg(40, 40)).await;
    let petition = walk.town.file(&form_with(json!({"attachments": [photo]}))).await;
    let path = format!("/documents/{}", petition.document);
    let none = json!(null);
    let identity = format!("{path}/petitioner");
    walk.does("handler", "GET /documents/{id}/petitioner", &identity, &none, "read_document_petitioner").await;
    let original = format!("{path}/attachments/{photo}/original");
    walk.does("clerk", "GET /documents/{id}/attachments/{attachment}/original", &original, &none, "read_original").await;
    let original = format!("/coordination/{}/attachments/{photo}/original", petition.code);
    let route = "GET /coordination/{code}/attachments/{attachment}/original";
    walk.does("coordinator", route, &original, &none, "read_coordination_original").await;
}

async fn answering(walk: &mut Walk) {
    let petition = walk.town.file(&form()).await;
    let id = petition.document;
    document(walk, "clerk", id, "accept", json!({})).await;
    document(walk, "leader", id, "assign", json!({"account": "handler"})).await;
    document(walk, "handler", id, "note", json!({"text": "Đã gọi điện cho tổ dân phố."})).await;
    document(walk, "handler", id, "ask", json!({"question": "Ở đoạn nào của đường?"})).await;
    walk.town.respond(&petition, "reply", json!({"text": "Ở đầu ngõ 12."})).await.expect(200);
    document(walk, "handler", id, "draft", draft()).await;
    document(walk, "handler", id, "submit", json!({})).await;
    document(walk, "leader", id, "send_back", json!({"note": "Viết rõ hơn."})).await;
    document(walk, "handler", id, "submit", json!({})).await;
    document(walk, "leader", id, "approve", json!({})).await;
    let (words, down) = (json!({"title": "Rác thải ở ngõ"}), json!({"published": false, "reason": "Nêu tên hàng xóm."}));
    let path = format!("/documents/{id}/publication");
    walk.does("leader", "PATCH /documents/{id}/publication", &path, &words, "moderate").await;
    let path = format!("/coordination/{}/publication", petition.code);
    walk.does("coordinator", "PATCH /coordination/{code}/publication", &path, &down, "moderate").await;
}

async fn deadlines_and_reopening(walk: &mut Walk) {
    for decision in [("grant_extension", json!({})), ("deny_extension", json!({"note": "Không đủ lý do"}))] {
        let petition = walk.town.filed("in_progress").await;
        let asked = json!({"until": "2026-03-14", "reason": "Chờ xe chuyên dụng"});
        document(walk, "handler", petition.document, "extend", asked).await;
        document(walk, "leader", petition.document, decision.0, decision.1).await;
    }
    for decision in [("grant_reopening", json!({})), ("deny_reopening", json!({"note": "Đã làm sạch"}))] {
        for who in ["leader", "coordinator"] {
            let petition = walk.town.filed("answered").await;
            walk.town.respond(&petition, "reopen", json!({"reason": "Rác lại đầy."})).await.expect(200);
            if who == "leader" {
                document(walk, who, petition.document, decision.0, decision.1.clone()).await;
            } else {
                let (route, path) = coordination_route(&petition.code, decision.0);
                walk.does(who, &route, &path, &decision.1, decision.0).await;
            }
        }
    }
}

async fn handing_on(walk: &mut Walk) {
    let elsewhere = json!({"agency": OTHER_AGENCY, "reason": "Đúng thẩm quyền của phường bạn"});
    let petition = walk.town.filed("assigned").await;
    document(walk, "clerk", petition.document, "transfer", elsewhere).await;
    let petition = walk.town.filed("assigned").await;
    document(walk, "clerk", petition.document, "return", json!({"reason": "Không thuộc thẩm quyền"})).await;
    let petition = walk.town.filed("assigned").await;
    document(walk, "leader", petition.document, "refuse", json!({"reason_code": "unclear"})).await;
    let (first, second) = (walk.town.filed("assigned").await, walk.town.filed("assigned").await);
    document(walk, "leader", second.document, "merge", json!({"into": first.code})).await;
}

fn coordination_route(code: &str, action: &str) -> (String, String) {
    (format!("POST /coordination/{{code}}/{action}"), format!("/coordination/{code}/{action}"))
}

async fn coordination(walk: &mut Walk) {
    let first = walk.town.filed("assigned").await;
    for (action, body) in [
        ("route", json!({"agency": OTHER_AGENCY})),
        ("refuse", json!({"reason_code": "unclear"})),
        ("merge", json!({"into": first.code})),
    ] {
        let petition = walk.town.filed("received").await;
        let (route, path) = coordination_route(&petition.code, action);
        if action == "route" {
            let identity = format!("/coordination/{}/petitioner", petition.code);
            let looked = "read_coordination_petitioner";
            walk.does("coordinator", "GET /coordination/{code}/petitioner", &identity, &json!(null), looked).await;
        }
        walk.does("coordinator", &route, &path, &body, action).await;
    }
}

async fn own_account(walk: &mut Walk) {
    let phone = json!({"phone": "0987654321", "current_password": PASSWORD});
    walk.does("clerk", "PATCH /me", "/me", &phone, "change_me").await;
    walk.does("clerk", "PATCH /me/preferences", "/me/preferences", &json!({"email": false}), "change_preferences").await;
    walk.town.token("elsewhere").await;
    walk.look_away().await;
    let signed_in = walk.town.app.login("elsewhere", PASSWORD).await.expect(200);
    walk.entered("POST /auth/login", "sign_in", Some("elsewhere"), &signed_in).await;
    let refresh = json!({"refresh_token": signed_in.text_of("/refresh_token")});
    let signed_out = walk.town.app.post("/auth/logout", &refresh).send().await.expect(204);
    walk.entered("POST /auth/logout", "sign_out", Some("elsewhere"), &signed_out).await;
    second_factor(walk).await;
    let change = json!({"current_password": PASSWORD, "new_password": "cầu vồng trên sông Cầu"});
    walk.does("elsewhere", "POST /me/password", "/me/password", &change, "change_password").await;
    let report = json!({"title": "Báo cáo tháng 3", "question": {"from": "2026-03-01", "to": "2026-03-02"}});
    walk.does("reviewer", "POST /statistics/snapshots", "/statistics/snapshots", &report, "publish_snapshot").await;
}

async fn second_factor(walk: &mut Walk) {
    let route = |name: &str| (format!("POST /me/second-factor/{name}"), format!("/me/second-factor/{name}"));
    let half_a_minute = chrono::Duration::seconds(30);
    let begun = walk.town.post("clerk", "/me/second-factor", &json!({"current_password": PASSWORD})).await.expect(200);
    let secret = begun.text_of("/secret");
    for (name, action) in [("confirm", "confirm_second_factor"), ("recovery-codes", "renew_recovery_codes")] {
        walk.town.app.clock.advance(half_a_minute);
        let body = json!({"totp": code(&walk.town.app, &secret)});
        let (route, path) = route(name);
        walk.does("clerk", &route, &path, &body, action).await;
    }
    walk.town.app.clock.advance(half_a_minute);
    let body = json!({"current_password": PASSWORD, "totp": code(&walk.town.app, &secret)});
    let (route, path) = route("remove");
    walk.does("clerk", &route, &path, &body, "give_up_second_factor").await;

    let other = walk.town.app.login("clerk", PASSWORD).await.expect(200).text_of("/access_token");
    let own = walk.town.app.get("/me/sessions").token(&other).send().await.expect(200);
    let session = own.body["items"].as_array().unwrap().iter().find(|session| session["is_current"] == true).unwrap();
    let path = format!("/me/sessions/{}/end", session["id"].as_str().unwrap());
    walk.does("clerk", "POST /me/sessions/{id}/end", &path, &json!({}), "end_session").await;
    let (route, path) = ("POST /me/sessions/end-others", "/me/sessions/end-others");
    walk.does("clerk", route, path, &json!({}), "end_other_sessions").await;
}
