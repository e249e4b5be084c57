//! The personal identification number (số định danh cá nhân, CCCD): parses user input into twelve digits.
//!
//! Format (Decree 137/2015 art. 13, Circular 07/2016/TT-BCA): three digits for the place of birth registration,
//! one for century and sex, two for the year of birth, six random. There is no check digit. The place is a
//! province of the 2016 list (001–096) or, for people born abroad, a country (from 101). The provinces that exist
//! today do not matter: people keep 024 (Bắc Giang) and 027 (Bắc Ninh) for life, so no code inside those ranges is
//! rejected.

use crate::kernel::field_problem::FieldRule;
use std::str::FromStr;

checked_text! {
    /// A personal identification number of twelve digits.
    private PersonalId, "027090000001"
}

const EXAMPLE: &str = "027090000001";

impl FromStr for PersonalId {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-')).collect();
        let has_form = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit());
        let place = digits.get(..3).and_then(|place| place.parse::<u16>().ok());
        match place {
            Some(1..=96 | 101..) if has_form => Ok(Self(digits)),
            _ => Err(FieldRule::Malformed(EXAMPLE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn old_provinces_and_births_abroad_are_accepted() {
        for text in ["027090123456", "024 190 123 456", "001.300-000001", "096099999999", "101085000001"] {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(text.parse::<PersonalId>().unwrap().as_str(), digits);
        }
        assert_eq!(format!("{:?}", "027090123456".parse::<PersonalId>().unwrap()), "PersonalId(…456)");
    }

    #[test]
    fn other_texts_are_malformed() {
        for text in ["", "123456789", "02709012345", "0270901234567", "000090123456", "097090123456", "02709012345x", "٠٢٧٠٩٠"]
        {
            assert_eq!(text.parse::<PersonalId>(), Err(FieldRule::Malformed(EXAMPLE)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_number_of_the_province_is_accepted(rest in "[0-9]{9}", place in prop::sample::select(vec!["024", "027"])) {
            let digits = format!("{place}{rest}");
            prop_assert_eq!(digits.parse::<PersonalId>().unwrap().into_string(), digits);
        }

        #[test]
        fn no_text_makes_anything_but_twelve_digits(text in any::<String>()) {
            if let Ok(id) = text.parse::<PersonalId>() {
                prop_assert!(id.as_str().len() == 12 && id.as_str().bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
