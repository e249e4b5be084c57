//! An e-mail address or a phone to which something is sent: whether anybody has confirmed that it is theirs, and how much it gets on a day.
//!
//! Rules: to an address that nobody has confirmed goes no word that a stranger has written; what is beyond the limit of a day is dropped,
//! over all petitions, so that nobody can bury somebody else in messages; a recipient is kept as a keyed hash.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::vault::LookupKind;
use crate::delivery::store::contacts;
use crate::delivery::store::outbox::{OutboxRow, Recipient};
use crate::kernel::email::mailbox;
use crate::kernel::ids::OutboxId;

/// How many times as much a confirmed contact gets.
const CONFIRMED_TIMES: i64 = 10;
/// Why a line was not sent.
pub(super) const TOO_MANY: &str = "too many for this recipient on one day";

/// Whether the recipient of messages about a petition has shown that the address is theirs: the one place where that is decided. The
/// contacts of an account are its own; what a guest has typed may be anybody's.
pub(super) const fn is_confirmed(recipient: &Recipient) -> bool {
    recipient.account_id.is_some()
}

/// Where something is about to be sent.
#[derive(Clone)]
pub(super) struct MessageAddress {
    kind: LookupKind,
    address: String,
    is_confirmed: bool,
}

impl MessageAddress {
    /// An e-mail address, in whichever spelling of its mailbox.
    pub fn email(address: &str, is_confirmed: bool) -> Self {
        Self { kind: LookupKind::Email, address: mailbox(address), is_confirmed }
    }

    /// A phone.
    pub fn phone(number: &str, is_confirmed: bool) -> Self {
        Self { kind: LookupKind::Phone, address: number.to_owned(), is_confirmed }
    }
}

/// Counts a message before its first attempt; says whether it may go.
pub(super) async fn admit(app: &App, line: &OutboxRow, contact: &MessageAddress) -> Result<bool, ServiceError> {
    let limit = i64::from(app.config.messages_per_recipient_per_day);
    // A line that is tried again was counted already.
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

/// Forgets how much somebody got on days that are over.
pub async fn forget_days(app: &App) -> Result<usize, ServiceError> {
    let before = contacts::day_of(app.now()) - 1;
    app.db.write(move |connection| Ok::<_, ServiceError>(contacts::forget_days(connection, before)?)).await
}
