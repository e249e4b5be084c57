//! Names of result rows in both languages.

use crate::kernel::Lang;
use chrono::{Datelike, NaiveDate};

const WORDS: &[(&str, &str, &str)] = &[
    ("province", "Cấp tỉnh", "Province level"),
    ("district", "Cấp huyện", "District level"),
    ("commune", "Cấp xã", "Commune level"),
    ("mobile", "Ứng dụng di động", "Mobile app"),
    ("zalo", "Zalo", "Zalo"),
    ("web", "Trang web", "Web site"),
    ("phone", "Điện thoại", "Telephone"),
    ("counter", "Trực tiếp tại quầy", "Counter"),
    ("open311", "Open311", "Open311"),
    ("national_portal", "Cổng Dịch vụ công quốc gia", "National public service portal"),
    ("citizen", "Người dân", "Citizens"),
    ("business", "Doanh nghiệp", "Businesses"),
    ("normal", "Thường", "Normal"),
    ("urgent", "Khẩn", "Urgent"),
    ("complex", "Phức tạp", "Complex"),
];

/// Returns the name of a value in docs/contract.md §1.1; an unknown value is returned unchanged.
#[must_use]
pub fn of_word(word: &str, lang: Lang) -> String {
    let found = WORDS.iter().find(|(known, _, _)| *known == word);
    found.map_or(word, |(_, vi, en)| lang.pick(vi, en)).to_owned()
}

/// Returns the name of a month.
#[must_use]
pub fn of_month(day: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("Tháng {}/{}", day.month(), day.year()),
        Lang::En => day.format("%B %Y").to_string(),
    }
}
