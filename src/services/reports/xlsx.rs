//! XLSX for printing on A4: heading lines, frozen column heads, real numbers and dates, words that are never formulas.

use super::sheet::{Cell, MOST_ROWS, Sheet};
use crate::services::error::ServiceError;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

/// The row of the column heads; heading lines stand above.
const HEAD_ROW: u32 = 5;
const A4: u8 = 9;
/// Points that a line of the table takes.
const LINE_HEIGHT: f64 = 15.0;

/// Writes the table as a workbook of one sheet.
///
/// # Errors
/// `Internal` when it has more rows than a sheet holds.
pub fn write(sheet: &Sheet) -> Result<Vec<u8>, ServiceError> {
    if sheet.rows.len() > MOST_ROWS {
        return Err(ServiceError::Internal("a table has more rows than a sheet holds"));
    }
    fill(sheet).map_err(|_| ServiceError::Internal("an XLSX file cannot be written"))
}

fn fill(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.set_name(&sheet.name)?;
    page.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_repeat_rows(HEAD_ROW, HEAD_ROW)?;
    page.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    page.set_footer("&C&P/&N");
    head(page, sheet)?;
    rows(page, sheet)?;
    page.set_freeze_panes(HEAD_ROW + 1, 0)?;
    workbook.save_to_buffer()
}

fn head(page: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let last = u16::try_from(sheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let bold = Format::new().set_bold().set_font_name("Times New Roman").set_font_size(12);
    let title = bold.clone().set_font_size(14).set_align(FormatAlign::Center);
    let line = Format::new().set_italic().set_font_name("Times New Roman").set_align(FormatAlign::Center);
    page.write_string_with_format(0, 0, sheet.organ.to_uppercase(), &bold)?;
    if last > 0 {
        page.merge_range(2, 0, 2, last, &sheet.title, &title)?;
        page.merge_range(3, 0, 3, last, &sheet.period, &line)?;
    }
    let column_head = bold
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_font_size(11);
    let mut lines = 1;
    for (place, column) in (0_u16..).zip(&sheet.columns) {
        page.write_string_with_format(HEAD_ROW, place, column.heading, &column_head)?;
        page.set_column_width(place, column.width)?;
        lines = lines.max(lines_of(column.heading, column.width));
    }
    page.set_row_height(HEAD_ROW, f64::from(lines) * LINE_HEIGHT)?;
    Ok(())
}

/// How many lines the words take in a column. Programs measure a row themselves only when somebody touches it, and would
/// print the first line of each cell alone.
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

fn rows(page: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let plain = Format::new()
        .set_font_name("Times New Roman")
        .set_font_size(11)
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Top)
        .set_text_wrap();
    let number = plain.clone().set_num_format("#,##0");
    let day = plain.clone().set_num_format("dd/mm/yyyy");
    for (row, cells) in (HEAD_ROW + 1..).zip(&sheet.rows) {
        let words = cells.iter().zip(&sheet.columns).filter_map(|(cell, column)| match cell {
            Cell::Text(words) => Some(lines_of(words, column.width)),
            _ => None,
        });
        page.set_row_height(row, f64::from(words.max().unwrap_or(1)) * LINE_HEIGHT)?;
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Empty => page.write_blank(row, column, &plain)?,
                Cell::Text(words) => page.write_string_with_format(row, column, words, &plain)?,
                Cell::Number(value) => page.write_number_with_format(row, column, float(*value), &number)?,
                Cell::Day(value) => {
                    let date = ExcelDateTime::parse_from_str(&value.format("%Y-%m-%d").to_string())?;
                    page.write_datetime_with_format(row, column, date, &day)?
                }
            };
        }
    }
    Ok(())
}

/// A whole number as spreadsheets hold it; exact below 2⁵³.
fn float(value: i64) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}
