//! Finds communes. Enters: a text or a location. Leaves: the communes it may mean.

use crate::directory::rules::area::{Area, Level};
use crate::directory::rules::commune_name::{self, bare_name, communes, without_kind, words_of};
use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::DraftChoice;
use chrono::NaiveDate;

/// Maximum communes offered to choose from.
pub const MOST_CHOICES: usize = 5;
/// A location farther than this from every commune centre is outside the province, in kilometres.
const FARTHEST_KM: f64 = 12.0;
/// Number of communes offered for a location.
const NEAREST: usize = 3;
/// Kilometres per degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;

/// Returns the communes a text names, best first; more than [`MOST_CHOICES`] mean that it is too vague.
#[must_use]
pub fn named(directory: &Directory, day: NaiveDate, text: &str) -> Vec<DraftChoice> {
    let words = words_of(text);
    if words.trim().is_empty() {
        return Vec::new();
    }
    let mut found = commune_name::named(directory, day, text);
    if found.is_empty() {
        let part = without_kind(words.trim());
        let fits = |area: &&Area| part.len() >= 3 && format!(" {} ", bare_name(area)).contains(&format!(" {part}"));
        found = communes(directory, day).filter(fits).collect();
    }
    found.into_iter().map(|area| choice(directory, area)).collect()
}

/// Returns the communes a location may be in, nearest first; empty when it is outside the province.
#[must_use]
pub fn around(directory: &Directory, day: NaiveDate, point: (f64, f64)) -> Vec<DraftChoice> {
    let mut near: Vec<(f64, &Area)> = communes(directory, day)
        .filter_map(|area| Some((kilometres(area.latitude.zip(area.longitude)?, point), area)))
        .filter(|(distance, _)| *distance <= FARTHEST_KM)
        .collect();
    near.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    near.into_iter().take(NEAREST).map(|(_, area)| choice(directory, area)).collect()
}

/// Returns whether a location is in the province, judged by the centres of its districts: those of communes were not
/// published before 2025.
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

fn choice(directory: &Directory, area: &Area) -> DraftChoice {
    let name = match directory.district_of_area(area.id) {
        Some(district) => format!("{} ({})", area.name, district.name),
        None => area.name.clone(),
    };
    DraftChoice { code: area.code.clone(), name }
}
