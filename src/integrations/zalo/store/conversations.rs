//! Where each conversation stands.

use crate::db::columns::Json;
use crate::db::schema::zalo_conversations;
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::integrations::zalo::rules::{ConversationDraft, ConversationStep};
use crate::kernel::Instant;
use diesel::prelude::*;

/// One conversation.
#[derive(Clone, PartialEq)]
pub struct ConversationRow {
    /// With whom, at the Official Account.
    pub oa_user_id: String,
    /// What it waits for.
    pub step: ConversationStep,
    /// What was gathered.
    pub draft: Json<ConversationDraft>,
    /// When the person last did something.
    pub changed_at: Instant,
    /// When they were reminded since.
    pub reminded_at: Option<Instant>,
}

/// The same as it lies in the table.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = zalo_conversations, treat_none_as_null = true, treat_none_as_default_value = false)]
struct SealedConversationRow {
    oa_user_id: String,
    step: ConversationStep,
    draft: String,
    changed_at: Instant,
    reminded_at: Option<Instant>,
}

impl ConversationRow {
    fn seal(&self) -> Result<SealedConversationRow, StorageError> {
        let draft = serde_json::to_string(&self.draft.0)
            .map_err(|_| StorageError::Query("a draft cannot be written as JSON".to_owned()))?;
        Ok(SealedConversationRow {
            draft: vault::seal(SealedColumn::ZALO_DRAFT, &self.oa_user_id, &draft)?,
            oa_user_id: self.oa_user_id.clone(),
            step: self.step,
            changed_at: self.changed_at,
            reminded_at: self.reminded_at,
        })
    }
}

impl SealedConversationRow {
    fn open(self) -> Result<ConversationRow, StorageError> {
        let SealedColumn { table, column, .. } = SealedColumn::ZALO_DRAFT;
        let draft = vault::open(SealedColumn::ZALO_DRAFT, &self.oa_user_id, &self.draft)?;
        let draft = serde_json::from_str(&draft)
            .map_err(|_| StorageError::Corrupt { table: table.to_owned(), column: column.to_owned() })?;
        let Self { oa_user_id, step, changed_at, reminded_at, .. } = self;
        Ok(ConversationRow { oa_user_id, step, draft: Json(draft), changed_at, reminded_at })
    }
}

/// The conversation with a person, if there was one.
pub fn find(connection: &mut DbConnection, oa_user_id: &str) -> Result<Option<ConversationRow>, StorageError> {
    let found = zalo_conversations::table.find(oa_user_id).select(SealedConversationRow::as_select());
    found.get_result(connection).optional()?.map(SealedConversationRow::open).transpose()
}

/// Stores a conversation as it now stands.
pub fn put(connection: &mut DbConnection, row: &ConversationRow) -> Result<(), StorageError> {
    let present = zalo_conversations::table.find(&row.oa_user_id);
    let sealed = row.seal()?;
    if diesel::update(present).set(&sealed).execute(connection)? == 0 {
        diesel::insert_into(zalo_conversations::table).values(&sealed).execute(connection)?;
    }
    Ok(())
}

/// Open ones in which nothing was said since `before`; `reminded` tells those that were reminded, since then, from those that were not.
pub fn idle(
    connection: &mut DbConnection,
    before: Instant,
    is_reminded: bool,
    limit: i64,
) -> Result<Vec<ConversationRow>, StorageError> {
    let open = zalo_conversations::table
        .filter(zalo_conversations::step.ne(ConversationStep::Menu))
        .select(SealedConversationRow::as_select());
    let rows: QueryResult<Vec<SealedConversationRow>> = if is_reminded {
        open.filter(zalo_conversations::reminded_at.le(before))
            .order(zalo_conversations::changed_at)
            .limit(limit)
            .load(connection)
    } else {
        open.filter(zalo_conversations::changed_at.le(before))
            .filter(zalo_conversations::reminded_at.is_null())
            .order(zalo_conversations::changed_at)
            .limit(limit)
            .load(connection)
    };
    rows?.into_iter().map(SealedConversationRow::open).collect()
}

/// Stores a change that nobody else made meanwhile; false otherwise.
pub fn replace(connection: &mut DbConnection, before: &ConversationRow, after: &ConversationRow) -> Result<bool, StorageError> {
    let same = zalo_conversations::table
        .filter(zalo_conversations::oa_user_id.eq(&before.oa_user_id))
        .filter(zalo_conversations::changed_at.eq(before.changed_at))
        .filter(zalo_conversations::step.eq(before.step));
    let sealed = after.seal()?;
    let changed = match before.reminded_at {
        None => diesel::update(same.filter(zalo_conversations::reminded_at.is_null())).set(&sealed).execute(connection)?,
        Some(at) => diesel::update(same.filter(zalo_conversations::reminded_at.eq(at))).set(&sealed).execute(connection)?,
    };
    Ok(changed == 1)
}
