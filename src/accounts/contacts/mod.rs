//! Contacts (phone, e-mail) of accounts: claimed first, confirmed with a code, and only then used for sign-in,
//! password reset and messages.
//!
//! Takes a claimed phone or e-mail and sends a code; takes the code and stores the contact in the account. Rules: a
//! claim blocks nobody else, the first account to confirm a contact owns it; a replaced contact is notified; codes
//! are rate-limited per account and per address.

mod codes;
mod confirm;
mod notices;

pub(crate) use codes::{CODE_MINUTES, code_of};
pub use confirm::{accept_verified, confirm_contact, send_contact_code};
pub(super) use notices::forget_old;
pub(crate) use notices::{contact_of, notify, notify_replaced_contact};

use crate::accounts::store::{officer_confirmations, profiles, unverified_contacts};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::oidc;
use crate::integrations::zalo::store::people;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, ContactKind, UnverifiedContact};
use crate::kernel::client_address::ClientAddress;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AccountId;

/// Stores the contacts of a registration as claims and sends codes where possible.
pub(super) fn register(
    app: &App,
    connection: &mut DbConnection,
    account: AccountId,
    contacts: &[(ContactKind, Option<&str>)],
    source: &ClientAddress,
    now: Instant,
) -> Result<(), ServiceError> {
    for (kind, value) in contacts {
        let Some(value) = value else { continue };
        refuse_proven_by_other(connection, account, *kind, value)?;
        let claim = UnverifiedContact { kind: *kind, value: (*value).to_owned(), opens_account: true };
        let id = unverified_contacts::put(connection, account, &claim, now)?;
        // The account is created even if sending fails: the code can be requested again.
        codes::send(app, connection, (account, id), &claim, source, now)?;
    }
    Ok(())
}

/// Stores a claim of the account holder for a new contact and sends a code.
///
/// # Errors
/// `taken` when another account has confirmed it; [`ServiceError::RetryAfter`] after too many codes.
pub(crate) fn claim(
    app: &App,
    connection: &mut DbConnection,
    account: &Account,
    (kind, value): (ContactKind, &str),
    source: &ClientAddress,
    now: Instant,
) -> Result<(), ServiceError> {
    refuse_proven_by_other(connection, account.id, kind, value)?;
    let claim = UnverifiedContact { kind, value: value.to_owned(), opens_account: false };
    let id = unverified_contacts::put(connection, account.id, &claim, now)?;
    match codes::send(app, connection, (account.id, id), &claim, source, now)? {
        codes::CodeOutcome::Wait(seconds) => Err(codes::wait(seconds)),
        codes::CodeOutcome::Sent | codes::CodeOutcome::NoChannel => Ok(()),
    }
}

/// Refuses a contact that another account has confirmed.
pub(super) fn refuse_proven_by_other(
    connection: &mut DbConnection,
    account: AccountId,
    kind: ContactKind,
    value: &str,
) -> Result<(), ServiceError> {
    let owner = profiles::owner_of(connection, kind, value)?;
    if owner.is_some_and(|owner| owner != account) {
        return Err(ServiceError::invalid(kind.as_str(), FieldRule::Taken));
    }
    Ok(())
}

/// Returns whether the account has confirmed its stored contact. Stored contacts are always confirmed, except an
/// e-mail set by an administrator.
pub(crate) fn is_proven(
    connection: &mut DbConnection,
    account: AccountId,
    kind: ContactKind,
    value: &str,
) -> Result<bool, ServiceError> {
    if profiles::find(connection, account)?.proven(kind) != Some(value) {
        return Ok(false);
    }
    Ok(kind != ContactKind::Email || officer_confirmations::find(connection, account)?.email_set_at.is_none())
}

/// Returns whether the account is more than a self-registered guest: it has a confirmed contact, a linked Zalo
/// conversation or identity provider, or was created by an administrator.
pub(crate) fn is_verified(connection: &mut DbConnection, account: &Account) -> Result<bool, ServiceError> {
    let has_contact = [ContactKind::Phone, ContactKind::Email].into_iter().any(|kind| account.proven(kind).is_some());
    if account.kind == AccountKind::Officer || has_contact {
        return Ok(true);
    }
    Ok(people::by_account(connection, account.id)?.is_some() || oidc::has_identity(connection, account.id)?)
}
