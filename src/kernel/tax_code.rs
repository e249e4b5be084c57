//! The tax code (mã số thuế): parses user input into `0100109106`, `0314409058-002` or a person's twelve digits.
//!
//! Ten digits include a check digit; a branch adds `-001` to `-999`. Since 2025-07-01 household businesses use the
//! owner's personal identification number instead, which has no check digit.

use crate::kernel::field_problem::FieldRule;
use crate::kernel::personal_id::PersonalId;
use std::str::FromStr;

checked_text! {
    /// A tax code of a business, a branch or a person. `Debug` hides it, because it may be a personal number.
    private TaxCode, "0100109106"
}

const EXAMPLE: &str = "0100109106, 0314409058-002";
/// Weights of the first nine digits; the tenth digit is 10 minus the weighted sum modulo 11.
const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];

impl FromStr for TaxCode {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_dash = |c: char| matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
        let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '.' && !is_dash(*c)).collect();
        let malformed = FieldRule::Malformed(EXAMPLE);
        if !compact.bytes().all(|b| b.is_ascii_digit()) {
            return Err(malformed);
        }
        match compact.len() {
            10 => check(&compact).map(|()| Self(compact)),
            // A branch code with one digit missing also has twelve digits, but nobody writes a personal number
            // with a dash.
            12 if !text.contains(is_dash) => {
                compact.parse::<PersonalId>().map(|id| Self(id.into_string())).map_err(|_| malformed)
            }
            13 => match compact.split_at_checked(10) {
                Some((business, branch)) if branch != "000" => check(business).map(|()| Self(format!("{business}-{branch}"))),
                _ => Err(malformed),
            },
            _ => Err(malformed),
        }
    }
}

/// Checks that the serial number (digits three to nine) is not zero and that the check digit is correct.
fn check(ten_digits: &str) -> Result<(), FieldRule> {
    let digits: Vec<u32> = ten_digits.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.iter().skip(2).take(7).all(|digit| *digit == 0) {
        return Err(FieldRule::Malformed(EXAMPLE));
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    if digits.last() == Some(&(10 - sum % 11)) { Ok(()) } else { Err(FieldRule::CheckDigit) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<String, FieldRule> {
        text.parse().map(TaxCode::into_string)
    }

    #[test]
    fn known_codes() {
        for text in ["0100233488", "0314409058-002", "0100109106", "027090123456"] {
            assert_eq!(parse(text).unwrap(), text);
        }
        assert_eq!(parse(" 0314409058 - 002 ").unwrap(), "0314409058-002");
        assert_eq!(parse("0314409058002").unwrap(), "0314409058-002");
        assert_eq!(parse("01.00.109.106").unwrap(), "0100109106");
    }

    #[test]
    fn wrong_codes() {
        assert_eq!(parse("0100233480"), Err(FieldRule::CheckDigit));
        assert_eq!(parse("0314409059-002"), Err(FieldRule::CheckDigit));
        for text in
            ["", "0314409058-000", "0314409058-02", "010023348", "01002334889", "010023348x", "0100000000", "000090123456"]
        {
            assert_eq!(parse(text), Err(FieldRule::Malformed(EXAMPLE)), "{text}");
        }
    }

    /// Nine digits that have a check digit (a remainder of 0 has none), followed by it.
    fn any_tax_code() -> impl Strategy<Value = String> {
        prop::collection::vec(0_u32..10, 9).prop_filter_map("no check digit or an empty serial number", |digits| {
            let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
            let nine: String = digits.iter().map(u32::to_string).collect();
            (!sum.is_multiple_of(11) && digits[2..].iter().any(|digit| *digit != 0)).then(|| format!("{nine}{}", 10 - sum % 11))
        })
    }

    proptest! {
        #[test]
        fn every_single_wrong_digit_shows(code in any_tax_code(), branch in 1_u32..1000) {
            prop_assert_eq!(parse(&code).unwrap(), code.clone());
            prop_assert_eq!(parse(&format!("{code}{branch:03}")).unwrap(), format!("{code}-{branch:03}"));
            for position in 0..10 {
                for wrong in '0'..='9' {
                    let changed: String = code.chars().enumerate().map(|(at, c)| if at == position { wrong } else { c }).collect();
                    prop_assert_eq!(parse(&changed).is_ok(), changed == code, "{}", changed);
                }
            }
        }

        #[test]
        fn the_canonical_text_reads_back(text in "[0-9 .-]{8,16}") {
            if let Ok(code) = parse(&text) {
                prop_assert_eq!(parse(&code).unwrap(), code);
            }
        }
    }
}
