//! Filing with a key: where it happens, what is wrong with it, and how often.

use super::{get, key, post};
use crate::town::Town;
use reqwest::Method;
use serde_json::json;

/// A form, and what is answered to it.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

const WHAT: (&str, &str) = ("description", "Rác thải tồn đọng ba ngày ở đầu ngõ.");
const SERVICE: (&str, &str) = ("service_code", "rac-thai-chat-thai");

#[tokio::test]
async fn a_request_is_a_petition_in_the_register() {
    let town = Town::start().await;
    let key = key(&town, "open311", 100).await;
    let person = [("first_name", "An"), ("last_name", "Nguyễn"), ("phone", "0912345678")];
    let mut form = vec![
        ("api_key", key.as_str()),
        SERVICE,
        WHAT,
        ("lat", "21.186149"),
        ("long", "106.076551"),
        ("attribute[area]", "09190"),
    ];
    form.extend(person);
    let filed = post(&town, &form).await.expect(201);
    let code = filed.body[0]["service_request_id"].as_str().unwrap();
    let inbox = town.get("clerk", "/documents").await.expect(200);
    assert_eq!(inbox["items"][0]["code"], code);
    let by_channel = town.get("", "/statistics/summary?channel=open311&measures=received").await.expect(200);
    assert_eq!(by_channel["total"]["received"], 1);
    for path in ["/requests.json", "/requests.xml"] {
        let listed = get(&town, path).await.expect(200);
        assert!(!listed.text.contains(code), "what is not published is not listed");
    }
    get(&town, &format!("/requests/{code}.json")).await.expect(404);
}

