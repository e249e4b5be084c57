//! From what a person writes to the categories that it may belong to.
//!
//! Enters the content, leaves up to four suggestions: what routing rules on words say comes first, then names and examples that stand in
//! the text as a whole, then how many words of them do, of which those of a name and those that few categories use say more. Whole words
//! only: with other accents it is another word, without any it may be the same.

use crate::directory::rules::category::Category;
use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::DraftChoice;
use crate::kernel::search_text::fold;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How many categories are suggested.
const SUGGESTED: usize = 4;
/// What a word of a routing rule that stands in the text counts.
const WORD_OF_A_RULE: usize = 120;
/// What a name or an example that stands in the text as a whole counts.
const WHOLE_PHRASE: usize = 80;
/// What a word counts that stands in the name of one category only; shared ones count less.
const WORD_OF_A_NAME: usize = 24;
/// What a word counts that only one category uses in an example; shared ones count less.
const OWN_WORD: usize = 12;
/// What two words in a row count that only one category uses so; shared ones count less.
const OWN_PAIR: usize = 48;
/// How many times it counts with the accents of the category; without any, as many people write, it counts once.
const ACCENTED: usize = 2;
/// Less than this is chance.
const LEAST: usize = 8;
/// Words that say nothing about a category.
const EMPTY_WORDS: &str = "của cho không người đường trong ngoài trên dưới tại đến việc các ngày đêm ban giờ tuần tháng năm trước sau \
    nhiều khi bật chạy quá xuống ra vào đầu cuối hai một được bị và với có";

/// Every category in force, in the order of the directory.
#[must_use]
pub fn all(directory: &Directory, day: NaiveDate) -> Vec<DraftChoice> {
    in_force(directory, day).map(choice).collect()
}

/// The categories that a text may belong to, best first.
#[must_use]
pub fn suggested(directory: &Directory, day: NaiveDate, content: &str) -> Vec<DraftChoice> {
    let text = MessageText::of(content);
    let mut users = WordUsage::default();
    for category in in_force(directory, day) {
        for pair in pairs(category) {
            *users.pairs.entry(pair).or_default() += 1;
        }
        for (word, is_in_name) in vocabulary(category) {
            *users.names.entry(word.clone()).or_default() += usize::from(is_in_name);
            *users.all.entry(word).or_default() += 1;
        }
    }
    let mut scored: Vec<(usize, &Category)> =
        in_force(directory, day).map(|category| (score(directory, day, category, &text, &users), category)).collect();
    scored.retain(|(score, _)| *score >= LEAST);
    // Sorting is stable: of equal ones the first of the directory comes first.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(SUGGESTED).map(|(_, category)| choice(category)).collect()
}

/// The categories whose name holds what somebody wrote.
#[must_use]
pub fn named(directory: &Directory, day: NaiveDate, text: &str) -> Vec<DraftChoice> {
    let folded = fold(text);
    let fits = |category: &&Category| folded.chars().count() >= 3 && fold(&category.name_vi).contains(&folded);
    in_force(directory, day).filter(fits).map(choice).collect()
}

fn in_force(directory: &Directory, day: NaiveDate) -> impl Iterator<Item = &Category> {
    directory.categories().iter().filter(move |category| category.validity.covers(day))
}

fn choice(category: &Category) -> DraftChoice {
    DraftChoice { code: category.code.clone(), name: category.name_vi.clone() }
}

/// A word as it sounds: its letters, and the accents apart from them, in an order of their own, because `hóa` and `hoá` are one word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct CategoryWord {
    letters: String,
    accents: String,
}

impl CategoryWord {
    fn of(word: &str) -> Self {
        let mut accents: Vec<char> = word.to_lowercase().nfd().filter(|c| is_combining_mark(*c) || *c == 'đ').collect();
        accents.sort_unstable();
        Self { letters: fold(word), accents: accents.into_iter().collect() }
    }

    const fn is_plain(&self) -> bool {
        self.accents.is_empty()
    }
}

/// What somebody wrote.
struct MessageText {
    words: Vec<CategoryWord>,
    /// Without accents, a space around each word.
    folded: String,
}

