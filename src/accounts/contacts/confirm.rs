//! Proving a contact: by the code that was sent to it, or by a provider that vouches for it.

use super::codes::{self, MOST_TRIES, Sent};
use super::notices;
use super::refuse_proven_by_other;
use crate::accounts::authenticate::OwnAccount;
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::store::claims::{self, ClaimRow};
use crate::accounts::store::profiles::{self, AccountChanges};
use crate::accounts::store::{checks, messages, resets};
use crate::accounts::{audited, fields};
use crate::app::App;
use crate::audit::{self, By};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, Claim, ContactKind};
use crate::kernel::ids::AccountId;
use crate::kernel::refusal::Refusal;
use crate::kernel::source::Source;

/// Sends the code of a contact that is not proven once more.
///
/// # Errors
/// [`Refusal::NoContactToProve`], [`Refusal::ContactUnreachable`] where no way to such a contact is set up, [`Refusal::TooManyAttempts`].
pub async fn send_contact_code(app: &App, own: &OwnAccount, source: &Source, kind: ContactKind) -> Result<Profile, ServiceError> {
    let (owned, source, id, now) = (app.clone(), source.clone(), own.actor.account_id, app.now());
    app.db
        .write(move |connection| {
            let (claim_id, claim) = to_prove(connection, id, kind, now)?;
            match codes::send(&owned, connection, (id, claim_id), &claim, &source, now)? {
                Sent::Yes => {}
                Sent::NoChannel => return Err(Refusal::ContactUnreachable.into()),
                Sent::Wait(seconds) => return Err(codes::wait(seconds)),
            }
            let account = profiles::find(connection, id)?;
            profile_of(&owned, connection, account)
        })
        .await
}

/// What is to be proven of a kind: a contact that is to replace another one before that of the registration, and an e-mail that the
/// administration has set.
fn to_prove(
    connection: &mut DbConnection,
    account: AccountId,
    kind: ContactKind,
    now: Instant,
) -> Result<(crate::kernel::ids::ClaimId, Claim), ServiceError> {
    let of_kind: Vec<ClaimRow> = claims::of_account(connection, account)?.into_iter().filter(|row| row.kind == kind).collect();
    let wanted = of_kind.iter().find(|row| !row.opens_account).or_else(|| of_kind.first());
    if let Some(row) = wanted {
        return Ok((row.id, Claim { kind, value: row.value.clone(), opens_account: row.opens_account }));
    }
    let was_set = kind == ContactKind::Email && checks::find(connection, account)?.email_set_at.is_some();
    let email = profiles::find(connection, account)?.email.filter(|_| was_set).ok_or(Refusal::NoContactToProve)?;
    let claim = Claim { kind, value: email, opens_account: false };
    Ok((claims::put(connection, account, &claim, now)?, claim))
}

/// Takes a code: the contact that it was sent to is the account's from now on, and nobody else's.
///
/// # Errors
/// [`Refusal::ContactCodeWrong`] for a code that is wrong, used, too old or tried too often; `taken` when another account has proven the
/// contact meanwhile.
pub async fn confirm_contact(app: &App, own: &OwnAccount, code: &str) -> Result<Profile, ServiceError> {
    let (owned, id, now, by) = (app.clone(), own.actor.account_id, app.now(), By::account(&own.actor));
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let proven = app.db.write(move |connection| {
        let account = profiles::find(connection, id)?;
        // Counted in any case: a wrong code is no error of the closure.
        claims::note_try(connection, id)?;
        let Some(claim) = fitting(&owned, connection, id, &code, now)? else { return Ok(None) };
        take(&owned, connection, &account, &claim, now)?;
        let changed = profiles::find(connection, id)?;
        if account.kind == AccountKind::Officer {
            audit::write(connection, &by, now, &audited::changed("confirm_contact", &account, &changed))?;
        }
        Ok::<_, ServiceError>(Some(profile_of(&owned, connection, changed)?))
    });
    proven.await.map_err(fields::taken)?.ok_or_else(|| Refusal::ContactCodeWrong.into())
}

fn fitting(
    app: &App,
    connection: &mut DbConnection,
    account: AccountId,
    code: &str,
    now: Instant,
) -> Result<Option<Claim>, ServiceError> {
    for row in claims::of_account(connection, account)? {
        let Some(message) = row.message_id.filter(|_| row.tries <= MOST_TRIES) else { continue };
        let Some(message) = messages::find(connection, message)? else { continue };
        if codes::fits(app, &message, code, now) {
            return Ok(Some(Claim { kind: row.kind, value: row.value, opens_account: row.opens_account }));
        }
    }
    Ok(None)
}

/// Puts a proven contact on its account.
fn take(app: &App, connection: &mut DbConnection, account: &Account, claim: &Claim, now: Instant) -> Result<(), ServiceError> {
    refuse_proven_by_other(connection, account.id, claim.kind, &claim.value)?;
    let value = Some(Some(claim.value.clone()));
    let changes = match claim.kind {
        ContactKind::Phone => AccountChanges { phone: value, ..AccountChanges::default() },
        ContactKind::Email => AccountChanges { email: value, ..AccountChanges::default() },
    };
    if !profiles::change(connection, account.id, account.version, &changes, None)? {
        return Err(StorageError::Contention.into());
    }
    // A link that went to the contact before is not the owner's any more.
    resets::end_all(connection, account.id, now)?;
    claims::drop_of_value(connection, claim.kind, &claim.value)?;
    if !claim.opens_account {
        claims::drop_own(connection, account.id, claim.kind)?;
    }
    if claim.kind == ContactKind::Email {
        let check = checks::find(connection, account.id)?;
        if check.email_set_at.is_some() {
            checks::put(connection, &checks::CheckRow { email_set_at: None, ..check })?;
        }
    }
    if account.proven(claim.kind).is_some_and(|old| old != claim.value) {
        notices::tell_replaced(app, connection, account, claim.kind, now)?;
    }
    Ok(())
}

/// Takes a contact that a provider has proven to be the person's.
///
/// # Errors
/// `taken` when another account has proven it.
pub async fn take_vouched(app: &App, id: AccountId, kind: ContactKind, value: &str) -> Result<Profile, ServiceError> {
    let (owned, now) = (app.clone(), app.now());
    let claim = Claim { kind, value: value.to_owned(), opens_account: false };
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
