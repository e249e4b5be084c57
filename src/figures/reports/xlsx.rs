//! XLSX for printing on A4: heading lines, frozen column headings, real numbers and dates, text that is never a
//! formula.

use super::sheet::{FIRST_ROW, MOST_ROWS, ReportSheet, SheetCell, SheetColumn};
use crate::db::service_error::ServiceError;
use crate::kernel::error_code::ErrorCode;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError};

/// Rows counted from 0, as in the library: column groups, columns, column numbers; heading lines are above.
const GROUP_ROW: u32 = 6;
const HEAD_ROW: u32 = 7;
const NUMBER_ROW: u32 = 8;
const A4: u8 = 9;
/// Height of one text line in points.
const LINE_HEIGHT: f64 = 15.0;
/// A table with more columns has room for the national motto beside the name of the body.
const WIDE: u16 = 4;

/// Writes the table as a workbook with one sheet.
///
/// # Errors
/// [`ErrorCode::TooManyRows`] when it has more rows than a sheet holds: a table is never truncated.
pub fn write(sheet: &ReportSheet) -> Result<Vec<u8>, ServiceError> {
    if sheet.rows.len() > MOST_ROWS {
        return Err(ErrorCode::TooManyRows.into());
    }
    fill(sheet).map_err(|_| ServiceError::Internal("an XLSX file cannot be written"))
}

