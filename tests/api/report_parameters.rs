//! No report and no list ignores a parameter: it says something else, under another heading, or is refused by name.

use crate::app::TestApp;
use crate::town::{AGENCY, OTHER_AGENCY, Town, form, form_with};
use chrono::Duration;
use pakn::kernel::account::Role;
use serde_json::{Value, json};
use std::io::Read;

const REPORTS: [&str; 8] = [
    "register",
    "summary-by-agency",
    "summary-by-category",
    "summary-by-district",
    "summary-by-channel",
    "ii06a",
    "ranking",
    "list",
];

/// A value for each parameter that changes what the reports of `lived` say or how they are headed.
fn value(parameter: &str) -> &'static str {
    match parameter {
        "period" => "2026-04",
        "from" => "2026-03-02",
        "to" => "2026-03-31",
        "as_of" => "2026-03-02",
        "agency" => OTHER_AGENCY,
        "district" => "256",
        "category" => "via-he-le-duong",
        "agencies" => "today",
        "bucket" => "handled",
        "measure" => "mean_processing_days",
        "group_by" => "category",
        "channel" => "web",
        "petitioner_kind" => "business",
        "level" => "commune",
        "urgency" => "urgent",
        other => panic!("{other} needs a value here"),
    }
}

async fn lived() -> Town {
    let town = Town::start().await;
    for state in ["answered", "in_progress", "refused"] {
        town.filed(state).await;
    }
    town.file(&form_with(json!({"area": "09187", "channel": "web"}))).await;
    town.file(&form_with(json!({"category": "via-he-le-duong"}))).await;
    town.later(Duration::days(40));
    town.file(&form()).await;
    town
}

/// The words and numbers of the printed form and the rows of the plain one; none when it was refused, with why.
async fn said(app: &TestApp, token: &str, report: &str, query: &str) -> Result<String, Vec<String>> {
    let plain = app.get(&format!("/reports/{report}.csv?{query}")).token(token).send().await;
    if plain.status == 422 {
        return Err(plain.errors());
    }
    let plain = plain.expect(200).text;
    let url = format!("http://{}/api/v1/reports/{report}.xlsx?{query}", app.address());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let bytes = client.get(url).bearer_auth(token).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut words = String::new();
    for part in ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"] {
        book.by_name(part).unwrap().read_to_string(&mut words).unwrap();
    }
    Ok(plain + &words)
}

