//! A Vietnamese phone number that can be called back: parses any spelling into E.164 (`+84912345678`).
//!
//! The number is a login name and an address for notices, so all spellings must become one value. The numbering
//! plan follows libphonenumber's metadata for Việt Nam. Toll numbers (1800, 1900), emergency numbers, the 11-digit
//! mobile numbers used before 2018 and the area codes used before 2017 cannot be called back and are rejected.

use crate::kernel::field_problem::FieldRule;
use crate::kernel::invisible::is_blank;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

checked_text! {
    /// A callable Vietnamese number in E.164.
    private Phone, "+84912345678"
}

const COUNTRY: &str = "+84";

impl Phone {
    /// Returns the national form: `0912345678`.
    #[must_use]
    pub fn national(&self) -> String {
        format!("0{}", self.0.strip_prefix(COUNTRY).unwrap_or(&self.0))
    }

    /// Parses a number from another system; an 11-digit mobile number from before September 2018 is converted to
    /// its current form.
    ///
    /// # Errors
    /// [`FieldRule::Phone`] when it cannot be called back.
    pub fn of_any_time(text: &str) -> Result<Self, FieldRule> {
        text.parse().or_else(|rule| {
            let compact = compact(text);
            let today = national_number(&compact).and_then(today).ok_or(rule)?;
            today.parse()
        })
    }

    /// Returns whether the number can receive text messages.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        self.0.strip_prefix(COUNTRY).is_some_and(is_mobile)
    }
}

impl FromStr for Phone {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let compact = compact(text);
        let national = national_number(&compact).ok_or(FieldRule::Phone)?;
        if national.bytes().all(|b| b.is_ascii_digit()) && (is_mobile(national) || is_fixed(national)) {
            Ok(Self(format!("{COUNTRY}{national}")))
        } else {
            Err(FieldRule::Phone)
        }
    }
}

/// Removes country code and trunk zero; `+84 (0) 912…` has both. A number with neither is rejected, because `84…`
/// would be ambiguous.
fn national_number(compact: &str) -> Option<&str> {
    let after_country = [COUNTRY, "0084", "84"].iter().find_map(|prefix| compact.strip_prefix(prefix));
    match after_country {
        Some(rest) => Some(rest.strip_prefix('0').unwrap_or(rest)),
        None => compact.strip_prefix('0'),
    }
}

/// Prefixes of 11-digit mobile numbers until September 2018, and their replacements.
const RENUMBERED: &[(&str, &str)] = &[
    ("120", "70"),
    ("121", "79"),
    ("122", "77"),
    ("126", "76"),
    ("128", "78"),
    ("123", "83"),
    ("124", "84"),
    ("125", "85"),
    ("127", "81"),
    ("129", "82"),
    ("162", "32"),
    ("163", "33"),
    ("164", "34"),
    ("165", "35"),
    ("166", "36"),
    ("167", "37"),
    ("168", "38"),
    ("169", "39"),
    ("186", "56"),
    ("188", "58"),
    ("199", "59"),
];

/// Converts a mobile number from before 2018 (without trunk zero) to the current number (with trunk zero).
fn today(national: &str) -> Option<String> {
    let (prefix, rest) = RENUMBERED.iter().find_map(|(old, new)| Some((new, national.strip_prefix(old)?)))?;
    (rest.len() == 7).then(|| format!("0{prefix}{rest}"))
}

/// Normalises to NFKC and removes separators.
fn compact(text: &str) -> String {
    text.nfkc().filter(|c| !is_separator(*c)).collect()
}

/// Spaces, dots, dashes, slashes, brackets, and invisible characters that come with numbers copied from a contact
/// list.
fn is_separator(c: char) -> bool {
    is_blank(c)
        || matches!(c, '.' | ',' | '/' | '-' | '_' | '~' | '*' | ':' | '\'' | '|' | '(' | ')' | '[' | ']' | '{' | '}')
        || matches!(c, '·' | '•' | '∙' | '⋅' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2044}' | '\u{2212}' | '\u{2215}')
}

fn is_mobile(national: &str) -> bool {
    let [a, b, c, rest @ ..] = national.as_bytes() else { return false };
    let prefix_in_use = match (a, b, c) {
        (b'3', _, _) | (b'7', b'0' | b'6'..=b'9', _) | (b'5', b'1' | b'6' | b'8' | b'9', _) => true,
        (b'5', b'2', c) => matches!(c, b'2' | b'3' | b'8'),
        (b'5', b'5', c) => *c == b'9',
        (b'8', b'1'..=b'8', _) | (b'9', b'0'..=b'8', _) => true,
        (b'8', b'9', c) => matches!(c, b'6'..=b'9'),
        (b'9', b'9', c) => matches!(c, b'0' | b'1' | b'3'..=b'9'),
        _ => false,
    };
    prefix_in_use && rest.len() == 6
}

