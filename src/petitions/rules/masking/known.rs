//! The known data of one person or business, and where it occurs in a text.
//!
//! Takes names, numbers and addresses as filed, returns spans, whatever their accents, spacing or spelling. The forms
//! of a person's name are in [`names`]; digits of a known number match whatever stands between them.

use super::address;
use super::folded_text::{BARRIER, FoldedText, FoldedWord};
use super::names::{self, JOINABLE, in_a_row, joined};
use super::numbers::{self, DigitGroup};
use std::ops::Range;

/// Maximum characters between two digits of a known number.
const LONGEST_GAP: usize = 16;
/// Maximum length of a known number as written.
const LONGEST_NUMBER: usize = 90;
/// First words of business names.
const BUSINESS: &[&[&str]] = &[
    &["cong", "ty"],
    &["cty"],
    &["ct"],
    &["doanh", "nghiep"],
    &["dn"],
    &["dntn"],
    &["ho", "kinh", "doanh"],
    &["hkd"],
    &["hop", "tac", "xa"],
    &["htx"],
    &["tap", "doan"],
    &["co", "so"],
    &["cua", "hang"],
];
/// Legal forms that follow them and do not distinguish a business.
const LEGAL_FORM: &[&str] = &[
    "tnhh", "cp", "co", "phan", "mtv", "mot", "thanh", "vien", "tu", "nhan", "trach", "nhiem", "huu", "han", "tm", "dv", "xd",
    "sx", "thuong", "mai", "dich", "vu", "xay", "dung", "san", "xuat", "va", "hai", "tv",
];

/// The known data of a person or a business.
#[derive(Clone, Default, PartialEq)]
pub struct KnownPerson {
    names: Vec<Vec<String>>,
    companies: Vec<Vec<String>>,
    phrases: Vec<Vec<String>>,
    numbers: Vec<Vec<u8>>,
    emails: Vec<Vec<u8>>,
    addresses: Vec<Vec<FoldedWord>>,
    place: Option<(f64, f64)>,
}

impl KnownPerson {
    /// Returns empty data: only what identifies anybody is masked.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Adds a person's name.
    #[must_use]
    pub fn name(mut self, name: Option<&str>) -> Self {
        self.names.extend(names::of_field(name.unwrap_or_default()));
        self.names.dedup();
        self
    }

    /// Adds words that identify the person when all of them follow each other.
    #[must_use]
    pub fn phrase(mut self, words: Option<&str>) -> Self {
        self.phrases.extend(words.map(letters_of).filter(|words| words.len() > 1));
        self
    }

    /// Adds a business name.
    #[must_use]
    pub fn company(mut self, name: Option<&str>) -> Self {
        self.companies.extend(name.map(letters_of).filter(|words| !words.is_empty()));
        self
    }

    /// Adds a phone number in any spelling.
    #[must_use]
    pub fn phone(mut self, phone: Option<&str>) -> Self {
        let digits = digits_of(phone.unwrap_or_default());
        let without = [&b"0084"[..], b"84", b"0"].iter().find_map(|prefix| digits.strip_prefix(*prefix)).unwrap_or(&digits);
        self.add_number(without);
        self
    }

    /// Adds a personal id, tax code or other number.
    #[must_use]
    pub fn number(mut self, number: Option<&str>) -> Self {
        self.add_number(&digits_of(number.unwrap_or_default()));
        self
    }

    /// Adds an e-mail address.
    #[must_use]
    pub fn email(mut self, email: Option<&str>) -> Self {
        if let Some(email) = email.filter(|email| email.contains('@')) {
            let (local, domain) = email.rsplit_once('@').unwrap_or_default();
            let readable = format!("{local}@{}", idna::domain_to_unicode(domain).0);
            self.emails.extend([email, &readable].map(|email| FoldedText::of(email).ascii));
            self.emails.dedup();
        }
        self
    }