#[tokio::test]
async fn an_address_may_name_the_commune_and_has_to_name_one() {
    let town = Town::start().await;
    let key = key(&town, "open311", 100).await;
    for address in ["Đường Lý Thái Tổ, Phường Võ Cường", "ly thai to, VO CUONG, tp bac ninh"] {
        post(&town, &[("api_key", &key), SERVICE, WHAT, ("address_string", address)]).await.expect(201);
    }
    // Two wards are called Ninh Xá; the district tells them apart, with and without what sort of place each is.
    for (address, area) in [
        ("Ninh Xá, Thuận Thành", "09445"),
        ("thôn Đông, phường Ninh Xá, thị xã Thuận Thành, tỉnh Bắc Ninh", "09445"),
        ("Ninh Xá, Thuận Thành, Bắc Ninh", "09445"),
        ("p. ninh xa, tx thuan thanh", "09445"),
        ("Ninh Xá, thành phố Bắc Ninh, tỉnh Bắc Ninh", "09184"),
        ("Phường Ninh Xá - TP Bắc Ninh", "09184"),
    ] {
        let filed = post(&town, &[("api_key", &key), SERVICE, WHAT, ("address_string", address)]).await.expect(201);
        let code = filed.body[0]["service_request_id"].as_str().unwrap_or_else(|| panic!("{address}: {}", filed.text));
        let read = town.get("coordinator", &format!("/petitions/{code}")).await.expect(200);
        assert_eq!(read["area"]["code"], area, "{address}");
    }
    for address in ["Ninh Xá", "Đường Lý Thái Tổ", "giữa phường Võ Cường và phường Đại Phúc"] {
        let refused = post(&town, &[("api_key", &key), SERVICE, WHAT, ("address_string", address)]).await.expect(400);
        assert_eq!(refused.body[0]["code"], 400);
        assert!(refused.body[0]["description"].as_str().unwrap().contains("attribute[area]"), "{}", refused.text);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_form_of_the_standard() {
    let town = Town::start().await;
    let key = key(&town, "open311", 100).await;
    let place = ("attribute[area]", "09190");
    let at = ("address_string", "Đường Lý Thái Tổ");
    let cases: &[Case<'_>] = &[
        (&[SERVICE, WHAT, place, at], 403, "API"),
        (&[("api_key", "nix"), SERVICE, WHAT, place, at], 403, "API"),
        (&[("api_key", &key), WHAT, place, at], 400, "service_code"),
        (&[("api_key", &key), ("service_code", "nix"), WHAT, place, at], 404, "service_code"),
        (&[("api_key", &key), SERVICE, place, at], 400, "description"),
        (&[("api_key", &key), SERVICE, WHAT, place], 400, "lat"),
        (&[("api_key", &key), SERVICE, WHAT, place, ("lat", "21.1")], 400, "long"),
        (&[("api_key", &key), SERVICE, WHAT, place, ("lat", "x"), ("long", "106")], 400, "lat"),
        (&[("api_key", &key), SERVICE, WHAT, place, ("lat", "48.8"), ("long", "2.3")], 400, "lat"),
        (&[("api_key", &key), SERVICE, WHAT, ("attribute[area]", "99999"), at], 400, "attribute[area]"),
        (&[("api_key", &key), SERVICE, WHAT, place, at, ("phone", "123")], 400, "phone"),
        (&[("api_key", &key), SERVICE, WHAT, place, at, ("media_url", "javascript:x")], 400, "media_url"),
        (&[("api_key", &key), SERVICE, WHAT, place, at, ("jurisdiction_id", "boston.gov")], 404, "jurisdiction_id"),
    ];
    for (form, status, names) in cases {
        let refused = post(&town, form).await.expect(*status);
        assert_eq!(refused.body[0]["code"], *status, "{}", refused.text);
        assert!(refused.body[0]["description"].as_str().unwrap().contains(names), "{names} in {}", refused.text);
    }
}

#[tokio::test]
async fn a_key_opens_one_thing_so_often_in_an_hour_and_until_it_ends() {
    let town = Town::start().await;
    let other = key(&town, "exchange", 100).await;
    let form = |key| [("api_key", key), SERVICE, WHAT, ("attribute[area]", "09190"), ("address_string", "Đường Lý Thái Tổ")];
    post(&town, &form(&other)).await.expect(403);
    let few = key(&town, "open311", 2).await;
    for _ in 0..2 {
        post(&town, &form(&few)).await.expect(201);
    }
    let refused = post(&town, &form(&few)).await.expect(429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(refused.body[0]["code"], 429);
    town.later(chrono::Duration::hours(1));
    post(&town, &form(&few)).await.expect(201);
    let listed = town.get("admin", "/admin/api-keys").await.expect(200);
    assert!(!listed.text.contains(&few) && !listed.text.contains("key_hash"), "{}", listed.text);
    let id = listed["items"][1]["id"].as_i64().unwrap();
    town.post("admin", &format!("/admin/api-keys/{id}/end"), &json!({})).await.expect(200);
    post(&town, &form(&few)).await.expect(403);
    town.post("reviewer", "/admin/api-keys", &json!({"name": "x", "scope": "open311"})).await.expect_problem(403, "role_missing");
}

#[tokio::test]
async fn who_has_to_wait_for_an_agency_gets_a_token_until_then() {
    let town = Town::start().await;
    crate::coordination::end_rule_of(&town, "rac-thai-chat-thai").await;
    town.at("2026-03-03T08:00:00+07:00");
    let key = key(&town, "open311", 100).await;
    let form = [("api_key", key.as_str()), SERVICE, WHAT, ("attribute[area]", "09190"), ("address_string", "Đường Lý Thái Tổ")];
    let filed = post(&town, &form).await.expect(201);
    assert!(filed.body[0]["service_request_id"].is_null(), "{}", filed.text);
    let token = filed.body[0]["token"].as_str().unwrap();
    let asked = get(&town, &format!("/tokens/{token}.json")).await.expect(200);
    assert!(asked.body[0]["service_request_id"].is_null());
    let code = town.get("coordinator", "/coordination").await.expect(200)["items"][0]["code"].as_str().unwrap().to_owned();
    let target = json!({"agency": "27-256-QLDT"});
    town.post("coordinator", &format!("/coordination/{code}/route"), &target).await.expect(200);
    let asked = get(&town, &format!("/tokens/{token}.json")).await.expect(200);
    assert_eq!((&asked.body[0]["service_request_id"], &asked.body[0]["token"]), (&json!(code), &json!(token)));
}

#[tokio::test]
async fn other_bodies_and_too_large_ones_are_refused_in_the_form_of_the_standard() {
    let town = Town::start_with(|config| config.max_body_bytes = 2000).await;
    let key = key(&town, "open311", 100).await;
    let form = format!("api_key={key}&service_code=rac-thai-chat-thai&description=");
    let json = json!({"api_key": key, "service_code": "rac-thai-chat-thai"}).to_string();
    let multipart = crate::media::multipart("media", "anh.jpg", "image/jpeg", b"x");
    let kind = crate::media::multipart_type();
    for (media_type, body, status) in [
        ("application/json", json.into_bytes(), 415),
        (&kind, multipart, 415),
        ("text/plain", b"api_key=x".to_vec(), 415),
        ("application/x-www-form-urlencoded", format!("{form}{}", "a".repeat(3000)).into_bytes(), 413),
        ("application/x-www-form-urlencoded", format!("{form}%FF").into_bytes(), 400),
    ] {
        for ending in ["json", "xml"] {
            let request = town.app.outside(Method::POST, &format!("/open311/v2/requests.{ending}"));
            let refused = request.body(media_type, body.clone()).send().await.expect(status);
            let code = match ending {
                "json" => refused.body[0]["code"].to_string(),
                _ => {
                    let document = roxmltree::Document::parse(&refused.text).unwrap();
                    assert_eq!(document.root_element().tag_name().name(), "errors");
                    document.descendants().find(|it| it.has_tag_name("code")).unwrap().text().unwrap().to_owned()
                }
            };
            assert_eq!(code, status.to_string(), "{media_type}: {}", refused.text);
        }
    }
}

#[tokio::test]
async fn attributes_that_no_service_asks_for_are_named() {
    let town = Town::start().await;
    let key = key(&town, "open311", 100).await;
    let form = [("api_key", key.as_str()), SERVICE, WHAT, ("attribute[area]", "09190"), ("address_string", "Đường Lý Thái Tổ")];
    assert!(post(&town, &form).await.expect(201).body[0]["service_notice"].is_null());
    let more = [("attribute[mau_sac]", "xanh"), ("attribute[<b>]", "1")];
    let filed = post(&town, &[&form[..], &more].concat()).await.expect(201);
    let notice = filed.body[0]["service_notice"].as_str().unwrap();
    assert!(notice.contains("attribute[mau_sac]") && notice.contains("attribute[<b>]"), "{notice}");
    assert!(!notice.contains("area") && !notice.contains("xanh"), "{notice}");
}