/// Area code `2xx` and 7 or 8 digits. 240 and 241 are the old codes of Bắc Giang and Bắc Ninh (now 204 and 222);
/// the numbers of Hà Nội (24 and 8 digits) never begin with 0 or 1.
fn is_fixed(national: &str) -> bool {
    match national.as_bytes() {
        [b'2', b'4', b'0' | b'1', ..] => false,
        [b'2', _, _, rest @ ..] => matches!(rest.len(), 7 | 8),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<String, FieldRule> {
        text.parse().map(Phone::into_string)
    }

    #[test]
    fn usual_spellings() {
        for text in [
            "0912345678",
            "84912345678",
            "+84912345678",
            "0084912345678",
            "091 234 5678",
            "0912.345.678",
            "+84 (0) 912-345-678",
            "\u{202A}+84912345678\u{202C}",
            " 0912\u{A0}345\u{2013}678 ",
            "0912/345/678",
            "0912,345,678",
            "0912_345_678",
            "0912·345·678",
            "[0912] 345 678",
            "０９１２ ３４５ ６７８",
            "0912\u{AD}345\u{3164}678",
        ] {
            assert_eq!(parse(text).unwrap(), "+84912345678", "{text}");
        }
        assert_eq!(parse("(0222) 3822 123").unwrap(), "+842223822123");
        assert_eq!(parse("0204 3 854 123").unwrap(), "+842043854123");
        assert_eq!(parse("024 3825 1234").unwrap(), "+842438251234");
        assert_eq!("0222 3822123".parse::<Phone>().unwrap().national(), "02223822123");
    }

    #[test]
    fn numbers_that_cannot_be_called_back() {
        for text in [
            "",
            "113",
            "1022",
            "18001090",
            "19001234",
            "+8419001234",
            "01681234567",
            "+841681234567",
            "02413822123",
            "02403822123",
            "912345678",
            "091234567",
            "09123456789",
            "0992345678",
            "0552345678",
            "0891234567",
            "0022238221",
            "+85212345678",
            "0912345abc",
            "O912345678",
            "0912345678;0987654321",
            "+",
            "+84",
            "٠٩١٢٣٤٥٦٧٨",
        ] {
            assert_eq!(parse(text), Err(FieldRule::Phone), "{text}");
        }
    }

    #[test]
    fn mobiles_of_before_2018_become_those_of_today() {
        for (old, new) in [
            ("0120 123 4567", "070"),
            ("0121-123-4567", "079"),
            ("01221234567", "077"),
            ("01261234567", "076"),
            ("01281234567", "078"),
            ("01231234567", "083"),
            ("01241234567", "084"),
            ("01251234567", "085"),
            ("01271234567", "081"),
            ("+84 129 123 4567", "082"),
            ("01621234567", "032"),
            ("01631234567", "033"),
            ("01641234567", "034"),
            ("01651234567", "035"),
            ("01661234567", "036"),
            ("01671234567", "037"),
            ("01681234567", "038"),
            ("0084 169 123 4567", "039"),
            ("01861234567", "056"),
            ("01881234567", "058"),
            ("01991234567", "059"),
        ] {
            let phone = Phone::of_any_time(old).unwrap();
            assert_eq!(phone.national(), format!("{new}1234567"), "{old}");
            assert!(phone.is_mobile(), "{old}");
            assert!(old.parse::<Phone>().is_err(), "{old}");
        }
        for wrong in ["0168123456", "016812345678", "01871234567", "01801234567", "0130 123 4567", "113", ""] {
            assert_eq!(Phone::of_any_time(wrong), Err(FieldRule::Phone), "{wrong}");
        }
        assert_eq!(Phone::of_any_time("0912 345 678"), "0912345678".parse());
    }

    #[test]
    fn mobiles_and_fixed_lines_differ_and_logs_hide_the_number() {
        let mobile: Phone = "0359876543".parse().unwrap();
        assert!(mobile.is_mobile());
        assert_eq!(format!("{mobile:?}"), "Phone(…543)");
        assert!(!"02223822123".parse::<Phone>().unwrap().is_mobile());
        assert_eq!(serde_json::from_str::<Phone>("\"035 987 6543\"").unwrap(), mobile);
        assert!(serde_json::from_str::<Phone>("\"115\"").is_err());
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_number_is_the_same_number(
            national in "(3[0-9]{2}|7[06-9][0-9]|5[1689][0-9]|8[1-8][0-9]|9[0-8][0-9])[0-9]{6}|222[0-9]{7}|204[0-9]{7,8}",
            separators in prop::collection::vec(prop::sample::select(vec!["", " ", ".", "-", "  ", "\u{A0}"]), 12),
        ) {
            let spaced: String = national.chars().zip(separators.iter()).map(|(digit, gap)| format!("{digit}{gap}")).collect();
            let expected = format!("+84{national}");
            for prefix in ["0", "84", "+84", "0084", "+84 ", "84-", "(0)", "+84 (0)"] {
                prop_assert_eq!(parse(&format!("{prefix}{spaced}")).unwrap(), expected.clone());
            }
            prop_assert_eq!(parse(&expected).unwrap(), expected);
        }

        #[test]
        fn no_text_makes_anything_but_e164(text in any::<String>()) {
            if let Ok(phone) = parse(&text) {
                prop_assert!(phone.starts_with("+84") && phone.len() <= 15);
                prop_assert!(phone.chars().skip(1).all(|c| c.is_ascii_digit()));
            }
        }
    }
}
