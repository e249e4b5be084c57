//! The charts: pictures that tell the figures of the statistics calls, in words too, and refuse what those refuse.

use crate::app::Answered;
use crate::town::{AGENCY, OTHER_AGENCY, Town, form, form_with};
use chrono::Duration;
use roxmltree::{Document, Node};
use serde_json::{Value, json};
use unicode_normalization::is_nfc;

const YEAR: &str = "from=2026-01-01&to=2026-12-31";

/// Rated, answered, in progress and left at one agency, two at another; then a month passes.
async fn lived() -> Town {
    let town = Town::start().await;
    for state in ["closed", "answered", "in_progress"] {
        town.filed(state).await;
    }
    town.later(Duration::days(30));
    town.file(&form()).await;
    for _ in 0..2 {
        town.file(&form_with(json!({"area": "09187", "channel": "web"}))).await;
    }
    town
}

async fn draw(town: &Town, path: &str) -> Answered {
    let answer = town.get("", &format!("/charts/{path}")).await.expect(200);
    assert_eq!(answer.header("content-type"), "image/svg+xml; charset=utf-8");
    answer
}

async fn figures(town: &Town, path: &str) -> Value {
    town.get("", &format!("/statistics/{path}")).await.expect(200).body
}

/// What every chart is: XML with a role, a title and a description, nothing from elsewhere, letters of a readable size.
fn read(text: &str) -> Document<'_> {
    let document = Document::parse(text).expect("well-formed XML");
    let root = document.root_element();
    assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")));
    assert!(root.attribute("viewBox").is_some_and(|edges| edges.starts_with("0 0 360 ")), "{text}");
    let names: Vec<&str> = root.attribute("aria-labelledby").expect("a name").split(' ').collect();
    let named: Vec<Node> = root.children().filter(|node| node.attribute("id").is_some()).collect();
    assert_eq!(named.iter().map(|node| node.tag_name().name()).collect::<Vec<_>>(), ["title", "desc"]);
    assert_eq!(named.iter().filter_map(|node| node.attribute("id")).collect::<Vec<_>>(), names);
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(!["script", "foreignObject", "image", "use", "style", "a"].contains(&name), "{name}");
        assert!(node.attributes().all(|it| !it.name().starts_with("on") && it.name() != "href"), "{node:?}");
        if name == "text" {
            let size: f64 = node.attribute("font-size").expect("a size").parse().expect("a number");
            assert!(size >= 11.0, "{node:?}");
        }
    }
    assert!(is_nfc(text));
    document
}

fn element(document: &Document<'_>, name: &str) -> String {
    let found = document.root_element().children().find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", name)));
    found.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
}

/// Everything that is written in the picture, in its order.
fn written(document: &Document<'_>) -> Vec<String> {
    let texts = document.descendants().filter(|node| node.tag_name().name() == "text");
    texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
}

fn vietnamese(number: &Value) -> String {
    format!("{:.2}", number.as_f64().expect("a number")).replace('.', ",")
}

#[tokio::test]
async fn a_trend_tells_every_step_and_every_measure() {
    let town = lived().await;
    let measures = "measures=received,handling_rate,mean_rating";
    let trend = figures(&town, &format!("trend?{YEAR}&{measures}")).await;
    let chart = draw(&town, &format!("trend.svg?{YEAR}&{measures}")).await;
    let document = read(&chart.text);
    let (title, told, drawn) = (element(&document, "title"), element(&document, "desc"), written(&document));
    assert_eq!(title, "Tiếp nhận, tỷ lệ xử lý, điểm đánh giá trung bình theo tháng. Từ ngày 01/01/2026 đến ngày 31/12/2026.");
    assert_eq!(trend["points"].as_array().unwrap().len(), 12);
    for (month, received) in [(3, trend["points"][2]["received"].clone()), (4, trend["points"][3]["received"].clone())] {
        assert!(received.as_i64() > Some(0), "{trend}");
        assert!(told.contains(&format!("Tháng {month}/2026: {received};")), "{received} in {told}");
        assert!(drawn.contains(&received.to_string()), "{received} in {drawn:?}");
    }
    let rate = vietnamese(&trend["points"][2]["handling_rate"]);
    assert!(told.contains(&format!("Tháng 3/2026: {rate}\u{A0}%")) && drawn.contains(&rate), "{rate} in {told}");
    let mean = vietnamese(&trend["total"]["mean_rating"]);
    assert!(told.contains(&format!("Điểm đánh giá trung bình (cả kỳ: {mean}\u{A0}điểm)")), "{mean} in {told}");
    assert!(told.contains("Số liệu chốt lúc 08:00 ngày 01/04/2026; quy tắc tính pakn-1."), "{told}");
    // January has no rate, May has not come.
    assert!(told.contains("Tháng 1/2026: –;") && told.contains("Tháng 5/2026: –;"), "{told}");
    let dots = document.descendants().filter(|node| node.tag_name().name() == "circle").count();
    assert_eq!(dots, 4 + 2 + 1, "a gap is no dot");
}

