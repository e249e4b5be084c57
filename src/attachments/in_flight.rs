//! Counts bytes that this process is receiving and that have no database row yet, per payer.
//!
//! Bytes are counted before the free space is checked, so that concurrent uploads see each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The in-flight counters of this process; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct InFlightBytes(Arc<Mutex<InFlightCounts>>);

#[derive(Debug, Default)]
struct InFlightCounts {
    all: i64,
    by_payer: HashMap<String, i64>,
}

impl InFlightCounts {
    fn beside<'a>(&self, payers: impl Iterator<Item = &'a str>) -> InFlightTotals {
        let of = |payer: &str| self.by_payer.get(payer).copied().unwrap_or_default();
        InFlightTotals { all: self.all, by_payer: payers.map(of).collect() }
    }
}

/// In-flight bytes of other uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlightTotals {
    pub all: i64,
    /// Per payer, in the order in which the payers were given.
    pub by_payer: Vec<i64>,
}

impl InFlightBytes {
    fn count(&self) -> MutexGuard<'_, InFlightCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the in-flight bytes of all payers.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.count().all
    }

    /// Returns the current in-flight totals for these payers.
    #[must_use]
    pub fn beside<'a>(&self, payers: impl Iterator<Item = &'a str>) -> InFlightTotals {
        self.count().beside(payers)
    }

    /// Adds bytes for each of these payers; returns the totals from before.
    pub fn come<'a>(&self, payers: impl Iterator<Item = &'a str> + Clone, bytes: i64) -> InFlightTotals {
        let mut count = self.count();
        let beside = count.beside(payers.clone());
        count.all += bytes;
        for payer in payers {
            *count.by_payer.entry(payer.to_owned()).or_default() += bytes;
        }
        beside
    }

    /// Subtracts bytes that were stored and are counted elsewhere, or that will not arrive.
    pub fn go<'a>(&self, payers: impl Iterator<Item = &'a str>, bytes: i64) {
        let mut count = self.count();
        count.all -= bytes;
        for payer in payers {
            if let Some(left) = count.by_payer.get_mut(payer) {
                *left -= bytes;
                if *left <= 0 {
                    count.by_payer.remove(payer);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_payer_and_all_together_are_counted() {
        let bytes = InFlightBytes::default();
        let [house, street] = ["house", "street"];
        assert_eq!(bytes.come([house, street].into_iter(), 7), InFlightTotals { all: 0, by_payer: vec![0, 0] });
        assert_eq!(bytes.come([street].into_iter(), 2), InFlightTotals { all: 7, by_payer: vec![7] });
        assert_eq!(bytes.beside([house, street, "other"].into_iter()), InFlightTotals { all: 9, by_payer: vec![7, 9, 0] });
        bytes.go([house, street].into_iter(), 7);
        assert_eq!((bytes.all(), bytes.beside([house, street].into_iter()).by_payer), (2, vec![0, 2]));
        bytes.go([street].into_iter(), 2);
        assert!(bytes.count().by_payer.is_empty(), "nobody is kept in mind");
    }
}
