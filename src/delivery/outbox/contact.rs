//! The e-mail address or phone number a message goes to: whether it is verified, and the daily limit.
//!
//! Rules: an unverified address gets no user-written text. Messages above the daily limit are dropped, counted over
//! all petitions, so that nobody can flood somebody else. Recipients are stored as keyed hashes.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::vault::LookupKind;
use crate::delivery::store::contacts;
use crate::delivery::store::outbox::{OutboxRow, Recipient};
use crate::kernel::email::mailbox;
use crate::kernel::ids::OutboxId;

/// Factor by which the daily limit is higher for a verified contact.
const CONFIRMED_TIMES: i64 = 10;
/// Stored as the reason why a row was not sent.
pub(super) const TOO_MANY: &str = "too many for this recipient on one day";

/// Whether the recipient has verified the address; decided only here. The contacts of an account are verified; a
/// guest's may belong to anybody.
pub(super) const fn is_confirmed(recipient: &Recipient) -> bool {
    recipient.account_id.is_some()
}

/// The contact a message is about to be sent to.
#[derive(Clone)]
pub(super) struct MessageAddress {
    kind: LookupKind,
    address: String,
    is_confirmed: bool,
}

impl MessageAddress {
    /// Returns the e-mail address in its canonical form, so that spellings of the same mailbox count together.
    pub fn email(address: &str, is_confirmed: bool) -> Self {
        Self { kind: LookupKind::Email, address: mailbox(address), is_confirmed }
    }

    /// Returns the phone number as a contact.
    pub fn phone(number: &str, is_confirmed: bool) -> Self {
        Self { kind: LookupKind::Phone, address: number.to_owned(), is_confirmed }
    }
}

/// Counts a message before its first attempt; returns whether it may be sent.
pub(super) async fn admit(app: &App, line: &OutboxRow, contact: &MessageAddress) -> Result<bool, ServiceError> {
    let limit = i64::from(app.config.messages_per_recipient_per_day);
    // A retried row has already been counted.
    if limit == 0 || line.attempts > 0 {
        return Ok(true);
    }
    let limit = if contact.is_confirmed { limit.saturating_mul(CONFIRMED_TIMES) } else { limit };
    let (contact, day, OutboxId(id)) = (contact.clone(), contacts::day_of(app.now()), line.id);
    let count = app
        .db
        .write(move |connection| Ok::<_, ServiceError>(contacts::count(connection, contact.kind, &contact.address, day)?))
        .await?;
    if count > limit {
        tracing::warn!(line = id, "daily message limit of recipient reached, message not sent");
    }
    Ok(count <= limit)
}

/// Deletes the counters of past days.
pub async fn forget_days(app: &App) -> Result<usize, ServiceError> {
    let before = contacts::day_of(app.now()) - 1;
    app.db.write(move |connection| Ok::<_, ServiceError>(contacts::forget_days(connection, before)?)).await
}
