//! What somebody with rights on the database does by hand, column by column: refused by the tables, and named by `verify` when it was
//! done all the same.

use super::Reader;
use crate::app::TestApp;
use crate::town::{Town, form};
use crate::verify::{by_hand, pakn, report};
use pakn::audit::rules::AuditEntry;
use pakn::db::{Backend, DbConnection, StorageError};
use pakn::kernel::ids::PetitionId;
use pakn::ops::jobs::sign_hourly_head;
use pakn::petitions::store::timeline;

const TABLES: [&str; 4] = ["audit", "audit_streams", "audit_heads", "audit_head_streams"];

/// A petition that was answered, an identity that was looked at, and a signed head over it.
async fn signed_town() -> (Town, Vec<AuditEntry>) {
    let town = Town::start().await;
    let petition = town.filed("waiting_for_petitioner").await;
    town.respond(&petition, "reply", serde_json::json!({"text": "Ở đầu ngõ 12."})).await.expect(200);
    town.act("handler", petition.document, "note", serde_json::json!({"text": "Đã gọi điện."})).await.expect(200);
    town.get("handler", &format!("/documents/{}/petitioner", petition.document)).await.expect(200);
    town.file(&form()).await;
    assert!(sign_hourly_head(&town.app.app).await.unwrap());
    let entries = Reader::default().fresh(&town).await;
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
    (town, entries)
}

/// Takes away what protects the tables, as whoever owns them can.
async fn unlock(app: &TestApp) {
    let statements = match app.app.db.backend() {
        Backend::Postgres => TABLES.map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER ALL;")).concat(),
        Backend::Sqlite => {
            let names = [
                "audit_is_not_changed",
                "audit_is_not_deleted",
                "audit_heads_is_not_changed",
                "audit_heads_is_not_deleted",
                "audit_head_streams_is_not_changed",
                "audit_head_streams_is_not_deleted",
                "audit_streams_moves_on",
                "audit_streams_is_not_deleted",
            ];
            names.map(|name| format!("DROP TRIGGER {name};")).concat()
        }
    };
    by_hand(app, &statements).await;
}

/// Another text of the same length.
fn flipped(text: &str) -> String {
    let mut text = text.to_owned();
    let last = if text.pop() == Some('1') { '2' } else { '1' };
    text.push(last);
    text
}

fn quoted(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

/// What is found, but for the triggers that [`unlock`] has taken away.
async fn others(town: &Town) -> Vec<String> {
    let (mut findings, _) = report(&town.app).await;
    findings.retain(|finding| !finding.starts_with("audit triggers: "));
    findings
}

/// Does something, finds it named, and undoes it.
async fn found(town: &Town, name: &str, deed: &str, undo: &str, said: &[&str]) {
    by_hand(&town.app, deed).await;
    let findings = others(town).await;
    for said in said {
        assert!(findings.iter().any(|finding| finding.contains(said)), "{name}: {said} in {findings:#?}");
    }
    by_hand(&town.app, undo).await;
    assert_eq!(others(town).await, Vec::<String>::new(), "{name} was undone");
}

#[tokio::test]
async fn the_tables_refuse_every_change() {
    let (town, _) = signed_town().await;
    for table in TABLES {
        for statement in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET stream = stream")] {
            let statement = if table == "audit_heads" { statement.replace("stream", "hash") } else { statement };
            let work = move |connection: &mut DbConnection| {
                use diesel::connection::SimpleConnection;
                Ok::<_, StorageError>(connection.batch_execute(&statement)?)
            };
            let refused = town.app.app.db.write(work).await.unwrap_err();
            assert!(refused.to_string().contains("refused a statement"), "{table}: {refused}");
        }
    }
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

/// The triggers of the migration: name, table, and what makes each.
fn triggers(backend: Backend) -> Vec<(&'static str, &'static str, String)> {
    let made = match backend {
        Backend::Sqlite => include_str!("../../../migrations/sqlite/0013_audit/up.sql"),
        Backend::Postgres => include_str!("../../../migrations/postgres/0013_audit/up.sql"),
    };
    let trigger = |rest: &'static str| {
        let mut words = rest.split_whitespace();
        let name = words.next().unwrap();
        (name, words.skip_while(|word| *word != "ON").nth(1).unwrap(), format!("CREATE TRIGGER {}", rest.trim()))
    };
    made.split("CREATE TRIGGER ").skip(1).map(trigger).collect()
}

