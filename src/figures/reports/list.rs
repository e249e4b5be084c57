//! The list behind a figure: as many rows as the figure says, each petition as of the cut-off, without personal data
//! or texts.

use super::notes;
use super::period_line;
use super::sheet::{ReportSheet, SheetCell, SheetColumn};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::figures::statistics::answer::{CodeName, DrillDown, PetitionBehind};
use crate::figures::statistics::parse_query::FigureParams;
use crate::figures::statistics::{self, DrillDownPage, labels};
use crate::kernel::account::Actor;
use crate::kernel::{Instant, Lang};
use crate::petitions::rules::Timeliness;

const COLUMNS: [(&str, f64); 11] = [
    ("STT", 6.0),
    ("Mã số", 17.0),
    ("Cơ quan", 36.0),
    ("Lĩnh vực", 24.0),
    ("Địa bàn", 22.0),
    ("Ngày tiếp nhận", 12.0),
    ("Hạn xử lý", 12.0),
    ("Ngày trả lời", 12.0),
    ("Trạng thái", 20.0),
    ("Trước/đúng/quá hạn", 12.0),
    ("Điểm", 7.0),
];

/// Returns the petitions that `bucket` counts.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn list(
    app: &App,
    reader: Option<&Actor>,
    organ: String,
    words: FigureParams,
    bucket: Option<String>,
) -> Result<ReportSheet, ServiceError> {
    let whole = DrillDownPage { after: None, limit: usize::MAX };
    let found = statistics::drill_down(app, reader.cloned(), words, bucket, whole, Lang::Vi).await?;
    let name = labels::measure(found.bucket, Lang::Vi);
    Ok(ReportSheet {
        name: "Danh sách".to_owned(),
        organ,
        form: "",
        title: format!("DANH SÁCH PHẢN ÁNH, KIẾN NGHỊ: {}", name.to_uppercase()),
        period: period_line(&found.period),
        unit: "Đơn vị tính: phản ánh, kiến nghị",
        columns: COLUMNS.iter().map(|(heading, width)| SheetColumn::alone(*heading, *width)).collect(),
        rows: rows(&found),
        total: None,
        checks: Vec::new(),
        parties: Vec::new(),
        headings: Vec::new(),
        notes: std::iter::once(format!("Chỉ tiêu: {name}, {} dòng.", found.count)).chain(notes(&found.period)).collect(),
        is_signed: true,
    })
}

/// A petition with two counted events has two rows, so that the number of rows equals the figure.
fn rows(found: &DrillDown) -> Vec<Vec<SheetCell>> {
    let each = found.items.iter().flat_map(|item| std::iter::repeat_n(item, usize::try_from(item.times).unwrap_or_default()));
    (1_i64..).zip(each).map(|(number, item)| cells(number, item, found.period.as_of)).collect()
}

fn cells(number: i64, item: &PetitionBehind, as_of: Instant) -> Vec<SheetCell> {
    let name = |named: &Option<CodeName>| SheetCell::text(named.as_ref().map(|named| named.name.clone()));
    let agency = item.agency.as_ref().map_or("Bàn điều phối", |agency| agency.name.as_str());
    vec![
        SheetCell::Number(number),
        SheetCell::Text(item.code.clone()),
        SheetCell::Text(agency.to_owned()),
        name(&item.category),
        name(&item.area),
        SheetCell::Day(item.received_at.local_date()),
        SheetCell::Day(item.due_at.local_date()),
        item.answered_at.map_or(SheetCell::Empty, |at| SheetCell::Day(at.local_date())),
        SheetCell::Text(labels::status(item.status).to_owned()),
        SheetCell::Text(in_time(item, as_of).to_owned()),
        item.score.map_or(SheetCell::Empty, |score| SheetCell::Number(score.into())),
    ]
}

/// Answered petitions: in time or late. Unanswered ones: overdue or not. Empty for all others.
fn in_time(item: &PetitionBehind, as_of: Instant) -> &'static str {
    match item.timeliness {
        Some(Timeliness::Early) => "Trước hạn",
        Some(Timeliness::OnTime) => "Đúng hạn",
        Some(Timeliness::Late) => "Quá hạn",
        None if !item.status.is_valid() => "",
        None if item.due_at < as_of => "Quá hạn",
        None => "Trong hạn",
    }
}
