//! Other systems with a key: the keys themselves, and the two-way exchange of petitions with the national portal and its likes.
//!
//! In comes a key as it was sent, out goes the partner that it stands for. Rules: only hashes of keys are stored; a key opens one
//! thing and comes so often in an hour; a partner sees its own petitions and no others.

mod changes;
pub mod file;
pub mod http;
mod keys;
pub mod petition_events;
mod petitions;
pub mod store;

pub use crate::integrations::partner_api::store::ApiKeyRow as Partner;
pub use changes::{Changes, changes};
pub(super) use keys::hash as secret_hash;
pub(crate) use keys::secret;
pub use keys::{ApiKeyRecord, NewApiKey, WithKey, authenticate, create, end, list};
pub use petitions::{PartnerForm, PartnerPetition, file, read};
