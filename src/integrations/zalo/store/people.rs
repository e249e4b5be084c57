//! Zalo users: their two user ids, the linked account, and the petitions filed in a conversation.

use crate::db::schema::{outbox, petitions, zalo_people, zalo_petitions};
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::OutboxState;
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, OutboxId, PetitionId, ZaloPersonId};
use crate::petitions::rules::Status;
use crate::petitions::store::PetitionRow;
use diesel::prelude::*;

/// One Zalo user.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = zalo_people, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ZaloPersonRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ZaloPersonId,
    /// User id at the Official Account.
    pub oa_user_id: Option<String>,
    /// User id at our application, used by the Mini App.
    pub app_user_id: Option<String>,
    /// The linked account.
    pub account_id: Option<AccountId>,
    /// Name given in a conversation.
    pub full_name: Option<String>,
    /// Phone number given in a conversation.
    pub phone: Option<String>,
    /// Whether the Official Account may message them.
    pub is_reachable: bool,
    /// First activity.
    pub created_at: Instant,
}

impl ZaloPersonRow {
    /// Returns a new row with ids only.
    #[must_use]
    pub const fn new(oa_user_id: Option<String>, app_user_id: Option<String>, created_at: Instant) -> Self {
        let id = ZaloPersonId(0);
        Self { id, oa_user_id, app_user_id, account_id: None, full_name: None, phone: None, is_reachable: true, created_at }
    }

    fn open(self) -> Result<Self, StorageError> {
        let full_name = vault::open_some(SealedColumn::ZALO_NAME, self.id, self.full_name.as_deref())?;
        let phone = vault::open_some(SealedColumn::ZALO_PHONE, self.id, self.phone.as_deref())?;
        Ok(Self { full_name, phone, ..self })
    }

    fn seal(&self) -> Result<Self, StorageError> {
        let full_name = vault::seal_some(SealedColumn::ZALO_NAME, self.id, self.full_name.as_deref())?;
        let phone = vault::seal_some(SealedColumn::ZALO_PHONE, self.id, self.phone.as_deref())?;
        Ok(Self { full_name, phone, ..self.clone() })
    }
}

/// Returns the person with a user id at the Official Account.
pub fn by_oa_user(connection: &mut DbConnection, id: &str) -> Result<Option<ZaloPersonRow>, StorageError> {
    let found = zalo_people::table.filter(zalo_people::oa_user_id.eq(id)).select(ZaloPersonRow::as_select());
    found.get_result(connection).optional()?.map(ZaloPersonRow::open).transpose()
}

/// Returns the person with a user id at our application.
pub fn by_app_user(connection: &mut DbConnection, id: &str) -> Result<Option<ZaloPersonRow>, StorageError> {
    let found = zalo_people::table.filter(zalo_people::app_user_id.eq(id)).select(ZaloPersonRow::as_select());
    found.get_result(connection).optional()?.map(ZaloPersonRow::open).transpose()
}

/// Returns the person linked to an account.
pub fn by_account(connection: &mut DbConnection, id: AccountId) -> Result<Option<ZaloPersonRow>, StorageError> {
    let found = zalo_people::table.filter(zalo_people::account_id.eq(id)).select(ZaloPersonRow::as_select());
    found.order(zalo_people::id).first(connection).optional()?.map(ZaloPersonRow::open).transpose()
}

/// Inserts a person.
///
/// # Errors
/// `Conflict` when another row has one of the ids.
pub fn insert(connection: &mut DbConnection, row: &ZaloPersonRow) -> Result<ZaloPersonId, StorageError> {
    // Sealed name and phone are bound to the row id, which is known only after the insert.
    let bare = ZaloPersonRow { full_name: None, phone: None, ..row.clone() };
    let id = diesel::insert_into(zalo_people::table).values(&bare).returning(zalo_people::id).get_result(connection)?;
    if row.full_name.is_some() || row.phone.is_some() {
        update(connection, &ZaloPersonRow { id, ..row.clone() })?;
    }
    Ok(id)
}

/// Stores a change.
///
/// # Errors
/// As [`insert`].
pub fn update(connection: &mut DbConnection, row: &ZaloPersonRow) -> Result<(), StorageError> {
    let sealed = row.seal()?;
    diesel::update(zalo_people::table.find(row.id)).set(&sealed).execute(connection)?;
    Ok(())
}

/// Deletes a row that turned out to be a duplicate of another person's row.
pub fn remove(connection: &mut DbConnection, id: ZaloPersonId) -> Result<(), StorageError> {
    diesel::delete(zalo_people::table.find(id)).execute(connection)?;
    Ok(())
}

/// Records who filed a petition in a conversation, and makes its receipt due at once even at night: the person has
/// just been active.
pub fn filed(connection: &mut DbConnection, petition: PetitionId, oa_user_id: &str, now: Instant) -> Result<(), StorageError> {
    let row = (zalo_petitions::petition_id.eq(petition), zalo_petitions::oa_user_id.eq(oa_user_id));
    diesel::insert_into(zalo_petitions::table).values(row).execute(connection)?;
    let receipt = outbox::table
        .filter(outbox::petition_id.eq(petition))
        .filter(outbox::webhook_id.is_null())
        .filter(outbox::state.eq(OutboxState::Due));
    diesel::update(receipt).set(outbox::due_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Returns who filed a petition in a conversation.
pub fn who_filed(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<String>, StorageError> {
    Ok(zalo_petitions::table.find(petition).select(zalo_petitions::oa_user_id).get_result(connection).optional()?)
}

/// Returns a person's petitions, newest first: those filed in the conversation and those of the linked account.
pub fn petitions_of(
    connection: &mut DbConnection,
    oa_user_id: &str,
    account: Option<AccountId>,
    limit: i64,
) -> Result<Vec<PetitionRow>, StorageError> {
    let ids: Vec<PetitionId> = zalo_petitions::table
        .filter(zalo_petitions::oa_user_id.eq(oa_user_id))
        .order(zalo_petitions::petition_id.desc())
        .limit(limit)
        .select(zalo_petitions::petition_id)
        .load(connection)?;
    let mut rows: Vec<PetitionRow> =
        petitions::table.filter(petitions::id.eq_any(&ids)).select(PetitionRow::as_select()).load(connection)?;
    if let Some(account) = account {
        let own = petitions::table.filter(petitions::account_id.eq(account)).order(petitions::id.desc()).limit(limit);
        rows.extend(own.select(PetitionRow::as_select()).load::<PetitionRow>(connection)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(rows)
}

/// Returns whether an answer has not been rated yet.
#[must_use]
pub fn waits_for_rating(row: &PetitionRow) -> bool {
    row.status == Status::Answered && row.score.is_none()
}

/// Marks an outbox row with an uncertain result as delivered.
pub fn arrived(connection: &mut DbConnection, id: OutboxId, now: Instant) -> Result<bool, StorageError> {
    let uncertain =
        outbox::table.filter(outbox::id.eq(id)).filter(outbox::is_uncertain.eq(true)).filter(outbox::state.eq(OutboxState::Dead));
    let set = (outbox::state.eq(OutboxState::Delivered), outbox::settled_at.eq(now));
    Ok(diesel::update(uncertain).set(set).execute(connection)? == 1)
}