#[tokio::test]
async fn a_ranking_is_drawn_in_its_order_with_shared_ranks() {
    let town = lived().await;
    let third = town.file(&form_with(json!({"area": "09319"}))).await;
    let fourth = town.file(&form_with(json!({"area": "09322"}))).await;
    let agency = |receipt: &Value| receipt["agency"]["code"].as_str().map(str::to_owned);
    assert!(agency(&third.receipt).is_some() && agency(&third.receipt) != agency(&fourth.receipt));
    let question = format!("{YEAR}&measure=received&min_received=1");
    let ranking = figures(&town, &format!("ranking?{question}")).await;
    let chart = draw(&town, &format!("ranking.svg?{question}")).await;
    let document = read(&chart.text);
    let (told, drawn) = (element(&document, "desc"), written(&document));
    let items = ranking["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["rank"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 3]);
    let rows: Vec<[String; 3]> = drawn
        .windows(3)
        .filter(|words| words[0].strip_suffix('.').is_some_and(|rank| rank.parse::<u8>().is_ok()))
        .map(|words| [words[0].clone(), words[1].clone(), words[2].clone()])
        .collect();
    assert_eq!(rows.len(), items.len(), "{drawn:?}");
    for (row, item) in rows.iter().zip(items) {
        let (rank, name, received) = (&item["rank"], item["name"].as_str().unwrap(), &item["received"]);
        assert_eq!((&row[0], &row[2]), (&format!("{rank}."), &received.to_string()));
        assert!(name.starts_with(row[1].trim_end_matches('…')), "{} for {name}", row[1]);
        assert!(told.contains(&format!("{rank}. {name}: {received}.")), "{told}");
    }
    let apart = figures(&town, &format!("ranking?{YEAR}&min_received=2")).await["apart"].as_array().unwrap().len();
    let chart = draw(&town, &format!("ranking.svg?{YEAR}&min_received=2")).await;
    assert!(apart > 0 && chart.text.contains(&format!("Không xếp hạng: {apart} đơn vị")), "{}", chart.text);
}

#[tokio::test]
async fn ratings_are_those_of_the_summary() {
    let town = lived().await;
    let question = format!("{YEAR}&group_by=agency");
    let summary = figures(&town, &format!("summary?{question}&measures=ratings,rated,mean_rating,response_rate")).await;
    let document_text = draw(&town, &format!("ratings.svg?{question}")).await.text;
    let document = read(&document_text);
    let (told, drawn) = (element(&document, "desc"), written(&document));
    let total = &summary["total"];
    assert!(total["rated"].as_i64() > Some(0), "{total}");
    for points in ["1", "2", "3", "4", "5"] {
        let (count, rated) = (total["ratings"][points].as_f64().unwrap(), total["rated"].as_f64().unwrap());
        let value = format!("{count} ({}\u{A0}%)", vietnamese(&json!(100.0 * count / rated)));
        assert!(told.contains(&format!("{points}\u{A0}điểm: {value}.")), "{value} in {told}");
        assert!(drawn.contains(&value), "{value} in {drawn:?}");
    }
    let (mean, rate) = (vietnamese(&total["mean_rating"]), vietnamese(&total["response_rate"]));
    let line = format!("Điểm trung bình {mean}; {} lượt đánh giá, bằng {rate}\u{A0}% số đã xử lý.", total["rated"]);
    assert!(told.contains(&line), "{line} in {told}");
    for group in summary["groups"].as_array().unwrap() {
        let name = group["name"].as_str().unwrap();
        let mean = if group["mean_rating"].is_null() { "–".to_owned() } else { vietnamese(&group["mean_rating"]) };
        assert!(told.contains(&format!("{name}: {mean} ({} lượt).", group["rated"])), "{name} in {told}");
    }
    town.later(Duration::days(365));
    let later = draw(&town, "ratings.svg?from=2027-01-01&to=2027-03-31&compare=year").await.text;
    let told = element(&read(&later), "desc");
    assert!(told.contains(&format!("01/01/2026 – 31/03/2026: Điểm trung bình {mean};")), "{told}");
}

#[tokio::test]
async fn the_backlog_tells_the_overdue_apart() {
    let town = lived().await;
    let backlog = figures(&town, "backlog?group_by=agency").await;
    let chart = draw(&town, "backlog.svg?group_by=agency").await.text;
    let document = read(&chart);
    let (told, drawn) = (element(&document, "desc"), written(&document));
    let names = ["0–5\u{A0}ngày", "6–10\u{A0}ngày", "11–20\u{A0}ngày", "21–30\u{A0}ngày", ">\u{A0}30\u{A0}ngày"];
    for (class, name) in backlog["total"]["ages"].as_array().unwrap().iter().zip(names) {
        let value = format!("{} (quá hạn {})", class["open"], class["overdue"]);
        assert!(told.contains(&format!("{name}: {value}.")) && drawn.contains(&value), "{name}: {value} in {told}");
    }
    assert_eq!((&backlog["total"]["open"], &backlog["total"]["overdue"]), (&json!(4), &json!(1)));
    for group in backlog["groups"].as_array().unwrap() {
        let line = format!("{}: {} (quá hạn {}).", group["name"].as_str().unwrap(), group["open"], group["overdue"]);
        assert!(told.contains(&line), "{line} in {told}");
    }
    assert!(chart.contains("url(#") || drawn.contains(&"Quá hạn".to_owned()), "{drawn:?}");
}

#[tokio::test]
async fn a_hostile_name_stays_text() {
    let town = lived().await;
    let hostile = "Sở <script>alert(1)</script> & \"bạn\" ]]> '";
    let admin = town.token("admin").await;
    let agencies = town.app.get("/admin/agencies?q=27-09190").token(&admin).send().await.expect(200).body;
    let found = agencies["items"].as_array().unwrap().iter().find(|agency| agency["code"] == AGENCY).unwrap().clone();
    let path = format!("/admin/agencies/{}", found["id"]);
    let change = town.app.patch(&path, &json!({"name": hostile})).token(&admin);
    change.header("If-Match", &format!("\"{}\"", found["version"])).send().await.expect(200);
    for path in [
        format!("ranking.svg?{YEAR}&min_received=1"),
        format!("ratings.svg?{YEAR}&group_by=agency"),
        "backlog.svg?group_by=agency".to_owned(),
        format!("trend.svg?{YEAR}&agency={AGENCY}"),
    ] {
        let chart = draw(&town, &path).await.text;
        assert!(element(&read(&chart), "desc").contains(hostile), "{path}: {chart}");
        assert!(!chart.contains("<script"), "{path}: {chart}");
    }
}

#[tokio::test]
async fn where_nothing_is_a_chart_says_so() {
    let town = Town::start().await;
    for path in ["trend.svg", "ranking.svg", "ratings.svg", "backlog.svg"] {
        let question = if path == "backlog.svg" { String::new() } else { "?period=2025".to_owned() };
        let chart = draw(&town, &format!("{path}{question}")).await.text;
        let document = read(&chart);
        assert!(written(&document).contains(&"Không có số liệu".to_owned()), "{path}: {chart}");
        assert!(element(&document, "desc").contains("Không có số liệu."), "{path}: {chart}");
        let english = town.app.get(&format!("/charts/{path}{question}")).header("Accept-Language", "en").send().await.expect(200);
        let document = read(&english.text);
        assert!(written(&document).contains(&"No figures".to_owned()), "{path}: {}", english.text);
        assert!(document.root_element().attributes().any(|it| it.name() == "lang" && it.value() == "en"));
    }
}

#[tokio::test]
async fn a_chart_of_a_part_says_which() {
    let town = lived().await;
    let question = format!("{YEAR}&agency={OTHER_AGENCY}&channel=web&agencies=today");
    let title = town.get("", &format!("/agencies?q={OTHER_AGENCY}")).await.expect(200)["items"][0]["name"].clone();
    for path in ["trend.svg", "ranking.svg", "ratings.svg"] {
        let drawn = written(&read(&draw(&town, &format!("{path}?{question}")).await.text)).join(" ");
        for said in [format!("Đơn vị: {}.", title.as_str().unwrap()), "Kênh tiếp nhận: Trang web.".to_owned()] {
            assert!(drawn.contains(&said), "{path}: {said} in {drawn}");
        }
        assert!(drawn.contains("Tính theo đơn vị hiện nay."), "{path}: {drawn}");
    }
}

#[tokio::test]
async fn a_chart_is_refused_by_the_names_of_the_statistics_calls() {
    let town = Town::start().await;
    for (call, question) in [
        ("trend", "step=decade&measures=speed"),
        ("trend", "period=2023&from=2023-01-01"),
        ("trend", "colour=red"),
        ("ranking", "measure=ratings&limit=0&group_by=none"),
        ("ranking", "agency=27-XX&compare=decade"),
        ("backlog", "group_by=month"),
        ("backlog", "as_of=2023-01-01"),
    ] {
        let said = town.get("", &format!("/statistics/{call}?{question}")).await.expect_problem(422, "invalid_values");
        let drawn = town.get("", &format!("/charts/{call}.svg?{question}")).await.expect_problem(422, "invalid_values");
        assert_eq!(drawn.body["errors"], said.body["errors"], "{call} {question}");
    }
    for (path, errors) in [
        ("ratings.svg?group_by=colour&compare=decade", "group_by=not_one_of,compare=not_one_of"),
        ("ratings.svg?measures=received", "measures=unknown_field"),
        ("trend.svg?measures=received,handled,backlog,refused", "measures=out_of_range"),
        ("trend.svg?measures=ratings", "measures=not_one_of"),
    ] {
        assert_eq!(town.get("", &format!("/charts/{path}")).await.expect(422).errors().join(","), errors, "{path}");
    }
    let public = town.get("", "/statistics/backlog").await.expect(200);
    assert_eq!(draw(&town, "backlog.svg").await.header("cache-control"), public.header("cache-control"));
}
