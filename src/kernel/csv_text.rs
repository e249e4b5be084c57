//! What somebody uploads as a table of text: enters as the bytes of a file, leaves as UTF-8 with the mark between its columns.
//!
//! Spreadsheets write what suits their language: a semicolon where the comma is the decimal mark, UTF-16 as "Unicode text". Rule: a
//! file that is no text is refused as such, and nothing of it is repeated.

use crate::kernel::field_problem::FieldRule;
use crate::kernel::text;
use csv::{ByteRecord, Reader, ReaderBuilder, Trim};

/// The marks that may stand between columns; the first one where the heading has none.
const MARKS: [u8; 3] = [b',', b';', b'\t'];
/// Letters of a heading that are repeated in a problem.
const SHOWN: usize = 40;

/// A table as it is read.
pub(crate) struct CsvText {
    bytes: Vec<u8>,
    mark: u8,
}

impl CsvText {
    /// Decodes a file and finds out what separates its columns.
    ///
    /// # Errors
    /// [`FieldRule::NoText`] for bytes that are neither UTF-8 nor UTF-16 with its mark. Single lines that are not UTF-8 are left to
    /// the reader, which can name them.
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
        // The reader would count a line late after `\r\n`; inside of texts a line break is `\n` anyway.
        bytes.retain(|byte| *byte != b'\r');
        let heading = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if std::str::from_utf8(heading).map_or(true, |text| text.chars().any(|c| c.is_control() && c != '\t')) {
            return Err(FieldRule::NoText);
        }
        let times = |mark: &u8| heading.iter().filter(|byte| *byte == mark).count();
        // Of several that come equally often the last would be taken.
        let mark = MARKS.into_iter().rev().max_by_key(times).unwrap_or(b',');
        Ok(Self { bytes, mark })
    }

    /// A reader of its lines, the heading among them.
    pub fn reader(&self) -> Reader<&[u8]> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).trim(Trim::All).delimiter(self.mark);
        builder.from_reader(self.bytes.as_slice())
    }
}

/// Whether a line has nothing in any of its cells: spreadsheets leave such (`,,,,`) below a table.
pub(crate) fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| std::str::from_utf8(cell).is_ok_and(text::is_empty))
}

/// The name of a column as a problem may repeat it.
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
