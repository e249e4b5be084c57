//! The two-way exchange with partners: once per own id, how it stands, what changed, and nobody else's.

use crate::app::Answered;
use crate::media::{jpeg, multipart, multipart_type};
use crate::town::{Town, form};
use reqwest::Method;
use serde_json::{Value, json};

async fn key(town: &Town, partner: &str) -> String {
    let body = json!({"name": "Cổng quốc gia", "partner": partner, "scope": "exchange"});
    town.post("admin", "/admin/api-keys", &body).await.expect(201).text_of("/key")
}

fn partner_form(id: &str) -> Value {
    let mut form = form();
    form.as_object_mut().unwrap().remove("channel");
    form["partner_id"] = json!(id);
    form
}

async fn post(town: &Town, key: &str, form: &Value) -> Answered {
    town.app.post("/exchange/petitions", form).header("X-Api-Key", key).send().await
}

async fn get(town: &Town, key: &str, path: &str) -> Answered {
    town.app.get(&format!("/exchange/petitions{path}")).header("X-Api-Key", key).send().await
}

#[tokio::test]
async fn the_same_id_is_the_same_petition() {
    let town = Town::start().await;
    let key = key(&town, "dvcqg").await;
    let first = post(&town, &key, &partner_form("DVC-1")).await.expect(201);
    let again = post(&town, &key, &partner_form("DVC-1")).await.expect(200);
    assert_eq!((&first["code"], &first["document"]), (&again["code"], &again["document"]));
    let mut other = partner_form("DVC-1");
    other["title"] = json!("Nội dung khác hẳn");
    post(&town, &key, &other).await.expect_problem(422, "partner_id_reused");
    let inbox = town.get("clerk", "/documents").await.expect(200);
    assert_eq!(inbox["items"].as_array().unwrap().len(), 1);
    assert_eq!(inbox["items"][0]["code"], first["code"]);
    let by_channel = town.get("", "/statistics/summary?channel=national_portal&measures=received").await.expect(200);
    assert_eq!(by_channel["total"]["received"], 1);
}

#[tokio::test]
async fn the_answer_comes_back_and_only_to_its_partner() {
    let town = Town::start().await;
    let (ours, theirs, replaced) = (key(&town, "dvcqg").await, key(&town, "khac").await, key(&town, "dvcqg").await);
    let filed = post(&town, &ours, &partner_form("DVC-2")).await.expect(201);
    post(&town, &theirs, &partner_form("DVC-2")).await.expect(201);
    town.later(chrono::Duration::minutes(1));
    let before = get(&town, &ours, "").await.expect(200);
    assert_eq!((before["items"].as_array().unwrap().len(), &before["items"][0]["status"]), (1, &json!("assigned")));
    let petition = crate::town::Petition::of(filed.body);
    town.bring_to(&petition, "answered").await;
    town.later(chrono::Duration::minutes(1));
    let cursor = before.text_of("/cursor");
    let after = get(&town, &replaced, &format!("?changed_since={cursor}")).await.expect(200);
    assert_eq!(after["items"].as_array().unwrap().len(), 1, "{}", after.text);
    assert_eq!(after["items"][0]["answer"]["content"], "Đã thu gom rác trong ngày.");
    let last = after.text_of("/cursor");
    assert_eq!(get(&town, &ours, &format!("?changed_since={last}")).await.expect(200)["items"], json!([]));
    assert_eq!(get(&town, &ours, "/DVC-2").await.expect(200)["public_status"], "handled");
    assert_eq!(get(&town, &theirs, "/DVC-2").await.expect(200)["public_status"], "pending");
    assert!(!after.text.contains("Nguyễn Văn An"));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let town = Town::start().await;
    let key = key(&town, "dvcqg").await;
    town.app.post("/exchange/petitions", &json!({})).send().await.expect_problem(401, "api_key_invalid");
    post(&town, "nix", &partner_form("x")).await.expect_problem(401, "api_key_invalid");
    let mut by_another = partner_form("x");
    by_another["channel"] = json!("counter");
    assert_eq!(post(&town, &key, &by_another).await.wrong_fields(), ["channel=not_one_of"]);
    let mut nameless = partner_form("x");
    nameless.as_object_mut().unwrap().remove("partner_id");
    assert_eq!(post(&town, &key, &nameless).await.wrong_fields(), ["partner_id=required"]);
    assert_eq!(get(&town, &key, "?limit=0").await.wrong_fields(), ["limit=out_of_range"]);
    get(&town, &key, "/nix").await.expect_problem(404, "petition_not_found");
    assert_eq!(get(&town, &key, "?changed_since=x").await.wrong_fields(), ["changed_since=foreign_cursor"]);
}

#[tokio::test]
async fn the_same_id_at_once_is_one_petition_and_a_key_of_another_scope_shares_nothing() {
    let town = Town::start().await;
    let key = key(&town, "dvcqg").await;
    let form = partner_form("DVC-9");
    let answers = futures_util::future::join_all((0..12).map(|_| post(&town, &key, &form))).await;
    let codes: std::collections::BTreeSet<String> = answers.iter().map(|answer| answer.text_of("/code")).collect();
    assert_eq!(codes.len(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201)));
    let body = json!({"name": "Ứng dụng", "partner": "dvcqg", "scope": "open311"});
    let other = town.post("admin", "/admin/api-keys", &body).await.expect(201).text_of("/key");
    let words =
        [("api_key", other.as_str()), ("service_code", "rac-thai-chat-thai"), ("description", "Rác thải tồn đọng ba ngày.")];
    let filed = crate::open311::post(&town, &[&words[..], &[("address_string", "Phường Võ Cường")]].concat()).await;
    filed.expect(201);
    town.later(chrono::Duration::minutes(1));
    assert_eq!(get(&town, &key, "").await.expect(200)["items"].as_array().unwrap().len(), 1, "tokens are no ids of a partner");
}

