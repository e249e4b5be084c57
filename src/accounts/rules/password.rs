//! Password policy: length, and which passwords are refused as too easy to guess.
//!
//! Length counts most (NIST SP 800-63B): there are no rules about character classes, which only lead to
//! `Matkhau@123`.

use crate::kernel::field_problem::FieldRule;
use crate::kernel::search_text::fold;
use unicode_normalization::UnicodeNormalization;

/// Minimum characters of a password.
pub const SHORTEST_PASSWORD: usize = 8;
/// Maximum characters of a password; keeps hashing cheap.
pub const LONGEST_PASSWORD: usize = 128;
/// Maximum characters of a text that is looked up in the lists of common passwords.
const LONGEST_COMMON: usize = 32;

/// Common Vietnamese passwords of eight or more characters, in addition to the lists of `zxcvbn`; compared
/// case-insensitively.
const COMMON: &[&str] = &[
    "00000000",
    "0123456789",
    "11111111",
    "1111111111",
    "11223344",
    "12121212",
    "12341234",
    "12344321",
    "12345678",
    "123456789",
    "1234567890",
    "123123123",
    "1q2w3e4r",
    "1qaz2wsx",
    "22222222",
    "66666666",
    "77777777",
    "87654321",
    "88888888",
    "987654321",
    "99999999",
    "a1234567",
    "a12345678",
    "a123456789",
    "aa123456",
    "aa123456@",
    "abc12345",
    "abc123456",
    "abc@1234",
    "abc@12345",
    "abcd1234",
    "abcd@1234",
    "abcdefgh",
    "admin123",
    "admin1234",
    "admin@123",
    "administrator",
    "anhyeuem",
    "bacninh123",
    "bacninh@123",
    "baseball",
    "changeme",
    "changeme123",
    "emyeuanh",
    "football",
    "iloveyou",
    "khongbiet",
    "khongnho",
    "letmein1",
    "matkhau1",
    "matkhau123",
    "matkhau@123",
    "p@ssw0rd",
    "p@ssword",
    "passw0rd",
    "password",
    "password1",
    "password12",
    "password123",
    "password@123",
    "princess",
    "qazwsx123",
    "qwer1234",
    "qwerty12",
    "qwerty123",
    "qwertyui",
    "qwertyuiop",
    "sunshine",
    "superman",
    "toiyeuem",
    "trustno1",
    "vietnam1",
    "vietnam123",
    "vietnam@123",
    "welcome1",
    "welcome123",
    "xinchao123",
];

/// A password of acceptable length, Unicode-normalized (NFC) so that the keyboard's encoding of accents does not
/// matter.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Password {
    /// Parses a new password with this minimum number of characters.
    ///
    /// # Errors
    /// [`FieldRule::Required`], [`FieldRule::TooShort`] or [`FieldRule::TooLong`].
    pub fn parse(text: &str, shortest: usize) -> Result<Self, FieldRule> {
        let composed: String = text.nfc().take(LONGEST_PASSWORD + 1).collect();
        match composed.chars().count() {
            0 => Err(FieldRule::Required),
            n if n < shortest => Err(FieldRule::TooShort(shortest)),
            n if n > LONGEST_PASSWORD => Err(FieldRule::TooLong(LONGEST_PASSWORD)),
            _ => Ok(Self(composed)),
        }
    }

    /// Takes a password for sign-in: any length, truncated beyond what a stored password can have.
    #[must_use]
    pub fn attempt(text: &str) -> Self {
        Self(text.nfc().take(LONGEST_PASSWORD + 1).collect())
    }

    /// Returns the bytes to hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns the plain password, for the one response or document that hands it over.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns whether the password is easily guessed: a common password, a repeated character, or a word of the
    /// account itself, also repeated, reversed or surrounded by digits.
    #[must_use]
    pub fn is_guessable(&self, own_words: &[&str]) -> bool {
        let plain = self.0.to_lowercase();
        let bare = letters_and_digits(&plain);
        let mut characters = plain.chars();
        let first = characters.next();
        characters.all(|character| Some(character) == first)
            || COMMON.contains(&plain.as_str())
            || is_among_the_first(&self.0)
            || own_words.iter().any(|word| {
                let own = letters_and_digits(&word.to_lowercase());
                !own.is_empty() && (bare == own || national(&bare) == national(&own))
            })
            || self.is_made_of_any(own_words)
    }

    fn is_made_of_any(&self, own_words: &[&str]) -> bool {
        let plain = fold(&self.0.nfkc().collect::<String>());
        let read = without_look_alikes(&plain);
        let once = |text: &str| once_each(&letters_and_digits(text));
        let read_once = once(&read);
        own_words
            .iter()
            .any(|word| is_made_of(&plain, word) || is_made_of(&read, word) || is_made_of(&read_once, &once(&fold(word))))
    }
}

/// Minimum characters of an account word that is searched for in a password.
const SHORTEST_OWN: usize = 3;

