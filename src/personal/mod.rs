//! Life cycle of personal data: encrypt it when an older database is opened, re-encrypt it under a new key,
//! remove it after its retention period or on request.
//!
//! All encrypted columns are listed in `db::vault::SEALED_COLUMNS`. Rule: everything here runs in batches with
//! their own transactions, beside a running server, and can be interrupted and resumed at any point.

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
