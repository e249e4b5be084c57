//! What is wrong with the files of a reform: everything at once, each with its line, and nothing is stored.

use super::{AGENCIES, AREAS, ON, SUCCESSORS, apply, reform};
use crate::town::{AGENCY, Town};
use serde_json::{Value, json};

/// The number of the line that begins so; panics unless there is one.
fn number_of(file: &str, beginning: &str) -> usize {
    file.lines().position(|line| line.starts_with(beginning)).expect("a line") + 1
}

/// The file with one line in place of another, and the number of the line.
fn with_line(file: &str, beginning: &str, line: &str) -> (String, usize) {
    let number = number_of(file, beginning);
    let replace = |(place, old): (usize, &str)| if place + 1 == number { line.to_owned() } else { old.to_owned() };
    (file.lines().enumerate().map(replace).collect::<Vec<_>>().join("\n"), number)
}

async fn is_untouched(town: &Town) {
    let agencies = town.get("", "/agencies?limit=100&level=province").await.expect(200);
    assert!(agencies.text.contains("27-SXD") && !agencies.text.contains("24-SXD"));
    let areas = town.get("", "/areas?limit=100").await.expect(200);
    assert!(areas.text.contains("\"27\"") && !areas.text.contains("\"24\""), "{}", areas.text);
}

#[tokio::test]
async fn every_fault_of_every_file_is_named_and_nothing_is_stored() {
    let town = Town::start().await;
    let petition = town.filed("assigned").await;
    let (areas, area) = with_line(AREAS, "07210,", "07210,Phường Bắc Giang,quan,24,,");
    let (areas, orphan) = with_line(&areas, "07228,", "07228,Phường Đa Mai,phuong,99,,");
    let (agencies, level) = with_line(AGENCIES, "24-SNV,", "24-SNV,Sở Nội vụ,SNV,national,department,,24");
    let (agencies, twice) = with_line(&agencies, "24-STC,", "24-STP,Sở Tài chính,STC,province,department,,24");
    let (agencies, place) = with_line(&agencies, "24-SXD,", "24-SXD,Sở Xây dựng,SXD,province,department,,00000");
    let (successors, old) = with_line(SUCCESSORS, "27-SCT,", "27-XYZ,24-SCT,2025-07-01,merged,1,");
    let (successors, new) = with_line(&successors, "27-SXD,", "27-SXD,24-XYZ,2025-07-01,merged,1,");
    let (successors, day) = with_line(&successors, "27-CAT,", "27-CAT,24-CAT,2025-08-01,merged,1,");
    let (successors, word) = with_line(&successors, "27-SNV,", "27-SNV,24-SNV,2025-07-01,swallowed,2,");
    let (successors, none) = with_line(&successors, "27-STP,", "27-STP,24-STP,2025-07-01,merged,0,");
    let (successors, short) = with_line(&successors, "27-SYT,", "27-SYT,24-SYT");
    let body = json!({"on": ON, "dry_run": false, "agencies": agencies, "areas": areas, "successors": successors});
    let said = town.post("admin", "/admin/reorganisations", &body).await.wrong_fields();
    let mut expected = vec![
        format!("areas.lines.{area}.type=not_one_of"),
        format!("areas.lines.{orphan}.parent_code=unknown_code"),
        format!("agencies.lines.{level}.level=not_one_of"),
        format!("agencies.lines.{twice}.code=duplicate"),
        format!("agencies.lines.{place}.area_code=unknown_code"),
        format!("successors.lines.{old}.old_code=unknown_code"),
        format!("successors.lines.{new}.new_code=unknown_code"),
        format!("successors.lines.{day}.effective_date=not_one_of"),
        format!("successors.lines.{word}.relation=not_one_of"),
        format!("successors.lines.{word}.is_primary=out_of_range"),
        format!("successors.lines.{none}.is_primary=required"),
        format!("successors.lines.{short}=unreadable"),
    ];
    // The two lines whose successor stands on the line of another one.
    let lost = SUCCESSORS.lines().enumerate().filter(|(_, line)| line.split(',').nth(1) == Some("24-STC"));
    expected.extend(lost.map(|(place, _)| format!("successors.lines.{}.new_code=unknown_code", place + 1)));
    let sorted = |mut list: Vec<String>| {
        list.sort_unstable();
        list
    };
    let (said, expected) = (sorted(said), sorted(expected));
    let missing: Vec<_> = expected.iter().filter(|one| !said.contains(one)).collect();
    let more: Vec<_> = said.iter().filter(|one| !expected.contains(one)).collect();
    // What has no main successor because its only line is broken is told too; a mark that cannot be read is told once.
    assert!(!more.contains(&&format!("successors.lines.{word}.is_primary=required")), "{more:?}");
    let follows = |one: &&&String| one.ends_with("is_primary=required");
    assert!(missing.is_empty() && more.iter().all(|one| follows(&one)), "missing {missing:?}, more {more:?}");

    is_untouched(&town).await;
    assert_eq!(town.read(&petition).await["agency"]["code"], AGENCY);
    let tried = json!({"on": ON, "dry_run": true, "agencies": agencies, "areas": areas, "successors": successors});
    town.post("admin", "/admin/reorganisations", &tried).await.expect(422);
}

