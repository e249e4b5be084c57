//! Packed processing times, stored for medians and percentiles.
//!
//! A time is an integer of milliseconds in five bytes, little-endian; the maximum is 34 years. Stored sums are
//! append-only: a time that no longer counts is added to the removed ones. Order statistics are exact to the
//! millisecond.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

const BYTES: usize = 5;
const MOST: i64 = (1 << (8 * BYTES)) - 1;
/// Times are first counted in buckets of 2²² ms (70 minutes); only buckets with a wanted rank are examined further.
const CLASS_BITS: u32 = 22;

/// Times from one source with their bucket counts, which are computed at most once and shared by all groups.
#[derive(Debug, Default)]
struct PackedPart {
    bytes: Vec<u8>,
    classes: OnceLock<Vec<i64>>,
}

impl PackedPart {
    fn all(&self) -> impl Iterator<Item = i64> {
        let times = self.bytes.as_chunks::<BYTES>().0.iter();
        times.map(|[a, b, c, d, e]| i64::from_le_bytes([*a, *b, *c, *d, *e, 0, 0, 0]))
    }

    fn classes(&self) -> &[i64] {
        self.classes.get_or_init(|| {
            let mut classes: Vec<i64> = Vec::new();
            for ms in self.all() {
                let class = usize::try_from(ms >> CLASS_BITS).unwrap_or_default();
                if classes.len() <= class {
                    classes.resize(class + 1, 0);
                }
                if let Some(held) = classes.get_mut(class) {
                    *held += 1;
                }
            }
            classes
        })
    }
}

/// A multiset of processing times, as a list of parts.
#[derive(Debug, Clone, Default)]
pub struct ProcessingTimes {
    added: Vec<Arc<PackedPart>>,
    taken: Vec<Arc<PackedPart>>,
}

impl PartialEq for ProcessingTimes {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && (self.is_empty() || self.sorted() == other.sorted())
    }
}

impl Eq for ProcessingTimes {}

/// Packs one time; out-of-range values are clamped.
#[must_use]
pub fn pack(ms: i64) -> [u8; BYTES] {
    let [a, b, c, d, e, ..] = ms.clamp(0, MOST).to_le_bytes();
    [a, b, c, d, e]
}

impl ProcessingTimes {
    /// Creates a multiset with one time.
    #[must_use]
    pub fn one(ms: i64) -> Self {
        Self::of(pack(ms).to_vec(), Vec::new())
    }

    /// Creates a multiset from packed times, added and removed.
    #[must_use]
    pub fn of(added: Vec<u8>, taken: Vec<u8>) -> Self {
        let part = |bytes: Vec<u8>| {
            if bytes.is_empty() { Vec::new() } else { vec![Arc::new(PackedPart { bytes, classes: OnceLock::new() })] }
        };
        Self { added: part(added), taken: part(taken) }
    }

    /// Removes all times.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the number of times.
    #[must_use]
    pub fn len(&self) -> usize {
        let count = |parts: &[Arc<PackedPart>]| parts.iter().map(|part| part.bytes.len() / BYTES).sum::<usize>();
        count(&self.added).saturating_sub(count(&self.taken))
    }

    /// Returns whether there are no times.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all times, sorted.
    #[must_use]
    pub fn sorted(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.added.iter().flat_map(|part| part.all()).collect();
        all.sort_unstable();
        self.without_taken(all, |_| true)
    }

    /// Returns the times at these zero-based ranks; `None` for a rank past the end.
    #[must_use]
    pub fn at<const N: usize>(&self, places: [usize; N]) -> [Option<i64>; N] {
        let mut classes: Vec<i64> = Vec::new();
        let signed = self.added.iter().map(|part| (part, 1)).chain(self.taken.iter().map(|part| (part, -1)));
        for (part, sign) in signed {
            let counts = part.classes();
            classes.resize(classes.len().max(counts.len()), 0);
            classes.iter_mut().zip(counts).for_each(|(sum, count)| *sum += sign * count);
        }
        places.map(|place| self.in_classes(&classes, i64::try_from(place).unwrap_or(i64::MAX)))
    }

    fn in_classes(&self, classes: &[i64], place: i64) -> Option<i64> {
        let mut before = 0;
        for (class, held) in (0..).zip(classes) {
            if place < before + held {
                let is_in = |ms: &i64| ms >> CLASS_BITS == class;
                let mut inside: Vec<i64> = self.added.iter().flat_map(|part| part.all()).filter(is_in).collect();
                let place = usize::try_from(place - before).ok()?;
                if self.taken.is_empty() {
                    return (place < inside.len()).then(|| *inside.select_nth_unstable(place).1);
                }
                inside.sort_unstable();
                return self.without_taken(inside, is_in).get(place).copied();
            }
            before += held;
        }
        None
    }

    fn without_taken(&self, sorted: Vec<i64>, is_meant: impl Fn(&i64) -> bool) -> Vec<i64> {
        let mut taken: BTreeMap<i64, usize> = BTreeMap::new();
        let all = self.taken.iter().flat_map(|part| part.all());
        all.filter(is_meant).for_each(|ms| *taken.entry(ms).or_default() += 1);
        let is_left = |ms: &i64| match taken.get_mut(ms) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        sorted.into_iter().filter(is_left).collect()
    }
}

impl std::ops::AddAssign<&Self> for ProcessingTimes {
    fn add_assign(&mut self, other: &Self) {
        self.added.extend_from_slice(&other.added);
        self.taken.extend_from_slice(&other.taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_of_the_order(
            added in prop::collection::vec(0_i64..40 << CLASS_BITS, 1..60),
            taken in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        ) {
            let packed = |times: &[i64]| times.iter().flat_map(|ms| pack(*ms)).collect::<Vec<u8>>();
            let mut left = added.clone();
            let mut gone: Vec<i64> = Vec::new();
            for index in taken {
                if !left.is_empty() {
                    gone.push(left.swap_remove(index.index(left.len())));
                }
            }
            left.sort_unstable();
            let mut times = ProcessingTimes::of(packed(&added), packed(&gone));
            prop_assert_eq!(times.len(), left.len());
            prop_assert_eq!(&times.sorted(), &left);
            for place in 0..=left.len() {
                prop_assert_eq!(times.at([place]), [left.get(place).copied()]);
            }
            times += &ProcessingTimes::one(MOST + 1);
            prop_assert_eq!(times.at([left.len()]), [Some(MOST)]);
        }
    }
}
