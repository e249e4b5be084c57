//! Pauses between attempts: twice as long each time, up to six hours, and never for all at the same moment.

use chrono::Duration;

/// The longest pause.
const LONGEST_SECONDS: i64 = 6 * 3600;
/// The longest pause, spread as far as it can be.
pub const LONGEST: Duration = Duration::seconds(LONGEST_SECONDS * 6 / 5);
/// After so many attempts on one channel nothing more is expected of it: about three days.
pub const MOST_ATTEMPTS: i32 = 20;
/// After so many attempts of which each certainly did not arrive, a person is told by the next channel: about half an hour.
pub const ATTEMPTS_BEFORE_NEXT_CHANNEL: i32 = 6;

/// How long to wait after an attempt, the first being 1, whose pause is given; the random bits spread it by a fifth either way.
#[must_use]
pub fn pause(first_seconds: u32, attempt: i32, bits: u64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or_default();
    let seconds = (i64::from(first_seconds) << doublings).min(LONGEST_SECONDS);
    // From 80 to 120 per cent, in steps of a thousandth.
    let per_mille = 800 + i64::try_from(bits % 401).unwrap_or_default();
    Duration::milliseconds(seconds * per_mille)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_six_hours() {
        let even = 200;
        let seconds: Vec<i64> = [1, 2, 3, 10, 11, 20, i32::MAX].iter().map(|it| pause(30, *it, even).num_seconds()).collect();
        assert_eq!(seconds, [30, 60, 120, 15360, 21600, 21600, 21600]);
        let total: i64 = (1..MOST_ATTEMPTS).map(|attempt| pause(30, attempt, even).num_hours()).sum();
        assert!((48..96).contains(&total), "{total} hours until it is given up");
    }

    #[test]
    fn chance_spreads_by_a_fifth() {
        let spread: Vec<i64> = (0..1000).map(|bits| pause(30, 2, bits * 7919).num_milliseconds()).collect();
        assert!(spread.iter().all(|ms| (48_000..=72_000).contains(ms)));
        assert!(spread.iter().any(|ms| *ms < 50_000) && spread.iter().any(|ms| *ms > 70_000));
    }
}
