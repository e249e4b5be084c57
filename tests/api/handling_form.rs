//! Biểu II.06a over HTTP: whoever was answered before the period and went on to another agency is in no cell, levels have their
//! sums, and the file says who reports to whom.

use crate::town::{AGENCY, OTHER_AGENCY, Town, form, form_with};
use chrono::Duration;
use pakn::kernel::account::Role;
use serde_json::json;
use std::io::Read;

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// One petition answered on the first day, reopened and handed on; one that is open at the other agency since then.
async fn lived() -> Town {
    let town = Town::start().await;
    let petition = town.filed("answered").await;
    town.file(&form_with(json!({"area": "09187", "channel": "counter"}))).await;
    town.later(Duration::days(10));
    town.respond(&petition, "reopen", json!({"reason": "Rác vẫn còn"})).await.expect(200);
    town.act("leader", petition.document, "grant_reopening", json!({})).await.expect(200);
    town.act("clerk", petition.document, "transfer", json!({"agency": OTHER_AGENCY, "reason": "Đúng thẩm quyền"}))
        .await
        .expect(200);
    town.file(&form()).await;
    town
}

#[tokio::test]
async fn an_earlier_answer_that_moved_on_is_in_no_cell() {
    let town = lived().await;
    let token = town.app.officer("nguoi.doc", None, &[Role::Reviewer]).await;
    let ask =
        async |query: &str| town.app.get(&format!("/reports/ii06a.csv?{query}")).token(&token).send().await.expect(200).text;
    let form = rows(&ask("from=2026-03-10&to=2026-03-31").await);
    let numbers = |row: &Vec<String>| row[2..].iter().map(|cell| cell.parse().unwrap()).collect::<Vec<i64>>();
    let named: Vec<(&str, &str)> = form.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(
        named,
        [("", "Tổng cộng"), ("I", "Cấp xã"), ("1", "Ủy ban nhân dân phường Suối Hoa"), ("2", "Ủy ban nhân dân phường Võ Cường"),]
    );
    assert_eq!(numbers(&form[2]), [1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1], "carried over and overdue; not the reopened one");
    assert_eq!(numbers(&form[3]), [1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(numbers(&form[0]), [2, 1, 0, 1, 0, 0, 0, 0, 2, 1, 1]);
    assert_eq!(numbers(&form[1]), numbers(&form[0]));
    let by_category = rows(&ask("from=2026-03-10&to=2026-03-31&group_by=category").await);
    assert_eq!((by_category.len(), numbers(&by_category[1])), (2, numbers(&form[0])));
    assert_eq!(by_category[1][1], "Rác thải, chất thải");
    let earlier = rows(&ask("from=2026-03-01&to=2026-03-09").await);
    assert_eq!(numbers(&earlier[0])[..5], [2, 1, 1, 0, 1], "in its own period it is handled");
    let refused = town.app.get("/reports/ii06a.csv?group_by=channel").token(&token).send().await;
    assert_eq!(refused.errors(), ["group_by=not_one_of"]);
}

#[tokio::test]
async fn the_printed_form_says_who_reports_to_whom_and_computes_its_sums() {
    let town = lived().await;
    let token = town.app.officer("nguoi.doc", None, &[Role::Reviewer]).await;
    let parts = async |query: &str| {
        let url = format!("http://{}/api/v1/reports/ii06a.xlsx?{query}", town.app.address());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let bytes = client.get(url).bearer_auth(&token).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
        let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut texts = Vec::new();
        for part in ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"] {
            let mut text = String::new();
            book.by_name(part).unwrap().read_to_string(&mut text).unwrap();
            texts.push(text);
        }
        (texts.remove(0), texts.remove(0))
    };
    let (words, cells) = parts("from=2026-03-10&to=2026-03-31").await;
    for line in [
        "Đơn vị báo cáo: Ủy ban nhân dân ",
        "Đơn vị nhận báo cáo: Văn phòng Chính phủ (Cục Kiểm soát thủ tục hành chính)",
        "Kiểm tra không có số âm",
    ] {
        assert!(words.contains(line), "{line}");
    }
    // The total adds the level, the level adds its rows, a row its parts; every check holds.
    for formula in
        ["<f>C11</f><v>2</v>", "<f>SUM(C12:C13)</f><v>2</v>", "<f>SUM(D12:F12)</f><v>1</v>", "COUNTIF(C10:M13,\"&lt;0\")=0"]
    {
        assert!(cells.contains(formula), "{formula} in {cells}");
    }
    assert_eq!((cells.matches("<v>Đúng</v>").count(), cells.matches("<v>SAI</v>").count()), (5, 0));
    let (words, _) = parts(&format!("period=2026&agency={AGENCY}")).await;
    assert!(words.contains("Đơn vị báo cáo: Ủy ban nhân dân phường Võ Cường"));
    assert!(words.contains("Đơn vị nhận báo cáo: Ủy ban nhân dân thành phố Bắc Ninh"), "{words}");
}
