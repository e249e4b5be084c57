//! Keyset pagination over a list in memory: takes entries sorted by key, returns one page and the next cursor key.

/// One page of entries.
#[derive(Debug)]
pub struct KeysetPage<T, K> {
    pub items: Vec<T>,
    /// The key of the last entry when more entries follow.
    pub next: Option<K>,
}

impl<T, K: PartialOrd> KeysetPage<T, K> {
    /// Takes up to `limit` entries with keys after `after`; the entries must be sorted by key.
    pub fn of(entries: impl Iterator<Item = T>, key: impl Fn(&T) -> K, after: Option<K>, limit: i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or_default();
        let mut rest = entries.skip_while(|entry| after.as_ref().is_some_and(|after| key(entry) <= *after));
        let items: Vec<T> = rest.by_ref().take(limit).collect();
        let next = if rest.next().is_some() { items.last().map(key) } else { None };
        Self { items, next }
    }

    /// Converts the entries of the page.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> KeysetPage<U, K> {
        KeysetPage { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_gaps() {
        let list = [1, 3, 5, 7, 9];
        let page = |after| KeysetPage::of(list.iter().copied(), |key| *key, after, 2);
        assert_eq!((page(None).items, page(None).next), (vec![1, 3], Some(3)));
        assert_eq!((page(Some(4)).items, page(Some(4)).next), (vec![5, 7], Some(7)));
        assert_eq!((page(Some(7)).items, page(Some(7)).next), (vec![9], None));
        assert_eq!(page(Some(9)).items, Vec::<i32>::new());
    }
}
