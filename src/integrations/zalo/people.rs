//! Identifies a Zalo user. Enters: the user id at the Official Account, and possibly the one at our application.
//! Leaves: one row.

use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::zalo::store::people::{self, ZaloPersonRow};
use crate::kernel::Instant;

/// Returns the person's row, creating it if missing. As soon as one event contains both ids, they are merged into one
/// row.
pub(super) fn met(
    connection: &mut DbConnection,
    oa_user: &str,
    app_user: Option<&str>,
    now: Instant,
) -> Result<ZaloPersonRow, ServiceError> {
    let here = people::by_oa_user(connection, oa_user)?;
    let there = match app_user {
        Some(id) => people::by_app_user(connection, id)?,
        None => None,
    };
    let mut row = match (here, there) {
        (Some(here), Some(there)) if here.id != there.id => {
            // The Mini App came first and created a row for the same person's other id.
            people::remove(connection, there.id)?;
            ZaloPersonRow {
                app_user_id: there.app_user_id,
                account_id: here.account_id.or(there.account_id),
                full_name: here.full_name.or(there.full_name),
                phone: here.phone.or(there.phone),
                ..here
            }
        }
        (Some(row), _) | (None, Some(row)) => row,
        (None, None) => {
            let mut row = ZaloPersonRow::new(Some(oa_user.to_owned()), app_user.map(str::to_owned), now);
            row.id = people::insert(connection, &row)?;
            return Ok(row);
        }
    };
    row.oa_user_id = Some(oa_user.to_owned());
    if row.app_user_id.is_none() {
        row.app_user_id = app_user.map(str::to_owned);
    }
    people::update(connection, &row)?;
    Ok(row)
}
