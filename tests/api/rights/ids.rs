//! Ids of other agencies and other people in every place that takes one: bodies, queries, headers, cursors.

use super::people::{Keys, OTHER};
use crate::town::{AGENCY, OTHER_AGENCY, OWNER, Town, form, form_of_account, form_with};
use serde_json::{Value, json};

/// A petition that the agency of `elsewhere` holds.
fn form_of_neighbour() -> Value {
    form_with(json!({"area": "09187"}))
}

fn codes(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn nobody_outside_of_the_agency_is_given_its_work() {
    let town = Town::start().await;
    town.token("elsewhere").await;
    town.token(OWNER).await;
    let petition = town.filed("in_progress").await;
    for account in ["elsewhere", "admin", "coordinator", "reviewer", OWNER, "nix", "", "clerk\u{0}", "%", "1"] {
        let assigned = town.act("leader", petition.document, "assign", json!({"account": account})).await;
        assert!([400, 422].contains(&assigned.status), "{account}: {} {}", assigned.status, assigned.text);
        let listed =
            town.get("leader", &format!("/documents?assignee={}", account.replace('\u{0}', "").replace('%', "%25"))).await;
        let names_nobody = listed.status == 422 || listed.body["items"] == json!([]);
        assert!(names_nobody || account == "clerk\u{0}", "{account}: {} {}", listed.status, listed.text);
    }
}

#[tokio::test]
async fn a_petition_of_another_agency_is_not_named_in_any_step() {
    let town = Town::start().await;
    let (own, foreign) = (town.filed("in_progress").await, town.file(&form_of_neighbour()).await);
    let merged = town.act("leader", own.document, "merge", json!({"into": foreign.code})).await;
    let unknown = town.act("leader", own.document, "merge", json!({"into": "BN26-7K3QX9-C"})).await;
    assert_eq!(
        (merged.status, merged.code(), merged.errors()),
        (unknown.status, unknown.code(), unknown.errors()),
        "as if there were none"
    );
    assert_eq!(town.document("leader", own.document).await["status"], "accepted");
    // What happens to one's own document does not lead to that of another agency under its id either.
    for action in ["note", "ask", "draft", "return", "transfer"] {
        let body = match action {
            "note" => json!({"text": "Đã xem."}),
            "ask" => json!({"question": "Ở đâu?"}),
            "draft" => crate::town::draft(),
            "transfer" => json!({"agency": AGENCY, "reason": "Về đây"}),
            _ => json!({"reason": "Không phải"}),
        };
        town.act("leader", foreign.document, action, body).await.expect_problem(404, "document_not_found");
    }
    for path in ["", "/timeline"] {
        town.get("leader", &format!("/petitions/{}{path}", foreign.code)).await.expect_problem(404, "petition_not_found");
        town.get(OWNER, &format!("/petitions/{}{path}", foreign.code)).await.expect_problem(404, "petition_not_found");
    }
}

#[tokio::test]
async fn figures_and_reports_of_another_agency_are_not_read() {
    let town = Town::start().await;
    let (own, foreign) = (town.filed("assigned").await, town.file(&form_of_neighbour()).await);
    let path = |agency: &str| format!("/statistics/petitions?period=2026-03&bucket=received&agency={agency}");
    let all = town.get("coordinator", &path(OTHER_AGENCY)).await.expect(200);
    assert_eq!(codes(&all.body), std::slice::from_ref(&foreign.code));
    let other = town.get("leader", &path(OTHER_AGENCY)).await;
    assert!(!other.text.contains(&foreign.code), "{}", other.text);
    let mine = town.get("leader", &path(AGENCY)).await.expect(200);
    assert_eq!(codes(&mine.body), [own.code]);
    let report = town.get("leader", &format!("/reports/register.csv?period=2026&agency={OTHER_AGENCY}")).await;
    assert_eq!(report.status, 403, "{}", report.text);
    // A book belongs to the agency of whoever reads it, and takes no other.
    let register = town.get("clerk", &format!("/documents/register?year=2026&agency={OTHER_AGENCY}")).await;
    assert!(register.status == 422 && !register.text.contains(&foreign.code), "{}", register.text);
}

#[tokio::test]
async fn a_cursor_of_somebody_else_leads_to_nothing_of_theirs() {
    let town = Town::start().await;
    let mut foreign = Vec::new();
    for _ in 0..3 {
        town.file(&form()).await;
        foreign.push(town.file(&form_of_neighbour()).await.code);
        foreign.push(town.file_as(OTHER, &form_of_account()).await.code);
        town.file_as(OWNER, &form_of_account()).await;
    }
    let pages = [("elsewhere", "clerk", "/documents"), (OTHER, OWNER, "/petitions"), (OTHER, OWNER, "/me/notifications")];
    for (theirs, mine, list) in pages {
        let cursor = town.get(theirs, &format!("{list}?limit=1")).await.expect(200).body["next_cursor"].clone();
        let cursor = cursor.as_str().unwrap_or_else(|| panic!("a page follows in {list}")).to_owned();
        let read = town.get(mine, &format!("{list}?limit=100&cursor={cursor}")).await.expect(200);
        // The agency of `clerk` holds what `OTHER` filed, but not what the neighbour holds.
        let first = usize::from(mine != "clerk");
        for code in foreign.iter().skip(first).step_by(2) {
            assert!(!read.text.contains(code.as_str()), "{list}: {code} in {}", read.text);
        }
        let wrong = town.get("coordinator", &format!("/coordination?cursor={cursor}")).await;
        assert_eq!(wrong.wrong_fields(), ["cursor=foreign_cursor"], "{list}");
    }
}

#[tokio::test]
async fn a_partner_reads_and_repeats_nothing_of_another_one() {
    let town = Town::start().await;
    let keys = Keys::make(&town).await;
    let mut body = form();
    body.as_object_mut().unwrap().remove("channel");
    body["partner_id"] = json!("DVC-1");
    let file = async |key: &str| town.app.post("/exchange/petitions", &body).header("X-Api-Key", key).send().await;
    let (ours, theirs) = (file(&keys.exchange).await.expect(201), file(&keys.other_exchange).await.expect(201));
    assert_ne!(ours["code"], theirs["code"], "the same id of two partners is two petitions");
    town.later(chrono::Duration::minutes(1));
    let read =
        async |key: &str, rest: &str| town.app.get(&format!("/exchange/petitions{rest}")).header("X-Api-Key", key).send().await;
    let cursor = read(&keys.other_exchange, "").await.expect(200).text_of("/cursor");
    for rest in ["", "?changed_since=0", "/DVC-1", &format!("?changed_since={cursor}")] {
        let answer = read(&keys.exchange, rest).await.expect(200);
        assert!(!answer.text.contains(theirs["code"].as_str().unwrap()), "{rest}: {}", answer.text);
    }
    read(&keys.open311, "").await.expect_problem(401, "api_key_invalid");
    let as_token = town.app.get("/exchange/petitions").token(&keys.exchange).send().await;
    assert_eq!(as_token.status, 401, "a key is no token");
    let as_key = read(&town.token("admin").await, "").await;
    as_key.expect_problem(401, "api_key_invalid");
}

#[tokio::test]
async fn an_idempotency_key_of_somebody_else_gives_nothing_of_their_answer() {
    let town = Town::start().await;
    let mut receipts = Vec::new();
    for who in [OWNER, OTHER] {
        let request = town.app.post("/petitions", &form_of_account()).token(&town.token(who).await);
        receipts.push(
            request.header("Idempotency-Key", "7e1f0c3b-52d8-4a96-8b0e-d1c4f7a9263e").send().await.expect(201).text_of("/code"),
        );
    }
    assert_ne!(receipts[0], receipts[1]);
    let guest = town
        .app
        .post("/petitions", &form())
        .header("Idempotency-Key", "7e1f0c3b-52d8-4a96-8b0e-d1c4f7a9263e")
        .send()
        .await
        .expect(201);
    assert!(!receipts.contains(&guest.text_of("/code")));
}

#[tokio::test]
async fn attachments_and_notifications_of_others_stay_theirs() {
    let town = Town::start().await;
    let world_photo = async |who: &str| {
        let body = crate::media::multipart("file", "ảnh.jpg", "image/jpeg", &crate::media::jpeg(24, 24));
        let request = town.app.request(reqwest::Method::POST, "/attachments").body(&crate::media::multipart_type(), body);
        let request = if who.is_empty() { request } else { request.token(&town.token(who).await) };
        request.send().await.expect(201).text_of("/id")
    };
    // The photo of one petition is not read under the number of another document.
    let (photo, asked) = (world_photo("").await, town.filed("waiting_for_petitioner").await);
    let foreign = town.file(&form_with(json!({"area": "09187", "attachments": [photo]}))).await;
    let path = |document: i64| format!("/documents/{document}/attachments/{photo}/original");
    town.get("handler", &path(asked.document)).await.expect_problem(404, "attachment_not_found");
    let hidden = town.get("handler", &path(foreign.document)).await;
    assert_eq!(hidden.status, 404, "{}", hidden.text);
    // What an account has uploaded is not joined to the reply of a guest.
    let own = world_photo(OWNER).await;
    for id in [&own, &photo] {
        let reply = json!({"text": "Ở đầu ngõ.", "attachments": [id]});
        let refused = town.respond(&asked, "reply", reply).await.wrong_fields();
        assert!(refused[0].starts_with("attachments[0]="), "{refused:?}");
    }
    // Marking up to a number of somebody else marks nothing of theirs.
    town.file_as(OTHER, &form_of_account()).await;
    let before = town.get(OTHER, "/me/notifications").await.expect(200);
    let newest = before.body["items"][0]["id"].clone();
    town.post(OWNER, "/me/notifications/read", &json!({"up_to": newest})).await.expect(204);
    assert_eq!(town.get(OTHER, "/me/notifications").await.expect(200).body["unread"], before.body["unread"]);
}
