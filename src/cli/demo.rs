//! The demo year, built before the server starts.

use crate::app::App;

/// Builds the demo year unless it is there; refused on a database that holds real petitions.
#[expect(clippy::unused_async, reason = "the builder writes to the database")]
pub(super) async fn build(_app: &App) -> anyhow::Result<()> {
    anyhow::bail!("this build has no demo year")
}
