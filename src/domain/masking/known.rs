//! What is known of one person or business, and where it stands in a text.
//!
//! Enters names, numbers and addresses as they were filed, leaves spans, however those are accented, spaced or spelled. Rules: one word
//! alone is never a name, because half of all Vietnamese words are somebody's; a part of a name counts behind a form of address only,
//! because streets are named after people.

use super::address;
use super::numbers::{self, Group};
use super::view::{BARRIER, View, Word};
use std::ops::Range;

/// A name of fewer letters is found only where its words stand apart: `Hồ An` is not `hoàn`.
const JOINABLE: usize = 8;
/// Signs that may stand between two words of a name.
const LONGEST_GAP: usize = 5;
/// What may stand before a part of a name.
const ADDRESSED: &[&str] =
    &["ong", "ba", "anh", "chi", "em", "co", "chu", "bac", "chau", "cu", "toi", "ten", "la", "mr", "mrs", "ms", "gui", "goi"];
/// The beginnings of the names of businesses.
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
/// What follows those and says nothing yet.
const LEGAL_FORM: &[&str] = &[
    "tnhh", "cp", "co", "phan", "mtv", "mot", "thanh", "vien", "tu", "nhan", "trach", "nhiem", "huu", "han", "tm", "dv", "xd",
    "sx", "thuong", "mai", "dich", "vu", "xay", "dung", "san", "xuat", "va", "hai", "tv",
];

/// A person or a business, as far as it is known.
#[derive(Clone, Default, PartialEq)]
pub struct Known {
    names: Vec<Vec<String>>,
    companies: Vec<Vec<String>>,
    numbers: Vec<Vec<u8>>,
    emails: Vec<Vec<u8>>,
    addresses: Vec<Vec<Word>>,
    place: Option<(f64, f64)>,
}

impl Known {
    /// Somebody of whom nothing is known: only what tells of anybody is masked.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// With the name of a person.
    #[must_use]
    pub fn name(mut self, name: Option<&str>) -> Self {
        self.names.extend(name.map(letters_of).filter(|words| words.len() > 1));
        self
    }

    /// With the name of a business.
    #[must_use]
    pub fn company(mut self, name: Option<&str>) -> Self {
        self.companies.extend(name.map(letters_of).filter(|words| !words.is_empty()));
        self
    }

    /// With a telephone number in any spelling.
    #[must_use]
    pub fn phone(mut self, phone: Option<&str>) -> Self {
        let digits = digits_of(phone.unwrap_or_default());
        let without = [&b"0084"[..], b"84", b"0"].iter().find_map(|prefix| digits.strip_prefix(*prefix)).unwrap_or(&digits);
        self.add_number(without);
        self
    }

    /// With a personal id, a tax code or another number.
    #[must_use]
    pub fn number(mut self, number: Option<&str>) -> Self {
        self.add_number(&digits_of(number.unwrap_or_default()));
        self
    }

    /// With an e-mail address.
    #[must_use]
    pub fn email(mut self, email: Option<&str>) -> Self {
        if let Some(email) = email.filter(|email| email.contains('@')) {
            let (local, domain) = email.rsplit_once('@').unwrap_or_default();
            let readable = format!("{local}@{}", idna::domain_to_unicode(domain).0);
            self.emails.extend([email, &readable].map(|email| View::of(email).ascii));
            self.emails.dedup();
        }
        self
    }

    /// With the address of the case: where it has a number it is exact and goes wherever it stands, otherwise behind words that say
    /// that somebody lives there.
    #[must_use]
    pub fn address(mut self, address: Option<&str>) -> Self {
        self.addresses.extend(address.map(|address| View::of(address).words()).filter(|words| words.len() > 1));
        self
    }

    /// With the exact place of the case.
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

