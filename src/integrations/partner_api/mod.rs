//! Partners with an API key: the keys, and the two-way exchange of petitions with the national portal and other
//! systems.
//!
//! Enters: the key of a request. Leaves: the partner it belongs to. Rules: only hashes of keys are stored; a key has
//! one scope and an hourly rate limit; a partner sees only its own petitions.

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
