//! The time span of one stored sum.

use chrono::{Datelike, NaiveDate};

text_enum! {
    /// The spans of events and of receipt that one stored sum covers.
    Grain {
        /// One day of events, one month of receipt.
        Day = "day",
        /// One month of events, one month of receipt.
        Month = "month",
        /// One year of events, one year of receipt.
        Year = "year",
    }
}

impl Grain {
    /// Returns the first day of the event span that contains a day.
    #[must_use]
    pub fn of_event(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Month => month_of(day),
            Self::Year => year_of(day),
        }
    }

    /// Returns the first day of the receipt span that contains a day.
    #[must_use]
    pub fn of_receipt(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day | Self::Month => month_of(day),
            Self::Year => year_of(day),
        }
    }
}

/// Returns the first day of the month.
#[must_use]
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Returns the first day of the year.
#[must_use]
pub fn year_of(day: NaiveDate) -> NaiveDate {
    NaiveDate::from_yo_opt(day.year(), 1).unwrap_or(day)
}
