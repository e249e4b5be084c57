//! A point on the map: takes latitude and longitude, returns a point inside Việt Nam.
//!
//! The exact position is often a home, so only users who may see the petitioner's identity get it; the public gets
//! a rounded one. The border check is a bounding box around the mainland, Hoàng Sa and Trường Sa: enough to catch
//! swapped or foreign coordinates. The petitioner names the area of a petition separately.

use crate::kernel::field_problem::{FieldProblem, FieldRule};
use serde::Serialize;
use utoipa::ToSchema;

const SOUTH: f64 = 6.0;
const NORTH: f64 = 23.5;
const WEST: f64 = 102.0;
const EAST: f64 = 118.0;
/// Three decimals of a degree: 111 m from north to south, 103 m from east to west in Bắc Ninh.
const PUBLIC_STEPS_PER_DEGREE: f64 = 1000.0;

/// Seven decimals of a degree, about 1 cm. Longer decimals may change when read back from JSON, which would break
/// the hash over the petitioner's data.
const STEPS_PER_DEGREE: f64 = 10_000_000.0;

/// A point inside Việt Nam, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Location {
    latitude: f64,
    longitude: f64,
}

impl Location {
    /// Checks a point. The field of the problem is `latitude` or `longitude`, or empty when only the combination
    /// is wrong.
    ///
    /// # Errors
    /// `Between` for numbers that are not coordinates (including NaN), `OutsideVietnam` for other points.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, FieldProblem> {
        for (field, value, limit) in [("latitude", latitude, 90.0), ("longitude", longitude, 180.0)] {
            // NaN is in no range, so it is rejected here.
            if !(-limit..=limit).contains(&value) {
                return Err(FieldProblem::new(field, FieldRule::Between((-limit).to_string(), limit.to_string())));
            }
        }
        if (SOUTH..=NORTH).contains(&latitude) && (WEST..=EAST).contains(&longitude) {
            let exact = |degrees: f64| (degrees * STEPS_PER_DEGREE).round() / STEPS_PER_DEGREE;
            Ok(Self { latitude: exact(latitude), longitude: exact(longitude) })
        } else {
            Err(FieldProblem::new("", FieldRule::OutsideVietnam))
        }
    }

    /// Returns the latitude in degrees north.
    #[must_use]
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Returns the longitude in degrees east.
    #[must_use]
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// Returns the public position, rounded to about 100 m.
    #[must_use]
    pub fn rounded_for_public(self) -> Self {
        let rounded = |degrees: f64| (degrees * PUBLIC_STEPS_PER_DEGREE).round() / PUBLIC_STEPS_PER_DEGREE;
        Self { latitude: rounded(self.latitude), longitude: rounded(self.longitude) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(latitude: f64, longitude: f64) -> Result<Location, (String, &'static str)> {
        Location::new(latitude, longitude).map_err(|problem| (problem.field, problem.rule.code()))
    }

    #[test]
    fn bac_ninh_and_the_islands_are_inside() {
        for (latitude, longitude) in [(21.18, 106.07), (8.65, 111.92), (16.53, 111.61), (9.28, 103.47), (23.39, 105.32)] {
            assert!(rule(latitude, longitude).is_ok(), "{latitude} {longitude}");
        }
    }

    #[test]
    fn other_numbers_are_told_apart() {
        assert_eq!(rule(91.0, 106.07), Err(("latitude".into(), "out_of_range")));
        assert_eq!(rule(21.18, -180.5), Err(("longitude".into(), "out_of_range")));
        assert_eq!(rule(f64::NAN, 106.07), Err(("latitude".into(), "out_of_range")));
        assert_eq!(rule(21.18, f64::INFINITY), Err(("longitude".into(), "out_of_range")));
        assert_eq!(rule(48.85, 2.35), Err((String::new(), "outside_vietnam")));
        assert_eq!(rule(0.0, 0.0), Err((String::new(), "outside_vietnam")));
        let swapped = Location::new(106.07, 21.18).unwrap_err().rule;
        assert_eq!(swapped, FieldRule::Between("-90".into(), "90".into()));
    }

    #[test]
    fn the_public_sees_three_decimals() {
        let shown = Location::new(21.186_149, 106.076_551).unwrap().rounded_for_public();
        assert_eq!(serde_json::to_string(&shown).unwrap(), r#"{"latitude":21.186,"longitude":106.077}"#);
    }

    proptest! {
        #[test]
        fn rounding_moves_less_than_100_metres_and_only_once(latitude in SOUTH..NORTH, longitude in WEST..EAST) {
            let exact = Location::new(latitude, longitude).unwrap();
            let shown = exact.rounded_for_public();
            prop_assert!((shown.latitude() - latitude).abs() <= 0.000_500_1 && (shown.longitude() - longitude).abs() <= 0.000_500_1);
            prop_assert_eq!(shown.rounded_for_public(), shown);
            prop_assert!(Location::new(shown.latitude(), shown.longitude()).is_ok());
        }
    }
}
