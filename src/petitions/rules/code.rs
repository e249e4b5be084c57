//! Petition codes (`BN26-7K3QX9-C`): built from a year and random bits, parsed in any case and spacing.
//!
//! A code is read over the phone and is all that a guest has, so it contains no look-alike characters and ends in a
//! check character. The random part keeps codes from being guessed (594,823,321 codes a year; the database rejects a
//! second use).
//!
//! Check: every character has a value (digits their own, letters from 10), and the weighted sum of all eleven is 0
//! modulo 29. As 29 is prime, no weight is 0 and adjacent weights differ, every single wrong character and every swap
//! of neighbours is detected.

use crate::kernel::field_problem::FieldRule;
use std::str::FromStr;

checked_text! {
    /// The public code of a petition, in its canonical spelling.
    public PetitionCode, "BN26-7K3QX9-C"
}

const EXAMPLE: &str = "BN26-7K3QX9-C";
const PROVINCE: [char; 2] = ['B', 'N'];
/// 29 characters: without 0/O, 1/I/L, U (V) and Z (2).
const ALPHABET: &str = "23456789ABCDEFGHJKMNPQRSTVWXY";
const MODULUS: u32 = 29;
const LETTERS: &str = "ABCDEFGHJKMNPQRSTVWXY";
const RANDOM_CHARACTERS: usize = 6;
/// One weight per character; that of B is chosen so that the example in the API description is a valid code.
const WEIGHTS: [u32; 11] = [3, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

impl PetitionCode {
    /// Builds a code from the Vietnamese year of filing and random bits; the caller draws again when the code is taken.
    #[must_use]
    pub fn new(year: i32, entropy: u64) -> Self {
        let base = u64::from(MODULUS);
        let mut rest = entropy;
        let random = std::iter::repeat_with(|| {
            let index = usize::try_from(rest % base).unwrap_or_default();
            rest /= base;
            ALPHABET.chars().nth(index).unwrap_or('2')
        });
        let year = format!("{:02}", year.rem_euclid(100));
        let body: Vec<char> = PROVINCE.into_iter().chain(year.chars()).chain(random.take(RANDOM_CHARACTERS)).collect();
        let sum = weighted_sum(&body);
        let check = ALPHABET.chars().find(|c| (sum + value(*c)).is_multiple_of(MODULUS)).unwrap_or('2');
        Self(spell(&body, check))
    }
}

impl FromStr for PetitionCode {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let compact: Vec<char> = text.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_uppercase()).take(12).collect();
        let [b, n, tens, ones, random @ .., check] = compact.as_slice() else { return Err(FieldRule::Malformed(EXAMPLE)) };
        let has_form = [*b, *n] == PROVINCE
            && tens.is_ascii_digit()
            && ones.is_ascii_digit()
            && random.len() == RANDOM_CHARACTERS
            && random.iter().chain([check]).all(|c| ALPHABET.contains(*c));
        if !has_form {
            return Err(FieldRule::Malformed(EXAMPLE));
        }
        if !weighted_sum(&compact).is_multiple_of(MODULUS) {
            return Err(FieldRule::CheckDigit);
        }
        let body: Vec<char> = compact.iter().copied().take(compact.len() - 1).collect();
        Ok(Self(spell(&body, *check)))
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Digits keep their value, in the year too, so that a digit moved from the year into the random part is detected.
fn value(c: char) -> u32 {
    let letter = || LETTERS.chars().zip(10..).find_map(|(letter, value)| (letter == c).then_some(value));
    c.to_digit(10).or_else(letter).unwrap_or_default()
}

fn weighted_sum(characters: &[char]) -> u32 {
    characters.iter().zip(WEIGHTS).map(|(c, weight)| value(*c) * weight).sum()
}

fn spell(body: &[char], check: char) -> String {
    let (head, random) = body.split_at(body.len().saturating_sub(RANDOM_CHARACTERS));
    let head: String = head.iter().collect();
    let random: String = random.iter().collect();
    format!("{head}-{random}-{check}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_code() -> impl Strategy<Value = PetitionCode> {
        (2000_i32..2100, any::<u64>()).prop_map(|(year, entropy)| PetitionCode::new(year, entropy))
    }

    #[test]
    fn the_example_is_valid_in_every_spelling() {
        for text in ["BN26-7K3QX9-C", "bn267k3qx9c", " bn26 7k3 qx9 c ", "BN26–7K3QX9–C", "B-N-2-6-7K3QX9C"] {
            assert_eq!(text.parse::<PetitionCode>().unwrap().as_str(), "BN26-7K3QX9-C", "{text}");
        }
        assert_eq!("BN26-7K3QX9-D".parse::<PetitionCode>(), Err(FieldRule::CheckDigit));
        assert_eq!("BN26-7K3QY9-C".parse::<PetitionCode>(), Err(FieldRule::CheckDigit));
    }

    #[test]
    fn other_texts_are_malformed() {
        for text in
            ["", "BN", "BN26-7K3QX9", "BN26-7K3QX9-CC", "HN26-7K3QX9-C", "BNX6-7K3QX9-C", "BN26-0K3QX9-C", "BN26-7K3ƯX9-C"]
        {
            assert_eq!(text.parse::<PetitionCode>(), Err(FieldRule::Malformed(EXAMPLE)), "{text}");
        }
        assert_eq!("BN".repeat(100_000).parse::<PetitionCode>(), Err(FieldRule::Malformed(EXAMPLE)));
    }

    #[test]
    fn the_alphabet_is_prime_and_its_values_differ() {
        let residues: std::collections::BTreeSet<u32> = ALPHABET.chars().map(|c| value(c) % MODULUS).collect();
        assert_eq!(residues.len(), 29);
        assert_eq!(ALPHABET.chars().count(), 29);
        assert!(WEIGHTS.iter().all(|weight| weight % MODULUS != 0));
        assert!(WEIGHTS.windows(2).all(|pair| pair[0] % MODULUS != pair[1] % MODULUS));
    }

    proptest! {
        #[test]
        fn a_new_code_reads_back(year in 2000_i32..2100, entropy in any::<u64>()) {
            let code = PetitionCode::new(year, entropy);
            prop_assert_eq!(code.as_str().chars().count(), 13);
            let prefix = format!("BN{:02}-", year % 100);
            prop_assert!(code.as_str().starts_with(&prefix));
            let sloppy = code.as_str().to_lowercase().replace('-', " ");
            prop_assert_eq!(sloppy.parse::<PetitionCode>().unwrap(), code.clone());
            prop_assert_eq!(serde_json::from_str::<PetitionCode>(&serde_json::to_string(&code).unwrap()).unwrap(), code);
        }

        #[test]
        fn every_wrong_character_shows(code in any_code()) {
            let characters: Vec<char> = code.as_str().replace('-', "").chars().collect();
            for position in 0..characters.len() {
                for wrong in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().filter(|c| *c != characters[position]) {
                    let mut changed = characters.clone();
                    changed[position] = wrong;
                    prop_assert!(changed.iter().collect::<String>().parse::<PetitionCode>().is_err(), "{:?}", changed);
                }
            }
        }

        #[test]
        fn every_swap_of_neighbours_shows(code in any_code()) {
            let characters: Vec<char> = code.as_str().replace('-', "").chars().collect();
            for position in 1..characters.len() {
                let mut changed = characters.clone();
                changed.swap(position - 1, position);
                if changed != characters {
                    prop_assert!(changed.iter().collect::<String>().parse::<PetitionCode>().is_err(), "{:?}", changed);
                }
            }
        }

        #[test]
        fn different_entropy_gives_different_codes(a in 0_u64..594_823_321, b in 0_u64..594_823_321) {
            prop_assert_eq!(a == b, PetitionCode::new(2026, a) == PetitionCode::new(2026, b));
        }
    }
}
