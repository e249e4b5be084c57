//! What people type: enters as any Unicode text, leaves in one normal form and within its bounds, or with the broken rule.
//!
//! Every service that takes a title, a text or a name calls it before anything else looks at the text. Vietnamese is typed
//! composed (`ệ`) or with combining marks (`e` + two marks) depending on the keyboard; NFC makes both the same text, so that
//! length, search and comparison do not depend on the device.

use crate::domain::field_problem::FieldRule;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Cleans a text of several lines: NFC, `\r\n` to `\n`, trimmed; between `min` and `max` characters (not bytes).
///
/// # Errors
/// `Required` when nothing is left and `min` is not 0, `TooShort`, `TooLong`, `ControlCharacter`.
pub fn clean(text: &str, min: usize, max: usize) -> Result<String, FieldRule> {
    let normal = composed(&text.replace("\r\n", "\n"));
    bounded(normal.trim_matches(is_blank), min, max, |c| is_deceptive(c) || (c.is_control() && c != '\n' && c != '\t'))
}

/// Cleans a text of one line (titles, names): as [`clean`], a tab becomes a space, and line breaks inside are refused.
///
/// # Errors
/// As [`clean`].
pub fn clean_line(text: &str, min: usize, max: usize) -> Result<String, FieldRule> {
    let normal = composed(&text.replace('\t', " "));
    let refused = |c: char| is_deceptive(c) || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    bounded(normal.trim_matches(is_blank), min, max, refused)
}

/// In NFC, which most text is in already: to see that is several times faster than to make it so.
fn composed(text: &str) -> String {
    let visible = |c: &char| !is_invisible(*c);
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.chars().filter(visible).collect(),
        _ => text.nfc().filter(visible).collect(),
    }
}

fn bounded(text: &str, min: usize, max: usize, refused: impl Fn(char) -> bool) -> Result<String, FieldRule> {
    if text.contains(refused) {
        return Err(FieldRule::ControlCharacter);
    }
    match text.chars().count() {
        0 if min > 0 => Err(FieldRule::Required),
        length if length < min => Err(FieldRule::TooShort(min)),
        length if length > max => Err(FieldRule::TooLong(max)),
        _ => Ok(text.to_owned()),
    }
}

/// What copying from web pages leaves between letters, where nobody sees it and no search finds the word any more.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// What turns the direction of a line around, so that a register or a public page reads otherwise than it is; and code points
/// that are no characters.
const fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// White space and the characters of no width, which would let an empty title look filled in.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_ways_of_typing_vietnamese_are_one_text() {
        let composed = "Đường ngập nước";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(clean(&decomposed, 5, 200).unwrap(), composed);
        assert_eq!(clean_line(&decomposed, 15, 15).unwrap(), composed);
    }

    #[test]
    fn nothing_turns_a_line_around_or_hides_in_a_word() {
        assert_eq!(clean_line("a\u{202E}b", 1, 9), Err(FieldRule::ControlCharacter));
        assert_eq!(clean("a\u{2066}b\u{FFFE}", 1, 9), Err(FieldRule::ControlCharacter));
        assert_eq!(clean_line("rá\u{200B}c th\u{FEFF}ải", 1, 9).unwrap(), "rác thải");
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(clean("ệệệệệ", 5, 5).unwrap(), "ệệệệệ");
        assert_eq!(clean("ệệệệ", 5, 200), Err(FieldRule::TooShort(5)));
        assert_eq!(clean("ệệệệệệ", 1, 5), Err(FieldRule::TooLong(5)));
        assert_eq!(clean("Rác 🗑️", 1, 6).unwrap(), "Rác 🗑️");
    }

    #[test]
    fn blank_is_missing_unless_optional() {
        for blank in ["", "  \r\n\t ", "\u{200B}\u{FEFF}", "\u{00A0}"] {
            assert_eq!(clean(blank, 1, 10), Err(FieldRule::Required));
            assert_eq!(clean(blank, 0, 10).unwrap(), "");
        }
    }

    #[test]
    fn control_characters_are_refused_and_line_breaks_only_where_they_belong() {
        assert_eq!(clean("a\r\nb\tc", 1, 10).unwrap(), "a\nb\tc");
        assert_eq!(clean_line("a\tc", 1, 10).unwrap(), "a c");
        assert_eq!(clean_line("abc\n", 1, 10).unwrap(), "abc");
        for text in ["a\0b", "a\u{1B}[31m", "a\rb", "a\u{85}b", "a\u{7F}b"] {
            assert_eq!(clean(text, 1, 20), Err(FieldRule::ControlCharacter), "{text:?}");
            assert_eq!(clean_line(text, 1, 20), Err(FieldRule::ControlCharacter), "{text:?}");
        }
        for text in ["a\nb", "a\r\nb", "a\u{2028}b"] {
            assert_eq!(clean_line(text, 1, 20), Err(FieldRule::ControlCharacter), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_cleaned_is_clean(text in any::<String>(), min in 0_usize..5, max in 5_usize..40) {
            if let Ok(cleaned) = clean(&text, min, max) {
                prop_assert!((min..=max).contains(&cleaned.chars().count()));
                prop_assert!(!cleaned.contains('\0') && !cleaned.contains('\r'));
                prop_assert_eq!(clean(&cleaned, min, max).unwrap(), cleaned);
            }
        }

        #[test]
        fn a_clean_line_is_one_line(text in "[a-zạ-ỹ \\n\\r\\t]{0,20}") {
            if let Ok(cleaned) = clean_line(&text, 0, 20) {
                prop_assert!(cleaned.lines().count() <= 1);
                prop_assert_eq!(clean_line(&cleaned, 0, 20).unwrap(), cleaned);
            }
        }
    }
}
