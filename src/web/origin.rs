//! The origin of the current request as a task-local, so that it need not be passed through every function.
//!
//! Set by the outermost middleware, read by [`AuditActor`](crate::audit::AuditActor). Commands and jobs have none.

use std::future::Future;

tokio::task_local! {
    static PRESENT: RequestOrigin;
}

/// The origin of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOrigin {
    /// The id in the log.
    pub request_id: Option<String>,
    /// The client address, if trustworthy.
    pub source: Option<String>,
}

impl RequestOrigin {
    /// Runs a future with this origin.
    pub async fn around<F: Future>(self, work: F) -> F::Output {
        PRESENT.scope(self, work).await
    }

    /// Returns the origin of the current request; empty outside of one.
    pub(crate) fn present() -> Self {
        PRESENT.try_with(Clone::clone).unwrap_or_default()
    }
}
