//! Communes by the words of an address: enters a text, leaves the communes that it names.
//!
//! Several communes have one name; the district beside it tells them apart, with or without what sort of place each is
//! (`Ninh Xá, Thuận Thành`, `phường Ninh Xá, thị xã Thuận Thành`). Rule: an address goes from the small to the large, so that the name of
//! a district behind a commune is no commune of its own.

use crate::directory::rules::area::{Area, AreaKind, Level};
use crate::directory::rules::directory::Directory;
use crate::kernel::search_text::fold;
use chrono::NaiveDate;

/// The communes of a day.
pub fn communes(directory: &Directory, day: NaiveDate) -> impl Iterator<Item = &Area> {
    directory.areas().iter().filter(move |area| area.level() == Level::Commune && area.validity.covers(day))
}

/// The communes that a text names; more than one when it does not tell them apart.
#[must_use]
pub fn named<'d>(directory: &'d Directory, day: NaiveDate, text: &str) -> Vec<&'d Area> {
    let words = words_of(text);
    let mut found: Vec<(&Area, String)> = communes(directory, day).map(|area| (area, bare_name(area))).collect();
    found.retain(|(_, name)| holds(&words, name));
    // `Phú Lâm` names no `Lâm`.
    let names: Vec<String> = found.iter().map(|(_, name)| name.clone()).collect();
    let is_within = |name: &String| names.iter().any(|other| other != name && holds(&format!(" {other} "), name));
    found.retain(|(_, name)| !is_within(name));
    let place = |name: &String| words.find(&format!(" {name} "));
    let first = found.iter().filter_map(|(_, name)| place(name)).min();
    let is_district =
        |name: &str| directory.areas().iter().any(|area| area.level() == Level::District && bare_name(area) == name);
    if found.iter().any(|(_, name)| place(name) == first && !is_district(name)) {
        found.retain(|(_, name)| place(name) == first || !is_district(name));
    }
    let mut found: Vec<&Area> = found.into_iter().map(|(area, _)| area).collect();
    // The district or the kind tells communes of one name apart; the city has the name of the province, which many write behind it.
    for says in [says_district, says_smaller_district, says_kind] {
        let narrowed: Vec<&Area> = found.iter().copied().filter(|area| says(directory, area, &words)).collect();
        if found.len() > 1 && !narrowed.is_empty() {
            found = narrowed;
        }
    }
    found
}

fn says_district(directory: &Directory, area: &Area, words: &str) -> bool {
    directory.district_of_area(area.id).is_some_and(|district| holds(words, &bare_name(district)))
}

fn says_smaller_district(directory: &Directory, area: &Area, words: &str) -> bool {
    let is_province =
        |name: &str| directory.areas().iter().any(|area| area.level() == Level::Province && bare_name(area) == name);
    directory.district_of_area(area.id).map(bare_name).is_some_and(|name| !is_province(&name) && holds(words, &name))
}

fn says_kind(_: &Directory, area: &Area, words: &str) -> bool {
    let kinds: &[&str] = match area.kind {
        AreaKind::Ward => &["phuong", "p"],
        AreaKind::RuralCommune => &["xa", "x"],
        AreaKind::Township => &["thi tran", "tt"],
        _ => &[],
    };
    let name = bare_name(area);
    kinds.iter().any(|word| words.contains(&format!(" {word} {name} ")))
}

/// The name without accents and without its kind.
#[must_use]
pub fn bare_name(area: &Area) -> String {
    without_kind(&area.search_name).to_owned()
}

/// A folded name without its kind.
#[must_use]
pub fn without_kind(name: &str) -> &str {
    const KINDS: &[&str] = &["phuong ", "xa ", "thi tran ", "thanh pho ", "thi xa ", "huyen ", "tinh ", "p ", "x ", "tt "];
    KINDS.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}

/// The folded words with single spaces, one before and one behind; what is no letter stands between words.
#[must_use]
pub fn words_of(text: &str) -> String {
    let spaced: String = fold(text).chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn holds(words: &str, name: &str) -> bool {
    words.contains(&format!(" {name} "))
}
