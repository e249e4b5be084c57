//! Regular expressions over the signs of a text; linear in its length, whatever somebody writes.

use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// A pattern. One that does not compile finds nothing; a test in each file sees to it that all do.
pub(super) struct Pattern(Option<Regex>);

impl Pattern {
    pub fn new(source: &str) -> Self {
        Self(RegexBuilder::new(source).unicode(false).ignore_whitespace(true).build().ok())
    }

    /// The spans in which it stands.
    pub fn spans<'a>(&'a self, signs: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.iter().flat_map(move |regex| regex.find_iter(signs).map(|found| found.range()))
    }

    pub fn is_in(&self, signs: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(signs))
    }

    #[cfg(test)]
    pub fn compiles(&self) -> bool {
        self.0.is_some()
    }
}

/// Names patterns, and compiles all of them in a test.
macro_rules! patterns {
    ($($(#[$meta:meta])* $name:ident = $source:expr;)+) => {
        $(
            $(#[$meta])*
            static $name: std::sync::LazyLock<$crate::petitions::rules::masking::pattern::Pattern> =
                std::sync::LazyLock::new(|| $crate::petitions::rules::masking::pattern::Pattern::new($source));
        )+

        #[cfg(test)]
        #[test]
        fn every_pattern_compiles() {
            $(assert!($name.compiles(), stringify!($name));)+
        }
    };
}

pub(super) use patterns;
