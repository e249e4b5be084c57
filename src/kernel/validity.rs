//! The period in which a directory entry is in force.
//!
//! The reform of 2025 gave old commune codes to new, larger communes, so a code is unambiguous only together with
//! a day.

use chrono::NaiveDate;

/// A period of days in Việt Nam, both ends inclusive; open-ended without a last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Validity {
    /// Returns an open-ended period.
    #[must_use]
    pub const fn since(from: NaiveDate) -> Self {
        Self { from, to: None }
    }

    /// Returns whether the day is in the period.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|last| day <= last)
    }

    /// Returns whether the period ended before that day.
    #[must_use]
    pub fn ended_before(&self, day: NaiveDate) -> bool {
        self.to.is_some_and(|last| last < day)
    }

    /// Returns whether the periods share a day.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|last| other.from <= last) && other.to.is_none_or(|last| self.from <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, month, 1).unwrap()
    }

    #[test]
    fn both_ends_are_in_force() {
        let spring = Validity { from: day(2), to: Some(day(4)) };
        assert!(spring.covers(day(2)) && spring.covers(day(4)));
        assert!(!spring.covers(day(1)) && !spring.covers(day(5)));
        assert!(spring.ended_before(day(5)) && !spring.ended_before(day(4)));
    }

    #[test]
    fn spans_that_touch_on_one_day_overlap() {
        let spring = Validity { from: day(2), to: Some(day(4)) };
        assert!(spring.overlaps(&Validity::since(day(4))));
        assert!(!spring.overlaps(&Validity::since(day(5))));
        assert!(!Validity::since(day(5)).overlaps(&spring));
    }
}
