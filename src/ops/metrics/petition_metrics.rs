//! Petition metrics: open and overdue petitions and those waiting for their petitioner, by the level of the
//! holding agency.
//!
//! Counted by the database at scrape time, by one reader and at most every fifteen seconds. The last values
//! stay while the database is unavailable; that outage is reported elsewhere.

use crate::app::App;
use crate::petitions::open::open;
use prometheus::{IntGaugeVec, Opts, Registry};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long counted values are reused.
const GOOD_FOR: Duration = Duration::from_secs(15);
/// Every level, so that a level without petitions is reported as 0.
const LEVELS: [&str; 4] = ["province", "district", "commune", "none"];

/// Petition metrics.
pub struct PetitionMetrics {
    open: IntGaugeVec,
    overdue: IntGaugeVec,
    waiting: IntGaugeVec,
    counted_at: Mutex<Option<Instant>>,
}

impl PetitionMetrics {
    /// Creates the metrics.
    pub fn new() -> Result<Self, prometheus::Error> {
        let gauge = |name: &str, help: &str| {
            let of = "by the level of the agency that has them; none is the desk of the coordinator.";
            IntGaugeVec::new(Opts::new(name, format!("{help}, {of}")), &["level"])
        };
        Ok(Self {
            open: gauge("pakn_petitions_open", "Petitions that are open")?,
            overdue: gauge("pakn_petitions_overdue", "Open petitions whose deadline has passed")?,
            waiting: gauge("pakn_petitions_waiting", "Open petitions that wait for their petitioner")?,
            counted_at: Mutex::new(None),
        })
    }

    /// Registers the metrics.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        [&self.open, &self.overdue, &self.waiting].into_iter().try_for_each(|gauge| registry.register(Box::new(gauge.clone())))
    }

    /// Updates the metrics when the last values are too old.
    pub async fn read(&self, app: &App) {
        let mut counted_at = self.counted_at.lock().await;
        if counted_at.is_some_and(|at| at.elapsed() < GOOD_FOR) {
            return;
        }
        let found = match open(app).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(%error, "cannot count petitions for metrics");
                return;
            }
        };
        for level in LEVELS {
            let own = found.iter().find(|petitions| petitions.level == level);
            self.open.with_label_values(&[level]).set(own.map_or(0, |petitions| petitions.open));
            self.overdue.with_label_values(&[level]).set(own.map_or(0, |petitions| petitions.overdue));
            self.waiting.with_label_values(&[level]).set(own.map_or(0, |petitions| petitions.waiting));
        }
        *counted_at = Some(Instant::now());
    }
}
