//! Metrics of the running server in Prometheus text format, on the admin listener.

mod calendar_metrics;
pub mod outbox_metrics;
pub mod petition_metrics;
mod storage_metrics;
pub mod worker_metrics;

use crate::app::App;
use crate::ops::metrics::calendar_metrics::CalendarMetrics;
use crate::ops::metrics::outbox_metrics::OutboxMetrics;
use crate::ops::metrics::petition_metrics::PetitionMetrics;
use crate::ops::metrics::storage_metrics::StorageMetrics;
use crate::web::problem::Problem;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use prometheus::{Gauge, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};
use std::time::{Duration, Instant};

/// Upper bounds of the duration histogram buckets, in seconds.
const DURATIONS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Metrics of one process, shared by both listeners and all workers.
pub struct Metrics {
    registry: Registry,
    app: App,
    database_work: IntGaugeVec,
    database_room: IntGaugeVec,
    requests: IntCounterVec,
    durations: HistogramVec,
    resident: IntGauge,
    outbox: OutboxMetrics,
    room: StorageMetrics,
    petitions: PetitionMetrics,
    calendar: CalendarMetrics,
    uptime: Gauge,
    started: Instant,
}

impl Metrics {
    /// Creates and registers all metrics.
    ///
    /// # Errors
    /// When two metrics have the same name, which the first test would find.
    pub fn new(app: &App) -> Result<Self, prometheus::Error> {
        let metrics = Self {
            registry: Registry::new(),
            app: app.clone(),
            database_work: IntGaugeVec::new(
                Opts::new(
                    "pakn_database_work",
                    "Reads, questions about many petitions and writes that wait for the database or are at work.",
                ),
                &["kind"],
            )?,
            database_room: IntGaugeVec::new(
                Opts::new("pakn_database_room_bytes", "Write-ahead log of an embedded database, and what is free on its disk."),
                &["kind"],
            )?,
            requests: IntCounterVec::new(
                Opts::new("pakn_http_requests_total", "Answered requests."),
                &["method", "route", "status"],
            )?,
            durations: HistogramVec::new(
                HistogramOpts::new("pakn_http_request_duration_seconds", "Time from the request to its answer.")
                    .buckets(DURATIONS.to_vec()),
                &["route"],
            )?,
            resident: IntGauge::new("process_resident_memory_bytes", "Memory of the process that is in use.")?,
            outbox: OutboxMetrics::new()?,
            room: StorageMetrics::new()?,
            petitions: PetitionMetrics::new()?,
            calendar: CalendarMetrics::new()?,
            uptime: Gauge::new("pakn_uptime_seconds", "Time since the server was started.")?,
            started: Instant::now(),
        };
        let build = IntGauge::with_opts(
            Opts::new("pakn_build_info", "What runs here; always 1.")
                .const_label("version", env!("CARGO_PKG_VERSION"))
                .const_label("database", app.db.backend().as_str()),
        )?;
        build.set(1);
        metrics.registry.register(Box::new(metrics.database_work.clone()))?;
        metrics.registry.register(Box::new(metrics.database_room.clone()))?;
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.durations.clone()))?;
        metrics.registry.register(Box::new(metrics.resident.clone()))?;
        metrics.registry.register(Box::new(metrics.uptime.clone()))?;
        metrics.registry.register(Box::new(build))?;
        metrics.outbox.register(&metrics.registry)?;
        metrics.room.register(&metrics.registry)?;
        metrics.petitions.register(&metrics.registry)?;
        metrics.calendar.register(&metrics.registry)?;
        worker_metrics::register(&metrics.registry, app)?;
        Ok(metrics)
    }

    /// Returns the registry, for additional metrics.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Counts an answered request.
    pub fn count(&self, method: &Method, route: &str, status: StatusCode, taken: Duration) {
        self.requests.with_label_values(&[known_method(method), route, status.as_str()]).inc();
        self.durations.with_label_values(&[route]).observe(taken.as_secs_f64());
    }

    fn text(&self) -> Result<String, prometheus::Error> {
        self.uptime.set(self.started.elapsed().as_secs_f64());
        for (kind, count) in self.app.db.in_flight() {
            self.database_work.with_label_values(&[kind]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        if let Some(room) = self.app.db.room() {
            for (kind, bytes) in [("log", Some(room.log_bytes)), ("free", room.free_bytes)] {
                if let Some(bytes) = bytes {
                    self.database_room.with_label_values(&[kind]).set(i64::try_from(bytes).unwrap_or(i64::MAX));
                }
            }
        }
        if let Some(bytes) = resident_bytes() {
            self.resident.set(bytes);
        }
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// A client may send any word as a method; each would otherwise create a new time series.
fn known_method(method: &Method) -> &str {
    const KNOWN: &[Method] =
        &[Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if KNOWN.contains(method) { method.as_str() } else { "other" }
}

/// Returns the resident memory in bytes on Linux; `None` elsewhere.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<i64>().ok().map(|kib| kib * 1024)
}

/// Returns the metrics as Prometheus text.
#[get("/metrics")]
pub async fn read_metrics(metrics: Data<Metrics>) -> Result<HttpResponse, Problem> {
    metrics.outbox.read(&metrics.app).await;
    metrics.room.read(&metrics.app).await;
    metrics.petitions.read(&metrics.app).await;
    metrics.calendar.read(&metrics.app).await;
    let text = metrics.text().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, prometheus::TEXT_FORMAT)).body(text))
}
