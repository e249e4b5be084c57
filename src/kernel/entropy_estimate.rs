//! Estimates the entropy of a client-chosen key that should be random.
//!
//! Takes the text, returns an upper estimate in bits. Rule: repeated pairs, counting sequences and known words add
//! nothing, and each other character counts for the alphabet that the text seems to use.

use std::collections::BTreeSet;

/// Minimum number of counted digits of a UUID; a random UUID never has fewer that neither repeat nor continue a
/// sequence.
const DIGITS_OF_A_UUID: u32 = 18;
/// Random bits of a UUID: all but version and variant.
const BITS_OF_A_UUID: f64 = 122.0;

/// Words that programs put into keys, and keyboard rows: they add no entropy.
const KNOWN: &[&str] = &[
    "petition",
    "phananh",
    "kiennghi",
    "phan-anh",
    "kien-nghi",
    "pakn",
    "guest",
    "form",
    "submit",
    "client",
    "request",
    "draft",
    "offline",
    "mobile",
    "android",
    "zalo",
    "bacninh",
    "idempotency",
    "key",
    "device",
    "citizen",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwerty",
    "asdfgh",
    "zxcvbn",
    "abcdefgh",
    "password",
    "matkhau",
];

/// Returns the estimated maximum entropy of a text in bits.
#[must_use]
pub fn estimated_bits(text: &str) -> f64 {
    let lower = text.to_ascii_lowercase();
    let telling = KNOWN.iter().fold(text.to_owned(), |rest, word| match lower.contains(word) {
        true => without(&rest, word),
        false => rest,
    });
    let text = telling.as_str();
    let counted = counted(text);
    if is_uuid(text) && counted >= DIGITS_OF_A_UUID { BITS_OF_A_UUID } else { f64::from(counted) * alphabet(text).log2() }
}

/// Removes a word, ignoring ASCII case.
fn without(text: &str, word: &str) -> String {
    let (mut rest, mut kept) = (text, String::with_capacity(text.len()));
    while let Some(at) = rest.to_ascii_lowercase().find(word) {
        kept.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + word.len()..).unwrap_or_default();
    }
    kept + rest
}

/// Counts the characters that neither repeat an earlier pair nor continue an arithmetic sequence.
fn counted(text: &str) -> u32 {
    // A dash is a separator in readable keys, but part of the alphabet in random keys with letters of both cases.
    let separates = !has_both_cases(text);
    let letters = text.chars().filter(|letter| letter.is_ascii_alphanumeric() || (!separates && matches!(letter, '-' | '_')));
    let mut seen = BTreeSet::new();
    let (mut counted, mut last, mut steps): (u32, Option<i64>, [Option<i64>; 2]) = (0, None, [None; 2]);
    for letter in letters.map(|letter| i64::from(u32::from(letter))) {
        let step = last.map(|last| letter - last);
        let goes_on = step.is_some() && steps == [step; 2];
        if last.is_none_or(|last| seen.insert((last, letter))) && !goes_on {
            counted += 1;
        }
        let [_, before] = steps;
        (last, steps) = (Some(letter), [before, step]);
    }
    counted
}

fn has_both_cases(text: &str) -> bool {
    text.chars().any(|letter| letter.is_ascii_lowercase()) && text.chars().any(|letter| letter.is_ascii_uppercase())
}

fn alphabet(text: &str) -> f64 {
    let is_beyond_hex = |letter: char| letter.is_ascii_alphabetic() && !letter.is_ascii_hexdigit();
    match text.chars().any(|letter| letter.is_ascii_alphabetic()) {
        false => 10.0,
        true if has_both_cases(text) => 62.0,
        true if text.chars().any(is_beyond_hex) => 36.0,
        true => 16.0,
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = text.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit());
    is_hex && (lengths == [8, 4, 4, 4, 12] || lengths == [32])
}

#[cfg(test)]
mod tests {
    use super::estimated_bits;
    use proptest::prelude::*;

    #[test]
    fn what_is_counted_repeated_or_short_carries_little() {
        for weak in [
            "",
            "another",
            "petition-1",
            "client-1-petition-000000001",
            "00000000-0000-0000-0000-000000000000",
            "11111111-2222-3333-4444-555555555555",
            "01234567-89ab-cdef-0123-456789abcdef",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc",
            "12345678901234567890123456789012345678901234567890",
            "abcdefghijklmnopqrstuvwxyz",
            "2026-11-30T08:30:00.123456+07:00",
            "0912345678-0912345678-0912345678",
            "20261130083000123456",
            "petition-2026-11-30-0001-0912777666",
            "qwertyuiopasdfghjklzxcvbnm",
            "deadbeefdeadbeefdeadbeefdeadbeef",
            "aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3",
        ] {
            assert!(estimated_bits(weak) < 100.0, "{weak}: {}", estimated_bits(weak));
        }
        for strong in [
            "0b6e7c9a-4f0e-4b3a-9f43-5a1f5c1d2e3f",
            "0B6E7C9A-4F0E-4B3A-9F43-5A1F5C1D2E3F",
            "018f3e2a-7b1c-7d4e-8f90-1a2b3c4d5e6f",
            "c232ab00-9414-11ec-b3c8-9f6bdeced846",
            "0b6e7c9a4f0e4b3a9f435a1f5c1d2e3f",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "V1StGXR8_Z5jdHi6B-myT",
            "dGhpcyBpcyByYW5kb20K9w",
        ] {
            assert!(estimated_bits(strong) >= 100.0, "{strong}: {}", estimated_bits(strong));
        }
    }

    proptest! {
        #[test]
        fn random_keys_are_taken(number in any::<u128>(), other in any::<u128>()) {
            let part = |shift: u32, mask: u128| (number >> shift) & mask;
            let (first, second, third) = (part(96, 0xffff_ffff), part(80, 0xffff), part(64, 0xfff));
            let uuid = format!("{first:08x}-{second:04x}-4{third:03x}-a{:03x}-{:012x}", part(48, 0xfff), part(0, 0xffff_ffff_ffff));
            let hex = format!("{number:032x}");
            for key in [uuid, hex, format!("{number:032x}{other:032x}")] {
                prop_assert!(estimated_bits(&key) >= 100.0, "{}", key);
            }
        }
    }
}
