//! Old petitions from a file: as if they had lived here, counted in their own year, and all lines or none.

use crate::app::Answered;
use crate::town::{AGENCY, Town};
use crate::verify::report;
use pakn::ops::jobs::run_maintenance;
use reqwest::Method;
use serde_json::{Value, json};

const HEADER: &str =
    "number,received_at,category,area,title,content,agency,full_name,phone,outcome,answer,answered_at,score,reason_code";
const ANSWERED: &str = "PA-2,2019-03-07 09:00,rac-thai-chat-thai,09190,Rác thải tồn đọng,Rác thải tồn đọng ba ngày ở đầu ngõ.,,Nguyễn Văn An,0912345678,resolved,Đã thu gom rác trong ngày.,2019-03-08 10:00,5,";
const OPEN: &str =
    "PA-1,2019-03-05 08:30,rac-thai-chat-thai,09190,Đèn đường hỏng,Đèn đường hỏng đã hai tuần ở ngõ 12.,27-256-QLDT,,,,,,,";
const REFUSED: &str = "PA-3,2019-04-01 08:30,rac-thai-chat-thai,09187,Hỏi luật,Cho hỏi luật đất đai mới có gì?,,,,refused,Đề nghị hỏi cơ quan tư pháp.,2019-04-02 08:00,,legal_question";
const UNRATED: &str = "PA-4,2019-04-03 08:30,rac-thai-chat-thai,09187,Nước thải ra ngõ,Nước thải chảy ra ngõ cả tuần nay.,,,,explained,Đã nhắc nhở hộ dân.,2019-04-30 08:00,,";

fn file(lines: &[&str]) -> String {
    std::iter::once(&HEADER).chain(lines).map(|line| format!("{line}\r\n")).collect()
}

async fn import(town: &Town, query: &str, csv: String) -> Answered {
    let token = town.token("admin").await;
    town.app.request(Method::POST, &format!("/admin/petition-imports{query}")).token(&token).body("text/csv", csv).send().await
}

async fn figures(town: &Town, question: &str) -> Value {
    let answer = town.get("", &format!("/statistics/summary?{question}")).await.expect(200);
    let names = ["received", "handled", "handled_late", "refused", "rated"];
    names.iter().map(|name| answer["total"][name].clone()).collect()
}

#[tokio::test]
async fn each_petition_stands_in_its_year_with_what_happened_to_it() {
    let town = Town::start().await;
    let today = town.filed("assigned").await;
    let csv = file(&[ANSWERED, OPEN, REFUSED, UNRATED]);
    let tried = import(&town, "?dry_run=true", csv.clone()).await.expect(200);
    assert_eq!(tried.body, json!({"created": 4, "unchanged": 0, "dry_run": true}));
    assert_eq!(figures(&town, "period=2019").await, json!([0, 0, 0, 0, 0]));

    let done = import(&town, "", csv.clone()).await.expect(200);
    assert_eq!(done.body, json!({"created": 4, "unchanged": 0, "dry_run": false}));
    assert_eq!(figures(&town, "period=2019").await, json!([3, 2, 1, 1, 1]));
    let of_agency = town.get("", &format!("/statistics/summary?period=2019&agency={AGENCY}")).await.expect(200);
    assert_eq!((&of_agency["total"]["received"], &of_agency["total"]["mean_processing_days"]), (&json!(1), &json!(1.04)));

    let public = town.get("", "/public/petitions?q=tồn đọng").await.expect(200);
    let answered =
        public["items"].as_array().unwrap().iter().find(|item| item["received_at"].as_str().unwrap().starts_with("2019"));
    let code = answered.expect("it is published").clone()["code"].as_str().unwrap().to_owned();
    assert!(code.starts_with("BN19-"), "{code}");
    let read = town.get("", &format!("/public/petitions/{code}")).await.expect(200);
    assert_eq!(read["answer"], "Đã thu gom rác trong ngày.");
    assert!(!read.text.contains("Nguyễn Văn An"));
    let register = town.get("clerk", "/documents/register.csv?year=2019").await.expect(200);
    assert_eq!(register.text.lines().count(), 2, "{}", register.text);
    assert!(register.text.contains(&code));

    // Nobody is told of what happened years ago, and the worker has nothing left to do about it.
    assert_eq!(run_maintenance(&town.app.app).await.unwrap().acted, 0);
    assert_eq!(town.get("clerk", "/me/notifications").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(town.get("admin", "/admin/outbox").await.expect(200)["items"], json!([]));
    let (findings, _) = report(&town.app).await;
    assert!(findings.is_empty(), "{findings:?}");

    let again = import(&town, "", csv).await.expect(200);
    assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(4)));
    let elsewhere = import(&town, "?source=1022", file(&[ANSWERED])).await.expect(200);
    assert_eq!(elsewhere["created"], 1, "another system has numbers of its own");
    assert_eq!(town.read(&today).await["document"]["number"], 1);
}

