//! The figures of a period step by step. Each point covers the petitions received in its days, all with the same
//! cut-off, so that the points add up to the total. Flow measures of a point run from its first to its last day.

use super::answer::{PeriodStatement, Point, Trend};
use super::parse_query::{FigureParams, QueryParser};
use super::query::FigureQuery;
use super::summary::{check_flow_steps, tallies};
use super::with_directory;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::GroupBy;
use crate::figures::rules::measure::{Measure, MeasureSource};
use crate::figures::rules::period::TrendStep;
use crate::kernel::{Instant, Lang};

/// The unparsed parameters of a trend.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrendParams {
    /// The filter.
    pub words: FigureParams,
    pub measures: Option<String>,
    pub step: Option<String>,
}

/// Returns a trend.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn trend(app: &App, asked: TrendParams) -> Result<Trend, ServiceError> {
    with_directory(app, move |connection, directory, now| {
        let question = read(directory, now, &asked)?;
        let tallies = tallies(connection, directory, &question, Lang::default())?;
        let points = question.steps.iter().zip(&tallies.groups).map(|(step, group)| Point {
            key: step.key.clone(),
            from: step.period.from(),
            to: step.period.to(),
            figures: group.figures(&question.measures),
        });
        Ok(Trend {
            period: PeriodStatement::of(&question),
            total: tallies.total.figures(&question.measures),
            points: points.collect(),
        })
    })
    .await
}

/// Validates the parameters.
pub(super) fn read(directory: &Directory, now: Instant, asked: &TrendParams) -> Result<FigureQuery, ServiceError> {
    let mut reader = QueryParser::new(directory, now);
    let step = reader.word("step", asked.step.as_deref()).unwrap_or(TrendStep::Month);
    let measures = reader.measures(asked.measures.as_deref(), || {
        Measure::defaults().into_iter().filter(|measure| measure.source() != MeasureSource::Flow).collect()
    });
    let mut question = reader.question(&asked.words, GroupBy::Month, measures);
    if let Some(question) = &mut question {
        question.steps = question.period.split(step);
        check_flow_steps(&mut reader, question, asked.measures.is_some());
    }
    Ok(reader.finish(question)?)
}
