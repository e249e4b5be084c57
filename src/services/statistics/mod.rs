//! The figures: kept with every event, answered for any period, and recounted from the timeline.
//!
//! [`apply()`] writes down what each event changes, [`fold()`] adds it to the kept sums. A question comes as words ([`ask`]), is checked, planned and counted
//! ([`count`]), and leaves as an [`answer`]. What every figure means is in `domain::statistics`.

pub mod answer;
mod apply;
pub mod ask;
mod backlog;
pub mod count;
mod counted;
mod cover;
mod drill_down;
mod facts;
pub mod fold;
pub mod groups;
mod handling_form;
mod holders;
pub mod labels;
pub mod names;
mod narrowed;
mod outlook;
mod plan;
pub mod question;
mod ranking;
pub mod recount;
mod rolled;
mod summary;
mod trend;
mod walk;

pub use crate::domain::statistics::Facts;
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
use crate::domain::Instant;
use crate::domain::directory::Directory;
use crate::services::directory;
use crate::services::error::ServiceError;
use crate::storage::DbConnection;

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
