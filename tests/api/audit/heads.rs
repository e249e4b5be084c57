//! The signed heads: one an hour, published, anchored outside, and good for proving later what was there.

use crate::process::Installation;
use crate::receiver::{Receiver, Reply};
use crate::town::Town;
use crate::verify::{by_hand, pakn, report};
use chrono::Duration;
use pakn::audit::heads;
use pakn::audit::rules::head::AuditHead;
use pakn::config::Secret;
use pakn::ops::jobs::sign_hourly_head;
use pakn::ops::verify;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use std::fs;

async fn published(town: &Town) -> Vec<Value> {
    town.get("", "/audit/heads?limit=100").await.expect(200).body["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_head_is_signed_once_an_hour_and_published() {
    let town = Town::start().await;
    assert_eq!(published(&town).await, Vec::<Value>::new());
    town.at("2026-03-03T01:59:59+07:00");
    town.filed("answered").await;
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    assert!(!sign_hourly_head(&town.app.app).await.unwrap(), "the hour has one");
    assert!(heads::sign(&town.app.app).await.unwrap().is_none());
    for after in [Duration::seconds(1), Duration::hours(22)] {
        town.later(after);
        town.filed("in_progress").await;
        assert!(sign_hourly_head(&town.app.app).await.unwrap());
    }
    let heads = published(&town).await;
    let periods: Vec<&str> = heads.iter().map(|head| head["period"].as_str().unwrap()).collect();
    assert_eq!(periods, ["2026-03-04T00", "2026-03-03T02", "2026-03-03T01"]);
    for (head, before) in heads.iter().zip(heads.iter().skip(1).map(Some).chain([None])) {
        assert_eq!(head["previous_hash"], before.map_or(json!(""), |before| before["hash"].clone()));
        assert!(before.is_none_or(|before| head["entries"].as_i64() > before["entries"].as_i64()), "{head}");
        let bytes = |name: &str, hex: bool| {
            let text = head[name].as_str().unwrap().as_bytes();
            if hex { data_encoding::HEXLOWER.decode(text).unwrap() } else { data_encoding::BASE64.decode(text).unwrap() }
        };
        let statement = head["statement"].as_str().unwrap();
        assert!(statement.contains(&format!("\nstreams_hash {}\n", head["streams_hash"].as_str().unwrap())));
        UnparsedPublicKey::new(&ED25519, bytes("public_key", true))
            .verify(statement.as_bytes(), &bytes("signature", false))
            .unwrap();
    }
    let first = town.get("", "/audit/heads?limit=2").await.expect(200);
    let rest = town.get("", &format!("/audit/heads?cursor={}", first["next_cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!(rest["items"], json!([heads[2]]));
    town.get("", "/audit/heads?cursor=x").await.expect(422);
    town.get("", "/audit/heads?day=2026-03-03").await.expect(422);
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn two_instances_sign_one_head() {
    let town = Town::start().await;
    let app = &town.app.app;
    let (one, other) = tokio::join!(sign_hourly_head(app), sign_hourly_head(app));
    assert_eq!([one, other].into_iter().filter(|signed| *signed == Ok(true)).count(), 1);
    assert_eq!(published(&town).await.len(), 1);
}

#[tokio::test]
async fn a_kept_head_tells_what_was_done_to_the_database_and_its_heads() {
    let town = Town::start().await;
    town.filed("answered").await;
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (page, lines) = (folder.path().join("heads.json"), folder.path().join("heads.jsonl"));
    fs::write(&page, town.get("", "/audit/heads").await.expect(200).text).unwrap();
    let told = pakn(&town.app, &["audit", "heads"]);
    fs::write(&lines, &told.stdout).unwrap();
    for file in [&page, &lines] {
        let checked = pakn(&town.app, &["audit", "check", file.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert_eq!(checked.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&checked.stderr));
        assert!(said.contains("ok  kept heads: 1 heads"), "{said}");
    }

    // Everything about the head is written anew, with the right key: the database is at one with itself, and with nobody else.
    let whole: AuditHead = serde_json::from_slice(&told.stdout).unwrap();
    let anew = town.app.app.audit_key.sign(AuditHead { made_at: "2026-03-02T01:00:00.000001Z".to_owned(), ..whole.clone() });
    let unlock = match town.app.app.db.backend() {
        pakn::db::Backend::Sqlite => "DROP TRIGGER audit_heads_is_not_changed",
        pakn::db::Backend::Postgres => "ALTER TABLE audit_heads DISABLE TRIGGER ALL",
    };
    let AuditHead { made_at, hash, signature, .. } = &anew;
    by_hand(
        &town.app,
        &format!("{unlock}; UPDATE audit_heads SET made_at = '{made_at}', hash = '{hash}', signature = '{signature}'"),
    )
    .await;
    let checked = pakn(&town.app, &["audit", "check", page.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&checked.stdout).contains("the database has another head of 2026-03-02T"));
    for rubbish in ["", "[]", "{}", "{\"items\": [1]}", "not json"] {
        fs::write(&page, rubbish).unwrap();
        let checked = pakn(&town.app, &["audit", "check", page.to_str().unwrap()]);
        assert_eq!(checked.status.code(), Some(1), "{rubbish}");
        assert!(String::from_utf8_lossy(&checked.stderr).contains("holds no heads"), "{rubbish}");
    }
}

#[tokio::test]
async fn a_head_of_a_strange_key_is_named() {
    let town = Town::start_with(|config| config.audit_key = Some(Secret::new("0f".repeat(32)))).await;
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    let mut findings = Vec::new();
    let own = town.app.app.audit_key.public_key();
    let count = verify::signers(&town.app.app.db, &[own], &mut |_| ()).await.unwrap();
    assert_eq!(count, 0);
    verify::signers(&town.app.app.db, &["ab".repeat(32)], &mut |line| findings.push(format!("{line:?}"))).await.unwrap();
    assert!(findings[0].contains("signed with the key"), "{findings:?}");
    // The command knows the key of the data folder, which is another one.
    fs::write(town.app.app.config.data_dir.join("audit.key"), "1f".repeat(32)).unwrap();
    let said = pakn(&town.app, &["verify"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stdout).contains("audit keys: audit_heads row 2026-03-02T08: signed with the key"));
}

#[test]
fn the_operator_has_a_chain_and_the_commands_are_in_it() {
    let (database, folder) = (crate::database::TestDatabase::new(), tempfile::tempdir().unwrap());
    let installation = Installation::new(folder.path(), database.url_text());
    installation.run(&["account", "create", "an.nguyen", "--agency", "27-09190", "--role", "clerk"]).expect("an officer");
    installation.run(&["account", "disable", "an.nguyen"]).expect("disabled");
    installation.run(&["account", "reset", "an.nguyen"]).expect("reset");
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    installation.run(&["load-reference", data.to_str().unwrap()]).expect("loaded");
    let signed = installation.run(&["audit", "sign"]).expect("signed");
    assert!(signed.contains("\"signature\""), "{signed}");
    let exported = installation.run(&["audit", "export"]).expect("exported");
    let entries: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_operator: Vec<&str> =
        entries.iter().filter(|entry| entry["stream"] == "operator").map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(of_operator, ["load_reference", "create_account", "disable_account", "reset_account", "load_reference"]);
    let last = entries.iter().find(|entry| entry["stream"] == "system").unwrap();
    assert_eq!(last["action"], "sign_audit_head");
    let verified = installation.run(&["verify"]).expect("all is well");
    assert!(verified.contains("ok  audit keys: 1 heads"), "{verified}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(folder.path().join("audit.key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn copies_of_the_database_are_entered_when_they_are_made_and_when_they_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let installation = Installation::embedded(folder.path());
    installation.run(&["account", "create", "an.nguyen", "--agency", "27-09190", "--role", "clerk"]).expect("an officer");
    let copy = folder.path().join("ban-sao.db");
    let copy = copy.to_str().unwrap();
    installation.run(&["backup", copy]).expect("a copy");
    let operator = || -> Vec<String> {
        let exported = installation.run(&["audit", "export"]).expect("exported");
        let entries = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(operator(), ["load_reference", "create_account", "back_up"]);
    installation.run(&["restore", copy]).expect("restored");
    assert_eq!(operator(), ["load_reference", "create_account", "restore"]);
    installation.run(&["verify"]).expect("all is well");
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_end_the_heads() {
    let town = Town::start().await;
    let now = town.app.app.now();
    town.later(Duration::days(400));
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    town.at(&now.to_rfc3339());
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    assert!(!sign_hourly_head(&town.app.app).await.unwrap());
    town.later(Duration::hours(1));
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    let heads = published(&town).await;
    let periods: Vec<&str> = heads.iter().map(|head| head["period"].as_str().unwrap()).collect();
    assert_eq!(periods, ["2027-04-06T08+002", "2027-04-06T08+001", "2027-04-06T08"]);
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn heads_are_handed_to_places_outside_and_show_that_the_end_of_the_record_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("heads.jsonl");
    let receiver = Receiver::start(|number, _| match number {
        0 => Reply::Status(503, String::new()),
        _ => Reply::Status(204, String::new()),
    });
    let town = Town::start_with(|config| {
        config.audit_anchor_file = Some(file.clone());
        config.audit_anchor_url = Some(Secret::new(receiver.url("/heads")));
    })
    .await;
    let sign = async || sign_hourly_head(&town.app.app).await.unwrap();
    assert!(sign().await);
    assert_eq!(town.app.app.worker_status.unanchored_heads(), 1, "the receiver was away");
    let first = published(&town).await[0]["period"].as_str().unwrap().to_owned();
    town.filed("in_progress").await;
    town.later(Duration::hours(1));
    assert!(sign().await);
    assert!(!sign().await);
    assert_eq!(town.app.app.worker_status.unanchored_heads(), 0);
    let kept: Vec<Value> = fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut all = published(&town).await;
    all.reverse();
    assert_eq!(kept, all);
    let posted: Vec<Value> =
        receiver.received().iter().skip(1).map(|request| serde_json::from_str(&request.body).unwrap()).collect();
    assert_eq!(posted, all, "in order, each once it was taken");

    // Whoever has the database cuts off what came after the first head, and leaves a record that is at one with itself.
    let unlock = match town.app.app.db.backend() {
        pakn::db::Backend::Sqlite => {
            ["audit", "audit_heads", "audit_head_streams", "audit_streams"]
                .map(|table| format!("DROP TRIGGER {table}_is_not_deleted"))
                .join("; ")
                + "; DROP TRIGGER audit_streams_moves_on"
        }
        pakn::db::Backend::Postgres => ["audit", "audit_heads", "audit_head_streams", "audit_streams"]
            .map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER ALL"))
            .join("; "),
    };
    let end = format!("(SELECT sequence FROM audit_head_streams AS e WHERE e.day = '{first}' AND e.stream = audit.stream)");
    let of_stream = end.replace("audit.stream", "audit_streams.stream");
    let hash = of_stream.replace("SELECT sequence", "SELECT hash");
    by_hand(
        &town.app,
        &format!(
            "{unlock}; DELETE FROM audit_head_streams WHERE day > '{first}'; DELETE FROM audit_heads WHERE day > '{first}'; \
             DELETE FROM audit WHERE sequence > coalesce({end}, 0); DELETE FROM audit_streams WHERE {of_stream} IS NULL; \
             UPDATE audit_streams SET last_sequence = {of_stream}, last_hash = {hash}"
        ),
    )
    .await;
    let said = pakn(&town.app, &["audit", "check", file.to_str().unwrap()]);
    let words = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(said.status.code(), Some(1), "{words}");
    assert!(words.contains("the database has no head of 2026-03-02T09"), "{words}");
    assert!(words.contains("ok  audit heads"), "without the kept heads it shows nothing: {words}");
}

#[test]
fn heads_come_on_standard_output_where_the_settings_say_so() {
    let (database, folder) = (crate::database::TestDatabase::new(), tempfile::tempdir().unwrap());
    let installation = Installation::new(folder.path(), database.url_text()).with("PAKN_AUDIT_ANCHOR_STDOUT", "true");
    let mut server = installation.serve();
    let line = server.line_with("\"period\"");
    let head: AuditHead = serde_json::from_str(&line).unwrap();
    assert_eq!(head.faults(), Vec::<&str>::new());
    server.stop();
}
