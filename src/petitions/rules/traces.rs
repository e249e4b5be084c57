//! Finds and removes the data of a known person in free text, however it is written.
//!
//! Takes the known data of a person and returns texts with `[…]` in place of each match. Numbers match by their digits,
//! whatever stands between them; names and addresses match by their words without accents, including any part long
//! enough to identify the person.

use crate::kernel::search_text::fold;
use crate::petitions::rules::masking::{self, known_in};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Replacement for removed text.
const MASK: &str = "[…]";
/// Maximum characters between two digits of one number.
const MOST_BETWEEN: usize = 6;
/// Numbers with fewer digits do not identify a person.
const SHORTEST_NUMBER: usize = 8;
/// Words written in place of the punctuation of an e-mail address.
const SPELLED_SIGNS: &[&str] = &["at", "dot", "a", "cong", "cham", "punto"];

/// The known data of one person, prepared for searching.
#[derive(Debug, Clone, Default)]
pub struct KnownTraces {
    numbers: Vec<String>,
    phrases: Vec<KnownPhrase>,
    /// The same data for the masking rules: number words, encoded characters, initials.
    masked: masking::KnownPerson,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct KnownPhrase {
    words: Vec<String>,
    /// Minimum words in a row that identify the person.
    least: usize,
    /// Whether spelled-out punctuation may stand between the words.
    is_email: bool,
}

impl KnownTraces {
    /// Adds a person's name: two of its words in a row match.
    pub fn name(&mut self, name: &str) {
        self.phrase(name, 2, false);
        self.masked = std::mem::take(&mut self.masked).name(Some(name));
    }

    /// Adds a business name or an address: most of it must match.
    pub fn description(&mut self, text: &str) {
        let words = words_of(text).len();
        self.phrase(text, (words * 3).div_ceil(5).max(2), false);
        self.masked = std::mem::take(&mut self.masked).address(Some(text));
    }

    /// Adds a phone, tax code or id number, in any spelling.
    pub fn number(&mut self, number: &str) {
        let digits: String = digits_of(number).into_iter().map(|digit| digit.value).collect();
        let national = digits.strip_prefix("84").filter(|rest| rest.len() >= SHORTEST_NUMBER).unwrap_or(&digits);
        let national = national.trim_start_matches('0');
        if national.len() >= SHORTEST_NUMBER && !self.numbers.iter().any(|known| known == national) {
            self.numbers.push(national.to_owned());
            self.masked = std::mem::take(&mut self.masked).number(Some(national));
        }
    }

    /// Adds an e-mail address; a long local part alone matches too.
    pub fn email(&mut self, email: &str) {
        let words = words_of(email).len();
        self.phrase(email, words, true);
        self.masked = std::mem::take(&mut self.masked).email(Some(email));
        if let Some((name, _)) = email.split_once('@').filter(|(name, _)| name.len() >= SHORTEST_NUMBER) {
            let words = words_of(name).len();
            self.phrase(name, words, true);
        }
    }

    fn phrase(&mut self, text: &str, least: usize, is_email: bool) {
        let words: Vec<String> = words_of(text).into_iter().map(|word| word.folded).collect();
        let is_one_short_word = words.len() == 1 && words.iter().all(|word| word.chars().count() < SHORTEST_NUMBER);
        if words.is_empty() || is_one_short_word || (words.len() == 1 && !is_email) {
            return;
        }
        let least = least.clamp(1, words.len());
        self.phrases.push(KnownPhrase { words, least, is_email });
    }

    /// Returns whether the text contains any of the data.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        !self.found(text).is_empty()
    }

    /// Returns the text with all matches replaced.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        let mut found = self.found(text);
        found.sort_unstable();
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (begin, end) in found {
            if begin >= done {
                out.push_str(text.get(done..begin).unwrap_or_default());
                out.push_str(MASK);
            }
            done = done.max(end);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }

    fn found(&self, text: &str) -> Vec<(usize, usize)> {
        let mut found = self.numbers_in(text);
        found.extend(known_in(text, &self.masked).into_iter().map(|span| (span.start, span.end)));
        if !self.phrases.is_empty() {
            let words = words_of(text);
            for phrase in &self.phrases {
                phrase.find(&words, &mut found);
            }
        }
        found
    }

    fn numbers_in(&self, text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        if self.numbers.is_empty() {
            return found;
        }
        for run in digits_of(text).chunk_by(|_, next| next.after <= MOST_BETWEEN) {
            let joined: String = run.iter().map(|digit| digit.value).collect();
            for number in &self.numbers {
                for (at, _) in joined.match_indices(number.as_str()) {
                    // A country prefix before a national number belongs to it.
                    let before = joined.get(..at).unwrap_or_default();
                    let prefix =
                        ["0084", "084", "84", "0"].iter().find(|prefix| before.ends_with(**prefix)).map_or(0, |it| it.len());
                    let first = run.get(at - prefix).map(|digit| digit.begin);
                    let last = run.get(at + number.len() - 1).map(|digit| digit.end);
                    found.extend(first.zip(last));
                }
            }
        }
        found
    }
}

