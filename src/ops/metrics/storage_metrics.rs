//! File storage metrics: free space, and the size of files that belong to no petition.
//!
//! Read from the disk and the database at each scrape; while one of them is unavailable, its last value stays.

use crate::app::App;
use crate::attachments::upload_quota;
use prometheus::{IntGauge, Registry};

/// File storage metrics.
pub struct StorageMetrics {
    free: IntGauge,
    unjoined: IntGauge,
    refused: IntGauge,
}

impl StorageMetrics {
    /// Creates the metrics.
    pub fn new() -> Result<Self, prometheus::Error> {
        Ok(Self {
            free: IntGauge::new(
                "pakn_files_free_bytes",
                "Free bytes on the fullest disk of files; 0 where they lie in a bucket.",
            )?,
            unjoined: IntGauge::new("pakn_files_unjoined_bytes", "Bytes of files and open uploads that belong to no petition.")?,
            refused: IntGauge::new(
                "pakn_uploads_refused",
                "1 while there is no room for uploads, not even for a photo, 0 otherwise.",
            )?,
        })
    }

    /// Registers the metrics.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        registry.register(Box::new(self.free.clone()))?;
        registry.register(Box::new(self.unjoined.clone()))?;
        registry.register(Box::new(self.refused.clone()))
    }

    /// Updates the metrics.
    pub async fn read(&self, app: &App) {
        match upload_quota::capacity(app).await {
            Ok(look) => {
                self.free.set(look.free_bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or_default());
                self.unjoined.set(look.unjoined_bytes);
                self.refused.set(i64::from(look.error_code.is_some()));
            }
            Err(error) => tracing::debug!(%error, "cannot read file store usage for metrics"),
        }
    }
}
