//! Biểu II.06a/VPCP/KSTT: how petitions were handled, with the thirteen columns of Circular 01/2020/TT-VPCP and its
//! arithmetic checks.
//!
//! Agencies are listed by level, under headings with the sums of the level; categories are listed without levels.

use super::ReportParties;
use super::notes;
use super::period_line;
use super::sheet::{FIRST_ROW, ReportSheet, SheetCell, SheetCheck, SheetColumn};
use crate::directory::rules::area::Level;
use crate::figures::rules::GroupBy;
use crate::figures::statistics::{HandlingCounts, HandlingForm, HandlingRow};

const fn column(group: &'static str, heading: &'static str) -> SheetColumn {
    SheetColumn::grouped(group, heading, 10.0)
}

const COLUMNS: [SheetColumn; 13] = [
    SheetColumn::grouped("", "STT", 5.0),
    SheetColumn::grouped("", "Đơn vị", 44.0),
    column("Số phản ánh, kiến nghị tiếp nhận", "Tổng số"),
    column("Số phản ánh, kiến nghị tiếp nhận", "Trong kỳ: trực tuyến"),
    column("Số phản ánh, kiến nghị tiếp nhận", "Trong kỳ: trực tiếp, điện thoại"),
    column("Số phản ánh, kiến nghị tiếp nhận", "Từ kỳ trước"),
    column("Số đã giải quyết", "Tổng số"),
    column("Số đã giải quyết", "Trước hạn"),
    column("Số đã giải quyết", "Đúng hạn"),
    column("Số đã giải quyết", "Quá hạn"),
    column("Số đang giải quyết", "Tổng số"),
    column("Số đang giải quyết", "Trong hạn"),
    column("Số đang giải quyết", "Quá hạn"),
];

const NUMERALS: [&str; 4] = ["I", "II", "III", "IV"];

/// Returns the form as a table.
#[must_use]
pub fn sheet(parties: ReportParties, form: &HandlingForm) -> ReportSheet {
    let by_agency = form.by == GroupBy::Agency;
    let body = if by_agency { levels(form) } else { FormBody::of(&form.rows, FIRST_ROW + 1) };
    let first = FIRST_ROW + 1;
    let last = (FIRST_ROW + body.lines.len()).max(first);
    let sums = LETTERS.zip(values(&form.total)).map(|(letter, value)| {
        let formula = if by_agency && !body.headings.is_empty() {
            let rows: Vec<String> = body.headings.iter().map(|place| format!("{letter}{}", first + place)).collect();
            rows.join("+")
        } else {
            format!("SUM({letter}{first}:{letter}{last})")
        };
        SheetCell::Sum(formula, value)
    });
    let total = [SheetCell::Empty, SheetCell::Text("Tổng cộng".to_owned())].into_iter().chain(sums).collect();
    let mut columns = COLUMNS.to_vec();
    if let Some(column) = columns.get_mut(1).filter(|_| !by_agency) {
        column.heading = "Lĩnh vực".into();
    }
    ReportSheet {
        name: "II.06a".to_owned(),
        organ: parties.reports.clone(),
        form: "Biểu số II.06a/VPCP/KSTT",
        title: "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT PHẢN ÁNH, KIẾN NGHỊ".to_owned(),
        period: period_line(&form.period),
        unit: "Đơn vị tính: số phản ánh, kiến nghị",
        parties: vec![format!("Đơn vị báo cáo: {}", parties.reports), format!("Đơn vị nhận báo cáo: {}", parties.receives)],
        columns,
        rows: body.lines,
        headings: body.headings,
        total: Some(total),
        checks: checks(form, last),
        notes: notes(&form.period)
            .into_iter()
            .chain([
                "Đơn vị, lĩnh vực không có phản ánh, kiến nghị nào phải xử lý trong kỳ thì không có dòng.".to_owned(),
                "Phản ánh, kiến nghị được tính cho đơn vị đang giữ tại thời điểm chốt; đã trả lời trước kỳ mà được xem xét lại \
                 trong kỳ thì không tính lại."
                    .to_owned(),
            ])
            .collect(),
        is_signed: true,
    }
}

/// The letters of columns 3 to 13.
const LETTERS: std::ops::RangeInclusive<char> = 'C'..='M';

