//! Protects against floods of guest petitions and uploads: above a threshold, per client and in total, a proof of
//! work is required.
//!
//! Takes each petition and file of a guest, or of an account without a verified contact; returns the zero bits
//! required for the next one. Rules: the usual amount drains within ten minutes, and at most four times as much is
//! counted, so that the effect of a flood ends within forty; once required, work is required until the level has
//! halved, to avoid toggling; an IPv6 /48 is counted as one client as well; on PostgreSQL the counts are shared by
//! all instances.

use crate::app::App;
use crate::config::Config;
use crate::kernel::Instant;
use crate::kernel::client_address::ClientAddress;
use crate::web::shared_limits::{self, BucketSize, BucketUse, OverflowPolicy};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The usual amount drains in this time, in microseconds.
const WINDOW: i64 = 10 * 60 * 1_000_000;
/// Capacity as a multiple of the usual amount.
const MOST: i64 = 4;
/// Additional zero bits each time the level doubles.
const STEP_BITS: u32 = 3;
/// Files per petition.
const FILES: i64 = 12;
/// The threshold of a /48 network as a multiple of that of one client.
const AROUND: i64 = 4;
/// Maximum number of clients in memory; above it, those below the threshold are removed.
const MOST_SOURCES: usize = 20_000;

const SIZE: BucketSize = BucketSize { high: WINDOW, most: MOST * WINDOW, overflow: OverflowPolicy::Lost };

text_enum! {
    /// Why a guest has to provide a proof of work.
    #[derive(Default)]
    ChallengeReason {
        /// Not required.
        #[default]
        Nothing = "nothing",
        /// Always required by the settings.
        Always = "always",
        /// High load from the same client.
        Source = "source",
        /// High load from all guests together.
        Everybody = "everybody",
    }
}

/// The kind of guest action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GuestAction {
    /// Files a petition.
    Filing,
    /// Uploads a file, or starts an upload.
    Upload,
}

impl GuestAction {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Filing, Self::Upload];

    const fn name(self) -> &'static str {
        match self {
            Self::Filing => "filing",
            Self::Upload => "upload",
        }
    }

    const fn times(self) -> i64 {
        match self {
            Self::Filing => 1,
            Self::Upload => FILES,
        }
    }
}

/// The level of a leaky bucket.
#[derive(Debug, Clone, Copy, Default)]
struct FloodLevel {
    /// When it will be empty, in microseconds since 1970.
    empty_at: i64,
    /// Whether a proof of work is required.
    is_high: bool,
}

impl FloodLevel {
    fn left(self, now: i64) -> i64 {
        self.empty_at.saturating_sub(now).clamp(0, SIZE.most)
    }

    fn is_high(self, now: i64) -> bool {
        let left = self.left(now);
        left >= SIZE.high || (self.is_high && left * 2 > SIZE.high)
    }

    fn add(&mut self, now: i64, micros: i64) {
        let (was_high, left) = (self.is_high(now), (self.left(now) + micros).min(SIZE.most));
        *self = Self { empty_at: now + left, is_high: was_high || left >= SIZE.high };
    }

    /// Returns the zero bits required for the next action.
    fn bits(self, now: i64, config: &Config) -> u32 {
        if !self.is_high(now) {
            return 0;
        }
        let doubled = (self.left(now) / SIZE.high).checked_ilog2().unwrap_or_default();
        let most = config.guest_challenge_most_bits.max(config.guest_challenge_first_bits);
        config.guest_challenge_first_bits.saturating_add(doubled * STEP_BITS).min(most)
    }
}

#[derive(Debug, Default)]
struct FloodLevels {
    sources: HashMap<String, FloodLevel>,
    everybody: HashMap<GuestAction, FloodLevel>,
}

/// The counters of this process.
#[derive(Debug, Clone, Default)]
pub struct FloodGuard(Arc<Mutex<FloodLevels>>);

/// The buckets of one guest action: the client, its network, all guests. Each with the drain time of one petition
/// or file; buckets without a limit are omitted.
struct CountedSources {
    sources: Vec<BucketUse>,
    everybody: Option<BucketUse>,
}

