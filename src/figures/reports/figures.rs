//! Builds the summary tables by agency, category or channel, and the ranking table.

use super::notes;
use super::period_line;
use super::sheet::{ReportSheet, SheetCell, SheetColumn};
use crate::figures::rules::measure::Measure;
use crate::figures::rules::{FigureValue, Figures, GroupBy};
use crate::figures::statistics::answer::{Apart, GroupFigures, Ranking, Summary};
use crate::figures::statistics::labels::{self, MeasureUnit};
use crate::kernel::Lang;

const RECEIVED: &str = "Tiếp nhận, xử lý";
const IN_TIME: &str = "Đã xử lý";
const OPEN: &str = "Đang xử lý";
const RATED: &str = "Hài lòng";

/// The measures of a summary with their columns, in print order.
pub const SUMMARY: [(Measure, SheetColumn); 13] = [
    (Measure::Received, SheetColumn::grouped(RECEIVED, "Tiếp nhận", 9.0)),
    (Measure::Handled, SheetColumn::grouped(RECEIVED, "Đã xử lý", 9.0)),
    (Measure::HandlingRate, SheetColumn::grouped(RECEIVED, "Tỷ lệ xử lý (%)", 9.0)),
    (Measure::Backlog, SheetColumn::grouped(RECEIVED, "Tồn đọng", 9.0)),
    (Measure::HandledEarly, SheetColumn::grouped(IN_TIME, "Trước hạn", 8.0)),
    (Measure::HandledOnTime, SheetColumn::grouped(IN_TIME, "Đúng hạn", 8.0)),
    (Measure::HandledLate, SheetColumn::grouped(IN_TIME, "Quá hạn", 8.0)),
    (Measure::OnTimeRate, SheetColumn::grouped(IN_TIME, "Tỷ lệ đúng hạn (%)", 9.0)),
    (Measure::MeanProcessingDays, SheetColumn::grouped(IN_TIME, "Thời gian xử lý (ngày)", 10.0)),
    (Measure::OpenNotDue, SheetColumn::grouped(OPEN, "Trong hạn", 8.0)),
    (Measure::OpenOverdue, SheetColumn::grouped(OPEN, "Quá hạn", 8.0)),
    (Measure::ResponseRate, SheetColumn::grouped(RATED, "Tỷ lệ đánh giá (%)", 9.0)),
    (Measure::MeanRating, SheetColumn::grouped(RATED, "Điểm trung bình", 9.0)),
];

/// Returns the measures of a summary as a request parameter.
#[must_use]
pub fn summary_measures() -> String {
    let words: Vec<&str> = SUMMARY.iter().map(|(measure, _)| measure.as_str()).collect();
    words.join(",")
}

/// Returns the summary table: the total and one row per group.
#[must_use]
pub fn summary(organ: String, by: &'static str, summary: &Summary) -> ReportSheet {
    let mut columns = vec![SheetColumn::alone("STT", 5.0), SheetColumn::alone(by, 40.0)];
    columns.extend(SUMMARY.iter().map(|(_, column)| column.clone()));
    let cells = |figures: &Figures| SUMMARY.iter().map(|(measure, _)| cell(figures, *measure)).collect::<Vec<_>>();
    let mut total = vec![SheetCell::Empty, SheetCell::Text("Toàn bộ".to_owned())];
    total.extend(cells(&summary.total));
    let row = |(number, group): (i64, &GroupFigures)| {
        let mut row = vec![SheetCell::Number(number), SheetCell::Text(group.name.clone())];
        row.extend(cells(&group.figures));
        row
    };
    ReportSheet {
        name: format!("Theo {}", by.to_lowercase()),
        organ,
        form: "",
        title: format!("KẾT QUẢ TIẾP NHẬN, XỬ LÝ PHẢN ÁNH, KIẾN NGHỊ THEO {}", by.to_uppercase()),
        period: period_line(&summary.period),
        unit: "Đơn vị tính: số phản ánh, kiến nghị",
        columns,
        rows: (1_i64..).zip(&summary.groups).map(row).collect(),
        total: Some(total),
        checks: Vec::new(),
        parties: Vec::new(),
        headings: Vec::new(),
        notes: notes(&summary.period),
        is_signed: true,
    }
}

/// Returns the ranking table; groups without rank come last.
#[must_use]
pub fn ranking(organ: String, of: GroupBy, ranking: &Ranking) -> ReportSheet {
    let by = heading(ranking.measure);
    let columns = vec![
        SheetColumn::alone("Thứ hạng", 9.0),
        SheetColumn::alone("Kỳ trước", 9.0),
        SheetColumn::alone(first_upper(labels::group(of, Lang::Vi)), 50.0),
        SheetColumn::alone("Tiếp nhận", 11.0),
        SheetColumn::alone(by.clone(), 14.0),
        SheetColumn::alone("Ghi chú", 34.0),
    ];
    let cells = |rank: SheetCell, before: SheetCell, group: &GroupFigures, remark: SheetCell| {
        let figures = &group.figures;
        vec![
            rank,
            before,
            SheetCell::Text(group.name.clone()),
            cell(figures, Measure::Received),
            cell(figures, ranking.measure),
            remark,
        ]
    };
    let ranked = ranking.items.iter().map(|item| {
        let number = |rank: usize| SheetCell::Number(i64::try_from(rank).unwrap_or(i64::MAX));
        cells(number(item.rank), item.previous_rank.map_or(SheetCell::Empty, number), &item.group, SheetCell::Empty)
    });
    let apart = ranking.apart.iter().map(|group| {
        let why = match group.reason {
            Apart::FewReceived => format!("Không xếp hạng: tiếp nhận dưới {}", ranking.min_received),
            Apart::FewCounted => format!("Không xếp hạng: cơ sở tính dưới {}", ranking.min_received),
            Apart::NoFigure => "Không xếp hạng: không có số liệu".to_owned(),
            Apart::OtherKind => "Không xếp hạng: không cùng loại".to_owned(),
        };
        cells(SheetCell::Empty, SheetCell::Empty, &group.group, SheetCell::Text(why))
    });
    ReportSheet {
        name: "Xếp hạng".to_owned(),
        organ,
        form: "",
        title: format!("XẾP HẠNG VỀ PHẢN ÁNH, KIẾN NGHỊ: {}", by.to_uppercase()),
        period: period_line(&ranking.period),
        unit: "",
        columns,
        rows: ranked.chain(apart).collect(),
        total: None,
        checks: Vec::new(),
        parties: Vec::new(),
        headings: Vec::new(),
        notes: notes(&ranking.period),
        is_signed: true,
    }
}

/// A column heading: measure and unit.
fn heading(measure: Measure) -> String {
    let name = labels::measure(measure, Lang::Vi);
    match labels::unit(measure) {
        MeasureUnit::Percent => format!("{name} (%)"),
        MeasureUnit::Days => format!("{name} (ngày)"),
        MeasureUnit::Petitions | MeasureUnit::Times | MeasureUnit::Score => name.to_owned(),
    }
}

fn first_upper(words: &str) -> String {
    let mut signs = words.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

fn cell(figures: &Figures, measure: Measure) -> SheetCell {
    match figures.get(measure) {
        Some(FigureValue::Count(count)) => SheetCell::Number(count),
        Some(FigureValue::Decimal(Some(number))) => SheetCell::Decimal(number),
        // Division by zero.
        Some(FigureValue::Decimal(None)) => SheetCell::Text("-".to_owned()),
        Some(FigureValue::Ratings(_)) | None => SheetCell::Empty,
    }
}
