//! Under which agency a petition is counted: the one that held it, or today's successor.
//!
//! Takes an agency and the place of a case; returns an agency. Petitions of an abolished agency go to its successor;
//! where a body was split, the place of the case decides, as for the petitions themselves.

use super::query::FigureQuery;
use crate::directory::rules::directory::Directory;
use crate::kernel::ids::{AgencyId, AreaId};
use chrono::NaiveDate;
use std::cell::RefCell;
use std::collections::HashMap;

/// Resolves agencies for one query.
#[derive(Debug)]
pub(super) struct FigureHolders<'a> {
    directory: &'a Directory,
    /// `None`: no restatement.
    today: Option<NaiveDate>,
    known: RefCell<HashMap<(AgencyId, AreaId), AgencyId>>,
}

impl<'a> FigureHolders<'a> {
    /// Creates the resolver for a query.
    pub fn of(question: &FigureQuery, directory: &'a Directory) -> Self {
        let today = question.is_restated().then(|| question.now.local_date());
        Self { directory, today, known: RefCell::default() }
    }

    /// Returns the agency under which a petition at this place, held by this agency, is counted.
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
