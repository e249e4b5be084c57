//! Worker metrics.
//!
//! Registered once by `ops::metrics`; each value is read at scrape time.

use crate::app::App;
use prometheus::{PullingGauge, Registry};

type GaugeReader = Box<dyn Fn() -> f64 + Send + Sync>;

/// Registers the metrics.
pub fn register(registry: &Registry, app: &App) -> Result<(), prometheus::Error> {
    let of_worker = |read: fn(&crate::ops::worker_status::WorkerStatus) -> i64| -> GaugeReader {
        let status = app.worker_status.clone();
        Box::new(move || number(read(&status)))
    };
    let figures: [(&str, &str, GaugeReader); 6] = [
        ("pakn_worker_actions", "Petitions refused or closed by the worker since the start.", of_worker(|it| it.actions())),
        ("pakn_worker_failed_actions", "Petitions on which the worker could not act.", of_worker(|it| it.failed_actions())),
        ("pakn_worker_failed_rounds", "Rounds that the database has stopped.", of_worker(|it| it.failed_runs())),
        (
            "pakn_worker_last_round_seconds",
            "End of the last round, since 1970; 0 before the first.",
            of_worker(|it| it.last_run()),
        ),
        ("pakn_figures_differences", "Differences that the last nightly recount has found.", of_worker(|it| it.differences())),
        (
            "pakn_audit_unanchored_heads",
            "Signed heads of the audit record that no place outside of the database has taken yet.",
            of_worker(|it| it.unanchored_heads()),
        ),
    ];
    for (name, help, reading) in figures {
        registry.register(Box::new(PullingGauge::new(name, help, reading)?))?;
    }
    Ok(())
}

/// Converts to a float: exact up to 2³², saturating beyond. Timestamps stay below until the year 2106.
fn number(value: impl TryInto<u32>) -> f64 {
    f64::from(value.try_into().unwrap_or(u32::MAX))
}