    pub(super) fn names_in(&self, view: &View, words: &[Word]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for name in &self.names {
            for spelling in spellings(name) {
                found.extend(in_a_row(view, words, &spelling));
            }
            if name.iter().map(String::len).sum::<usize>() >= JOINABLE {
                found.extend(joined(view, words, &name.concat()));
            }
            for part in parts(name) {
                found.extend(in_a_row(view, words, &part).into_iter().filter(|span| is_addressed(words, span.start)));
            }
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

    pub(super) fn numbers_in(&self, view: &View) -> Vec<Range<usize>> {
        let groups = numbers::groups(view);
        let chains = numbers::chains(view, &groups);
        self.numbers.iter().flat_map(|number| chains.iter().flat_map(move |chain| number_in(view, chain, number))).collect()
    }

    pub(super) fn emails_in(&self, view: &View) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for email in &self.emails {
            found.extend(spaced(view, email));
            let local = email.split(|sign| *sign == b'@').next().unwrap_or_default();
            let is_telling = local.len() > 5 && local.iter().any(|sign| !sign.is_ascii_alphabetic());
            found.extend(literal(view, local).into_iter().filter(|_| is_telling));
        }
        found
    }

    pub(super) fn addresses_in(&self, view: &View, words: &[Word]) -> Vec<Range<usize>> {
        self.addresses.iter().flat_map(|wanted| address::find(view, words, wanted)).collect()
    }

    pub(super) fn places_in(&self, view: &View) -> Vec<Range<usize>> {
        self.place.map(|place| address::coordinates(view, place)).unwrap_or_default()
    }
}

fn letters_of(text: &str) -> Vec<String> {
    View::of(text).words().into_iter().map(|word| word.letters).collect()
}

fn digits_of(text: &str) -> Vec<u8> {
    View::of(text).ascii.into_iter().filter(u8::is_ascii_digit).collect()
}

/// The whole name, also with initials and with the given name first.
fn spellings(name: &[String]) -> Vec<Vec<String>> {
    let mut spellings = vec![name.to_vec()];
    let initial = |word: &String| word.chars().take(1).collect::<String>();
    if let [first, middle @ .., last] = name
        && !middle.is_empty()
    {
        let initials = || middle.iter().map(initial);
        spellings.push([first.clone()].into_iter().chain(initials()).chain([last.clone()]).collect());
        spellings.push([initial(first)].into_iter().chain(initials()).chain([last.clone()]).collect());
        spellings.push([last.clone(), first.clone()].into_iter().chain(middle.iter().cloned()).collect());
    }
    spellings
}

/// Family and given name without what stands between, and the given name with what stands before it.
fn parts(name: &[String]) -> Vec<Vec<String>> {
    match name {
        [first, .., before, last] => vec![vec![first.clone(), last.clone()], vec![before.clone(), last.clone()]],
        _ => Vec::new(),
    }
}

fn is_addressed(words: &[Word], begin: usize) -> bool {
    let before = words.iter().take_while(|word| word.end <= begin).last();
    before.is_some_and(|word| ADDRESSED.contains(&word.letters.as_str()))
}

/// The signs between two words do not part them.
fn is_close(view: &View, one: &Word, other: &Word) -> bool {
    let gap = view.slice(one.end..other.begin);
    gap.len() <= LONGEST_GAP && !gap.contains(&u8::try_from(BARRIER).unwrap_or_default())
}

/// Where words stand one behind the other.
fn in_a_row(view: &View, words: &[Word], wanted: &[String]) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let is_row = |run: &&[Word]| {
        run.iter().map(|word| &word.letters).eq(wanted)
            && run.iter().zip(run.iter().skip(1)).all(|(one, other)| is_close(view, one, other))
    };
    words.windows(wanted.len()).filter(is_row).filter_map(span_of).collect()
}

/// Where letters stand as whole words, however those are parted: `NguyenVanAn`, `N g u y ễ n`.
fn joined(view: &View, words: &[Word], wanted: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (place, first) in words.iter().enumerate() {
        let (mut rest, mut before) = (wanted, first);
        for word in words.iter().skip(place) {
            let Some(after) = rest.strip_prefix(word.letters.as_str()).filter(|_| is_close(view, before, word)) else { break };
            (rest, before) = (after, word);
            if rest.is_empty() {
                found.push(first.begin..word.end);
                break;
            }
        }
    }
    found
}

fn span_of(run: &[Word]) -> Option<Range<usize>> {
    Some(run.first()?.begin..run.last()?.end)
}

/// The name of a business without what says that it is one.
fn core(company: &[String]) -> &[String] {
    let begins = |words: &&&[&str]| company.iter().zip(words.iter()).filter(|(one, other)| one == other).count() == words.len();
    let business = BUSINESS.iter().find(begins).map_or(0, |words| words.len());
    let legal = company.iter().skip(business).take_while(|word| LEGAL_FORM.contains(&word.as_str())).count();
    let core = company.get(business + legal..).unwrap_or_default();
    if business == 0 { &[] } else { core }
}

/// The core of a name with what says before it that it is a business.
fn behind_business(words: &[Word], core: Range<usize>) -> Option<Range<usize>> {
    let mut before: Vec<&Word> = words.iter().take_while(|word| word.end <= core.start).collect();
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

/// Where a text stands as it is, not as a part of a longer word.
fn literal(view: &View, wanted: &[u8]) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let is_word =
        |span: &Range<usize>| !view.before(span.start).is_ascii_alphanumeric() && !view.at(span.end).is_ascii_alphanumeric();
    let spans = view.ascii.windows(wanted.len()).enumerate().filter(|(_, signs)| *signs == wanted);
    spans.map(|(place, _)| place..place + wanted.len()).filter(is_word).collect()
}

/// Where a text stands with or without spaces between its signs.
fn spaced(view: &View, wanted: &[u8]) -> Vec<Range<usize>> {
    let signs: Vec<(usize, u8)> = view.ascii.iter().copied().enumerate().filter(|(_, sign)| *sign != b' ').collect();
    let is_word =
        |span: &Range<usize>| !view.before(span.start).is_ascii_alphanumeric() && !view.at(span.end).is_ascii_alphanumeric();
    let runs = signs.windows(wanted.len().max(1)).filter(|run| run.iter().map(|(_, sign)| sign).eq(wanted));
    runs.filter_map(|run| Some(run.first()?.0..run.last()?.0 + 1)).filter(is_word).collect()
}

/// Where the digits of a number stand in groups that follow each other, with what belongs before them.
fn number_in(view: &View, chain: &[Group], number: &[u8]) -> Vec<Range<usize>> {
    let digits: Vec<(u8, usize, usize)> = chain.iter().flat_map(Group::places).collect();
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
