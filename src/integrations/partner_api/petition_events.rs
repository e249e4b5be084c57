//! Listener on petition events: stores the partner's id of a filed petition.

use super::store::{self, PartnerPetitionRow};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::petitions::event::{FilingOrigin, PetitionEvent, PetitionSubscriber};

/// Stores the partner's id of a petition; a duplicate id is a conflict.
#[derive(Debug)]
pub struct PartnerFilings;

impl PetitionSubscriber for PartnerFilings {
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        let Some(FilingOrigin::Partner { partner, partner_id, body_hash }) = event.origin else { return Ok(()) };
        let row = PartnerPetitionRow {
            partner_id: partner_id.clone(),
            partner: partner.clone(),
            petition_id: event.after.id,
            body_hash: body_hash.clone(),
        };
        Ok(store::link(connection, &row)?)
    }
}
