//! Records which head was last delivered to each anchor outside the database.

use crate::db::schema::audit_anchors;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;

/// Returns the period of the last head delivered to an anchor.
pub fn last(connection: &mut DbConnection, anchor: &str) -> Result<Option<String>, StorageError> {
    Ok(audit_anchors::table.find(anchor).select(audit_anchors::period).first(connection).optional()?)
}

/// Returns all recorded anchors with their period, including those no longer configured.
pub fn all(connection: &mut DbConnection) -> Result<Vec<(String, String)>, StorageError> {
    let both = (audit_anchors::anchor, audit_anchors::period);
    Ok(audit_anchors::table.order(audit_anchors::anchor).select(both).load(connection)?)
}

/// Records that the head of a period was delivered to an anchor.
pub fn note(connection: &mut DbConnection, anchor: &str, period: &str, at: Instant) -> Result<(), StorageError> {
    let row = (audit_anchors::period.eq(period), audit_anchors::anchored_at.eq(at));
    if diesel::update(audit_anchors::table.find(anchor)).set(row).execute(connection)? == 0 {
        diesel::insert_into(audit_anchors::table).values((audit_anchors::anchor.eq(anchor), row)).execute(connection)?;
    }
    Ok(())
}
