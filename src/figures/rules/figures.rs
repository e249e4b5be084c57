//! Computes published figures from counts: the formulas and the rounding.
//!
//! Rates, means and days are computed from integers and rounded half up to two decimals at the very end; on division by
//! zero the figure is null.

use crate::figures::rules::measure::Measure;
use crate::figures::rules::{ProcessingTimes, Tally};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};

const MS_PER_DAY: i128 = 86_400_000;

/// A number with two decimals, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hundredths(pub i64);

impl Hundredths {
    /// Returns a fraction, rounded half up; `None` on division by zero.
    #[must_use]
    pub fn of(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let doubled = numerator.checked_mul(200)?.checked_add(denominator)?;
        i64::try_from(doubled.div_euclid(denominator.checked_mul(2)?)).ok().map(Self)
    }
}

impl std::fmt::Display for Hundredths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", size / 100, size % 100)
    }
}

impl Serialize for Hundredths {
    /// Serializes as a JSON number: the nearest double prints with exactly these two decimals.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The division gives the nearest double, the same as parsing the two decimals.
        match i32::try_from(self.0) {
            Ok(hundredths) => serializer.serialize_f64(f64::from(hundredths) / 100.0),
            Err(_) => serializer.serialize_f64(self.to_string().parse().map_err(serde::ser::Error::custom)?),
        }
    }
}

/// The value of one measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureValue {
    Count(i64),
    /// A rate, a mean or days; `None` on division by zero.
    Decimal(Option<Hundredths>),
    /// Number of ratings from 1 to 5.
    Ratings([i64; 5]),
}

impl FigureValue {
    /// Subtracts the value of another period, in the unit of the measure.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => Self::Count(a - b),
            (Self::Decimal(Some(a)), Self::Decimal(Some(b))) => Self::Decimal(Some(Hundredths(a.0 - b.0))),
            (Self::Ratings(mut a), Self::Ratings(b)) => {
                a.iter_mut().zip(b).for_each(|(a, b)| *a -= b);
                Self::Ratings(a)
            }
            _ => Self::Decimal(None),
        }
    }

    /// Returns the value for comparing groups; `None` if there is none.
    #[must_use]
    pub const fn as_number(self) -> Option<i64> {
        match self {
            Self::Count(count) => Some(count),
            Self::Decimal(Some(hundredths)) => Some(hundredths.0),
            Self::Decimal(None) | Self::Ratings(_) => None,
        }
    }
}

impl Serialize for FigureValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_i64(*count),
            Self::Decimal(decimal) => decimal.serialize(serializer),
            Self::Ratings(counts) => {
                let mut map = serializer.serialize_map(Some(counts.len()))?;
                for (score, count) in ["1", "2", "3", "4", "5"].iter().zip(counts) {
                    map.serialize_entry(score, count)?;
                }
                map.end()
            }
        }
    }
}

/// Measures and their values, serialized as one JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures(pub Vec<(Measure, FigureValue)>);

impl Figures {
    /// Computes the given measures.
    #[must_use]
    pub fn of(tally: &Tally, measures: &[Measure]) -> Self {
        Self(measures.iter().map(|measure| (*measure, value(tally, *measure))).collect())
    }

    /// Subtracts the figures of another period.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let of = |wanted: Measure| other.0.iter().find(|(measure, _)| *measure == wanted).map(|(_, value)| *value);
        let change = |(measure, value): &(Measure, FigureValue)| of(*measure).map(|before| (*measure, value.minus(before)));
        Self(self.0.iter().filter_map(change).collect())
    }

    /// Returns the value of one measure.
    #[must_use]
    pub fn get(&self, wanted: Measure) -> Option<FigureValue> {
        self.0.iter().find(|(measure, _)| *measure == wanted).map(|(_, value)| *value)
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(measure, value)| (measure.as_str(), value)))
    }
}

