//! Hundreds of petitions in every state over all communes: tried, applied, and applied once more.

use super::{Oracle, apply, reform};
use crate::app::PASSWORD;
use crate::petitions::Petitions;
use crate::registers;
use crate::town::{AGENCY, Petition, Town, draft};
use pakn::db::DatabaseUrl;
use pakn::ops::verify::{self, ReportLine};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SAMPLES: u64 = 215;
const STATES: [&str; 9] = [
    "received",
    "assigned",
    "in_progress",
    "waiting_for_petitioner",
    "awaiting_approval",
    "answered",
    "closed",
    "refused",
    "withdrawn",
];
/// A moment before the reform is applied, as the figures are asked for.
const BEFORE: &str = "2026-03-03T08:00:00%2B07:00";
const SUMMARY: &str = "/statistics/summary?from=2026-03-01&to=2026-03-02&group_by=agency&as_of=";

/// A petition as its petitioner read it before the reform, and the commune of its case.
struct Known {
    petition: Petition,
    commune: String,
    before: Value,
}

/// Two petitions in each state at one agency, and the samples all over the province.
async fn filled(town: &Town) -> Vec<Known> {
    let samples = Petitions::new();
    let mut filed: Vec<Petition> = Vec::new();
    for state in STATES.iter().chain(&STATES) {
        filed.push(town.filed(state).await);
    }
    let duplicate = town.filed("assigned").await;
    let into = json!({"into": filed[1].code});
    town.act("leader", duplicate.document, "merge", into).await.expect(200);
    filed.push(duplicate);
    for number in 0..SAMPLES {
        let body: Value = serde_json::from_str(samples.body(number * 2)).unwrap();
        filed.push(town.file(&body).await);
    }
    let mut known = Vec::new();
    for petition in filed {
        let before = town.read(&petition).await;
        let commune = before["area"]["code"].as_str().expect("a commune").to_owned();
        known.push(Known { petition, commune, before });
    }
    known
}

pub(super) async fn findings(town: &Town) -> Vec<String> {
    let mut findings = Vec::new();
    let mut note = |line| {
        if let ReportLine::Finding(finding) = line {
            findings.push(finding.to_string());
        }
    };
    verify::everything(&town.app.app.db, &mut note).await.expect("verify");
    findings
}

fn is_moved(before: &Value) -> bool {
    ["assigned", "in_progress", "waiting_for_petitioner", "awaiting_approval"].contains(&before["status"].as_str().unwrap())
}

/// How many petitions go from which agency to which, by the files alone.
fn expected_moves(known: &[Known], oracle: &Oracle) -> BTreeMap<(String, String), u64> {
    let mut moves = BTreeMap::new();
    for one in known.iter().filter(|one| is_moved(&one.before)) {
        let old = one.before["agency"]["code"].as_str().unwrap();
        *moves.entry((old.to_owned(), oracle.heir(old, &one.commune))).or_default() += 1;
    }
    moves
}

fn told_moves(report: &Value) -> BTreeMap<(String, String), u64> {
    let code = |row: &Value, side: &str| row[side]["code"].as_str().unwrap().to_owned();
    let rows = report["moves"].as_array().unwrap().iter();
    rows.filter(|row| row["petitions"] != 0)
        .map(|row| ((code(row, "from"), code(row, "to")), row["petitions"].as_u64().unwrap()))
        .collect()
}

