//! Decodes uploaded CSV files: takes the bytes, returns UTF-8 text and the column delimiter.
//!
//! Spreadsheets follow the locale: a semicolon where the comma is the decimal mark, or UTF-16 as "Unicode text".
//! Rule: a file that is not text is rejected as such, and none of its content appears in the error.

use crate::kernel::field_problem::FieldRule;
use crate::kernel::text;
use csv::{ByteRecord, Reader, ReaderBuilder, Trim};

/// Supported delimiters; the first one is the default when the header has none.
const MARKS: [u8; 3] = [b',', b';', b'\t'];
/// Maximum number of characters of a column name repeated in an error.
const SHOWN: usize = 40;

/// Decoded CSV text with its delimiter.
pub(crate) struct CsvText {
    bytes: Vec<u8>,
    mark: u8,
}

impl CsvText {
    /// Decodes a file and detects the delimiter from the header.
    ///
    /// # Errors
    /// [`FieldRule::NoText`] for bytes that are neither UTF-8 nor UTF-16 with a byte order mark. Single lines with
    /// invalid UTF-8 are left to the reader, which can report their number.
    pub fn of(file: &[u8]) -> Result<Self, FieldRule> {
        let mut bytes = match file {
            [0xEF, 0xBB, 0xBF, rest @ ..] => rest.to_vec(),
            [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
            [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
            plain => plain.to_vec(),
        };
        if bytes.contains(&0) {
            return Err(FieldRule::NoText);
        }
        // The reader would count a line too late after `\r\n`; inside texts a line break is `\n` anyway.
        bytes.retain(|byte| *byte != b'\r');
        let heading = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if std::str::from_utf8(heading).map_or(true, |text| text.chars().any(|c| c.is_control() && c != '\t')) {
            return Err(FieldRule::NoText);
        }
        let times = |mark: &u8| heading.iter().filter(|byte| *byte == mark).count();
        // `max_by_key` returns the last maximum, so the order is reversed to prefer the first delimiter.
        let mark = MARKS.into_iter().rev().max_by_key(times).unwrap_or(b',');
        Ok(Self { bytes, mark })
    }

    /// Returns a reader of all lines, including the header.
    pub fn reader(&self) -> Reader<&[u8]> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).trim(Trim::All).delimiter(self.mark);
        builder.from_reader(self.bytes.as_slice())
    }
}

/// Returns whether all cells of a line are empty; spreadsheets leave such lines (`,,,,`) below a table.
pub(crate) fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| std::str::from_utf8(cell).is_ok_and(text::is_empty))
}

/// Returns a column name in a form that is safe to repeat in an error.
pub(crate) fn shown(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).to_lowercase();
    name.chars().filter(|c| !c.is_control() && *c != '\u{FFFD}').take(SHOWN).collect()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, FieldRule> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(FieldRule::NoText);
    }
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).map(String::into_bytes).map_err(|_| FieldRule::NoText)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(file: &[u8]) -> Vec<Vec<String>> {
        let text = CsvText::of(file).unwrap();
        text.reader().records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_heading_tells_what_stands_between_columns() {
        for file in ["a,b\r\n1;2,ẩ\r\n", "a;b\r\n\"1;2\";ẩ\r\n", "a\tb\r\n1;2\tẩ\r\n"] {
            assert_eq!(cells(file.as_bytes()), [["a", "b"], ["1;2", "ẩ"]], "{file}");
        }
        assert_eq!(cells(b"a"), [["a"]]);
    }

    #[test]
    fn utf_16_is_read_and_what_is_no_text_is_not() {
        let text = "a;b\nĐèn;ẩm";
        let little: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(cells(&little), [["a", "b"], ["Đèn", "ẩm"]]);
        assert_eq!(cells(&big), cells(&little));
        let without_mark: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for wrong in [&without_mark[..], b"\xFF\xFEa", b"\xFF\xFE\x00\xD8", b"PK\x03\x04\x14\x00", b"\x89PNG", b"a\x1b[2J,b\n1,2"]
        {
            assert_eq!(CsvText::of(wrong).err(), Some(FieldRule::NoText), "{wrong:?}");
        }
    }
}
