//! The delivery status of each audit anchor: how many heads wait, and why.
//!
//! Written by [`anchors`](crate::delivery::audit_anchors), owned by `ops::worker_status`, read by the metrics and
//! health checks of this process. Rule: a problem text contains no address.

use crate::kernel::Instant;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Seconds until a manually changed state is logged again.
const TELL_AGAIN_AFTER: i64 = 3600;

/// The status of all anchors, by name.
#[derive(Debug, Default)]
pub struct AnchorStatuses(Mutex<BTreeMap<&'static str, AnchorStatus>>);

#[derive(Debug, Default)]
struct AnchorStatus {
    waiting: usize,
    problem: Option<String>,
    told_at: Option<i64>,
}

impl AnchorStatuses {
    /// Sets the number of waiting heads.
    pub(crate) fn waits(&self, anchor: &'static str, waiting: usize) {
        self.all().entry(anchor).or_default().waiting = waiting;
    }

    /// Records a delivery attempt.
    pub(crate) fn tried(&self, anchor: &'static str, waiting: usize, problem: Option<String>) {
        let mut all = self.all();
        let standing = all.entry(anchor).or_default();
        (standing.waiting, standing.problem) = (waiting, problem);
    }

    /// Returns whether a manually changed state has to be logged now: at once, and then hourly.
    pub(crate) fn should_log(&self, anchor: &'static str, now: Instant) -> bool {
        let (mut all, now) = (self.all(), now.utc().timestamp());
        let told_at = &mut all.entry(anchor).or_default().told_at;
        // A clock that was set back must not silence the log.
        let is_due = told_at.is_none_or(|told_at| now < told_at || now - told_at >= TELL_AGAIN_AFTER);
        if is_due {
            *told_at = Some(now);
        }
        is_due
    }

    /// Returns the number of waiting heads, summed over all anchors.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        i64::try_from(self.all().values().map(|standing| standing.waiting).sum::<usize>()).unwrap_or(i64::MAX)
    }

    /// Returns descriptions of the problems that need attention.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let sentence = |(anchor, standing): (&&str, &AnchorStatus)| {
            let problem = standing.problem.as_ref()?;
            Some(format!("audit anchor {anchor}: {problem}; {} heads of the audit record wait for it", standing.waiting))
        };
        self.all().iter().filter_map(sentence).collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<&'static str, AnchorStatus>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::AnchorStatuses;
    use crate::kernel::Instant;

    #[test]
    fn a_changed_state_is_told_of_once_an_hour() {
        let (standings, now) = (AnchorStatuses::default(), Instant::from_utc("2026-03-02T01:00:00Z".parse().unwrap()));
        let later = |minutes| now.plus(chrono::Duration::minutes(minutes));
        let told = [0, 0, 59, 60, 61, 120].map(|minutes| standings.should_log("file", later(minutes)));
        assert_eq!(told, [true, false, false, true, false, true]);
        assert!(standings.should_log("file", now), "the clock was set back");
        assert!(standings.should_log("webhook", now));
        assert_eq!((standings.waiting(), standings.warnings()), (0, Vec::new()));
    }
}