impl MessageText {
    fn of(content: &str) -> Self {
        let empty = words(EMPTY_WORDS);
        // Without accents nobody can tell a word that says nothing from one that is written alike.
        let says_something =
            |word: &CategoryWord| !empty.iter().any(|other| other == word || (word.is_plain() && other.letters == word.letters));
        let all = words(content);
        let folded = all.iter().map(|word| word.letters.as_str()).collect::<Vec<_>>().join(" ");
        Self { words: all.into_iter().filter(says_something).collect(), folded: format!(" {folded} ") }
    }

    fn holds(&self, phrase: &str) -> bool {
        self.folded.contains(&format!(" {phrase} "))
    }

    /// How many times a word counts that stands here.
    fn times(&self, word: &CategoryWord) -> usize {
        let mut same = self.words.iter().filter(|other| other.letters == word.letters);
        let accented = same.clone().any(|other| other.accents == word.accents);
        if accented { ACCENTED } else { same.any(CategoryWord::is_plain).into() }
    }
}

/// How many categories use a word.
#[derive(Default)]
struct WordUsage {
    all: BTreeMap<CategoryWord, usize>,
    names: BTreeMap<CategoryWord, usize>,
    pairs: BTreeMap<String, usize>,
}

fn words(text: &str) -> Vec<CategoryWord> {
    let composed: String = text.nfc().collect();
    composed.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(CategoryWord::of).collect()
}

/// The parts of the name, and the examples.
fn phrases(category: &Category) -> impl Iterator<Item = (&str, bool)> {
    let parts = category.name_vi.split(',').map(|part| (part.trim(), true));
    parts.chain(category.examples.iter().map(|example| (example.as_str(), false)))
}

/// The words that say something about a category, and whether they stand in its name.
fn vocabulary(category: &Category) -> BTreeMap<CategoryWord, bool> {
    let empty = words(EMPTY_WORDS);
    let mut vocabulary = BTreeMap::new();
    for (phrase, is_in_name) in phrases(category) {
        for word in words(phrase).into_iter().filter(|word| word.letters.len() > 2 && !empty.contains(word)) {
            *vocabulary.entry(word).or_default() |= is_in_name;
        }
    }
    vocabulary
}

/// Words that stand side by side, of which one says something: `đèn đường` is more than a lamp and a road.
fn pairs(category: &Category) -> BTreeSet<String> {
    let empty = words(EMPTY_WORDS);
    let in_a_row = |phrase: &str| {
        let words = words(phrase);
        let next = words.iter().skip(1);
        let says_something = |(one, other): &(&CategoryWord, &CategoryWord)| !(empty.contains(one) && empty.contains(other));
        let pairs = words.iter().zip(next).filter(says_something);
        pairs.map(|(one, other)| format!("{} {}", one.letters, other.letters)).collect::<Vec<_>>()
    };
    phrases(category).flat_map(|(phrase, _)| in_a_row(phrase)).collect()
}

fn score(directory: &Directory, day: NaiveDate, category: &Category, text: &MessageText, users: &WordUsage) -> usize {
    let folded = |phrase: &str| words(phrase).into_iter().map(|word| word.letters).collect::<Vec<_>>().join(" ");
    let is_whole = |phrase: &str| !phrase.is_empty() && text.holds(phrase);
    let whole = phrases(category).filter(|(phrase, _)| is_whole(&folded(phrase))).count() * WHOLE_PHRASE;
    let single = vocabulary(category).into_iter().map(|(word, is_in_name)| {
        let (worth, users) = if is_in_name { (WORD_OF_A_NAME, &users.names) } else { (OWN_WORD, &users.all) };
        text.times(&word) * worth / users.get(&word).copied().unwrap_or(1).max(1)
    });
    let rules = directory.routing_rules().iter().filter(|rule| {
        let named = rule.conditions.category.as_ref().is_some_and(|codes| codes.as_slice().contains(&category.code));
        named && rule.validity.covers(day) && rule.conditions.words.iter().any(|word| text.holds(word))
    });
    let side_by_side = pairs(category).into_iter().filter(|pair| text.holds(pair));
    let side_by_side = side_by_side.map(|pair| OWN_PAIR / users.pairs.get(&pair).copied().unwrap_or(1).max(1));
    whole + side_by_side.sum::<usize>() + single.sum::<usize>() + rules.count() * WORD_OF_A_RULE
}