impl CountedSources {
    fn new(source: &ClientAddress, kind: GuestAction, config: &Config) -> Self {
        let used = |name: &str, threshold: i64| {
            let times = threshold * kind.times();
            // Rounded up, so that the last usual action reaches the threshold.
            let micros = WINDOW.saturating_add(times).saturating_sub(1).checked_div(times)?;
            Some(BucketUse { name: format!("flood {} {name}", kind.name()), micros })
        };
        let threshold = i64::from(config.guest_filings_before_challenge);
        let around = source.around().and_then(|around| used(around.as_str(), threshold * AROUND));
        Self {
            sources: used(source.as_str(), threshold).into_iter().chain(around).collect(),
            everybody: used("everybody", i64::from(config.guest_filings_of_all_before_challenge)),
        }
    }

    fn all(&self) -> Vec<BucketUse> {
        self.sources.iter().chain(&self.everybody).cloned().collect()
    }

    /// Splits the levels of [`all`](Self::all).
    fn told(&self, shared: &[shared_limits::SharedBucketLevel]) -> (Vec<FloodLevel>, Option<FloodLevel>) {
        let level = |level: &shared_limits::SharedBucketLevel| FloodLevel { empty_at: level.empty_at, is_high: level.is_high };
        let (sources, everybody) = shared.split_at(self.sources.len().min(shared.len()));
        (sources.iter().map(level).collect(), everybody.first().map(level))
    }
}

/// Counts an action and returns 0 if no proof of work is required; otherwise counts nothing and returns the
/// required zero bits.
pub async fn admit(app: &App, source: &ClientAddress, kind: GuestAction) -> u32 {
    if !app.config.rate_limits {
        return 0;
    }
    let counted = CountedSources::new(source, kind, &app.config);
    let Some(shared) = shared_limits::charge_unless_high(app, &counted.all(), SIZE).await else {
        return app.flood.admit(app.now(), &counted, kind, &app.config);
    };
    if shared.iter().all(|level| level.has_taken) {
        app.flood.count(app.now(), &counted, kind);
        return 0;
    }
    let (of_sources, of_all) = counted.told(&shared);
    demand(&of_sources, of_all, app.now(), &app.config).0
}

/// Counts an action for which a proof of work was provided.
pub async fn count(app: &App, source: &ClientAddress, kind: GuestAction) {
    if app.config.rate_limits {
        let counted = CountedSources::new(source, kind, &app.config);
        app.flood.count(app.now(), &counted, kind);
        // If the database does not count, this process still does.
        let _ = shared_limits::charge(app, &counted.all(), SIZE).await;
    }
}

/// Returns the zero bits required for the next action, and the reason.
pub async fn asks(app: &App, source: &ClientAddress, kind: GuestAction) -> (u32, ChallengeReason) {
    if !app.config.rate_limits {
        return (0, ChallengeReason::Nothing);
    }
    let counted = CountedSources::new(source, kind, &app.config);
    let names: Vec<String> = counted.all().into_iter().map(|used| used.name).collect();
    let (of_sources, of_all) = match shared_limits::levels(app, &names).await {
        Some(shared) => counted.told(&shared),
        None => app.flood.levels(&counted, kind),
    };
    demand(&of_sources, of_all, app.now(), &app.config)
}

fn demand(of_sources: &[FloodLevel], of_all: Option<FloodLevel>, now: Instant, config: &Config) -> (u32, ChallengeReason) {
    let now = now.utc().timestamp_micros();
    let bits = |level: &FloodLevel| level.bits(now, config);
    match (of_sources.iter().map(bits).max().unwrap_or_default(), of_all.as_ref().map(bits).unwrap_or_default()) {
        (0, 0) => (0, ChallengeReason::Nothing),
        (of_sources, of_all) if of_sources >= of_all => (of_sources, ChallengeReason::Source),
        (_, of_all) => (of_all, ChallengeReason::Everybody),
    }
}

impl FloodGuard {
    fn admit(&self, now: Instant, counted: &CountedSources, kind: GuestAction, config: &Config) -> u32 {
        let mut levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of_sources, of_all) = levels.of(counted, kind);
        let (bits, _) = demand(&of_sources, of_all, now, config);
        if bits == 0 {
            levels.count(now, counted, kind);
        }
        bits
    }

    fn count(&self, now: Instant, counted: &CountedSources, kind: GuestAction) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count(now, counted, kind);
    }

    fn levels(&self, counted: &CountedSources, kind: GuestAction) -> (Vec<FloodLevel>, Option<FloodLevel>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).of(counted, kind)
    }
}

