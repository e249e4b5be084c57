//! The list behind a figure as a file: as many rows as the figure, for those who may read reports, harmless in a spreadsheet.

use crate::town::{AGENCY, OTHER_AGENCY, Town, form, form_with};
use chrono::Duration;
use serde_json::json;

const YEAR: &str = "from=2026-01-01&to=2026-12-31";

fn table(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{FEFF}').expect("a BOM");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The rows of a list below its headings, as somebody reads them.
async fn rows(town: &Town, who: &str, question: &str) -> Vec<Vec<String>> {
    let file = town.get(who, &format!("/reports/list.csv?{question}")).await.expect(200);
    table(&file.text).split_off(1)
}

/// Every kind of end at one agency, one more at another.
async fn lived() -> Town {
    let town = Town::start().await;
    for state in ["closed", "answered", "in_progress", "refused", "withdrawn"] {
        town.filed(state).await;
    }
    town.file(&form_with(json!({"area": "09187", "channel": "web"}))).await;
    town.later(Duration::days(40));
    let late = town.file(&form()).await;
    town.later(Duration::days(40));
    town.bring_to(&late, "closed").await;
    town.file(&form()).await;
    town
}

#[tokio::test]
async fn a_list_has_as_many_rows_as_its_figure() {
    let town = lived().await;
    let summary = town.get("", &format!("/statistics/summary?{YEAR}")).await.expect(200).body;
    let buckets =
        ["received", "handled", "backlog", "handled_late", "handled_early", "open_overdue", "open_not_due", "rated", "refused"];
    let mut counts = Vec::new();
    for bucket in buckets {
        let rows = rows(&town, "reviewer", &format!("{YEAR}&bucket={bucket}")).await;
        assert_eq!(json!(rows.len()), summary["total"][bucket], "{bucket}");
        let numbers: Vec<String> = (1..=rows.len()).map(|number| number.to_string()).collect();
        assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), numbers);
        counts.push(rows.len());
    }
    assert_eq!(counts, [6, 3, 3, 1, 2, 2, 1, 2, 1]);
    let web = rows(&town, "coordinator", &format!("{YEAR}&bucket=received&channel=web")).await;
    assert_eq!(web.len(), 1);
}

#[tokio::test]
async fn a_row_tells_the_petition_and_no_person() {
    let town = lived().await;
    let file = town.get("reviewer", &format!("/reports/list.csv?{YEAR}&bucket=received")).await.expect(200);
    assert!(file.header("content-disposition").contains("-received.csv"));
    assert!(!file.text.contains("Nguyễn") && !file.text.contains("Rác thải tồn đọng"), "{}", file.text);
    let rows = table(&file.text);
    let headings = [
        "STT",
        "Mã số",
        "Cơ quan",
        "Lĩnh vực",
        "Địa bàn",
        "Ngày tiếp nhận",
        "Hạn xử lý",
        "Ngày trả lời",
        "Trạng thái",
        "Trước/đúng/quá hạn",
        "Điểm",
    ];
    assert_eq!(rows[0], headings);
    let early = &rows[1][2..];
    assert_eq!((&*early[0], &*early[3], &*early[5]), ("Ủy ban nhân dân phường Võ Cường", "02/03/2026", "02/03/2026"));
    assert_eq!(early[6..], ["Đã kết thúc", "Trước hạn", "5"]);
    let late = rows.iter().find(|row| row[5] == "11/04/2026").expect("the late one");
    assert_eq!((&late[7..], &*late[4]), (&["21/05/2026", "Đã kết thúc", "Quá hạn", "5"].map(str::to_owned)[..], &*rows[1][4]));
    let waiting = rows.iter().find(|row| row[8] == "Đang xử lý").expect("one in progress");
    assert_eq!((&*waiting[7], &*waiting[9], &*waiting[10]), ("", "Quá hạn", ""));
    let sheet = town.get("reviewer", &format!("/reports/list.xlsx?{YEAR}&bucket=received")).await.expect(200);
    assert!(sheet.header("content-type").contains("spreadsheetml"));
}

#[tokio::test]
async fn no_cell_of_a_list_is_a_formula() {
    let town = lived().await;
    let admin = town.token("admin").await;
    let hostile = "=HYPERLINK(\"http://x\",\"x\")";
    let agencies = town.app.get(&format!("/admin/agencies?q={AGENCY}")).token(&admin).send().await.expect(200).body;
    let found = agencies["items"].as_array().unwrap().iter().find(|agency| agency["code"] == AGENCY).unwrap().clone();
    let change = town.app.patch(&format!("/admin/agencies/{}", found["id"]), &json!({"name": hostile})).token(&admin);
    change.header("If-Match", &format!("\"{}\"", found["version"])).send().await.expect(200);
    let rows = rows(&town, "reviewer", &format!("{YEAR}&bucket=received")).await;
    assert!(rows.iter().any(|row| row[2] == format!("'{hostile}")), "{rows:?}");
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
}

#[tokio::test]
async fn a_list_is_for_readers_of_reports() {
    let town = lived().await;
    let path = format!("/reports/list.csv?{YEAR}&bucket=received");
    town.get("", &path).await.expect_problem(401, "not_signed_in");
    for who in ["clerk", "handler", "admin", "citizen@example.vn"] {
        town.get(who, &path).await.expect_problem(403, "role_missing");
    }
    let own = rows(&town, "leader", &format!("{YEAR}&bucket=received")).await;
    assert_eq!(own.len(), 5, "{own:?}");
    assert!(own.iter().all(|row| row[2] == "Ủy ban nhân dân phường Võ Cường"), "{own:?}");
    town.get("leader", &format!("{path}&agency={OTHER_AGENCY}")).await.expect_problem(403, "role_missing");
    assert_eq!(rows(&town, "reviewer", &format!("{YEAR}&bucket=received&agency={OTHER_AGENCY}")).await.len(), 1);
}

#[tokio::test]
async fn what_a_list_cannot_be_is_named() {
    let town = Town::start().await;
    for (path, errors) in [
        ("list.csv", "bucket=required"),
        ("list.csv?bucket=mean_rating", "bucket=not_one_of"),
        ("list.xlsx?bucket=received&channel=drum&level=moon", "channel=not_one_of,level=not_one_of"),
        ("ranking.csv?bucket=received", "bucket=not_allowed"),
        ("ii06a.csv?bucket=received&channel=web", "bucket=not_allowed,channel=not_allowed"),
    ] {
        let answer = town.get("reviewer", &format!("/reports/{path}")).await.expect(422);
        let mut said = answer.errors();
        said.sort();
        assert_eq!(said.join(","), errors, "{path}");
    }
}
