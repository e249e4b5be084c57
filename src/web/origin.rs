//! Where a request came from, known to whatever runs for it without being handed from function to function.
//!
//! The outermost middleware sets it, [`AuditActor`](crate::audit::AuditActor) takes it over. Commands and jobs have none.

use std::future::Future;

tokio::task_local! {
    static PRESENT: RequestOrigin;
}

/// What the door knows of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOrigin {
    /// Its name in the log.
    pub request_id: Option<String>,
    /// The address from which it came, where that can be believed.
    pub source: Option<String>,
}

impl RequestOrigin {
    /// Does some work for a request from here.
    pub async fn around<F: Future>(self, work: F) -> F::Output {
        PRESENT.scope(self, work).await
    }

    /// That of the request which is worked for; empty outside of any.
    pub(crate) fn present() -> Self {
        PRESENT.try_with(Clone::clone).unwrap_or_default()
    }
}
