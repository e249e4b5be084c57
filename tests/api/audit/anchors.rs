//! Places outside to which heads are handed: not silenced by a state that was changed by hand, and told of where they take nothing.

use crate::database::TestDatabase;
use crate::process::Installation;
use crate::receiver::{Receiver, Reply};
use crate::town::Town;
use crate::verify::{by_hand, pakn, report};
use chrono::Duration;
use pakn::config::Secret;
use pakn::db::{Backend, StorageError};
use pakn::delivery::audit_anchors::check_at_start;
use pakn::ops::jobs::sign_hourly_head;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const FORGED: &str = "UPDATE audit_anchors SET period = '2099-01-01T00'";

/// A town whose heads go to a file.
async fn with_file(file: &Path) -> Town {
    let file = file.to_owned();
    Town::start_with(|config| (config.audit_anchor_file, config.worker) = (Some(file), true)).await
}

/// The periods of the heads in a file, in its order.
fn periods(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let heads = text.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str::<Value>(line).unwrap());
    heads.map(|head| head["period"].as_str().unwrap().to_owned()).collect()
}

/// The head of the next hour.
async fn sign_later(town: &Town) {
    town.later(Duration::hours(1));
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
}

/// What the metrics say and what the health checks warn of.
async fn told(town: &Town) -> (String, Value) {
    let metrics = town.app.operator_get("/metrics").send().await.expect(200).text;
    let line = metrics.lines().find(|line| line.starts_with("pakn_audit_unanchored_heads ")).unwrap();
    let ready = town.app.outside(Method::GET, "/health/ready").send().await.expect(200);
    (line.rsplit(' ').next().unwrap().to_owned(), ready["warnings"].clone())
}

fn check(town: &Town, file: &Path) -> (Option<i32>, String) {
    let checked = pakn(&town.app, &["audit", "check", file.to_str().unwrap()]);
    (checked.status.code(), String::from_utf8_lossy(&checked.stdout).into_owned())
}

#[tokio::test]
async fn a_state_that_names_no_head_is_named_and_silences_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("heads.jsonl");
    let town = with_file(&file).await;
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    sign_later(&town).await;
    assert_eq!(periods(&file), ["2026-03-02T08", "2026-03-02T09"]);

    by_hand(&town.app, FORGED).await;
    let said = "audit anchors: audit_anchors row file names the head of 2099-01-01T00, which is not there";
    let (findings, _) = report(&town.app).await;
    assert!(matches!(&findings[..], [finding] if finding.starts_with(said)), "{findings:#?}");
    let verified = pakn(&town.app, &["verify"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&verified.stdout).contains(said));
    check_at_start(&town.app.app).await.unwrap();
    assert_eq!(told(&town).await.0, "2", "nobody knows what the file has");

    assert!(!sign_hourly_head(&town.app.app).await.unwrap(), "the hour has one");
    assert_eq!(periods(&file), ["2026-03-02T08", "2026-03-02T09", "2026-03-02T08", "2026-03-02T09"]);
    assert_eq!(told(&town).await, ("0".to_owned(), Value::Null));
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
    let (status, said) = check(&town, &file);
    assert_eq!(status, Some(0), "heads that come twice are good: {said}");
    assert!(said.contains("ok  kept heads: 4 heads"), "{said}");
}

#[tokio::test]
async fn no_other_change_of_the_state_keeps_the_newest_head_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("heads.jsonl");
    let town = with_file(&file).await;
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    sign_later(&town).await;
    for (number, deed) in [
        "UPDATE audit_anchors SET period = '2026-03-02T08'",
        "DELETE FROM audit_anchors",
        "INSERT INTO audit_anchors (anchor, period, anchored_at) SELECT 'webhook', '2026-03-02T08', anchored_at FROM audit_anchors",
    ]
    .into_iter()
    .enumerate()
    {
        by_hand(&town.app, deed).await;
        assert_eq!(report(&town.app).await.0, Vec::<String>::new(), "{deed}");
        sign_later(&town).await;
        assert_eq!(periods(&file).last(), Some(&format!("2026-03-02T{}", number + 10)), "{deed}");
        assert_eq!(town.app.app.worker_status.unanchored_heads(), 0, "{deed}");
    }

    // With each head the state is moved to it, before it was handed over.
    let silence = match town.app.app.db.backend() {
        Backend::Sqlite => {
            "CREATE TRIGGER silence AFTER INSERT ON audit_heads BEGIN UPDATE audit_anchors SET period = NEW.day; END"
        }
        Backend::Postgres => {
            "CREATE FUNCTION silence() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN UPDATE audit_anchors SET period = NEW.day; RETURN NEW; END $$; \
             CREATE TRIGGER silence AFTER INSERT ON audit_heads FOR EACH ROW EXECUTE FUNCTION silence()"
        }
    };
    by_hand(&town.app, silence).await;
    assert_eq!(report(&town.app).await.0, ["audit triggers: the trigger silence of audit_heads was not made by this program"]);
    sign_later(&town).await;
    assert_eq!(periods(&file).last(), Some(&"2026-03-02T13".to_owned()));
}

