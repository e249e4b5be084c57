//! Finds communes in the text of an address.
//!
//! Several communes share a name; the district next to it distinguishes them, with or without the type of each
//! place (`Ninh Xá, Thuận Thành`, `phường Ninh Xá, thị xã Thuận Thành`). Rule: an address goes from small to large,
//! so the district name after a commune is not read as another commune.

use crate::directory::rules::area::{Area, AreaKind, Level};
use crate::directory::rules::directory::Directory;
use crate::kernel::search_text::fold;
use chrono::NaiveDate;

/// Returns the communes of a day.
pub fn communes(directory: &Directory, day: NaiveDate) -> impl Iterator<Item = &Area> {
    directory.areas().iter().filter(move |area| area.level() == Level::Commune && area.validity.covers(day))
}

/// Returns the communes named in a text; more than one when the text is ambiguous.
#[must_use]
pub fn named<'d>(directory: &'d Directory, day: NaiveDate, text: &str) -> Vec<&'d Area> {
    let words = words_of(text);
    let mut found: Vec<(&Area, String)> = communes(directory, day).map(|area| (area, bare_name(area))).collect();
    found.retain(|(_, name)| holds(&words, name));
    // `Phú Lâm` must not match a commune `Lâm`.
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
    // The district or the type distinguishes communes of one name; the city shares its name with the province,
    // which many people write after it.
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

/// Returns the name without accents and without the type.
#[must_use]
pub fn bare_name(area: &Area) -> String {
    without_kind(&area.search_name).to_owned()
}

/// Strips the type from a folded name.
#[must_use]
pub fn without_kind(name: &str) -> &str {
    const KINDS: &[&str] = &["phuong ", "xa ", "thi tran ", "thanh pho ", "thi xa ", "huyen ", "tinh ", "p ", "x ", "tt "];
    KINDS.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}

/// Returns the folded words separated and surrounded by single spaces; non-letters count as separators.
#[must_use]
pub fn words_of(text: &str) -> String {
    let spaced: String = fold(text).chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn holds(words: &str, name: &str) -> bool {
    words.contains(&format!(" {name} "))
}
