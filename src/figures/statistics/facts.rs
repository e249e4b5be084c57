//! The current facts of a petition, from its row.

use crate::figures::rules::PetitionFacts;
use crate::petitions::store::PetitionRow;

impl PetitionFacts {
    /// Returns the current facts.
    #[must_use]
    pub fn of(petition: &PetitionRow) -> Self {
        Self {
            agency_id: petition.agency_id,
            status: petition.status,
            received_at: petition.received_at,
            category_id: petition.category_id,
            area_id: petition.area_id,
            channel: petition.channel,
            petitioner_kind: petition.petitioner_kind,
            urgency: petition.urgency,
            due_at: petition.due_at,
            first_answered_at: petition.first_answered_at,
            timeliness: petition.timeliness,
            score: petition.score,
            answer_count: petition.answer_count,
            reopening_count: petition.reopening_count,
        }
    }
}
