//! From what a person writes or points at to communes: enters a text or a point, leaves the communes that it may mean.

use crate::domain::area::{Area, AreaKind, Level};
use crate::domain::directory::Directory;
use crate::domain::search_text::fold;
use crate::domain::zalo::Choice;
use chrono::NaiveDate;

/// How many communes a person may choose from.
pub const MOST_CHOICES: usize = 5;
/// A point farther than this from every centre lies outside the province, in kilometres.
const FARTHEST_KM: f64 = 12.0;
/// The communes that a point may lie in.
const NEAREST: usize = 3;
/// Kilometres of a degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;

/// The communes that a text names, best first; more than [`MOST_CHOICES`] mean that it says too little.
#[must_use]
pub fn named(directory: &Directory, day: NaiveDate, text: &str) -> Vec<Choice> {
    let folded = words_of(text);
    if folded.trim().is_empty() {
        return Vec::new();
    }
    let communes: Vec<(&Area, String)> = communes(directory, day).map(|area| (area, bare_name(area))).collect();
    let mut found: Vec<&(&Area, String)> = communes.iter().filter(|(_, name)| holds(&folded, name)).collect();
    if found.is_empty() {
        let part = without_kind(folded.trim());
        let fits = |name: &str| part.len() >= 3 && format!(" {name} ").contains(&format!(" {part}"));
        found = communes.iter().filter(|(_, name)| fits(name)).collect();
    }
    // `Phú Lâm` names no `Lâm`.
    let longest: Vec<&String> = found.iter().map(|(_, name)| name).collect();
    let within = |name: &String| longest.iter().any(|other| *other != name && holds(&format!(" {other} "), name));
    let mut found: Vec<&Area> = found.iter().filter(|(_, name)| !within(name)).map(|(area, _)| *area).collect();
    // The district or the kind tells communes of one name apart.
    for says in [says_district, says_kind] {
        let narrowed: Vec<&Area> = found.iter().copied().filter(|area| says(directory, area, &folded)).collect();
        if found.len() > 1 && !narrowed.is_empty() {
            found = narrowed;
        }
    }
    found.into_iter().map(|area| choice(directory, area)).collect()
}

/// The communes that a point may lie in, nearest first; none when it lies outside the province.
#[must_use]
pub fn around(directory: &Directory, day: NaiveDate, point: (f64, f64)) -> Vec<Choice> {
    let mut near: Vec<(f64, &Area)> = communes(directory, day)
        .filter_map(|area| Some((kilometres(area.latitude.zip(area.longitude)?, point), area)))
        .filter(|(distance, _)| *distance <= FARTHEST_KM)
        .collect();
    near.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    near.into_iter().take(NEAREST).map(|(_, area)| choice(directory, area)).collect()
}

/// Whether a point lies in the province as far as the centres of its districts tell: those of communes were not published before 2025.
#[must_use]
pub fn is_inside(directory: &Directory, day: NaiveDate, (latitude, longitude): (f64, f64)) -> bool {
    directory.areas().iter().filter(|area| area.level() == Level::District && area.validity.covers(day)).any(|area| {
        area.latitude.zip(area.longitude).is_some_and(|centre| kilometres(centre, (latitude, longitude)) <= FARTHEST_KM)
    })
}

fn kilometres((north, east): (f64, f64), (latitude, longitude): (f64, f64)) -> f64 {
    let up = (north - latitude) * KM_PER_DEGREE;
    let right = (east - longitude) * KM_PER_DEGREE * latitude.to_radians().cos();
    up.hypot(right)
}

fn communes(directory: &Directory, day: NaiveDate) -> impl Iterator<Item = &Area> {
    directory.areas().iter().filter(move |area| area.level() == Level::Commune && area.validity.covers(day))
}

fn choice(directory: &Directory, area: &Area) -> Choice {
    let name = match directory.district_of_area(area.id) {
        Some(district) => format!("{} ({})", area.name, district.name),
        None => area.name.clone(),
    };
    Choice { code: area.code.clone(), name }
}

fn says_district(directory: &Directory, area: &Area, folded: &str) -> bool {
    directory.district_of_area(area.id).is_some_and(|district| holds(folded, &bare_name(district)))
}

fn says_kind(_: &Directory, area: &Area, folded: &str) -> bool {
    let words: &[&str] = match area.kind {
        AreaKind::Ward => &["phuong", "p"],
        AreaKind::RuralCommune => &["xa", "x"],
        AreaKind::Township => &["thi tran", "tt"],
        _ => &[],
    };
    let name = bare_name(area);
    words.iter().any(|word| folded.contains(&format!(" {word} {name} ")))
}

/// The name without accents and without its kind.
fn bare_name(area: &Area) -> String {
    without_kind(&area.search_name).to_owned()
}

fn without_kind(name: &str) -> &str {
    const KINDS: &[&str] = &["phuong ", "xa ", "thi tran ", "thanh pho ", "thi xa ", "huyen ", "tinh ", "p ", "x ", "tt "];
    KINDS.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}

/// The folded words with single spaces, one before and one behind; what is no letter stands between words.
fn words_of(text: &str) -> String {
    let spaced: String = fold(text).chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn holds(words: &str, name: &str) -> bool {
    words.contains(&format!(" {name} "))
}
