//! Who leaves an agency that has ended, and where they go: open petitions by the place of the case, officers to the main heir.

use crate::accounts::store::officers;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::kernel::ids::{AgencyId, AreaId, PetitionId};
use crate::petitions::store::list;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Everybody and everything that is at agencies which have ended.
#[derive(Debug, Default)]
pub(super) struct ReformMoves {
    /// Each open petition with the agency that it leaves and the one that gets it; none for the coordinator's desk.
    pub petitions: Vec<(PetitionId, AgencyId, Option<AgencyId>)>,
    /// How many officers leave an agency, and for which; none for those who have nowhere to go.
    pub officers: BTreeMap<AgencyId, (Option<AgencyId>, i64)>,
}

/// Looks for what is left at the agencies in `emptied` and finds the heirs in the new directory.
pub(super) fn moves(
    connection: &mut DbConnection,
    after: &Directory,
    emptied: &BTreeSet<AgencyId>,
    day: NaiveDate,
) -> Result<ReformMoves, StorageError> {
    let mut moves = ReformMoves::default();
    // Thousands of petitions have hundreds of places, and finding an heir goes through all successions.
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
