//! The query of a published report: the parameters of a summary as JSON. On input as sent; stored with all defaults
//! filled in that a summary would derive from the time of the request.
//!
//! The stored query means the same at any time: period and cut-off are absolute, and the measures are named.

use crate::db::service_error::ServiceError;
use crate::figures::statistics::parse_query::FigureParams;
use crate::figures::statistics::{CheckedSummary, SummaryParams};
use crate::kernel::field_problem::FieldProblem;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The parameters of `GET /statistics/summary`; what is left out means the same as there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotQuestion {
    /// A period by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2023-Q1")]
    pub period: Option<String>,
    /// First day of receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day of receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The cut-off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What the rows stand for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// Only petitions held by this agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Only petitions held in this district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// Only this category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Only this petitioner kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub petitioner_kind: Option<String>,
    /// Only agencies of this level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Only this urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
    /// Under which agencies the figures are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agencies: Option<String>,
    /// The wanted measures: a text with commas or a list.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "names")]
    #[schema(example = "received,handled")]
    pub measures: Option<String>,
    /// With which earlier period to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<String>,
}

impl SnapshotQuestion {
    /// Returns the query as parameters of a summary.
    #[must_use]
    pub fn words(&self) -> SummaryParams {
        let asked = self.clone();
        SummaryParams {
            words: FigureParams {
                from: asked.from,
                to: asked.to,
                period: asked.period,
                as_of: asked.as_of,
                agency: asked.agency,
                district: asked.district,
                category: asked.category,
                channel: asked.channel,
                petitioner_kind: asked.petitioner_kind,
                level: asked.level,
                urgency: asked.urgency,
                agencies: asked.agencies,
            },
            group_by: asked.group_by,
            measures: asked.measures,
            compare: asked.compare,
        }
    }

    /// Returns the same query with all defaults filled in.
    #[must_use]
    pub fn spelled_out(&self, CheckedSummary { question, compare, .. }: &CheckedSummary) -> Self {
        let measures: Vec<&str> = question.measures.iter().map(|measure| measure.as_str()).collect();
        Self {
            period: None,
            from: Some(question.period.from().to_string()),
            to: Some(question.period.to().to_string()),
            as_of: Some(question.as_of.to_rfc3339()),
            group_by: Some(question.group_by.to_string()),
            agencies: Some(question.agencies.to_string()),
            measures: Some(measures.join(",")),
            compare: compare.map(|with| with.to_string()),
            ..self.clone()
        }
    }
}

/// Prefixes the field names of errors with their position in the body.
pub(super) fn inside_the_question(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Invalid(problems) => ServiceError::Invalid(
            problems.into_iter().map(|problem| FieldProblem::new(format!("question.{}", problem.field), problem.rule)).collect(),
        ),
        other => other,
    }
}

/// Deserializes names, given as one string or a list, into one string.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct FieldNameList;

    impl<'de> Visitor<'de> for FieldNameList {
        type Value = Option<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut names: Vec<String> = Vec::new();
            while let Some(name) = list.next_element()? {
                names.push(name);
            }
            Ok(Some(names.join(",")))
        }
    }

    deserializer.deserialize_any(FieldNameList)
}
