//! Personal data at rest: nothing in clear in any table or file, readable after a new key, sealed when an older database is opened.

mod claimed;
mod dump;
mod erasure;
mod exported;
mod older;
mod rotation;
mod subjects;

pub use dump::{assert_holds_none_of, dump};

use crate::app::{Answered, PASSWORD, TestApp};
use crate::life::{self, Filed};
use pakn::kernel::account::Role;
use serde_json::{Value, json};

/// Somebody who files.
pub struct Somebody(pub u32);

impl Somebody {
    pub fn name(&self) -> String {
        format!("Nguyễn Thị Quỳnh Giao Số {}", self.0)
    }

    pub fn phone(&self) -> String {
        format!("+84987{:06}", 654_000 + self.0)
    }

    pub fn email(&self) -> String {
        format!("quynh.giao.{}@vidu.example.vn", self.0)
    }

    pub fn address(&self) -> String {
        format!("Số {} ngõ Vườn Ươm, đường Hoàng Hoa Thám", self.0)
    }

    pub fn latitude(&self) -> f64 {
        21.123_456 + f64::from(self.0) / 100_000.0
    }

    pub fn form(&self) -> Value {
        json!({
            "title": "Rác thải tồn đọng",
            "content": "Rác thải tồn đọng ba ngày ở đầu ngõ, mùi hôi thối.",
            "category": "rac-thai-chat-thai",
            "area": "09190",
            "location": {"latitude": self.latitude(), "longitude": 106.071_234, "address": self.address()},
            "petitioner": {"kind": "citizen", "full_name": self.name(), "phone": self.phone(), "email": self.email()},
        })
    }

    /// Everything that nobody may read in a copy of the database.
    pub fn secrets(&self) -> Vec<String> {
        let national = self.phone().replace("+84", "");
        let pin = format!("{:.4}", self.latitude());
        vec![self.name(), national, self.email(), self.address(), pin, "106.0712".to_owned(), self.name().to_lowercase()]
    }

    pub async fn files(&self, app: &TestApp) -> Answered {
        let key = crate::clients::key(u64::from(self.0));
        app.post("/petitions", &self.form()).header("Idempotency-Key", &key).send().await.expect(201)
    }

    pub async fn registers(&self, app: &TestApp) -> String {
        let account = json!({
            "account_kind": "citizen", "full_name": self.name(), "phone": self.phone(), "email": self.email(), "password": PASSWORD,
        });
        let registered = app.post("/auth/register", &account).send().await.expect(201);
        // The others have only said so: what is claimed is sealed as well.
        if self.0 % 8 == 3 {
            app.prove_phone(&registered).await;
            app.prove_email(&registered).await;
        }
        registered.text_of("/access_token")
    }
}

/// Fills a database; returns what the guest of the first petition and the clerk of its agency come with.
pub async fn fill(app: &TestApp, count: u32) -> (Filed, String) {
    let mut first = None;
    for number in 0..count {
        let somebody = Somebody(number);
        let answer = if number % 4 == 3 {
            let token = somebody.registers(app).await;
            let mut form = somebody.form();
            form.as_object_mut().unwrap().remove("petitioner");
            app.post("/petitions", &form).token(&token).send().await.expect(201)
        } else {
            somebody.files(app).await
        };
        first.get_or_insert(answer);
    }
    let answer = first.unwrap();
    let filed = Filed {
        code: answer.text_of("/code"),
        tracking_token: answer.text_of("/tracking_token"),
        agency: answer.text_of("/agency/code"),
        document: answer.body["document"]["id"].as_i64().unwrap(),
    };
    let clerk = app.officer("van.thu", Some(&filed.agency), &[Role::Clerk, Role::Handler]).await;
    (filed, clerk)
}

