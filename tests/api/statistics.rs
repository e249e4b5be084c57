//! The figures over HTTP: what a life of petitions adds up to, what the rows are, who sees the petitions behind a figure,
//! and how a wrong question is refused.

use crate::app::{Answered, PASSWORD, TestApp};
use chrono::Duration;
use pakn::kernel::account::Role;
use serde_json::{Value, json};

const HANDLER: &str = "xu.ly";
const LEADER: &str = "lanh.dao";

struct Filed {
    document: i64,
    agency: String,
    code: String,
    tracking_token: String,
}

async fn file(app: &TestApp, kind: &str, area: &str) -> Filed {
    let mut petitioner = json!({"kind": kind, "full_name": "Nguyễn Thị Hoa", "phone": "0912345678"});
    if kind == "business" {
        petitioner["company_name"] = json!("Công ty Gốm Phù Lãng");
        petitioner["tax_code"] = json!("0100233488");
    }
    let body = json!({
        "title": "Rác thải tồn đọng", "content": "Rác thải tồn đọng ba ngày ở đầu ngõ.", "category": "rac-thai-chat-thai",
        "area": area, "petitioner": petitioner, "channel": "zalo",
    });
    let answer = app.post("/petitions", &body).send().await.expect(201);
    Filed {
        document: answer.body["document"]["id"].as_i64().unwrap(),
        agency: answer.text_of("/agency/code"),
        code: answer.text_of("/code"),
        tracking_token: answer.text_of("/tracking_token"),
    }
}

async fn act(app: &TestApp, officer: &str, filed: &Filed, action: &str, body: Value) {
    let token = app.login(officer, PASSWORD).await.expect(200).text_of("/access_token");
    app.post(&format!("/documents/{}/{action}", filed.document), &body).token(&token).send().await.expect(200);
}

async fn answer(app: &TestApp, filed: &Filed) {
    act(app, HANDLER, filed, "accept", json!({})).await;
    act(app, HANDLER, filed, "draft", json!({"content": "Đã thu gom toàn bộ rác trong ngày.", "outcome": "resolved"})).await;
    act(app, HANDLER, filed, "submit", json!({})).await;
    act(app, LEADER, filed, "approve", json!({})).await;
}

async fn ask(app: &TestApp, question: &str) -> Answered {
    app.get(&format!("/statistics/{question}")).send().await
}

fn row<'a>(answer: &'a Value, key: &str) -> &'a Value {
    let groups = answer["groups"].as_array().unwrap();
    groups.iter().find(|group| group["key"] == key).unwrap_or_else(|| panic!("no row {key} in {answer}"))
}

/// March 2023: three petitions of citizens at one agency (answered and rated, refused, left), one of a business elsewhere.
struct March {
    app: TestApp,
    agency: String,
    elsewhere: String,
}

async fn march() -> March {
    let app = TestApp::start().await;
    let first = file(&app, "citizen", "09190").await;
    app.officer(HANDLER, Some(&first.agency), &[Role::Clerk, Role::Handler]).await;
    app.officer(LEADER, Some(&first.agency), &[Role::Leader]).await;
    app.advance(Duration::hours(36));
    answer(&app, &first).await;
    let rate = json!({"score": 4});
    let path = format!("/petitions/{}/rating", first.code);
    app.post(&path, &rate).header("X-Tracking-Token", &first.tracking_token).send().await.expect(200);
    let refused = file(&app, "citizen", "09190").await;
    act(&app, LEADER, &refused, "refuse", json!({"reason_code": "unclear"})).await;
    file(&app, "citizen", "09190").await;
    let business = file(&app, "business", "09319").await;
    March { app, agency: first.agency, elsewhere: business.agency }
}

