//! What people do with their own account: look at it, keep it up to date, change the password.
//!
//! Called by the handlers of `/me`. Rules kept here: an officer's name and place are the administration's to change; a
//! petitioner keeps a phone or an e-mail; a new password ends every session but the one it was changed in.

use super::authenticate::OwnAccount;
use super::new_password::{self, NewPassword};
use super::oidc;
use super::profile::{Profile, profile_of};
use super::{audited, fields, second_factor};
use crate::app::App;
use crate::domain::account::{Account, AccountKind};
use crate::domain::field_problem::{FieldProblems, FieldRule};
use crate::domain::ids::AccountId;
use crate::domain::password::Password;
use crate::domain::refusal::Refusal;
use crate::domain::source::Visitor;
use crate::services::audit::{self, By};
use crate::services::error::ServiceError;
use crate::storage::accounts::profiles::AccountChanges;
use crate::storage::accounts::{profiles, resets, sessions};
use crate::storage::zalo::people;

/// What somebody changes of the own account; `None` leaves a field as it is, an empty text empties it.
#[derive(Clone, Default)]
pub struct OwnChanges {
    /// Name.
    pub full_name: Option<String>,
    /// Phone in any Vietnamese spelling.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Số định danh cá nhân.
    pub personal_id: Option<String>,
    /// Name of the business.
    pub company_name: Option<String>,
    /// Tax code of the business.
    pub tax_code: Option<String>,
}

/// The account itself.
///
/// # Errors
/// Those of the database.
pub async fn me(app: &App, id: AccountId) -> Result<Profile, ServiceError> {
    let owned = app.clone();
    app.db
        .read(move |connection| {
            let account = profiles::find(connection, id)?;
            profile_of(&owned, connection, account)
        })
        .await
}

/// Changes the account; with a version only while it still has that one.
///
/// # Errors
/// [`ServiceError::Invalid`] with every broken field, [`Refusal::StaleVersion`].
pub async fn change_me(app: &App, id: AccountId, version: Option<i32>, changes: OwnChanges) -> Result<Profile, ServiceError> {
    let (owned, by, now) = (app.clone(), By::visitor(), app.now());
    app.db
        .write(move |connection| {
            let account = profiles::find(connection, id)?;
            if version.is_some_and(|version| version != account.version) {
                return Err(Refusal::StaleVersion.into());
            }
            // Zalo reaches whoever signs in by it, and whoever came by a provider need not have a contact.
            let is_on_zalo = people::by_account(connection, id)?.is_some() || oidc::has_identity(connection, id)?;
            let checked = checked(&account, &changes, is_on_zalo)?;
            if checked != AccountChanges::default() && !profiles::change(connection, id, account.version, &checked, None)? {
                return Err(Refusal::StaleVersion.into());
            }
            let changed = profiles::find(connection, id)?;
            if account.kind == AccountKind::Officer && changed.version != account.version {
                audit::write(connection, &by.known_as(&account), now, &audited::changed("change_me", &account, &changed))?;
            }
            profile_of(&owned, connection, changed)
        })
        .await
        .map_err(fields::taken)
}

fn checked(account: &Account, changes: &OwnChanges, is_on_zalo: bool) -> Result<AccountChanges, ServiceError> {
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
    let has = |change: &Option<Option<String>>, now: &Option<String>| change.as_ref().unwrap_or(now).is_some();
    let reachable = is_on_zalo || has(&phone, &account.phone) || has(&email, &account.email);
    if problems.is_empty() && !reachable && account.kind != AccountKind::Officer {
        problems.add("phone", FieldRule::Required);
    }
    problems.finish()?;
    Ok(AccountChanges {
        phone,
        email,
        full_name,
        personal_id,
        company_name: company_name.map(Some),
        tax_code: tax_code.map(Some),
        agency_id: None,
        state: None,
    })
}

/// Changes the password and ends every other session of the account.
///
/// # Errors
/// [`Refusal::WrongPassword`] when `current` is not the password; [`Refusal::TooManyAttempts`] for whoever has to wait;
/// [`ServiceError::Invalid`] for a new one that is too short, too easy or an earlier one.
pub async fn change_password(
    app: &App,
    own: &OwnAccount,
    visitor: &Visitor,
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
        // A first password, for somebody who came by a provider of identities.
        oidc::prove_fresh(app, own).await?;
    }
    let fresh = new_password::checked(app, &NewPassword { field: "new_password", text: new, account: &account }).await?;
    let (keep, now) = (own.session, app.now());
    audit::writing(app, &By::account(&own.actor), move |connection| {
        new_password::store(connection, &account, &fresh, false, now)?;
        resets::end_all(connection, id, now)?;
        sessions::end_all(connection, id, Some(keep), now)?;
        Ok(((), audited::own(&account, "change_password")))
    })
    .await
}
