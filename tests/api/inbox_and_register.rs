//! What an agency sees: its inbox by deadline, its register line by line, and who stands behind a petition.

use crate::app::Answered;
use crate::town::{AGENCY, OTHER_AGENCY, Petition, Town, form, form_with};
use diesel::{QueryDsl, RunQueryDsl};
use pakn::db::StorageError;
use pakn::db::schema::identity_looks;
use pakn::petitions::rules::petitioner::LookPurpose;
use serde_json::{Value, json};

fn codes(list: &Answered) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
}

async fn inbox(town: &Town, who: &str, query: &str) -> Vec<String> {
    codes(&town.get(who, &format!("/documents?{query}")).await.expect(200))
}

#[tokio::test]
async fn the_inbox_is_in_the_order_of_the_deadlines() {
    let town = Town::start().await;
    let complex = town.file(&form_with(json!({"urgency": "complex"}))).await.code;
    let normal = town.file(&form()).await.code;
    let urgent = town.file(&form_with(json!({"urgency": "urgent"}))).await.code;
    town.file(&form_with(json!({"area": "09187"}))).await;
    assert_eq!(inbox(&town, "clerk", "").await, [urgent, normal, complex], "and only those of the agency");
}

#[tokio::test]
async fn the_inbox_is_narrowed_by_what_an_officer_asks_for() {
    let town = Town::start().await;
    let garbage = town.file(&form()).await;
    let street = town.file(&form_with(json!({"title": "Lấn chiếm vỉa hè", "category": "via-he-le-duong"}))).await;
    let urgent = town.file(&form_with(json!({"urgency": "urgent"}))).await;
    town.token("handler").await;
    town.act("leader", street.document, "assign", json!({"account": "handler"})).await.expect(200);
    town.bring_to(&garbage, "answered").await;
    let (garbage, street, urgent) = (garbage.code, street.code, urgent.code);
    for (who, query, expected) in [
        ("clerk", "status=arrived", vec![&urgent]),
        ("clerk", "status=completed", vec![&garbage]),
        ("clerk", "year=2026&status=assigned", vec![&street]),
        ("clerk", "year=2025", vec![]),
        ("handler", "assignee=me", vec![&street]),
        ("clerk", "assignee=me", vec![]),
        ("clerk", "assignee=Handler", vec![&street]),
        ("clerk", "category=via-he-le-duong", vec![&street]),
        ("clerk", "due_before=2026-03-03T00:00:00%2B07:00", vec![&urgent]),
        ("clerk", "due_before=2026-03-02T06:30:00Z", vec![]),
        ("clerk", "overdue=true", vec![]),
        ("clerk", "q=lan%20chiem", vec![&street]),
        ("clerk", "q=L%E1%BA%A4N%20v%E1%BB%89a", vec![&street]),
        ("clerk", "q=rac%20ngo&status=arrived", vec![&urgent]),
        ("clerk", "q=_", vec![]),
        ("clerk", "q=%5C", vec![]),
    ] {
        assert_eq!(inbox(&town, who, query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    for (query, wrong) in [
        ("status=done", "status=not_one_of"),
        ("category=nix", "category=unknown_code"),
        ("assignee=nobody", "assignee=unknown_code"),
        ("overdue=perhaps", "overdue=wrong_type"),
        ("year=MMXXVI", "year=wrong_type"),
        ("due_before=2026-02-30T00:00:00Z", "due_before=unreadable"),
        ("limit=101", "limit=out_of_range"),
        ("order=number", "order=unknown_field"),
        ("cursor=AAAA", "cursor=foreign_cursor"),
    ] {
        assert_eq!(town.get("clerk", &format!("/documents?{query}")).await.wrong_fields(), [wrong]);
    }
}

#[tokio::test]
async fn what_is_past_its_deadline_and_still_open_is_overdue() {
    let town = Town::start().await;
    let late = town.file(&form_with(json!({"urgency": "urgent"}))).await;
    let answered = town.file(&form_with(json!({"urgency": "urgent"}))).await;
    town.bring_to(&answered, "answered").await;
    town.file(&form()).await;
    town.at("2026-03-02T13:30:00+07:00");
    assert_eq!(inbox(&town, "clerk", "overdue=true").await, Vec::<String>::new(), "up to the due instant it is in time");
    town.at("2026-03-02T13:30:01+07:00");
    assert_eq!(inbox(&town, "clerk", "overdue=true").await, std::slice::from_ref(&late.code));
    let all = town.get("clerk", "/documents").await.expect(200);
    let flags = all["items"].as_array().unwrap().iter().filter(|item| item["is_overdue"] == json!(true)).count();
    assert_eq!(flags, 1);
    town.bring_to(&late, "answered").await;
    assert_eq!(inbox(&town, "clerk", "overdue=true").await, Vec::<String>::new());
}

#[tokio::test]
async fn pages_of_the_inbox_stay_whole_while_new_ones_arrive() {
    let town = Town::start().await;
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.push(town.file(&form()).await.code);
    }
    let first = town.get("clerk", "/documents?limit=3").await.expect(200);
    let (mut seen, mut next) = (codes(&first), first["next_cursor"].clone());
    // One that belongs on the page that was read, and one behind all others.
    town.file(&form_with(json!({"urgency": "urgent"}))).await;
    expected.push(town.file(&form_with(json!({"urgency": "complex"}))).await.code);
    while let Some(cursor) = next.as_str() {
        let page = town.get("clerk", &format!("/documents?limit=3&cursor={cursor}")).await.expect(200);
        seen.extend(codes(&page));
        next = page["next_cursor"].clone();
    }
    assert_eq!(seen, expected);
    let register = town.get("clerk", "/documents/register?limit=2").await.expect(200).text_of("/next_cursor");
    let foreign = town.get("clerk", &format!("/documents?cursor={register}")).await;
    assert_eq!(foreign.wrong_fields(), ["cursor=foreign_cursor"]);
}

#[tokio::test]
async fn documents_of_another_agency_do_not_exist() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    for path in ["", "/petitioner"] {
        let foreign = town.get("elsewhere", &format!("/documents/{}{path}", petition.document)).await;
        foreign.expect_problem(404, "document_not_found");
        let missing = town.get("elsewhere", &format!("/documents/999999{path}")).await;
        missing.expect_problem(404, "document_not_found");
    }
    for id in ["0", "-1", "x", "99999999999999999999", "1.5"] {
        town.get("clerk", &format!("/documents/{id}")).await.expect_problem(404, "document_not_found");
    }
    town.get("elsewhere", &format!("/petitions/{}", petition.code)).await.expect_problem(404, "petition_not_found");
}

/// Two lines: the first handed on, the second assigned.
async fn two_lines(town: &Town) -> (Petition, Petition) {
    let title = "=HYPERLINK(\"http://example.vn\")";
    let first = town.file(&form_with(json!({"title": title}))).await;
    let transfer = json!({"agency": OTHER_AGENCY, "reason": "Khác địa bàn"});
    town.act("clerk", first.document, "transfer", transfer).await.expect(200);
    town.at("2026-03-03T08:00:00+07:00");
    let second = town.file(&form()).await;
    town.token("handler").await;
    town.act("leader", second.document, "assign", json!({"account": "handler"})).await.expect(200);
    (first, second)
}

#[tokio::test]
async fn the_register_counts_its_lines_and_keeps_them() {
    let town = Town::start().await;
    let (first, second) = two_lines(&town).await;
    let register = town.get("clerk", "/documents/register?year=2026").await.expect(200);
    let lines = register["items"].as_array().unwrap();
    assert_eq!(lines.iter().map(|line| line["number"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((&lines[0]["symbol"], &lines[0]["status"]), (&json!(first.code), &json!("transferred")));
    assert_eq!(lines[0]["handed_on_at"], "2026-03-02T08:00:00+07:00");
    assert_eq!((&lines[1]["symbol"], &lines[1]["handed_on_at"]), (&json!(second.code), &Value::Null));
    assert_eq!((&lines[1]["author"], &lines[1]["recipient"]), (&json!("Công dân"), &json!("UBND P. Võ Cường")));
    assert!(!register.text.contains("Nguyễn Văn An"), "no person in the register");
    assert_eq!(town.get("clerk", "/documents/register?year=2025").await.expect(200)["items"], json!([]));
    let page = town.get("clerk", "/documents/register?limit=1").await.expect(200);
    let next = town.get("clerk", &format!("/documents/register?limit=1&cursor={}", page.text_of("/next_cursor"))).await;
    assert_eq!(next.expect(200)["items"][0]["number"], 2);
}

#[tokio::test]
async fn a_new_year_begins_a_new_register() {
    let town = Town::start().await;
    town.at("2026-12-31T23:59:59+07:00");
    assert_eq!(town.file(&form()).await.receipt["document"]["year"], 2026);
    town.at("2027-01-01T00:00:00+07:00");
    let new = town.file(&form()).await.receipt["document"].clone();
    assert_eq!((&new["year"], &new["number"]), (&json!(2027), &json!(1)));
}

#[tokio::test]
async fn the_register_is_a_csv_with_the_ten_columns_of_the_decree() {
    let town = Town::start().await;
    let (first, second) = two_lines(&town).await;
    let file = town.get("clerk", "/documents/register.csv?year=2026").await.expect(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").contains("so-van-ban-den-2026.csv"));
    let lines: Vec<&str> = file.text.split("\r\n").collect();
    // The test client takes the byte order mark for what it is and leaves it out of the text.
    let headings = "Ngày đến,Số đến,Tác giả,\"Số, ký hiệu văn bản\",Ngày tháng văn bản,Tên loại và trích yếu nội dung,\
                    Đơn vị hoặc người nhận,Ngày chuyển,Ký nhận,Ghi chú";
    assert_eq!(lines[0].trim_start_matches('\u{FEFF}'), headings);
    let expected = format!(
        "02/03/2026,1,Công dân,{},02/03/2026,\"Phản ánh, kiến nghị: =HYPERLINK(\"\"http://example.vn\"\")\",UBND P. Võ Cường,02/03/2026,,Đã chuyển",
        first.code
    );
    assert_eq!(lines[1], expected);
    let expected = format!(
        "03/03/2026,2,Công dân,{},03/03/2026,\"Phản ánh, kiến nghị: Rác thải tồn đọng\",UBND P. Võ Cường,,Trần Thị Bình,Đang xử lý",
        second.code
    );
    assert_eq!(lines[2], expected);
    assert_eq!(lines.len(), 4, "and nothing behind the last line end");
    for line in lines.iter().flat_map(|line| line.split(',')) {
        assert!(!line.trim_matches('"').starts_with(['=', '+', '@']), "a spreadsheet would run {line}");
    }
}

#[tokio::test]
async fn files_for_spreadsheets_begin_as_such() {
    let town = Town::start().await;
    two_lines(&town).await;
    let token = town.token("clerk").await;
    let bytes = async |path: &str| {
        let url = format!("http://{}/api/v1{path}", town.app.address());
        let answer = reqwest::Client::new().get(url).bearer_auth(&token).send().await.unwrap();
        (answer.headers()["content-type"].to_str().unwrap().to_owned(), answer.bytes().await.unwrap())
    };
    let (_, csv) = bytes("/documents/register.csv").await;
    assert_eq!(csv[..3], [0xEF, 0xBB, 0xBF], "the mark by which Excel knows UTF-8");
    let (media_type, xlsx) = bytes("/documents/register.xlsx?year=2026").await;
    assert_eq!(media_type, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert_eq!(xlsx[..4], *b"PK\x03\x04");
    assert_eq!(town.get("clerk", "/documents/register.xlsx?year=nix").await.wrong_fields(), ["year=wrong_type"]);
}

/// How often officers looked at an identity.
async fn looks(town: &Town) -> i64 {
    town.app.app.db.read(|connection| Ok::<_, StorageError>(identity_looks::table.count().get_result(connection)?)).await.unwrap()
}

#[tokio::test]
async fn each_look_at_a_person_is_written_down() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    let path = format!("/documents/{}", petition.document);
    let document = town.get("clerk", &path).await.expect(200);
    for secret in ["Nguyễn Văn An", "912345678", "an@example.vn", "21.18614"] {
        assert!(!document.text.contains(secret), "{secret}");
    }
    assert_eq!(looks(&town).await, 0);
    let person = town.get("clerk", &format!("{path}/petitioner")).await.expect(200);
    assert_eq!((&person["full_name"], &person["phone"]), (&json!("Nguyễn Văn An"), &json!("+84912345678")));
    assert_eq!((&person["latitude"], &person["longitude"]), (&json!(21.186_149), &json!(106.076_551)));
    assert_eq!(looks(&town).await, 1);
    town.get("leader", &format!("{path}/petitioner")).await.expect(200);
    assert_eq!(looks(&town).await, 2);
}

#[tokio::test]
async fn a_look_says_what_for() {
    let town = Town::start().await;
    let photo = crate::attachments::sent(&town.app, &crate::media::jpeg(30, 20)).await;
    let petition = town.file(&form_with(json!({"attachments": [photo]}))).await;
    let (person, code) = (format!("/documents/{}/petitioner", petition.document), &petition.code);
    let original = format!("/documents/{}/attachments/{photo}/original", petition.document);
    town.get("clerk", &person).await.expect(200);
    town.get("clerk", &format!("{person}?purpose=contact")).await.expect(200);
    town.get("clerk", &format!("{original}?purpose=verification")).await.expect(200);
    town.get("coordinator", &format!("/coordination/{code}/petitioner?purpose=legal_request")).await.expect(200);
    for (wrong, said) in [("purpose=curiosity", "purpose=not_one_of"), ("why=x", "why=unknown_field")] {
        for path in [&person, &original] {
            assert_eq!(town.get("clerk", &format!("{path}?{wrong}")).await.wrong_fields(), [said]);
        }
    }
    let stored = |connection: &mut pakn::db::DbConnection| {
        let purposes = identity_looks::table.order(identity_looks::id).select(identity_looks::purpose);
        Ok::<_, StorageError>(purposes.load::<LookPurpose>(connection)?)
    };
    let stored = town.app.app.db.read(stored).await.unwrap();
    let purposes = ["handling", "contact", "verification", "legal_request"];
    assert_eq!(stored.iter().map(|purpose| purpose.as_str()).collect::<Vec<_>>(), purposes);
    let entries = town.get("admin", &format!("/admin/audit?subject_kind=petition&subject={code}")).await.expect(200).body;
    let told: Vec<&str> =
        entries["items"].as_array().unwrap().iter().filter_map(|entry| entry["detail"]["purpose"].as_str()).rev().collect();
    assert_eq!(told, purposes, "{entries}");
}

#[tokio::test]
async fn who_wants_to_stay_unknown_is_known_to_the_coordinator_only() {
    let town = Town::start().await;
    let petition = town.file(&form_with(json!({"hide_identity": true}))).await;
    let path = format!("/documents/{}/petitioner", petition.document);
    town.get("leader", &path).await.expect_problem(403, "identity_hidden");
    assert_eq!(looks(&town).await, 0);
    let person = town.get("coordinator", &format!("/coordination/{}/petitioner", petition.code)).await.expect(200);
    assert_eq!(person["full_name"], "Nguyễn Văn An");
    assert_eq!(looks(&town).await, 1);
}

#[tokio::test]
async fn an_agency_that_has_handed_on_sees_the_person_no_more() {
    let town = Town::start().await;
    let petition = town.file(&form()).await;
    let transfer = json!({"agency": OTHER_AGENCY, "reason": "Khác địa bàn"});
    town.act("clerk", petition.document, "transfer", transfer).await.expect(200);
    let path = format!("/documents/{}/petitioner", petition.document);
    town.get("clerk", &path).await.expect_problem(403, "identity_hidden");
    assert_eq!(town.document("clerk", petition.document).await["agency"]["code"], AGENCY, "its line stays");
}
