//! The table of webhook subscriptions.

use crate::db::schema::webhooks;
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::webhook::Subscription;
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, CategoryId, WebhookId};
use diesel::prelude::*;

/// One subscription.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct WebhookRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    /// Signing secret: `whsec_` and base64.
    pub secret: String,
    /// Previous secret, also used for signing while the receiver rotates.
    pub old_secret: Option<String>,
    /// Wanted actions, comma-separated; empty means all.
    pub actions: String,
    /// Only petitions this agency is responsible for.
    pub agency_id: Option<AgencyId>,
    pub category_id: Option<CategoryId>,
    pub created_at: Instant,
    pub ended_at: Option<Instant>,
    /// Incremented by every change.
    pub version: i32,
}

impl WebhookRow {
    fn open(self) -> Result<Self, StorageError> {
        let secret = vault::open(SealedColumn::WEBHOOK_SECRET, self.id, &self.secret)?;
        let old_secret = vault::open_some(SealedColumn::WEBHOOK_OLD_SECRET, self.id, self.old_secret.as_deref())?;
        Ok(Self { secret, old_secret, ..self })
    }

    fn seal(&self) -> Result<Self, StorageError> {
        let secret = vault::seal(SealedColumn::WEBHOOK_SECRET, self.id, &self.secret)?;
        let old_secret = vault::seal_some(SealedColumn::WEBHOOK_OLD_SECRET, self.id, self.old_secret.as_deref())?;
        Ok(Self { secret, old_secret, ..self.clone() })
    }

    /// Returns the filter; actions unknown to this version of the program are ignored.
    #[must_use]
    pub fn subscription(&self) -> Subscription {
        let actions = self.actions.split(',').filter_map(|word| word.parse().ok()).collect();
        Subscription { id: self.id, actions, agency_id: self.agency_id, category_id: self.category_id }
    }
}

/// Returns every subscription in order of creation, including ended ones.
pub fn all(connection: &mut DbConnection) -> Result<Vec<WebhookRow>, StorageError> {
    let rows: Vec<WebhookRow> = webhooks::table.select(WebhookRow::as_select()).order(webhooks::id).load(connection)?;
    rows.into_iter().map(WebhookRow::open).collect()
}

/// Returns one subscription.
pub fn find(connection: &mut DbConnection, id: WebhookId) -> Result<Option<WebhookRow>, StorageError> {
    let found: Option<WebhookRow> = webhooks::table.find(id).select(WebhookRow::as_select()).get_result(connection).optional()?;
    found.map(WebhookRow::open).transpose()
}

/// Inserts a subscription and returns its id.
pub fn insert(connection: &mut DbConnection, row: &WebhookRow) -> Result<WebhookId, StorageError> {
    // The sealed secrets are bound to the row id, which is known only after the insert.
    let bare = WebhookRow { secret: String::new(), old_secret: None, ..row.clone() };
    let id = diesel::insert_into(webhooks::table).values(&bare).returning(webhooks::id).get_result(connection)?;
    update(connection, &WebhookRow { id, ..row.clone() })?;
    Ok(id)
}

/// Stores a change.
pub fn update(connection: &mut DbConnection, row: &WebhookRow) -> Result<(), StorageError> {
    let sealed = row.seal()?;
    diesel::update(webhooks::table.find(row.id)).set(&sealed).execute(connection)?;
    Ok(())
}
