//! Somebody whose name, phone, e-mail and address stand in every text that anybody can write is erased: nothing of them is left in
//! any table, in the bytes of the database, or in the store of files, and everything that is left still proves itself.

use super::dump;
use crate::app::{PASSWORD, TestApp};
use crate::life::{HANDLER, LEADER};
use crate::verify::{by_hand, report};
use crate::{life, media};
use chrono::Duration;
use pakn::kernel::account::Role;
use pakn::kernel::search_text::fold;
use pakn::personal::{DataSubject, ErasureOutcome, erase, export};
use serde_json::{Value, json};
use std::path::Path;
use unicode_normalization::UnicodeNormalization;

const NAME: &str = "Phùng Thị Ngọc Diệp";
const ADDRESS: &str = "Số 7 ngách Ao Sen, phố Nhà Chung";
const EMAIL: &str = "ngoc.diep.phung@hopthu.vn";
/// The national number and how people write it.
const DIGITS: &str = "977000111";
const SPELLINGS: [&str; 6] =
    ["0977000111", "(0977) 000.111", "+84 977-000-111", "0977–000–111", "0977/000/111", "０９７７ ０００ １１１"];

/// A text of somebody who writes everything that there is to know.
fn telling(what: &str, number: usize) -> String {
    let phone = SPELLINGS[number % SPELLINGS.len()];
    format!("{what}: {NAME} (PHUNG THI NGOC DIEP, chị Ngọc Diệp), {phone}, {EMAIL}, {ADDRESS}.")
}

/// Filled with all spellings, without the whole being too long.
fn everything(what: &str) -> String {
    (0..SPELLINGS.len()).map(|number| telling(what, number)).collect::<Vec<_>>().join(" ")
}

struct Desk<'a> {
    app: &'a TestApp,
    document: i64,
    code: String,
    tracking: String,
}

impl Desk<'_> {
    async fn act(&self, who: &str, action: &str, body: Value) {
        let token = self.app.login(who, PASSWORD).await.expect(200).text_of("/access_token");
        let path = format!("/documents/{}/{action}", self.document);
        self.app.post(&path, &body).token(&token).send().await.expect(200);
    }

    async fn respond(&self, action: &str, body: Value) {
        let path = format!("/petitions/{}/{action}", self.code);
        self.app.post(&path, &body).header("X-Tracking-Token", &self.tracking).send().await.expect(200);
    }
}

async fn files<'a>(app: &'a TestApp, number: usize, attachments: Vec<String>) -> Desk<'a> {
    let body = json!({
        "title": format!("{NAME} gọi {}", SPELLINGS[number % SPELLINGS.len()]), "content": everything("Tôi là"),
        "category": "rac-thai-chat-thai", "area": "09190",
        "location": {"latitude": 21.187_654, "longitude": 106.071_234, "address": ADDRESS},
        "petitioner": {"kind": "citizen", "full_name": NAME, "phone": "0977000111", "email": EMAIL},
        "attachments": attachments,
    });
    let key = format!("7c9e6679-7425-40de-944b-{:012x}", 0xe07f_c1f9_0ae7_u64 + u64::try_from(number).unwrap());
    let answer = app.post("/petitions", &body).header("Idempotency-Key", &key).send().await.expect(201);
    Desk {
        app,
        document: answer.body["document"]["id"].as_i64().unwrap(),
        code: answer.text_of("/code"),
        tracking: answer.text_of("/tracking_token"),
    }
}

async fn upload(app: &TestApp) -> String {
    let form = media::multipart("file", "phung-thi-ngoc-diep-0977000111.jpg", "image/jpeg", &media::jpeg(48, 48));
    let sent = app.request(reqwest::Method::POST, "/attachments").body(&media::multipart_type(), form).send().await;
    sent.expect(201).text_of("/id")
}

