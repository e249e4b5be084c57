//! Writes one log line and updates metrics per request. Logs the route pattern, never the path: paths and queries
//! contain petition codes and texts.

use crate::ops::metrics::Metrics;
use crate::web::extract::RequestId;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use std::time::Instant;

/// The route of unknown paths.
const UNKNOWN_ROUTE: &str = "(unknown)";

/// A request in progress.
pub(super) struct RequestLog {
    method: Method,
    route: String,
    request_id: RequestId,
    begun: Instant,
    metrics: Option<Data<Metrics>>,
}

impl RequestLog {
    /// Records what is needed at the end, when the request may be gone.
    pub fn begin(request: &ServiceRequest, request_id: RequestId, begun: Instant) -> Self {
        Self {
            method: request.method().clone(),
            route: request.match_pattern().unwrap_or_else(|| UNKNOWN_ROUTE.to_owned()),
            request_id,
            begun,
            metrics: request.app_data::<Data<Metrics>>().cloned(),
        }
    }

    /// Writes the log line and updates the metrics.
    pub fn end(&self, status: StatusCode) {
        let taken = self.begun.elapsed();
        let (method, route, request_id) = (self.method.as_str(), &*self.route, &*self.request_id.0);
        let milliseconds = taken.as_secs_f64() * 1000.0;
        tracing::info!(method, route, status = status.as_u16(), ms = format_args!("{milliseconds:.2}"), request_id, "answered");
        if let Some(metrics) = &self.metrics {
            metrics.count(&self.method, route, status, taken);
        }
    }
}
