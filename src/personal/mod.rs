//! Personal data as a whole: sealed when an older database is opened, sealed anew under a new key, taken out when their time is over.
//!
//! What is sealed at all stands in one list, `db::vault::PLACES`. Rule: everything here goes in batches of their own
//! transactions and can be stopped and begun again at any place, beside a server that goes on.

mod anonymise;
mod ensure;
mod files;
pub mod lost;
mod mentions;
mod own_erasure;
mod rotate;
pub mod store;
mod subject;
mod take_out;

pub use anonymise::anonymise_due;
pub use ensure::ensure_sealed;
pub use own_erasure::{OrphanedPetition, OwnErasure, erase_own};
pub use rotate::{Resealed, key_use, reseal};
pub use subject::{Erased, Subject, erase, export};
