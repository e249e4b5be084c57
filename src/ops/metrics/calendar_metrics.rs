//! Metric of the working calendar: the year whose days off should be confirmed by now and are not.

use crate::app::App;
use crate::directory::calendar::years::overdue_confirmation;
use prometheus::{IntGauge, Registry};

/// Calendar metrics.
pub struct CalendarMetrics {
    unconfirmed_year: IntGauge,
}

impl CalendarMetrics {
    /// Creates the metric.
    pub fn new() -> Result<Self, prometheus::Error> {
        let help = "The year whose days off and swaps should be confirmed by now and are not; 0 when all is confirmed.";
        Ok(Self { unconfirmed_year: IntGauge::new("pakn_calendar_unconfirmed_year", help)? })
    }

    /// Registers the metric.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        registry.register(Box::new(self.unconfirmed_year.clone()))
    }

    /// Updates the metric; keeps the last value while the database is unavailable.
    pub async fn read(&self, app: &App) {
        match overdue_confirmation(app).await {
            Ok(year) => self.unconfirmed_year.set(year.map_or(0, i64::from)),
            Err(error) => tracing::debug!(%error, "cannot read calendar for metrics"),
        }
    }
}
