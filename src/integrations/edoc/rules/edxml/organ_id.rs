//! Organ identifiers of the exchange (mã định danh điện tử). Enters: any spelling. Leaves: one form for comparison.
//!
//! QĐ 20/2020/QĐ-TTg writes the highest level first (`H05.14`); QCVN 102:2016 wrote it last, padded with zeros
//! (`000.00.14.H05`). Rule: real files contain other texts too, so reading never fails; the original text is kept as
//! well.

use crate::kernel::field_problem::FieldRule;
use std::fmt;

/// Maximum characters according to QĐ 20/2020.
const LONGEST: usize = 35;
/// Example for error messages.
const EXAMPLE: &str = "H05.14";

/// A normalised identifier together with its original text.
#[derive(Debug, Clone, Eq)]
pub struct OrganId {
    normal: String,
    original: String,
}

impl PartialEq for OrganId {
    fn eq(&self, other: &Self) -> bool {
        self.normal == other.normal
    }
}

impl OrganId {
    /// Normalises any text; one in neither form is compared by its upper-case letters.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let original: String = text.trim().chars().take(200).collect();
        let upper = original.to_uppercase();
        let mut groups: Vec<&str> = upper.split('.').map(str::trim).collect();
        let is_root = |group: Option<&&str>| group.is_some_and(|group| is_first_level(group));
        if is_root(groups.last()) && !is_root(groups.first()) {
            groups.reverse();
        }
        if is_root(groups.first()) {
            while groups.len() > 1 && groups.last().is_some_and(|group| group.chars().all(|c| c == '0')) {
                groups.pop();
            }
        }
        Self { normal: groups.join("."), original }
    }

    /// Validates an identifier entered by an administrator; it must have one of the two forms.
    ///
    /// # Errors
    /// `Required`, `TooLong`, `Malformed`.
    pub fn check(text: &str) -> Result<Self, FieldRule> {
        let id = Self::read(text);
        if id.normal.is_empty() {
            return Err(FieldRule::Required);
        }
        if id.original.chars().count() > LONGEST {
            return Err(FieldRule::TooLong(LONGEST));
        }
        let fits = |group: &str| !group.is_empty() && group.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        let has_form = id.normal.split('.').next().is_some_and(is_first_level) && id.normal.split('.').all(fits);
        if has_form { Ok(id) } else { Err(FieldRule::Malformed(EXAMPLE)) }
    }

    /// Returns the form of QĐ 20/2020.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.normal
    }

    /// Returns the original text.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.original
    }
}

impl fmt::Display for OrganId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.normal)
    }
}

/// A letter and two digits: `H05` is Bắc Ninh, `G22` the Government Office.
fn is_first_level(group: &str) -> bool {
    let mut characters = group.chars();
    characters.next().is_some_and(|c| c.is_ascii_uppercase()) && group.len() == 3 && characters.all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_one() {
        for (text, normal) in [
            ("000.00.14.H05", "H05.14"),
            (" h05.14 ", "H05.14"),
            ("H05", "H05"),
            ("000.00.00.H05", "H05"),
            ("H37.02.02", "H37.02.02"),
            ("28.22.H17", "H17.22.28"),
            ("test-organ", "TEST-ORGAN"),
            ("", ""),
        ] {
            assert_eq!(OrganId::read(text).as_str(), normal, "{text}");
        }
        assert_eq!(OrganId::read("000.00.14.H05").original(), "000.00.14.H05");
        assert_eq!(OrganId::read("000.00.14.H05"), OrganId::read("H05.14"));
    }

    #[test]
    fn what_is_entered_has_a_form() {
        assert!(OrganId::check("000.00.14.H05").is_ok() && OrganId::check("H05.14.A1").is_ok());
        for wrong in ["", " ", "14", "H5.14", "H05..14", "H05.Đ", "H05.1 4", &"H05.".repeat(10)] {
            assert!(OrganId::check(wrong).is_err(), "{wrong}");
        }
    }
}
