//! Finds numbers that identify a person: phones, personal ids, tax codes, accounts, in every spacing and spelling.
//!
//! Takes the folded text, returns spans. Digits are read as groups with the text between them, including number words
//! and letters that look like digits; rules join groups across separators until they form a phone number or an id.

use super::folded_text::{BARRIER, FoldedText, FoldedWord, SYMBOL};
use super::harmless;
use super::pattern::patterns;
use crate::kernel::personal_id::PersonalId;
use crate::kernel::phone::Phone;
use crate::kernel::tax_code::TaxCode;
use std::ops::Range;

/// Maximum characters between two groups of one number.
pub(super) const LONGEST_GAP: usize = 4;
/// Maximum digits of a phone number: `0084` with a landline.
pub(super) const LONGEST_PHONE: usize = 15;
/// Minimum digits for a number with no other meaning to be masked.
const SHORTEST_NUMBER: usize = 9;
/// Minimum digits for a number after a contact keyword.
const SHORTEST_CONTACT: usize = 7;
const SHORTEST_ID: usize = 6;
/// How many characters before a number a keyword may stand.
const REACH: usize = 40;
/// Shorter groups of a list (`03, 05, 07`) are not joined to one number.
const SHORTEST_LISTED: usize = 3;

const DIGIT_WORDS: &[(&str, char)] = &[
    ("khong", '0'),
    ("ko", '0'),
    ("zero", '0'),
    ("mot", '1'),
    ("one", '1'),
    ("hai", '2'),
    ("two", '2'),
    ("ba", '3'),
    ("three", '3'),
    ("bon", '4'),
    ("tu", '4'),
    ("four", '4'),
    ("nam", '5'),
    ("lam", '5'),
    ("five", '5'),
    ("sau", '6'),
    ("six", '6'),
    ("bay", '7'),
    ("seven", '7'),
    ("tam", '8'),
    ("eight", '8'),
    ("chin", '9'),
    ("nine", '9'),
];

patterns! {
    /// Keywords before a phone number.
    CONTACT = r"\b(?:sdt|so\x20dt|dt|dtdd|dien\x20thoai|tel|phone|mobile|di\x20dong|zalo|viber|telegram|whatsapp|lien\x20he|lh|goi|alo|hotline|fax|so\x20may)\b[^0-9\x01\n]{0,24}$";
    /// Keywords before a personal number.
    ID = r"\b(?:cccd|cmnd|cmtnd|cmt|can\x20cuoc|chung\x20minh|dinh\x20danh|ho\x20chieu|passport|mst|ma\x20so\x20thue|stk|so\x20tk|tk|tai\x20khoan|bhxh|bhyt|bao\x20hiem|gplx|giay\x20phep\x20lai\x20xe|bang\x20lai|so\x20the|ma\x20the|vi\x20dien\x20tu|momo|viettelpay|zalopay)\b[^0-9\x01\n]{0,24}$";
    /// An extension after a phone number.
    EXTENSION = r"\A[\x20,.;:(/-]{0,3}(?:ext|extension|may\x20le|so\x20le|le|nhanh|so\x20nhanh|may\x20nhanh|noi\x20bo|x)[\x20.:]{0,2}\d{1,6}\b";
    /// The rest of an account number that starts like a phone number: 0351.000.123.456.
    ACCOUNT = r"\A\.\d{3}(?:\.\d{3})*\b";
    /// The rest of a tax code after its first ten digits.
    BRANCH = r"\A[\x20]?-[\x20]?\d{3}\b";
}

/// Consecutive digits, or one digit written as a word.
#[derive(Debug, Clone)]
pub(super) struct DigitGroup {
    pub digits: Vec<u8>,
    pub begin: usize,
    pub end: usize,
    /// Words and look-alikes count only where the whole is a phone number or an id.
    pub is_spelled: bool,
}

impl DigitGroup {
    /// Returns each digit with its position.
    pub fn places(&self) -> Vec<(u8, usize, usize)> {
        let places = self.digits.iter().zip(self.begin..self.end);
        match self.is_spelled {
            true => self.digits.iter().map(|digit| (*digit, self.begin, self.end)).collect(),
            false => places.map(|(digit, place)| (*digit, place, place + 1)).collect(),
        }
    }
}

/// Returns runs of groups that may belong to one number.
pub(super) fn chains<'g>(view: &FoldedText, groups: &'g [DigitGroup]) -> Vec<&'g [DigitGroup]> {
    runs(view, groups, |_| true)
}

