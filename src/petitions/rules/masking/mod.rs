//! Masking of personal data in free text before it is published (Decree 356/2025, article 4).
//!
//! In comes what somebody wrote and what is known of a person ([`KnownPerson`]); out goes the same text with `[…]` in the place of telephone
//! numbers, ids, accounts, e-mail addresses, links to people, number plates, passports, and of what is known: names, numbers and the
//! exact address, however they are spelled. Rules: money, counts, days, documents and codes of petitions stay; masking what was masked
//! changes nothing; no character is split. Whoever changes what is masked raises [`VERSION`], so that what is published is masked anew.

mod address;
mod contacts;
mod encoded;
mod folded_text;
mod harmless;
mod known;
mod names;
mod numbers;
mod pattern;

#[cfg(test)]
mod tests;

pub use known::KnownPerson;

use folded_text::FoldedText;
use std::ops::Range;

/// Of the rules: what an earlier version has published is masked anew by this one.
pub const VERSION: i32 = 2;

/// What stands in the place of what was masked.
pub const MASK: &str = "[…]";

text_enum! {
    /// What was masked.
    MaskKind {
        /// A telephone number, an id, an account.
        Number = "number",
        /// An e-mail address or a name on a social network.
        Contact = "contact",
        /// A number plate.
        Plate = "plate",
        /// A passport.
        Passport = "passport",
        /// The name of this petitioner.
        Name = "name",
        /// The address or the pin of this petitioner's case.
        Address = "address",
    }
}

/// A text without what tells of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedText {
    /// The text.
    pub text: String,
    /// What was masked, in the order of the text.
    pub masks: Vec<(MaskKind, Range<usize>)>,
}

/// Replaces what tells of somebody.
#[must_use]
pub fn mask(text: &str, known: &KnownPerson) -> String {
    masked(text, known).text
}

/// The same, with the bytes of the text that were replaced.
#[must_use]
pub fn masked(text: &str, known: &KnownPerson) -> MaskedText {
    let mut view = FoldedText::of(text);
    let mut masks: Vec<(MaskKind, Range<usize>)> = Vec::new();
    // What is masked may have told that a number beside it is none of somebody: looked at again until nothing is found.
    loop {
        let found = find(&view, known);
        if found.is_empty() {
            break;
        }
        masks.extend(found.iter().filter_map(|(kind, span)| Some((*kind, view.source(span)?))));
        view = view.without(&found.into_iter().map(|(_, span)| span).collect::<Vec<_>>());
    }
    let masks = united(masks);
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (_, span) in &masks {
        out.push_str(text.get(done..span.start).unwrap_or_default());
        out.push_str(MASK);
        done = span.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    MaskedText { text: out, masks }
}

/// The bytes of a text that tell of a known person, whatever tells of others.
#[must_use]
pub fn known_in(text: &str, known: &KnownPerson) -> Vec<Range<usize>> {
    let view = FoldedText::of(text);
    let found = of_known(&view, known).into_iter().map(|(kind, span)| (kind, view.whole(span)));
    let found = found.filter(|(_, span)| view.has_news(span)).filter_map(|(kind, span)| Some((kind, view.source(&span)?)));
    united(found.collect()).into_iter().map(|(_, span)| span).collect()
}

fn of_known(view: &FoldedText, known: &KnownPerson) -> Vec<(MaskKind, Range<usize>)> {
    let words = view.words();
    let of = |kind: MaskKind, spans: Vec<Range<usize>>| spans.into_iter().map(move |span| (kind, span));
    of(MaskKind::Contact, known.emails_in(view))
        .chain(of(MaskKind::Name, known.names_in(view, &words)))
        .chain(of(MaskKind::Number, known.numbers_in(view)))
        .chain(of(MaskKind::Address, known.addresses_in(view, &words)))
        .chain(of(MaskKind::Address, known.places_in(view)))
        .collect()
}

fn find(view: &FoldedText, known: &KnownPerson) -> Vec<(MaskKind, Range<usize>)> {
    let of = |kind: MaskKind, spans: Vec<Range<usize>>| spans.into_iter().map(move |span| (kind, span));
    let found: Vec<(MaskKind, Range<usize>)> = of(MaskKind::Contact, contacts::addresses(view))
        .chain(of_known(view, known))
        .chain(of(MaskKind::Plate, contacts::plates(view)))
        .chain(of(MaskKind::Passport, contacts::passports(view)))
        .chain(of(MaskKind::Number, numbers::find(view)))
        .map(|(kind, span)| (kind, view.whole(span)))
        .filter(|(_, span)| view.has_news(span))
        .collect();
    united(found)
}

/// In order, those that overlap as one.
fn united(mut spans: Vec<(MaskKind, Range<usize>)>) -> Vec<(MaskKind, Range<usize>)> {
    spans.sort_by_key(|(_, span)| (span.start, span.end));
    let mut united: Vec<(MaskKind, Range<usize>)> = Vec::new();
    for (kind, span) in spans {
        match united.last_mut().filter(|(_, last)| span.start < last.end) {
            Some((_, last)) => last.end = last.end.max(span.end),
            None => united.push((kind, span)),
        }
    }
    united
}
