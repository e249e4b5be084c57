//! What officers may read of a petition whose petitioner hides their identity: no name, contact or address.
//!
//! Takes the views shown to officers, removes the address and masks the petitioner's known names, numbers and addresses
//! in every text. The petitioner reads everything; the coordinator reads person and address through a logged access.

use super::read::PetitionView;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::ids::PetitionId;
use crate::kernel::search_text;
use crate::petitions::publication::known;
use crate::petitions::rules::masking::mask;
use crate::petitions::store::{PetitionerRow, petitioners, texts};
use std::collections::HashMap;

/// A petitioner whose identity is hidden from officers.
#[derive(Clone)]
pub struct ConcealedPetitioner(PetitionerRow);

impl ConcealedPetitioner {
    /// Returns the wrapper if the petitioner hides their identity.
    #[must_use]
    pub fn of(person: PetitionerRow) -> Option<Self> {
        person.hide_identity.then_some(Self(person))
    }

    /// Returns the text with everything that identifies the petitioner masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        // Officers know the commune, so even a street alone leaves few homes: masks the address wherever it occurs.
        mask(text, &known(&self.0).phrase(self.0.address.as_deref()))
    }

    fn mask_some(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            *text = self.mask(text);
        }
    }

    /// Masks a petition view for officers.
    pub fn conceal(&self, view: &mut PetitionView) {
        view.address = None;
        view.title = self.mask(&view.title);
        view.content = self.mask(&view.content);
        self.mask_some(&mut view.extension.reason);
        self.mask_some(&mut view.reopening.reason);
        if let Some(answer) = &mut view.answer {
            self.mask_some(&mut answer.comment);
        }
    }
}

/// Returns the petitioner of a petition if they hide their identity.
pub fn person_of(connection: &mut DbConnection, id: PetitionId) -> Result<Option<ConcealedPetitioner>, ServiceError> {
    Ok(if petitioners::hides(connection, id)? { ConcealedPetitioner::of(petitioners::find(connection, id)?) } else { None })
}

/// Returns the petitioners, of the given petitions, who hide their identity.
pub fn persons_of(
    connection: &mut DbConnection,
    ids: &[PetitionId],
) -> Result<HashMap<PetitionId, ConcealedPetitioner>, ServiceError> {
    let persons = petitioners::hidden_among(connection, ids)?;
    Ok(persons.into_iter().filter_map(|person| Some((person.petition_id, ConcealedPetitioner::of(person)?))).collect())
}

/// Masks the titles of a list of petitions.
pub fn mask_titles<'a>(
    connection: &mut DbConnection,
    titles: impl Iterator<Item = (PetitionId, &'a mut String)>,
) -> Result<(), ServiceError> {
    let titles: Vec<_> = titles.collect();
    let ids: Vec<PetitionId> = titles.iter().map(|(id, _)| *id).collect();
    let persons = persons_of(connection, &ids)?;
    for (id, title) in titles {
        if let Some(person) = persons.get(&id) {
            *title = person.mask(title);
        }
    }
    Ok(())
}

/// Returns, for those petitions whose petitioner hides, the masked text folded for search, so that officers can only
/// search what they can read.
pub fn readable_words(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<HashMap<PetitionId, String>, ServiceError> {
    let persons = persons_of(connection, ids)?;
    let hidden: Vec<PetitionId> = persons.keys().copied().collect();
    let words = texts::of_petitions(connection, &hidden)?.into_iter().filter_map(|text| {
        let person = persons.get(&text.petition_id)?;
        Some((text.petition_id, search_text::fold(&format!("{} {}", person.mask(&text.title), person.mask(&text.content)))))
    });
    Ok(words.collect())
}
