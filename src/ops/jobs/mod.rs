//! What happens without anybody asking: messages and events are sent, petitions that have waited long enough are refused or
//! closed, what is no longer needed is forgotten, documents are exchanged with the systems of agencies, and at night the figures
//! are recounted.
//!
//! [`Worker`] is started and stopped by `ops::cli::serve`; [`run_due`] does one round at once, for tests and for the demo year.
//! Rule: any number of instances may run at once and may be killed at any point; each action is done once, because the
//! service that does it looks again inside its transaction. The leases only save work.

mod courier;
mod exchange;
mod night;
mod posting;
mod round;
mod worker;
mod zalo;

pub use courier::Courier;
pub use exchange::{Exchanged, run_exchange};
pub use night::{anonymise_tonight, recount_tonight, sign_head};
pub use round::{Done, run_due};
pub use worker::Worker;
pub use zalo::{Talked, run_zalo};
