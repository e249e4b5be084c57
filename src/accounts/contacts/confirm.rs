//! Confirmation of a contact: with the code that was sent to it, or by an identity provider that vouches for it.

use super::codes::{self, CodeOutcome, MOST_TRIES};
use super::notices;
use super::refuse_proven_by_other;
use crate::accounts::authenticate::OwnAccount;
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::store::profiles::{self, AccountChanges};
use crate::accounts::store::unverified_contacts::{self, UnverifiedContactRow};
use crate::accounts::store::{messages, officer_confirmations, password_resets};
use crate::accounts::{audit_events, fields};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, ContactKind, UnverifiedContact};
use crate::kernel::client_address::ClientAddress;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;

/// Sends another code for a contact that is not confirmed yet.
///
/// # Errors
/// [`ErrorCode::NoContactToProve`], [`ErrorCode::ContactUnreachable`] when no channel to this kind of contact is
/// configured, [`ErrorCode::TooManyAttempts`].
pub async fn send_contact_code(
    app: &App,
    own: &OwnAccount,
    source: &ClientAddress,
    kind: ContactKind,
) -> Result<Profile, ServiceError> {
    let (owned, source, id, now) = (app.clone(), source.clone(), own.actor.account_id, app.now());
    app.db
        .write(move |connection| {
            let (claim_id, claim) = to_prove(connection, id, kind, now)?;
            match codes::send(&owned, connection, (id, claim_id), &claim, &source, now)? {
                CodeOutcome::Sent => {}
                CodeOutcome::NoChannel => return Err(ErrorCode::ContactUnreachable.into()),
                CodeOutcome::Wait(seconds) => return Err(codes::wait(seconds)),
            }
            let account = profiles::find(connection, id)?;
            profile_of(&owned, connection, account)
        })
        .await
}

/// Selects what to confirm for a kind of contact: a replacement before the contact of the registration, and an
/// e-mail set by an administrator.
fn to_prove(
    connection: &mut DbConnection,
    account: AccountId,
    kind: ContactKind,
    now: Instant,
) -> Result<(crate::kernel::ids::UnverifiedContactId, UnverifiedContact), ServiceError> {
    let of_kind: Vec<UnverifiedContactRow> =
        unverified_contacts::of_account(connection, account)?.into_iter().filter(|row| row.kind == kind).collect();
    let wanted = of_kind.iter().find(|row| !row.opens_account).or_else(|| of_kind.first());
    if let Some(row) = wanted {
        return Ok((row.id, UnverifiedContact { kind, value: row.value.clone(), opens_account: row.opens_account }));
    }
    let was_set = kind == ContactKind::Email && officer_confirmations::find(connection, account)?.email_set_at.is_some();
    let email = profiles::find(connection, account)?.email.filter(|_| was_set).ok_or(ErrorCode::NoContactToProve)?;
    let claim = UnverifiedContact { kind, value: email, opens_account: false };
    Ok((unverified_contacts::put(connection, account, &claim, now)?, claim))
}

/// Checks a code: on success the contact belongs to this account, and claims of other accounts are dropped.
///
/// # Errors
/// [`ErrorCode::ContactCodeWrong`] for a code that is wrong, used, expired or tried too often; `taken` when another
/// account has confirmed the contact meanwhile.
pub async fn confirm_contact(app: &App, own: &OwnAccount, code: &str) -> Result<Profile, ServiceError> {
    let (owned, id, now, by) = (app.clone(), own.actor.account_id, app.now(), AuditActor::account(&own.actor));
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let proven = app.db.write(move |connection| {
        let account = profiles::find(connection, id)?;
        // Must be committed even for a wrong code, so a wrong code is not an error of the closure.
        unverified_contacts::note_try(connection, id)?;
        let Some(claim) = fitting(&owned, connection, id, &code, now)? else { return Ok(None) };
        take(&owned, connection, &account, &claim, now)?;
        let changed = profiles::find(connection, id)?;
        if account.kind == AccountKind::Officer {
            audit::write(connection, &by, now, &audit_events::changed("confirm_contact", &account, &changed))?;
        }
        Ok::<_, ServiceError>(Some(profile_of(&owned, connection, changed)?))
    });
    proven.await.map_err(fields::taken)?.ok_or_else(|| ErrorCode::ContactCodeWrong.into())
}

fn fitting(
    app: &App,
    connection: &mut DbConnection,
    account: AccountId,
    code: &str,
    now: Instant,
) -> Result<Option<UnverifiedContact>, ServiceError> {
    for row in unverified_contacts::of_account(connection, account)? {
        let Some(message) = row.message_id.filter(|_| row.tries <= MOST_TRIES) else { continue };
        let Some(message) = messages::find(connection, message)? else { continue };
        if codes::fits(app, &message, code, now) {
            return Ok(Some(UnverifiedContact { kind: row.kind, value: row.value, opens_account: row.opens_account }));
        }
    }
    Ok(None)
}

/// Stores a confirmed contact in its account.
fn take(
    app: &App,
    connection: &mut DbConnection,
    account: &Account,
    claim: &UnverifiedContact,
    now: Instant,
) -> Result<(), ServiceError> {
    refuse_proven_by_other(connection, account.id, claim.kind, &claim.value)?;
    let value = Some(Some(claim.value.clone()));
    let changes = match claim.kind {
        ContactKind::Phone => AccountChanges { phone: value, ..AccountChanges::default() },
        ContactKind::Email => AccountChanges { email: value, ..AccountChanges::default() },
    };
    if !profiles::change(connection, account.id, account.version, &changes, None)? {
        return Err(StorageError::Contention.into());
    }
    // A reset link sent to the previous contact may no longer be in the owner's hands.
    password_resets::end_all(connection, account.id, now)?;
    unverified_contacts::drop_of_value(connection, claim.kind, &claim.value)?;
    if !claim.opens_account {
        unverified_contacts::drop_own(connection, account.id, claim.kind)?;
    }
    if claim.kind == ContactKind::Email {
        let check = officer_confirmations::find(connection, account.id)?;
        if check.email_set_at.is_some() {
            officer_confirmations::put(
                connection,
                &officer_confirmations::OfficerConfirmationRow { email_set_at: None, ..check },
            )?;
        }
    }
    if account.proven(claim.kind).is_some_and(|old| old != claim.value) {
        notices::notify_replaced_contact(app, connection, account, claim.kind, now)?;
    }
    Ok(())
}

/// Stores a contact that an identity provider has verified.
///
/// # Errors
/// `taken` when another account has confirmed it.
pub async fn accept_verified(app: &App, id: AccountId, kind: ContactKind, value: &str) -> Result<Profile, ServiceError> {
    let (owned, now) = (app.clone(), app.now());
    let claim = UnverifiedContact { kind, value: value.to_owned(), opens_account: false };
    let taken = app.db.write(move |connection| {
        let account = profiles::find(connection, id)?;
        if account.proven(claim.kind) != Some(&claim.value) {
            take(&owned, connection, &account, &claim, now)?;
        }
        let changed = profiles::find(connection, id)?;
        profile_of(&owned, connection, changed)
    });
    taken.await.map_err(fields::taken)
}