#[tokio::test]
async fn photos_come_with_the_key_and_stand_on_the_petition() {
    let town = Town::start().await;
    let key = key(&town, "dvcqg").await;
    let send = async |key: &str| {
        let body = multipart("file", "anh.jpg", "image/jpeg", &jpeg(40, 30));
        town.app.request(Method::POST, "/attachments").header("X-Api-Key", key).body(&multipart_type(), body).send().await
    };
    let first = send(&key).await.expect(201).text_of("/id");
    send("nix").await.expect_problem(401, "api_key_invalid");
    let body = json!({"name": "Ứng dụng", "scope": "open311"});
    let other = town.post("admin", "/admin/api-keys", &body).await.expect(201).text_of("/key");
    assert!(matches!(send(&other).await.status, 401 | 403), "a key of another scope uploads nothing");

    // The same in pieces.
    let photo = jpeg(60, 50);
    let pieces = |method, place: &str, name, value: &str| {
        let request = town.app.outside(method, place).header("X-Api-Key", &key).header("Tus-Resumable", "1.0.0");
        request.header(name, value)
    };
    let length = photo.len().to_string();
    let begun = pieces(Method::POST, "/api/v1/attachments/uploads", "Upload-Length", &length).send().await.expect(201);
    let whole = pieces(Method::PATCH, begun.header("location"), "Upload-Offset", "0");
    let whole = whole.body("application/offset+octet-stream", photo).send().await.expect(204);
    let second = whole.header("attachment-id").to_owned();

    let mut form = partner_form("DVC-4");
    form["attachments"] = json!([first, second]);
    form["channel"] = json!("national_portal");
    let filed = post(&town, &key, &form).await.expect(201);
    let document = town.document("clerk", filed["document"]["id"].as_i64().unwrap()).await;
    let attachments = [&document["attachments"][0]["id"], &document["attachments"][1]["id"]];
    assert_eq!(attachments, [&json!(first), &json!(second)]);
    // The same again is the same, although the photo is no longer free; another petition cannot have it.
    assert_eq!(post(&town, &key, &form).await.expect(200)["code"], filed["code"]);
    form["partner_id"] = json!("DVC-5");
    let wrong = post(&town, &key, &form).await.wrong_fields();
    assert_eq!(wrong, ["attachments[0]=taken", "attachments[1]=taken"]);
}

#[tokio::test]
async fn spaces_around_an_id_do_not_count_and_the_answer_says_where_it_stands() {
    let town = Town::start().await;
    let key = key(&town, "dvcqg").await;
    let first = post(&town, &key, &partner_form("  HS 2026/Đ-7 ")).await.expect(201);
    assert_eq!(first.header("location"), "/api/v1/exchange/petitions/HS%202026%2F%C4%90-7");
    let again = post(&town, &key, &partner_form("HS 2026/Đ-7")).await.expect(200);
    assert_eq!((&again["code"], again.header("location")), (&first["code"], first.header("location")));
    let read = town.app.outside(Method::GET, first.header("location")).header("X-Api-Key", &key).send().await.expect(200);
    assert_eq!((&read["partner_id"], &read["code"]), (&json!("HS 2026/Đ-7"), &first["code"]));
}

#[tokio::test]
async fn nothing_is_left_of_somebody_of_a_partner_who_is_erased() {
    let town = Town::start().await;
    let key = key(&town, "dvcqg").await;
    let mut sent = partner_form("DVC-9");
    sent["title"] = json!("Trần Quỳnh Hương phản ánh");
    sent["content"] = json!("Tôi là Trần Quỳnh Hương, (0987) 654.321: rác trước nhà.");
    sent["petitioner"] = json!({"kind": "citizen", "full_name": "Trần Quỳnh Hương", "phone": "0987654321"});
    let petition = crate::town::Petition::of(post(&town, &key, &sent).await.expect(201).body);
    town.act("clerk", petition.document, "accept", json!({})).await.expect(200);
    let words = "Gửi chị Tran Quynh Huong, 0987–654–321: đã thu gom.";
    town.act("handler", petition.document, "draft", json!({"content": words, "outcome": "resolved"})).await.expect(200);
    town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let subject = pakn::personal::DataSubject::read("0987654321").unwrap();
    let erased = pakn::personal::erase(&town.app.app, &subject).await.unwrap();
    assert_eq!(erased, pakn::personal::ErasureOutcome::Done(0, 1, 0));
    let secrets = ["Trần Quỳnh Hương", "Tran Quynh Huong", "987654321", "654.321", "654–321"].map(str::to_owned);
    crate::personal_data::assert_holds_none_of(&crate::personal_data::dump(&town.app.app), &secrets);
    let known = get(&town, &key, "/DVC-9").await.expect(200);
    assert!(secrets.iter().all(|secret| !known.text.contains(secret)), "{}", known.text);
    assert_eq!(known["status"], "answered");
    town.later(chrono::Duration::minutes(1));
    let all = get(&town, &key, "").await.expect(200);
    assert_eq!(all["items"][0]["partner_id"], "DVC-9", "still among what has changed");
    // The same form once more is not filed again.
    assert_eq!(post(&town, &key, &sent).await.expect(200)["code"], known["code"]);
    assert_eq!(crate::verify::report(&town.app).await.0, Vec::<String>::new());
}
