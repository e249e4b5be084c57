//! Finds a person's name in a text: whole, with initials, reordered, with a word missing, or written together.
//!
//! Takes the content of a name field, returns the name without additions, and its spans in a text. One word alone never
//! matches, because half of all Vietnamese words are somebody's name. Two words of a longer name match after a form of
//! address, or capitalised where they are not part of a longer name or of a street, school or village named after a
//! person.

use super::folded_text::{BARRIER, FoldedText, FoldedWord};
use super::known::letters_of;
use std::collections::BTreeSet;
use std::ops::Range;

/// Shorter names match only with separate words: `Hồ An` is not `hoàn`.
pub(super) const JOINABLE: usize = 8;
/// Maximum characters between two words of a name.
const LONGEST_GAP: usize = 5;
/// Maximum words of a name; a longer one matches only as a whole.
const MOST_WORDS: usize = 8;
/// Forms of address before a part of a name.
const ADDRESSED: &[&str] =
    &["ong", "ba", "anh", "chi", "em", "co", "chu", "bac", "chau", "cu", "toi", "ten", "la", "mr", "mrs", "ms", "gui", "goi"];
/// Titles written before the name in its field.
const TITLES: &[&str] =
    &["ong", "ba", "anh", "chi", "em", "co", "chu", "bac", "chau", "cu", "mr", "mrs", "ms", "thay", "hoten", "ten"];
/// Middle names that only indicate gender.
const MIDDLE: &[&str] = &["van", "thi"];
/// Kinds of places named after people.
const PLACES: &[&str] = &[
    "duong", "pho", "ngo", "ngach", "hem", "kiet", "lo", "truong", "thpt", "thcs", "th", "hoc", "non", "khu", "thon", "xom",
    "to", "lang", "cho", "vien", "phuong", "xa", "cau", "ben", "dinh", "chua", "den", "mieu", "ho", "song", "quan", "hang", "ty",
    "kp", "kdt", "toa", "xuong", "cum", "kcn", "cang", "ga", "san", "tuyen",
];
/// Capitalised words that do not begin a name.
const NO_NAME: &[&str] =
    &["zalo", "facebook", "fb", "viber", "stk", "sdt", "dt", "kinh", "gap", "xin", "nha", "ho", "chu", "khach", "me", "vo"];

/// Returns the names in a field: `Bà Nguyễn Thị Mai (tổ 5)` gives Nguyễn Thị Mai.
pub(super) fn of_field(field: &str) -> Vec<Vec<String>> {
    let mut names = vec![letters_of(field)];
    for part in field.split(['(', ')', ',', ';', '/', '-', '–', '—', '|', '+', '&', '\n']).flat_map(|part| part.split(" và "))
    {
        let words = letters_of(part);
        let titles = words.iter().take_while(|word| TITLES.contains(&word.as_str())).count();
        // `Bà Anh` must keep at least something.
        let name = words.get(titles..).filter(|name| name.len() > 1).map_or(words.clone(), <[String]>::to_vec);
        let is_name = |word: &String| !word.chars().any(|sign| sign.is_ascii_digit());
        names.extend([words, name].into_iter().map(|name| name.into_iter().take_while(is_name).collect()));
    }
    let mut seen = BTreeSet::new();
    names.retain(|name: &Vec<String>| name.len() > 1 && seen.insert(name.clone()));
    names
}

/// Returns the spans of a name.
pub(super) fn find(view: &FoldedText, words: &[FoldedWord], name: &[String]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for order in orders(name) {
        found.extend((0..words.len()).filter_map(|place| with_initials(view, words, place, &order, name)));
    }
    if letters(name) >= JOINABLE {
        found.extend(joined(view, words, &name.concat()));
    }
    for part in parts(name) {
        found.extend(in_a_row(view, words, &part).into_iter().filter(|span| !is_place(words, span.start)));
    }
    for pair in pairs(name) {
        let is_somebody = |span: &Range<usize>| is_addressed(words, span.start) || stands_alone(view, words, span, &pair);
        found.extend(in_a_row(view, words, &pair).into_iter().filter(is_somebody));
        if letters(&pair) >= JOINABLE {
            let together = pair.concat();
            found.extend(words.iter().filter(|word| word.letters == together).map(|word| word.begin..word.end));
        }
    }
    found
}

fn letters(words: &[String]) -> usize {
    words.iter().map(String::len).sum()
}

/// Returns the name as is, with the given name first, and reversed.
fn orders(name: &[String]) -> BTreeSet<Vec<String>> {
    let mut given_first = name.to_vec();
    given_first.rotate_right(1);
    let turned: Vec<String> = name.iter().rev().cloned().collect();
    // Two words reversed are ambiguous; `pairs` covers them with stricter checks.
    if name.len() > 2 { [name.to_vec(), given_first, turned].into() } else { [name.to_vec()].into() }
}

/// Returns parts of three words or more of a longer name, in its order.
fn parts(name: &[String]) -> BTreeSet<Vec<String>> {
    if name.len() > MOST_WORDS {
        return BTreeSet::new();
    }
    let mut parts: BTreeSet<Vec<String>> = [Vec::new()].into();
    for word in name {
        let longer: Vec<Vec<String>> = parts.iter().map(|part| [part.as_slice(), std::slice::from_ref(word)].concat()).collect();
        parts.extend(longer);
    }
    parts.retain(|part| part.len() > 2 && part.len() < name.len());
    parts
}

