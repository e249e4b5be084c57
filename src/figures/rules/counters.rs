//! The counters of one rollup row, in the column order of `statistics_sums`.
//!
//! *State* counters describe what petitions are; their sum up to a day is the state on that day. *Flow* counters
//! describe
//! what happened on the day itself.

use std::collections::BTreeMap;

macro_rules! counters {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        /// The counts of one or many petitions; differences may be negative.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Counters {
            $($(#[$meta])* pub $name: i64),+
        }

        impl Counters {
            /// The names of the counters, which equal the column names.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// Returns the values in the order of [`Counters::NAMES`].
            pub fn values(&self) -> impl Iterator<Item = &i64> {
                [$(&self.$name),+].into_iter()
            }

            /// Creates counters from values in the order of [`Counters::NAMES`]; missing values are 0.
            #[must_use]
            pub fn from_values(values: impl IntoIterator<Item = i64>) -> Self {
                let mut values = values.into_iter();
                Self { $($name: values.next().unwrap_or_default()),+ }
            }
        }

        impl std::ops::AddAssign for Counters {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)+
            }
        }

        impl std::ops::SubAssign for Counters {
            fn sub_assign(&mut self, other: Self) {
                $(self.$name -= other.$name;)+
            }
        }
    };
}

counters! {
    /// Valid petitions.
    received,
    /// Of those, answered at least once.
    handled,
    /// Milliseconds from receipt to first answer, of the handled.
    processing_ms,
    /// First answered before the due day.
    handled_early,
    /// First answered on the due day, in time.
    handled_on_time,
    /// First answered after the due instant.
    handled_late,
    /// Handled with 1 as the latest rating.
    rated_1,
    /// Handled with 2 as the latest rating.
    rated_2,
    /// Handled with 3 as the latest rating.
    rated_3,
    /// Handled with 4 as the latest rating.
    rated_4,
    /// Handled with 5 as the latest rating.
    rated_5,
    /// Refused, also for want of a reply.
    refused,
    /// Withdrawn.
    withdrawn,
    /// Marked as a duplicate of another petition.
    duplicates,
    /// Valid petitions that need work, including reopened ones.
    open,
    /// Answers to valid petitions, including those after a reopening.
    answers,
    /// Reopenings of valid petitions.
    reopenings,
    /// Flow: answers, at the agency that gave them.
    flow_answered,
    /// Flow: reopenings, at the agency that has to handle the petition again.
    flow_reopened,
    /// Flow: open petitions transferred in.
    flow_in,
    /// Flow: open petitions transferred out.
    flow_out,
    /// Flow: open petitions that became invalid, at the agency that held them.
    flow_settled,
    /// Unanswered petitions past their deadline; counted on the day the deadline passes.
    overdue,
}

impl Counters {
    /// Returns JSON without zero counters: `{"received":1,"open":1}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let told = Self::NAMES.iter().zip(self.values()).filter(|(_, value)| **value != 0);
        let told: Vec<String> = told.map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", told.join(","))
    }

    /// Parses the output of [`Counters::to_json`].
    ///
    /// # Errors
    /// When it is not an object of integers, or when a name is unknown.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        let mut told: BTreeMap<&str, i64> = serde_json::from_str(json)?;
        let counters = Self::from_values(Self::NAMES.iter().map(|name| told.remove(name).unwrap_or_default()));
        match told.keys().next() {
            None => Ok(counters),
            Some(unknown) => Err(serde::de::Error::custom(format!("no counter is called {unknown}"))),
        }
    }

    /// Returns whether all counters are zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the flow counters only.
    #[must_use]
    pub fn flows(&self) -> Self {
        Self {
            flow_answered: self.flow_answered,
            flow_reopened: self.flow_reopened,
            flow_in: self.flow_in,
            flow_out: self.flow_out,
            flow_settled: self.flow_settled,
            ..Self::default()
        }
    }

    /// Returns the number of handled petitions with a rating.
    #[must_use]
    pub const fn rated(&self) -> i64 {
        self.rated_1 + self.rated_2 + self.rated_3 + self.rated_4 + self.rated_5
    }

    /// Returns the sum of all ratings.
    #[must_use]
    pub const fn score_sum(&self) -> i64 {
        self.rated_1 + 2 * self.rated_2 + 3 * self.rated_3 + 4 * self.rated_4 + 5 * self.rated_5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_tells_what_is_not_zero() {
        let counters = Counters { received: 1, open: -1, overdue: 7, ..Counters::default() };
        assert_eq!(counters.to_json(), r#"{"received":1,"open":-1,"overdue":7}"#);
        assert_eq!(Counters::from_json(&counters.to_json()).unwrap(), counters);
        assert_eq!(Counters::from_json("{}").unwrap(), Counters::default());
        assert!(Counters::from_json(r#"{"recieved":1}"#).is_err());
    }

    #[test]
    fn values_come_back_in_the_order_of_the_names() {
        let counters = Counters::from_values(1..=23);
        assert_eq!(Counters::NAMES.len(), 23);
        assert_eq!((counters.received, counters.overdue), (1, 23));
        assert_eq!(counters.values().copied().collect::<Vec<_>>(), (1..=23).collect::<Vec<_>>());
    }
}