#[tokio::test]
async fn triggers_that_are_missing_switched_off_or_changed_are_named() {
    let (town, _) = signed_town().await;
    let backend = town.app.app.db.backend();
    let all = triggers(backend);
    assert_eq!(all.len(), if backend == Backend::Sqlite { 8 } else { 9 });
    for (name, table, made) in all {
        let (drop, other) = match backend {
            Backend::Sqlite => {
                (format!("DROP TRIGGER {name}"), format!("CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT 1; END"))
            }
            Backend::Postgres => (
                format!("DROP TRIGGER {name} ON {table}"),
                format!("CREATE TRIGGER {name} BEFORE INSERT ON {table} EXECUTE FUNCTION audit_is_only_added_to()"),
            ),
        };
        let mut deeds = vec![
            (drop.clone(), made.clone(), "is missing"),
            (format!("{drop}; {other}"), format!("{drop}; {made}"), "was changed"),
        ];
        if backend == Backend::Postgres {
            let set = |what: &str| format!("ALTER TABLE {table} {what} TRIGGER {name}");
            deeds.push((set("DISABLE"), set("ENABLE"), "is switched off"));
            deeds.push((set("ENABLE REPLICA"), set("ENABLE"), "is switched off"));
        }
        for (deed, undo, said) in deeds {
            by_hand(&town.app, &deed).await;
            assert_eq!(report(&town.app).await.0, [format!("audit triggers: the trigger {name} of {table} {said}")], "{deed}");
            by_hand(&town.app, &undo).await;
        }
    }
    if backend == Backend::Postgres {
        let anew = |body: &str| {
            format!(
                "CREATE OR REPLACE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
            )
        };
        by_hand(&town.app, &anew("RETURN NEW")).await;
        let (findings, _) = report(&town.app).await;
        assert!(findings.len() == 9 && findings.iter().all(|finding| finding.ends_with("was changed")), "{findings:#?}");
        by_hand(&town.app, &anew("RAISE EXCEPTION 'the audit record is only added to'")).await;
    }
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
    unlock(&town.app).await;
    let said = pakn(&town.app, &["verify"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&said.stdout).contains("audit triggers: the trigger audit_streams_moves_on of audit_streams")
    );
}

#[tokio::test]
async fn every_column_of_an_entry_counts() {
    let (town, entries) = signed_town().await;
    unlock(&town.app).await;
    let entry = entries.iter().find(|entry| entry.action == "ask").unwrap();
    let (stream, number) = (entry.stream.as_str(), entry.sequence);
    let key = format!("WHERE stream = '{stream}' AND sequence = {number}");
    let named = format!("audit row {stream}/{number} (");
    let hash = entry.hash();
    let texts: [(&str, Option<&str>); 10] = [
        ("at", Some(&entry.at)),
        ("roles", Some(&entry.roles)),
        ("action", Some(&entry.action)),
        ("subject_kind", Some(&entry.subject_kind)),
        ("subject", Some(&entry.subject)),
        ("source", entry.source.as_deref()),
        ("request_id", entry.request_id.as_deref()),
        ("detail", Some(&entry.detail)),
        ("previous_hash", Some(&entry.previous_hash)),
        ("hash", Some(&hash)),
    ];
    for (column, value) in texts {
        let undo = format!("UPDATE audit SET {column} = {} {key}", quoted(value));
        let mut others = vec![flipped(value.unwrap_or("x"))];
        if column == "source" {
            others.push(String::new());
        }
        if column == "at" {
            others.push(entry.at.replacen('T', " ", 1));
        }
        for other in others {
            let deed = format!("UPDATE audit SET {column} = {} {key}", quoted(Some(&other)));
            let named = if column == "hash" { format!("audit row {stream}/{number} (ask) was changed") } else { named.clone() };
            found(&town, column, &deed, &undo, &[&named]).await;
        }
    }
    let account = entry.account_id.unwrap();
    let undo = format!("UPDATE audit SET account_id = {account} {key}");
    for other in ["account_id + 1", "NULL"] {
        found(&town, "account_id", &format!("UPDATE audit SET account_id = {other} {key}"), &undo, &[&named]).await;
    }
    let gone = format!("audit row {stream}/{} (note) follows a gap: entry {number} is missing", number + 1);
    let away = format!("WHERE stream = '{stream}' AND sequence = 999");
    let (deed, undo) = (format!("UPDATE audit SET sequence = 999 {key}"), format!("UPDATE audit SET sequence = {number} {away}"));
    found(&town, "sequence", &deed, &undo, &[&gone, "stand behind the end of the chain"]).await;
    let away = format!("WHERE stream = 'operator ' AND sequence = {number}");
    let deed = format!("UPDATE audit SET stream = 'operator ' {key}");
    let undo = format!("UPDATE audit SET stream = '{stream}' {away}");
    found(&town, "stream", &deed, &undo, &[&gone, "audit rows operator /1"]).await;
    let other = format!("WHERE stream = '{stream}' AND sequence = {}", number - 1);
    let swap = format!(
        "UPDATE audit SET sequence = 998 {key}; UPDATE audit SET sequence = {number} {other}; \
         UPDATE audit SET sequence = {} WHERE stream = '{stream}' AND sequence = 998",
        number - 1
    );
    found(&town, "swapped", &swap, &swap, &[&format!("audit row {stream}/{} (ask) does not follow", number - 1)]).await;
}

