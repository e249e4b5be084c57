//! Links in the hands of an administrator, and what they must not be.

use super::{Exchange, FOLDER};
use crate::town::{AGENCY, OTHER_AGENCY, Town};
use pakn::config::Secret;
use serde_json::{Value, json};

const LINKS: &str = "/admin/exchange-links";

fn link() -> Value {
    json!({"agency": AGENCY, "organ_id": "000.00.14.H05", "transport": "folder", "address": FOLDER})
}

fn with(name: &str, value: Value) -> Value {
    let mut link = link();
    link[name] = value;
    link
}

#[tokio::test]
async fn a_link_is_made_changed_and_ended() {
    let town = Town::start().await;
    let made = town.post("admin", LINKS, &link()).await.expect(201);
    let path = format!("{LINKS}/{}", made["id"]);
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!((&made["organ_id"], &made["organ_original"]), (&json!("H05.14"), &json!("000.00.14.H05")));
    assert_eq!((&made["sender_organ_id"], &made["active_from"]), (&json!("H05"), &json!("2026-03-02")));
    assert_eq!(town.get("admin", &path).await.expect(200).body, made.body);

    let exchange = Exchange { folder: Default::default(), town };
    let changed = exchange.patch(&path, &json!({"organ_id": "H05.15", "address": "khac"})).await.expect(200);
    assert_eq!((&changed["organ_id"], &changed["address"], &changed["version"]), (&json!("H05.15"), &json!("khac"), &json!(2)));
    let town = &exchange.town;
    assert_eq!(town.post("admin", LINKS, &link()).await.wrong_fields(), ["agency=taken"]);

    let ended = town.post("admin", &format!("{path}/end"), &json!({"on": "2026-03-05"})).await.expect(200);
    assert_eq!(ended["active_until"], "2026-03-05");
    assert_eq!(town.post("admin", LINKS, &link()).await.wrong_fields(), ["agency=taken"]);
    let next = town.post("admin", LINKS, &with("active_from", json!("2026-03-06"))).await.expect(201);
    assert_eq!(next["account"], made["account"], "one account stands for the document system");
    let listed = async |on: &str| town.get("admin", &format!("{LINKS}?on={on}")).await.expect(200)["items"][0]["id"].clone();
    assert_eq!((listed("2026-03-05").await, listed("2026-03-06").await), (made["id"].clone(), next["id"].clone()));

    // Nobody can sign in as the document system.
    let account = town.get("admin", &format!("/admin/accounts/{}", made["account"])).await.expect(200);
    assert_eq!((&account["state"], &account["roles"]), (&json!("disabled"), &json!([])));
}

#[tokio::test]
async fn an_administrator_cannot_make_the_server_write_or_call_elsewhere() {
    let allowed = "https://bus.example/XRoad/VPCP";
    let town = Town::start_with(|config| {
        config.exchange_gateways = vec![allowed.to_owned()];
        config.exchange_key = Some(Secret::new("khóa".to_owned()));
    })
    .await;
    for address in ["..", "../etc", "/etc", "a/b", ".ẩn", "a b", "", "đường", "a\\b"] {
        let fields = town.post("admin", LINKS, &with("address", json!(address))).await.wrong_fields();
        assert!(fields == ["address=malformed"] || fields == ["address=required"], "{address}: {fields:?}");
    }
    let mut gateway = with("transport", json!("gateway"));
    for address in
        ["http://169.254.169.254/", "file:///etc/passwd", "https://bus.example/", "https://bus.example/XRoad/VPCP/../x"]
    {
        gateway["address"] = json!(address);
        assert_eq!(town.post("admin", LINKS, &gateway).await.wrong_fields(), ["address=not_one_of"], "{address}");
    }
    gateway["address"] = json!(allowed);
    town.post("admin", LINKS, &gateway).await.expect(201);
}