#[tokio::test]
async fn everything_open_goes_to_its_successor_and_what_is_past_stays() {
    let town = Town::start().await;
    let (oracle, known) = (Oracle::new(), filled(&town).await);
    for officer in ["clerk", "handler", "leader", "deputy", "elsewhere"] {
        town.token(officer).await;
    }
    town.at("2026-03-03T09:00:00+07:00");
    let tokens = [town.token("handler").await, town.token("clerk").await];
    let figures = town.get("", &format!("{SUMMARY}{BEFORE}")).await.expect(200).text;
    let expected = expected_moves(&known, &oracle);
    let count: u64 = expected.values().sum();
    assert!(count > 200 && expected.len() > 100, "a town worth the name: {count} in {} pairs", expected.len());

    // The dry run says everything and changes nothing.
    let tried = town.post("admin", "/admin/reorganisations", &reform(true)).await.expect(200).body;
    assert_eq!(told_moves(&tried), expected);
    for one in &known {
        assert_eq!(town.read(&one.petition).await, one.before);
    }
    let lists = town.get("", "/agencies?limit=100&on=2026-03-03").await.expect(200);
    assert!(lists.text.contains("27-") && !lists.text.contains("24-"));

    let mut report = apply(&town).await;
    assert_eq!(report["dry_run"], json!(false));
    report["dry_run"] = json!(true);
    assert_eq!(report, tried, "the dry run has told what would happen");
    for (name, number) in [
        ("agencies_ended", 252),
        ("agencies_begun", 513),
        ("areas_ended", 135),
        ("areas_begun", 100),
        ("successions", 651),
        ("petitions_moved", count),
        ("petitions_to_coordinator", 0),
        ("officers_moved", 5),
        ("rules_changed", 0),
    ] {
        assert_eq!(report[name], json!(number), "{name}");
    }

    for one in &known {
        check(&town, &oracle, one).await;
    }
    followed(&town, &oracle, &tokens, &figures, &known).await;
}

