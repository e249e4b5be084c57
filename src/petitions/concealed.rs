//! What officers read of a petitioner who wants to stay unknown: nothing that names them or leads to their door.
//!
//! Enters what would be shown, leaves it without the address and with the known names, numbers and addresses masked wherever somebody has
//! written them. Rule: the petitioner reads everything; the coordinator reads the person and the address behind a look that is written down.

use super::read::PetitionView;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::ids::PetitionId;
use crate::kernel::search_text;
use crate::petitions::publication::known;
use crate::petitions::rules::masking::mask;
use crate::petitions::store::{PetitionerRow, petitioners, texts};
use std::collections::HashMap;

/// The person behind a petition who may not be named.
#[derive(Clone)]
pub struct ConcealedPetitioner(PetitionerRow);

impl ConcealedPetitioner {
    /// The person, if they hide.
    #[must_use]
    pub fn of(person: PetitionerRow) -> Option<Self> {
        person.hide_identity.then_some(Self(person))
    }

    /// What somebody wrote without whatever tells of the person.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        // A street alone leads to few doors together with the commune.
        mask(text, &known(&self.0).phrase(self.0.address.as_deref()))
    }

    fn mask_some(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            *text = self.mask(text);
        }
    }

    /// A petition as officers see it.
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

/// The person behind a petition, if they hide.
pub fn person_of(connection: &mut DbConnection, id: PetitionId) -> Result<Option<ConcealedPetitioner>, ServiceError> {
    Ok(if petitioners::hides(connection, id)? { ConcealedPetitioner::of(petitioners::find(connection, id)?) } else { None })
}

/// The persons behind some petitions who hide.
pub fn persons_of(
    connection: &mut DbConnection,
    ids: &[PetitionId],
) -> Result<HashMap<PetitionId, ConcealedPetitioner>, ServiceError> {
    let persons = petitioners::hidden_among(connection, ids)?;
    Ok(persons.into_iter().filter_map(|person| Some((person.petition_id, ConcealedPetitioner::of(person)?))).collect())
}

/// Masks the titles of a list.
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

/// The words of those among some petitions whose petitioners hide, folded for search as officers may read them.
pub fn readable_words(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<HashMap<PetitionId, String>, ServiceError> {
    let persons = persons_of(connection, ids)?;
    let hidden: Vec<PetitionId> = persons.keys().copied().collect();
    let words = texts::of_petitions(connection, &hidden)?.into_iter().filter_map(|text| {
        let person = persons.get(&text.petition_id)?;
        Some((text.petition_id, search_text::fold(&format!("{} {}", person.mask(&text.title), person.mask(&text.content)))))
    });
    Ok(words.collect())
}
