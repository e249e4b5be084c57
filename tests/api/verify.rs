//! `pakn verify`: quiet about a life that went through the services, precise about anything that was changed behind them.

mod every_column;

use crate::app::TestApp;
use crate::life::{Filed, HANDLER, LEADER, Office, QUESTION, as_petitioner, file};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use pakn::db::{DatabaseUrl, StorageError};
use pakn::ops::jobs;
use pakn::ops::verify::{self, CheckResult, ReportLine};
use serde_json::json;
use std::process::{Command, Output};

/// One petition of each sort; the first is closed with a rating, after a question and a reply.
async fn small_life(app: &TestApp) -> Filed {
    let (office, first) = Office::open(app).await;
    office.ask(app, &first).await;
    app.advance(Duration::hours(30));
    as_petitioner(app, &first, "reply", &json!({"text": "Đầu ngõ 12, gần chợ."})).await;
    office.answer(app, &first).await;
    as_petitioner(app, &first, "rating", &json!({"score": 4})).await;
    let reopened = file(app).await;
    office.accept(app, &reopened).await;
    office.answer(app, &reopened).await;
    app.advance(Duration::days(2));
    as_petitioner(app, &reopened, "reopen", &json!({"reason": "Vẫn còn rác."})).await;
    office.act(app, LEADER, &reopened, "grant_reopening", &json!({})).await;
    office.answer(app, &reopened).await;
    let handed_on = file(app).await;
    let target = json!({"agency": "27-256-TCKH", "reason": "Không thuộc thẩm quyền."});
    office.act(app, HANDLER, &handed_on, "transfer", &target).await;
    let returned = file(app).await;
    office.act(app, HANDLER, &returned, "return", &json!({"reason": "Ngoài địa bàn."})).await;
    let refused = file(app).await;
    office.act(app, LEADER, &refused, "refuse", &json!({"reason_code": "unclear"})).await;
    let withdrawn = file(app).await;
    as_petitioner(app, &withdrawn, "withdraw", &json!({})).await;
    let merged = file(app).await;
    office.act(app, LEADER, &merged, "merge", &json!({"into": first.code})).await;
    let extended = file(app).await;
    office.accept(app, &extended).await;
    let later = json!({"until": "2023-04-28", "reason": "Cần khảo sát thêm."});
    office.act(app, HANDLER, &extended, "extend", &later).await;
    office.act(app, LEADER, &extended, "grant_extension", &json!({})).await;
    office.act(app, HANDLER, &extended, "note", &json!({"text": "Đã gọi điện."})).await;
    let waiting = file(app).await;
    office.ask(app, &waiting).await;
    app.advance(Duration::days(16));
    assert_eq!(jobs::run_maintenance(&app.app).await.expect("a round").acted, 2);
    file(app).await;
    first
}

pub async fn report(app: &TestApp) -> (Vec<String>, Vec<CheckResult>) {
    let (mut findings, mut checks) = (Vec::new(), Vec::new());
    let count = verify::everything(&app.app.db, &mut |line| match line {
        ReportLine::Finding(finding) => findings.push(finding.to_string()),
        ReportLine::Check(check) => checks.push(check),
    })
    .await
    .expect("verify");
    assert_eq!(count, findings.len());
    (findings, checks)
}

pub async fn by_hand(app: &TestApp, statements: &str) {
    let statements = statements.to_owned();
    app.app
        .db
        .write(move |connection| Ok::<_, StorageError>(connection.batch_execute(&statements)?))
        .await
        .unwrap_or_else(|error| panic!("{error}"));
}