/// Every path on which a text about a petition comes in.
async fn live(app: &TestApp) {
    let office = life::Office::open(app).await.0;
    let other = life::file(app).await;
    app.officer("dieu.phoi", None, &[Role::Coordinator]).await;
    // Asked, replied to, extended, drafted twice, sent back, answered, rated, reopened, answered again.
    let long = files(app, 0, vec![upload(app).await]).await;
    long.act(HANDLER, "accept", json!({})).await;
    long.act(HANDLER, "note", json!({"text": everything("Ghi chú")})).await;
    long.act(HANDLER, "extend", json!({"until": "2023-04-28", "reason": telling("Lý do", 1)})).await;
    long.act(LEADER, "deny_extension", json!({"note": telling("Không gia hạn", 2)})).await;
    long.act(HANDLER, "ask", json!({"question": telling("Hỏi", 3)})).await;
    app.advance(Duration::hours(3));
    long.respond("reply", json!({"text": everything("Trả lời"), "attachments": [upload(app).await]})).await;
    long.act(HANDLER, "draft", json!({"content": everything("Dự thảo cũ"), "outcome": "explained"})).await;
    long.act(HANDLER, "submit", json!({})).await;
    long.act(LEADER, "send_back", json!({"note": telling("Sửa lại", 4)})).await;
    long.act(HANDLER, "draft", json!({"content": everything("Kính gửi"), "outcome": "resolved"})).await;
    long.act(HANDLER, "submit", json!({})).await;
    long.act(LEADER, "approve", json!({})).await;
    long.respond("rating", json!({"score": 1, "comment": everything("Chưa xong")})).await;
    long.respond("reopen", json!({"reason": everything("Xem lại")})).await;
    long.act(LEADER, "grant_reopening", json!({})).await;
    long.act(HANDLER, "draft", json!({"content": everything("Kính gửi lần hai"), "outcome": "resolved"})).await;
    long.act(HANDLER, "submit", json!({})).await;
    long.act(LEADER, "approve", json!({})).await;
    // Refused, withdrawn, merged, transferred and refused there.
    let refused = files(app, 1, Vec::new()).await;
    refused.act(LEADER, "refuse", json!({"reason_code": "unclear", "note": everything("Không rõ")})).await;
    let withdrawn = files(app, 2, Vec::new()).await;
    withdrawn.respond("withdraw", json!({"reason": everything("Rút")})).await;
    let merged = files(app, 3, Vec::new()).await;
    merged.act(LEADER, "merge", json!({"into": other.code})).await;
    let returned = files(app, 4, Vec::new()).await;
    returned.act(HANDLER, "return", json!({"reason": telling("Trả lại", 5)})).await;
    let token = app.login("dieu.phoi", PASSWORD).await.expect(200).text_of("/access_token");
    let path = format!("/coordination/{}/refuse", returned.code);
    let words = json!({"reason_code": "outside_province", "note": telling("Ngoài tỉnh", 0)});
    app.post(&path, &words).token(&token).send().await.expect(200);
    // Somebody else's petition that mentions them.
    office.accept(app, &other).await;
    office
        .act(app, HANDLER, &other, "note", &json!({"text": "Người làm chứng: (0977) 000.111, NGOC.DIEP.PHUNG@hopthu.vn"}))
        .await;
}

/// Everything that is held, folded and with its digits joined, holds none of it.
#[track_caller]
fn assert_gone(what: &str, text: &str) {
    let folded = fold(text);
    for wanted in ["phung thi ngoc diep", "ngoc diep", "ngoc.diep.phung", "ao sen, pho nha chung", "nha chung"] {
        if let Some(at) = folded.find(wanted) {
            let around: String =
                folded.get(..at).unwrap_or_default().chars().rev().take(300).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{what}: {wanted} behind {around}");
        }
    }
    let normal: String = text.nfkc().collect();
    let mut digits = String::new();
    for character in normal.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
        } else if character.is_alphabetic() {
            digits.push('|');
        }
    }
    assert!(!digits.contains(DIGITS), "{what}: the phone is there");
}

