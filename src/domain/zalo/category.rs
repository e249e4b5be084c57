//! From what a person writes to the categories that it may belong to.
//!
//! Enters the content, leaves up to four suggestions: what routing rules on words say comes first, then how many of the words of a
//! category's names and examples stand in the text.

use crate::domain::category::Category;
use crate::domain::directory::Directory;
use crate::domain::search_text::fold;
use crate::domain::zalo::Choice;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// How many categories are suggested.
const SUGGESTED: usize = 4;
/// What an example that stands in the text as a whole counts.
const WHOLE_EXAMPLE: usize = 6;
/// What a word of a routing rule counts.
const WORD_OF_A_RULE: usize = 8;
/// Words that say nothing about a category.
const EMPTY_WORDS: &[&str] = &["cua", "cho", "khong", "nguoi", "duong", "trong", "ngoai", "tren", "duoi", "tai", "den", "viec", "cac"];

/// Every category in force, in the order of the directory.
#[must_use]
pub fn all(directory: &Directory, day: NaiveDate) -> Vec<Choice> {
    in_force(directory, day).map(choice).collect()
}

/// The categories that a text may belong to, best first.
#[must_use]
pub fn suggested(directory: &Directory, day: NaiveDate, content: &str) -> Vec<Choice> {
    let text = format!(" {} ", words(content).join(" "));
    let mut scored: Vec<(usize, &Category)> =
        in_force(directory, day).map(|category| (score(directory, day, category, &text), category)).collect();
    scored.retain(|(score, _)| *score > 1);
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

fn score(directory: &Directory, day: NaiveDate, category: &Category, text: &str) -> usize {
    let holds = |phrase: &str| text.contains(&format!(" {phrase} "));
    let phrases = category.examples.iter().chain(std::iter::once(&category.name_vi));
    let whole = phrases.clone().filter(|phrase| holds(&words(phrase).join(" "))).count() * WHOLE_EXAMPLE;
    let single: BTreeSet<String> = phrases.flat_map(|phrase| words(phrase)).collect();
    let single = single.iter().filter(|word| word.len() > 2 && !EMPTY_WORDS.contains(&word.as_str()) && holds(word)).count();
    let rules = directory.routing_rules().iter().filter(|rule| {
        let named = rule.conditions.category.as_ref().is_some_and(|codes| codes.as_slice().contains(&category.code));
        named && rule.validity.covers(day) && rule.conditions.words.iter().any(|word| holds(word))
    });
    whole + single + rules.count() * WORD_OF_A_RULE
}