#[actix_web::test]
async fn a_month_adds_up() {
    let March { app, agency, elsewhere } = march().await;
    app.advance(Duration::days(60));
    let answer = ask(&app, "summary?period=2023-03&as_of=2023-03-08&group_by=agency").await.expect(200).body;
    assert_eq!(answer["period"]["rule_version"], "pakn-1");
    assert_eq!(answer["period"]["from"], "2023-03-01");
    assert_eq!(answer["period"]["as_of"], "2023-03-08T23:59:59.999999+07:00");
    let total = &answer["total"];
    for (measure, value) in [
        ("received", json!(3)),
        ("handled", json!(1)),
        ("backlog", json!(2)),
        ("handling_rate", json!(33.33)),
        ("mean_processing_days", json!(1.5)),
        ("handled_early", json!(1)),
        ("on_time_rate", json!(100.0)),
        ("open_not_due", json!(2)),
        ("open_overdue", json!(0)),
        ("rated", json!(1)),
        ("response_rate", json!(100.0)),
        ("mean_rating", json!(4.0)),
        ("ratings", json!({"1": 0, "2": 0, "3": 0, "4": 1, "5": 0})),
        ("refused", json!(1)),
        ("carried_over", json!(0)),
        ("to_handle", json!(3)),
        ("handled_in_period", json!(1)),
        ("closing_backlog", json!(2)),
    ] {
        assert_eq!(total[measure], value, "{measure} in {total}");
    }
    assert!(total.get("median_processing_days").is_none());
    assert_eq!(row(&answer, &agency)["received"], 2);
    assert_eq!(row(&answer, &elsewhere)["handling_rate"], 0.0);
    let now = ask(&app, "summary?from=2023-04-01&to=2023-04-30").await.expect(200).body;
    assert_eq!((&now["total"]["carried_over"], &now["total"]["closing_backlog"]), (&json!(2), &json!(2)));
    assert_eq!(now["total"]["handling_rate"], Value::Null);
    let march = ask(&app, "summary?period=2023-03&measures=open_overdue,median_processing_days,p90_processing_days").await;
    let total = json!({"open_overdue": 2, "median_processing_days": 1.5, "p90_processing_days": 1.5});
    assert_eq!(march.expect(200).body["total"], total);
    app.stop().await;
}

#[actix_web::test]
async fn rows_can_be_formed_by_everything() {
    let March { app, .. } = march().await;
    let district = ask(&app, "summary?period=2023&group_by=district").await.expect(200).body;
    assert_eq!(district["groups"].as_array().unwrap().len(), 9, "eight districts and the province");
    assert_eq!((&row(&district, "256")["received"], &row(&district, "256")["name"]), (&json!(2), &json!("Thành phố Bắc Ninh")));
    let kinds = ask(&app, "summary?period=2023&group_by=petitioner_kind").await.expect(200).body;
    assert_eq!(row(&kinds, "business")["received"], 1);
    let business = ask(&app, "summary?period=2023&petitioner_kind=business&group_by=district").await.expect(200).body;
    assert_eq!((&business["total"]["received"], &row(&business, "256")["received"]), (&json!(1), &json!(0)));
    let months = ask(&app, "summary?period=2023-Q1&group_by=month").await.expect(200).body;
    let keys: Vec<&Value> = months["groups"].as_array().unwrap().iter().map(|group| &group["key"]).collect();
    assert_eq!(keys, ["2023-01", "2023-02", "2023-03"]);
    assert_eq!((&row(&months, "2023-03")["received"], &row(&months, "2023-03")["closing_backlog"]), (&json!(3), &json!(2)));
    for (group_by, key) in [("category", "rac-thai-chat-thai"), ("channel", "zalo"), ("urgency", "normal")] {
        let answer = ask(&app, &format!("summary?period=2023&group_by={group_by}")).await.expect(200).body;
        assert_eq!(row(&answer, key)["received"], 3);
    }
    let english = app.get("/statistics/summary?period=2023&group_by=channel").header("Accept-Language", "en").send().await;
    assert_eq!(row(&english.body, "phone")["name"], "Telephone");
    app.stop().await;
}

#[actix_web::test]
async fn a_comparison_has_the_same_shape_and_the_difference() {
    let March { app, .. } = march().await;
    app.advance(Duration::days(400));
    let question = "summary?period=2024-03&compare=year&group_by=petitioner_kind&measures=received,handling_rate";
    let answer = ask(&app, question).await.expect(200).body;
    let comparison = &answer["comparison"];
    assert_eq!(comparison["period"]["from"], "2023-03-01");
    assert_eq!(comparison["total"], json!({"received": 3, "handling_rate": 33.33}));
    assert_eq!(comparison["change"], json!({"received": -3, "handling_rate": null}));
    assert_eq!(row(comparison, "business")["change"]["received"], -1);
    let answer = ask(&app, "summary?from=2023-03-08&to=2023-03-14&compare=previous&measures=received").await.expect(200).body;
    assert_eq!(answer["comparison"]["period"]["to"], "2023-03-07");
    assert_eq!(answer["comparison"]["change"]["received"].as_i64(), answer["total"]["received"].as_i64().map(|n| n - 3));
    app.stop().await;
}

