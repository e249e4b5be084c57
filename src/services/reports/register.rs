//! Sổ đăng ký văn bản đến: the register of one agency and year with the ten columns of Decree 30/2020/NĐ-CP, appendix IV.

use super::sheet::{Cell, Column, Sheet, written};
use crate::app::App;
use crate::domain::account::Actor;
use crate::domain::ids::AgencyId;
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
    of_agency(app, actor.agency_id.ok_or(Refusal::RoleMissing)?, year).await
}

/// The whole register of an agency in one year.
///
/// # Errors
/// Only those of the database.
pub async fn of_agency(app: &App, agency: AgencyId, year: i32) -> Result<Sheet, ServiceError> {
    let app_ = app.clone();
    app.db
        .ask(move |connection| {
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
                form: "",
                title: "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN".to_owned(),
                period: period(year),
                unit: "",
                columns: COLUMNS.iter().map(|(heading, width)| Column::alone(*heading, *width)).collect(),
                rows,
                total: None,
                checks: Vec::new(),
                notes: Vec::new(),
                is_signed: false,
            })
        })
        .await
}

fn period(year: i32) -> String {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).map(written).unwrap_or_default();
    format!("Từ ngày {} đến ngày {}", day(1, 1), day(12, 31))
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