fn parameters(spec: &Value, path: &str) -> Vec<String> {
    let all = spec["paths"][path]["get"]["parameters"].as_array().unwrap();
    let of_query = all.iter().filter(|it| it["in"] == "query");
    of_query.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_parameter_of_each_report_is_obeyed_or_refused() {
    let town = lived().await;
    let token = town.app.officer("nguoi.doc", None, &[Role::Reviewer]).await;
    let spec = town.app.get("/openapi.json").send().await.expect(200).body;
    let parameters = parameters(&spec, "/api/v1/reports/{name}.{format}");
    assert!(parameters.len() >= 15, "{parameters:?}");
    for report in REPORTS {
        let base = match report {
            "register" => vec![("agency", AGENCY)],
            "list" => vec![("bucket", "received")],
            _ => Vec::new(),
        };
        let query = |more: &[(&str, &str)]| {
            let kept = base.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
            kept.chain(more).map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
        };
        let plain = said(&town.app, &token, report, &query(&[])).await.unwrap();
        for parameter in &parameters {
            let mut more = vec![(parameter.as_str(), value(parameter))];
            match parameter.as_str() {
                "from" => more.push(("to", "2026-04-30")),
                "to" => more.push(("from", "2026-03-01")),
                _ => {}
            }
            match said(&town.app, &token, report, &query(&more)).await {
                Ok(other) => assert_ne!(plain, other, "{report} ignores {parameter}"),
                Err(errors) => {
                    assert!(errors.iter().any(|error| error.starts_with(parameter)), "{report}: {parameter}, {errors:?}")
                }
            }
        }
        let unknown = said(&town.app, &token, report, &query(&[("khong_co", "1"), ("la", "2")])).await;
        assert_eq!(unknown.unwrap_err(), ["khong_co=unknown_field", "la=unknown_field"], "{report}");
    }
}

#[tokio::test]
async fn a_register_is_that_of_the_days_and_the_category_asked_for() {
    let town = lived().await;
    let token = town.app.officer("nguoi.doc", None, &[Role::Reviewer]).await;
    let numbers = async |query: &str| -> Vec<String> {
        let file = town.app.get(&format!("/reports/register.csv?agency={AGENCY}&{query}")).token(&token).send().await.expect(200);
        let rows: Vec<&str> = file.text.lines().skip(1).collect();
        rows.iter().map(|row| row.split(',').nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(numbers("period=2026").await, ["1", "2", "3", "4", "5"]);
    assert_eq!(numbers("period=2025").await.len(), 0);
    assert_eq!(numbers("period=2026-04").await, ["5"]);
    assert_eq!(numbers("from=2026-03-02&to=2026-03-02").await, ["1", "2", "3", "4"]);
    assert_eq!(numbers("from=2026-01-01&to=2026-12-31&category=rac-thai-chat-thai").await, ["1", "2", "3", "5"]);
    assert_eq!(numbers("category=via-he-le-duong").await, ["4"]);
    let ask =
        async |query: &str| town.app.get(&format!("/reports/register.csv?{query}")).token(&token).send().await.wrong_fields();
    assert_eq!(ask(&format!("agency={AGENCY}&from=2025-12-01&to=2026-01-31")).await, ["to=out_of_range"]);
    assert_eq!(ask(&format!("agency={AGENCY}&period=ttcp-2026")).await, ["period=out_of_range"]);
    assert_eq!(ask(&format!("agency={AGENCY}&period=2026&from=2026-01-01")).await, ["period=not_allowed"]);
    assert_eq!(ask(&format!("agency={AGENCY}&from=2026-01-01")).await, ["to=required"]);
    assert_eq!(ask("category=khong-co&from=x&to=y").await.len(), 4, "agency, category and both days");
    let refused = ask(&format!("agency={AGENCY}&as_of=2026-03-02&district=256&agencies=today&channel=web")).await;
    assert_eq!(refused, ["as_of=not_allowed", "district=not_allowed", "agencies=not_allowed", "channel=not_allowed"]);
}

#[tokio::test]
async fn no_list_takes_a_parameter_that_it_does_not_know() {
    let town = Town::start_with(|config| config.rate_limits = false).await;
    let petition = town.filed("answered").await;
    let spec = town.app.get("/openapi.json").send().await.expect(200).body;
    let people = ["", "admin", "coordinator", "leader", "clerk", "reviewer", "nguoi@example.vn"];
    let (mut lists, mut ignoring) = (0, Vec::new());
    for (path, operations) in spec["paths"].as_object().unwrap() {
        let Some(operation) = operations.get("get") else { continue };
        let has_query = operation["parameters"].as_array().is_some_and(|all| all.iter().any(|it| it["in"] == "query"));
        let is_list = operation["responses"]["200"].to_string().contains("Page")
            || path.ends_with("/sessions")
            || path.ends_with("/identities");
        let Some(path) = path.strip_prefix("/api/v1").filter(|_| has_query || is_list) else { continue };
        let path = path.replace("{name}.{format}", "ranking.csv").replace("{code}", &petition.code).replace("{id}", "1");
        if path.contains('{') {
            continue;
        }
        lists += 1;
        let mut was_refused = false;
        for person in people {
            let answer = town.get(person, &format!("{path}?khong_co=1")).await;
            was_refused |= answer.status == 422 && answer.errors().contains(&"khong_co=unknown_field".to_owned());
            if answer.status == 200 {
                ignoring.push(format!("{path} by {person:?}"));
            }
        }
        // What wants a key or a secret of its own is asked elsewhere.
        if !was_refused && !["/exchange", "/channels", "/statistics/snapshots/1"].iter().any(|other| path.starts_with(other)) {
            ignoring.push(format!("{path}: nobody was refused"));
        }
    }
    assert!(ignoring.is_empty(), "{}", ignoring.join("\n"));
    assert!(lists > 30, "{lists}");
}
