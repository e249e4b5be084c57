//! Quiet hours: between 21:00 and 7:00 Vietnam time people get no messages, unless the petition is urgent.

use crate::kernel::Instant;
use chrono::{Days, NaiveTime, Timelike};

/// Start of the quiet hours.
const FROM_HOUR: u32 = 21;
/// End of the quiet hours.
const TO_HOUR: u32 = 7;

/// Returns the first time from `at` on that is outside the quiet hours.
#[must_use]
pub fn outside_of(at: Instant) -> Instant {
    let local = at.local();
    let morning = NaiveTime::from_hms_opt(TO_HOUR, 0, 0).unwrap_or_default();
    match local.hour() {
        hour if hour >= FROM_HOUR => {
            Instant::from_local(local.date().checked_add_days(Days::new(1)).unwrap_or(local.date()).and_time(morning))
        }
        hour if hour < TO_HOUR => Instant::from_local(local.date().and_time(morning)),
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(at: &str) -> String {
        let at: Instant = serde_json::from_str(&format!("\"{at}\"")).unwrap();
        outside_of(at).to_rfc3339()
    }

    #[test]
    fn nights_end_at_seven() {
        for (at, told) in [
            ("2026-03-02T20:59:59+07:00", "2026-03-02T20:59:59+07:00"),
            ("2026-03-02T21:00:00+07:00", "2026-03-03T07:00:00+07:00"),
            ("2026-12-31T23:59:59+07:00", "2027-01-01T07:00:00+07:00"),
            ("2026-03-03T00:00:00+07:00", "2026-03-03T07:00:00+07:00"),
            ("2026-03-03T06:59:59+07:00", "2026-03-03T07:00:00+07:00"),
            ("2026-03-03T07:00:00+07:00", "2026-03-03T07:00:00+07:00"),
        ] {
            assert_eq!(moved(at), told, "{at}");
        }
    }
}
