//! Six-digit confirmation codes: derived from the message that carries them, never stored, valid for ten minutes
//! and five attempts.
//!
//! Rule: codes are rate-limited per account, per mailbox or phone (in any spelling), and per requesting source.

use crate::accounts::message_quota;
use crate::accounts::store::messages::{self, AccountMessageRow};
use crate::accounts::store::unverified_contacts;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::messages::Template;
use crate::delivery::outbox;
use crate::delivery::rules::OutboxChannel;
use crate::delivery::store::outbox as lines;
use crate::kernel::Instant;
use crate::kernel::account::{AccountMessageKind, ContactKind, UnverifiedContact};
use crate::kernel::client_address::ClientAddress;
use crate::kernel::email::mailbox;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AccountId, AccountMessageId, UnverifiedContactId};
use chrono::Duration;

/// Domain separators of the keyed hashes.
const CODE: &str = "contact code";
const MARK: &str = "contact mark";
const CONTACT: &str = "contact of a message";

/// Validity of a code in minutes.
pub(crate) const CODE_MINUTES: i64 = 10;
/// Maximum attempts per code.
pub(super) const MOST_TRIES: i32 = 5;
/// How many codes may be sent within a period.
struct CodeQuota {
    /// Per account.
    of_account: i64,
    /// Per contact, for accounts that received a code before.
    again: i64,
    /// Per contact, for accounts without an earlier code.
    first: i64,
    within: Duration,
}

/// One contact may receive more codes than one account may cause, and the last of them are reserved for accounts
/// without an earlier code: otherwise strangers who claim the contact could keep its owner from confirming it.
const BUDGETS: [CodeQuota; 2] = [
    CodeQuota { of_account: 5, again: 10, first: 20, within: Duration::hours(1) },
    CodeQuota { of_account: 10, again: 20, first: 40, within: Duration::days(1) },
];

/// Outcome of sending a code.
pub(super) enum CodeOutcome {
    Sent,
    /// No channel to this kind of contact is configured.
    NoChannel,
    /// Rate limit reached; seconds until the next code.
    Wait(u32),
}

/// The error for a code over the rate limit.
pub(super) fn wait(seconds: u32) -> ServiceError {
    ServiceError::RetryAfter(ErrorCode::TooManyAttempts, seconds)
}

/// Returns the preferred channel for account messages to this kind of contact; `None` if none is configured.
pub(super) fn channel_to(app: &App, kind: ContactKind, template: Template) -> Option<OutboxChannel> {
    match kind {
        ContactKind::Email => app.channels.email.as_ref().map(|_| OutboxChannel::Email),
        ContactKind::Phone => {
            let has_notice =
                app.channels.zalo.as_ref().is_some_and(|zalo| zalo.settings.templates.contains_key(template.as_str()));
            let text = app.channels.sms.as_ref().map(|_| OutboxChannel::Sms);
            if has_notice { Some(OutboxChannel::Zns) } else { text }
        }
    }
}

/// Normalizes a contact for counting, because one mailbox has many spellings.
fn counted(kind: ContactKind, contact: &str) -> String {
    match kind {
        ContactKind::Email => mailbox(contact),
        ContactKind::Phone => contact.to_owned(),
    }
}

/// Stores a message to a contact together with its outbox row.
pub(super) fn write_to(
    app: &App,
    connection: &mut DbConnection,
    account: AccountId,
    (kind, subject): (AccountMessageKind, &str),
    (contact_kind, contact, channel): (ContactKind, &str, OutboxChannel),
    now: Instant,
) -> Result<AccountMessageId, ServiceError> {
    let sealed = app.seal.close(CONTACT, contact).ok_or(ServiceError::Internal("a contact could not be sealed"))?;
    let row = AccountMessageRow {
        id: AccountMessageId(0),
        account_id: account,
        kind,
        subject: subject.to_owned(),
        contact_kind: Some(contact_kind),
        contact: Some(sealed),
        contact_mark: Some(app.seal.of(MARK, &counted(contact_kind, contact))),
        created_at: now,
    };
    let id = messages::insert(connection, &row)?;
    lines::insert(connection, &outbox::for_account_message(id, channel, now))?;
    Ok(id)
}

/// Decrypts the contact of a message; `None` once it has been deleted.
pub(super) fn opened(app: &App, row: &AccountMessageRow) -> Option<String> {
    row.contact.as_deref().and_then(|sealed| app.seal.open(CONTACT, sealed))
}

/// Sends a code for a claimed contact on request from this source; it replaces an earlier code.
pub(super) fn send(
    app: &App,
    connection: &mut DbConnection,
    (account, id): (AccountId, UnverifiedContactId),
    claim: &UnverifiedContact,
    source: &ClientAddress,
    now: Instant,
) -> Result<CodeOutcome, ServiceError> {
    let kind = AccountMessageKind::ContactCode;
    let Some(channel) = channel_to(app, claim.kind, Template::ContactCode) else { return Ok(CodeOutcome::NoChannel) };
    for CodeQuota { of_account, again, first, within } in BUDGETS {
        let (since, marks) = (now.plus(-within), app.seal.all(MARK, &counted(claim.kind, &claim.value)).collect());
        let own = messages::count_of(connection, kind, account, since)?;
        let to_contact = if own == 0 { first } else { again };
        if own >= of_account || messages::count_to(connection, kind, marks, since)? >= to_contact {
            return Ok(CodeOutcome::Wait(u32::try_from(within.num_seconds()).unwrap_or(u32::MAX)));
        }
    }
    if let Some(seconds) = message_quota::retry_after_of_source(app, connection, source)? {
        return Ok(CodeOutcome::Wait(seconds));
    }
    let to = (claim.kind, claim.value.as_str(), channel);
    let message = write_to(app, connection, account, (kind, claim.kind.as_str()), to, now)?;
    unverified_contacts::note_code(connection, id, message)?;
    Ok(CodeOutcome::Sent)
}

fn words(row: &AccountMessageRow) -> String {
    format!("{} {} {}", row.id, row.account_id, row.created_at.utc().timestamp_micros())
}

fn digits(seal: &str) -> String {
    let number = seal.get(..15).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or_default();
    format!("{:06}", number % 1_000_000)
}

/// Returns the code of a message while it is valid.
pub(crate) fn code_of(app: &App, row: &AccountMessageRow) -> Option<String> {
    is_good(row, app.now()).then(|| digits(&app.seal.of(CODE, &words(row))))
}

fn is_good(row: &AccountMessageRow, now: Instant) -> bool {
    row.kind == AccountMessageKind::ContactCode && now < row.created_at.plus(Duration::minutes(CODE_MINUTES))
}

/// Returns whether a code matches the message and is still valid.
pub(super) fn fits(app: &App, row: &AccountMessageRow, code: &str, now: Instant) -> bool {
    is_good(row, now) && app.seal.all(CODE, &words(row)).any(|seal| digits(&seal) == code)
}