/// One petition after the reform.
async fn check(town: &Town, oracle: &Oracle, one: &Known) {
    let after = town.read(&one.petition).await;
    if !is_moved(&one.before) {
        assert_eq!(after, one.before, "what is past, and what no agency holds, stays");
        return;
    }
    let old = one.before["agency"]["code"].as_str().unwrap();
    assert_eq!(after["agency"]["code"], oracle.heir(old, &one.commune), "{old} in {}", one.commune);
    let waits = one.before["status"] == "waiting_for_petitioner";
    assert_eq!(after["status"], if waits { "waiting_for_petitioner" } else { "assigned" });
    assert_eq!(after["due_at"], one.before["due_at"], "a reform is no reason for a later deadline");
    assert_eq!(after["received_at"], one.before["received_at"]);
    assert_ne!(after["document"]["id"], one.before["document"]["id"]);
    let timeline = town.app.get(&format!("/petitions/{}/timeline?limit=100", one.petition.code));
    let timeline = timeline.header("x-tracking-token", &one.petition.tracking).send().await.expect(200).body;
    let event = timeline["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&event["action"], &event["actor"]), (&json!("reorganise"), &json!("system")));
    assert_eq!(event["at"], "2026-03-03T09:00:00+07:00");
    assert!(event["note"].as_str().unwrap().contains(after["agency"]["name"].as_str().unwrap()), "{event}");
}

/// Registers, figures and officers after the reform, and a second one.
async fn followed(town: &Town, oracle: &Oracle, tokens: &[String; 2], figures: &str, known: &[Known]) {
    let petitions = u64::try_from(known.len()).unwrap();
    let url = match town.app.app.db.url() {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    std::thread::spawn(move || registers::check(&url, petitions)).join().expect("registers without gaps");
    assert_eq!(town.get("", &format!("{SUMMARY}{BEFORE}")).await.expect(200).text, figures, "the past stays as it was");
    assert_eq!(findings(town).await, Vec::<String>::new());
    restated(town, oracle, figures, known).await;
    // The same from kept sums.
    pakn::figures::statistics::roll_up(&town.app.app).await.expect("folded");
    restated(town, oracle, figures, known).await;
    assert_eq!(findings(town).await, Vec::<String>::new());

    // Who was signed in goes on working, at the new agency; and whoever signs in now comes there.
    let heir = oracle.main(AGENCY);
    let leader = town.app.login("leader", PASSWORD).await.expect(200);
    assert!(leader.text.contains(&heir) && !leader.text.contains(AGENCY), "{}", leader.text);
    let inbox = town.app.get("/documents?status=arrived&limit=100").token(&tokens[0]).send().await.expect(200).body;
    let inbox = inbox["items"].as_array().unwrap().clone();
    assert!(!inbox.is_empty());
    let me = town.app.get("/me").token(&tokens[0]).send().await.expect(200);
    assert!(me.text.contains(&heir), "{}", me.text);
    let moved = known.iter().find(|one| one.before["status"] == "awaiting_approval").unwrap();
    let document = town.present_document(&moved.petition).await;
    assert!(inbox.iter().any(|line| line["id"] == json!(document)), "{document} in {inbox:?}");
    let old = moved.petition.document;
    town.app.get(&format!("/documents/{old}")).token(&tokens[0]).send().await.expect_problem(404, "document_not_found");
    let accepted = town.app.post(&format!("/documents/{document}/accept"), &json!({})).token(&tokens[1]).send().await;
    let accepted = accepted.expect(200);
    assert_eq!(accepted["draft"]["content"], draft()["content"], "the draft has come along");
    let waiting = known.iter().find(|one| one.before["status"] == "waiting_for_petitioner").unwrap();
    let replied = town.respond(&waiting.petition, "reply", json!({"text": "Đầu ngõ."})).await.expect(200);
    assert_eq!((&replied["status"], &replied["agency"]["code"]), (&json!("in_progress"), &json!(heir)));

    let second = apply(town).await;
    for (name, value) in second.as_object().unwrap().iter().filter(|(_, value)| value.is_number()) {
        assert_eq!(*value, json!(0), "{name} of a second run");
    }
    assert_eq!((&second["moves"], &second["without_successor"], &second["rules"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!(findings(town).await, Vec::<String>::new());
}

/// The figures of before, as they were and under the agencies of today: each petition in the figures of who has its tasks now.
async fn restated(town: &Town, oracle: &Oracle, as_they_were: &str, known: &[Known]) {
    let as_was = town.get("", &format!("{SUMMARY}{BEFORE}&agencies=as_was")).await.expect(200);
    assert_eq!(as_was.text, as_they_were);
    let today = town.get("", &format!("{SUMMARY}{BEFORE}&agencies=today")).await.expect(200).body;
    assert_eq!(today["total"], as_was.body["total"], "nobody is lost or counted twice");
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for one in known.iter().filter(|one| !["refused", "withdrawn", "duplicate"].contains(&one.before["status"].as_str().unwrap()))
    {
        let heir = match one.before["agency"]["code"].as_str() {
            Some(old) => oracle.heir(old, &one.commune),
            None => "coordination".to_owned(),
        };
        *expected.entry(heir).or_default() += 1;
    }
    let groups = today["groups"].as_array().unwrap().iter();
    let told = groups.map(|group| (group["key"].as_str().unwrap().to_owned(), group["received"].as_u64().unwrap()));
    assert_eq!(told.filter(|(_, received)| *received > 0).collect::<BTreeMap<_, _>>(), expected);
    for group in today["groups"].as_array().unwrap() {
        let of = |name: &str| group[name].as_i64().unwrap();
        let into = of("carried_over") + of("received") + of("transferred_in") + of("reopened");
        let settled = of("carried_settled");
        assert_eq!(into, of("handled_in_period") + of("transferred_out") + settled + of("closing_backlog"), "{group}");
    }
    // Asked for by name, listed one by one, and without rows of its own.
    let (heir, received) = expected.iter().find(|(code, _)| code.starts_with("24-")).expect("an heir");
    let path = format!("/statistics/summary?from=2026-03-01&to=2026-03-02&as_of={BEFORE}&agencies=today&agency={heir}");
    let alone = town.get("", &path).await.expect(200).body;
    assert_eq!(alone["total"]["received"], json!(received));
    let path = format!("{path}&category=rac-thai-chat-thai");
    let part = town.get("", &path).await.expect(200).body["total"]["received"].as_u64().unwrap();
    assert!(part <= *received);
    let path = format!(
        "/statistics/petitions?from=2026-03-01&to=2026-03-02&as_of={BEFORE}&agencies=today&agency={heir}&bucket=received&limit=100"
    );
    let listed = town.get("reviewer", &path).await.expect(200).body;
    assert_eq!((&listed["count"], json!(listed["items"].as_array().unwrap().len())), (&json!(received), json!(received)));
    town.get("", "/statistics/summary?agencies=tomorrow").await.expect_problem(422, "invalid_values");
}
