//! Use cases of account holders on their own account: view, update, change the password. Called by the handlers of
//! `/me`.
//!
//! Rules: an officer's name and agency are changed by administrators only; a petitioner must keep a phone or an
//! e-mail; changing a contact requires reauthentication, and the new contact counts once it is confirmed; a new
//! password ends every other session.

use super::audit_events;
use super::authenticate::OwnAccount;
use super::contacts;
use super::fields;
use super::new_password::{self, NewPassword};
use super::profile::{Profile, profile_of};
use super::reauthentication::{Reauthentication, reauthenticate, require_recent_sign_in};
use super::second_factor;
use crate::accounts::rules::password::Password;
use crate::accounts::store::profiles::{self, AccountChanges};
use crate::accounts::store::{officer_confirmations, password_resets, sessions, unverified_contacts};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::oidc;
use crate::integrations::zalo::store::people;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountChange, AccountKind, ContactKind};
use crate::kernel::client_address::{ClientAddress, ClientInfo};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::AccountId;

/// Changes to one's own account; `None` leaves a field unchanged, an empty text clears it.
#[derive(Clone, Default)]
pub struct AccountUpdate {
    pub full_name: Option<String>,
    /// Phone in any Vietnamese spelling.
    pub phone: Option<String>,
    pub email: Option<String>,
    /// Số định danh cá nhân (personal identification number).
    pub personal_id: Option<String>,
    pub company_name: Option<String>,
    pub tax_code: Option<String>,
}

/// Returns the account.
pub async fn me(app: &App, id: AccountId) -> Result<Profile, ServiceError> {
    let owned = app.clone();
    app.db
        .read(move |connection| {
            let account = profiles::find(connection, id)?;
            profile_of(&owned, connection, account)
        })
        .await
}

/// The change per kind of contact: none, removal, or a new contact to confirm.
type ContactChanges = [(ContactKind, Option<Option<String>>); 2];

/// Changes the account; if a version is given, only while the account still has that version. A new phone or e-mail
/// is stored as a claim, and a code is sent to it.
///
/// # Errors
/// [`ServiceError::Invalid`] with every invalid field, [`ErrorCode::StaleVersion`]; for contacts those of
/// `reauthenticate`, and [`ErrorCode::TooManyAttempts`] after too many codes.
pub async fn change_me(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    (version, changes): (Option<i32>, AccountUpdate),
    proof: Reauthentication<'_>,
) -> Result<Profile, ServiceError> {
    let (id, asked) = (own.actor.account_id, changes.clone());
    // Validated before reauthentication, so that a typing error is reported first.
    let needs_proof = app.db.read(move |connection| {
        let (_, contacts) = looked_at(connection, id, (version, &asked))?;
        Ok::<_, ServiceError>(contacts.iter().any(|(_, change)| change.is_some()))
    });
    if needs_proof.await? {
        reauthenticate(app, own, visitor, proof).await?;
    }
    let (owned, by, source, now) = (app.clone(), AuditActor::visitor(), visitor.source.clone(), app.now());
    app.db
        .write(move |connection| {
            let account = profiles::find(connection, id)?;
            let (columns, contacts) = looked_at(connection, id, (version, &changes))?;
            let something = columns != AccountChanges::default() || contacts.iter().any(|(_, change)| change.is_some());
            if something && !profiles::change(connection, id, account.version, &columns, None)? {
                return Err(ErrorCode::StaleVersion.into());
            }
            change_contacts(&owned, connection, &account, &contacts, &source, now)?;
            let changed = profiles::find(connection, id)?;
            if account.kind == AccountKind::Officer && changed.version != account.version {
                let claimed: Vec<ContactKind> = contacts.iter().filter(|(_, to)| to.is_some()).map(|(kind, _)| *kind).collect();
                let event = audit_events::changed("change_me", &account, &changed).with_json("contacts", &claimed);
                audit::write(connection, &by.known_as(&account), now, &event)?;
            }
            profile_of(&owned, connection, changed)
        })
        .await
        .map_err(fields::taken)
}

/// Validates a change against the current account.
fn looked_at(
    connection: &mut DbConnection,
    id: AccountId,
    (version, changes): (Option<i32>, &AccountUpdate),
) -> Result<(AccountChanges, ContactChanges), ServiceError> {
    let account = profiles::find(connection, id)?;
    if version.is_some_and(|version| version != account.version) {
        return Err(ErrorCode::StaleVersion.into());
    }
    // Accounts that sign in by Zalo are reachable there, and accounts from an identity provider need no contact.
    let is_on_zalo = people::by_account(connection, id)?.is_some() || oidc::has_identity(connection, id)?;
    let (mut columns, phone, email) = checked(&account, changes, is_on_zalo)?;
    let email_was_set = officer_confirmations::find(connection, id)?.email_set_at.is_some();
    let mut change = |kind: ContactKind, wanted: Option<Option<String>>| -> Result<_, ServiceError> {
        let same = |value: &str| account.proven(kind) == Some(value) && !(kind == ContactKind::Email && email_was_set);
        let change = match wanted {
            None => None,
            Some(None) => Some(None).filter(|_: &Option<String>| account.contact(kind).is_some()),
            Some(Some(value)) if same(&value) => None,
            Some(Some(value)) => {
                contacts::refuse_proven_by_other(connection, id, kind, &value)?;
                Some(Some(value))
            }
        };
        Ok((kind, change))
    };
    let contacts = [change(ContactKind::Phone, phone)?, change(ContactKind::Email, email)?];
    for (kind, change) in &contacts {
        if *change == Some(None) && account.proven(*kind).is_some() {
            match kind {
                ContactKind::Phone => columns.phone = Some(None),
                ContactKind::Email => columns.email = Some(None),
            }
        }
    }
    Ok((columns, contacts))
}