#[tokio::test]
async fn what_is_taken_away_is_missed() {
    let (town, entries) = signed_town().await;
    unlock(&town.app).await;
    let handler = entries.iter().find(|entry| entry.action == "ask").unwrap().stream.clone();
    let last = entries.iter().filter(|entry| entry.stream == handler).map(|entry| entry.sequence).max().unwrap();
    let keep = |table: &str, rest: &str| format!("CREATE TABLE kept AS SELECT * FROM {table} {rest}; DELETE FROM {table} {rest}");
    let back = |table: &str| format!("INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept");
    let of_stream = |more: &str| format!("WHERE stream = '{handler}'{more}");

    let middle = keep("audit", &of_stream(" AND sequence = 2"));
    let said = format!("audit row {handler}/3 (");
    found(&town, "one in the middle", &middle, &back("audit"), &[&said, "follows a gap: entry 2 is missing"]).await;
    let tail = keep("audit", &of_stream(&format!(" AND sequence = {last}")));
    let said = format!("audit rows {handler}/{last} to {handler}/{last} are missing at the end");
    found(&town, "the last one", &tail, &back("audit"), &[&said]).await;
    let whole = keep("audit", &of_stream(""));
    found(&town, "a whole chain", &whole, &back("audit"), &[&format!("audit rows {handler}/1 to {handler}/{last} are missing")])
        .await;
    let end = keep("audit_streams", &of_stream(""));
    found(&town, "the end of a chain", &end, &back("audit_streams"), &["stand behind the end of the chain"]).await;

    // With its end moved back a chain looks whole; the signed head knows better.
    let hash = entries.iter().find(|entry| entry.stream == handler && entry.sequence == last).unwrap().previous_hash.clone();
    let present = entries.iter().find(|entry| entry.stream == handler && entry.sequence == last).unwrap().hash();
    let cut =
        format!("{tail}; UPDATE audit_streams SET last_sequence = {}, last_hash = '{hash}' WHERE stream = '{handler}'", last - 1);
    let undo = format!(
        "{}; UPDATE audit_streams SET last_sequence = {last}, last_hash = '{present}' WHERE stream = '{handler}'",
        back("audit")
    );
    let said = format!("audit_heads row 2026-03-02T08: audit row {handler}/{last} is missing");
    found(&town, "a cut chain", &cut, &undo, &[&said]).await;
    for (column, other, present) in [
        ("last_hash", format!("'{}'", flipped(&present)), format!("'{present}'")),
        ("last_sequence", (last + 1).to_string(), last.to_string()),
        ("last_sequence", (last - 1).to_string(), last.to_string()),
    ] {
        let set = |value: &str| format!("UPDATE audit_streams SET {column} = {value} WHERE stream = '{handler}'");
        found(&town, column, &set(&other), &set(&present), &[&handler.to_string()]).await;
    }
}

