//! The table `exchange_links`.

use crate::db::schema::exchange_links;
use crate::db::{DbConnection, StorageError};
use crate::integrations::edoc::rules::Transport;
use crate::kernel::ids::{AccountId, AgencyId, ExchangeLinkId};
use chrono::NaiveDate;
use diesel::prelude::*;

/// How one agency exchanges documents during a period.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = exchange_links, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExchangeLinkRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ExchangeLinkId,
    pub agency_id: AgencyId,
    /// Organ identifier of the agency in the form of QĐ 20/2020.
    pub organ_id: String,
    /// The same as entered; used in messages.
    pub organ_original: String,
    /// The organ identifier we send under.
    pub sender_organ_id: String,
    pub transport: Transport,
    /// A folder name below the exchange folder, or a gateway URL.
    pub address: String,
    /// The account of the document system; nobody can sign in with it.
    pub account_id: AccountId,
    /// First day on which documents are sent.
    pub active_from: NaiveDate,
    /// Last day, once it has been ended.
    pub active_until: Option<NaiveDate>,
    /// Incremented by every change.
    pub version: i32,
}

/// Returns every link, including ended ones.
pub fn all(connection: &mut DbConnection) -> Result<Vec<ExchangeLinkRow>, StorageError> {
    Ok(exchange_links::table.order(exchange_links::id).select(ExchangeLinkRow::as_select()).load(connection)?)
}

/// Returns one link.
pub fn find(connection: &mut DbConnection, id: ExchangeLinkId) -> Result<Option<ExchangeLinkRow>, StorageError> {
    Ok(exchange_links::table.find(id).select(ExchangeLinkRow::as_select()).first(connection).optional()?)
}

/// Inserts a link; the database assigns the id.
pub fn insert(connection: &mut DbConnection, link: &ExchangeLinkRow) -> Result<ExchangeLinkId, StorageError> {
    Ok(diesel::insert_into(exchange_links::table).values(link).returning(exchange_links::id).get_result(connection)?)
}

/// Updates every column of a link; the caller has incremented its version.
pub fn update(connection: &mut DbConnection, link: &ExchangeLinkRow) -> Result<(), StorageError> {
    diesel::update(exchange_links::table.find(link.id)).set(link).execute(connection)?;
    Ok(())
}
