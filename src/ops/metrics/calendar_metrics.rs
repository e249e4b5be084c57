//! What the metrics tell about the working calendar: the year whose days should be confirmed by now and are not.

use crate::app::App;
use crate::directory::calendar::years::overdue_confirmation;
use prometheus::{IntGauge, Registry};

/// The figure.
pub struct CalendarMetrics {
    unconfirmed_year: IntGauge,
}

impl CalendarMetrics {
    /// A figure without a value.
    ///
    /// # Errors
    /// When its name is none.
    pub fn new() -> Result<Self, prometheus::Error> {
        let help = "The year whose days off and swaps should be confirmed by now and are not; 0 when all is confirmed.";
        Ok(Self { unconfirmed_year: IntGauge::new("pakn_calendar_unconfirmed_year", help)? })
    }

    /// Makes it known.
    ///
    /// # Errors
    /// When a figure of that name is there already.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        registry.register(Box::new(self.unconfirmed_year.clone()))
    }

    /// Reads it anew; while the database is away the last value stays.
    pub async fn read(&self, app: &App) {
        match overdue_confirmation(app).await {
            Ok(year) => self.unconfirmed_year.set(year.map_or(0, i64::from)),
            Err(error) => tracing::debug!(%error, "cannot read calendar for metrics"),
        }
    }
}