#[tokio::test]
async fn every_column_of_a_head_counts() {
    let (town, _) = signed_town().await;
    unlock(&town.app).await;
    let head = town.get("", "/audit/heads").await.expect(200).body["items"][0].clone();
    for column in ["made_at", "streams_hash", "previous_hash", "key_id", "public_key", "hash", "signature"] {
        let present = head[column].as_str().unwrap();
        let other = if column == "signature" { present.replace('=', "") } else { flipped(present) };
        let set = |value: &str| format!("UPDATE audit_heads SET {column} = '{value}'");
        found(&town, column, &set(&other), &set(present), &["audit_heads row 2026-03-02T08"]).await;
    }
    for column in ["streams", "entries"] {
        let (deed, undo) = (format!("{column} = {column} + 1"), format!("{column} = {column} - 1"));
        let set = |what: &str| format!("UPDATE audit_heads SET {what}");
        found(&town, column, &set(&deed), &set(&undo), &["its signature does not fit"]).await;
    }
    for (deed, undo) in [
        ("sequence = sequence - 1", "sequence = sequence + 1"),
        ("hash = 'x' || hash", "hash = substr(hash, 2)"),
        ("stream = stream || 'x'", "stream = substr(stream, 1, length(stream) - 1)"),
    ] {
        let of = |stream: &str| format!("WHERE stream IN ('operator', '{stream}')");
        let (deed, undo) = (
            format!("UPDATE audit_head_streams SET {deed} {}", of("")),
            format!("UPDATE audit_head_streams SET {undo} {}", of("operatorx")),
        );
        found(&town, &deed, &deed, &undo, &["audit_head_streams up to its period have another hash"]).await;
    }
    by_hand(&town.app, "DELETE FROM audit_head_streams; DELETE FROM audit_heads").await;
    let findings = others(&town).await;
    assert_eq!(findings, ["audit heads: audit_heads row 2026-03-02T08 is missing, or another one was signed"]);
    let said = pakn(&town.app, &["verify"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stdout).contains("audit_heads row 2026-03-02T08 is missing"));
}

