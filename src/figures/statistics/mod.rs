//! The figures: updated at every event, queried for any period, and recounted from the timeline.
//!
//! [`apply()`] stores what each event changes, [`roll_up()`] adds it to the sums. A query is parsed ([`parse_query`]),
//! planned and counted ([`count`]), and returned as an [`answer`]. The definitions of the figures are in
//! `figures::rules`.

pub mod answer;
pub(crate) mod apply;
pub(super) mod backlog;
pub mod count;
pub(super) mod counted;
mod cover;
pub(super) mod drill_down;
mod facts;
pub(super) mod filter_text;
pub mod groups;
pub(super) mod handling_form;
mod holders;
pub mod labels;
pub mod names;
pub mod parse_query;
mod plan;
pub mod query;
pub(super) mod query_estimate;
pub(super) mod ranking;
pub mod recount;
pub mod roll_up;
mod rollup_query;
pub(super) mod summary;
pub(super) mod trend;
mod walk;

pub use crate::figures::rules::PetitionFacts;
pub use apply::{apply, rows};
pub use backlog::backlog;
pub use counted::{CountedPetition, counted, counts_flows};
pub use drill_down::{DrillDownPage, drill_down};
pub use filter_text::filter_text;
pub use handling_form::{HandlingCounts, HandlingForm, HandlingRow, handling_form};
pub use parse_query::span_and_filter;
pub use query_estimate::{QueryEstimate, QueryKind, estimate};
pub use ranking::{RankingParams, ranking};
pub use recount::{Discrepancy, ensure_counted, rebuild, recount, recount_received, recount_years};
pub use roll_up::{forget_single_days, roll_up};
pub use summary::{CheckedSummary, SummaryParams, answer_summary, read_summary, recount_summary, summary};
pub use trend::{TrendParams, trend};

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;

/// Runs a query on one database snapshot with its directory and the current time, in the queue for long-running
/// reads.
async fn with_directory<T: Send + 'static>(
    app: &App,
    work: impl Fn(&mut DbConnection, &Directory, Instant) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let (shared, now) = (app.clone(), app.now());
    app.db
        .read_bounded(move |connection| {
            let directory = directory::current(&shared, connection)?;
            work(connection, &directory, now)
        })
        .await
}