impl KnownPhrase {
    fn find(&self, words: &[FoundWord], found: &mut Vec<(usize, usize)>) {
        let whole = self.words.concat();
        for (place, word) in words.iter().enumerate() {
            // Written without spaces, as in a file name.
            if self.words.len() > 1 && whole.len() >= SHORTEST_NUMBER && word.folded.contains(&whole) {
                found.push((word.begin, word.end));
                continue;
            }
            for from in (0..self.words.len()).filter(|from| self.words.get(*from) == Some(&word.folded)) {
                let (matched, last) = self.run(words, place, from);
                // Family and middle names are shared by many people; the given name, or a longer part, identifies the
                // person.
                let tells = matched > self.least || from + matched == self.words.len();
                if matched >= self.least
                    && tells
                    && let Some(last) = words.get(last)
                {
                    found.push((word.begin, last.end));
                }
            }
        }
    }

    /// Returns how many words of the phrase stand in a row from a position, and where the last one is.
    fn run(&self, words: &[FoundWord], place: usize, from: usize) -> (usize, usize) {
        let (mut matched, mut at, mut last) = (0, place, place);
        while let (Some(wanted), Some(word)) = (self.words.get(from + matched), words.get(at)) {
            if word.folded == *wanted {
                matched += 1;
                last = at;
            } else if !(self.is_email && matched > 0 && SPELLED_SIGNS.contains(&word.folded.as_str())) {
                break;
            }
            at += 1;
        }
        (matched, last)
    }
}

struct FoundDigit {
    value: char,
    begin: usize,
    end: usize,
    /// Characters since the previous digit; a very large number if a letter stands between.
    after: usize,
}

fn digits_of(text: &str) -> Vec<FoundDigit> {
    let (mut digits, mut after) = (Vec::new(), usize::MAX);
    for (begin, character) in text.char_indices() {
        let plain = std::iter::once(character).nfkc().next().filter(char::is_ascii_digit);
        if let Some(value) = plain {
            digits.push(FoundDigit { value, begin, end: begin + character.len_utf8(), after });
            after = 0;
        } else if character.is_alphabetic() {
            after = usize::MAX;
        } else {
            after = after.saturating_add(1);
        }
    }
    digits
}

struct FoundWord {
    folded: String,
    begin: usize,
    end: usize,
}

/// Returns whether a character is invisible; invisible characters do not end a word.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn words_of(text: &str) -> Vec<FoundWord> {
    let mut words = Vec::new();
    let mut begin = None;
    for (place, character) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
        let continues =
            character.is_alphanumeric() || (begin.is_some() && (is_combining_mark(character) || is_invisible(character)));
        match (begin, continues) {
            (None, true) => begin = Some(place),
            (Some(first), false) => {
                let word: String =
                    text.get(first..place).unwrap_or_default().chars().filter(|c| !is_invisible(*c)).nfkc().collect();
                words.push(FoundWord { folded: fold(&word), begin: first, end: place });
                begin = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::KnownTraces;

    fn somebody() -> KnownTraces {
        let mut known = KnownTraces::default();
        known.name("Nguyễn Thị Quỳnh Giao");
        known.number("+84977000111");
        known.email("quynh.giao@vidu.example.vn");
        known.description("Số 5 ngõ Vườn Ươm, đường Hoàng Hoa Thám");
        known
    }

    #[test]
    fn a_phone_is_found_by_its_digits() {
        for spelling in [
            "0977000111",
            "(0977) 000.111",
            "+84 977 000 111",
            "0084-977-000-111",
            "0977–000–111",
            "0977/000/111",
            "0977 . 000 . 111",
            "０９７７０００１１１",
            "0977\u{a0}000\u{200b}111",
            "09 77 00 01 11",
            "977000111",
        ] {
            let out = somebody().redacted(&format!("Gọi {spelling} nhé, 12 lần."));
            assert!(out.starts_with("Gọi ") && out.ends_with(" nhé, 12 lần.") && out.contains("[…]"), "{spelling}: {out}");
            assert!(!out.contains("111") && !out.contains("977"), "{spelling}: {out}");
        }
        let others = "Chi 120 000 000 đồng, 1.250 m2, 0912 345 678, 03/2023/QĐ-UBND.";
        assert_eq!(somebody().redacted(others), others);
    }

    #[test]
    fn names_mails_and_addresses_are_found_without_accents_and_in_part() {
        for text in [
            "Nguyễn Thị Quỳnh Giao",
            "NGUYEN THI QUYNH GIAO",
            "nguyen\nthi  quynh-giao",
            "Quỳnh Giao",
            "NguyenThiQuynhGiao",
            "Nguye\u{302}\u{303}n Thi\u{323} Quy\u{300}nh Giao",
            "quynh.giao@vidu.example.vn",
            "QUYNH.GIAO [at] vidu (dot) example.vn",
            "số 5, ngõ vườn ươm, đường hoàng hoa thám",
            "ngo Vuon Uom duong Hoang Hoa Tham",
        ] {
            assert_eq!(somebody().redacted(&format!("Bà {text}!")), "Bà […]!", "{text}");
        }
        let others = "Bà Giao ở ngõ 12, đường Lý Thái Tổ, Nguyễn Thị Minh";
        assert_eq!(somebody().redacted(others), others);
        assert!(!somebody().is_in(others) && somebody().is_in("gặp Quỳnh Giao"));
    }
}
