//! Messages to account holders; the contact is stored encrypted and deleted after a short time.

use crate::db::schema::account_messages;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{AccountMessageKind, ContactKind};
use crate::kernel::ids::{AccountId, AccountMessageId};
use diesel::prelude::*;

/// One account message.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_messages, treat_none_as_default_value = false)]
pub struct AccountMessageRow {
    /// Row id; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: AccountMessageId,
    pub account_id: AccountId,
    /// A code, or a notice of a change.
    pub kind: AccountMessageKind,
    /// What the message is about, as a keyword.
    pub subject: String,
    /// The kind of contact; `None` means any channel that reaches the holder.
    pub contact_kind: Option<ContactKind>,
    /// The contact, encrypted.
    pub contact: Option<String>,
    /// A keyed hash of the contact.
    pub contact_mark: Option<String>,
    pub created_at: Instant,
}

/// Stores a message.
pub fn insert(connection: &mut DbConnection, row: &AccountMessageRow) -> Result<AccountMessageId, StorageError> {
    Ok(diesel::insert_into(account_messages::table).values(row).returning(account_messages::id).get_result(connection)?)
}

/// Returns one message.
pub fn find(connection: &mut DbConnection, id: AccountMessageId) -> Result<Option<AccountMessageRow>, StorageError> {
    Ok(account_messages::table.find(id).select(AccountMessageRow::as_select()).get_result(connection).optional()?)
}

/// Counts the messages of a kind to one contact, under any of these marks, since a time.
pub fn count_to(
    connection: &mut DbConnection,
    kind: AccountMessageKind,
    marks: Vec<String>,
    since: Instant,
) -> Result<i64, StorageError> {
    let sent =
        account_messages::table.filter(account_messages::contact_mark.eq_any(marks)).filter(account_messages::kind.eq(kind));
    Ok(sent.filter(account_messages::created_at.gt(since)).count().get_result(connection)?)
}

/// Counts the messages of a kind caused by one account since a time.
pub fn count_of(
    connection: &mut DbConnection,
    kind: AccountMessageKind,
    account: AccountId,
    since: Instant,
) -> Result<i64, StorageError> {
    let sent = account_messages::table.filter(account_messages::account_id.eq(account)).filter(account_messages::kind.eq(kind));
    Ok(sent.filter(account_messages::created_at.gt(since)).count().get_result(connection)?)
}

/// Deletes the contacts of messages older than a time.
pub fn forget_contacts(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    let older =
        account_messages::table.filter(account_messages::created_at.lt(before)).filter(account_messages::contact.is_not_null());
    Ok(diesel::update(older).set(account_messages::contact.eq(None::<String>)).execute(connection)?)
}

/// Deletes the contacts of all messages of an account.
pub fn forget_contacts_of(connection: &mut DbConnection, account: AccountId) -> Result<usize, StorageError> {
    let own = account_messages::table.filter(account_messages::account_id.eq(account));
    let nothing = (account_messages::contact.eq(None::<String>), account_messages::contact_mark.eq(None::<String>));
    Ok(diesel::update(own).set(nothing).execute(connection)?)
}
