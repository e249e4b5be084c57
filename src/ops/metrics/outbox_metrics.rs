//! Outbox metrics: waiting, deferred and abandoned messages to people and events to other systems.
//!
//! Read from the database at each scrape, so that every instance reports the same values. The last values stay
//! while the database is unavailable; that outage is reported elsewhere.

use crate::app::App;
use crate::delivery::outbox;
use prometheus::{IntGaugeVec, Opts, Registry};

/// Outbox metrics.
pub struct OutboxMetrics {
    lines: IntGaugeVec,
    oldest: IntGaugeVec,
}

impl OutboxMetrics {
    /// Creates the metrics.
    pub fn new() -> Result<Self, prometheus::Error> {
        let lines = Opts::new(
            "pakn_outbox_lines",
            "Lines of the outbox that are not settled: due now, put off until later, or dead; for people or for webhooks.",
        );
        let oldest = Opts::new("pakn_outbox_oldest_due_seconds", "For how long the oldest line is due; 0 when none is.");
        Ok(Self { lines: IntGaugeVec::new(lines, &["channel", "state"])?, oldest: IntGaugeVec::new(oldest, &["channel"])? })
    }

    /// Registers the metrics.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        registry.register(Box::new(self.lines.clone()))?;
        registry.register(Box::new(self.oldest.clone()))
    }

    /// Updates the metrics.
    pub async fn read(&self, app: &App) {
        let [people, webhooks] = match outbox::waiting(app).await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::debug!(%error, "cannot count outbox for metrics");
                return;
            }
        };
        for (channel, waiting) in [("people", people), ("webhook", webhooks)] {
            for (state, count) in [("due", waiting.due), ("put_off", waiting.put_off), ("dead", waiting.dead)] {
                self.lines.with_label_values(&[channel, state]).set(count);
            }
            self.oldest.with_label_values(&[channel]).set(waiting.oldest_due_seconds);
        }
    }
}
