//! Reports as CSV and XLSX: the same figures as the API, the arithmetic of the official form, and who may read which.

use crate::town::{AGENCY, OTHER_AGENCY, Town, form, form_with};
use chrono::Duration;
use pakn::kernel::account::Role;
use serde_json::json;

/// Rows of a CSV by their headings.
fn table(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{FEFF}').expect("a BOM");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Some life in January and February 2026, at two agencies.
async fn lived() -> Town {
    let town = Town::start().await;
    for state in ["answered", "in_progress", "refused"] {
        town.filed(state).await;
    }
    town.file(&form_with(json!({"area": "09187", "channel": "web"}))).await;
    town.later(Duration::days(40));
    town.file(&form()).await;
    town
}

async fn reader(town: &Town) -> String {
    town.app.officer("nguoi.doc", None, &[Role::Reviewer]).await
}

#[tokio::test]
async fn a_table_holds_the_figures_of_the_api() {
    let town = lived().await;
    let token = reader(&town).await;
    let path = "/reports/summary-by-agency.csv?from=2026-01-01&to=2026-12-31";
    let file = town.app.get(path).token(&token).send().await.expect(200);
    assert!(file.header("content-disposition").contains("\"summary-by-agency-2026-01-01_2026-12-31.csv\""));
    let rows = table(&file.text);
    assert_eq!(
        &rows[0][..5],
        ["STT", "Đơn vị", "Tiếp nhận, xử lý: Tiếp nhận", "Tiếp nhận, xử lý: Đã xử lý", "Tiếp nhận, xử lý: Tỷ lệ xử lý (%)"]
    );
    let summary = town.get("", "/statistics/summary?from=2026-01-01&to=2026-12-31&group_by=agency").await.expect(200);
    let groups = summary["groups"].as_array().unwrap();
    assert_eq!((rows.len(), &*rows[1][1]), (groups.len() + 2, "Toàn bộ"));
    let all = std::iter::once(&summary["total"]).chain(groups);
    for (row, figures) in rows[1..].iter().zip(all) {
        let said = |name: &str| figures[name].to_string();
        let rate = figures["handling_rate"].as_f64().map_or("-".to_owned(), |rate| format!("{rate:.2}").replace('.', ","));
        assert_eq!((&row[2], &row[3], &row[4], &row[5]), (&said("received"), &said("handled"), &rate, &said("backlog")));
    }
}

#[tokio::test]
async fn the_official_form_adds_up() {
    let town = lived().await;
    let token = reader(&town).await;
    let sheet = town.app.get("/reports/ii06a.xlsx?from=2026-01-01&to=2026-12-31").token(&token).send().await.expect(200);
    assert!(sheet.header("content-type").contains("spreadsheetml"));
    let mut carried = 0;
    for period in ["from=2026-01-01&to=2026-12-31", "from=2026-04-01&to=2026-12-31", "period=2026-03"] {
        let file = town.app.get(&format!("/reports/ii06a.csv?{period}")).token(&token).send().await.expect(200);
        let rows = table(&file.text);
        assert_eq!(rows[0].len(), 13);
        let numbers = |row: &Vec<String>| row[2..].iter().map(|cell| cell.parse::<i64>().unwrap()).collect::<Vec<_>>();
        let mut sums = vec![0; 11];
        for row in &rows[1..] {
            let it = numbers(row);
            assert_eq!(
                (it[0], it[4], it[8]),
                (it[1] + it[2] + it[3], it[5] + it[6] + it[7], it[9] + it[10]),
                "{period}: {row:?}"
            );
            assert_eq!(it[0], it[4] + it[8], "{period}: {row:?}");
            assert!(it.iter().all(|number| *number >= 0), "{period}: {row:?}");
        }
        // Headings hold the sums of their level.
        let lines = rows[2..].iter().filter(|row| row[0].parse::<i64>().is_ok());
        lines.for_each(|row| sums.iter_mut().zip(numbers(row)).for_each(|(sum, number)| *sum += number));
        assert_eq!(sums, numbers(&rows[1]), "{period}");
        carried += sums[3];
    }
    assert!(carried > 0, "some come from before the period");
}

#[tokio::test]
async fn leaders_read_their_own_agency_only() {
    let town = lived().await;
    let own = town.get("leader", "/reports/summary-by-category.csv?from=2026-01-01&to=2026-12-31").await.expect(200);
    let named = format!("/reports/register.csv?period=2026&agency={AGENCY}");
    assert_eq!(table(&town.get("leader", &named).await.expect(200).text).len(), 5);
    assert_eq!(table(&own.text)[1][2], "3", "the refused one is beside");
    let other = format!("/reports/ranking.csv?agency={OTHER_AGENCY}");
    town.get("leader", &other).await.expect_problem(403, "role_missing");
    town.get("clerk", "/reports/ranking.csv").await.expect_problem(403, "role_missing");
}

#[tokio::test]
async fn what_no_report_is_called_is_named() {
    let town = Town::start().await;
    let token = reader(&town).await;
    let ask = async |path: &str| town.app.get(path).token(&token).send().await.wrong_fields();
    assert_eq!(ask("/reports/all.csv").await, ["name=not_one_of"]);
    assert_eq!(ask("/reports/ranking.pdf").await, ["format=not_one_of"]);
    assert_eq!(ask("/reports/ranking.csv?from=2026-02-01&to=2026-01-01").await.len(), 1);
    assert_eq!(ask("/reports/register.csv").await, ["agency=required"]);
    assert_eq!(ask("/reports/register.csv?agency=x").await, ["agency=unknown_code"]);
    assert_eq!(ask("/reports/ranking.csv?colour=red").await, ["colour=unknown_field"]);
}

#[tokio::test]
async fn the_figures_of_a_part_do_not_look_like_those_of_the_whole() {
    let town = lived().await;
    let token = reader(&town).await;
    let ask = async |path: &str| town.app.get(path).token(&token).send().await.expect(200);
    let name = town.get("", &format!("/agencies?q={OTHER_AGENCY}")).await.expect(200)["items"][0]["name"].clone();
    let question = format!("period=2026&agency={OTHER_AGENCY}");
    let file = ask(&format!("/reports/ranking.csv?{question}&channel=web")).await;
    assert!(file.header("content-disposition").contains(&format!("ranking-2026-{OTHER_AGENCY}-web.csv")));
    assert_eq!(table(&file.text).len(), 2);
    for report in ["ranking", "summary-by-channel", "ii06a"] {
        let words = words_of(&town, &token, &format!("/reports/{report}.xlsx?{question}")).await;
        assert!(words.contains(&format!("Đơn vị: {}.", name.as_str().unwrap())), "{report}: {words}");
    }
    assert!(!words_of(&town, &token, "/reports/ranking.xlsx?period=2026").await.contains("Đơn vị: "));
}

/// The words of an XLSX.
async fn words_of(town: &Town, token: &str, path: &str) -> String {
    let url = format!("http://{}/api/v1{path}", town.app.address());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let bytes = client.get(url).bearer_auth(token).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut words = String::new();
    std::io::Read::read_to_string(&mut book.by_name("xl/sharedStrings.xml").unwrap(), &mut words).unwrap();
    words
}

#[tokio::test]
async fn districts_are_reported_and_ranked_by_any_measure() {
    let town = lived().await;
    let token = reader(&town).await;
    let ask = async |path: &str| town.app.get(path).token(&token).send().await;
    let rows = table(&ask("/reports/summary-by-district.csv?period=2026").await.expect(200).text);
    let summary = town.get("", "/statistics/summary?period=2026&group_by=district").await.expect(200);
    let groups = summary["groups"].as_array().unwrap();
    assert_eq!((rows[0][1].as_str(), rows.len()), ("Địa bàn", groups.len() + 2));
    for (row, group) in rows[2..].iter().zip(groups) {
        assert_eq!((row[1].as_str(), row[2].clone()), (group["name"].as_str().unwrap(), group["received"].to_string()));
    }
    let file = ask("/reports/ranking.csv?period=2026&group_by=district&measure=mean_processing_days").await.expect(200);
    assert!(file.header("content-disposition").contains("ranking-2026-district-mean_processing_days.csv"));
    assert_eq!(table(&file.text)[0][2..5], ["Địa bàn cấp huyện", "Tiếp nhận", "Thời gian xử lý trung bình (ngày)"]);
    assert_eq!(ask("/reports/ranking.csv?measure=ratings").await.wrong_fields(), ["measure=not_one_of"]);
    let unfit = ask("/reports/ii06a.csv?measure=received&group_by=district&bucket=received").await;
    assert_eq!(unfit.wrong_fields(), ["bucket=not_allowed", "measure=not_allowed"]);
}
