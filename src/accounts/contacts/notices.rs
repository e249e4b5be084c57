//! Security notices to account holders about changes: sent to the replaced contact, otherwise to a confirmed one.
//!
//! Rule: a notice names neither the new contact nor who made the change.

use super::codes::{channel_to, opened, write_to};
use crate::accounts::store::messages::{self, AccountMessageRow};
use crate::accounts::store::profiles;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::messages::Template;
use crate::delivery::outbox;
use crate::delivery::rules::OutboxChannel;
use crate::delivery::store::outbox as lines;
use crate::integrations::zalo::store::people;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountChange, AccountMessageKind, ContactKind};
use crate::kernel::ids::{AccountId, AccountMessageId};
use chrono::Duration;

/// Days after which the contact of a message is deleted.
const KEPT_DAYS: i64 = 7;

/// Notifies the holder of an account, as it is now, of a change.
pub(crate) fn notify(
    app: &App,
    connection: &mut DbConnection,
    id: AccountId,
    change: AccountChange,
    now: Instant,
) -> Result<(), ServiceError> {
    let account = profiles::find(connection, id)?;
    tell_one_of(app, connection, &account, change, [ContactKind::Email, ContactKind::Phone], now)
}

/// Notifies the previous contact that it no longer belongs to the account; `before` is the account before the
/// change. Does nothing if there was none.
pub(crate) fn notify_replaced_contact(
    app: &App,
    connection: &mut DbConnection,
    before: &Account,
    kind: ContactKind,
    now: Instant,
) -> Result<(), ServiceError> {
    let (change, other) = match kind {
        ContactKind::Phone => (AccountChange::Phone, ContactKind::Email),
        ContactKind::Email => (AccountChange::Email, ContactKind::Phone),
    };
    tell_one_of(app, connection, before, change, [kind, other], now)
}

fn tell_one_of(
    app: &App,
    connection: &mut DbConnection,
    account: &Account,
    change: AccountChange,
    order: [ContactKind; 2],
    now: Instant,
) -> Result<(), ServiceError> {
    let kind = AccountMessageKind::AccountChanged;
    for contact_kind in order {
        let Some(contact) = account.proven(contact_kind) else { continue };
        if let Some(channel) = channel_to(app, contact_kind, Template::AccountChanged) {
            write_to(app, connection, account.id, (kind, change.as_str()), (contact_kind, contact, channel), now)?;
            return Ok(());
        }
    }
    let in_conversation = people::by_account(connection, account.id)?.is_some_and(|person| person.is_reachable);
    if in_conversation && app.channels.zalo.is_some() {
        let row = AccountMessageRow {
            id: AccountMessageId(0),
            account_id: account.id,
            kind,
            subject: change.as_str().to_owned(),
            contact_kind: None,
            contact: None,
            contact_mark: None,
            created_at: now,
        };
        let id = messages::insert(connection, &row)?;
        lines::insert(connection, &outbox::for_account_message(id, OutboxChannel::Zalo, now))?;
    }
    Ok(())
}

/// Returns the recipient of a message; `None` once the contact has been deleted.
pub(crate) fn contact_of(app: &App, row: &AccountMessageRow) -> Option<(ContactKind, String)> {
    Some((row.contact_kind?, opened(app, row)?))
}

/// Deletes the contacts of old messages; called by the worker.
pub(in crate::accounts) fn forget_old(connection: &mut DbConnection, now: Instant) -> Result<usize, ServiceError> {
    Ok(messages::forget_contacts(connection, now.plus(-Duration::days(KEPT_DAYS)))?)
}
