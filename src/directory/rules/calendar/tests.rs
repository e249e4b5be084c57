//! Tests of the calendar against the holidays of the reference data, and property tests of its arithmetic.

use super::*;
use proptest::prelude::*;

/// Days of the reference data with this status.
pub(crate) fn reference_days(status: &'static str) -> impl Iterator<Item = (NaiveDate, DayKind, String)> {
    let reader = csv::Reader::from_reader(include_str!("../../../../data/holidays.csv").as_bytes());
    let rows = reader.into_records().map(Result::unwrap).filter(move |row| &row[3] == status);
    rows.map(|row| (row[0].parse().unwrap(), row[2].parse().unwrap(), row[1].to_owned()))
}

/// The calendar of the reference data with the usual sessions.
pub(crate) fn reference_calendar() -> WorkingCalendar {
    let known = KnownDays {
        decided: reference_days("official").map(|(day, kind, _)| (day, kind)).collect(),
        expected: reference_days("expected").map(|(day, ..)| day).collect(),
        confirmed_years: (2022..=2026).collect(),
    };
    WorkingCalendar::new(7, WorkingSession::usual(date("2000-01-01")), known)
}

/// Parses a day written `2026-02-13`.
pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Parses an instant written `2026-02-13 08:30`, Vietnamese time.
pub(crate) fn at(text: &str) -> Instant {
    Instant::from_local(chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
}

/// Any instant of the years covered by the reference data, to the microsecond.
pub(crate) fn any_instant() -> impl Strategy<Value = Instant> {
    let span = (at("2028-06-30 00:00").utc() - at("2022-01-01 00:00").utc()).num_microseconds().unwrap();
    (0..span).prop_map(|offset| at("2022-01-01 00:00").plus(Duration::microseconds(offset)))
}

/// Instants around the boundaries of sessions, where off-by-one errors happen.
pub(crate) fn border_instant() -> impl Strategy<Value = Instant> {
    let times = prop::sample::select(vec![(0, 0), (7, 30), (11, 30), (13, 0), (17, 0), (23, 59)]);
    (any_instant(), times, -1_i64..=1).prop_map(|(day, (hour, minute), micros)| {
        Instant::from_local(day.local_date().and_hms_opt(hour, minute, 0).unwrap()).plus(Duration::microseconds(micros))
    })
}

#[test]
fn lunar_new_year_and_the_ancestors_day_are_off() {
    let calendar = reference_calendar();
    for (first, last, next) in [("2025-01-27", "2025-01-31", "2025-02-03"), ("2026-02-16", "2026-02-20", "2026-02-23")] {
        let tet = date(first).iter_days().take_while(|day| *day <= date(last));
        assert!(tet.map(|day| calendar.why_off(day)).all(|why| why == Some(DayOff::Holiday)));
        assert_eq!(calendar.working_day_on_or_after(date(first)), Some(date(next)));
        assert_eq!(calendar.next_working_day(date(first).pred_opt().unwrap()), Some(date(next)));
    }
    assert_eq!(calendar.why_off(date("2025-04-07")), Some(DayOff::Holiday));
    assert_eq!(calendar.why_off(date("2026-04-27")), Some(DayOff::CompensatoryOff));
    assert_eq!(calendar.why_off(date("2026-03-07")), Some(DayOff::Weekend));
}

#[test]
fn years_that_nobody_has_confirmed_have_their_days_off_by_law() {
    let calendar = reference_calendar();
    for day in ["2027-02-04", "2027-02-08", "2029-02-12", "2040-09-03"] {
        assert_eq!(calendar.why_off(date(day)), Some(DayOff::Holiday), "{day}");
    }
    for day in ["2027-02-10", "2028-01-03", "2028-05-02"] {
        assert_eq!(calendar.why_off(date(day)), Some(DayOff::CompensatoryOff), "{day}");
    }
    assert!(calendar.is_working_day(date("2026-11-24")), "of a confirmed year the data says everything");
    assert_eq!(calendar.why_off(date("2027-11-24")), Some(DayOff::Holiday));
}

#[test]
fn what_may_still_change_can_be_told() {
    let calendar = reference_calendar();
    let open = |first, last| calendar.unconfirmed_between(date(first), date(last));
    assert!(open("2023-01-01", "2023-12-31").is_empty());
    assert_eq!(open("2026-11-20", "2026-12-31"), [date("2026-11-24")], "expected, not decided");
    assert_eq!(open("2026-12-30", "2027-01-04"), ["2027-01-02", "2027-01-03", "2027-01-04"].map(date));
    let overdue = |day| calendar.overdue_confirmation(date(day));
    assert_eq!((overdue("2026-09-30"), overdue("2026-10-01"), overdue("2026-12-31")), (None, Some(2027), Some(2027)));
    assert_eq!((overdue("2027-03-01"), overdue("2027-10-01"), overdue("2028-10-01")), (Some(2027), Some(2027), Some(2028)));
}

#[test]
fn people_work_on_every_make_up_saturday_of_the_data() {
    let calendar = reference_calendar();
    for day in ["2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"].map(date) {
        assert_eq!(day.weekday(), Weekday::Sat);
        assert!(calendar.is_working_day(day));
        assert_eq!(calendar.sessions_on(day).len(), 2);
        assert_eq!(calendar.next_working_day(day.pred_opt().unwrap()), Some(day));
        assert!(!calendar.is_working_day(day.succ_opt().unwrap()));
    }
    assert_eq!(calendar.why_off(date("2026-08-31")), Some(DayOff::CompensatoryOff));
}

#[test]
fn sessions_begin_include_and_end_exclude() {
    let calendar = reference_calendar();
    for (instant, working, session_start) in [
        ("2026-03-02 06:00", "2026-03-02 07:30", "2026-03-02 07:30"),
        ("2026-03-02 07:30", "2026-03-02 07:30", "2026-03-02 07:30"),
        ("2026-03-02 08:15", "2026-03-02 08:15", "2026-03-02 13:00"),
        ("2026-03-02 11:30", "2026-03-02 13:00", "2026-03-02 13:00"),
        ("2026-03-06 17:00", "2026-03-09 07:30", "2026-03-09 07:30"),
        ("2026-03-07 10:00", "2026-03-09 07:30", "2026-03-09 07:30"),
    ] {
        assert_eq!(calendar.working_instant_at_or_after(at(instant)), Some(at(working)), "{instant}");
        assert_eq!(calendar.next_session_start(at(instant)), Some(at(session_start)), "{instant}");
    }
    assert_eq!(calendar.end_of_last_session(date("2026-03-06")), Some(at("2026-03-06 17:00")));
    assert_eq!(calendar.end_of_last_session(date("2026-03-07")), None);
}

#[test]
fn working_time_stops_at_night_on_weekends_and_over_tet() {
    let calendar = reference_calendar();
    let hours = |from, to| calendar.working_millis_between(at(from), at(to)) / 3_600_000;
    assert_eq!(hours("2026-03-02 07:30", "2026-03-02 17:00"), 8);
    assert_eq!(hours("2026-02-13 15:00", "2026-02-23 09:30"), 4);
    assert_eq!(hours("2026-02-23 09:30", "2026-02-13 15:00"), 0);
    let four_hours = calendar.add_working(at("2026-02-13 15:00"), Duration::hours(4));
    assert_eq!(four_hours, Some(at("2026-02-23 09:30")));
    assert_eq!(calendar.add_working(at("2026-03-06 15:00"), Duration::hours(2)), Some(at("2026-03-06 17:00")));
    assert_eq!(calendar.add_working(at("2026-03-07 10:00"), Duration::zero()), Some(at("2026-03-07 10:00")));
}

#[test]
fn sessions_change_with_the_season_and_overlaps_count_once() {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let session = |from: &str, to: Option<&str>, starts, ends| WorkingSession {
        valid_from: date(from),
        valid_to: to.map(date),
        starts: time(starts),
        ends: time(ends),
    };
    let calendar = WorkingCalendar {
        sessions: vec![
            session("2026-01-01", Some("2026-04-15"), 8, 17),
            session("2026-04-16", None, 12, 16),
            session("2026-04-16", None, 7, 11),
            session("2026-04-16", None, 10, 13),
            session("2026-04-16", None, 18, 18),
        ],
        ..WorkingCalendar::default()
    };
    assert_eq!(calendar.why_off(date("2025-12-31")), Some(DayOff::NoSession));
    assert_eq!(calendar.end_of_last_session(date("2026-04-15")), Some(at("2026-04-15 17:00")));
    let summer = WorkingSpan { starts: at("2026-04-16 07:00"), ends: at("2026-04-16 16:00") };
    assert_eq!(calendar.sessions_on(date("2026-04-16")), vec![summer]);
}

#[test]
fn an_empty_calendar_finds_nothing_and_comes_back() {
    let calendar = WorkingCalendar::default();
    let now = at("2026-03-02 08:00");
    assert_eq!(calendar.next_session_start(now), None);
    assert_eq!(calendar.working_instant_at_or_after(now), None);
    assert_eq!(calendar.next_working_day(now.local_date()), None);
    assert_eq!(calendar.add_working(now, Duration::hours(1)), None);
    assert_eq!(calendar.working_millis_between(now, at("2126-03-02 08:00")), 0);
    assert_eq!(reference_calendar().add_working(now, Duration::hours(100_000)), None);
}

proptest! {
    #[test]
    fn what_is_added_is_measured(from in prop_oneof![any_instant(), border_instant()], millis in 1_i64..2_000_000_000) {
        let calendar = reference_calendar();
        let to = calendar.add_working(from, Duration::milliseconds(millis)).unwrap();
        prop_assert!(to > from);
        prop_assert_eq!(calendar.working_millis_between(from, to), millis);
        let inside = |span: WorkingSpan| span.starts < to && to <= span.ends;
        prop_assert!(calendar.sessions_on(to.local_date()).into_iter().any(inside));
    }

    #[test]
    fn working_time_adds_up(a in any_instant(), b in any_instant(), c in border_instant()) {
        let calendar = reference_calendar();
        let mut points = [a, b, c];
        points.sort_unstable();
        let [first, middle, last] = points;
        let parts = calendar.working_millis_between(first, middle) + calendar.working_millis_between(middle, last);
        let whole = calendar.working_millis_between(first, last);
        prop_assert!((0..=1).contains(&(whole - parts)), "each part is cut to milliseconds: {} {}", whole, parts);
        prop_assert!(whole <= last.millis_since(first));
    }

    #[test]
    fn the_next_working_instant_is_working_and_nothing_is_worked_before_it(from in prop_oneof![any_instant(), border_instant()]) {
        let calendar = reference_calendar();
        let next = calendar.working_instant_at_or_after(from).unwrap();
        prop_assert!(next >= from);
        prop_assert_eq!(calendar.working_millis_between(from, next), 0);
        prop_assert_eq!(calendar.working_instant_at_or_after(next), Some(next));
        let start = calendar.next_session_start(from).unwrap();
        prop_assert!(start >= next && calendar.sessions_on(start.local_date()).iter().any(|span| span.starts == start));
    }
}
