//! How much guests file and upload at the moment, from one source and all together: what is unusual has to be worked for.
//!
//! Enters each petition and each file of a guest; leaves how many zero bits the next one costs. Rules kept here: what was counted runs out
//! within ten minutes; work is asked for from the threshold on until half of it is left, so that it does not go on and off at each petition;
//! whoever has a whole IPv6 network of /48 is one source as well; each instance counts for itself.

use crate::config::Config;
use crate::domain::Instant;
use crate::domain::source::Source;
use crate::text_enum;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was counted runs out within so many seconds.
const WINDOW: i64 = 10 * 60;
/// Thousandths of a petition, in which it is counted.
const ONE: i64 = 1000;
/// A petition has so many files.
const FILES: i64 = 12;
/// How many households of a network of /48 may be at it.
const AROUND: i64 = 4;
/// So many sources are remembered; then those are forgotten that have done little.
const MOST_SOURCES: usize = 20_000;

text_enum! {
    /// Why a guest has to show work.
    #[derive(Default)]
    Demand {
        /// Nothing is asked for.
        #[default]
        Nothing = "nothing",
        /// Every guest always has to.
        Always = "always",
        /// Much comes from the same source.
        Source = "source",
        /// Much comes from all guests together.
        Everybody = "everybody",
    }
}

/// What a guest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Files a petition.
    Filing,
    /// Uploads a file, or begins to.
    Upload,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Filing, Self::Upload];

    const fn times(self) -> i64 {
        match self {
            Self::Filing => 1,
            Self::Upload => FILES,
        }
    }
}

/// What was counted and has not run out.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// In thousandths.
    count: i64,
    /// Microseconds since 1970.
    at: i64,
    /// Whether work is asked for.
    is_on: bool,
}

impl Level {
    /// After some time has passed.
    fn now(mut self, now: i64, threshold: i64) -> Self {
        // A clock that was set back takes nothing away.
        let passed = now.saturating_sub(self.at).max(0);
        let run_out = i128::from(threshold) * i128::from(ONE) * i128::from(passed) / i128::from(WINDOW * 1_000_000);
        self.count = (self.count - i64::try_from(run_out).unwrap_or(i64::MAX)).max(0);
        self.at = now;
        let is_over = self.count >= threshold * ONE;
        self.is_on = is_over || (self.is_on && self.count * 2 > threshold * ONE);
        self
    }

    /// The zero bits that the next one costs: one more each time it doubles.
    fn bits(self, threshold: i64, config: &Config) -> u32 {
        if !self.is_on {
            return 0;
        }
        let times = u64::try_from(self.count / (threshold * ONE)).unwrap_or_default();
        let more = times.checked_ilog2().unwrap_or_default();
        let most = config.guest_challenge_most_bits.max(config.guest_challenge_first_bits);
        config.guest_challenge_first_bits.saturating_add(more).min(most)
    }
}

#[derive(Debug, Default)]
struct Levels {
    sources: HashMap<(String, Kind), Level>,
    everybody: HashMap<Kind, Level>,
}

/// What guests do in this process.
#[derive(Debug, Clone, Default)]
pub struct Flood(Arc<Mutex<Levels>>);

/// Those who are counted for one guest, each with the number from which on it is unusual; 0 is never.
fn counted(source: &Source, kind: Kind, config: &Config) -> Vec<(String, i64)> {
    let threshold = i64::from(config.guest_filings_before_challenge) * kind.times();
    let around = source.around().map(|around| (around.as_str().to_owned(), threshold * AROUND));
    std::iter::once((source.as_str().to_owned(), threshold)).chain(around).collect()
}

fn of_everybody(kind: Kind, config: &Config) -> i64 {
    i64::from(config.guest_filings_of_all_before_challenge) * kind.times()
}

impl Flood {
    /// Counts what a guest has done.
    pub fn count(&self, now: Instant, source: &Source, kind: Kind, config: &Config) {
        if !config.rate_limits {
            return;
        }
        let now = now.utc().timestamp_micros();
        let mut levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if levels.sources.len() >= MOST_SOURCES {
            levels.sources.retain(|_, level| level.is_on);
        }
        for (name, threshold) in counted(source, kind, config) {
            add(levels.sources.entry((name, kind)).or_default(), now, threshold);
        }
        add(levels.everybody.entry(kind).or_default(), now, of_everybody(kind, config));
    }

