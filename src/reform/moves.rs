//! Finds what must leave ended agencies and its destination: open petitions by the place of the case, officers to the
//! main successor.

use crate::accounts::store::officers;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::kernel::ids::{AgencyId, AreaId, PetitionId};
use crate::petitions::store::list;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Petitions and officers at agencies that have ended.
#[derive(Debug, Default)]
pub(super) struct ReformMoves {
    /// Each open petition with its old and its new agency; `None` for the coordinator's desk.
    pub petitions: Vec<(PetitionId, AgencyId, Option<AgencyId>)>,
    /// New agency and number of officers for each old agency; `None` for officers without a destination.
    pub officers: BTreeMap<AgencyId, (Option<AgencyId>, i64)>,
}

/// Finds what is left at the agencies in `emptied` and its successors in the new directory.
pub(super) fn moves(
    connection: &mut DbConnection,
    after: &Directory,
    emptied: &BTreeSet<AgencyId>,
    day: NaiveDate,
) -> Result<ReformMoves, StorageError> {
    let mut moves = ReformMoves::default();
    // Cache: thousands of petitions have only hundreds of places, and each lookup scans all successions.
    let mut successors: HashMap<(AgencyId, AreaId), Option<AgencyId>> = HashMap::new();
    for (petition, agency, place) in list::held_open(connection)? {
        if emptied.contains(&agency) {
            let find = || after.successor_of(agency, place, day).map(|successor| successor.id);
            moves.petitions.push((petition, agency, *successors.entry((agency, place)).or_insert_with(find)));
        }
    }
    for (agency, count) in officers::count_by_agency(connection)? {
        if emptied.contains(&agency) {
            let successor = after.main_successor_of(agency, day).map(|successor| successor.id);
            moves.officers.insert(agency, (successor, count));
        }
    }
    Ok(moves)
}