#[tokio::test]
async fn every_bad_line_is_named_and_nothing_is_stored() {
    let town = Town::start().await;
    let other = OPEN.replace("PA-1", "PA-5");
    let cells = |from: &str, to: &str| other.replacen(from, to, 1);
    let lines = [
        OPEN.to_owned(),
        OPEN.to_owned(),
        cells("2019-03-05 08:30", "5.3.2019").replacen("PA-5", "PA-6", 1),
        cells("2019-03-05", "2099-03-05").replacen("PA-5", "PA-7", 1),
        cells("rac-thai-chat-thai", "nix").replacen("PA-5", "PA-8", 1).replacen("09190", "99999", 1),
        cells("27-256-QLDT", "24-SXD").replacen("PA-5", "PA-9", 1),
        cells(",,,,,,,", ",,sai,,,,,").replacen("PA-5", "PA-10", 1),
        cells("Đèn đường hỏng,", "Đèn,").replacen("PA-5", "PA-11", 1),
        ANSWERED.replacen("2019-03-08", "2019-03-06", 1).replacen(",5,", ",6,", 1).replacen("resolved", "done", 1),
        REFUSED.replacen("legal_question", "", 1),
        "PA-12,2019-03-05 08:30".to_owned(),
        cells(",,,,,,,", ",,,,Trả lời,,,").replacen("PA-5", "PA-13", 1),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let wrong = import(&town, "", file(&lines)).await;
    assert_eq!(wrong.wrong_fields(), ["lines.12=malformed"], "first the form of the file");
    let fitting: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with("PA-12")).collect();
    let said = import(&town, "", file(&fitting)).await.wrong_fields();
    let expected = [
        "lines.3.number=duplicate",
        "lines.4.received_at=malformed",
        "lines.5.received_at=out_of_range",
        "lines.6.category=unknown_code",
        "lines.6.area=unknown_code",
        "lines.7.agency=unknown_code",
        "lines.8.phone=invalid_phone",
        "lines.9.title=too_short",
        "lines.10.answered_at=must_not_be_before",
        "lines.10.outcome=not_one_of",
        "lines.10.score=out_of_range",
        "lines.11.reason_code=required",
        "lines.12.answer=not_allowed",
    ];
    assert_eq!(said, expected);
    assert_eq!(figures(&town, "period=2019").await, json!([0, 0, 0, 0, 0]));
}

#[tokio::test]
async fn what_is_no_such_file_and_what_was_entered_otherwise_is_refused() {
    let town = Town::start().await;
    import(&town, "", file(&[OPEN])).await.expect(200);
    let changed = OPEN.replace("hai tuần", "ba tuần");
    let nameless = ANSWERED.replace("Rác thải tồn đọng,", "Rác,");
    let wrong = import(&town, "", file(&[&changed.replacen("rac-thai-chat-thai", "nix", 1), &nameless])).await;
    assert!(wrong.text.contains("BN19-"), "the code is named: {}", wrong.text);
    let said = wrong.wrong_fields();
    assert_eq!(said, ["lines.2.number=entered_otherwise", "lines.2.category=unknown_code", "lines.3.title=too_short"]);
    assert_eq!(figures(&town, "period=2019").await, json!([1, 0, 0, 0, 0]));
    for (csv, wrong) in [
        (String::new(), vec!["lines.1=malformed"]),
        (file(&[]), vec!["lines=required"]),
        (
            "number,colour\r\nx,y\r\n".to_owned(),
            vec![
                "lines.1.colour=unknown_field",
                "lines.1.received_at=required",
                "lines.1.category=required",
                "lines.1.area=required",
                "lines.1.title=required",
                "lines.1.content=required",
            ],
        ),
    ] {
        assert_eq!(import(&town, "", csv).await.wrong_fields(), wrong);
    }
    assert_eq!(import(&town, "?source=", file(&[OPEN])).await.wrong_fields(), ["source=required"]);
    town.get("admin", "/admin/petition-imports").await.expect(405);
    let clerk = town.token("clerk").await;
    let refused = town.app.request(Method::POST, "/admin/petition-imports").token(&clerk).body("text/csv", file(&[OPEN]));
    refused.send().await.expect_problem(403, "role_missing");
}