impl utoipa::PartialSchema for Figures {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let mut object = ObjectBuilder::new()
            .description(Some("The wanted measures; a rate, mean or day count without anything to divide by is null."));
        for measure in Measure::ALL {
            let property = match value(&Tally::default(), *measure) {
                FigureValue::Count(_) => ObjectBuilder::new().schema_type(Type::Integer),
                FigureValue::Decimal(_) => {
                    ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::Number, Type::Null]))
                }
                FigureValue::Ratings(_) => ["1", "2", "3", "4", "5"].iter().fold(ObjectBuilder::new(), |object, score| {
                    object.property(*score, ObjectBuilder::new().schema_type(Type::Integer))
                }),
            };
            object = object.property(measure.as_str(), property);
        }
        object.into()
    }
}

impl utoipa::ToSchema for Figures {}

/// Computes a measure.
#[must_use]
pub fn value(tally: &Tally, measure: Measure) -> FigureValue {
    let state = &tally.period;
    let rate = |part: i64, whole: i64| FigureValue::Decimal(Hundredths::of(100 * i128::from(part), i128::from(whole)));
    match measure {
        Measure::Received => FigureValue::Count(state.received),
        Measure::Handled => FigureValue::Count(state.handled),
        Measure::HandlingRate => rate(state.handled, state.received),
        Measure::Backlog => FigureValue::Count(state.received - state.handled),
        Measure::MeanProcessingDays => days(i128::from(state.processing_ms), i128::from(state.handled)),
        Measure::MedianProcessingDays => median(&tally.times),
        Measure::P90ProcessingDays => ninety_percent(&tally.times),
        Measure::HandledEarly => FigureValue::Count(state.handled_early),
        Measure::HandledOnTime => FigureValue::Count(state.handled_on_time),
        Measure::HandledLate => FigureValue::Count(state.handled_late),
        Measure::OpenNotDue => FigureValue::Count(state.received - state.handled - tally.overdue),
        Measure::OpenOverdue => FigureValue::Count(tally.overdue),
        Measure::OnTimeRate => rate(state.handled_early + state.handled_on_time, state.handled),
        Measure::Rated => FigureValue::Count(state.rated()),
        Measure::ResponseRate => rate(state.rated(), state.handled),
        Measure::MeanRating => FigureValue::Decimal(Hundredths::of(i128::from(state.score_sum()), i128::from(state.rated()))),
        Measure::Ratings => FigureValue::Ratings([state.rated_1, state.rated_2, state.rated_3, state.rated_4, state.rated_5]),
        Measure::Refused => FigureValue::Count(state.refused),
        Measure::Withdrawn => FigureValue::Count(state.withdrawn),
        Measure::Duplicates => FigureValue::Count(state.duplicates),
        _ => FigureValue::Count(flow(tally, measure)),
    }
}

/// Flow measures: petitions carried over count by their events, those received in the period by their current state.
/// So the identity carried over + received + transferred in + reopened = handled in period + transferred out
/// + carried settled + closing backlog holds for every agency.
fn flow(tally: &Tally, measure: Measure) -> i64 {
    let (state, carried) = (&tally.period, &tally.carried);
    match measure {
        Measure::CarriedOver => tally.open_before,
        Measure::Reopened => carried.flow_reopened + state.reopenings,
        Measure::TransferredIn => carried.flow_in,
        Measure::TransferredOut => carried.flow_out,
        Measure::ToHandle => tally.open_before + state.received + carried.flow_in + carried.flow_reopened + state.reopenings,
        Measure::HandledInPeriod => carried.flow_answered + state.answers,
        Measure::CarriedSettled => carried.flow_settled,
        Measure::ClosingBacklog => tally.open_after + state.open,
        Measure::HandOversIn => carried.flow_in + state.flow_in,
        Measure::HandOversOut => carried.flow_out + state.flow_out,
        _ => 0,
    }
}