#[tokio::test]
async fn lines_that_do_not_fit_together_are_named() {
    let town = Town::start().await;
    let said = async |agencies: &str, areas: &str, successors: &str| {
        let body = json!({"on": ON, "dry_run": false, "agencies": agencies, "areas": areas, "successors": successors});
        town.post("admin", "/admin/reorganisations", &body).await.wrong_fields()
    };
    // Two main successors, a body that goes into two and is not divided, a pair that stands there twice.
    let two = format!("{SUCCESSORS}27-CAT,24-SYT,2025-07-01,merged,1,\n27-SXD,24-SXD,2025-07-01,merged,1,\n");
    let last = two.lines().count();
    let cat = number_of(&two, "27-CAT,");
    assert_eq!(
        said(AGENCIES, AREAS, &two).await,
        [
            format!("successors.lines.{cat}.relation=not_one_of"),
            format!("successors.lines.{}.is_primary=duplicate", last - 1),
            format!("successors.lines.{}.relation=not_one_of", last - 1),
            format!("successors.lines.{last}.new_code=duplicate"),
            format!("successors.lines.{last}.is_primary=duplicate"),
        ]
    );
    // An agency that goes on under its code with another name, without being named as its own successor.
    let renamed = format!("{AGENCIES}27-TTT,Thanh tra khác,Thanh tra,province,inspectorate,,24\n");
    let number = renamed.lines().count();
    let without: String =
        SUCCESSORS.lines().filter(|line| !line.starts_with("27-TTT,")).map(|line| format!("{line}\n")).collect();
    assert_eq!(said(&renamed, AREAS, &without).await, [format!("agencies.lines.{number}.code=changed_without_successor")]);
    // A body of the province in a commune, and a commune below a commune.
    let (agencies, wrong) = with_line(AGENCIES, "24-SXD,", "24-SXD,Sở Xây dựng,SXD,province,department,,07210");
    assert_eq!(said(&agencies, AREAS, SUCCESSORS).await, [format!("agencies.lines.{wrong}.level=not_one_of")]);
    let (areas, wrong) = with_line(AREAS, "07210,", "07210,Phường Bắc Giang,phuong,07228,,");
    assert_eq!(said(AGENCIES, &areas, SUCCESSORS).await, [format!("areas.lines.{wrong}.parent_code=not_allowed")]);
    // Two areas above each other.
    let (areas, first) = with_line(AREAS, "07210,", "07210,Phường Bắc Giang,phuong,07228,,");
    let (areas, second) = with_line(&areas, "07228,", "07228,Phường Đa Mai,phuong,07210,,");
    let circles = said(AGENCIES, &areas, SUCCESSORS).await;
    for line in [first, second] {
        assert!(circles.contains(&format!("areas.lines.{line}.parent_code=not_allowed")), "{circles:?}");
    }
    is_untouched(&town).await;
}

