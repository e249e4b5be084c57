//! What happens without anybody asking: messages and events are sent, petitions that have waited long enough are refused or
//! closed, what is no longer needed is forgotten, documents are exchanged with the systems of agencies, and at night the figures
//! are recounted.
//!
//! [`Worker`] is started and stopped by `ops::cli::serve`; [`run_maintenance`] does one round at once, for tests and for the demo year.
//! Rule: any number of instances may run at once and may be killed at any point; each action is done once, because the
//! service that does it looks again inside its transaction. The leases only save work.

mod document_exchange;
mod maintenance;
mod nightly_maintenance;
mod outbox_dispatcher;
mod webhook_queue;
mod worker;
mod zalo;

pub use document_exchange::{ExchangeOutcome, run_exchange};
pub use maintenance::{MaintenanceOutcome, run_maintenance};
pub use nightly_maintenance::{run_nightly_anonymisation, run_nightly_recount, sign_hourly_head};
pub use outbox_dispatcher::OutboxDispatcher;
pub use worker::Worker;
pub use zalo::{ConversationsOutcome, run_zalo};