fn days(ms: i128, count: i128) -> FigureValue {
    FigureValue::Decimal(Hundredths::of(ms, count * MS_PER_DAY))
}

fn median(times: &ProcessingTimes) -> FigureValue {
    let count = times.len();
    let ms = |time: Option<i64>| i128::from(time.unwrap_or_default());
    match (count.checked_sub(1), count / 2) {
        (None, _) => FigureValue::Decimal(None),
        (Some(last), middle) if last % 2 == 0 => days(times.at([middle]).into_iter().map(ms).sum(), 1),
        (Some(_), middle) => days(times.at([middle - 1, middle]).into_iter().map(ms).sum(), 2),
    }
}

fn ninety_percent(times: &ProcessingTimes) -> FigureValue {
    let rank = (9 * times.len()).div_ceil(10);
    let time = rank.checked_sub(1).and_then(|place| times.at([place]).into_iter().flatten().next());
    time.map_or(FigureValue::Decimal(None), |ms| days(i128::from(ms), 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::rules::Counters;

    #[test]
    fn halves_are_rounded_up() {
        assert_eq!(Hundredths::of(1, 8), Some(Hundredths(13)));
        assert_eq!(Hundredths::of(100 * 3171, 3434), Some(Hundredths(9234)));
        assert_eq!(Hundredths::of(1, 3), Some(Hundredths(33)));
        assert_eq!(Hundredths::of(5, 0), None);
    }

    #[test]
    fn decimals_are_written_as_they_are_read() {
        for hundredths in (-999..99_999).step_by(7) {
            let json = serde_json::to_string(&Hundredths(hundredths)).unwrap();
            let back: f64 = json.parse().unwrap();
            assert!((back * 100.0 - f64::from(i32::try_from(hundredths).unwrap())).abs() < 1e-6, "{json}");
            assert_eq!(back.to_string(), Hundredths(hundredths).to_string().parse::<f64>().unwrap().to_string());
            assert!(json.len() <= 6, "{json}");
        }
    }

    #[test]
    fn medians_and_percentiles_follow_their_definition() {
        let day = 86_400_000;
        let tally = |days: &[i64]| {
            let mut times = ProcessingTimes::default();
            days.iter().for_each(|days| times += &ProcessingTimes::one(days * day));
            Tally { times, ..Tally::default() }
        };
        let median = |times: &[i64]| value(&tally(times), Measure::MedianProcessingDays);
        let p90 = |times: &[i64]| value(&tally(times), Measure::P90ProcessingDays);
        assert_eq!(median(&[3, 1, 2]), FigureValue::Decimal(Some(Hundredths(200))));
        assert_eq!(median(&[4, 1, 2, 3]), FigureValue::Decimal(Some(Hundredths(250))));
        assert_eq!(p90(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), FigureValue::Decimal(Some(Hundredths(900))));
        assert_eq!(p90(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), FigureValue::Decimal(Some(Hundredths(1000))));
        assert_eq!(p90(&[7]), FigureValue::Decimal(Some(Hundredths(700))));
        assert_eq!(median(&[]), FigureValue::Decimal(None));
    }

    #[test]
    fn nothing_received_has_no_rate() {
        let figures = Figures::of(&Tally::default(), &[Measure::Received, Measure::HandlingRate, Measure::Ratings]);
        let json = serde_json::to_string(&figures).unwrap();
        assert_eq!(json, r#"{"received":0,"handling_rate":null,"ratings":{"1":0,"2":0,"3":0,"4":0,"5":0}}"#);
    }

    #[test]
    fn a_change_is_a_difference_of_published_figures() {
        let of = |handled| {
            Figures::of(
                &Tally { period: Counters { received: 3, handled, ..Counters::default() }, ..Tally::default() },
                &[Measure::HandlingRate],
            )
        };
        assert_eq!(of(2).minus(&of(1)), Figures(vec![(Measure::HandlingRate, FigureValue::Decimal(Some(Hundredths(3334))))]));
    }
}
