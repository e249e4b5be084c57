//! Rows of `exchange_links`.

use crate::db::schema::exchange_links;
use crate::db::{DbConnection, StorageError};
use crate::integrations::edoc::rules::Transport;
use crate::kernel::ids::{AccountId, AgencyId, ExchangeLinkId};
use chrono::NaiveDate;
use diesel::prelude::*;

/// How one agency exchanges documents during one span of days.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = exchange_links, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExchangeLinkRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ExchangeLinkId,
    /// Whose documents.
    pub agency_id: AgencyId,
    /// The identifier of the agency in the exchange, in the form of QĐ 20/2020.
    pub organ_id: String,
    /// The same as it was entered, which is what messages say.
    pub organ_original: String,
    /// Under which identifier we send.
    pub sender_organ_id: String,
    /// How messages travel.
    pub transport: Transport,
    /// A folder below the folder of the exchange, or the address of a gateway.
    pub address: String,
    /// The document system as an account: nobody can sign in with it.
    pub account_id: AccountId,
    /// First day on which documents are sent.
    pub active_from: NaiveDate,
    /// Last day, when it has been ended.
    pub active_until: Option<NaiveDate>,
    /// Raised by every change.
    pub version: i32,
}

/// Every link of any day.
pub fn all(connection: &mut DbConnection) -> Result<Vec<ExchangeLinkRow>, StorageError> {
    Ok(exchange_links::table.order(exchange_links::id).select(ExchangeLinkRow::as_select()).load(connection)?)
}

/// One link.
pub fn find(connection: &mut DbConnection, id: ExchangeLinkId) -> Result<Option<ExchangeLinkRow>, StorageError> {
    Ok(exchange_links::table.find(id).select(ExchangeLinkRow::as_select()).first(connection).optional()?)
}

/// Stores a new link; its row number is given by the database.
pub fn insert(connection: &mut DbConnection, link: &ExchangeLinkRow) -> Result<ExchangeLinkId, StorageError> {
    Ok(diesel::insert_into(exchange_links::table).values(link).returning(exchange_links::id).get_result(connection)?)
}

/// Stores every value of a link that exists; the caller has raised its version.
pub fn update(connection: &mut DbConnection, link: &ExchangeLinkRow) -> Result<(), StorageError> {
    diesel::update(exchange_links::table.find(link.id)).set(link).execute(connection)?;
    Ok(())
}
