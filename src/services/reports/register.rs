//! Sổ đăng ký văn bản đến: the register of one agency and year with the ten columns of Decree 30/2020/NĐ-CP, appendix IV.

use super::sheet::{Cell, Column, Sheet};
use crate::app::App;
use crate::domain::account::Actor;
use crate::domain::refusal::Refusal;
use crate::services::directory;
use crate::services::documents::register::{RegisterEntry, entries};
use crate::services::error::ServiceError;
use chrono::NaiveDate;

/// Lines read at once.
const CHUNK: i64 = 2000;

const COLUMNS: [(&str, f64); 10] = [
    ("Ngày đến", 11.0),
    ("Số đến", 8.0),
    ("Tác giả", 14.0),
    ("Số, ký hiệu văn bản", 17.0),
    ("Ngày tháng văn bản", 12.0),
    ("Tên loại và trích yếu nội dung", 48.0),
    ("Đơn vị hoặc người nhận", 24.0),
    ("Ngày chuyển", 11.0),
    ("Ký nhận", 16.0),
    ("Ghi chú", 16.0),
];

/// The whole register of the officer's agency in one year.
///
/// # Errors
/// [`Refusal::RoleMissing`] for an account without an agency; otherwise only those of the database.
pub async fn register(app: &App, actor: &Actor, year: i32) -> Result<Sheet, ServiceError> {
    let agency = actor.agency_id.ok_or(Refusal::RoleMissing)?;
    let app_ = app.clone();
    app.db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let organ = directory.agency(agency).map(|agency| agency.name.clone()).unwrap_or_default();
            let mut rows = Vec::new();
            let mut after = 0;
            loop {
                let page = entries(connection, &directory, agency, year, after, CHUNK)?;
                let Some(last) = page.last() else { break };
                after = last.number;
                rows.extend(page.into_iter().map(cells));
            }
            Ok(Sheet {
                name: format!("Văn bản đến {year}"),
                organ,
                title: "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN".to_owned(),
                period: period(year),
                columns: COLUMNS.iter().map(|(heading, width)| Column { heading, width: *width }).collect(),
                rows,
            })
        })
        .await
}

fn period(year: i32) -> String {
    let written = |day: Option<NaiveDate>| day.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default();
    let (first, last) = (NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year, 12, 31));
    format!("Từ ngày {} đến ngày {}", written(first), written(last))
}

fn cells(entry: RegisterEntry) -> Vec<Cell> {
    vec![
        Cell::Day(entry.arrived_at.local_date()),
        Cell::Number(entry.number),
        Cell::Text(entry.author),
        Cell::Text(entry.symbol),
        Cell::Day(entry.document_date),
        Cell::Text(entry.summary),
        Cell::Text(entry.recipient),
        entry.handed_on_at.map_or(Cell::Empty, |at| Cell::Day(at.local_date())),
        Cell::text(entry.signed_by),
        Cell::Text(entry.remark),
    ]
}
