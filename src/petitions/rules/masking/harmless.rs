//! Finds numbers that identify nobody: dates, times, money, counts, documents, petition codes, public phone numbers,
//! coordinates.
//!
//! Takes the folded text, returns spans that stay. Two tables: patterns clear by their form, which are applied first,
//! and patterns that could also be part of a phone number, which are applied after phone numbers.

use super::folded_text::FoldedText;
use super::numbers::{LONGEST_GAP, LONGEST_PHONE, is_phone};
use super::pattern::patterns;
use crate::petitions::rules::code::PetitionCode;
use std::ops::Range;

patterns! {
    /// 12/03/2024, 12-3-2024, 12.03.2024.
    DAY = r"\b(?:0?[1-9]|[12]\d|3[01])\x20?[/.-]\x20?(?:0?[1-9]|1[0-2])\x20?[/.-]\x20?(?:19|20)\d\d\b";
    /// 2024-03-12 and 2024/03.
    ISO_DAY = r"\b(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])(?:[-/.](?:0[1-9]|[12]\d|3[01]|[1-9]))?(?:t\d\d:\d\d(?::\d\d)?)?\b";
    /// 12/03/24, 12/3.
    SHORT_DAY = r"\b(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])(?:/\d\d)?\b";
    /// 03/2024.
    MONTH = r"\b(?:0?[1-9]|1[0-2])\x20?[/.-]\x20?(?:19|20)\d\d\b";
    /// 2021-2025, 2023, 2024 and 2025.
    YEARS = r"\b(?:19|20)\d\d(?:\x20?[-/,;\x20]\x20?(?:19|20)\d\d)+\b";
    /// 08:30, 8:30:15.
    TIME = r"\b(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?\b";
    /// 03/2023/QĐ-UBND, 1234/UBND-NC.
    DOCUMENT = r"\b\d{1,7}(?:\x20?/\x20?\d{4})?\x20?/\x20?[a-z]{1,6}[a-z0-9]*\b";
    /// BN26-7K3QX9-C, however it is spaced; checked by its last character.
    CODE = r"\bbn[-\x20.]?\d\d[-\x20.]?[0-9a-z]{6}[-\x20.]?[0-9a-z]\b";
    /// 1900 1234, 1800 599 928, 1022, 113.
    PUBLIC_PHONE = r"\b(?:1[89]00[\x20.-]?(?:\d{4}|\d\d[\x20.-]?\d\d|\d{3}[\x20.-]?\d{3}|\d\d[\x20.-]\d\d[\x20.-]\d\d)|1022|1080|11[1-9])\b";
    /// Keywords for the phone of an authority.
    OF_AUTHORITY = r"\b(?:duong\x20day\x20nong|hotline|tong\x20dai|truc\x20ban|so\x20truc|van\x20phong|ubnd|uy\x20ban|cong\x20an|mot\x20cua|phong\x20[a-z]|
        so\x20(?:xay|tai|nong|cong|giao|y|van|noi|tu|thong|khoa|lao|ke|ngoai|dan|tnmt|gtvt|tttt|ldtbxh|gddt|xd|nv|yt|vhttdl)|
        ban\x20quan\x20ly|tram\x20y\x20te|dien\x20luc|cap\x20nuoc|trung\x20tam|chi\x20cuc)[^0-9\x01\n.!?]{0,60}$";
    /// 0222 3822 456, 02223.821.331.
    LANDLINE = r"\b02\d{1,2}[\x20.-]?\d{1,4}(?:[\x20.-]?\d{2,4}){1,3}\b";
    /// 21.18615, 106.07630.
    COORDINATES = r"\b(?:8|9|1\d|2[0-4])[.,]\d{3,8}\x20?[;,/\x20]\x20?1[01]\d[.,]\d{3,8}\b";
    /// 120 000 000 đồng, 1.250.000.000 VND, 1.250 m2, 250000 kWh.
    WITH_UNIT = r"\b(?:[1-9]\d{0,2}(?:[\x20.,']\d{3})+|[1-9]\d*)(?:[.,]\d{1,2})?\x20?
        (?:\(\x20?)?(?:d|vnd|vn\x20dong|dong|usd|eur|trieu|ty|ti|nghin|ngan|m2|m3|m|met|km2?|cm|mm|ha|tan|kg|ta|lit|kwh|mw|%|nguoi|ho|luot|dan|nhan\x20khau)\b";
    /// Amounts after a word for money: 1.250.000.000.
    BEHIND_WORD = r"(?:so\x20tien|kinh\x20phi|tri\x20gia|tong\x20von|von\x20dau\x20tu|hoc\x20phi|vien\x20phi|vnd|usd|\$)[\x20:(]{0,3}(?:la\x20|tren\x20|hon\x20|gan\x20|khoang\x20)?
        [1-9]\d{0,2}(?:[\x20.,']\d{3})+(?:[.,]\d{1,2})?\b";
    /// Grouped in thousands: 50.000, 1 250 000, 1.250.000.000.
    THOUSANDS = r"\b[1-9]\d{0,2}(?:\x20\d{3})+\b|\b[1-9]\d{0,2}(?:\.\d{3})+\b|\b[1-9]\d{0,2}(?:,\d{3})+\b|\b[1-9]\d{0,2}(?:'\d{3})+\b";
}

/// How many characters before a landline number a word for its owner may stand.
const REACH: usize = 80;
/// Maximum digits of a number grouped in thousands without a unit, unless it is a round one.
const SMALL_COUNT: usize = 8;

/// Returns the spans clear by their form.
pub(super) fn by_form(view: &FoldedText) -> Vec<Range<usize>> {
    let signs = view.ascii.as_slice();
    let mut found = Vec::new();
    for pattern in [&ISO_DAY, &SHORT_DAY, &TIME] {
        found.extend(pattern.spans(signs).filter(|span| stands_alone(view, span)));
    }
    for pattern in [&DAY, &MONTH, &YEARS] {
        // Parts of a longer number do not match: 03 - 200 - 1 - 1900 contains no month.
        found.extend(pattern.spans(signs).filter(|span| stands_alone(view, span) && counts(view, span)));
    }
    for pattern in [&DOCUMENT, &COORDINATES] {
        found.extend(pattern.spans(signs).filter(|span| begins_alone(view, span)));
    }
    found.extend(CODE.spans(signs).filter(|span| is_code(view, span)));
    found.extend(LANDLINE.spans(signs).filter(|span| is_of_authority(view, span)));
    for pattern in [&WITH_UNIT, &BEHIND_WORD] {
        found.extend(pattern.spans(signs).filter(|span| counts(view, span)));
    }
    found
}

/// Returns the spans that could also be part of a phone number.
pub(super) fn by_grouping(view: &FoldedText) -> Vec<Range<usize>> {
    let is_count = |span: &Range<usize>| {
        let signs = view.slice(span.clone());
        let digits = signs.iter().filter(|sign| sign.is_ascii_digit()).count();
        begins_alone(view, span) && (digits <= SMALL_COUNT || signs.ends_with(b"000"))
    };
    let mut found: Vec<Range<usize>> = THOUSANDS.spans(&view.ascii).filter(is_count).collect();
    found.extend(public_phones(view));
    found
}

/// Returns public phone numbers.
pub(super) fn public_phones(view: &FoldedText) -> Vec<Range<usize>> {
    PUBLIC_PHONE.spans(&view.ascii).filter(|span| begins_alone(view, span)).collect()
}

/// Returns whether a position lies in one of the spans.
pub(super) fn covers(spans: &[Range<usize>], place: usize) -> bool {
    spans.iter().any(|span| span.contains(&place))
}

/// Checks that the number does not continue before or after: 09/12/34/56/78 contains no date.
fn stands_alone(view: &FoldedText, span: &Range<usize>) -> bool {
    let goes_on = matches!(view.at(span.end), b'/' | b'.' | b'-' | b':' | b'_' | b',') && view.at(span.end + 1).is_ascii_digit();
    begins_alone(view, span) && !goes_on
}

fn begins_alone(view: &FoldedText, span: &Range<usize>) -> bool {
    let before = span.start.saturating_sub(1);
    let comes_on =
        matches!(view.before(span.start), b'/' | b'.' | b'-' | b':' | b'_' | b',' | b'+') && view.before(before).is_ascii_digit();
    !comes_on && view.before(span.start) != b'+'
}

/// Returns whether a landline belongs to an authority, by the words before it; such numbers are public.
fn is_of_authority(view: &FoldedText, span: &Range<usize>) -> bool {
    let digits: Vec<u8> = view.slice(span.clone()).iter().copied().filter(u8::is_ascii_digit).collect();
    let before = view.slice(span.start.saturating_sub(REACH)..span.start);
    begins_alone(view, span) && is_phone(&digits) && OF_AUTHORITY.is_in(before)
}

fn is_code(view: &FoldedText, span: &Range<usize>) -> bool {
    std::str::from_utf8(view.slice(span.clone())).is_ok_and(|code| code.parse::<PetitionCode>().is_ok())
}

/// Rejects a phone number followed by a unit (`84912345678 m`) and the end of one (`0912 345 678 người`).
fn counts(view: &FoldedText, span: &Range<usize>) -> bool {
    let is_grouped = view.slice(span.clone()).iter().any(|sign| !sign.is_ascii_alphanumeric());
    let mut digits: Vec<u8> = view.slice(span.clone()).iter().copied().take_while(|sign| !sign.is_ascii_alphabetic()).collect();
    digits.retain(u8::is_ascii_digit);
    if view.before(span.start) == b'+' || (!is_grouped && is_phone(&digits)) {
        return false;
    }
    let (mut end, mut gap) = (span.start, 0);
    while digits.len() < LONGEST_PHONE && end > 0 {
        match view.before(end) {
            digit if digit.is_ascii_digit() => {
                digits.insert(0, digit);
                gap = 0;
                if !view.before(end - 1).is_ascii_digit() && is_phone(&digits) {
                    return false;
                }
            }
            sign if sign.is_ascii_alphabetic() || gap == LONGEST_GAP => break,
            _ => gap += 1,
        }
        end -= 1;
    }
    true
}
