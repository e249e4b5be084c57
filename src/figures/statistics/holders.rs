//! Whose figures a petition is in: those of the agency that held it, or those of the agency that has its tasks today.
//!
//! Enter an agency and the place of a case, leaves an agency. Rule: what an agency has left behind goes to its successor; where a
//! body was split, the place of the case decides, as it does for the petitions themselves.

use super::query::FigureQuery;
use crate::directory::rules::directory::Directory;
use crate::kernel::ids::{AgencyId, AreaId};
use chrono::NaiveDate;
use std::cell::RefCell;
use std::collections::HashMap;

/// Answers for one question.
#[derive(Debug)]
pub(super) struct FigureHolders<'a> {
    directory: &'a Directory,
    /// None: as it was.
    today: Option<NaiveDate>,
    known: RefCell<HashMap<(AgencyId, AreaId), AgencyId>>,
}

impl<'a> FigureHolders<'a> {
    /// For a question.
    pub fn of(question: &FigureQuery, directory: &'a Directory) -> Self {
        let today = question.is_restated().then(|| question.now.local_date());
        Self { directory, today, known: RefCell::default() }
    }

    /// In whose figures a petition about that place is that this agency held.
    pub fn holder(&self, agency_id: AgencyId, place: AreaId) -> AgencyId {
        let Some(today) = self.today else { return agency_id };
        let stands = |id| self.directory.agency(id).is_none_or(|agency| agency.validity.covers(today));
        if stands(agency_id) {
            return agency_id;
        }
        let successor = || self.directory.successor_of(agency_id, place, today).map_or(agency_id, |successor| successor.id);
        *self.known.borrow_mut().entry((agency_id, place)).or_insert_with(successor)
    }
}