    /// Adds the address of the case. With a house number it is masked wherever it occurs, otherwise only after words
    /// that say that somebody lives there.
    #[must_use]
    pub fn address(mut self, address: Option<&str>) -> Self {
        self.addresses.extend(address.map(|address| FoldedText::of(address).words()).filter(|words| words.len() > 1));
        self
    }

    /// Adds the exact position of the case.
    #[must_use]
    pub fn place(mut self, place: Option<(f64, f64)>) -> Self {
        self.place = place;
        self
    }

    fn add_number(&mut self, digits: &[u8]) {
        if digits.len() >= 7 {
            self.numbers.push(digits.to_vec());
        }
    }

    pub(super) fn names_in(&self, view: &FoldedText, words: &[FoldedWord]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for name in &self.names {
            found.extend(names::find(view, words, name));
        }
        for phrase in &self.phrases {
            found.extend(in_a_row(view, words, phrase));
        }
        for company in &self.companies {
            if company.len() > 1 {
                found.extend(in_a_row(view, words, company));
                found.extend(joined(view, words, &company.concat()).into_iter().filter(|_| company.concat().len() >= JOINABLE));
            }
            let core = core(company);
            found.extend(in_a_row(view, words, core).into_iter().filter_map(|span| behind_business(words, span)));
        }
        found
    }

    pub(super) fn numbers_in(&self, view: &FoldedText) -> Vec<Range<usize>> {
        let groups = numbers::groups(view);
        let chains = numbers::chains(view, &groups);
        let near = |number| chains.iter().flat_map(move |chain| number_in(view, chain, number));
        let figures: Vec<DigitGroup> =
            groups.iter().filter(|group| group.digits.len() > 1 || !group.is_spelled).cloned().collect();
        let far = |number| loosely(view, &groups, number).into_iter().chain(loosely(view, &figures, number));
        self.numbers.iter().flat_map(|number| near(number).chain(far(number))).collect()
    }

    pub(super) fn emails_in(&self, view: &FoldedText) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for email in &self.emails {
            found.extend(spaced(view, email));
            let local = email.split(|sign| *sign == b'@').next().unwrap_or_default();
            let is_telling = local.len() > 5 && local.iter().any(|sign| !sign.is_ascii_alphabetic());
            found.extend(literal(view, local).into_iter().filter(|_| is_telling));
        }
        found
    }

    pub(super) fn addresses_in(&self, view: &FoldedText, words: &[FoldedWord]) -> Vec<Range<usize>> {
        self.addresses.iter().flat_map(|wanted| address::find(view, words, wanted)).collect()
    }

    pub(super) fn places_in(&self, view: &FoldedText) -> Vec<Range<usize>> {
        self.place.map(|place| address::coordinates(view, place)).unwrap_or_default()
    }
}

pub(super) fn letters_of(text: &str) -> Vec<String> {
    FoldedText::of(text).words().into_iter().map(|word| word.letters).collect()
}

fn digits_of(text: &str) -> Vec<u8> {
    FoldedText::of(text).ascii.into_iter().filter(u8::is_ascii_digit).collect()
}

/// Returns a business name without the words for the kind of business.
fn core(company: &[String]) -> &[String] {
    let begins = |words: &&&[&str]| company.iter().zip(words.iter()).filter(|(one, other)| one == other).count() == words.len();
    let business = BUSINESS.iter().find(begins).map_or(0, |words| words.len());
    let legal = company.iter().skip(business).take_while(|word| LEGAL_FORM.contains(&word.as_str())).count();
    let core = company.get(business + legal..).unwrap_or_default();
    if business == 0 { &[] } else { core }
}

/// Extends the match of a core name to the words for the kind of business before it.
fn behind_business(words: &[FoldedWord], core: Range<usize>) -> Option<Range<usize>> {
    let mut before: Vec<&FoldedWord> = words.iter().take_while(|word| word.end <= core.start).collect();
    loop {
        let is_end = |wanted: &&&[&str]| {
            before.iter().rev().zip(wanted.iter().rev()).filter(|(word, wanted)| word.letters == **wanted).count() == wanted.len()
        };
        if let Some(business) = BUSINESS.iter().find(is_end) {
            let first = before.len().checked_sub(business.len()).and_then(|first| before.get(first))?;
            return Some(first.begin..core.end);
        }
        before.pop().filter(|word| LEGAL_FORM.contains(&word.letters.as_str()))?;
    }
}