/// Returns whether a password consists only of repetitions of an account word, reversed or not, possibly truncated,
/// and digits.
fn is_made_of(password: &str, word: &str) -> bool {
    let bare = letters_and_digits(password);
    let local = word.split_once('@').map(|(local, _)| local);
    [Some(word), local].into_iter().flatten().any(|word| {
        let own = letters_and_digits(&fold(word));
        let own = if own.bytes().all(|byte| byte.is_ascii_digit()) { national(&own).to_owned() } else { own };
        if own.chars().count() < SHORTEST_OWN {
            return false;
        }
        let turned: String = own.chars().rev().collect();
        // The domain of an e-mail address is not personal to its owner.
        let parts = if word.contains('@') { "" } else { word };
        let without = parts
            .split(|character: char| !character.is_alphanumeric())
            .map(fold)
            .filter(|part| part.chars().count() >= SHORTEST_OWN)
            .fold(bare.replace(&own, "").replace(&turned, ""), |rest, part| {
                rest.replace(&part, "").replace(&part.chars().rev().collect::<String>(), "")
            });
        let only_digits = |text: &str| text.chars().all(char::is_numeric);
        let is_there = without.len() < bare.len();
        (is_there && only_digits(&without)) || [&own, &turned].iter().any(|one| is_repetition(&bare, one))
    })
}

/// Replaces digits and signs that stand for letters between letters: m1nh becomes minh.
fn without_look_alikes(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let is_letter =
        |place: Option<usize>| place.and_then(|place| letters.get(place)).is_some_and(|letter| letter.is_alphabetic());
    let read = |(place, letter): (usize, &char)| match letter {
        _ if !is_letter(place.checked_sub(1)) && !is_letter(Some(place + 1)) => *letter,
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => *other,
    };
    letters.iter().enumerate().map(read).collect()
}

/// Collapses repeated letters.
fn once_each(text: &str) -> String {
    let mut last = None;
    text.chars().filter(|letter| last.replace(*letter) != Some(*letter)).collect()
}

/// Returns whether a text consists of repetitions of a word, except for trailing digits.
fn is_repetition(text: &str, word: &str) -> bool {
    let core = text.trim_end_matches(char::is_numeric);
    let core = if word.ends_with(char::is_numeric) { text } else { core };
    core.chars().count() >= word.chars().count() && core.chars().zip(word.chars().cycle()).all(|(one, other)| one == other)
}

/// Returns whether it can be guessed within a million attempts from lists of words, names, keyboard patterns and
/// years. Long passwords are not checked: they are in no list, and the search time grows with the square of the
/// length.
fn is_among_the_first(password: &str) -> bool {
    password.chars().count() <= LONGEST_COMMON && zxcvbn::zxcvbn(password, &[]).score() < zxcvbn::Score::Two
}

fn letters_and_digits(text: &str) -> String {
    text.nfc().filter(|character| character.is_alphanumeric()).collect()
}

/// Strips the country prefix of a phone, so that 0912345678 is found in +84912345678.
fn national(text: &str) -> &str {
    text.strip_prefix("84").or_else(|| text.strip_prefix('0')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(Password::parse("", 8), Err(FieldRule::Required));
        assert_eq!(Password::parse("đườngđi", 8), Err(FieldRule::TooShort(8)));
        assert!(Password::parse("đường đi", 8).is_ok());
        assert!(Password::parse(&"ơ".repeat(128), 8).is_ok());
        assert_eq!(Password::parse(&"ơ".repeat(129), 8), Err(FieldRule::TooLong(128)));
    }

    #[test]
    fn two_ways_of_writing_an_accent_are_one_password() {
        assert_eq!(Password::parse("mật khẩu dài", 8), Password::parse(&"mật khẩu dài".nfd().collect::<String>(), 8));
    }

    #[test]
    fn common_and_own_words_are_guessable() {
        let own = ["+84912345678", "an.nguyen@example.vn", "Nguyễn Văn An", "an.nguyen"];
        for weak in ["12345678", "Password", "aaaaaaaaaa", "0912345678", "0912.345.678", "nguyễn văn an", "AN.NGUYEN@example.vn"]
        {
            assert!(Password::parse(weak, 8).unwrap().is_guessable(&own), "{weak}");
        }
        assert!(!Password::parse("gạch đỏ bên cầu", 8).unwrap().is_guessable(&own));
        assert!(!Password::parse("example-nguyen-2023", 8).unwrap().is_guessable(&["an.nguyen@example.vn"]));
    }

    #[test]
    fn own_words_repeated_or_turned_around_are_guessable() {
        let own = ["+84912345678", "binh.tran@example.vn", "Trần Thị Bình", "hoa.le"];
        for weak in [
            "hoa.lehoa.le",
            "HoaLe-HoaLe-HoaLe",
            "el.aohel.aoh",
            "hoa.le2026",
            "2026hoale1999",
            "hoalehoalehoal",
            "hhooaa..llee",
            "h0a.l3-h0a.l3",
            "ｈｏａ．ｌｅ1234",
            "binh-nart-binh",
            "HoaLe.eLaoH",
            "binh.tran1987",
            "nart.hnib.2020",
            "Tran Thi Binh 1990",
            "trầnthịbình123",
            "hnibihtnart99",
            "09123456780912345678",
            "87654321987654321",
            "912345678-912345678",
        ] {
            assert!(Password::parse(weak, 8).unwrap().is_guessable(&own), "{weak}");
        }
        for fine in ["hoa lê nở trắng vườn", "demo-hoa-le-2023-xanh", "cầu bình lặng gió 7"] {
            assert!(!Password::parse(fine, 8).unwrap().is_guessable(&own), "{fine}");
        }
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Password::attempt("secret secret")), "Password(…)");
    }
}
