//! Which rows of petitions somebody may see, as one readable table.
//!
//! Rights belong to routes and stand in [`accounts::access`](crate::accounts::access); rows belong to petitions:
//!
//! | Who | sees the petition | sees the person | acts as |
//! |---|---|---|---|
//! | the account that filed it | yes | their own data | petitioner |
//! | a guest with its tracking token | yes | their own data | petitioner |
//! | whoever filed it in a conversation on Zalo, there | yes | their own data | petitioner |
//! | clerk, handler, leader of the holding agency | yes | each look logged, unless hidden | clerk, handler, leader |
//! | officers of an agency that held it | as it left (docs/contract.md §5.2) | no | – |
//! | coordinator | yes | each look logged | coordinator |
//! | reviewer, admin | public data only | no | – |
//! | everybody else | published ones | no | – |
//!
//! Whoever does not see a petition is told that there is none.

use crate::accounts::access::Caller;
use crate::kernel::account::{AccountKind, Role};
use crate::petitions::rules::lifecycle::Capacity;
use crate::petitions::rules::timeline::Author;
use crate::petitions::store::PetitionRow;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

impl Caller {
    /// The author that the timeline names.
    #[must_use]
    pub fn author(&self, is_petitioner: bool) -> Author {
        match &self.actor {
            Some(actor) if !is_petitioner => Author::officer(actor.account_id),
            actor => Author::petitioner(actor.as_ref().map(|actor| actor.account_id)),
        }
    }
}

/// The stored form of a tracking token: SHA-256 in lower-case hex.
#[must_use]
pub fn tracking_hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// In which capacities a caller stands to a petition; `tracking_hash` is the stored one.
#[must_use]
pub fn capacities(caller: &Caller, petition: &PetitionRow, tracking_hash: Option<&str>) -> Vec<Capacity> {
    let mut capacities = Vec::new();
    if is_petitioner(caller, petition, tracking_hash) {
        capacities.push(Capacity::Petitioner);
    }
    let Some(actor) = &caller.actor else { return capacities };
    if actor.has(Role::Coordinator) {
        capacities.push(Capacity::Coordinator);
    }
    if actor.kind == AccountKind::Officer && actor.agency_id.is_some() && actor.agency_id == petition.agency_id {
        let of_agency = [(Role::Clerk, Capacity::Clerk), (Role::Handler, Capacity::Handler), (Role::Leader, Capacity::Leader)];
        capacities.extend(of_agency.iter().filter(|(role, _)| actor.has(*role)).map(|(_, capacity)| *capacity));
    }
    capacities
}

/// Whether the caller may know that the petition exists.
#[must_use]
pub fn may_see_petition(caller: &Caller, petition: &PetitionRow, tracking_hash: Option<&str>) -> bool {
    !capacities(caller, petition, tracking_hash).is_empty()
}

fn is_petitioner(caller: &Caller, petition: &PetitionRow, stored: Option<&str>) -> bool {
    let owns = match (&caller.actor, petition.account_id) {
        (Some(actor), Some(owner)) => actor.account_id == owner,
        _ => false,
    };
    // Both sides are SHA-256: comparing them leaks nothing about the token.
    let holds_token = match (&caller.tracking_token, stored) {
        (Some(token), Some(stored)) => tracking_hash(token) == stored,
        _ => false,
    };
    owns || holds_token || caller.proven == Some(petition.id)
}
