//! Seeded random numbers for the demo year. Uses integers only, so that every machine produces the same
//! sequence.

use crate::kernel::entropy::{Entropy, SeededEntropy};

/// A seeded random generator.
#[derive(Debug)]
pub struct SeededRandom(SeededEntropy);

impl SeededRandom {
    /// Creates a generator from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// Returns a number from `low` to `high`, both inclusive; `low` when the range is empty.
    pub fn between(&self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low + 1).unwrap_or(1).max(1);
        low + i64::try_from(self.0.bits() % width).unwrap_or_default()
    }

    /// Returns an index into a list of that length.
    pub fn place(&self, length: usize) -> usize {
        let length = u64::try_from(length).unwrap_or(1).max(1);
        usize::try_from(self.0.bits() % length).unwrap_or_default()
    }

    /// Returns true with the given probability in percent.
    pub fn chance(&self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// Picks an item; `None` from an empty list.
    pub fn pick<'a, T>(&self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.place(list.len()))
    }

    /// Picks a text.
    pub fn word(&self, words: &'static [&'static str]) -> &'static str {
        self.pick(words).copied().unwrap_or_default()
    }

    /// Returns an index into a list of weights, with probability proportional to the weight.
    pub fn weighted(&self, weights: impl Iterator<Item = i64> + Clone) -> usize {
        let total: i64 = weights.clone().sum();
        let mut left = self.between(1, total.max(1));
        for (place, weight) in weights.enumerate() {
            left -= weight;
            if left <= 0 {
                return place;
            }
        }
        0
    }

    /// Shuffles a list.
    pub fn shuffle<T>(&self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            list.swap(place, self.place(place + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_throws_within_the_bounds() {
        let throws = |seed| {
            let dice = SeededRandom::new(seed);
            (0..100).map(|_| dice.between(-3, 3)).collect::<Vec<_>>()
        };
        assert_eq!(throws(1), throws(1));
        assert_ne!(throws(1), throws(2));
        assert!(throws(1).iter().all(|throw| (-3..=3).contains(throw)));
    }

    #[test]
    fn what_weighs_nothing_is_never_taken() {
        let dice = SeededRandom::new(5);
        assert!((0..200).all(|_| dice.weighted([0, 3, 0].into_iter()) == 1));
    }
}
