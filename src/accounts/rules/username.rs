//! User names of officers.

use crate::kernel::field_problem::FieldRule;

/// 3–64 lower-case ASCII letters, digits, `.`, `_` or `-`, with at least one letter: digits alone would look like a
/// phone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

impl Username {
    /// Parses a user name; upper case is refused rather than folded, so that lists and tokens always agree.
    ///
    /// # Errors
    /// [`FieldRule::Required`], [`FieldRule::TooShort`], [`FieldRule::TooLong`] or [`FieldRule::Malformed`].
    pub fn parse(text: &str) -> Result<Self, FieldRule> {
        let text = text.trim();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        match text.chars().count() {
            0 => Err(FieldRule::Required),
            n if n < 3 => Err(FieldRule::TooShort(3)),
            n if n > 64 => Err(FieldRule::TooLong(64)),
            _ if !text.chars().all(allowed) || !text.chars().any(|c| c.is_ascii_lowercase()) => {
                Err(FieldRule::Malformed("an.nguyen"))
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        assert_eq!(Username::parse(" an.nguyen-2_x ").unwrap().as_str(), "an.nguyen-2_x");
        for wrong in ["An.nguyen", "an nguyen", "ánh.tran", "0912345678", "a@b.vn", "a;b;c"] {
            assert_eq!(Username::parse(wrong), Err(FieldRule::Malformed("an.nguyen")), "{wrong}");
        }
        assert_eq!(Username::parse("ab"), Err(FieldRule::TooShort(3)));
        assert_eq!(Username::parse(&"a".repeat(65)), Err(FieldRule::TooLong(64)));
        assert_eq!(Username::parse(" "), Err(FieldRule::Required));
    }
}
