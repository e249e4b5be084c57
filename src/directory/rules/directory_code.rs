//! Codes of agencies, areas and categories: short, without accents, safe in URLs and file names.

use crate::kernel::field_problem::FieldRule;

const LONGEST: usize = 60;
const EXAMPLE: &str = "27-256-QLDT";

/// Validates a code: ASCII letters, digits and single `-` or `_` between them.
///
/// # Errors
/// `Required`, `TooLong`, `Malformed`.
pub fn directory_code(text: &str) -> Result<String, FieldRule> {
    let code = text.trim();
    if code.is_empty() {
        return Err(FieldRule::Required);
    }
    if code.len() > LONGEST {
        return Err(FieldRule::TooLong(LONGEST));
    }
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    if code.split(['-', '_']).all(is_part) { Ok(code.to_owned()) } else { Err(FieldRule::Malformed(EXAMPLE)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_default_directory_are_accepted() {
        for code in ["27", "09190", "27-256-QLDT", "rac-thai-chat-thai"] {
            assert_eq!(directory_code(&format!(" {code} ")).as_deref(), Ok(code));
        }
    }

    #[test]
    fn what_could_be_mistaken_is_refused() {
        assert_eq!(directory_code("  "), Err(FieldRule::Required));
        for code in ["27-", "-27", "27--1", "27 1", "rác", "a/b", "a\0"] {
            assert_eq!(directory_code(code), Err(FieldRule::Malformed(EXAMPLE)), "{code:?}");
        }
        assert_eq!(directory_code(&"a".repeat(61)), Err(FieldRule::TooLong(60)));
    }
}
