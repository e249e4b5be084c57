//! Finds the address and position of a case in a text, where exact enough to locate the house.
//!
//! Takes the words of the filed address, returns matching spans, with or without filler words (`số`, `ngõ`, `đường`). A
//! street or hamlet alone is a public place name and stays, unless the text says that somebody lives there.

use super::folded_text::{BARRIER, FoldedText, FoldedWord};
use super::pattern::patterns;
use std::ops::Range;

/// Filler words of addresses, which may be left out.
const AROUND: &[&str] = &[
    "so", "nha", "sn", "can", "ho", "phong", "tang", "toa", "lo", "ngo", "ngach", "hem", "kiet", "ngh", "duong", "pho", "d",
    "to", "khu", "thon", "xom", "lang", "tdp", "kp", "phuong", "p", "xa", "x", "thi", "tran", "tt", "huyen", "h", "quan", "q",
    "tp", "thanh", "tx", "tinh", "t", "dan", "cu",
];
/// Maximum characters between two words of one address.
const LONGEST_GAP: usize = 4;
/// How many characters before an address a word for "living there" may stand.
const REACH: usize = 40;
/// Coordinates within this distance, in degrees, count as the position itself.
const NEAR: f64 = 0.0025;

patterns! {
    LIVES = r"\b(?:dia\x20chi|nha\x20toi|nha\x20em|nha\x20minh|gia\x20dinh\x20toi|toi\x20o|toi\x20song|toi\x20ngu|tru\x20tai|cu\x20tru|thuong\x20tru|tam\x20tru|ho\x20khau|nha\x20rieng|nha\x20ong|nha\x20ba)\b[^\x01\n.!?]{0,20}$";
    COORDINATES = r"\b\d{1,2}[.,]\d{3,9}\x20?(?:,|;|/|\x20|,\x20|-)\x20?\d{2,3}[.,]\d{3,9}\b";
}

/// Returns the spans of an address.
pub(super) fn find(view: &FoldedText, words: &[FoldedWord], address: &[FoldedWord]) -> Vec<Range<usize>> {
    let telling = address.iter().filter(|word| !is_around(word)).count();
    let is_exact = address.iter().any(|word| word.is_number);
    let mut found = Vec::new();
    let mut free_from = 0;
    for place in 0..words.len() {
        let Some(hit) = matching(view, words, place, address) else { continue };
        let is_it = if is_exact {
            hit.has_number && (hit.telling > 2 || (hit.telling == 2 && hit.has_around) || hit.telling == telling)
        } else {
            hit.telling == telling && LIVES.is_in(view.slice(hit.span.start.saturating_sub(REACH)..hit.span.start))
        };
        if is_it && hit.span.start >= free_from {
            free_from = hit.span.end;
            found.push(hit.span);
        }
    }
    found
}

fn is_around(word: &FoldedWord) -> bool {
    AROUND.contains(&word.letters.as_str())
}

/// How far an address matches from a position.
struct AddressMatch {
    span: Range<usize>,
    telling: usize,
    has_around: bool,
    has_number: bool,
}

fn matching(view: &FoldedText, words: &[FoldedWord], place: usize, address: &[FoldedWord]) -> Option<AddressMatch> {
    let first = words.get(place)?;
    let mut hit = AddressMatch { span: first.begin..first.begin, telling: 0, has_around: false, has_number: false };
    let (mut rest, mut before, mut around) = (address, first, false);
    for word in words.iter().skip(place) {
        let gap = view.slice(before.end..word.begin);
        if gap.len() > LONGEST_GAP || gap.contains(&u8::try_from(BARRIER).unwrap_or_default()) {
            break;
        }
        // Filler words may be missing in the text or in the address.
        let skipped = rest.iter().take_while(|wanted| is_around(wanted) && !is_same(wanted, word)).count();
        match rest.get(skipped).filter(|wanted| is_same(wanted, word)) {
            Some(_) => {
                rest = rest.get(skipped + 1..).unwrap_or_default();
                hit.span.end = word.end;
                hit.telling += usize::from(!is_around(word));
                hit.has_around |= around || is_around(word);
                hit.has_number |= word.is_number;
            }
            None if is_around(word) => around = true,
            None => break,
        }
        before = word;
    }
    (hit.telling > 0).then_some(hit)
}

/// Numbers match with and without leading zeros.
fn is_same(one: &FoldedWord, other: &FoldedWord) -> bool {
    one.letters.trim_start_matches('0') == other.letters.trim_start_matches('0')
}

/// Returns coordinates close to the position of the case.
pub(super) fn coordinates(view: &FoldedText, (latitude, longitude): (f64, f64)) -> Vec<Range<usize>> {
    let is_near = |span: &Range<usize>| {
        let text = String::from_utf8_lossy(view.slice(span.clone())).into_owned();
        let parts: Vec<&str> = text.split(|sign: char| !sign.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let number = |whole: &str, rest: &str| format!("{whole}.{rest}").parse::<f64>().unwrap_or_default();
        match parts.as_slice() {
            [a, b, c, d] => (number(a, b) - latitude).abs() < NEAR && (number(c, d) - longitude).abs() < NEAR,
            _ => false,
        }
    };
    COORDINATES.spans(&view.ascii).filter(is_near).collect()
}
