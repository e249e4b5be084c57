//! From what a person writes to the categories that it may belong to.
//!
//! Enters the content, leaves up to four suggestions: what routing rules on words say comes first, then how many of the words of a
//! category's names and examples stand in the text, of which those that few categories use say more.

use crate::domain::category::Category;
use crate::domain::directory::Directory;
use crate::domain::search_text::fold;
use crate::domain::zalo::Choice;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// How many categories are suggested.
const SUGGESTED: usize = 4;
/// What a word of a routing rule that stands in the text counts.
const WORD_OF_A_RULE: usize = 60;
/// What a name or an example that stands in the text as a whole counts.
const WHOLE_PHRASE: usize = 40;
/// What a word counts that only one category uses; shared ones count less.
const OWN_WORD: usize = 12;
/// Less than this is chance.
const LEAST: usize = 6;
/// Words that say nothing about a category.
const EMPTY_WORDS: &[&str] =
    &["cua", "cho", "khong", "nguoi", "duong", "trong", "ngoai", "tren", "duoi", "tai", "den", "viec", "cac"];

/// Every category in force, in the order of the directory.
#[must_use]
pub fn all(directory: &Directory, day: NaiveDate) -> Vec<Choice> {
    in_force(directory, day).map(choice).collect()
}

/// The categories that a text may belong to, best first.
#[must_use]
pub fn suggested(directory: &Directory, day: NaiveDate, content: &str) -> Vec<Choice> {
    let text = format!(" {} ", words(content).join(" "));
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for word in in_force(directory, day).flat_map(vocabulary) {
        *users.entry(word).or_default() += 1;
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
pub fn named(directory: &Directory, day: NaiveDate, text: &str) -> Vec<Choice> {
    let folded = fold(text);
    let fits = |category: &&Category| folded.chars().count() >= 3 && fold(&category.name_vi).contains(&folded);
    in_force(directory, day).filter(fits).map(choice).collect()
}

fn in_force(directory: &Directory, day: NaiveDate) -> impl Iterator<Item = &Category> {
    directory.categories().iter().filter(move |category| category.validity.covers(day))
}

fn choice(category: &Category) -> Choice {
    Choice { code: category.code.clone(), name: category.name_vi.clone() }
}

fn words(text: &str) -> Vec<String> {
    let spaced: String = fold(text).chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// The name, its parts and the examples, as they may stand in a text.
fn phrases(category: &Category) -> Vec<String> {
    let parts = category.name_vi.split(',').map(str::trim);
    let all = parts.chain(category.examples.iter().map(String::as_str));
    all.map(|phrase| words(phrase).join(" ")).filter(|phrase| !phrase.is_empty()).collect()
}

/// The words that say something about a category.
fn vocabulary(category: &Category) -> BTreeSet<String> {
    let phrases = phrases(category);
    let all = phrases.iter().flat_map(|phrase| phrase.split(' '));
    all.filter(|word| word.len() > 2 && !EMPTY_WORDS.contains(word)).map(str::to_owned).collect()
}

fn score(directory: &Directory, day: NaiveDate, category: &Category, text: &str, users: &BTreeMap<String, usize>) -> usize {
    let holds = |phrase: &str| text.contains(&format!(" {phrase} "));
    let whole = phrases(category).iter().filter(|phrase| holds(phrase)).count() * WHOLE_PHRASE;
    let known = vocabulary(category);
    let single = known.iter().filter(|word| holds(word)).map(|word| OWN_WORD / users.get(word).copied().unwrap_or(1).max(1));
    let rules = directory.routing_rules().iter().filter(|rule| {
        let named = rule.conditions.category.as_ref().is_some_and(|codes| codes.as_slice().contains(&category.code));
        named && rule.validity.covers(day) && rule.conditions.words.iter().any(|word| holds(word))
    });
    whole + single.sum::<usize>() + rules.count() * WORD_OF_A_RULE
}