/// Returns family and given name, given name with the word before it, and both reversed.
fn pairs(name: &[String]) -> Vec<[String; 2]> {
    match name {
        [first, last] => vec![[last.clone(), first.clone()]],
        [first, .., before, last] => {
            vec![[first.clone(), last.clone()], [before.clone(), last.clone()], [last.clone(), first.clone()]]
        }
        _ => Vec::new(),
    }
}

/// Matches a name from a position, with some words as initials: `Phạm T. B. Mật`, `PTB Mật`.
fn with_initials(
    view: &FoldedText,
    words: &[FoldedWord],
    place: usize,
    order: &[String],
    name: &[String],
) -> Option<Range<usize>> {
    let first = words.get(place)?;
    let (mut before, mut rest, mut whole) = (first, order, 0);
    let mut has_given = false;
    for word in words.iter().skip(place) {
        if !is_close(view, before, word) {
            return None;
        }
        let next = rest.first()?;
        let count = if word.letters == *next {
            (whole, has_given) = (whole + 1, has_given || Some(next) == name.last());
            1
        } else if word.letters.len() <= 2 && next.starts_with(&word.letters) {
            1
        } else {
            let initials = rest.iter().zip(word.letters.chars()).take_while(|(word, sign)| word.starts_with(*sign)).count();
            if word.is_number || initials != word.letters.chars().count() || initials > 4 {
                return None;
            }
            initials
        };
        (rest, before) = (rest.get(count..).unwrap_or_default(), word);
        if rest.is_empty() {
            let tells = whole == order.len() || (order.len() > 2 && (has_given || whole > 1));
            return tells.then_some(first.begin..word.end);
        }
    }
    None
}

fn is_addressed(words: &[FoldedWord], begin: usize) -> bool {
    // Chu Văn An is a school; chú An is a person.
    before(words, begin)
        .is_some_and(|word| ADDRESSED.contains(&word.letters.as_str()) && !(word.letters == "chu" && word.is_capital))
}

fn before(words: &[FoldedWord], begin: usize) -> Option<&FoldedWord> {
    words.get(words.partition_point(|word| word.end <= begin).checked_sub(1)?)
}

/// Returns whether a street or another place is named.
fn is_place(words: &[FoldedWord], begin: usize) -> bool {
    let Some(word) = before(words, begin) else { return false };
    let is_neighbour = || word.letters == "xom" && before(words, word.begin).is_some_and(|word| word.letters == "hang");
    PLACES.contains(&word.letters.as_str()) && !is_neighbour()
}

/// Returns whether two capitalised words are a person, not part of a longer name or a place.
fn stands_alone(view: &FoldedText, words: &[FoldedWord], span: &Range<usize>, pair: &[String; 2]) -> bool {
    let own = |word: &&FoldedWord| word.begin >= span.start && word.end <= span.end;
    if pair.first().is_some_and(|word| MIDDLE.contains(&word.as_str())) || !words.iter().filter(own).all(|word| word.is_capital) {
        return false;
    }
    let is_spaces = |signs: &[u8]| signs.iter().all(|sign| *sign == b' ');
    let goes_on = |word: &FoldedWord| is_spaces(view.slice(span.end..word.begin)) && word.is_capital && !word.is_number;
    if words.iter().find(|word| word.begin >= span.end).is_some_and(goes_on) || is_place(words, span.start) {
        return false;
    }
    let Some(word) = before(words, span.start).filter(|word| word.is_capital && !word.is_number) else { return true };
    let begins_sentence = || {
        let signs = view.slice(0..word.begin);
        signs.iter().rev().find(|sign| **sign != b' ').is_none_or(|sign| !sign.is_ascii_alphanumeric() && *sign != b',')
    };
    !is_spaces(view.slice(word.end..span.start)) || NO_NAME.contains(&word.letters.as_str()) || begins_sentence()
}

/// Returns whether the characters between two words keep them together.
fn is_close(view: &FoldedText, one: &FoldedWord, other: &FoldedWord) -> bool {
    let gap = view.slice(one.end..other.begin.max(one.end));
    gap.len() <= LONGEST_GAP && !gap.contains(&u8::try_from(BARRIER).unwrap_or_default())
}

/// Returns where the words follow each other.
pub(super) fn in_a_row(view: &FoldedText, words: &[FoldedWord], wanted: &[String]) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let is_row = |run: &&[FoldedWord]| {
        run.iter().map(|word| &word.letters).eq(wanted)
            && run.iter().zip(run.iter().skip(1)).all(|(one, other)| is_close(view, one, other))
    };
    words.windows(wanted.len()).filter(is_row).filter_map(|run| Some(run.first()?.begin..run.last()?.end)).collect()
}

/// Returns where the letters stand as whole words, however split: `NguyenVanAn`, `N g u y ễ n`.
pub(super) fn joined(view: &FoldedText, words: &[FoldedWord], wanted: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (place, first) in words.iter().enumerate() {
        let (mut rest, mut before) = (wanted, first);
        for word in words.iter().skip(place) {
            let Some(after) = rest.strip_prefix(word.letters.as_str()).filter(|_| is_close(view, before, word)) else { break };
            (rest, before) = (after, word);
            if rest.is_empty() {
                found.push(first.begin..word.end);
                break;
            }
        }
    }
    found
}
