//! Builds the rows of a new petition from a filing and its decision; stores nothing.

use super::decision::FilingDecision;
use super::filing::Filing;
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::access::tracking_hash;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{RequestState, Status};
use crate::petitions::store::{PetitionRow, PetitionerRow, TextRow};

/// Builds the petition row.
pub(super) fn new_petition(filing: &Filing, code: &PetitionCode, decided: &FilingDecision, now: Instant) -> PetitionRow {
    PetitionRow {
        id: PetitionId(0),
        code: code.to_string(),
        kind: filing.kind,
        category_id: decided.category_id,
        area_id: decided.area_id,
        channel: filing.channel,
        urgency: filing.urgency,
        petitioner_kind: filing.petitioner.kind,
        account_id: filing.petitioner.account_id,
        status: Status::Received,
        version: 1,
        agency_id: None,
        assignee_id: None,
        routing_rule_id: None,
        received_at: now,
        received_on: now.local_date(),
        due_at: decided.deadline.due_at,
        paused_at: None,
        system_due_at: None,
        first_answered_at: None,
        timeliness: None,
        settled_at: None,
        score: None,
        answer_count: 0,
        reopening_count: 0,
        hop_count: 0,
        extension: RequestState::None,
        reopening: RequestState::None,
        merged_into_id: None,
    }
}

/// Builds the row with title and content.
pub(super) fn text_of(petition_id: PetitionId, filing: &Filing) -> TextRow {
    let (title, content, search_text) = (filing.title.clone(), filing.content.clone(), filing.search_text.clone());
    TextRow { petition_id, title, content, search_text }
}

/// Builds the petitioner row; of the tracking token only its hash is kept.
pub(super) fn petitioner_of(petition_id: PetitionId, filing: &Filing, token: Option<&str>) -> PetitionerRow {
    let person = filing.petitioner.clone();
    PetitionerRow {
        petition_id,
        full_name: person.full_name,
        phone: person.phone,
        email: person.email,
        company_name: person.company_name,
        tax_code: person.tax_code,
        latitude: filing.location.map(|place| place.latitude()),
        longitude: filing.location.map(|place| place.longitude()),
        address: filing.address.clone(),
        hide_identity: filing.hide_identity,
        tracking_hash: token.map(tracking_hash),
    }
}