#[actix_web::test]
async fn rankings_trends_and_the_backlog_tell_the_same_petitions() {
    let March { app, agency, elsewhere } = march().await;
    let ranking = ask(&app, "ranking?period=2023&measure=handling_rate&min_received=1&order=worst").await.expect(200).body;
    let items = ranking["items"].as_array().unwrap();
    let told: Vec<_> =
        items.iter().map(|item| (item["rank"].as_i64(), item["key"].as_str(), item["handling_rate"].as_f64())).collect();
    assert_eq!(told, [(Some(1), Some(elsewhere.as_str()), Some(0.0)), (Some(2), Some(agency.as_str()), Some(50.0))]);
    let apart = ask(&app, "ranking?period=2023&min_received=2").await.expect(200).body;
    assert_eq!((&apart["apart"][0]["reason"], &apart["apart"][0]["received"]), (&json!("few_received"), &json!(1)));
    // Two received and one rating: a mean of one does not stand on top.
    let rated = ask(&app, "ranking?period=2023&measure=mean_rating&min_received=2").await.expect(200).body;
    assert_eq!(rated["items"], json!([]));
    let told = |group: &Value| (group["key"].clone(), group["reason"].clone(), group["rated"].clone(), group["received"].clone());
    let apart: Vec<_> = rated["apart"].as_array().unwrap().iter().map(told).collect();
    assert!(apart.contains(&(json!(agency), json!("few_counted"), json!(1), json!(2))), "{apart:?}");
    let first = ask(&app, "ranking?period=2023&measure=received&min_received=1&limit=1").await.expect(200).body;
    assert_eq!((&first["limit"], &first["left_off"], first["items"].as_array().unwrap().len()), (&json!(1), &json!(1), 1));
    let trend = ask(&app, "trend?period=2023-03&step=week&measures=received,handled").await.expect(200).body;
    let points = trend["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[1]["key"], &points[1]["received"]), (5, &json!("2023-W10"), &json!(3)));
    assert_eq!(trend["total"], json!({"received": 3, "handled": 1}));
    app.advance(Duration::days(12));
    let backlog = ask(&app, "backlog?group_by=district").await.expect(200).body;
    assert_eq!((&backlog["total"]["open"], &backlog["total"]["overdue"]), (&json!(2), &json!(2)));
    assert_eq!(row(&backlog, "256")["ages"][2], json!({"key": "11-20", "from_days": 11, "to_days": 20, "open": 1, "overdue": 1}));
    app.stop().await;
}

#[actix_web::test]
async fn a_ranking_tells_who_has_risen() {
    let March { app, agency, elsewhere } = march().await;
    app.advance(Duration::days(31));
    for area in ["09319", "09319", "09319", "09190", "09187"] {
        file(&app, "citizen", area).await;
    }
    let question = "ranking?period=2023-04&measure=received&min_received=1&compare=previous";
    let ranking = ask(&app, question).await.expect(200).body;
    let told =
        |item: &Value| (item["key"].as_str().map(str::to_owned), item["previous_rank"].as_i64(), item["movement"].as_i64());
    let items: Vec<_> = ranking["items"].as_array().unwrap().iter().map(told).collect();
    assert!(items.contains(&(Some(elsewhere), Some(2), Some(1))), "{items:?}");
    assert!(items.contains(&(Some(agency), Some(1), Some(-1))), "{items:?}");
    assert_eq!(items.iter().filter(|(_, before, movement)| before.is_none() && movement.is_none()).count(), 1, "{items:?}");
    assert_eq!(ranking["compared_with"]["to"], "2023-03-31");
    let alone = ask(&app, "ranking?period=2023-04&min_received=1").await.expect(200).body;
    assert!(alone["compared_with"].is_null() && alone["items"][0]["previous_rank"].is_null());
    assert_eq!(ask(&app, "ranking?compare=decade").await.errors(), ["compare=not_one_of"]);
    app.stop().await;
}

#[actix_web::test]
async fn behind_a_figure_everybody_sees_their_own() {
    let March { app, agency, elsewhere } = march().await;
    let reviewer = app.officer("tham.dinh", None, &[Role::Reviewer]).await;
    let leader = app.login(LEADER, PASSWORD).await.expect(200).text_of("/access_token");
    let path = "/statistics/petitions?period=2023&bucket=received";
    app.get(path).send().await.expect_problem(401, "not_signed_in");
    let admin = app.officer("quan.tri", None, &[Role::Admin]).await;
    app.get(path).token(&admin).send().await.expect_problem(403, "role_missing");
    let all = app.get(&format!("{path}&limit=2")).token(&reviewer).send().await.expect(200).body;
    assert_eq!((&all["count"], all["items"].as_array().unwrap().len()), (&json!(3), 2));
    let cursor = all["next_cursor"].as_str().unwrap();
    let rest = app.get(&format!("{path}&limit=2&cursor={cursor}")).token(&reviewer).send().await.expect(200).body;
    assert_eq!((&rest["count"], rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (&json!(3), 1, &Value::Null));
    let own = app.get(path).token(&leader).send().await.expect(200);
    assert_eq!(own.body["count"], 2);
    assert!(own.body["items"].as_array().unwrap().iter().all(|item| item["agency"]["code"] == *agency));
    let of_others = format!("{path}&agency={elsewhere}");
    app.get(&of_others).token(&leader).send().await.expect_problem(403, "role_missing");
    assert_eq!(app.get(&of_others).token(&reviewer).send().await.expect(200).body["count"], 1);
    assert!(!own.text.contains("Hoa") && !own.text.contains("Rác thải tồn đọng"), "no person, no text");
    app.stop().await;
}

#[actix_web::test]
async fn a_question_that_makes_no_sense_is_refused_by_name() {
    let app = TestApp::start().await;
    for (question, errors) in [
        ("summary?from=2023-01-01", "to=required"),
        ("summary?from=2023-02-01&to=2023-01-01", "to=must_not_be_before"),
        ("summary?period=2023&from=2023-01-01", "period=not_allowed"),
        ("summary?period=2023-13", "period=malformed"),
        ("summary?from=2023-02-30&to=2023-03-01", "from=no_such_day"),
        ("summary?from=2023-02-29&to=2023-03-01", "from=no_such_day"),
        ("summary?from=2023-2x&to=2023-03-01", "from=malformed"),
        ("summary?period=2022&as_of=2022-02-29", "as_of=no_such_day"),
        ("summary?period=2022&as_of=2021-12-31", "as_of=must_not_be_before"),
        ("summary?period=2022&as_of=2099-01-01T00:00:00%2B07:00", "as_of=out_of_range"),
        ("summary?period=2022&as_of=soon", "as_of=malformed"),
        ("summary?period=2099", "period=out_of_range"),
        ("summary?measures=received,speed", "measures=not_one_of"),
        ("summary?group_by=colour", "group_by=not_one_of"),
        ("summary?agency=27-XX&category=nothing", "agency=unknown_code,category=unknown_code"),
        ("summary?colour=red", "colour=unknown_field"),
        ("summary?compare=decade", "compare=not_one_of"),
        ("ranking?measure=ratings", "measure=not_one_of"),
        ("ranking?limit=0&group_by=none", "group_by=not_one_of,limit=out_of_range"),
        ("trend?step=decade", "step=not_one_of"),
        ("trend?from=2020-01-01&to=2023-01-31&step=day&measures=carried_over", "measures=not_one_of"),
        ("backlog?group_by=month", "group_by=not_one_of"),
        ("backlog?as_of=2023-01-01", "as_of=unknown_field"),
    ] {
        let answer = ask(&app, question).await.expect(422);
        assert_eq!(answer.errors().join(","), errors, "{question}");
    }
    let reviewer = app.officer("tham.dinh", None, &[Role::Reviewer]).await;
    for (bucket, errors) in [("", "bucket=required"), ("&bucket=mean_rating", "bucket=not_one_of")] {
        let path = format!("/statistics/petitions?period=2022{bucket}");
        assert_eq!(app.get(&path).token(&reviewer).send().await.expect(422).errors(), [errors]);
    }
    let plus = ask(&app, "summary?period=2022&as_of=2022-06-30T12:00:00+07:00").await.expect(200).body;
    assert_eq!(plus["period"]["as_of"], "2022-06-30T12:00:00+07:00");
    app.stop().await;
}
