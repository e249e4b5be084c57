//! Routing rules: which petitions they match and where they send them (docs/contract.md §6.1).
//!
//! Rules are data, stored as JSON and edited under `/admin/routing-rules`. Resolving a target for a place and a
//! day, including fallbacks, happens in [`crate::directory::rules::routing`].

use crate::kernel::Instant;
use crate::kernel::ids::{AreaId, CategoryId, RoutingRuleId};
use crate::kernel::validity::Validity;
use crate::petitions::rules::{Channel, PetitionerKind};
use chrono::{Datelike, NaiveTime};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::Formatter;
use utoipa::ToSchema;

text_enum! {
    /// A day of the week in Vietnamese time.
    Weekday {
        /// Thứ hai.
        Monday = "monday",
        /// Thứ ba.
        Tuesday = "tuesday",
        /// Thứ tư.
        Wednesday = "wednesday",
        /// Thứ năm.
        Thursday = "thursday",
        /// Thứ sáu.
        Friday = "friday",
        /// Thứ bảy.
        Saturday = "saturday",
        /// Chủ nhật.
        Sunday = "sunday",
    }
}

impl From<chrono::Weekday> for Weekday {
    fn from(day: chrono::Weekday) -> Self {
        match day {
            chrono::Weekday::Mon => Self::Monday,
            chrono::Weekday::Tue => Self::Tuesday,
            chrono::Weekday::Wed => Self::Wednesday,
            chrono::Weekday::Thu => Self::Thursday,
            chrono::Weekday::Fri => Self::Friday,
            chrono::Weekday::Sat => Self::Saturday,
            chrono::Weekday::Sun => Self::Sunday,
        }
    }
}

/// One code or several, any of which will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Codes {
    /// One code.
    One(String),
    /// Any of these.
    Many(Vec<String>),
}

impl Codes {
    /// Returns all codes.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(code) => std::slice::from_ref(code),
            Self::Many(codes) => codes,
        }
    }
}

/// What a petition has to be like for a rule to match; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct RoutingConditions {
    /// Category code, or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Codes>,
    /// Code of an area at any level of the tree; everything below it matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Citizens only or businesses only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub petitioner_kind: Option<PetitionerKind>,
    /// Only what came in this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Words or phrases, any of which stands in title or content; accents and case do not matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// From this Vietnamese time of day on; later than `to_time` means over midnight.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time_of_day")]
    #[schema(value_type = Option<String>, example = "17:00")]
    pub from_time: Option<NaiveTime>,
    /// Before this Vietnamese time of day.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time_of_day")]
    #[schema(value_type = Option<String>, example = "07:30")]
    pub to_time: Option<NaiveTime>,
    /// Only on these days of the week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Weekday>,
}

impl Serialize for RoutingConditions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// Accepts objects only: serde would also accept an array of values, and all fields here are optional.
impl<'de> Deserialize<'de> for RoutingConditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamedConditions;
        impl<'de> Visitor<'de> for NamedConditions {
            type Value = RoutingConditions;

            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                f.write_str("struct RoutingConditions")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<RoutingConditions, A::Error> {
                RoutingConditions::deserialize(MapAccessDeserializer::new(fields))
            }
        }
        deserializer.deserialize_map(NamedConditions)
    }
}

impl RoutingConditions {
    /// Returns whether the conditions that need no tree are met: all except `category` and `area`.
    #[must_use]
    pub fn fits_circumstances(&self, question: &RoutingInput<'_>) -> bool {
        let local = question.at.local();
        self.petitioner_kind.is_none_or(|kind| kind == question.petitioner_kind)
            && self.channel.is_none_or(|channel| channel == question.channel)
            && (self.weekdays.is_empty() || self.weekdays.contains(&Weekday::from(local.weekday())))
            && self.fits_time(local.time())
            && (self.words.is_empty() || self.words.iter().any(|word| holds_word(question.folded_text, word)))
    }

    fn fits_time(&self, time: NaiveTime) -> bool {
        match (self.from_time, self.to_time) {
            (Some(from), Some(to)) if from > to => time >= from || time < to,
            (from, to) => from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to),
        }
    }
}

/// Returns whether the text contains a whole word or phrase; `an` is not found in `lan`.
fn holds_word(text: &str, word: &str) -> bool {
    let is_edge = |neighbour: Option<char>| neighbour.is_none_or(|letter| !letter.is_alphanumeric());
    !word.is_empty()
        && text.match_indices(word).any(|(start, found)| {
            let (before, rest) = text.split_at(start);
            is_edge(before.chars().next_back()) && is_edge(rest.strip_prefix(found).and_then(|after| after.chars().next()))
        })
}

/// The value `true`, for a target that needs no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
pub struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("only `true` has a meaning here") }
    }
}

impl From<Yes> for bool {
    fn from(_: Yes) -> Self {
        true
    }
}

impl utoipa::PartialSchema for Yes {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        bool::schema()
    }
}

impl ToSchema for Yes {}

