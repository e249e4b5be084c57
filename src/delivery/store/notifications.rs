//! What people are told in the application: written in the transaction of the event that causes it.

use crate::db::connection::MultiBackend;
use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::{notification_marks, notifications, petitions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, NotificationId, PetitionId};
use crate::petitions::rules::Audience;
use diesel::prelude::*;

/// Stores that `audience` is to be told of the entry `sequence` of a petition's timeline; twice is once.
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

/// Whose notifications to read; what several say is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotificationReader {
    /// The petitioner with this account.
    pub account: Option<AccountId>,
    /// Officers of this agency.
    pub agency: Option<AgencyId>,
    /// Coordinators.
    pub is_coordinator: bool,
}

/// One notification: of which entry of which timeline.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct NotificationRow {
    /// Row number.
    pub id: NotificationId,
    /// The petition.
    pub petition_id: PetitionId,
    /// The entry of its timeline.
    pub sequence: i32,
    /// Who is told.
    pub audience: Audience,
    /// The agency that is told.
    pub agency_id: Option<AgencyId>,
    /// When it happened.
    pub created_at: Instant,
}

macro_rules! of_reader {
    ($reader:expr) => {{
        let reader: &NotificationReader = $reader;
        let mut rows = notifications::table
            .inner_join(petitions::table.on(petitions::id.eq(notifications::petition_id)))
            .into_boxed::<MultiBackend>();
        // The first condition admits nothing, so that each of the others adds.
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

/// The notifications of a reader with the codes of their petitions, newest first, older than `before`.
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

/// How many a reader has not read.
pub fn unread(connection: &mut DbConnection, reader: &NotificationReader, after: NotificationId) -> Result<i64, StorageError> {
    Ok(of_reader!(reader).filter(notifications::id.gt(after)).count().get_result(connection)?)
}

/// Everything that was written after a number, with the account of the petitioner and the code: for those who listen.
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

/// The newest number.
pub fn newest(connection: &mut DbConnection) -> Result<NotificationId, StorageError> {
    let newest: Option<NotificationId> =
        notifications::table.select(diesel::dsl::max(notifications::id)).get_result(connection)?;
    Ok(newest.unwrap_or(NotificationId(0)))
}

/// Up to where an account has read.
pub fn mark(connection: &mut DbConnection, account: AccountId) -> Result<NotificationId, StorageError> {
    let mark = notification_marks::table.find(account).select(notification_marks::read_up_to);
    Ok(mark.get_result(connection).optional()?.unwrap_or(NotificationId(0)))
}

/// Moves the mark of an account, never back.
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
