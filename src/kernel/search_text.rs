//! Folds Vietnamese text for search: removes accents and case (`Đường Lý Thái Tổ` → `duong ly thai to`).
//!
//! The folded text is stored beside the searched text and queries are folded too, so searches ignore accents on
//! both databases. Routing rules on words also compare folded texts.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds a text: lower case, no combining marks, `đ` as `d`, single spaces, trimmed.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
        if word.is_ascii() {
            folded.extend(word.chars().map(|c| c.to_ascii_lowercase()));
            continue;
        }
        let lower = word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
        folded.extend(lower.nfd().filter(|c| !is_combining_mark(*c)).map(plain_d));
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// `đ` does not decompose. Icelandic `ð` and African `ɖ` have the same capital shape (Ð, Ɖ) and replace Đ in old
/// texts.
const fn plain_d(c: char) -> char {
    match c {
        'đ' | 'ð' | 'ɖ' => 'd',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accents_capitals_and_spaces_do_not_matter() {
        assert_eq!(fold("  Đường\u{A0}Lý  Thái Tổ\n"), "duong ly thai to");
        assert_eq!(fold("RÁC THẢI, chất thải"), "rac thai, chat thai");
        assert_eq!(fold("ƯỚT SŨNG ở phường Võ Cường"), "uot sung o phuong vo cuong");
        assert_eq!(fold("Ðường \u{189}ình Bảng"), "duong dinh bang");
        assert_eq!(fold("Nước ngập 30 cm 🌧"), "nuoc ngap 30 cm 🌧");
        assert_eq!(fold(" \t "), "");
    }

    #[test]
    fn a_word_of_marks_only_leaves_no_double_space() {
        assert_eq!(fold("a \u{301}\u{302} b"), "a b");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn vietnamese_becomes_ascii_however_it_is_typed(text in "[a-zA-ZđĐăĂâÂêÊôÔơƠưƯạ-ỹẠ-Ỹ ]{0,40}") {
            let folded = fold(&text);
            prop_assert!(folded.is_ascii(), "{}", folded);
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), folded.clone());
            prop_assert_eq!(fold(&text.to_uppercase()), folded);
        }
    }
}
