//! Processing times, packed: how the figures keep each of them for medians and percentiles.
//!
//! A time is a whole number of milliseconds in five bytes, the lowest first: 34 years fit. Times are only ever added to a kept
//! sum; one that ceases to count is added to those taken away. Rule: an order statistic is exact, to the millisecond.

use std::collections::BTreeMap;
use std::sync::Arc;

const BYTES: usize = 5;
const MOST: i64 = (1 << (8 * BYTES)) - 1;
/// Times are first counted in classes of 2²² ms (70 minutes); only the classes that hold a wanted rank are looked at closely.
const CLASS_BITS: u32 = 22;

/// A multiset of processing times, as the parts from which it came together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Times {
    added: Vec<Arc<[u8]>>,
    taken: Vec<Arc<[u8]>>,
}

/// Packs one time; one that is out of range becomes the nearest that is not.
#[must_use]
pub fn pack(ms: i64) -> [u8; BYTES] {
    let [a, b, c, d, e, ..] = ms.clamp(0, MOST).to_le_bytes();
    [a, b, c, d, e]
}

impl Times {
    /// One time.
    #[must_use]
    pub fn one(ms: i64) -> Self {
        Self { added: vec![Arc::from(pack(ms))], taken: Vec::new() }
    }

    /// Of packed times.
    #[must_use]
    pub fn of(added: Vec<u8>, taken: Vec<u8>) -> Self {
        let part = |bytes: Vec<u8>| if bytes.is_empty() { Vec::new() } else { vec![Arc::from(bytes)] };
        Self { added: part(added), taken: part(taken) }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let count = |parts: &[Arc<[u8]>]| parts.iter().map(|part| part.len() / BYTES).sum::<usize>();
        count(&self.added).saturating_sub(count(&self.taken))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in order.
    #[must_use]
    pub fn sorted(&self) -> Vec<i64> {
        let mut all: Vec<i64> = unpacked(&self.added).collect();
        all.sort_unstable();
        self.without_taken(all, |_| true)
    }

    /// The times at these places of the order, the first place being 0; none for a place behind the last.
    #[must_use]
    pub fn at<const N: usize>(&self, places: [usize; N]) -> [Option<i64>; N] {
        let mut classes: Vec<i64> = Vec::new();
        let mut count = |ms: i64, by: i64| {
            let class = usize::try_from(ms >> CLASS_BITS).unwrap_or_default();
            if classes.len() <= class {
                classes.resize(class + 1, 0);
            }
            if let Some(held) = classes.get_mut(class) {
                *held += by;
            }
        };
        unpacked(&self.added).for_each(|ms| count(ms, 1));
        unpacked(&self.taken).for_each(|ms| count(ms, -1));
        places.map(|place| self.in_classes(&classes, i64::try_from(place).unwrap_or(i64::MAX)))
    }

    fn in_classes(&self, classes: &[i64], place: i64) -> Option<i64> {
        let mut before = 0;
        for (class, held) in (0..).zip(classes) {
            if place < before + held {
                let is_in = |ms: &i64| ms >> CLASS_BITS == class;
                let mut inside: Vec<i64> = unpacked(&self.added).filter(is_in).collect();
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
        unpacked(&self.taken).filter(is_meant).for_each(|ms| *taken.entry(ms).or_default() += 1);
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

impl std::ops::AddAssign<&Self> for Times {
    fn add_assign(&mut self, other: &Self) {
        self.added.extend_from_slice(&other.added);
        self.taken.extend_from_slice(&other.taken);
    }
}

fn unpacked(parts: &[Arc<[u8]>]) -> impl Iterator<Item = i64> {
    parts
        .iter()
        .flat_map(|part| part.as_chunks::<BYTES>().0)
        .map(|[a, b, c, d, e]| i64::from_le_bytes([*a, *b, *c, *d, *e, 0, 0, 0]))
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
            let taken: Vec<i64> = taken.into_iter().filter_map(|index| {
                (!left.is_empty()).then(|| left.swap_remove(index.index(left.len())))
            }).collect();
            left.sort_unstable();
            let mut times = Times::of(packed(&added), packed(&taken));
            prop_assert_eq!(times.len(), left.len());
            prop_assert_eq!(&times.sorted(), &left);
            for place in 0..=left.len() {
                prop_assert_eq!(times.at([place]), [left.get(place).copied()]);
            }
            times += &Times::one(MOST + 1);
            prop_assert_eq!(times.at([left.len()]), [Some(MOST)]);
        }
    }
}
