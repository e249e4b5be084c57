//! Regular expressions over folded text; matching time is linear in the text length for any input.

use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// A compiled pattern. One that does not compile matches nothing; a test in each file checks that all compile.
pub(super) struct Pattern(Option<Regex>);

impl Pattern {
    pub fn new(source: &str) -> Self {
        Self(RegexBuilder::new(source).unicode(false).ignore_whitespace(true).build().ok())
    }

    /// Returns the matching spans.
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

/// Declares named patterns and a test that compiles all of them.
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
