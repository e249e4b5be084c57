//! Background jobs: send messages and events, refuse or close petitions that have waited long enough, delete
//! expired data, exchange documents with the systems of agencies, and recount the statistics at night.
//!
//! [`Worker`] is started and stopped by `ops::cli::serve`; [`run_maintenance`] does a single run, for tests and
//! for the demo year. Rule: any number of instances may run at once and be killed at any point; each action
//! happens once, because its service checks again inside the transaction. The leases only avoid duplicate work.

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