/// Returns every group of a text.
pub(super) fn groups(view: &FoldedText) -> Vec<DigitGroup> {
    let words = view.words();
    let mut groups: Vec<DigitGroup> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let spelled = if word.is_number { None } else { spelled(view, word, &words, place) };
        if word.is_number || spelled.is_some() {
            let digits = spelled.clone().unwrap_or_else(|| view.slice(word.begin..word.end).to_vec());
            groups.push(DigitGroup { digits, begin: word.begin, end: word.end, is_spelled: spelled.is_some() });
        }
    }
    groups
}

/// Returns the digits of a word: a number word, or look-alike letters next to digits (`O912`, `09l2`).
fn spelled(view: &FoldedText, word: &FoldedWord, words: &[FoldedWord], place: usize) -> Option<Vec<u8>> {
    let touches = [place.checked_sub(1), Some(place + 1)]
        .into_iter()
        .flatten()
        .filter_map(|other| words.get(other))
        .any(|other| other.is_number && (other.end == word.begin || word.end == other.begin));
    let signs = view.slice(word.begin..word.end);
    if touches {
        let digit = |sign: &u8| match sign {
            b'o' => Some(b'0'),
            b'l' | b'i' => Some(b'1'),
            _ => None,
        };
        if let Some(digits) = signs.iter().map(digit).collect() {
            return Some(digits);
        }
    }
    let digit = DIGIT_WORDS.iter().find(|(name, _)| *name == word.letters).map(|(_, digit)| *digit);
    digit.and_then(|digit| u8::try_from(digit).ok()).map(|digit| vec![digit])
}

/// Returns the signs between two groups, if they may belong to one number.
fn gap<'a>(view: &'a FoldedText, one: &DigitGroup, other: &DigitGroup) -> Option<&'a [u8]> {
    let signs = view.slice(one.end..other.begin);
    let joins = |sign: &u8| !sign.is_ascii_alphanumeric() && *sign != u8::try_from(BARRIER).unwrap_or_default();
    (signs.len() <= LONGEST_GAP && signs.iter().all(joins)).then_some(signs)
}

/// A comma and a space, or a new line, separates list items rather than parts of one number.
fn is_of_list(gap: &[u8]) -> bool {
    gap.contains(&b'\n') || (gap.len() > 1 && gap.iter().any(|sign| matches!(sign, b',' | b';')))
}

/// Returns whether the digits are a Vietnamese phone number, current or of earlier numbering plans.
pub(super) fn is_phone(digits: &[u8]) -> bool {
    let Ok(digits) = std::str::from_utf8(digits) else { return false };
    let is_known = |digits: &str| digits.parse::<Phone>().is_ok() || Phone::of_any_time(digits).is_ok();
    let resembles = match digits.as_bytes() {
        [b'0', b'3' | b'5' | b'7' | b'8' | b'9', rest @ ..] => rest.len() == 8,
        [b'0', b'2', rest @ ..] => matches!(rest.len(), 8 | 9),
        _ => false,
    };
    resembles || is_known(digits)
}

fn is_personal_id(digits: &[u8]) -> bool {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    digits.len() == 12 && digits.first() == Some(&b'0') && text.parse::<PersonalId>().is_ok()
}

fn is_tax_code(digits: &[u8]) -> bool {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    matches!(digits.len(), 10 | 13) && text.parse::<TaxCode>().is_ok()
}

/// Returns the spans of personal numbers.
pub(super) fn find(view: &FoldedText) -> Vec<Range<usize>> {
    let by_form = harmless::by_form(view);
    let groups: Vec<DigitGroup> = groups(view).into_iter().filter(|group| !harmless::covers(&by_form, group.begin)).collect();
    let mut found = sure(view, &groups);
    let mut stays = by_form;
    stays.extend(harmless::by_grouping(view));
    let is_free = |group: &DigitGroup, found: &[Range<usize>]| !group.is_spelled && !harmless::covers(found, group.begin);
    let plain: Vec<DigitGroup> = groups.iter().filter(|group| is_free(group, &found)).cloned().collect();
    found.extend(behind_words(view, &plain));
    let free = |group: &&DigitGroup| is_free(group, &found) && !harmless::covers(&stays, group.begin);
    let plain: Vec<DigitGroup> = groups.iter().filter(free).cloned().collect();
    found.extend(long(view, &plain));
    found
}