#[tokio::test]
async fn ten_thousand_lines_come_in_one_go() {
    let town = Town::start().await;
    let many = if cfg!(debug_assertions) { 300 } else { 10_000 };
    let line = |number: usize| {
        let (month, day) = (1 + number % 12, 1 + number % 28);
        ANSWERED
            .replace("PA-2", &format!("PA-{number}"))
            .replace("2019-03-0", &format!("2019-{month:02}-{day:02}T"))
            .replace(&format!("2019-{month:02}-{day:02}T7 09:00"), &format!("2019-{month:02}-{day:02} 07:00"))
            .replace(&format!("2019-{month:02}-{day:02}T8 10:00"), &format!("2019-{month:02}-{day:02} 16:00"))
    };
    let lines: Vec<String> = (0..many).map(line).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(import(&town, "", file(&lines)).await.expect(200)["created"], many);
    assert_eq!(figures(&town, "period=2019").await[0], many);
    let (findings, _) = report(&town.app).await;
    assert!(findings.is_empty(), "{findings:?}");
}

#[tokio::test]
async fn the_same_file_from_several_at_once_is_entered_once() {
    let town = Town::start().await;
    let token = town.token("admin").await;
    let csv = file(&[ANSWERED, OPEN, REFUSED, UNRATED]);
    let send =
        || town.app.request(Method::POST, "/admin/petition-imports?source=cc").token(&token).body("text/csv", csv.clone()).send();
    let (one, two, three, four) = tokio::join!(send(), send(), send(), send());
    let mut done = Vec::new();
    for answer in [one, two, three, four] {
        let answer = answer.expect(200);
        done.push((answer["created"].as_i64().unwrap(), answer["unchanged"].as_i64().unwrap()));
    }
    done.sort_unstable();
    assert_eq!(done, [(0, 4), (0, 4), (0, 4), (4, 0)]);
    // With other content the number is named, whoever came first.
    let other = csv.replace("PA-", "PB-");
    let changed = other.replace("hai tuần", "ba tuần");
    let send = |csv: String| {
        town.app.request(Method::POST, "/admin/petition-imports?source=cc").token(&token).body("text/csv", csv).send()
    };
    let (one, two) = tokio::join!(send(other), send(changed));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "{} {}", one.text, two.text);
    let refused = if one.status == 422 { one } else { two };
    assert_eq!(refused.wrong_fields(), ["lines.3.number=entered_otherwise"]);
}

#[tokio::test]
async fn what_spreadsheets_save_is_read() {
    let town = Town::start().await;
    let token = town.token("admin").await;
    let csv = file(&[ANSWERED, OPEN]);
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(csv.replace(',', "\t").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let send = async |body: Vec<u8>| {
        town.app.request(Method::POST, "/admin/petition-imports").token(&token).body("text/csv", body).send().await
    };
    assert_eq!(send(csv.replace(',', ";").into_bytes()).await.expect(200)["created"], 2);
    assert_eq!(send(utf16).await.expect(200)["unchanged"], 2, "the same in another coding");
    let photo = crate::media::jpeg(20, 10);
    let refused = send(photo).await;
    assert!(!refused.text.contains('\u{FFFD}') && !refused.text.contains("JFIF"), "{}", refused.text);
    assert_eq!(refused.wrong_fields(), ["lines=no_text"]);
}

#[tokio::test]
async fn blank_rows_old_mobiles_and_communes_in_words_are_understood() {
    let town = Town::start().await;
    let line = |number: &str, area: &str, phone: &str| {
        format!(
            "{number},2019-03-05 08:30,rac-thai-chat-thai,{area},Đèn đường hỏng,Đèn đường hỏng đã hai tuần ở ngõ 12.,,,{phone},,,,,"
        )
    };
    let (first, second) = (line("PA-1", "09190", "0168 123 4567"), line("PA-2", "\"Ninh Xá, Thuận Thành\"", "0987/654/321"));
    let (third, unclear) = (line("PA-3", "\"phường Ninh Xá, thành phố Bắc Ninh\"", "01201234567"), line("PA-4", "Ninh Xá", ""));
    let csv = file(&[",,,,,,,,,,,,,", &first, ",,,,", &second, "\u{A0}, ,\u{200B}", &third, ",,,,,,,,,,,,,", ""]);
    let answer = import(&town, "", csv).await.expect(200);
    assert_eq!(answer.body, json!({"created": 3, "unchanged": 0, "dry_run": false}));
    let mut found = Vec::new();
    for item in town.get("coordinator", "/statistics/petitions?period=2019&bucket=received").await.expect(200)["items"]
        .as_array()
        .unwrap()
    {
        let code = item["code"].as_str().unwrap();
        let person = town.get("coordinator", &format!("/coordination/{code}/petitioner")).await.expect(200);
        found.push((item["area"]["code"].as_str().unwrap().to_owned(), person.text_of("/phone")));
    }
    found.sort();
    let expected = [("09184", "+84701234567"), ("09190", "+84381234567"), ("09445", "+84987654321")];
    assert_eq!(found, expected.map(|(area, phone)| (area.to_owned(), phone.to_owned())));
    assert_eq!(import(&town, "", file(&[&unclear])).await.wrong_fields(), ["lines.2.area=unknown_code"]);
}
