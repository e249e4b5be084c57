//! Sổ đăng ký văn bản đến: the register of incoming documents of one agency and year, with the ten columns of Decree
//! 30/2020/NĐ-CP, appendix IV.

use super::sheet::{ReportSheet, SheetCell, SheetColumn, written};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::figures::statistics;
use crate::figures::statistics::parse_query::FigureParams;
use crate::kernel::Instant;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::petitions::documents::register::{RegisterEntry, entries};
use crate::petitions::store::documents::register::RegisterPart;
use chrono::{Datelike, NaiveDate};

/// Rows read per batch.
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

/// Returns the complete register of the officer's agency in one year.
///
/// # Errors
/// [`ErrorCode::RoleMissing`] for an account without an agency.
pub async fn register(app: &App, actor: &Actor, year: i32) -> Result<ReportSheet, ServiceError> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let part = RegisterPart::whole(actor.agency_id.ok_or(ErrorCode::RoleMissing)?, year);
    part_of(app, part, (day(1, 1), day(12, 31))).await
}

/// Returns the register for request parameters: one agency, and days within one year.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn of_words(app: &App, mut words: FigureParams) -> Result<ReportSheet, ServiceError> {
    let is_whole_year = words.from.is_none() && words.to.is_none();
    if is_whole_year && words.period.is_none() {
        words.period = Some(app.now().local_date().year().to_string());
    }
    let directory = directory::snapshot(app).await?;
    let code = words.agency.clone();
    let read = statistics::span_and_filter(&directory, app.now(), &words);
    let (period, filter) = match (&code, read) {
        (Some(_), read) => read?,
        (None, read) => {
            let missing = FieldProblem::new("agency", FieldRule::Required);
            return Err(std::iter::once(missing).chain(read.err().into_iter().flatten()).collect::<Vec<_>>().into());
        }
    };
    let (from, to) = (period.from(), period.to());
    if from.year() != to.year() {
        let field = if words.period.is_some() { "period" } else { "to" };
        let year = |month, day| NaiveDate::from_ymd_opt(from.year(), month, day).unwrap_or_default().to_string();
        return Err(ServiceError::invalid(field, FieldRule::Between(year(1, 1), year(12, 31))));
    }
    // A code may have been reused for another body; the one that existed on those days is meant.
    let of_code = || directory.agencies_of_code(code.as_deref().unwrap_or_default());
    let existed = of_code().filter(|agency| agency.validity.from <= to && !agency.validity.ended_before(from)).last();
    let agency = existed.or_else(|| of_code().last()).map(|agency| agency.id);
    let part = RegisterPart {
        agency: agency.ok_or_else(|| ServiceError::invalid("agency", FieldRule::UnknownCode))?,
        year: from.year(),
        arrived: Some((Instant::start_of(from), Instant::end_of(to))),
        categories: filter.categories,
    };
    part_of(app, part, (from, to)).await
}

async fn part_of(app: &App, part: RegisterPart, (from, to): (NaiveDate, NaiveDate)) -> Result<ReportSheet, ServiceError> {
    let app_ = app.clone();
    app.db
        .read_bounded(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let organ = directory.agency(part.agency).map(|agency| agency.name.clone()).unwrap_or_default();
            let mut rows = Vec::new();
            let mut after = 0;
            loop {
                let page = entries(connection, &directory, &part, after, CHUNK)?;
                let Some(last) = page.last() else { break };
                after = last.number;
                rows.extend(page.into_iter().map(cells));
            }
            Ok(ReportSheet {
                name: format!("Văn bản đến {}", part.year),
                organ,
                form: "",
                title: "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN".to_owned(),
                period: format!("Từ ngày {} đến ngày {}", written(from), written(to)),
                unit: "",
                columns: COLUMNS.iter().map(|(heading, width)| SheetColumn::alone(*heading, *width)).collect(),
                rows,
                total: None,
                checks: Vec::new(),
                parties: Vec::new(),
                headings: Vec::new(),
                notes: Vec::new(),
                is_signed: false,
            })
        })
        .await
}

fn cells(entry: RegisterEntry) -> Vec<SheetCell> {
    vec![
        SheetCell::Day(entry.arrived_at.local_date()),
        SheetCell::Number(entry.number),
        SheetCell::Text(entry.author),
        SheetCell::Text(entry.symbol),
        SheetCell::Day(entry.document_date),
        SheetCell::Text(entry.summary),
        SheetCell::Text(entry.recipient),
        entry.handed_on_at.map_or(SheetCell::Empty, |at| SheetCell::Day(at.local_date())),
        SheetCell::text(entry.signed_by),
        SheetCell::Text(entry.remark),
    ]
}
