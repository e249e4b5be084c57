//! What was published stays, to the byte, and its hash can be computed by anybody.

use super::{PATH, id_of, life_goes_on, march, publish, read, recompute};
use crate::town::Town;
use crate::verify::{by_hand, report};
use data_encoding::HEXLOWER;
use pakn::db::StorageError;
use pakn::figures::store::snapshots;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The reform of 2025, applied late.
fn reform() -> Value {
    json!({
        "on": "2025-07-01", "dry_run": false,
        "agencies": include_str!("../../../data/agencies-2025.csv"),
        "areas": include_str!("../../../data/areas-2025.csv"),
        "successors": include_str!("../../../data/successors-2025.csv"),
    })
}

#[tokio::test]
async fn a_report_stays_the_same_whatever_happens_even_a_reform() {
    let march = march().await;
    let town = &march.town;
    let question = "from=2026-03-01&to=2026-03-31&group_by=agency&agencies=today&compare=previous";
    let summary = town.get("", &format!("/statistics/summary?{question}")).await.expect(200);
    let asked =
        json!({"from": "2026-03-01", "to": "2026-03-31", "group_by": "agency", "agencies": "today", "compare": "previous"});
    let published = publish(town, asked).await;
    assert!(published.text.ends_with(&format!(",\"figures\":{}}}", summary.text)), "the answer byte for byte");
    let id = id_of(&published);
    assert_eq!(published.header("location"), format!("/api/v1{PATH}/{id}"));
    assert_eq!(published.header("etag"), format!("\"{}\"", published.text_of("/sha256")));
    assert_eq!(published.body["months"][0]["petitions"], 8);
    let before = recompute(town, &id).await;
    assert_eq!((&before["is_same"], &before["count"]), (&json!(true), &json!(0)), "{before}");

    life_goes_on(town, &march.petitions).await;
    town.post("admin", "/admin/reorganisations", &reform()).await.expect(200);
    let now = town.get("", &format!("/statistics/summary?{question}")).await.expect(200);
    assert_ne!(now.body["groups"], summary.body["groups"], "the figures of today are others");
    let read = read(town, &id).await;
    assert_eq!((&read.text, read.header("etag")), (&published.text, published.header("etag")));
    assert_eq!(read.header("content-type"), "application/json");

    let after = recompute(town, &id).await;
    assert_eq!(after["is_same"], false);
    assert_eq!(after["count"], 7, "all but the one on the coordinator's desk have another agency today: {after}");
    let items = after["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["change"] == "changed" && item["fields"][0]["field"] == "agency"), "{after}");
    let figures = after["figures"].as_array().unwrap();
    assert!(
        figures.iter().all(|figure| figure["part"] == "groups"),
        "the total and the empty month before are the same: {after}"
    );
    let received = figures.iter().filter(|figure| figure["measure"] == "received");
    let told: Vec<_> = received.map(|figure| (figure["key"].as_str().unwrap(), &figure["old"], &figure["new"])).collect();
    let (one, four, none) = (json!(1), json!(4), Value::Null);
    let moved = [("24-09187", &none, &one), ("24-09190", &none, &four), ("27-09187", &one, &none), ("27-09190", &four, &none)];
    assert_eq!(told, moved);
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn the_agencies_of_today_are_those_of_the_day_of_asking_again() {
    let town = Town::start().await;
    town.at("2025-06-16T08:00:00+07:00");
    let petition = town.filed("assigned").await;
    town.later(chrono::Duration::hours(1));
    let question =
        |agencies: &str| json!({"period": "2025-06", "measures": "received", "group_by": "agency", "agencies": agencies});
    let today = id_of(&publish(&town, question("today")).await);
    let as_was = id_of(&publish(&town, question("as_was")).await);
    town.at("2025-07-02T08:00:00+07:00");
    town.post("admin", "/admin/reorganisations", &reform()).await.expect(200);
    assert_eq!(recompute(&town, &as_was).await["is_same"], true);
    let again = recompute(&town, &today).await;
    assert_eq!((&again["count"], &again["items"][0]["code"]), (&json!(1), &json!(petition.code)));
    assert_eq!(again["items"][0]["fields"][0], json!({"field": "agency", "old": "27-09190", "new": "24-09190"}));
    assert_eq!(
        again["figures"],
        json!([
            {"part": "groups", "key": "24-09190", "measure": "received", "old": null, "new": 1},
            {"part": "groups", "key": "27-09190", "measure": "received", "old": 1, "new": null},
        ])
    );
}

#[tokio::test]
async fn the_hash_is_over_the_documented_bytes() {
    let march = march().await;
    let town = &march.town;
    let id = id_of(&publish(town, json!({"period": "2026-03", "measures": ["received", "closing_backlog"]})).await);
    let whole = read(town, &id).await;
    let held = |tag: &str| town.app.get(&format!("{PATH}/{id}")).header("If-None-Match", tag).send();
    let copy = held(whole.header("etag")).await.expect(304);
    assert_eq!((copy.text.as_str(), copy.header("etag")), ("", whole.header("etag")));
    for other in ["\"x\"", "W/", "nothing"] {
        assert_eq!(held(other).await.expect(200).text, whole.text, "{other}");
    }
    let text = whole.text;
    let between = |from: &str, to: &str| {
        let (_, behind) = text.split_once(from).unwrap();
        behind.split_once(to).unwrap().0.to_owned()
    };
    let word = |name: &str| between(&format!("\"{name}\":\""), "\"");
    let mut bytes = String::from("pakn-snapshot-1\n");
    for line in [word("id"), word("title"), word("created_at"), word("as_of"), word("rule_version")] {
        bytes += &(line + "\n");
    }
    bytes += &(between("\"question\":", ",\"months\":") + "\n");
    let figures = text.split_once(",\"figures\":").unwrap().1.strip_suffix('}').unwrap();
    bytes += &format!("{figures}\n");
    let (code, month) = (id.clone(), chrono::NaiveDate::from_ymd_opt(2026, 3, 1).unwrap());
    let of_month = move |connection: &mut _| Ok::<_, StorageError>(snapshots::month(connection, &code, month)?.expect("a month"));
    let month = town.app.app.db.read(of_month).await.unwrap();
    bytes += &format!("2026-03-01 8 {}\n", HEXLOWER.encode(&Sha256::digest(month.lines.as_bytes())));
    assert_eq!(HEXLOWER.encode(&Sha256::digest(bytes.as_bytes())), word("sha256"), "{bytes}");

    assert_eq!(month.lines.lines().count(), 8);
    for secret in ["An", "0912", "Rác", "example.vn", "0100233488", "Gốm", "Lý Thái Tổ"] {
        assert!(!month.lines.contains(secret), "{secret} in {}", month.lines);
    }
    let line = month.lines.lines().find(|line| line.starts_with(&march.petitions[0].code)).unwrap();
    let columns: Vec<&str> = line.split('\t').skip(1).collect();
    assert_eq!(
        columns,
        [
            "received",
            "27-09190",
            "256",
            "rac-thai-chat-thai",
            "09190",
            "mobile",
            "citizen",
            "normal",
            "2026-03-02T08:00:00+07:00",
            "answered",
            "2026-03-02T08:00:00+07:00",
            "early",
            "5",
            march.petitions[0].receipt["due_at"].as_str().unwrap(),
            "1",
            "0",
            "no",
        ]
    );
}

#[tokio::test]
async fn the_petitions_that_are_kept_add_up_to_the_figures() {
    let march = march().await;
    let town = &march.town;
    let whole = id_of(&publish(town, json!({"period": "2026-03"})).await);
    life_goes_on(town, &march.petitions).await;
    let later = id_of(&publish(town, json!({"from": "2026-03-03", "to": "2026-03-20"})).await);
    for id in [whole, later] {
        let code = id.clone();
        let months = move |connection: &mut _| {
            let months = snapshots::months(connection, &code)?.into_iter().map(|(month, ..)| month);
            months.map(|month| Ok(snapshots::month(connection, &code, month)?.expect("a month").lines)).collect()
        };
        let texts: Result<Vec<String>, StorageError> = town.app.app.db.read(months).await;
        let texts = texts.unwrap().concat();
        let lines: Vec<Vec<&str>> = texts.lines().map(|line| line.split('\t').collect()).collect();
        let count = |wanted: &dyn Fn(&[&str]) -> bool| lines.iter().filter(|line| wanted(line)).count();
        let is_valid = |line: &[&str]| ["open", "answered"].contains(&line[10]);
        let total = read(town, &id).await.body["figures"]["total"].clone();
        let inside = |line: &[&str]| line[1] == "received";
        for (measure, counted) in [
            ("received", count(&|line| inside(line) && is_valid(line))),
            ("handled", count(&|line| inside(line) && is_valid(line) && !line[11].is_empty())),
            ("handled_early", count(&|line| inside(line) && line[12] == "early")),
            ("rated", count(&|line| inside(line) && !line[13].is_empty())),
            ("open_overdue", count(&|line| inside(line) && line[17] == "yes")),
            ("refused", count(&|line| inside(line) && line[10] == "refused")),
            ("withdrawn", count(&|line| inside(line) && line[10] == "withdrawn")),
            ("closing_backlog", count(&|line| line[10] == "open")),
            ("carried_over", count(&|line| line[1] == "carried")),
        ] {
            assert_eq!(total[measure], counted, "{measure} of {id}");
        }
        assert!(lines.len() > 3 && total["closing_backlog"] != 0, "{texts}");
    }
}

#[tokio::test]
async fn the_list_is_newest_first_and_its_pages_neither_repeat_nor_skip() {
    let march = march().await;
    let town = &march.town;
    let mut expected = Vec::new();
    for step in 0..5 {
        // Two at the same instant.
        if step != 2 {
            town.later(chrono::Duration::minutes(1));
        }
        expected.push(id_of(&publish(town, json!({"period": "2026-03", "measures": "received"})).await));
    }
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let whole = town.get("", PATH).await.expect(200).body;
    assert_eq!((ids(&whole).len(), ids(&whole)[0].clone(), &whole["next_cursor"]), (5, expected[4].clone(), &Value::Null));
    assert!(whole["items"][0].get("figures").is_none() && whole["items"][0]["title"] == "Báo cáo tháng 3 năm 2026");
    assert_eq!(whole["items"][0]["question"]["from"], "2026-03-01");
    let first = town.get("", &format!("{PATH}?limit=2")).await.expect(200).body;
    publish(town, json!({"period": "2026-03"})).await;
    let (mut seen, mut next) = (ids(&first), first["next_cursor"].clone());
    while let Some(cursor) = next.as_str() {
        let page = town.get("", &format!("{PATH}?limit=2&cursor={cursor}")).await.expect(200).body;
        seen.extend(ids(&page));
        next = page["next_cursor"].clone();
    }
    assert_eq!(seen, ids(&whole));
    assert_eq!(town.get("", &format!("{PATH}?cursor=nix")).await.wrong_fields(), ["cursor=foreign_cursor"]);
    assert_eq!(town.get("", &format!("{PATH}?colour=red")).await.wrong_fields(), ["colour=unknown_field"]);
}

#[tokio::test]
async fn a_changed_byte_is_named_by_verify() {
    let march = march().await;
    let town = &march.town;
    let id = id_of(&publish(town, json!({"period": "2026-03", "group_by": "channel"})).await);
    assert_eq!(report(&town.app).await.0, Vec::<String>::new());
    let of_report = format!("snapshots: {id}: its hash does not fit its title, question, figures, cut-off, rules or months");
    let of_month = format!("snapshots: {id}: the hash of the petitions received in 2026-03 does not fit them");
    let day = "TIMESTAMP '2026-03-01 00:00:00'";
    let moment = if town.app.app.db.backend() == pakn::db::Backend::Postgres { day } else { "'2026-03-01 00:00:00'" };
    for (table, column, other, said) in [
        ("snapshots", "figures", "REPLACE(figures, '\"received\":6', '\"received\":7')", &of_report),
        ("snapshots", "question", "REPLACE(question, 'channel', 'urgency')", &of_report),
        ("snapshots", "title", "title || '.'", &of_report),
        ("snapshots", "rule_version", "'pakn-2'", &of_report),
        ("snapshots", "sha256", "'x' || SUBSTR(sha256, 2)", &of_report),
        ("snapshots", "as_of", moment, &of_report),
        ("snapshots", "created_at", moment, &of_report),
        ("snapshot_petitions", "lines", "REPLACE(lines, 'mobile', 'web')", &of_month),
        ("snapshot_petitions", "sha256", "'x' || SUBSTR(sha256, 2)", &of_month),
        ("snapshot_petitions", "petition_count", "petition_count + 1", &of_report),
    ] {
        by_hand(&town.app, &format!("CREATE TABLE kept AS SELECT * FROM {table}")).await;
        by_hand(&town.app, &format!("UPDATE {table} SET {column} = {other}")).await;
        let (findings, checks) = report(&town.app).await;
        assert!(findings.contains(said), "{table}.{column}: {findings:#?}");
        assert!(checks.iter().any(|check| check.to_string().starts_with("BAD snapshots: 1 published reports")), "{checks:?}");
        by_hand(&town.app, &format!("UPDATE {table} SET {column} = (SELECT {column} FROM kept)")).await;
        by_hand(&town.app, "DROP TABLE kept").await;
        assert_eq!(report(&town.app).await.0, Vec::<String>::new(), "{table}.{column} was undone");
    }
    by_hand(&town.app, "DELETE FROM snapshot_petitions").await;
    assert_eq!(report(&town.app).await.0, [of_report]);
}
