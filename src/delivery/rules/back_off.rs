//! Retry delays: exponential back-off up to six hours, with jitter so that retries do not all happen at once.

use chrono::Duration;

/// Maximum delay before jitter.
const LONGEST_SECONDS: i64 = 6 * 3600;
/// Maximum delay including jitter.
pub const LONGEST: Duration = Duration::seconds(LONGEST_SECONDS * 6 / 5);
/// Attempts on one channel before giving up: about three days.
pub const MOST_ATTEMPTS: i32 = 20;
/// Attempts, each certainly failed, before a person is notified through the next channel: about half an hour.
pub const ATTEMPTS_BEFORE_NEXT_CHANNEL: i32 = 6;

/// Returns the delay after an attempt (the first is 1); `first_seconds` is the delay after the first one, and the
/// random bits add jitter of ±20 %.
#[must_use]
pub fn pause(first_seconds: u32, attempt: i32, bits: u64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or_default();
    let seconds = (i64::from(first_seconds) << doublings).min(LONGEST_SECONDS);
    // 80 % to 120 %, in steps of 0.1 %.
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
