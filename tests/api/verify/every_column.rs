//! Every value of every table, changed by hand one after the other: `verify` names each, but for those that are no record of anything.

use super::{report, small_life};
use crate::app::{PASSWORD, TestApp};
use crate::life::{HANDLER, LEADER};
use crate::media;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use pakn::db::{DbConnection, StorageError};
use pakn::kernel::account::Role;
use pakn::ops::verify::{self, ReportLine};
use serde_json::json;

/// Tables, or columns of them, that record nothing which somebody has to be able to prove, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("__diesel_schema_migrations", "kept by the tool that migrates"),
    ("audit", "only added to: the database refuses it; tampering behind that has tests of its own"),
    ("audit_streams", "the same"),
    ("audit_heads", "the same"),
    ("audit_head_streams", "the same"),
    ("leases", "who does a duty just now"),
    ("sessions", "who is signed in just now"),
    ("account_activity", "when somebody was last there"),
    ("leaky_buckets", "limits, forgotten within an hour"),
    ("spent_proofs", "puzzles of the proof of work, forgotten after ten minutes"),
    ("sign_in_marks", "wrong attempts, forgotten after a day"),
    ("notification_marks", "up to where somebody has read"),
    ("contact_preferences", "a wish of its account, which can change it at any time"),
    ("api_key_hours", "a count of the present hour"),
    ("uploads", "on its way"),
    ("upload_sources", "a count of the present hour"),
    ("recipient_days", "a count of the present day"),
    ("claimed_contacts", "what somebody says of themselves until they prove it"),
    ("account_messages", "a queue: what was to be said about an account"),
    ("directory_state.calendar_law", "which rules the last start has counted by"),
    ("publications.masked_by", "which rules it was masked by; another number has it masked anew"),
    ("upload_parts", "on its way"),
    ("outbox", "a queue: what was to be sent is the timeline, what was sent is delivery_attempts"),
    ("delivery_attempts", "what a mail server or Zalo has said"),
    ("idempotency_keys", "first answers of two days"),
    ("identity_looks", "the audit record has each of them"),
    ("partner_petitions", "under which name a partner asks"),
    ("personal_state", "whether a database of long ago was sealed"),
    ("anonymisations", "the audit record has each of them"),
    ("earlier_passwords", "hashes of passwords that are good for nothing"),
    ("attachments.state", "whether it is scanned"),
    ("attachments.created_at", "when it was uploaded; when it was joined is covered"),
    ("attachments.check_at", "when the scan is tried again"),
    ("attachments.account_id", "who may join it, until it is joined"),
    ("answers.id", "a number that nothing refers to"),
    ("requests.id", "a number that nothing refers to"),
    ("notifications.id", "a number that nothing refers to"),
    ("statistics_changes.id", "a number that nothing refers to"),
    ("timeline.id", "a number that nothing refers to; that numbers rise along a timeline is checked"),
    ("statistics_changes.received_in", "any day of the month of receipt stands for the month"),
    ("statistics_sums.received_in", "the same"),
    ("statistics_sums.grain", "a single day of long ago may be forgotten, and is then no part of a recount"),
    ("statistics_sums.agency_id", "sums that cancel out under another agency are no part of a recount"),
    ("publications.search_text", "of the check of publications"),
    ("publications.outcome", "of the check of publications"),
    ("publications.published_at", "of the check of publications"),
    ("publications.answered_at", "of the check of publications"),
    ("publications.title", "of the check of publications"),
    ("publications.content", "of the check of publications"),
    ("publications.answer", "of the check of publications"),
    ("publications.latitude", "of the check of publications"),
    ("publications.longitude", "of the check of publications"),
];

fn is_excepted(table: &str, column: &str) -> bool {
    let whole = format!("{table}.{column}");
    EXCEPTIONS.iter().any(|(name, _)| *name == table || *name == whole)
}

#[derive(QueryableByName, Debug, Clone)]
struct Cell {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

fn columns(connection: &mut DbConnection) -> Result<Vec<Cell>, StorageError> {
    let statement = match connection {
        DbConnection::Sqlite(_) => {
            "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"
        }
        DbConnection::Postgres(_) => {
            "SELECT table_name::text AS table_name, column_name::text AS column_name, data_type::text AS kind \
             FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
        }
    };
    Ok(diesel::sql_query(statement).load(connection)?)
}

/// The name of a row inside of its table, on both databases.
fn row_id(connection: &DbConnection, table: &str) -> &'static str {
    match connection {
        DbConnection::Postgres(_) => "ctid::text",
        DbConnection::Sqlite(_) if table == "statistics_sums" || table == "statistics_times" => {
            "dimension || value || grain || event_on || received_in || agency_id"
        }
        DbConnection::Sqlite(_) => "CAST(rowid AS TEXT)",
    }
}

