//! Personal data as a whole: sealed when an older database is opened, sealed anew under a new key, taken out when their time is over.
//!
//! What is sealed at all stands in one list, `db::vault::SEALED_COLUMNS`. Rule: everything here goes in batches of their own
//! transactions and can be stopped and begun again at any place, beside a server that goes on.

mod anonymise;
mod ensure;
mod export;
mod files;
mod mentions;
mod own_erasure;
mod redact;
pub mod redaction;
mod rotate;
pub mod store;
mod subject;

pub use anonymise::anonymise_due;
pub use ensure::ensure_sealed;
pub use export::export;
pub use own_erasure::{OrphanedPetition, OwnErasure, erase_own};
pub use rotate::{ResealReport, key_use, reseal};
pub use subject::{DataSubject, ErasureOutcome, SubjectAccount, claiming_accounts, erase};
