//! The figures: kept with every event, answered for any period, and recounted from the timeline.
//!
//! [`apply()`] writes down what each event changes, [`fold()`] adds it to the kept sums. A question comes as words ([`ask`]), is checked, planned and counted
//! ([`count`]), and leaves as an [`answer`]. What every figure means is in `figures::rules`.

pub mod answer;
pub(crate) mod apply;
pub mod ask;
pub(super) mod backlog;
pub mod count;
pub(super) mod counted;
mod cover;
pub(super) mod drill_down;
mod facts;
pub mod fold;
pub mod groups;
pub(super) mod handling_form;
mod holders;
pub mod labels;
pub mod names;
pub(super) mod narrowed;
pub(super) mod outlook;
mod plan;
pub mod question;
pub(super) mod ranking;
pub mod recount;
mod rolled;
pub(super) mod summary;
pub(super) mod trend;
mod walk;

pub use crate::figures::rules::Facts;
pub use apply::{apply, rows};
pub use ask::span_and_filter;
pub use backlog::backlog;
pub use counted::{Counted, counted, counts_flows};
pub use drill_down::{Part, drill_down};
pub use fold::{fold, forget_single_days};
pub use handling_form::{HandlingCounts, HandlingForm, HandlingRow, handling_form};
pub use narrowed::narrowed;
pub use outlook::{Asked, Outlook, outlook};
pub use ranking::{RankingWords, ranking};
pub use recount::{Discrepancy, ensure_counted, rebuild, recount, recount_received, recount_years};
pub use summary::{SummaryQuestion, SummaryWords, answer_summary, read_summary, recount_summary, summary};
pub use trend::{TrendWords, trend};

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;

/// Runs a question on one state of the database, with the directory of that state and the present moment; in the line of those that
/// may take long.
async fn with_directory<T: Send + 'static>(
    app: &App,
    work: impl Fn(&mut DbConnection, &Directory, Instant) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let (shared, now) = (app.clone(), app.now());
    app.db
        .ask(move |connection| {
            let directory = directory::current(&shared, connection)?;
            work(connection, &directory, now)
        })
        .await
}