#[tokio::test]
async fn no_folder_has_two_agencies() {
    let town = Town::start().await;
    let first = town.post("admin", LINKS, &link()).await.expect(201);
    let mut other = with("agency", json!(OTHER_AGENCY));
    assert_eq!(town.post("admin", LINKS, &other).await.wrong_fields(), ["address=taken"]);
    other["address"] = json!("khac");
    let second = town.post("admin", LINKS, &other).await.expect(201);
    let exchange = Exchange { folder: Default::default(), town };
    let path = format!("{LINKS}/{}", second["id"]);
    assert_eq!(exchange.patch(&path, &json!({"address": FOLDER})).await.wrong_fields(), ["address=taken"]);
    let end = format!("{LINKS}/{}/end", first["id"]);
    exchange.town.post("admin", &end, &json!({"on": "2026-03-02"})).await.expect(200);
    assert_eq!(
        exchange.patch(&path, &json!({"address": FOLDER})).await.wrong_fields(),
        ["address=taken"],
        "until that day is over"
    );
    exchange.patch(&path, &json!({"address": "khac-nua"})).await.expect(200);
}

#[tokio::test]
async fn bad_links_name_their_fields() {
    let town = Town::start().await;
    let mut gateway = with("transport", json!("gateway"));
    gateway["address"] = json!("https://bus.example/XRoad/VPCP");
    let refused = town.post("admin", LINKS, &gateway).await;
    assert!(refused.text.contains("exchange_gateways"), "{}", refused.text);
    assert_eq!(refused.wrong_fields(), ["address=none_configured"]);
    for (body, wrong) in [
        (with("agency", json!("27-0")), "agency=unknown_code"),
        (with("organ_id", json!("")), "organ_id=required"),
        (with("organ_id", json!("H05.Ă")), "organ_id=malformed"),
        (with("organ_id", json!("H05.".to_owned() + &"1".repeat(40))), "organ_id=too_long"),
        (with("sender_organ_id", json!("x")), "sender_organ_id=malformed"),
        (with("transport", json!("pigeon")), "transport=not_one_of"),
        (with("active_from", json!("0026-03-02")), "active_from=out_of_range"),
        (with("colour", json!(1)), "colour=unknown_field"),
    ] {
        assert_eq!(town.post("admin", LINKS, &body).await.wrong_fields(), [wrong], "{body}");
    }
    town.get("admin", &format!("{LINKS}/999")).await.expect_problem(404, "exchange_link_not_found");
    town.post("admin", "/admin/exchange-messages/999/resend", &json!({})).await.expect_problem(404, "exchange_message_not_found");
    let list = "/admin/exchange-messages";
    assert_eq!(town.get("admin", &format!("{list}?state=lost")).await.wrong_fields(), ["state=not_one_of"]);
    let path = format!("{list}/unacknowledged?older_than_hours=-1");
    assert_eq!(town.get("admin", &path).await.wrong_fields(), ["older_than_hours=out_of_range"]);
}

#[tokio::test]
async fn documents_go_out_while_a_link_is_active_and_to_its_agency_only() {
    let exchange = Exchange::start().await;
    let elsewhere = crate::town::form_with(json!({"area": "09187"}));
    assert_eq!(exchange.town.file(&elsewhere).await.receipt["agency"]["code"], OTHER_AGENCY);
    assert_eq!(exchange.messages("").await.len(), 0);
    let id = exchange.town.get("admin", LINKS).await.expect(200)["items"][0]["id"].clone();
    exchange.town.post("admin", &format!("{LINKS}/{id}/end"), &json!({"on": "2026-03-03"})).await.expect(200);
    exchange.town.at("2026-03-03T16:00:00+07:00");
    exchange.town.file(&crate::town::form()).await;
    exchange.town.at("2026-03-04T08:00:00+07:00");
    exchange.town.file(&crate::town::form()).await;
    assert_eq!(exchange.messages("").await.len(), 1);
    assert_eq!(exchange.round().await.sent.sent, 1, "what is under way comes to its end");
}

#[tokio::test]
async fn a_message_list_has_pages_in_a_stable_order() {
    let exchange = Exchange::start().await;
    for _ in 0..5 {
        exchange.town.file(&crate::town::form()).await;
    }
    let (mut ids, mut path) = (Vec::new(), "/admin/exchange-messages?limit=2".to_owned());
    loop {
        let page = exchange.town.get("admin", &path).await.expect(200).body;
        ids.extend(page["items"].as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/admin/exchange-messages?limit=2&cursor={cursor}");
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
}