#[tokio::test]
async fn every_column_of_a_timeline_counts() {
    let (town, _) = signed_town().await;
    let row = "WHERE action = 'ask'";
    let is_sqlite = town.app.app.db.backend() == Backend::Sqlite;
    let later = if is_sqlite { "replace(at, ':00:00', ':00:01')" } else { "at + interval '1 microsecond'" };
    let earlier = if is_sqlite { "replace(at, ':00:01', ':00:00')" } else { "at - interval '1 microsecond'" };
    let broken = "the chain is broken at entry 3";
    let mut deeds: Vec<(&str, String, String, &str)> = vec![
        ("at", format!("at = {later}"), format!("at = {earlier}"), broken),
        ("action", "action = 'note'".to_owned(), "action = 'ask'".to_owned(), broken),
        ("actor_kind", "actor_kind = 'petitioner'".to_owned(), "actor_kind = 'officer'".to_owned(), broken),
        ("actor_id", "actor_id = actor_id - 1".to_owned(), "actor_id = actor_id + 1".to_owned(), broken),
        ("status", "status = 'in_progress'".to_owned(), "status = 'waiting_for_petitioner'".to_owned(), broken),
        ("agency_id", "agency_id = agency_id - 1".to_owned(), "agency_id = agency_id + 1".to_owned(), broken),
        ("document_id", "document_id = document_id + 1".to_owned(), "document_id = document_id - 1".to_owned(), broken),
        ("score", "score = 5".to_owned(), "score = NULL".to_owned(), broken),
        ("is_public", format!("is_public = {}", if is_sqlite { "0" } else { "false" }), "is_public = (1 = 1)".to_owned(), broken),
        ("note", "note = note || '.'".to_owned(), "note = 'Ở đoạn nào của đường?'".to_owned(), broken),
        ("detail", "detail = detail || ' '".to_owned(), "detail = trim(detail)".to_owned(), broken),
        ("hash_version", "hash_version = 1".to_owned(), "hash_version = 2".to_owned(), broken),
        ("facts", "facts = facts || ' '".to_owned(), "facts = trim(facts)".to_owned(), broken),
        ("texts", "texts = texts || ' '".to_owned(), "texts = trim(texts)".to_owned(), broken),
        (
            "salts",
            "salts = replace(salts, '\"note\":\"', '\"note\":\"A')".to_owned(),
            "salts = replace(salts, '\"note\":\"A', '\"note\":\"')".to_owned(),
            broken,
        ),
        ("chain_hash", "chain_hash = 'x' || chain_hash".to_owned(), "chain_hash = substr(chain_hash, 2)".to_owned(), broken),
        ("sequence", "sequence = 77".to_owned(), "sequence = 3".to_owned(), "entry 3 is missing"),
        ("id", "id = -id".to_owned(), "id = -id".to_owned(), "has a number before that of row"),
    ];
    let due_later = if is_sqlite { "replace(due_at, '0:00', '0:01')" } else { "due_at + interval '1 microsecond'" };
    let due_earlier = if is_sqlite { "replace(due_at, '0:01', '0:00')" } else { "due_at - interval '1 microsecond'" };
    deeds.push(("due_at", format!("due_at = {due_later}"), format!("due_at = {due_earlier}"), broken));
    if is_sqlite {
        let (t, space) = ("at = replace(at, ' ', 'T')".to_owned(), "at = replace(at, 'T', ' ')".to_owned());
        deeds.push(("at in another form", t, space, "in a form that nothing writes"));
    }
    for (name, deed, undo, said) in deeds {
        let key = if name == "action" && undo.contains("ask") { "WHERE action = 'note' AND sequence = 3" } else { row };
        let (deed, undo) = (format!("UPDATE timeline SET {deed} {row}"), format!("UPDATE timeline SET {undo} {key}"));
        found(&town, name, &deed, &undo, &[said]).await;
    }
    let empty = "UPDATE timeline SET note = '' WHERE action = 'accept'";
    found(&town, "empty", empty, "UPDATE timeline SET note = NULL WHERE action = 'accept'", &["has an empty note"]).await;
    let keep = |rest: &str| format!("CREATE TABLE kept AS SELECT * FROM timeline {rest}; DELETE FROM timeline {rest}");
    let back = "INSERT INTO timeline SELECT * FROM kept; DROP TABLE kept";
    found(&town, "one in the middle", &keep("WHERE action = 'ask'"), back, &["entry 3 is missing"]).await;
    let last = keep("WHERE sequence = 5");
    found(&town, "the last one", &last, back, &["timeline entry 5 of", "is missing; audit row"]).await;
}

#[tokio::test]
async fn a_timeline_written_anew_from_its_beginning_does_not_fit_the_record() {
    let (town, _) = signed_town().await;
    let anew = |connection: &mut DbConnection| -> Result<(), StorageError> {
        use diesel::connection::SimpleConnection;
        let mut previous = String::new();
        for (mut entry, _) in timeline::of_petitions(connection, PetitionId(0), PetitionId(1))? {
            if entry.sequence == 3 {
                let words = "Không hỏi gì.";
                let (old, new) = (entry.texts()["note"].clone(), entry.salted("note", Some(words)).unwrap());
                entry.texts = entry.texts.replace(&old, &new);
                entry.note = Some(words.to_owned());
            }
            previous = entry.chain_hash(&previous);
            let (note, texts) = (quoted(entry.note.as_deref()), &entry.texts);
            connection.batch_execute(&format!(
                "UPDATE timeline SET note = {note}, texts = '{texts}', chain_hash = '{previous}' \
                 WHERE petition_id = {} AND sequence = {}",
                entry.petition_id, entry.sequence
            ))?;
        }
        Ok(())
    };
    town.app.app.db.write(anew).await.unwrap();
    let (findings, _) = report(&town.app).await;
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert!(findings.iter().all(|finding| finding.starts_with("audit: timeline entry ")), "{findings:#?}");
}
