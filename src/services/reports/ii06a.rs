//! Biểu II.06a/VPCP/KSTT: how petitions were handled, with the thirteen columns of Circular 01/2020/TT-VPCP and its arithmetic.

use super::sheet::{Cell, Check, Column, FIRST_ROW, Sheet};
use super::{notes, period_line};
use crate::services::statistics::{HandlingForm, HandlingRow};

const fn column(group: &'static str, heading: &'static str) -> Column {
    Column::grouped(group, heading, 10.0)
}

const COLUMNS: [Column; 13] = [
    Column::grouped("", "STT", 5.0),
    Column::grouped("", "Đơn vị", 44.0),
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

/// Lays the form out.
#[must_use]
pub fn sheet(organ: String, form: &HandlingForm) -> Sheet {
    let first = FIRST_ROW + 1;
    let last = (FIRST_ROW + form.rows.len()).max(first);
    let column_sum = |letter: char, value: i64| Cell::Sum(format!("SUM({letter}{first}:{letter}{last})"), value);
    let total = &form.total;
    let sums = ('C'..='M').zip(values(total)).map(|(letter, value)| column_sum(letter, value));
    let total = [Cell::Empty, Cell::Text("Tổng cộng".to_owned())].into_iter().chain(sums).collect();
    let range = |letter: &char| format!("{letter}{FIRST_ROW}:{letter}{last}");
    let check = |rule, whole: char, parts: &[char]| {
        let parts: Vec<String> = parts.iter().map(range).collect();
        Check { rule, formula: format!("SUMPRODUCT(--({}<>{}))=0", range(&whole), parts.join("+")) }
    };
    Sheet {
        name: "II.06a".to_owned(),
        organ,
        form: "Biểu số II.06a/VPCP/KSTT",
        title: "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT PHẢN ÁNH, KIẾN NGHỊ".to_owned(),
        period: period_line(&form.period),
        unit: "Đơn vị tính: số phản ánh, kiến nghị",
        columns: COLUMNS.to_vec(),
        rows: form.rows.iter().enumerate().map(|(place, row)| line(place, row)).collect(),
        total: Some(total),
        checks: vec![
            check("(3) = (4) + (5) + (6)", 'C', &['D', 'E', 'F']),
            check("(7) = (8) + (9) + (10)", 'G', &['H', 'I', 'J']),
            check("(11) = (12) + (13)", 'K', &['L', 'M']),
            check("(3) = (7) + (11)", 'C', &['G', 'K']),
        ],
        notes: notes(&form.period)
            .into_iter()
            .chain(["Đơn vị không có phản ánh, kiến nghị nào phải xử lý trong kỳ thì không có dòng.".to_owned()])
            .collect(),
        is_signed: true,
    }
}

/// Columns 3 to 13.
fn values(row: &HandlingRow) -> [i64; 11] {
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

fn line(place: usize, row: &HandlingRow) -> Vec<Cell> {
    let sheet_row = FIRST_ROW + 1 + place;
    let sum = |parts: [char; 2], value| Cell::Sum(format!("SUM({}{sheet_row}:{}{sheet_row})", parts[0], parts[1]), value);
    let number = i64::try_from(place + 1).unwrap_or(i64::MAX);
    vec![
        Cell::Number(number),
        Cell::Text(row.name.clone()),
        sum(['D', 'F'], row.to_handle()),
        Cell::Number(row.online),
        Cell::Number(row.direct),
        Cell::Number(row.carried),
        sum(['H', 'J'], row.handled()),
        Cell::Number(row.early),
        Cell::Number(row.on_time),
        Cell::Number(row.late),
        sum(['L', 'M'], row.open()),
        Cell::Number(row.not_due),
        Cell::Number(row.overdue),
    ]
}
