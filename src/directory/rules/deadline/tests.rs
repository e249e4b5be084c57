//! Tests of deadlines against cases worked out by hand on the calendar of 2026, and property tests of the counting
//! rules.

use super::*;
use crate::directory::rules::calendar::tests::{any_instant, at, border_instant, date, reference_calendar};
use proptest::prelude::*;

fn rule(unit: DeadlineUnit) -> DeadlineRule {
    DeadlineRule {
        id: DeadlineRuleId(1),
        category_code: None,
        urgency: Urgency::Normal,
        amount: None,
        unit,
        valid_from: date("2022-01-01"),
        valid_to: None,
    }
}

fn due(unit: DeadlineUnit, amount: i32, starts_at: &str) -> Deadline {
    compute(&rule(unit), amount, at(starts_at), &reference_calendar()).unwrap()
}

#[test]
fn working_days_skip_weekends_holidays_and_the_first_day() {
    let plain = due(DeadlineUnit::WorkingDays, 5, "2026-03-02 08:30");
    assert_eq!(plain.due_at, at("2026-03-09 17:00"));
    assert_eq!(plain.counted_from, at("2026-03-02 08:30"));
    let counted = ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09"].map(date);
    assert_eq!(plain.days, counted);
    assert_eq!(plain.skipped.iter().map(|skipped| skipped.day).collect::<Vec<_>>(), ["2026-03-07", "2026-03-08"].map(date));

    let over_tet = due(DeadlineUnit::WorkingDays, 1, "2026-02-13 16:59");
    assert_eq!(over_tet.due_at, at("2026-02-23 17:00"));
    assert_eq!(over_tet.skipped.iter().filter(|skipped| skipped.why == DayOff::Holiday).count(), 5);
    assert_eq!(over_tet.skipped.iter().filter(|skipped| skipped.why == DayOff::Weekend).count(), 4);
    assert_eq!(over_tet.calendar_version, 7);
}

#[test]
fn a_make_up_saturday_counts_and_the_day_off_for_it_does_not() {
    assert_eq!(due(DeadlineUnit::WorkingDays, 1, "2026-08-21 10:00").due_at, at("2026-08-22 17:00"));
    assert_eq!(due(DeadlineUnit::WorkingDays, 1, "2026-08-28 10:00").due_at, at("2026-09-03 17:00"));
}

#[test]
fn an_arrival_outside_working_time_counts_from_the_next_session() {
    for (arrival, counted_from, due_at) in [
        ("2026-03-02 06:00", "2026-03-02 07:30", "2026-03-03 17:00"),
        ("2026-03-02 12:15", "2026-03-02 13:00", "2026-03-03 17:00"),
        ("2026-03-02 17:00", "2026-03-03 07:30", "2026-03-03 17:00"),
        ("2026-03-07 10:00", "2026-03-09 07:30", "2026-03-09 17:00"),
    ] {
        let deadline = due(DeadlineUnit::WorkingDays, 1, arrival);
        assert_eq!((deadline.counted_from, deadline.due_at), (at(counted_from), at(due_at)), "{arrival}");
    }
}

// docs/contract.md §7.2
#[test]
fn the_contract_s_own_example_comes_out() {
    assert_eq!(due(DeadlineUnit::WorkingDays, 5, "2026-11-22 08:30").due_at, at("2026-11-27 17:00"));
}

#[test]
fn calendar_days_that_end_on_a_day_off_move_to_the_next_working_day() {
    let weekend = due(DeadlineUnit::Days, 5, "2026-03-02 08:00");
    assert_eq!(weekend.due_at, at("2026-03-09 17:00"));
    assert_eq!(weekend.days.len(), 5);
    assert_eq!(weekend.days.last(), Some(&date("2026-03-07")));
    assert_eq!(weekend.skipped.len(), 2);
    let inside = due(DeadlineUnit::Days, 8, "2026-03-02 08:00");
    assert_eq!(inside.due_at, at("2026-03-10 17:00"));
    assert!(inside.skipped.is_empty());
    assert_eq!(due(DeadlineUnit::Days, 20, "2026-01-29 09:00").due_at, at("2026-02-23 17:00"));
}