/// What is done by hand, how it is undone, and what `verify` says in between.
#[expect(clippy::too_many_lines, reason = "a table")]
fn misdeeds() -> Vec<(&'static str, String, String, &'static str)> {
    let row = |name: &'static str, deed: &str, undo: &str, said: &'static str| (name, deed.to_owned(), undo.to_owned(), said);
    let newest = "WHERE id = (SELECT MAX(id) FROM documents WHERE number > 2)";
    let asked = "WHERE id = (SELECT MIN(id) FROM timeline WHERE action = 'ask')";
    let first = "WHERE id = (SELECT MIN(id) FROM petitions)";
    let change = "WHERE id = (SELECT MIN(id) FROM statistics_changes)";
    vec![
        row(
            "a gap in a register",
            &format!("UPDATE documents SET number = number + 1 {newest}"),
            &format!("UPDATE documents SET number = number - 1 {newest}"),
            "missing",
        ),
        row(
            "a counter that ran ahead",
            "UPDATE register_counters SET last_number = last_number + 1",
            "UPDATE register_counters SET last_number = last_number - 1",
            "the counter stands at",
        ),
        row(
            "a changed note",
            &format!("UPDATE timeline SET note = 'khác' {asked}"),
            &format!("UPDATE timeline SET note = '{QUESTION}' {asked}"),
            "the chain is broken at entry 3 (ask)",
        ),
        row(
            "a changed figure",
            &format!("UPDATE statistics_changes SET agency_id = agency_id + 1 {change}"),
            &format!("UPDATE statistics_changes SET agency_id = agency_id - 1 {change}"),
            "figures: ",
        ),
        row(
            "a changed state",
            &format!("UPDATE petitions SET status = 'answered' {first}"),
            &format!("UPDATE petitions SET status = 'closed' {first}"),
            "status is answered, the timeline says closed",
        ),
        row(
            "a changed rating",
            &format!("UPDATE petitions SET score = 5 {first}"),
            &format!("UPDATE petitions SET score = 4 {first}"),
            "score is 5, the timeline says 4",
        ),
        row(
            "a lost entry",
            &format!("UPDATE petitions SET version = version + 1 {first}"),
            &format!("UPDATE petitions SET version = version - 1 {first}"),
            "the timeline ends with entry",
        ),
        row(
            "a document in another state",
            "UPDATE documents SET status = 'in_progress' WHERE status = 'voided'",
            "UPDATE documents SET status = 'voided' WHERE status = 'in_progress' AND handed_on_at IS NOT NULL",
            "and its document",
        ),
        row(
            "a published phone number",
            "UPDATE publications SET answer = answer || ' 0912345678'",
            "UPDATE publications SET answer = REPLACE(answer, ' 0912345678', '')",
            "its public answer holds a name, or what looks like a phone number",
        ),
        row(
            "a published name",
            "UPDATE publications SET content = content || ' NGUYEN THI HOA.'",
            "UPDATE publications SET content = REPLACE(content, ' NGUYEN THI HOA.', '')",
            "its public content holds a name",
        ),
        row(
            "a lost duty of the system",
            "UPDATE petitions SET system_due_at = received_at WHERE status = 'assigned'",
            "UPDATE petitions SET system_due_at = NULL WHERE status = 'assigned'",
            "and system_due_at is",
        ),
    ]
}

#[tokio::test]
async fn a_life_through_the_services_is_clean_and_each_change_by_hand_is_named() {
    let app = TestApp::start().await;
    let first = small_life(&app).await;
    let (findings, checks) = report(&app).await;
    assert_eq!(findings, Vec::<String>::new());
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            "database",
            "directory",
            "accounts",
            "registers",
            "timelines",
            "petitions",
            "personal data",
            "publications",
            "snapshots",
            "figures",
            "audit",
            "audit heads",
            "audit anchors",
            "audit triggers"
        ]
    );
    assert!(checks.iter().any(|check| check.to_string().contains("11 documents, numbers 1..n")), "{checks:?}");

    for (name, deed, undo, said) in misdeeds() {
        by_hand(&app, &deed).await;
        let (findings, _) = report(&app).await;
        assert!(findings.iter().any(|finding| finding.contains(said)), "{name}: {findings:#?}");
        by_hand(&app, &undo).await;
        let (findings, _) = report(&app).await;
        assert_eq!(findings, Vec::<String>::new(), "{name} was undone");
    }
    by_hand(&app, "DELETE FROM petition_texts WHERE petition_id = (SELECT MIN(id) FROM petitions)").await;
    assert_eq!(report(&app).await.0, [format!("petitions: {}: it has no words", first.code)]);
    app.stop().await;
}

pub fn pakn(app: &TestApp, arguments: &[&str]) -> Output {
    let url = match app.app.db.url() {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_pakn"));
    command.args(arguments).env("PAKN_DATABASE_URL", url).env("PAKN_DATA_DIR", &app.app.config.data_dir);
    command.output().expect("pakn runs")
}

#[tokio::test]
async fn the_command_says_it_and_ends_with_status_1() {
    let app = TestApp::start().await;
    let filed = file(&app).await;
    let clean = pakn(&app, &["verify"]);
    let said = String::from_utf8(clean.stdout).unwrap();
    assert_eq!(clean.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&clean.stderr));
    assert!(said.contains("ok  registers: 1 registers, 1 documents, numbers 1..n"), "{said}");

    by_hand(&app, "UPDATE petitions SET status = 'in_progress'").await;
    let broken = pakn(&app, &["verify"]);
    let said = String::from_utf8(broken.stdout).unwrap();
    assert_eq!(broken.status.code(), Some(1), "{said}");
    let sentence = format!("petitions: {}: status is in_progress, the timeline says assigned", filed.code);
    assert!(said.contains(&sentence), "{said}");
    app.stop().await;
}