/// Where a rule sends what it matches; exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", try_from = "TargetFields")]
pub enum RoutingTarget {
    /// The agency of that code.
    Agency(String),
    /// The People's Committee of the commune of the place; always `true`.
    CommuneOfPlace(Yes),
    /// The division of the place's district with one of these suffixes, joined by `|`, such as `QLDT|KTHT`.
    DivisionInDistrict(String),
    /// The provincial department that looks after the category; always `true`.
    DepartmentOfCategory(Yes),
}

/// A target as deserialized; none or several targets are reported as an invalid value, not as malformed JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFields {
    agency: Option<String>,
    commune_of_place: Option<Yes>,
    division_in_district: Option<String>,
    department_of_category: Option<Yes>,
}

impl TryFrom<TargetFields> for RoutingTarget {
    type Error = &'static str;

    fn try_from(fields: TargetFields) -> Result<Self, Self::Error> {
        let targets = [
            fields.agency.map(Self::Agency),
            fields.commune_of_place.map(Self::CommuneOfPlace),
            fields.division_in_district.map(Self::DivisionInDistrict),
            fields.department_of_category.map(Self::DepartmentOfCategory),
        ];
        let mut targets = targets.into_iter().flatten();
        match (targets.next(), targets.next()) {
            (Some(target), None) => Ok(target),
            _ => Err("a rule has exactly one target"),
        }
    }
}

/// A rule during one span of validity; the first match by `position` decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingRule {
    /// Row id; stored with every petition that it routed.
    pub id: RoutingRuleId,
    /// Evaluation order, smallest first.
    pub position: i32,
    pub name: String,
    pub conditions: RoutingConditions,
    pub target: RoutingTarget,
    /// Days on which it applies.
    pub validity: Validity,
    /// Raised by every change.
    pub version: i32,
}

/// The properties of a petition that routing may use.
#[derive(Debug, Clone, Copy)]
pub struct RoutingInput<'a> {
    pub category: CategoryId,
    /// The commune.
    pub area: AreaId,
    pub petitioner_kind: PetitionerKind,
    pub channel: Channel,
    /// Title and content without accents and case.
    pub folded_text: &'a str,
    /// When it was received; agencies are resolved for this day.
    pub at: Instant,
}

/// Times of day as `07:30`; seconds are accepted and kept.
mod time_of_day {
    use chrono::{NaiveTime, Timelike};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "the signature is given by serde")]
    pub fn serialize<S: Serializer>(time: &Option<NaiveTime>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) if time.second() == 0 => serializer.collect_str(&time.format("%H:%M")),
            Some(time) => serializer.collect_str(&time.format("%H:%M:%S")),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveTime>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(|_| D::Error::custom("expected a time of day such as 07:30"))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &'static str, at: &str) -> RoutingInput<'static> {
        RoutingInput {
            category: CategoryId(1),
            area: AreaId(1),
            petitioner_kind: PetitionerKind::Citizen,
            channel: Channel::Mobile,
            folded_text: text,
            at: serde_json::from_str(&format!("\"{at}\"")).unwrap(),
        }
    }

    #[test]
    fn words_match_as_whole_words() {
        let conditions = RoutingConditions { words: vec!["dam cuoi".into(), "an".into()], ..Default::default() };
        assert!(conditions.fits_circumstances(&question("tiec dam cuoi, on ao", "2023-05-01T10:00:00+07:00")));
        assert!(!conditions.fits_circumstances(&question("lan chiem via he", "2023-05-01T10:00:00+07:00")));
        assert!(conditions.fits_circumstances(&question("an", "2023-05-01T10:00:00+07:00")));
    }

    #[test]
    fn a_night_goes_over_midnight() {
        let night: RoutingConditions = serde_json::from_str(r#"{"from_time": "22:00", "to_time": "06:00:00"}"#).unwrap();
        for (at, matches) in [("21:59", false), ("22:00", true), ("05:59", true), ("06:00", false)] {
            assert_eq!(night.fits_circumstances(&question("", &format!("2023-05-01T{at}:00+07:00"))), matches, "{at}");
        }
        assert_eq!(serde_json::to_string(&night).unwrap(), r#"{"from_time":"22:00","to_time":"06:00"}"#);
    }

    #[test]
    fn weekdays_are_vietnamese_days() {
        let sundays: RoutingConditions = serde_json::from_str(r#"{"weekdays": ["sunday"]}"#).unwrap();
        assert!(sundays.fits_circumstances(&question("", "2023-04-30T00:30:00+07:00")));
        assert!(!sundays.fits_circumstances(&question("", "2023-05-01T00:30:00+07:00")));
    }

    // docs/contract.md §6.2
    #[test]
    fn a_target_is_written_as_in_the_contract() {
        for text in [
            r#"{"agency":"27-SXD"}"#,
            r#"{"commune_of_place":true}"#,
            r#"{"division_in_district":"QLDT|KTHT"}"#,
            r#"{"department_of_category":true}"#,
        ] {
            let target: RoutingTarget = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&target).unwrap(), text);
        }
        assert!(serde_json::from_str::<RoutingTarget>(r#"{"commune_of_place":false}"#).is_err());
        assert!(serde_json::from_str::<RoutingTarget>(r#"{"agency":"27-SXD","commune_of_place":true}"#).is_err());
    }
}
