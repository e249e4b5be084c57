//! Suggests the name that a misspelt one was probably meant to be.

/// Maximum edit distance of a suggestion.
const MOST: usize = 4;

/// Returns the nearest of some names, unless all are too different.
pub(super) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = MOST.min(wrong.chars().count() / 2);
    let far = |name: &'a str| (distance(wrong, name), name);
    names.map(far).filter(|(letters, _)| *letters <= most).min().map(|(_, name)| name)
}

/// Levenshtein distance of two names.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.chars().enumerate() {
        let mut line = Vec::with_capacity(above.len());
        let mut left = row + 1;
        line.push(left);
        for (pair, theirs) in above.windows(2).zip(&other) {
            let [corner, up] = pair else { continue };
            left = (corner + usize::from(letter != *theirs)).min(up + 1).min(left + 1);
            line.push(left);
        }
        above = line;
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let names = ["listen", "admin_listen", "log", "log_format", "retention_years"];
        for (wrong, meant) in [
            ("lisen", Some("listen")),
            ("listne", Some("listen")),
            ("retension_years", Some("retention_years")),
            ("admin_listen_", Some("admin_listen")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, names.into_iter()), meant, "{wrong}");
        }
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("đèn", "den")), (3, 0, 2));
    }
}