#[test]
fn hours_run_round_the_clock_and_working_hours_by_sessions() {
    let hours = due(DeadlineUnit::Hours, 24, "2026-03-06 16:00");
    assert_eq!((hours.counted_from, hours.due_at), (at("2026-03-06 16:00"), at("2026-03-07 16:00")));
    assert_eq!(hours.days, ["2026-03-06", "2026-03-07"].map(date));
    let at_night = due(DeadlineUnit::Hours, 24, "2026-03-06 22:00");
    assert_eq!((at_night.counted_from, at_night.due_at), (at("2026-03-09 07:30"), at("2026-03-10 07:30")));

    let urgent = due(DeadlineUnit::WorkingHours, 4, "2026-03-06 16:00");
    assert_eq!(urgent.due_at, at("2026-03-09 10:30"));
    assert_eq!(urgent.days, ["2026-03-06", "2026-03-09"].map(date));
    assert_eq!(urgent.skipped.len(), 2);
    assert_eq!(due(DeadlineUnit::WorkingHours, 4, "2026-03-07 16:00").due_at, at("2026-03-09 11:30"));
}

#[test]
fn amounts_that_make_no_sense_are_errors() {
    let calendar = reference_calendar();
    let start = at("2026-03-02 08:00");
    for unit in DeadlineUnit::ALL {
        let of = |amount, calendar: &WorkingCalendar| compute(&rule(*unit), amount, start, calendar);
        assert_eq!(of(0, &calendar), Err(DeadlineError::AmountNotPositive));
        assert_eq!(of(-5, &calendar), Err(DeadlineError::AmountNotPositive));
        assert_eq!(of(65_000, &calendar), Err(DeadlineError::BeyondHorizon));
        assert_eq!(of(i32::MAX, &calendar), Err(DeadlineError::BeyondHorizon));
        assert_eq!(of(1, &WorkingCalendar::default()), Err(DeadlineError::BeyondHorizon), "nobody works");
    }
}

#[test]
fn the_own_rule_beats_the_general_one_and_the_newer_the_older() {
    let of = |id, category: Option<&str>, urgency, valid_from: &str, valid_to: Option<&str>| DeadlineRule {
        id: DeadlineRuleId(id),
        category_code: category.map(str::to_owned),
        urgency,
        valid_from: date(valid_from),
        valid_to: valid_to.map(date),
        ..rule(DeadlineUnit::WorkingDays)
    };
    let rules = [
        of(1, None, Urgency::Normal, "2023-01-01", None),
        of(2, None, Urgency::Normal, "2025-01-01", None),
        of(3, Some("rac-thai-chat-thai"), Urgency::Normal, "2024-01-01", Some("2025-12-31")),
        of(4, None, Urgency::Urgent, "2023-01-01", None),
    ];
    let chosen = |category, urgency, day| choose_rule(&rules, category, urgency, date(day)).map(|rule| rule.id.0);
    assert_eq!(chosen("rac-thai-chat-thai", Urgency::Normal, "2025-12-31"), Some(3));
    assert_eq!(chosen("rac-thai-chat-thai", Urgency::Normal, "2026-01-01"), Some(2));
    assert_eq!(chosen("via-he-le-duong", Urgency::Normal, "2024-12-31"), Some(1));
    assert_eq!(chosen("via-he-le-duong", Urgency::Urgent, "2026-01-01"), Some(4));
    assert_eq!(chosen("via-he-le-duong", Urgency::Complex, "2026-01-01"), None);
    assert_eq!(chosen("via-he-le-duong", Urgency::Normal, "2022-12-31"), None);
}

#[test]
fn a_pause_moves_the_deadline_by_its_working_time() {
    let calendar = reference_calendar();
    let paused = calendar.working_millis_between(at("2026-03-03 15:00"), at("2026-03-04 09:30"));
    assert_eq!(extend_by_paused(at("2026-03-06 17:00"), paused, &calendar), Ok(at("2026-03-09 11:30")));
    let weekend = calendar.working_millis_between(at("2026-03-06 17:00"), at("2026-03-09 07:30"));
    assert_eq!(extend_by_paused(at("2026-03-10 17:00"), weekend, &calendar), Ok(at("2026-03-10 17:00")));
    assert_eq!(extend_by_paused(at("2026-03-10 17:00"), i64::MAX, &calendar), Err(DeadlineError::BeyondHorizon));
}

