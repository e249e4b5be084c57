//! The code of a published report (`7K3QX9M2CA`): made from random bits, parsed case-insensitively.
//!
//! It is part of printed URLs. Codes are random, so a link to another installation's report never leads to one of ours.
//! The alphabet is Crockford's base 32: letters that look like 0 or 1 are read as such.

use crate::kernel::field_problem::FieldRule;
use std::str::FromStr;

checked_text! {
    /// The public name of a published report, in its canonical spelling.
    public SnapshotCode, "7K3QX9M2CA"
}

const EXAMPLE: &str = "7K3QX9M2CA";
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS: usize = 10;

impl SnapshotCode {
    /// Creates a code from the lowest 50 bits.
    #[must_use]
    pub fn new(entropy: u64) -> Self {
        let mut rest = entropy;
        let draw = || {
            let index = usize::try_from(rest % 32).unwrap_or_default();
            rest /= 32;
            ALPHABET.chars().nth(index).unwrap_or('0')
        };
        Self(std::iter::repeat_with(draw).take(CHARACTERS).collect())
    }
}

impl FromStr for SnapshotCode {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let code: String = text.chars().take(CHARACTERS + 1).map(plain).collect();
        let fits = code.chars().count() == CHARACTERS && code.chars().all(|c| ALPHABET.contains(c));
        if fits { Ok(Self(code)) } else { Err(FieldRule::Malformed(EXAMPLE)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn look_alikes_are_read_and_everything_else_is_refused() {
        assert_eq!("7k3qx9m2ca".parse::<SnapshotCode>().unwrap().as_str(), "7K3QX9M2CA");
        assert_eq!("oOiIlL0011".parse::<SnapshotCode>().unwrap().as_str(), "0011110011");
        for text in ["", "7K3QX9M2C", "7K3QX9M2CAA", "7K3QX9M2CU", "7K3QX-9M2C", "7K3QX9M2CĐ", "1"] {
            assert_eq!(text.parse::<SnapshotCode>(), Err(FieldRule::Malformed(EXAMPLE)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_new_code_reads_back(entropy in any::<u64>()) {
            let code = SnapshotCode::new(entropy);
            prop_assert_eq!(code.as_str().to_lowercase().parse::<SnapshotCode>().unwrap(), code);
        }

        #[test]
        fn different_entropy_gives_different_codes(a in 0_u64..(1 << 50), b in 0_u64..(1 << 50)) {
            prop_assert_eq!(a == b, SnapshotCode::new(a) == SnapshotCode::new(b));
        }
    }
}