/// Everything reads as before: the petitioner by the officer, the account by its phone, the first answer to a key, the spellings.
pub async fn assert_reads(app: &TestApp, filed: &Filed) {
    let clerk = app.login("van.thu", PASSWORD).await.expect(200).text_of("/access_token");
    let path = format!("/documents/{}/petitioner", filed.document);
    let shown = app.get(&path).token(&clerk).send().await.expect(200);
    let somebody = Somebody(0);
    for value in [somebody.name(), somebody.phone(), somebody.email()] {
        assert!(shown.text.contains(&value), "{value} in {}", shown.text);
    }
    let holder = Somebody(3);
    for login in [holder.phone(), holder.phone().replace("+84", "0"), holder.email(), holder.email().to_uppercase()] {
        let answer = app.login(&login, PASSWORD).await.expect(200);
        let own = app.get("/me").token(&answer.text_of("/access_token")).send().await.expect(200);
        assert_eq!(own.body["full_name"], json!(holder.name()));
        assert_eq!((own.text_of("/phone"), own.text_of("/email")), (holder.phone(), holder.email()));
    }
    let again = somebody.files(app).await;
    assert_eq!((again.text_of("/code"), again.text_of("/tracking_token")), (filed.code.clone(), filed.tracking_token.clone()));
    // Whose phone is taken is known under whichever key it was stored.
    let double = json!({"account_kind": "citizen", "full_name": "Lê Văn Ba", "phone": holder.phone(), "password": PASSWORD});
    app.post("/auth/register", &double).send().await.expect(422);
}

fn everybody(count: u32) -> Vec<String> {
    let mut secrets: Vec<String> = (0..count).flat_map(|number| Somebody(number).secrets()).collect();
    secrets.sort_unstable();
    secrets.dedup();
    secrets
}

#[actix_web::test]
async fn a_copy_of_the_database_holds_nobody() {
    let app = TestApp::start().await;
    let (filed, _) = fill(&app, 100).await;
    let office = life::Office::open(&app).await.0;
    office.ask(&app, &filed).await;
    life::as_petitioner(&app, &filed, "reply", &json!({"text": "Đầu ngõ 12, gần chợ."})).await;
    office.answer(&app, &filed).await;
    assert_reads(&app, &filed).await;
    let copy = dump(&app.app);
    assert!(copy.contains("Rác thải tồn đọng ba ngày ở đầu ngõ"), "the dump holds the tables");
    assert_holds_none_of(&copy, &everybody(100));
    let (findings, checks) = crate::verify::report(&app).await;
    assert_eq!(findings, Vec::<String>::new());
    let check = checks.iter().find(|check| check.name == "personal data").unwrap();
    assert!(check.looked_at.ends_with("values opened") && !check.looked_at.starts_with("0 "), "{check}");
    app.stop().await;
}

#[actix_web::test]
async fn a_value_opens_in_its_own_row_only() {
    let app = TestApp::start().await;
    fill(&app, 8).await;
    dump::execute(
        &app.app,
        "UPDATE petitioners SET person = (SELECT p.person FROM petitioners p WHERE p.petition_id = 2) WHERE petition_id = 1",
    );
    dump::execute(&app.app, "UPDATE accounts SET phone = email WHERE id = 1");
    let (findings, _) = crate::verify::report(&app).await;
    assert_eq!(
        findings,
        ["personal data: petitioners.person of row 1 does not open", "personal data: accounts.phone of row 1 does not open"]
    );
    app.stop().await;
}

#[actix_web::test]
async fn whoever_would_not_be_found_by_their_phone_is_named() {
    let app = TestApp::start().await;
    fill(&app, 8).await;
    for statement in [
        "UPDATE petitioners SET phone_hash = (SELECT p.phone_hash FROM petitioners p WHERE p.petition_id = 2) WHERE petition_id = 1",
        "UPDATE petitioners SET email_hash = NULL WHERE petition_id = 3",
        "UPDATE accounts SET phone_hash = 'x' WHERE id = 1",
    ] {
        dump::execute(&app.app, statement);
    }
    let (findings, _) = crate::verify::report(&app).await;
    assert_eq!(
        findings,
        [
            "personal data: petitioners.person of row 1 is not found by its hash",
            "personal data: petitioners.person of row 3 is not found by its hash",
            "personal data: accounts.phone of row 1 is not found by its hash"
        ]
    );
    app.stop().await;
}
