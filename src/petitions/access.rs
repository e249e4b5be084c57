//! Row-level access to petitions, in one table.
//!
//! Route permissions live in [`accounts::access`](crate::accounts::access); this file decides which petition rows a
//! caller may see:
//!
//! | Who | sees the petition | sees the person | acts as |
//! |---|---|---|---|
//! | the account that filed it | yes | their own data | petitioner |
//! | a guest with its tracking token | yes | their own data | petitioner |
//! | the Zalo user who filed it, in that conversation | yes | their own data | petitioner |
//! | clerk, handler, leader of the holding agency | yes | each access logged, unless hidden | clerk, handler, leader |
//! | officers of an agency that held it before | as it left (docs/contract.md §5.2) | no | – |
//! | coordinator | yes | each access logged | coordinator |
//! | reviewer, admin | public data only | no | – |
//! | everybody else | published petitions | no | – |
//!
//! A caller who may not see a petition gets "not found", so that its existence does not leak.

use crate::accounts::access::Caller;
use crate::kernel::account::{AccountKind, Role};
use crate::petitions::rules::lifecycle::Capacity;
use crate::petitions::rules::timeline::Author;
use crate::petitions::store::PetitionRow;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

impl Caller {
    /// Returns the author to record in the timeline.
    #[must_use]
    pub fn author(&self, is_petitioner: bool) -> Author {
        match &self.actor {
            Some(actor) if !is_petitioner => Author::officer(actor.account_id),
            actor => Author::petitioner(actor.as_ref().map(|actor| actor.account_id)),
        }
    }
}

/// Returns the stored form of a tracking token: SHA-256 in lower-case hex.
#[must_use]
pub fn tracking_hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// Returns the capacities in which the caller may act on the petition; `tracking_hash` is the stored hash.
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

/// Returns whether the caller may know that the petition exists.
#[must_use]
pub fn may_see_petition(caller: &Caller, petition: &PetitionRow, tracking_hash: Option<&str>) -> bool {
    !capacities(caller, petition, tracking_hash).is_empty()
}

fn is_petitioner(caller: &Caller, petition: &PetitionRow, stored: Option<&str>) -> bool {
    let owns = match (&caller.actor, petition.account_id) {
        (Some(actor), Some(owner)) => actor.account_id == owner,
        _ => false,
    };
    // Both sides are SHA-256 hashes, so a timing difference in the comparison leaks nothing about the token.
    let holds_token = match (&caller.tracking_token, stored) {
        (Some(token), Some(stored)) => tracking_hash(token) == stored,
        _ => false,
    };
    owns || holds_token || caller.proven == Some(petition.id)
}
