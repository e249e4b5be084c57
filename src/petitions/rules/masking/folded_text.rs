//! A text folded for comparison: every spelling of a letter, digit, dash or space becomes one sign that knows its
//! source bytes.
//!
//! Takes free text, returns [`FoldedText`]: ASCII bytes for patterns and folded letters for names, with the same
//! positions. A combining mark belongs to its letter and an invisible character to the sign before it, so that no span
//! splits a character; text masked before is a sign of its own, across which nothing joins.

use super::{MASK, encoded};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::kernel::invisible::is_invisible;

/// Text masked before.
pub(super) const BARRIER: char = '\u{1}';
/// A character that is neither letter nor digit and that no pattern names.
pub(super) const SYMBOL: char = '\u{3}';
/// Stands for letters that patterns do not distinguish.
const OTHER_LETTER: char = 'q';

/// Code points of zero digits that no Unicode normal form turns into ASCII.
const ZEROS: &[u32] = &[
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20, 0x1040,
    0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
    0xA9F0, 0xAA50, 0xABF0, 0x11066,
];
/// Code points of circled digits one that no Unicode normal form turns into ASCII.
const CIRCLED_ONES: &[u32] = &[0x2776, 0x2780, 0x278A, 0x24F5];
const CHINESE_DIGITS: &str = "〇一二三四五六七八九";
/// Pairs of a look-alike letter of another alphabet and its Latin letter.
const LOOK_ALIKE: &str = "аaеeоoрpсcуyхxіiѕsјjһhкkмmтtвbнhοoαaνvρpιiκkτtυuηn";

/// One sign: its folded letter and its bytes in the text.
#[derive(Debug, Clone, Copy)]
struct FoldedChar {
    letter: char,
    begin: usize,
    end: usize,
    is_capital: bool,
}

/// A text as signs.
#[derive(Debug, Clone, Default)]
pub(super) struct FoldedText {
    /// One byte per sign.
    pub ascii: Vec<u8>,
    signs: Vec<FoldedChar>,
}

impl FoldedText {
    pub fn of(text: &str) -> Self {
        let mut view = Self::default();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let begin = text.len() - rest.len();
            if let Some(after) = rest.strip_prefix(MASK) {
                view.push(BARRIER, begin, begin + MASK.len());
                rest = after;
                continue;
            }
            if let Some((meant, length)) = encoded::read(rest) {
                view.fold(meant, begin, begin + length);
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            let end = begin + character.len_utf8();
            if is_invisible(character) || is_combining_mark(character) {
                if let Some(sign) = view.signs.last_mut() {
                    sign.end = end;
                }
            } else {
                view.fold(character, begin, end);
            }
            rest = text.get(end..).unwrap_or_default();
        }
        view
    }

    fn fold(&mut self, character: char, begin: usize, end: usize) {
        for part in std::iter::once(character).nfkd().filter(|part| !is_combining_mark(*part)) {
            for lower in part.to_lowercase().nfd().filter(|part| !is_combining_mark(*part)) {
                self.push(plain(lower), begin, end);
                if let Some(sign) = self.signs.last_mut() {
                    sign.is_capital = character.is_uppercase();
                }
            }
        }
    }

    fn push(&mut self, letter: char, begin: usize, end: usize) {
        let ascii = match u8::try_from(letter) {
            Ok(byte) if byte.is_ascii() => byte,
            _ if letter.is_alphanumeric() => u8::try_from(OTHER_LETTER).unwrap_or_default(),
            _ => u8::try_from(SYMBOL).unwrap_or_default(),
        };
        self.ascii.push(ascii);
        self.signs.push(FoldedChar { letter, begin, end, is_capital: false });
    }

    /// Returns the sign at a position; the barrier outside the text.
    pub fn at(&self, place: usize) -> u8 {
        self.ascii.get(place).copied().unwrap_or_default()
    }

    /// Returns the sign before a position; 0 before the first.
    pub fn before(&self, place: usize) -> u8 {
        place.checked_sub(1).map_or(0, |before| self.at(before))
    }

    /// Returns the signs of a span.
    pub fn slice(&self, span: Range<usize>) -> &[u8] {
        self.ascii.get(span).unwrap_or_default()
    }