/// Returns literal matches that are not part of a longer word.
fn literal(view: &FoldedText, wanted: &[u8]) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let is_word =
        |span: &Range<usize>| !view.before(span.start).is_ascii_alphanumeric() && !view.at(span.end).is_ascii_alphanumeric();
    let spans = view.ascii.windows(wanted.len()).enumerate().filter(|(_, signs)| *signs == wanted);
    spans.map(|(place, _)| place..place + wanted.len()).filter(is_word).collect()
}

/// Returns matches with or without spaces between the signs.
fn spaced(view: &FoldedText, wanted: &[u8]) -> Vec<Range<usize>> {
    let signs: Vec<(usize, u8)> = view.ascii.iter().copied().enumerate().filter(|(_, sign)| *sign != b' ').collect();
    let is_word =
        |span: &Range<usize>| !view.before(span.start).is_ascii_alphanumeric() && !view.at(span.end).is_ascii_alphanumeric();
    let runs = signs.windows(wanted.len().max(1)).filter(|run| run.iter().map(|(_, sign)| sign).eq(wanted));
    runs.filter_map(|run| Some(run.first()?.0..run.last()?.0 + 1)).filter(is_word).collect()
}

/// Returns where the digits of a number occur in consecutive groups, including a prefix.
fn number_in(view: &FoldedText, chain: &[DigitGroup], number: &[u8]) -> Vec<Range<usize>> {
    let digits: Vec<(u8, usize, usize)> = chain.iter().flat_map(DigitGroup::places).collect();
    let mut found = Vec::new();
    for (place, run) in digits.windows(number.len()).enumerate() {
        if !run.iter().map(|(digit, ..)| digit).eq(number) {
            continue;
        }
        let before: Vec<u8> = digits.iter().take(place).map(|(digit, ..)| *digit).collect();
        let prefix = [&b"00840"[..], b"0084", b"840", b"84", b"0"].into_iter().find(|prefix| before.ends_with(prefix));
        let first = place - prefix.map_or(0, <[u8]>::len);
        if let (Some((_, begin, _)), Some((_, _, end))) = (digits.get(first), run.last()) {
            found.push(numbers::with_brackets(view, *begin..*end));
        }
    }
    found
}

/// Returns where the digits of a number follow each other, whatever stands between them.
fn loosely(view: &FoldedText, groups: &[DigitGroup], number: &[u8]) -> Vec<Range<usize>> {
    let digits: Vec<(u8, usize, usize)> = groups.iter().flat_map(DigitGroup::places).collect();
    let is_near = |pair: &[(u8, usize, usize)]| match pair {
        [(_, _, end), (_, begin, _)] if begin > end => {
            let gap = view.slice(*end..*begin);
            gap.len() <= LONGEST_GAP && !gap.contains(&u8::try_from(BARRIER).unwrap_or_default())
        }
        _ => true,
    };
    let is_it = |run: &&[(u8, usize, usize)]| run.iter().map(|(digit, ..)| digit).eq(number) && run.windows(2).all(is_near);
    let mut found = Vec::new();
    for run in digits.windows(number.len().max(1)).filter(is_it) {
        let (Some((_, begin, _)), Some((_, _, end))) = (run.first(), run.last()) else { continue };
        if end - begin <= LONGEST_NUMBER {
            // Includes the leading zero of a phone number.
            let zero = usize::from(view.before(*begin) == b'0');
            found.push(numbers::with_brackets(view, begin - zero..*end));
        }
    }
    found
}

impl std::fmt::Debug for KnownPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(…)")
    }
}
