//! The span of days on which an entry of the directory is in force.
//!
//! The reform of 2025 gave old commune codes to new, larger communes, so a code means something only together with a day.

use chrono::NaiveDate;

/// A span of Vietnamese days, both ends included; open when it has no last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First day in force.
    pub from: NaiveDate,
    /// Last day in force, when it has been ended.
    pub to: Option<NaiveDate>,
}

impl Validity {
    /// A span without an end.
    #[must_use]
    pub const fn since(from: NaiveDate) -> Self {
        Self { from, to: None }
    }

    /// Whether the day lies inside.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|last| day <= last)
    }

    /// Whether the span is over on that day.
    #[must_use]
    pub fn ended_before(&self, day: NaiveDate) -> bool {
        self.to.is_some_and(|last| last < day)
    }

    /// Whether some day lies in both spans.
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