    /// Returns a copy with each span replaced by one barrier; the spans must be ordered and disjoint.
    pub fn without(&self, spans: &[Range<usize>]) -> Self {
        let (mut view, mut done) = (Self::default(), 0);
        let copy = |view: &mut Self, span: Range<usize>| {
            view.ascii.extend_from_slice(self.slice(span.clone()));
            view.signs.extend_from_slice(self.signs.get(span).unwrap_or_default());
        };
        for span in spans {
            copy(&mut view, done..span.start);
            if let Some(source) = self.source(span) {
                view.push(BARRIER, source.start, source.end);
            }
            done = span.end;
        }
        copy(&mut view, done..self.signs.len());
        view
    }

    /// Extends a span to whole characters: `㎡` is one character and two signs.
    pub fn whole(&self, span: Range<usize>) -> Range<usize> {
        let Range { mut start, mut end } = span;
        let begin = |place: usize| self.signs.get(place).map(|sign| sign.begin);
        while start > 0 && begin(start) == begin(start - 1) {
            start -= 1;
        }
        while end > start && end < self.signs.len() && begin(end) == begin(end - 1) {
            end += 1;
        }
        start..end
    }

    /// Returns whether a span contains anything not masked before.
    pub fn has_news(&self, span: &Range<usize>) -> bool {
        self.signs.get(span.clone()).unwrap_or_default().iter().any(|sign| sign.letter != BARRIER)
    }

    /// Returns the words of the text: runs of letters and runs of digits, folded.
    pub fn words(&self) -> Vec<FoldedWord> {
        let mut words: Vec<FoldedWord> = Vec::new();
        let mut is_inside = false;
        for (place, sign) in self.signs.iter().enumerate() {
            let (is_letter, is_number) = (sign.letter.is_alphanumeric(), sign.letter.is_ascii_digit());
            match words.last_mut().filter(|word| is_inside && is_letter && word.is_number == is_number) {
                Some(word) => {
                    word.letters.push(sign.letter);
                    word.end = place + 1;
                }
                None if is_letter => {
                    let (letters, is_capital) = (sign.letter.to_string(), sign.is_capital);
                    words.push(FoldedWord { letters, begin: place, end: place + 1, is_number, is_capital });
                }
                None => {}
            }
            is_inside = is_letter;
        }
        words
    }

    /// Returns the source bytes of a span of signs.
    pub fn source(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let first = self.signs.get(span.start)?;
        let last = self.signs.get(span.end.checked_sub(1)?)?;
        (first.begin < last.end).then_some(first.begin..last.end)
    }
}

/// A run of letters or a run of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoldedWord {
    pub letters: String,
    pub begin: usize,
    pub end: usize,
    pub is_number: bool,
    /// Whether it begins with a capital.
    pub is_capital: bool,
}

/// Maps characters that look alike or have the same value to one spelling.
fn plain(letter: char) -> char {
    match letter {
        'đ' | 'ð' | 'ɖ' => 'd',
        'ı' => 'i',
        '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        '\u{2800}' => ' ',
        BARRIER => SYMBOL,
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{2E3A}'
        | '\u{2E3B}'
        | '\u{2043}'
        | '\u{30FC}'
        | '\u{2500}'
        | '\u{FE58}'
        | '¯' => '-',
        '·' | '•' | '∙' | '⋅' | '・' | '。' | '․' | '‧' | '●' | '▪' => '.',
        '⁄' | '∕' | '╱' | '÷' => '/',
        '‘' | '’' | '“' | '”' | '´' | '`' | '′' | '″' => '\'',
        '、' | '،' | '‚' => ',',
        '∶' | '꞉' => ':',
        '【' | '〔' | '「' => '(',
        '】' | '〕' | '」' => ')',
        letter if letter.is_whitespace() => ' ',
        letter if letter.is_ascii() => letter,
        letter => digit(letter).or_else(|| look_alike(letter)).unwrap_or(letter),
    }
}

fn digit(letter: char) -> Option<char> {
    let code = u32::from(letter);
    let of_script = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| code - zero);
    let circled = || CIRCLED_ONES.iter().find(|one| (**one..**one + 9).contains(&code)).map(|one| code - one + 1);
    let chinese = || CHINESE_DIGITS.chars().position(|digit| digit == letter).and_then(|place| u32::try_from(place).ok());
    let value = of_script.or_else(circled).or_else(chinese)?;
    char::from_digit(value, 10)
}

fn look_alike(letter: char) -> Option<char> {
    let mut pairs = LOOK_ALIKE.chars();
    while let (Some(foreign), Some(latin)) = (pairs.next(), pairs.next()) {
        if foreign == letter {
            return Some(latin);
        }
    }
    None
}
