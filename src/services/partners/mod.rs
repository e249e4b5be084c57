//! Other systems with a key: the keys themselves, and the two-way exchange of petitions with the national portal and its likes.
//!
//! In comes a key as it was sent, out goes the partner that it stands for. Rules: only hashes of keys are stored; a key opens one
//! thing and comes so often in an hour; a partner sees its own petitions and no others.

mod changes;
mod keys;
mod petitions;

pub use crate::storage::partners::ApiKeyRow as Partner;
pub use changes::{Changes, changes};
pub use keys::{ApiKeyRecord, NewApiKey, WithKey, admit, create, end, list};
pub(in crate::services) use keys::{hash as secret_hash, secret};
pub use petitions::{PartnerForm, PartnerPetition, file, read};
