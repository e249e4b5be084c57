//! Stores a planned reform; new entries get their row numbers from the database.

use super::plan::ReformPlan;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::agency::{Agency, Succession};
use crate::directory::rules::area::Area;
use crate::directory::store::{agencies, areas, routing_rules};
use crate::kernel::ids::{AgencyId, AreaId};
use std::collections::HashMap;

/// Stores ended and new entries.
pub(super) fn store(connection: &mut DbConnection, plan: &ReformPlan) -> Result<(), StorageError> {
    let mut area_ids: HashMap<AreaId, AreaId> = HashMap::new();
    for area in &plan.areas_ended {
        areas::update(connection, area)?;
    }
    for area in &plan.areas_begun {
        let parent_id = area.parent_id.map(|id| now_called(&area_ids, id));
        let stored = areas::insert(connection, &Area { parent_id, ..area.clone() })?;
        area_ids.insert(area.id, stored);
    }
    let mut agency_ids: HashMap<AgencyId, AgencyId> = HashMap::new();
    for agency in &plan.agencies_ended {
        agencies::update(connection, agency)?;
    }
    for agency in &plan.agencies_begun {
        let parent_id = agency.parent_id.map(|id| now_called(&agency_ids, id));
        let area_id = now_called(&area_ids, agency.area_id);
        let stored = agencies::insert(connection, &Agency { parent_id, area_id, ..agency.clone() })?;
        agency_ids.insert(agency.id, stored);
    }
    for arrow in &plan.successions {
        let new_agency_id = now_called(&agency_ids, arrow.new_agency_id);
        agencies::insert_succession(connection, &Succession { new_agency_id, ..arrow.clone() })?;
    }
    for change in &plan.rules {
        routing_rules::update(connection, &change.rule)?;
        for rule in &change.begun {
            routing_rules::insert(connection, rule)?;
        }
    }
    Ok(())
}

/// Returns the stored row number of a new entry, or the given one if it existed before.
fn now_called<T: Copy + Eq + std::hash::Hash>(ids: &HashMap<T, T>, id: T) -> T {
    ids.get(&id).copied().unwrap_or(id)
}
