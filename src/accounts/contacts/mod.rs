//! The contacts of accounts: said, proven by a code, and only then used for signing in, for new passwords and for messages.
//!
//! Enters a phone or an e-mail that somebody says is theirs, leaves a claim and a code on its way; enters the code, leaves the contact on the
//! account. Rules kept here: a claim keeps nobody from anything, and whoever proves a contact has it; a contact that was replaced is told;
//! codes are few of one account, and not many to one address.

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

/// Notes contacts with which somebody registers, and sends codes as far as that is possible.
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
        // The account is made all the same: a code can be asked for again.
        codes::send(app, connection, (account, id), &claim, source, now)?;
    }
    Ok(())
}

/// Notes that the holder of an account wants another contact, and sends a code.
///
/// # Errors
/// `taken` when another account has proven it; [`ServiceError::RetryAfter`] after too many codes.
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

/// Refuses a contact that another account has proven.
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

/// Whether somebody has shown that a contact is the account's: what stands there has been proven, but for an e-mail that the administration
/// has set.
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

/// Whether the holder of an account is more than a guest who has thought of a name: by a proven contact, by the conversation on Zalo or the
/// provider of identities through which it is entered, or by the administration that has made it.
pub(crate) fn is_verified(connection: &mut DbConnection, account: &Account) -> Result<bool, ServiceError> {
    let has_contact = [ContactKind::Phone, ContactKind::Email].into_iter().any(|kind| account.proven(kind).is_some());
    if account.kind == AccountKind::Officer || has_contact {
        return Ok(true);
    }
    Ok(people::by_account(connection, account.id)?.is_some() || oidc::has_identity(connection, account.id)?)
}
