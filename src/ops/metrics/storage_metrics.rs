//! What the metrics tell about the room for files: how much is free, and how much lies around without a petition.
//!
//! Asked of the disk and of the database each time the metrics are read; while one of them is away its last figure stays.

use crate::app::App;
use crate::attachments::upload_quota;
use prometheus::{IntGauge, Registry};

/// The figures.
pub struct StorageMetrics {
    free: IntGauge,
    unjoined: IntGauge,
    refused: IntGauge,
}

impl StorageMetrics {
    /// Figures at zero.
    ///
    /// # Errors
    /// When a name is none.
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

    /// Makes them known.
    ///
    /// # Errors
    /// When a figure of that name is there already.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        registry.register(Box::new(self.free.clone()))?;
        registry.register(Box::new(self.unjoined.clone()))?;
        registry.register(Box::new(self.refused.clone()))
    }

    /// Reads them anew.
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
