//! Masking of personal data in free text before it is published (Decree 356/2025, article 4).
//!
//! In comes what somebody wrote and the names that must not be read, out goes the same text with `[…]` in the place of phone
//! numbers, id numbers, e-mail addresses and those names, however they are accented or capitalised. Rule: a name of one word is
//! left alone, because half of all Vietnamese words are somebody's name.

use crate::domain::search_text::fold;

/// Digits in a row, separators not counted, from which a number may be a phone, a personal id or a tax code.
const SHORTEST_NUMBER: usize = 9;

/// What stands in the place of what was masked.
const MASK: &str = "[…]";

/// Replaces what looks like a phone number, an id number or an e-mail address, and the names.
#[must_use]
pub fn mask(text: &str, names: &[&str]) -> String {
    let without_mail: Vec<String> = text
        .split_inclusive(char::is_whitespace)
        .map(|word| if looks_like_email(word) { masked_word(word) } else { word.to_owned() })
        .collect();
    let without_numbers = mask_numbers(&without_mail.concat());
    names.iter().fold(without_numbers, |text, name| mask_name(&text, name))
}

fn looks_like_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn masked_word(word: &str) -> String {
    let space: String = word.chars().filter(|c| c.is_whitespace()).collect();
    format!("{MASK}{space}")
}

fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for character in text.chars().chain(std::iter::once('\n')) {
        let continues = character.is_ascii_digit() || (!run.is_empty() && matches!(character, ' ' | '.' | '-'));
        if continues {
            run.push(character);
            continue;
        }
        flush(&mut out, &run);
        run.clear();
        out.push(character);
    }
    out.pop();
    out
}

fn flush(out: &mut String, run: &str) {
    let number = run.trim_end_matches([' ', '.', '-']);
    let rest = run.get(number.len()..).unwrap_or_default();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    out.push_str(if digits >= SHORTEST_NUMBER { MASK } else { number });
    out.push_str(rest);
}

/// A word of a text as names are compared, and where its letters begin and end.
struct Word {
    folded: String,
    begin: usize,
    end: usize,
}

fn words_of(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut begin = None;
    for (place, character) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
        match (begin, character.is_alphanumeric()) {
            (None, true) => begin = Some(place),
            (Some(first), false) => {
                let folded = text.get(first..place).map(fold).unwrap_or_default();
                words.push(Word { folded, begin: first, end: place });
                begin = None;
            }
            _ => {}
        }
        // What was masked stands between the words beside it, so that those do not make a name together.
        if character == '…' {
            words.push(Word { folded: MASK.to_owned(), begin: place, end: place + character.len_utf8() });
        }
    }
    words
}

fn mask_name(text: &str, name: &str) -> String {
    let name: Vec<String> = words_of(name).into_iter().map(|word| word.folded).collect();
    let words = words_of(text);
    if name.len() < 2 {
        return text.to_owned();
    }
    let (mut out, mut done, mut free_from) = (String::with_capacity(text.len()), 0, 0);
    for (place, run) in words.windows(name.len()).enumerate() {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if place >= free_from && run.iter().map(|word| &word.folded).eq(&name) {
            out.push_str(text.get(done..first.begin).unwrap_or_default());
            out.push_str(MASK);
            done = last.end;
            free_from = place + name.len();
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::mask;
    use proptest::prelude::*;

    #[test]
    fn phones_mails_and_ids_are_masked() {
        assert_eq!(mask("Gọi 0912.345.678 hoặc a@b.vn nhé.", &[]), "Gọi […] hoặc […] nhé.");
        assert_eq!(mask("CCCD 027090001234, ngõ 12", &[]), "CCCD […], ngõ 12");
        assert_eq!(mask("Từ ngày 12.5 - 14.5, 3 lần\nrồi", &[]), "Từ ngày 12.5 - 14.5, 3 lần\nrồi");
        assert_eq!(mask("(+84 912 345 678)", &[]), "(+[…])");
    }

    #[test]
    fn the_petitioners_name_is_masked_however_it_is_written() {
        let names = ["Phạm Thị Bí Mật", "Công ty TNHH Đèn Sáng"];
        assert_eq!(mask("Tôi tên PHẠM THỊ BÍ MẬT, ở ngõ 5.", &names), "Tôi tên […], ở ngõ 5.");
        assert_eq!(mask("(Pham  Thi Bi\nMat)", &names), "([…])");
        assert_eq!(mask("cong ty tnhh den sang và Phạm Thị Bí Mật", &names), "[…] và […]");
        assert_eq!(mask("Phạm Thị Bí và chợ Mật", &names), "Phạm Thị Bí và chợ Mật");
        assert_eq!(mask("Bà An ở Bình An", &["An"]), "Bà An ở Bình An");
    }

    proptest! {
        #[test]
        fn masking_twice_is_masking_once(text in "\\PC{0,60}", name in "[a-zđ]{1,3} [a-zđ]{1,3}") {
            let once = mask(&format!("{text} {name} {text}"), &[&name]);
            prop_assert_eq!(mask(&once, &[&name]), once);
        }
    }
}
