//! Processing times that add up to the published mean of a district.
//!
//! Takes the times of receipt and the total number of days, and returns the time of each answer: with varying
//! durations, in office hours and within the year.

use super::hours::{Hours, at, day};
use crate::kernel::Instant;
use chrono::Duration;

/// Distribution of processing times, in hundredths of the usual one; each value is for a sixteenth of the
/// petitions.
const SHAPE: [i64; 16] = [14, 22, 30, 38, 46, 55, 64, 74, 85, 98, 112, 130, 152, 182, 228, 310];

/// Shortest processing time, in minutes.
const SHORTEST: i64 = 300;

/// Longest processing time, in minutes.
const LONGEST: i64 = 75 * 24 * 60;

/// Minimum working minutes from receipt to answer, for accepting, writing and approving.
const LEAST_WORK: i64 = 75;

/// Time of the last answer of the year.
fn last_answer() -> Instant {
    at(day(2023, 12, 29), 16, 35)
}

/// Returns when each petition is answered, in the order of `received`.
#[must_use]
pub fn answers(hours: &Hours<'_>, received: &[Instant], total_days: i64) -> Vec<Instant> {
    let caps: Vec<i64> = received.iter().map(|at| (last_answer().millis_since(*at) / 60_000).clamp(SHORTEST, LONGEST)).collect();
    let wanted = durations(hours, &caps, total_days * 24 * 60);
    let mut answers: Vec<(usize, Instant)> = Vec::with_capacity(received.len());
    // Each rounding to office hours is compensated by the next answer. Start with December, which has no slack
    // to compensate.
    let mut order: Vec<usize> = (0..received.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(received.get(*place)));
    let mut carry = Duration::zero();
    for place in order {
        let (Some(from), Some(minutes)) = (received.get(place), wanted.get(place)) else { continue };
        let target = Duration::minutes(*minutes) + carry;
        let earliest = hours.working_later(*from, LEAST_WORK);
        let answered = hours.office_near(from.plus(target)).max(earliest).min(last_answer().max(earliest));
        carry = target - (answered.utc() - from.utc());
        answers.push((place, answered));
    }
    answers.sort_unstable();
    answers.into_iter().map(|(_, answered)| answered).collect()
}

/// Draws varying durations in minutes, at most `caps`, that add up to the total as closely as whole minutes
/// allow.
fn durations(hours: &Hours<'_>, caps: &[i64], total: i64) -> Vec<i64> {
    let shapes: Vec<i64> =
        caps.iter().map(|_| hours.dice.pick(&SHAPE).copied().unwrap_or(100) * hours.dice.between(80, 120)).collect();
    let scaled = |factor: i64| -> Vec<i64> {
        shapes.iter().zip(caps).map(|(shape, cap)| (shape * factor / 10_000).clamp(SHORTEST, *cap)).collect()
    };
    let (mut low, mut high) = (0, 1_000_000);
    while high - low > 1 {
        let middle = i64::midpoint(low, high);
        if scaled(middle).iter().sum::<i64>() < total { low = middle } else { high = middle }
    }
    scaled(high)
}
