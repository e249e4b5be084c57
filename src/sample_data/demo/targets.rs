//! The published figures of each district that the year must add up to, from `data/district-2023.csv`.
//!
//! Rule: the rounded figures become whole days and whole stars, and the stars of all districts together give
//! the published mean of the province.

use crate::db::service_error::ServiceError;

/// The district figures, embedded in the binary.
const DISTRICTS: &[u8] = include_bytes!("../../../data/district-2023.csv");

/// Percentage of handled petitions that are rated.
const RATED_PERCENT: i64 = 68;

/// The published mean rating of the province, in hundredths.
const PROVINCE_RATING: i64 = 309;

/// Petitions of businesses by district: received, and of those still open. Totals: 114 received, 100 answered,
/// 14 open.
const BUSINESS: &[(&str, usize, usize)] =
    &[("27", 74, 10), ("256", 14, 2), ("258", 8, 1), ("259", 6, 0), ("260", 6, 0), ("261", 6, 1)];

/// The figures of one district, or of the provincial bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistrictTarget {
    /// Code of the district; the province's code for its own bodies.
    pub area_code: String,
    /// Number of answered petitions.
    pub handled: usize,
    /// Number of petitions never answered.
    pub backlog: usize,
    /// Sum of the processing times of all handled petitions, in days.
    pub days: i64,
    /// Number of handled petitions that are rated.
    pub rated: usize,
    /// Sum of all ratings.
    pub stars: i64,
    /// Number of handled petitions filed by businesses.
    pub business_handled: usize,
    /// Number of backlog petitions filed by businesses.
    pub business_backlog: usize,
}

fn broken<T>(_: T) -> ServiceError {
    ServiceError::Internal("the district figures of the binary cannot be read")
}

/// Parses a decimal such as `9.7` or `9` into tenths.
fn tenths(text: &str) -> Result<i64, ServiceError> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let (whole, tenth): (i64, i64) = (whole.parse().map_err(broken)?, tenth.parse().map_err(broken)?);
    Ok(whole * 10 + tenth)
}

/// Divides by ten, rounded.
const fn rounded_tenth(product: i64) -> i64 {
    (product + 5) / 10
}

fn target(record: &csv::StringRecord) -> Result<DistrictTarget, ServiceError> {
    let field = |place: usize| record.get(place).unwrap_or_default();
    let area_code = field(0).to_owned();
    let handled: i64 = field(2).parse().map_err(broken)?;
    let rated = (handled * RATED_PERCENT + 50) / 100;
    let business = BUSINESS.iter().find(|(code, _, _)| *code == area_code);
    let (received, open) = business.map_or((0, 0), |(_, received, open)| (*received, *open));
    Ok(DistrictTarget {
        handled: usize::try_from(handled).map_err(broken)?,
        backlog: field(3).parse().map_err(broken)?,
        days: rounded_tenth(tenths(field(5))? * handled),
        rated: usize::try_from(rated).map_err(broken)?,
        stars: rounded_tenth(tenths(field(6))? * rated),
        business_handled: received - open,
        business_backlog: open,
        area_code,
    })
}

/// Returns the targets in the order of the file.
///
/// # Errors
/// When the embedded file is invalid.
pub fn read() -> Result<Vec<DistrictTarget>, ServiceError> {
    let mut targets = Vec::new();
    for record in csv::Reader::from_reader(DISTRICTS).records() {
        targets.push(target(&record.map_err(broken)?)?);
    }
    // The rounding error of all districts is corrected where it shows least: in the largest district.
    let rated: i64 = targets.iter().map(|target| i64::try_from(target.rated).unwrap_or_default()).sum();
    let stars: i64 = targets.iter().map(|target| target.stars).sum();
    let missing = (rated * PROVINCE_RATING + 50) / 100 - stars;
    if let Some(largest) = targets.iter_mut().max_by_key(|target| target.handled) {
        largest.stars += missing;
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_districts_add_up_to_the_province() {
        let targets = read().unwrap();
        let sum = |of: fn(&DistrictTarget) -> usize| targets.iter().map(of).sum::<usize>();
        assert_eq!((sum(|it| it.handled), sum(|it| it.backlog)), (3171, 263));
        assert_eq!((sum(|it| it.business_handled), sum(|it| it.business_backlog)), (100, 14));
        assert_eq!(targets.iter().map(|it| it.days).sum::<i64>(), 30798);
        let (rated, stars) = (sum(|it| it.rated), targets.iter().map(|it| it.stars).sum::<i64>());
        assert_eq!((stars * 1000 / i64::try_from(rated).unwrap() + 5) / 10, 309);
    }

    #[test]
    fn making_up_the_rounding_does_not_show_in_a_district() {
        for target in read().unwrap().iter().filter(|target| target.area_code == "256") {
            let rated = i64::try_from(target.rated).unwrap();
            assert_eq!((target.stars * 100 / rated + 5) / 10, 34);
        }
    }
}