fn change_contacts(
    app: &App,
    connection: &mut DbConnection,
    account: &Account,
    changes: &ContactChanges,
    source: &ClientAddress,
    now: Instant,
) -> Result<(), ServiceError> {
    for (kind, change) in changes {
        match change {
            None => {}
            Some(None) => {
                unverified_contacts::drop_own(connection, account.id, *kind)?;
                if account.proven(*kind).is_some() {
                    password_resets::end_all(connection, account.id, now)?;
                    contacts::notify_replaced_contact(app, connection, account, *kind, now)?;
                }
            }
            Some(Some(value)) => contacts::claim(app, connection, account, (*kind, value), source, now)?,
        }
    }
    Ok(())
}

/// The changed columns, and the requested phone and e-mail.
type CheckedAccountUpdate = (AccountChanges, Option<Option<String>>, Option<Option<String>>);

fn checked(account: &Account, changes: &AccountUpdate, is_on_zalo: bool) -> Result<CheckedAccountUpdate, ServiceError> {
    let mut problems = FieldProblems::default();
    let forbidden: &[(&str, &Option<String>)] = match account.kind {
        AccountKind::Officer => &[
            ("full_name", &changes.full_name),
            ("personal_id", &changes.personal_id),
            ("company_name", &changes.company_name),
            ("tax_code", &changes.tax_code),
        ],
        AccountKind::Citizen => &[("company_name", &changes.company_name), ("tax_code", &changes.tax_code)],
        AccountKind::Business => &[],
    };
    for (field, _) in forbidden.iter().filter(|(_, text)| text.is_some()) {
        problems.add(*field, FieldRule::NotAllowed);
    }
    let mut kept = |field: &str, text: &Option<String>, check: fn(&str) -> Result<String, FieldRule>| {
        text.as_deref().and_then(|text| fields::required(&mut problems, field, Some(text), check))
    };
    let full_name = kept("full_name", &changes.full_name, fields::full_name);
    let company_name = kept("company_name", &changes.company_name, fields::company_name);
    let tax_code = kept("tax_code", &changes.tax_code, fields::tax_code);
    let mut emptied = |field: &str, text: &Option<String>, check: fn(&str) -> Result<String, FieldRule>| {
        text.as_deref().map(|text| fields::optional(&mut problems, field, Some(text), check))
    };
    let phone = emptied("phone", &changes.phone, fields::phone);
    let email = emptied("email", &changes.email, fields::email);
    let personal_id = emptied("personal_id", &changes.personal_id, fields::personal_id);
    let has = |change: &Option<Option<String>>, kind: ContactKind| match change {
        Some(change) => change.is_some(),
        None => account.contact(kind).is_some(),
    };
    let reachable = is_on_zalo || has(&phone, ContactKind::Phone) || has(&email, ContactKind::Email);
    if problems.is_empty() && !reachable && account.kind != AccountKind::Officer {
        problems.add("phone", FieldRule::Required);
    }
    problems.finish()?;
    let columns = AccountChanges {
        full_name,
        personal_id,
        company_name: company_name.map(Some),
        tax_code: tax_code.map(Some),
        ..AccountChanges::default()
    };
    Ok((columns, phone, email))
}

/// Changes the password and ends every other session of the account.
///
/// # Errors
/// [`ErrorCode::WrongPassword`] when `current` is not the password; [`ErrorCode::TooManyAttempts`] during a wait;
/// [`ServiceError::Invalid`] for a new password that is too short, too easy or an earlier one.
pub async fn change_password(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    (current, new): (&str, &str),
) -> Result<(), ServiceError> {
    let id = own.actor.account_id;
    let (account, password) = app
        .db
        .read(move |connection| Ok::<_, ServiceError>((profiles::find(connection, id)?, profiles::password_of(connection, id)?)))
        .await?;
    if password.is_set() {
        if current.is_empty() {
            return Err(ServiceError::invalid("current_password", FieldRule::Required));
        }
        if Password::attempt(current) == Password::attempt(new) {
            return Err(ServiceError::invalid("new_password", FieldRule::Unchanged));
        }
        second_factor::prove_password(app, own, visitor, current).await?;
    } else {
        // A first password, for an account created by an identity provider.
        require_recent_sign_in(app, own).await?;
    }
    let fresh = new_password::checked(app, &NewPassword { field: "new_password", text: new, account: &account }).await?;
    let (owned, keep, now) = (app.clone(), own.session, app.now());
    audit::transaction(app, &AuditActor::account(&own.actor), move |connection| {
        new_password::store(connection, &account, &fresh, false, now)?;
        password_resets::end_all(connection, id, now)?;
        contacts::notify(&owned, connection, id, AccountChange::Password, now)?;
        sessions::end_all(connection, id, Some(keep), now)?;
        Ok(((), audit_events::own(&account, "change_password")))
    })
    .await
}