#[test]
fn a_deadline_reads_back_as_it_was_stored() {
    let deadline = due(DeadlineUnit::WorkingDays, 5, "2026-02-13 08:30");
    let stored = serde_json::to_string(&deadline).unwrap();
    assert!(stored.contains(r#""due_at":"2026-02-27T17:00:00+07:00""#), "{stored}");
    assert!(stored.contains(r#"{"day":"2026-02-16","why":"holiday"}"#), "{stored}");
    assert_eq!(serde_json::from_str::<Deadline>(&stored).unwrap(), deadline);
}

proptest! {
    #[test]
    fn periods_in_days_end_with_the_last_session_of_a_working_day(
        starts_at in prop_oneof![any_instant(), border_instant()], amount in 1_i32..60, in_working_days in any::<bool>(),
    ) {
        let calendar = reference_calendar();
        let unit = if in_working_days { DeadlineUnit::WorkingDays } else { DeadlineUnit::Days };
        let deadline = compute(&rule(unit), amount, starts_at, &calendar).unwrap();
        let closing = deadline.due_at.local_date();
        prop_assert_eq!(calendar.end_of_last_session(closing), Some(deadline.due_at));
        prop_assert_eq!(deadline.days.len(), usize::try_from(amount).unwrap());
        prop_assert!(deadline.counted_from >= starts_at);
        let first_day = starts_at.local_date();
        prop_assert!(deadline.days.iter().all(|day| *day > first_day), "the first day is not counted");
        if in_working_days {
            prop_assert_eq!(deadline.days.last(), Some(&closing));
            prop_assert!(deadline.days.iter().all(|day| calendar.is_working_day(*day)));
            prop_assert!(deadline.skipped.iter().all(|skipped| calendar.why_off(skipped.day) == Some(skipped.why)));
            let span = (closing - first_day).num_days();
            prop_assert_eq!(deadline.days.len() + deadline.skipped.len(), usize::try_from(span).unwrap());
        }
    }

    #[test]
    fn working_hours_give_exactly_that_much_working_time(starts_at in any_instant(), amount in 1_i32..200) {
        let calendar = reference_calendar();
        let deadline = compute(&rule(DeadlineUnit::WorkingHours), amount, starts_at, &calendar).unwrap();
        let worked = calendar.working_millis_between(starts_at, deadline.due_at);
        prop_assert_eq!(worked, i64::from(amount) * 3_600_000);
        prop_assert_eq!(deadline.days.first().copied(), Some(deadline.counted_from.local_date()));
        prop_assert_eq!(deadline.days.last().copied(), Some(deadline.due_at.local_date()));
    }

    #[test]
    fn later_arrivals_are_never_due_earlier(a in any_instant(), b in border_instant(), amount in 1_i32..40) {
        let calendar = reference_calendar();
        for unit in DeadlineUnit::ALL {
            let due_at = |starts_at| compute(&rule(*unit), amount, starts_at, &calendar).unwrap().due_at;
            prop_assert!(due_at(a.min(b)) <= due_at(a.max(b)));
        }
    }

    #[test]
    fn a_pause_and_the_time_left_stay_the_same(due_in in 1_i32..20, from in any_instant(), paused in 0_i64..500_000_000) {
        let calendar = reference_calendar();
        let due_at = compute(&rule(DeadlineUnit::WorkingDays), due_in, from, &calendar).unwrap().due_at;
        let moved = extend_by_paused(due_at, paused, &calendar).unwrap();
        prop_assert_eq!(calendar.working_millis_between(due_at, moved), paused - paused % 60_000);
    }

    #[test]
    fn pauses_one_by_one_or_at_once_end_at_the_same_whole_minute(
        due_in in 1_i32..20, from in any_instant(), pauses in prop::collection::vec(0_i64..40_000_000, 0..6),
    ) {
        let calendar = reference_calendar();
        let due_at = compute(&rule(DeadlineUnit::WorkingDays), due_in, from, &calendar).unwrap().due_at;
        let one_by_one = pauses.iter().fold(due_at, |due_at, paused| extend_by_paused(due_at, *paused, &calendar).unwrap());
        let at_once = extend_by_paused(due_at, pauses.iter().map(|paused| counted_pause(*paused)).sum(), &calendar).unwrap();
        prop_assert_eq!(one_by_one, at_once);
        prop_assert!(at_once >= due_at, "never before the session's end at which the days were over");
        prop_assert_eq!(at_once.utc().timestamp_subsec_micros(), 0);
        prop_assert_eq!(at_once.utc().timestamp() % 60, 0);
        prop_assert_eq!(calendar.working_instant_at_or_after(at_once.plus(Duration::microseconds(-1))),
            Some(at_once.plus(Duration::microseconds(-1))), "inside a session or at its end");
    }
}