fn files_below(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.path().is_dir() {
            files_below(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

async fn assert_nothing_is_left(app: &TestApp) {
    assert_gone("the database", &dump(&app.app));
    let mut stored = Vec::new();
    files_below(&app.app.config.data_dir.join("files"), &mut stored);
    assert_eq!(stored, Vec::<std::path::PathBuf>::new(), "no file of theirs is left");
    for subject in ["0977 000 111", EMAIL] {
        let left = export(&app.app, &DataSubject::read(subject).unwrap()).await.unwrap();
        assert_eq!(left, json!({"account": null, "petitions": [], "zalo": []}));
    }
    assert_eq!(report(app).await.0, Vec::<String>::new());
}

#[actix_web::test]
async fn nothing_is_left_of_somebody_who_is_erased() {
    let app = TestApp::start().await;
    live(&app).await;
    assert_eq!(report(&app).await.0, Vec::<String>::new());
    let subject = DataSubject::read("0977000111").unwrap();
    assert_eq!(erase(&app.app, &subject).await.unwrap(), ErasureOutcome::Done(0, 5, 0));
    assert_nothing_is_left(&app).await;

    // What is left cannot be changed unseen, nor can somebody take out more and say that it was erased.
    let first = "(SELECT MIN(petition_id) FROM anonymisations)";
    for deed in [
        format!("UPDATE petition_texts SET title = title || '.' WHERE petition_id = {first}"),
        format!("UPDATE timeline SET note = 'Không có gì.' WHERE petition_id = {first} AND action = 'note'"),
    ] {
        by_hand(&app, &deed).await;
        assert!(!report(&app).await.0.is_empty(), "{deed}");
        let undo = if deed.contains("title") {
            format!("UPDATE petition_texts SET title = substr(title, 1, length(title) - 1) WHERE petition_id = {first}")
        } else {
            format!("UPDATE timeline SET note = NULL WHERE petition_id = {first} AND action = 'note'")
        };
        by_hand(&app, &undo).await;
        assert_eq!(report(&app).await.0, Vec::<String>::new(), "{undo}");
    }
    let other = "(SELECT MIN(petition_id) FROM timeline WHERE action = 'note' AND petition_id NOT IN (SELECT petition_id FROM anonymisations))";
    by_hand(&app, &format!("UPDATE timeline SET note = NULL, salts = '{{}}' WHERE petition_id = {other} AND action = 'note'"))
        .await;
    let pretended = format!(
        "INSERT INTO anonymisations (petition_id, cause, anonymised_at) SELECT petition_id, 'erasure', at FROM timeline WHERE petition_id = {other} AND sequence = 1"
    );
    by_hand(&app, &pretended).await;
    assert!(
        report(&app).await.0.iter().any(|finding| finding.contains("the chain is broken")),
        "without evidence it was done by hand"
    );
    app.stop().await;
}

/// As entries were before there were imprints: hashed over their texts.
async fn make_old(app: &TestApp) {
    use pakn::db::{DbConnection, StorageError};
    use pakn::kernel::ids::PetitionId;
    use pakn::petitions::store::timeline;
    let work = |connection: &mut DbConnection| -> Result<(), StorageError> {
        use diesel::connection::SimpleConnection;
        for id in 1..=20 {
            let mut previous = String::new();
            for (mut entry, _) in timeline::of_petitions(connection, PetitionId(id - 1), PetitionId(id))? {
                entry.hash_version = 1;
                previous = entry.chain_hash(&previous);
                connection.batch_execute(&format!(
                    "UPDATE timeline SET hash_version = 1, facts = '', texts = '', salts = '', chain_hash = '{previous}' \
                     WHERE petition_id = {id} AND sequence = {}",
                    entry.sequence
                ))?;
            }
        }
        // Their steps were entered in the record with other hashes; what is told here is of timelines.
        Ok(())
    };
    app.app.db.write(work).await.unwrap();
}

#[actix_web::test]
async fn entries_that_are_hashed_over_their_texts_lose_them_too_and_keep_their_chain() {
    let app = TestApp::start().await;
    live(&app).await;
    make_old(&app).await;
    let of_chains =
        |findings: Vec<String>| findings.into_iter().filter(|finding| !finding.starts_with("audit:")).collect::<Vec<_>>();
    assert_eq!(of_chains(report(&app).await.0), Vec::<String>::new());
    assert_eq!(erase(&app.app, &DataSubject::read(EMAIL).unwrap()).await.unwrap(), ErasureOutcome::Done(0, 5, 0));
    assert_gone("the database", &dump(&app.app));
    assert_eq!(of_chains(report(&app).await.0), Vec::<String>::new());
    // The rest of such an entry is covered by the evidence from now on.
    let entry = "WHERE action = 'note' AND petition_id = (SELECT MIN(petition_id) FROM anonymisations)";
    by_hand(&app, &format!("UPDATE timeline SET actor_id = actor_id + 1 {entry}")).await;
    assert!(of_chains(report(&app).await.0).iter().any(|finding| finding.contains("the chain is broken")));
    app.stop().await;
}