fn fill(sheet: &ReportSheet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.set_name(&sheet.name)?;
    page.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_repeat_rows(GROUP_ROW, NUMBER_ROW)?;
    page.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    page.set_footer("&C&P/&N");
    let last = u16::try_from(sheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    lines_above(page, sheet, last)?;
    heads(page, &sheet.columns)?;
    let below = rows(page, sheet)?;
    lines_below(page, sheet, last, below)?;
    page.set_freeze_panes(NUMBER_ROW + 1, 0)?;
    workbook.save_to_buffer()
}

fn words() -> Format {
    Format::new().set_font_name("Times New Roman").set_font_size(11)
}

fn centred() -> Format {
    words().set_align(FormatAlign::Center)
}

fn lines_above(page: &mut Worksheet, sheet: &ReportSheet, last: u16) -> Result<(), XlsxError> {
    let half = last / 2;
    if last > WIDE {
        page.merge_range(0, 0, 0, half, &sheet.organ.to_uppercase(), &centred().set_bold())?;
        page.merge_range(0, half + 1, 0, last, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", &centred().set_bold())?;
        page.merge_range(1, 0, 1, half, sheet.form, &centred())?;
        page.merge_range(1, half + 1, 1, last, "Độc lập - Tự do - Hạnh phúc", &centred().set_bold())?;
    } else {
        page.write_string_with_format(0, 0, sheet.organ.to_uppercase(), &words().set_bold())?;
        page.write_string_with_format(1, 0, sheet.form, &words())?;
    }
    let sides = [(0, half), (half + 1, last)];
    for (line, (from, to)) in sheet.parties.iter().zip(sides).filter(|_| last > WIDE) {
        page.merge_range(2, from, 2, to, line, &centred())?;
    }
    if last > 0 {
        page.merge_range(3, 0, 3, last, &sheet.title, &centred().set_bold().set_font_size(14))?;
        page.merge_range(4, 0, 4, last, &sheet.period, &centred().set_italic())?;
        page.merge_range(5, 0, 5, last, sheet.unit, &words().set_italic().set_align(FormatAlign::Right))?;
    }
    Ok(())
}

fn heads(page: &mut Worksheet, columns: &[SheetColumn]) -> Result<(), XlsxError> {
    let head = centred().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter).set_text_wrap();
    let number = centred().set_italic().set_border(FormatBorder::Thin).set_font_size(9);
    let mut lines = 1;
    for (place, column) in (0_u16..).zip(columns) {
        page.set_column_width(place, column.width)?;
        lines = lines.max(lines_of(&column.heading, column.width));
        if column.group.is_empty() {
            page.merge_range(GROUP_ROW, place, HEAD_ROW, place, &column.heading, &head)?;
        } else {
            page.write_string_with_format(HEAD_ROW, place, column.heading.as_ref(), &head)?;
        }
        page.write_string_with_format(NUMBER_ROW, place, format!("({})", place + 1), &number)?;
    }
    for group in columns.chunk_by(|one, other| one.group == other.group && !one.group.is_empty()) {
        let Some(first) = group.first().filter(|column| !column.group.is_empty()) else { continue };
        let from = columns.iter().position(|column| column.group == first.group).unwrap_or_default();
        let from = u16::try_from(from).unwrap_or(u16::MAX);
        let to = from + u16::try_from(group.len().saturating_sub(1)).unwrap_or_default();
        if from == to {
            page.write_string_with_format(GROUP_ROW, from, first.group, &head)?;
        } else {
            page.merge_range(GROUP_ROW, from, GROUP_ROW, to, first.group, &head)?;
        }
    }
    page.set_row_height(HEAD_ROW, f64::from(lines) * LINE_HEIGHT)?;
    Ok(())
}

/// Estimates the lines of a text in a column. Spreadsheet programs adjust the row height only on editing, so without
/// this only the first line of each cell would be printed.
fn lines_of(words: &str, width: f64) -> u32 {
    let (mut lines, mut taken) = (1, 0.0);
    for word in words.split_whitespace() {
        let length = f64::from(u32::try_from(word.chars().count()).unwrap_or(u32::MAX));
        if taken > 0.0 && taken + 1.0 + length > width {
            lines += 1;
            taken = length;
        } else {
            taken += length + if taken > 0.0 { 1.0 } else { 0.0 };
        }
    }
    lines
}

/// Writes the total and the rows; returns the next free row.
fn rows(page: &mut Worksheet, sheet: &ReportSheet) -> Result<u32, XlsxError> {
    let plain = words().set_border(FormatBorder::Thin).set_align(FormatAlign::Top).set_text_wrap();
    let mut row = u32::try_from(FIRST_ROW - 1).unwrap_or_default();
    if let Some(total) = &sheet.total {
        cells(page, &sheet.columns, row, total, &plain.clone().set_bold())?;
        row += 1;
    }
    let heading = plain.clone().set_bold();
    for (place, line) in sheet.rows.iter().enumerate() {
        let format = if sheet.headings.contains(&place) { &heading } else { &plain };
        cells(page, &sheet.columns, row, line, format)?;
        row += 1;
    }
    Ok(row)
}

fn cells(page: &mut Worksheet, columns: &[SheetColumn], row: u32, line: &[SheetCell], plain: &Format) -> Result<(), XlsxError> {
    let lines = line.iter().zip(columns).filter_map(|(cell, column)| match cell {
        SheetCell::Text(words) => Some(lines_of(words, column.width)),
        _ => None,
    });
    page.set_row_height(row, f64::from(lines.max().unwrap_or(1)) * LINE_HEIGHT)?;
    let whole = plain.clone().set_num_format("#,##0");
    for (column, cell) in (0_u16..).zip(line) {
        match cell {
            SheetCell::Empty => page.write_blank(row, column, plain)?,
            SheetCell::Text(words) => page.write_string_with_format(row, column, words, plain)?,
            SheetCell::Number(value) => page.write_number_with_format(row, column, float(&value.to_string()), &whole)?,
            SheetCell::Decimal(value) => {
                let decimal = plain.clone().set_num_format("#,##0.00");
                page.write_number_with_format(row, column, float(&value.to_string()), &decimal)?
            }
            SheetCell::Sum(formula, value) => {
                page.write_formula_with_format(row, column, Formula::new(formula).set_result(value.to_string()), &whole)?
            }
            SheetCell::Day(value) => {
                let date = ExcelDateTime::parse_from_str(&value.format("%Y-%m-%d").to_string())?;
                page.write_datetime_with_format(row, column, date, &plain.clone().set_num_format("dd/mm/yyyy"))?
            }
        };
    }
    Ok(())
}

fn lines_below(page: &mut Worksheet, sheet: &ReportSheet, last: u16, below: u32) -> Result<(), XlsxError> {
    let mut row = below + 1;
    for check in &sheet.checks {
        page.write_string_with_format(row, 1, format!("Kiểm tra {}", check.rule), &words().set_italic())?;
        let verdict = Formula::new(format!("IF({},\"Đúng\",\"SAI\")", check.formula));
        let verdict = verdict.set_result(if check.holds { "Đúng" } else { "SAI" });
        page.write_formula_with_format(row, 2, verdict, &words().set_bold())?;
        row += 1;
    }
    for note in &sheet.notes {
        page.write_string_with_format(row, 0, note, &words().set_italic())?;
        row += 1;
    }
    if sheet.is_signed && last > 1 {
        let half = last / 2;
        let day = "………, ngày …… tháng …… năm ……";
        row += 1;
        page.merge_range(row, half + 1, row, last, day, &centred().set_italic())?;
        for (line, (left, right)) in
            (row + 1..).zip([("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"), ("(Ký, ghi rõ họ tên)", "(Ký, đóng dấu)")])
        {
            let format = if line == row + 1 { centred().set_bold() } else { centred().set_italic() };
            page.merge_range(line, 0, line, half, left, &format)?;
            page.merge_range(line, half + 1, line, last, right, &format)?;
        }
    }
    Ok(())
}

/// Converts a number to a spreadsheet double; integers are exact below 2⁵³.
fn float(number: &str) -> f64 {
    number.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::reports::sheet::SheetColumn;

    fn sheet(rows: usize) -> ReportSheet {
        ReportSheet {
            name: "Thử".to_owned(),
            organ: "Ủy ban nhân dân".to_owned(),
            form: "",
            title: "BẢNG".to_owned(),
            period: String::new(),
            unit: "",
            columns: vec![SheetColumn::alone("Số", 8.0), SheetColumn::alone("Nội dung", 20.0)],
            rows: vec![Vec::new(); rows],
            total: None,
            checks: Vec::new(),
            parties: Vec::new(),
            headings: Vec::new(),
            notes: Vec::new(),
            is_signed: false,
        }
    }

    #[test]
    fn a_table_is_never_cut() {
        assert!(matches!(write(&sheet(MOST_ROWS + 1)), Err(ServiceError::Rejected(ErrorCode::TooManyRows))));
        assert!(write(&sheet(3)).is_ok());
    }

    #[test]
    fn lines_are_counted_as_they_break() {
        assert_eq!((lines_of("", 5.0), lines_of("một hai", 7.0), lines_of("một hai", 6.0)), (1, 1, 2));
        assert_eq!(lines_of("một hai ba bốn", 7.0), 2);
    }
}