impl FloodLevels {
    fn count(&mut self, now: Instant, counted: &CountedSources, kind: GuestAction) {
        let now = now.utc().timestamp_micros();
        if self.sources.len() >= MOST_SOURCES {
            self.sources.retain(|_, level| level.is_high(now));
        }
        for used in &counted.sources {
            self.sources.entry(used.name.clone()).or_default().add(now, used.micros);
        }
        if let Some(everybody) = &counted.everybody {
            self.everybody.entry(kind).or_default().add(now, everybody.micros);
        }
    }

    fn of(&self, counted: &CountedSources, kind: GuestAction) -> (Vec<FloodLevel>, Option<FloodLevel>) {
        let of_sources = counted.sources.iter().filter_map(|used| self.sources.get(&used.name).copied()).collect();
        (of_sources, counted.everybody.as_ref().and_then(|_| self.everybody.get(&kind).copied()))
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

    fn source(address: &str) -> ClientAddress {
        ClientAddress::of(address.parse().unwrap())
    }

    fn file(flood: &FloodGuard, seconds: i64, source: &ClientAddress, kind: GuestAction, config: &Config) {
        flood.count(at(seconds), &CountedSources::new(source, kind, config), kind);
    }

    fn asks(
        flood: &FloodGuard,
        seconds: i64,
        source: &ClientAddress,
        kind: GuestAction,
        config: &Config,
    ) -> (u32, ChallengeReason) {
        let (of_sources, of_all) = flood.levels(&CountedSources::new(source, kind, config), kind);
        demand(&of_sources, of_all, at(seconds), config)
    }

    #[test]
    fn work_is_asked_for_from_the_threshold_on_until_half_of_it_is_left() {
        let (flood, config, here) = (FloodGuard::default(), config(), source("14.162.0.9"));
        let now = |seconds| asks(&flood, seconds, &here, GuestAction::Filing, &config);
        for _ in 0..10 {
            assert_eq!(now(0), (0, ChallengeReason::Nothing));
            file(&flood, 0, &here, GuestAction::Filing, &config);
        }
        assert_eq!(now(0), (16, ChallengeReason::Source));
        assert_eq!(asks(&flood, 0, &source("14.162.0.8"), GuestAction::Filing, &config), (0, ChallengeReason::Nothing));
        assert_eq!(asks(&flood, 0, &here, GuestAction::Upload, &config), (0, ChallengeReason::Nothing));
        assert_eq!((now(240).0, now(299).0), (16, 16));
        assert_eq!(now(301), (0, ChallengeReason::Nothing));
    }

    #[test]
    fn it_rises_as_long_as_somebody_goes_on_and_never_above_the_most() {
        let (flood, config, here) = (FloodGuard::default(), config(), source("14.162.0.9"));
        let mut bits = Vec::new();
        for count in 1..=2000 {
            file(&flood, 0, &here, GuestAction::Filing, &config);
            if [10, 20, 40, 2000].contains(&count) {
                bits.push(asks(&flood, 0, &here, GuestAction::Filing, &config).0);
            }
        }
        assert_eq!(bits, [16, 19, 22, 22]);
        let after = |minutes: i64| asks(&flood, minutes * 60, &here, GuestAction::Filing, &config).0;
        assert_eq!((after(34), after(36)), (16, 0), "however much it was");
    }

    #[test]
    fn everybody_works_while_all_together_file_much() {
        let (flood, config) = (FloodGuard::default(), config());
        for host in 0..40 {
            file(&flood, 0, &source(&format!("14.162.1.{host}")), GuestAction::Filing, &config);
        }
        assert_eq!(asks(&flood, 0, &source("203.0.113.7"), GuestAction::Filing, &config), (16, ChallengeReason::Everybody));
    }

    #[test]
    fn a_network_of_ipv6_is_a_source_too() {
        let (flood, config) = (FloodGuard::default(), config());
        for network in 0..40 {
            file(&flood, 0, &source(&format!("2405:4802:1c:{network:x}::1")), GuestAction::Filing, &config);
        }
        assert!(asks(&flood, 0, &source("2405:4802:1c:ffff::1"), GuestAction::Filing, &config).0 >= 16);
        let quiet = Config { guest_filings_of_all_before_challenge: 0, ..config };
        assert_eq!(asks(&flood, 0, &source("2405:4802:1d::1"), GuestAction::Filing, &quiet), (0, ChallengeReason::Nothing));
    }
}