/// Other values that a column might be given, as SQL; the first that the database takes is tried.
fn others(connection: &DbConnection, cell: &Cell, value: &str) -> Vec<String> {
    let name = format!("\"{}\"", cell.column_name);
    let of_other_rows =
        format!("(SELECT o.{name} FROM {} o WHERE o.{name} <> t.{name} ORDER BY o.{name} LIMIT 1)", cell.table_name);
    let is_postgres = matches!(connection, DbConnection::Postgres(_));
    let day = value.len() == 10 && value.as_bytes().get(4) == Some(&b'-');
    let moment = value.len() >= 19 && value.as_bytes().get(4) == Some(&b'-') && value.as_bytes().get(10) == Some(&b' ');
    let clock = value.len() >= 8 && value.as_bytes().get(2) == Some(&b':') && value.as_bytes().get(5) == Some(&b':');
    match cell.kind.as_str() {
        "boolean" => vec![format!("NOT {name}")],
        "INTEGER" if value == "0" || value == "1" => vec![format!("1 - {name}"), format!("{name} + 1"), of_other_rows],
        "INTEGER" | "integer" | "bigint" => {
            vec![format!("{name} + 1"), format!("{name} - 1"), of_other_rows, format!("{name} + 1000")]
        }
        "REAL" | "double precision" => vec![format!("{name} + 0.001")],
        "date" => vec![format!("{name} + 1")],
        "time without time zone" => vec![format!("{name} + interval '1 minute'")],
        "timestamp without time zone" => vec![format!("{name} + interval '61 seconds'")],
        "TEXT" if day => vec![format!("date({name}, '+1 day')")],
        "TEXT" if moment => vec![format!("strftime('%Y-%m-%d %H:%M:%S', {name}, '+61 seconds')")],
        "TEXT" if clock && !is_postgres => vec![format!("strftime('%H:%M:%S', {name}, '+60 seconds')")],
        "TEXT" | "text" => {
            let words =
                ["resolved", "explained", "early", "late", "normal", "urgent", "field", "procedure", "business", "citizen"]
                    .map(|word| format!("CASE {name} WHEN '{word}' THEN NULL ELSE '{word}' END"));
            [of_other_rows, format!("{name} || 'x'")].into_iter().chain(words).collect()
        }
        _ => Vec::new(),
    }
}

/// Gives a value of a column, in the first row that has one, another one; the statement that undoes it, none where there is no value
/// or where the database refuses every other one.
fn change(connection: &mut DbConnection, cell: &Cell) -> Option<String> {
    let (table, name) = (&cell.table_name, format!("\"{}\"", cell.column_name));
    let id = row_id(connection, table);
    let quoted = match connection {
        DbConnection::Sqlite(_) => format!("quote({name})"),
        DbConnection::Postgres(_) => format!("quote_literal({name}::text)"),
    };
    let mut ask = |statement: String| diesel::sql_query(statement).load::<Value>(connection).ok()?.pop()?.value;
    // Sums of single days may be forgotten, so that a recount does not miss one.
    let kept = if table.starts_with("statistics_") && table != "statistics_changes" { " AND grain <> 'day'" } else { "" };
    let first = format!("SELECT {id} AS value FROM {table} WHERE CAST({name} AS TEXT) <> ''{kept} ORDER BY 1 LIMIT 1");
    let at = format!("{id} = '{}'", ask(first)?.replace('\'', "''"));
    let before = ask(format!("SELECT CAST({name} AS TEXT) AS value FROM {table} WHERE {at}"))?;
    let literal = ask(format!("SELECT {quoted} AS value FROM {table} WHERE {at}"))?;
    for other in others(connection, cell, &before) {
        let deed = format!(
            "UPDATE {table} AS t SET {name} = {other} WHERE {at} AND {other} IS NOT NULL AND {other} <> {name} RETURNING {id} AS value"
        );
        let changed = connection.transaction(|connection| diesel::sql_query(&deed).load::<Value>(connection));
        if let Some(place) = changed.ok().and_then(|mut rows| rows.pop()?.value) {
            return Some(format!("UPDATE {table} SET {name} = {literal} WHERE {id} = '{}'", place.replace('\'', "''")));
        }
    }
    None
}