    /// The zero bits that the next one costs, and why.
    #[must_use]
    pub fn asks(&self, now: Instant, source: &Source, kind: Kind, config: &Config) -> (u32, Demand) {
        if !config.rate_limits {
            return (0, Demand::Nothing);
        }
        let now = now.utc().timestamp_micros();
        let levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bits = |level: Option<&Level>, threshold: i64| match (level, threshold) {
            (None, _) | (_, 0) => 0,
            (Some(level), threshold) => level.now(now, threshold).bits(threshold, config),
        };
        let of_sources = counted(source, kind, config)
            .into_iter()
            .map(|(name, threshold)| bits(levels.sources.get(&(name, kind)), threshold))
            .max()
            .unwrap_or_default();
        let of_all = bits(levels.everybody.get(&kind), of_everybody(kind, config));
        match () {
            () if of_sources == 0 && of_all == 0 => (0, Demand::Nothing),
            () if of_sources >= of_all => (of_sources, Demand::Source),
            () => (of_all, Demand::Everybody),
        }
    }
}

fn add(level: &mut Level, now: i64, threshold: i64) {
    if threshold > 0 {
        *level = level.now(now, threshold);
        level.count += ONE;
        // Asked for from the next one on.
        level.is_on |= level.count >= threshold * ONE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config { guest_filings_before_challenge: 10, guest_filings_of_all_before_challenge: 40, ..Config::default() }
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_utc(chrono::DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap())
    }

    fn source(address: &str) -> Source {
        Source::of(address.parse().unwrap())
    }

    #[test]
    fn work_is_asked_for_from_the_threshold_on_until_half_of_it_is_left() {
        let (flood, config, here) = (Flood::default(), config(), source("14.162.0.9"));
        let asks = |seconds| flood.asks(at(seconds), &here, Kind::Filing, &config);
        for _ in 0..10 {
            assert_eq!(asks(0), (0, Demand::Nothing));
            flood.count(at(0), &here, Kind::Filing, &config);
        }
        assert_eq!(asks(0), (16, Demand::Source));
        assert_eq!(flood.asks(at(0), &source("14.162.0.8"), Kind::Filing, &config), (0, Demand::Nothing));
        assert_eq!(flood.asks(at(0), &here, Kind::Upload, &config), (0, Demand::Nothing));
        assert_eq!((asks(240).0, asks(299).0), (16, 16));
        assert_eq!(asks(301), (0, Demand::Nothing));
    }

    #[test]
    fn it_rises_as_long_as_somebody_goes_on_and_never_above_the_most() {
        let (flood, config, here) = (Flood::default(), config(), source("14.162.0.9"));
        let mut bits = Vec::new();
        for count in 1..=2000 {
            flood.count(at(0), &here, Kind::Filing, &config);
            if [10, 20, 40, 80, 160, 320, 640, 2000].contains(&count) {
                bits.push(flood.asks(at(0), &here, Kind::Filing, &config).0);
            }
        }
        assert_eq!(bits, [16, 17, 18, 19, 20, 21, 22, 22]);
    }

    #[test]
    fn everybody_works_while_all_together_file_much() {
        let (flood, config) = (Flood::default(), config());
        for host in 0..40 {
            flood.count(at(0), &source(&format!("14.162.1.{host}")), Kind::Filing, &config);
        }
        assert_eq!(flood.asks(at(0), &source("203.0.113.7"), Kind::Filing, &config), (16, Demand::Everybody));
    }

    #[test]
    fn a_network_of_ipv6_is_a_source_too() {
        let (flood, config) = (Flood::default(), config());
        for network in 0..40 {
            flood.count(at(0), &source(&format!("2405:4802:1c:{network:x}::1")), Kind::Filing, &config);
        }
        assert!(flood.asks(at(0), &source("2405:4802:1c:ffff::1"), Kind::Filing, &config).0 >= 16);
        let quiet = Config { guest_filings_of_all_before_challenge: 0, ..config };
        assert_eq!(flood.asks(at(0), &source("2405:4802:1d::1"), Kind::Filing, &quiet), (0, Demand::Nothing));
    }
}
