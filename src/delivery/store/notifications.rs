//! In-app notifications, stored in the transaction of the event that causes them.

use crate::db::connection::MultiBackend;
use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::{notification_marks, notifications, petitions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, NotificationId, PetitionId};
use crate::petitions::rules::Audience;
use diesel::prelude::*;

/// Stores a notification for `audience` about the timeline entry `sequence`; idempotent.
pub fn insert(
    connection: &mut DbConnection,
    petition: PetitionId,
    sequence: i32,
    audience: Audience,
    agency: Option<AgencyId>,
    at: Instant,
) -> Result<(), StorageError> {
    let statement = diesel::insert_into(notifications::table).values((
        notifications::petition_id.eq(petition),
        notifications::sequence.eq(sequence),
        notifications::audience.eq(audience),
        notifications::agency_id.eq(agency.map(|id| id.0)),
        notifications::created_at.eq(at),
    ));
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// The notifications a reader may see; the criteria are combined with OR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotificationReader {
    /// Notifications for the petitioner with this account.
    pub account: Option<AccountId>,
    /// Notifications for officers of this agency.
    pub agency: Option<AgencyId>,
    pub is_coordinator: bool,
}

/// One notification, referring to a timeline entry.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct NotificationRow {
    pub id: NotificationId,
    pub petition_id: PetitionId,
    /// Number of the timeline entry.
    pub sequence: i32,
    pub audience: Audience,
    pub agency_id: Option<AgencyId>,
    pub created_at: Instant,
}

macro_rules! of_reader {
    ($reader:expr) => {{
        let reader: &NotificationReader = $reader;
        let mut rows = notifications::table
            .inner_join(petitions::table.on(petitions::id.eq(notifications::petition_id)))
            .into_boxed::<MultiBackend>();
        // Matches nothing, so that each of the following OR conditions adds rows.
        rows = rows.filter(notifications::id.lt(0));
        if let Some(account) = reader.account {
            rows = rows.or_filter(petitions::account_id.eq(account).and(notifications::audience.eq(Audience::Petitioner)));
        }
        if let Some(agency) = reader.agency {
            rows = rows.or_filter(notifications::agency_id.eq(agency).and(notifications::audience.eq(Audience::Agency)));
        }
        if reader.is_coordinator {
            rows = rows.or_filter(notifications::audience.eq(Audience::Coordinator));
        }
        rows
    }};
}

/// Returns the notifications of a reader with their petition codes, newest first, with ids below `before`.
pub fn page(
    connection: &mut DbConnection,
    reader: &NotificationReader,
    before: Option<NotificationId>,
    limit: i64,
) -> Result<Vec<(NotificationRow, String)>, StorageError> {
    let mut rows = of_reader!(reader);
    if let Some(before) = before {
        rows = rows.filter(notifications::id.lt(before));
    }
    let rows = rows.select((NotificationRow::as_select(), petitions::code)).order(notifications::id.desc()).limit(limit);
    Ok(rows.load(connection)?)
}

/// Returns the number of unread notifications of a reader.
pub fn unread(connection: &mut DbConnection, reader: &NotificationReader, after: NotificationId) -> Result<i64, StorageError> {
    Ok(of_reader!(reader).filter(notifications::id.gt(after)).count().get_result(connection)?)
}

/// Returns all rows above an id, with the petitioner's account and the petition code, for the live stream.
pub fn since(
    connection: &mut DbConnection,
    after: NotificationId,
    limit: i64,
) -> Result<Vec<(NotificationRow, Option<AccountId>, String)>, StorageError> {
    let rows = notifications::table
        .inner_join(petitions::table.on(petitions::id.eq(notifications::petition_id)))
        .filter(notifications::id.gt(after));
    let rows = rows.select((NotificationRow::as_select(), petitions::account_id, petitions::code));
    Ok(rows.order(notifications::id).limit(limit).load(connection)?)
}

/// Returns the highest id.
pub fn newest(connection: &mut DbConnection) -> Result<NotificationId, StorageError> {
    let newest: Option<NotificationId> =
        notifications::table.select(diesel::dsl::max(notifications::id)).get_result(connection)?;
    Ok(newest.unwrap_or(NotificationId(0)))
}

/// Returns the id up to which an account has read.
pub fn mark(connection: &mut DbConnection, account: AccountId) -> Result<NotificationId, StorageError> {
    let mark = notification_marks::table.find(account).select(notification_marks::read_up_to);
    Ok(mark.get_result(connection).optional()?.unwrap_or(NotificationId(0)))
}

/// Moves the read mark of an account forward, never back.
pub fn move_mark(connection: &mut DbConnection, account: AccountId, to: NotificationId) -> Result<(), StorageError> {
    if mark(connection, account)? >= to {
        return Ok(());
    }
    let place = notification_marks::table.find(account);
    if diesel::update(place).set(notification_marks::read_up_to.eq(to)).execute(connection)? == 0 {
        diesel::insert_into(notification_marks::table)
            .values((notification_marks::account_id.eq(account), notification_marks::read_up_to.eq(to)))
            .execute(connection)?;
    }
    Ok(())
}
