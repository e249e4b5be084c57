//! Normalises user text and checks its length: takes any Unicode text, returns NFC text within the limits or the
//! broken rule.
//!
//! Services call this before they use a title, text or name. Depending on the keyboard, Vietnamese arrives
//! composed (`ệ`) or with combining marks (`e` + two marks); NFC makes both equal, so length, search and
//! comparison do not depend on the device. Invisible characters neither satisfy a required field nor count towards
//! the minimum length.

use crate::kernel::field_problem::FieldRule;
use crate::kernel::invisible::{is_blank, is_invisible};
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Allowance for characters that are kept but not counted (combining marks, parts of emoji): the total may be
/// twice `max` plus this number.
const UNCOUNTED: usize = 50;

/// Cleans multi-line text: NFC, `\r\n` to `\n`, trimmed; `min` to `max` visible characters (not bytes).
///
/// # Errors
/// `Required` when nothing visible is left and `min` is not 0, `TooShort`, `TooLong`, `ControlCharacter`.
pub fn clean(text: &str, min: usize, max: usize) -> Result<String, FieldRule> {
    let normal = composed(&text.replace("\r\n", "\n"));
    bounded(normal.trim_matches(is_margin), min, max, |c| is_deceptive(c) || (c.is_control() && c != '\n' && c != '\t'))
}

/// Cleans single-line text (titles, names) like [`clean`]; tabs become spaces and line breaks inside are rejected.
///
/// # Errors
/// As [`clean`].
pub fn clean_line(text: &str, min: usize, max: usize) -> Result<String, FieldRule> {
    let normal = composed(&text.replace('\t', " "));
    let refused = |c: char| is_deceptive(c) || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    bounded(normal.trim_matches(is_margin), min, max, refused)
}

/// Converts to NFC. Most input is NFC already, and the quick check is several times faster than normalising.
fn composed(text: &str) -> String {
    let visible = |c: &char| !is_dropped(*c);
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.chars().filter(visible).collect(),
        _ => text.nfc().filter(visible).collect(),
    }
}

fn bounded(text: &str, min: usize, max: usize, refused: impl Fn(char) -> bool) -> Result<String, FieldRule> {
    if text.contains(refused) {
        return Err(FieldRule::ControlCharacter);
    }
    if is_empty(text) {
        return if min > 0 { Err(FieldRule::Required) } else { Ok(String::new()) };
    }
    let (shown, width) = lengths(text);
    if shown < min {
        return Err(FieldRule::TooShort(min));
    }
    if width > max || text.chars().count() > max.saturating_mul(2).saturating_add(UNCOUNTED) {
        return Err(FieldRule::TooLong(max));
    }
    Ok(text.to_owned())
}

/// Returns whether a text is blank or consists of invisible characters only.
#[must_use]
pub fn is_empty(text: &str) -> bool {
    !text.chars().any(has_ink)
}

/// Returns two lengths: visible characters with a run of white space counted once, and with every space counted.
#[must_use]
pub fn lengths(text: &str) -> (usize, usize) {
    let (mut shown, mut width, mut was_blank) = (0, 0, false);
    for c in text.chars().filter(|c| !is_invisible(*c) && !is_combining_mark(*c)) {
        let blank = is_blank(c);
        shown += usize::from(!(blank && was_blank));
        width += 1;
        was_blank = blank;
    }
    (shown, width)
}

/// Characters to trim at the ends; variation selectors stay because they belong to the emoji before them.
fn is_margin(c: char) -> bool {
    is_blank(c) && !matches!(c, '\u{FE00}'..='\u{FE0F}')
}

fn has_ink(c: char) -> bool {
    !is_blank(c) && !is_combining_mark(c)
}

/// Invisible characters that copying from web pages and messengers leaves inside words, where they break search.
/// Joiners and variation selectors stay, because emoji and other scripts need them.
const fn is_dropped(c: char) -> bool {
    is_invisible(c)
        && !is_deceptive(c)
        && !matches!(c, '\u{34F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Bidirectional overrides, which can make a register or a public page read differently from its content, and
/// Unicode noncharacters.
const fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFFE}' | '\u{FFFF}')
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
    fn what_nobody_sees_is_no_text() {
        let unseen = [
            "\u{3164}",
            "\u{2800}",
            "\u{AD}",
            "\u{FE0F}",
            "\u{115F}",
            "\u{1160}",
            "\u{FFA0}",
            "\u{E0041}",
            "\u{E0001}",
            "\u{E007F}",
            "\u{301}",
            "\u{20DD}",
            "\u{34F}",
            "\u{200B}",
            "\u{200C}",
            "\u{200D}",
            "\u{200E}",
            "\u{2060}",
            "\u{2061}",
            "\u{206A}",
            "\u{180E}",
            "\u{17B4}",
            "\u{FFF9}",
            "\u{FEFF}",
            "\u{1D173}",
            "\u{E0100}",
            "\u{3000}",
            "\u{2003}",
            "\u{61C}",
        ];
        for character in unseen {
            for text in [character.repeat(5), format!(" {character} {character}\u{3164}{character}"), character.repeat(300)] {
                assert_eq!(clean_line(&text, 5, 200), Err(FieldRule::Required), "{text:?}");
                assert_eq!(clean(&text, 1, 200), Err(FieldRule::Required), "{text:?}");
                assert_eq!(clean(&text, 0, 200).unwrap(), "", "{text:?}");
            }
            // Invisible characters do not count towards the minimum length either.
            let short = format!("Rác{}", character.repeat(9));
            assert!(matches!(clean_line(&short, 5, 200), Err(FieldRule::TooShort(5))), "{short:?}");
        }
        assert_eq!(clean_line(&format!("a{}b", " ".repeat(9)), 5, 200), Err(FieldRule::TooShort(5)));
    }

    #[test]
    fn what_is_not_counted_is_bounded_too() {
        assert_eq!(clean(&format!("e{}", "\u{301}".repeat(200)), 1, 10), Err(FieldRule::TooLong(10)));
        assert_eq!(clean("👨\u{200D}👩\u{200D}👧 ☎\u{FE0F}", 1, 5).unwrap(), "👨\u{200D}👩\u{200D}👧 ☎\u{FE0F}");
        assert_eq!(clean_line("r\u{AD}á\u{3164}c\u{E0041} thải", 1, 9).unwrap(), "rác thải");
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
                let (shown, width) = lengths(&cleaned);
                prop_assert!(shown >= min && width <= max && cleaned.chars().count() <= 2 * max + UNCOUNTED);
                prop_assert!(cleaned.is_empty() || cleaned.chars().any(has_ink));
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
