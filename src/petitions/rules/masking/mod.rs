//! Masks personal data in free text before publication (Decree 356/2025, article 4).
//!
//! Takes a text and the known data of a person ([`KnownPerson`]); returns the text with `[…]` in place of phone
//! numbers, ids, accounts, e-mail addresses, personal links, number plates, passports and the known names, numbers and
//! exact address, in any spelling. Money, counts, dates, documents and petition codes stay; masking is idempotent; no
//! character is split. A change of the rules must raise [`VERSION`], so that publications are masked again.

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

/// Version of the rules; publications masked by an earlier version are masked again.
pub const VERSION: i32 = 2;

/// Replacement for masked text.
pub const MASK: &str = "[…]";

text_enum! {
    /// The kind of masked data.
    MaskKind {
        /// A telephone number, an id, an account.
        Number = "number",
        /// An e-mail address or a name on a social network.
        Contact = "contact",
        /// A number plate.
        Plate = "plate",
        /// A passport.
        Passport = "passport",
        /// The name of the given petitioner.
        Name = "name",
        /// The address or position of the given petitioner's case.
        Address = "address",
    }
}

/// A masked text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedText {
    pub text: String,
    /// Kind and source bytes of each masked part, in text order.
    pub masks: Vec<(MaskKind, Range<usize>)>,
}

/// Returns the text with personal data masked.
#[must_use]
pub fn mask(text: &str, known: &KnownPerson) -> String {
    masked(text, known).text
}

/// Like [`mask`], and also returns the source bytes that were replaced.
#[must_use]
pub fn masked(text: &str, known: &KnownPerson) -> MaskedText {
    let mut view = FoldedText::of(text);
    let mut masks: Vec<(MaskKind, Range<usize>)> = Vec::new();
    // Masking one part can remove the context that made a number beside it harmless, so repeats until nothing is found.
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

/// Returns the bytes of a text that match the known person only.
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

/// Sorts the spans and merges overlapping ones.
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