/// Something of every sort that people and the administration leave behind.
async fn full_house(app: &TestApp) {
    let first = small_life(app).await;
    let admin = app.officer("quan.tri", None, &[Role::Admin]).await;
    let hook = json!({"name": "Trung tâm", "url": "https://example.org/pakn", "actions": ["approve"]});
    app.post("/admin/webhooks", &hook).token(&admin).send().await.expect(201);
    let key = json!({"name": "Cổng", "partner": "cong", "scope": "open311", "channel": "open311", "requests_per_hour": 100});
    app.post("/admin/api-keys", &key).token(&admin).send().await;
    let form = media::multipart("file", "anh.jpg", "image/jpeg", &media::jpeg(64, 64));
    let upload = app.request(reqwest::Method::POST, "/attachments").body(&media::multipart_type(), form).send().await.expect(201);
    let body = json!({
        "title": "Rác thải tồn đọng", "content": "Rác thải tồn đọng ba ngày ở đầu ngõ.", "category": "rac-thai-chat-thai",
        "area": "09190", "petitioner": {"kind": "citizen", "full_name": "Nguyễn Thị Hoa", "phone": "0912345678"},
        "attachments": [upload.text_of("/id")],
    });
    let filed = app.post("/petitions", &body).send().await.expect(201);
    let document = filed.body["document"]["id"].as_i64().unwrap();
    for (who, action) in [(HANDLER, "accept"), (LEADER, "note")] {
        let token = app.login(who, PASSWORD).await.expect(200).text_of("/access_token");
        let words = if action == "note" { json!({"text": "Xem ảnh."}) } else { json!({}) };
        app.post(&format!("/documents/{document}/{action}"), &words).token(&token).send().await;
    }
    let handler = app.login(HANDLER, PASSWORD).await.expect(200).text_of("/access_token");
    app.get(&format!("/documents/{}/petitioner", first.document)).token(&handler).send().await.expect(200);
    let account = json!({
        "account_kind": "citizen", "full_name": "Trần Văn Bình", "phone": "0987111222", "email": "binh@vidu.vn", "password": PASSWORD,
    });
    let token = app.post("/auth/register", &account).send().await.expect(201).text_of("/access_token");
    let mut own = body.clone();
    own.as_object_mut().unwrap().retain(|name, _| name != "petitioner" && name != "attachments");
    app.post("/petitions", &own).token(&token).send().await.expect(201);
    pakn::figures::statistics::roll_up(&app.app).await.unwrap();
    pakn::audit::heads::sign(&app.app).await.unwrap();
}

/// What is found, and whether everything could be read.
async fn is_found(app: &TestApp) -> bool {
    let mut findings = 0;
    let outcome =
        verify::everything(&app.app.db, &mut |line| findings += usize::from(matches!(line, ReportLine::Finding(_)))).await;
    let of_files = verify::files(&app.app.db, &app.app.attachments.files, &mut |_| {}).await.unwrap();
    findings + of_files > 0 || outcome.is_err()
}

#[tokio::test]
async fn every_value_that_is_changed_by_hand_is_found() {
    let app = TestApp::start().await;
    full_house(&app).await;
    assert_eq!(report(&app).await.0, Vec::<String>::new());
    assert_eq!(verify::files(&app.app.db, &app.app.attachments.files, &mut |_| {}).await.unwrap(), 0);
    let cells = app.app.db.read(columns).await.unwrap();
    let (mut unfound, mut changed, mut refused) = (Vec::new(), 0, Vec::new());
    for cell in cells {
        if is_excepted(&cell.table_name, &cell.column_name) {
            continue;
        }
        let wanted = cell.clone();
        let undo = app.app.db.write(move |connection| Ok::<_, StorageError>(change(connection, &wanted))).await.unwrap();
        let name = format!("{}.{}", cell.table_name, cell.column_name);
        let Some(undo) = undo else {
            refused.push(name);
            continue;
        };
        changed += 1;
        if !is_found(&app).await {
            unfound.push(name.clone());
        }
        let back = move |connection: &mut DbConnection| Ok::<_, StorageError>(connection.batch_execute(&undo)?);
        app.app.db.write(back).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    println!("{changed} values were changed; without a value or refused by the database: {refused:?}");
    assert_eq!(unfound, Vec::<String>::new(), "changed by hand and not found");
    assert!(changed > 150, "{changed}");
    assert_eq!(report(&app).await.0, Vec::<String>::new(), "everything is as it was");
    app.stop().await;
}
