//! Suggests categories for a text. Enters: the content. Leaves: up to four suggestions.
//!
//! Score, in decreasing weight: words of routing rules, complete names and examples, then single words and word
//! pairs, where words of a name and words used by few categories weigh more. Only whole words match: with different
//! accents it is another word; without any accents it may be the same.

use crate::directory::rules::category::Category;
use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::DraftChoice;
use crate::kernel::search_text::fold;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Maximum suggestions.
const SUGGESTED: usize = 4;
/// Score of a routing-rule word in the text.
const WORD_OF_A_RULE: usize = 120;
/// Score of a complete name or example in the text.
const WHOLE_PHRASE: usize = 80;
/// Score of a word in the name of only one category; shared words score less.
const WORD_OF_A_NAME: usize = 24;
/// Score of a word that only one category uses in an example; shared words score less.
const OWN_WORD: usize = 12;
/// Score of two adjacent words used by only one category; shared pairs score less.
const OWN_PAIR: usize = 48;
/// Factor for a word written with the category's accents; without accents, as many people write, the factor is 1.
const ACCENTED: usize = 2;
/// Minimum score; anything less is chance.
const LEAST: usize = 8;
/// Stop words.
const EMPTY_WORDS: &str = "của cho không người đường trong ngoài trên dưới tại đến việc các ngày đêm ban giờ tuần tháng năm trước sau \
    nhiều khi bật chạy quá xuống ra vào đầu cuối hai một được bị và với có";

/// Returns every category in force, in directory order.
#[must_use]
pub fn all(directory: &Directory, day: NaiveDate) -> Vec<DraftChoice> {
    in_force(directory, day).map(choice).collect()
}

/// Returns the categories a text may belong to, best first.
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
    // The sort is stable: ties keep the directory order.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(SUGGESTED).map(|(_, category)| choice(category)).collect()
}

/// Returns the categories whose name contains the text.
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

/// A word split into its letters and its sorted accents, because `hóa` and `hoá` are the same word.
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

/// The person's text.
struct MessageText {
    words: Vec<CategoryWord>,
    /// Without accents, with a space around each word.
    folded: String,
}

impl MessageText {
    fn of(content: &str) -> Self {
        let empty = words(EMPTY_WORDS);
        // Without accents a stop word cannot be told from a word spelled alike.
        let says_something =
            |word: &CategoryWord| !empty.iter().any(|other| other == word || (word.is_plain() && other.letters == word.letters));
        let all = words(content);
        let folded = all.iter().map(|word| word.letters.as_str()).collect::<Vec<_>>().join(" ");
        Self { words: all.into_iter().filter(says_something).collect(), folded: format!(" {folded} ") }
    }

    fn holds(&self, phrase: &str) -> bool {
        self.folded.contains(&format!(" {phrase} "))
    }

    /// Score factor of a word at this position.
    fn times(&self, word: &CategoryWord) -> usize {
        let mut same = self.words.iter().filter(|other| other.letters == word.letters);
        let accented = same.clone().any(|other| other.accents == word.accents);
        if accented { ACCENTED } else { same.any(CategoryWord::is_plain).into() }
    }
}

/// Number of categories that use each word.
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

/// The significant words of a category, and whether they are in its name.
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

/// Adjacent words of which at least one is significant: `đèn đường` is more specific than `đèn` and `đường`.
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