#[tokio::test]
async fn a_day_that_is_still_to_come_can_only_be_tried() {
    let town = Town::start().await;
    let later = |dry_run: bool| {
        let mut body = reform(dry_run);
        body["on"] = json!("2026-07-01");
        body["successors"] = json!(SUCCESSORS.replace(ON, "2026-07-01"));
        body
    };
    let petition = town.filed("assigned").await;
    town.post("admin", "/admin/reorganisations", &later(false)).await.expect_problem(422, "reform_to_come");
    let tried = town.post("admin", "/admin/reorganisations", &later(true)).await.expect(200);
    assert_eq!((&tried["agencies_ended"], &tried["petitions_moved"]), (&json!(252), &json!(1)));
    assert_eq!(town.read(&petition).await["agency"]["code"], AGENCY);
    town.at("2026-07-01T08:00:00+07:00");
    let done = town.post("admin", "/admin/reorganisations", &later(false)).await.expect(200);
    assert_eq!(done["petitions_moved"], 1);
}

#[tokio::test]
async fn another_day_than_that_of_the_files_is_told_once() {
    let town = Town::start().await;
    let mut body = reform(false);
    body["on"] = json!("2025-07-02");
    for _ in 0..2 {
        let said = town.post("admin", "/admin/reorganisations", &body).await.wrong_fields();
        assert_eq!(said, ["successors.lines.2.effective_date=not_one_of"], "also after the reform");
        apply(&town).await;
    }
    body["on"] = json!("1025-07-01");
    assert_eq!(town.post("admin", "/admin/reorganisations", &body).await.wrong_fields(), ["on=out_of_range"]);
    body = json!({"on": ON, "dry_run": true, "agencies": "code\n", "areas": AREAS});
    assert_eq!(town.post("admin", "/admin/reorganisations", &body).await.wrong_fields(), ["successors=required"]);
    body["successors"] = Value::from("");
    let said = town.post("admin", "/admin/reorganisations", &body).await.wrong_fields();
    assert!(said.contains(&"agencies.lines.1.name=required".to_owned()), "{said:?}");
    assert!(said.contains(&"successors.lines.1.old_code=required".to_owned()), "{said:?}");
}

#[tokio::test]
async fn only_the_administration_may() {
    let town = Town::start().await;
    for officer in ["clerk", "leader", "coordinator", "reviewer"] {
        for dry_run in [true, false] {
            let answer = town.post(officer, "/admin/reorganisations", &reform(dry_run)).await;
            answer.expect_problem(403, "role_missing");
        }
    }
    town.post("", "/admin/reorganisations", &reform(true)).await.expect_problem(401, "not_signed_in");
    is_untouched(&town).await;
}

#[tokio::test]
async fn other_files_for_a_day_that_has_begun_are_refused() {
    let town = Town::start().await;
    apply(&town).await;
    let without = |file: &str, beginning: &str| -> String {
        file.lines().filter(|line| !line.starts_with(beginning)).map(|line| format!("{line}\n")).collect()
    };
    let mut body = reform(false);
    body["agencies"] = json!(without(AGENCIES, "24-TTT,"));
    let of_others = SUCCESSORS.lines().filter(|line| line.split(',').nth(1) != Some("24-TTT"));
    body["successors"] = json!(of_others.map(|line| format!("{line}\n")).collect::<String>());
    let said = town.post("admin", "/admin/reorganisations", &body).await;
    assert!(said.text.contains("24-TTT"), "{}", said.text);
    assert_eq!(said.wrong_fields(), ["agencies.lines.1.code=line_missing"]);
    let there = town.get("", "/agencies?q=24-TTT").await.expect(200);
    assert_eq!(there["items"][0]["code"], "24-TTT", "it has not ended on the day of its beginning");
    let again = town.post("admin", "/admin/reorganisations", &reform(false)).await.expect(200);
    assert_eq!((&again["agencies_begun"], &again["agencies_ended"]), (&json!(0), &json!(0)));
}