/// Returns phone numbers, personal ids and tax codes recognised by their form.
fn sure(view: &FoldedText, groups: &[DigitGroup]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(first) = groups.get(place) {
        let mut digits: Vec<u8> = Vec::new();
        let mut last: Option<(&DigitGroup, usize)> = None;
        let (mut before, mut has_list, mut is_tight) = (first, false, true);
        let mut shortest = usize::MAX;
        for (offset, group) in groups.iter().skip(place).enumerate() {
            if offset > 0 {
                let Some(gap) = gap(view, before, group) else { break };
                has_list |= is_of_list(gap);
                is_tight &= gap.len() <= 1;
            }
            digits.extend_from_slice(&group.digits);
            shortest = if group.is_spelled { shortest } else { shortest.min(group.digits.len()) };
            if digits.len() > LONGEST_PHONE {
                break;
            }
            let is_one = !has_list || shortest >= SHORTEST_LISTED;
            let is_code = is_tight && is_tax_code(&digits);
            if is_one && (is_phone(&digits) || is_personal_id(&digits) || is_code) {
                last = Some((group, offset));
            }
            before = group;
        }
        place += 1;
        if let Some((last, offset)) = last {
            let behind = view.slice(last.end..view.ascii.len());
            let more = EXTENSION.spans(behind).next().or_else(|| ACCOUNT.spans(behind).next());
            let end = more.map_or(last.end, |more| last.end + more.end);
            found.push(with_brackets(view, first.begin..end));
            place += offset;
        }
    }
    found
}

/// Returns numbers after a keyword.
fn behind_words(view: &FoldedText, groups: &[DigitGroup]) -> Vec<Range<usize>> {
    let joins = |gap: &[u8]| !is_of_list(gap);
    let public = harmless::public_phones(view);
    let mut found = Vec::new();
    for run in runs(view, groups, joins) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let before = view.slice(first.begin.saturating_sub(REACH)..first.begin);
        let digits: usize = run.iter().map(|group| group.digits.len()).sum();
        let is_public = |group: &DigitGroup| harmless::covers(&public, group.begin);
        let is_contact = digits >= SHORTEST_CONTACT && CONTACT.is_in(before) && !run.iter().all(is_public);
        if is_contact || (digits >= SHORTEST_ID && ID.is_in(before)) {
            found.push(with_brackets(view, with_letters(view, first.begin..last.end)));
        }
    }
    found
}

/// Returns long numbers that have no other meaning.
fn long(view: &FoldedText, groups: &[DigitGroup]) -> Vec<Range<usize>> {
    let joins = |gap: &[u8]| {
        gap.len() < LONGEST_GAP
            && gap.iter().all(|sign| {
                matches!(sign, b' ' | b'.' | b'-' | b'_' | b'\'') || *sign == u8::try_from(SYMBOL).unwrap_or_default()
            })
            || gap == b","
    };
    let mut found = Vec::new();
    for run in runs(view, groups, joins) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let digits: usize = run.iter().map(|group| group.digits.len()).sum();
        let is_list = run.len() > 1 && run.iter().all(|group| group.digits.len() < SHORTEST_LISTED);
        if digits >= SHORTEST_NUMBER && !is_list {
            let branch = BRANCH.spans(view.slice(last.end..view.ascii.len())).next().filter(|_| last.digits.len() == 10);
            let end = branch.map_or(last.end, |more| last.end + more.end);
            found.push(with_brackets(view, with_letters(view, first.begin..end)));
        }
    }
    found
}

/// Splits groups into runs whose gaps satisfy `joins`.
fn runs<'g>(view: &FoldedText, groups: &'g [DigitGroup], joins: impl Fn(&[u8]) -> bool) -> Vec<&'g [DigitGroup]> {
    let together = |one: &DigitGroup, other: &DigitGroup| gap(view, one, other).is_some_and(&joins);
    groups.chunk_by(together).collect()
}

/// Extends a span to letters attached to the number: `DN4272712345678`.
fn with_letters(view: &FoldedText, span: Range<usize>) -> Range<usize> {
    let letters = view.slice(0..span.start).iter().rev().take_while(|sign| sign.is_ascii_alphabetic()).count();
    if letters <= 4 { span.start - letters..span.end } else { span }
}

/// Extends a span to the opening bracket of one closed inside it: `(0912) 345 678`.
pub(super) fn with_brackets(view: &FoldedText, span: Range<usize>) -> Range<usize> {
    let signs = view.slice(span.clone());
    let count = |wanted: u8| signs.iter().filter(|sign| **sign == wanted).count();
    let Range { mut start, mut end } = span;
    if count(b')') + count(b']') > count(b'(') + count(b'[') {
        let before = view.slice(start.saturating_sub(3)..start);
        if let Some(back) = before.iter().rev().position(|sign| matches!(sign, b'(' | b'[')) {
            start -= back + 1;
        }
    } else if count(b'(') > count(b')') && view.at(end) == b')' {
        end += 1;
    }
    start..end
}