/// The arithmetic checks for the total, every heading and every row.
fn checks(form: &HandlingForm, last: usize) -> Vec<SheetCheck> {
    let range = |letter: &char| format!("{letter}{FIRST_ROW}:{letter}{last}");
    let everywhere = |holds: &dyn Fn(&[i64; 11]) -> bool| {
        let all = form.rows.iter().map(|row| &row.counts).chain(std::iter::once(&form.total));
        all.map(values).all(|row| holds(&row))
    };
    let adds_up = |rule, whole: char, parts: &[char]| {
        let at = |letter: char, row: &[i64; 11]| LETTERS.zip(row).find(|(other, _)| *other == letter).map_or(0, |(_, it)| *it);
        let holds = everywhere(&|row| at(whole, row) == parts.iter().map(|part| at(*part, row)).sum::<i64>());
        let parts: Vec<String> = parts.iter().map(range).collect();
        SheetCheck { rule, formula: format!("SUMPRODUCT(--({}<>{}))=0", range(&whole), parts.join("+")), holds }
    };
    vec![
        adds_up("(3) = (4) + (5) + (6)", 'C', &['D', 'E', 'F']),
        adds_up("(7) = (8) + (9) + (10)", 'G', &['H', 'I', 'J']),
        adds_up("(11) = (12) + (13)", 'K', &['L', 'M']),
        adds_up("(3) = (7) + (11)", 'C', &['G', 'K']),
        SheetCheck {
            rule: "không có số âm",
            formula: format!("COUNTIF(C{FIRST_ROW}:M{last},\"<0\")=0"),
            holds: everywhere(&|row| row.iter().all(|value| *value >= 0)),
        },
    ]
}

/// The rows below the total, and which of them are headings.
#[derive(Default)]
struct FormBody {
    lines: Vec<Vec<SheetCell>>,
    headings: Vec<usize>,
}

impl FormBody {
    /// Creates plain rows; `first` is the spreadsheet row of the first one.
    fn of(rows: &[HandlingRow], first: usize) -> Self {
        let lines = rows.iter().enumerate().map(|(place, row)| {
            let number = SheetCell::Number(i64::try_from(place + 1).unwrap_or(i64::MAX));
            line(first + place, number, &row.name, &row.counts)
        });
        Self { lines: lines.collect(), headings: Vec::new() }
    }
}

/// Creates rows under the headings of their levels; an empty level has no heading.
fn levels(form: &HandlingForm) -> FormBody {
    let mut body = FormBody::default();
    let parts = form.rows.chunk_by(|one, other| one.level == other.level);
    for (part, numeral) in parts.zip(NUMERALS) {
        let heading_row = FIRST_ROW + 1 + body.lines.len();
        let (first, last) = (heading_row + 1, heading_row + part.len());
        let mut sum = HandlingCounts::default();
        part.iter().for_each(|row| sum += &row.counts);
        let sums = LETTERS
            .zip(values(&sum))
            .map(|(letter, value)| SheetCell::Sum(format!("SUM({letter}{first}:{letter}{last})"), value));
        let name = level_name(part.first().and_then(|row| row.level));
        body.headings.push(body.lines.len());
        body.lines
            .push([SheetCell::Text(numeral.to_owned()), SheetCell::Text(name.to_owned())].into_iter().chain(sums).collect());
        body.lines.extend(FormBody::of(part, first).lines);
    }
    body
}

const fn level_name(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Province) => "Cơ quan cấp tỉnh (sở, ban, ngành)",
        Some(Level::District) => "Cấp huyện",
        Some(Level::Commune) => "Cấp xã",
        None => "Bàn điều phối của tỉnh",
    }
}

/// Columns 3 to 13.
const fn values(row: &HandlingCounts) -> [i64; 11] {
    [
        row.to_handle(),
        row.online,
        row.direct,
        row.carried,
        row.handled(),
        row.early,
        row.on_time,
        row.late,
        row.open(),
        row.not_due,
        row.overdue,
    ]
}

fn line(sheet_row: usize, number: SheetCell, name: &str, row: &HandlingCounts) -> Vec<SheetCell> {
    let sum = |parts: [char; 2], value| SheetCell::Sum(format!("SUM({}{sheet_row}:{}{sheet_row})", parts[0], parts[1]), value);
    vec![
        number,
        SheetCell::Text(name.to_owned()),
        sum(['D', 'F'], row.to_handle()),
        SheetCell::Number(row.online),
        SheetCell::Number(row.direct),
        SheetCell::Number(row.carried),
        sum(['H', 'J'], row.handled()),
        SheetCell::Number(row.early),
        SheetCell::Number(row.on_time),
        SheetCell::Number(row.late),
        sum(['L', 'M'], row.open()),
        SheetCell::Number(row.not_due),
        SheetCell::Number(row.overdue),
    ]
}