#[tokio::test]
async fn a_head_begins_a_line_of_its_own_and_what_is_no_head_spoils_no_other_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("heads.jsonl");
    fs::write(&file, "xx").unwrap();
    let town = with_file(&file).await;
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    sign_later(&town).await;
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("xx\n{") && text.ends_with("}\n") && text.lines().count() == 3, "{text}");
    let (status, said) = check(&town, &file);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("kept heads: line 1 holds no head\nBAD kept heads: 2 heads"), "{said}");

    // Bytes that are no text, as a disk leaves them that was full.
    let (_, heads) = text.split_once('\n').unwrap();
    fs::write(&file, [heads.as_bytes(), b"{\"period\": \"20\xff\0", b"\n"].concat()).unwrap();
    let (status, said) = check(&town, &file);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("kept heads: line 3 holds no head\nBAD kept heads: 2 heads"), "{said}");
    fs::write(&file, heads).unwrap();
    assert_eq!(check(&town, &file).0, Some(0));
}

#[tokio::test]
async fn an_anchor_that_takes_nothing_is_warned_of_by_the_health_checks() {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("away").join("heads.jsonl");
    let receiver = Receiver::start(|number, _| Reply::Status(if number == 0 { 302 } else { 204 }, String::new()));
    let town = Town::start_with(|config| {
        (config.audit_anchor_file, config.worker) = (Some(file.clone()), true);
        config.audit_anchor_url = Some(Secret::new(receiver.url("/heads")));
    })
    .await;
    check_at_start(&town.app.app).await.unwrap();
    let of_file = |waiting: u32| format!("audit anchor file: entity not found; {waiting} heads of the audit record wait for it");
    assert_eq!(told(&town).await, ("0".to_owned(), json!([of_file(0)])), "before the first head");
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    let of_webhook = "audit anchor webhook: HTTP 302; 1 heads of the audit record wait for it";
    assert_eq!(told(&town).await, ("2".to_owned(), json!([of_file(1), of_webhook])));
    assert!(!sign_hourly_head(&town.app.app).await.unwrap());
    assert_eq!(told(&town).await, ("1".to_owned(), json!([of_file(1)])));
    fs::create_dir(file.parent().unwrap()).unwrap();
    assert!(!sign_hourly_head(&town.app.app).await.unwrap());
    assert_eq!(told(&town).await, ("0".to_owned(), Value::Null));
    fs::remove_dir_all(file.parent().unwrap()).unwrap();
    assert!(!sign_hourly_head(&town.app.app).await.unwrap());
    assert_eq!(told(&town).await, ("0".to_owned(), json!([of_file(0)])), "found out before the next head");
}

#[tokio::test]
async fn an_anchor_that_never_answers_has_nothing_from_the_beginning() {
    let receiver = Receiver::start(|_, _| Reply::Silence);
    let town = Town::start_with(|config| config.audit_anchor_url = Some(Secret::new(receiver.url("/heads")))).await;
    let app = town.app.app.clone();
    let waiting = tokio::spawn(async move { sign_hourly_head(&app).await });
    receiver.until(1).await;
    assert_eq!(town.app.app.worker_status.unanchored_heads(), 1);
    waiting.abort();
}

#[tokio::test]
async fn the_start_says_in_the_log_what_is_wrong_with_anchors() {
    let (database, folder) = (TestDatabase::new(), tempfile::tempdir().unwrap());
    let installation = Installation::new(folder.path(), database.url_text());
    let away = folder.path().join("away").join("heads.jsonl");
    let with_file = installation.clone().with("PAKN_AUDIT_ANCHOR_FILE", away.to_str().unwrap());
    with_file.serve().stop();
    assert!(installation.log().contains("heads of the audit record cannot be anchored here"), "{}", installation.log());

    let with_stdout = installation.clone().with("PAKN_AUDIT_ANCHOR_STDOUT", "true");
    let mut server = with_stdout.serve();
    server.line_with("\"period\"");
    server.stop();
    let db = database.open();
    let forge = |connection: &mut pakn::db::DbConnection| {
        use diesel::connection::SimpleConnection;
        Ok::<_, StorageError>(connection.batch_execute(FORGED)?)
    };
    db.write(forge).await.unwrap();
    db.close().await;
    let mut server = with_stdout.serve();
    // Said before it listens; and the head comes once more.
    assert!(installation.log().contains("audit_anchors was changed"), "{}", installation.log());
    server.line_with("\"period\"");
    server.stop();
}
