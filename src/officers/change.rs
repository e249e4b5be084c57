//! Changes to an officer account by an administrator: name, agency, roles, state, contacts.
//!
//! Rules: roles and state take effect with the officer's next request; disabling the account ends every session at
//! once.

use super::Administrator;
use super::assignment::{agency_in_force, officer_roles};
use super::confirmation;
use super::officer;
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::store::profiles::{self, AccountChanges};
use crate::accounts::store::{activity, password_resets, sessions};
use crate::accounts::{audit_events, contacts, fields, login_throttle, second_factor};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountChange, AccountState, CheckCause, ContactKind, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::AccountId;
use chrono::NaiveDate;

/// Changes by an administrator; `None` leaves a field unchanged, an empty text clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficerChanges {
    pub full_name: Option<String>,
    /// Code of the agency.
    pub agency: Option<String>,
    /// All roles from now on.
    pub roles: Option<Vec<Role>>,
    pub state: Option<AccountState>,
    pub email: Option<String>,
    /// Phone in any Vietnamese spelling.
    pub phone: Option<String>,
}

/// Changes an officer account; if a version is given, only while the account still has that version.
///
/// # Errors
/// [`ServiceError::Invalid`] with every invalid field, [`ErrorCode::AccountNotFound`], [`ErrorCode::StaleVersion`],
/// [`ErrorCode::OwnAccount`]; `role_missing` for anybody but an administrator.
pub async fn change(
    app: &App,
    by: &Administrator,
    id: AccountId,
    version: Option<i32>,
    changes: OfficerChanges,
) -> Result<Profile, ServiceError> {
    change_as(app, by, id, version, ("change_account", changes)).await
}

async fn change_as(
    app: &App,
    by: &Administrator,
    id: AccountId,
    version: Option<i32>,
    (action, changes): (&'static str, OfficerChanges),
) -> Result<Profile, ServiceError> {
    by.require()?;
    let (owned, audited_by, by, now) = (app.clone(), AuditActor::from(by), by.clone(), app.now());
    let profile = app
        .db
        .write(move |connection| {
            let account = officer(connection, id)?;
            if version.is_some_and(|version| version != account.version) {
                return Err(ErrorCode::StaleVersion.into());
            }
            keeps_administration(&by, &account, &changes)?;
            let directory = directory::current(&owned, connection)?;
            let (columns, roles) = checked(&account, &changes, &directory, now.local_date())?;
            let something = columns != AccountChanges::default() || roles.is_some();
            if something && !profiles::change(connection, id, account.version, &columns, roles.as_deref())? {
                return Err(ErrorCode::StaleVersion.into());
            }
            if columns.state == Some(AccountState::Disabled) {
                sessions::end_all(connection, id, None, now)?;
            }
            if columns.state == Some(AccountState::Active) {
                // Re-enabling counts as activity, so that the idle period starts anew.
                activity::note(connection, id, now.local_date())?;
            }
            let changed = profiles::find(connection, id)?;
            if something {
                confirmation::changed(connection, &by, (&account, &changed), now)?;
                tell_of_contacts(&owned, connection, (&account, &changed), now)?;
                audit::write(connection, &audited_by, now, &audit_events::changed(action, &account, &changed))?;
            }
            let changed = profiles::find(connection, id)?;
            profile_of(&owned, connection, changed)
        })
        .await
        .map_err(fields::taken)?;
    tracing::info!(account = %id, "officer account changed");
    Ok(profile)
}

/// Notifies a replaced contact that it no longer belongs to the account, and invalidates reset links sent to it.
fn tell_of_contacts(
    app: &App,
    connection: &mut DbConnection,
    (before, after): (&Account, &Account),
    now: Instant,
) -> Result<(), ServiceError> {
    for kind in ContactKind::ALL {
        if before.proven(*kind).is_some() && before.proven(*kind) != after.proven(*kind) {
            password_resets::end_all(connection, before.id, now)?;
            contacts::notify_replaced_contact(app, connection, before, *kind, now)?;
        }
    }
    Ok(())
}

fn keeps_administration(by: &Administrator, account: &Account, changes: &OfficerChanges) -> Result<(), ErrorCode> {
    let loses_role = changes.roles.as_ref().is_some_and(|roles| !roles.contains(&Role::Admin));
    let is_disabled = changes.state == Some(AccountState::Disabled);
    if by.is(account.id) && (loses_role || is_disabled) { Err(ErrorCode::OwnAccount) } else { Ok(()) }
}

fn checked(
    account: &Account,
    changes: &OfficerChanges,
    directory: &Directory,
    today: NaiveDate,
) -> Result<(AccountChanges, Option<Vec<Role>>), ServiceError> {
    let mut problems = FieldProblems::default();
    let full_name =
        changes.full_name.as_deref().and_then(|text| fields::required(&mut problems, "full_name", Some(text), fields::full_name));
    let mut contact = |field: &str, text: &Option<String>, check: fn(&str) -> Result<String, FieldRule>| {
        text.as_deref().map(|text| fields::optional(&mut problems, field, Some(text), check))
    };
    let email = contact("email", &changes.email, fields::email);
    let phone = contact("phone", &changes.phone, fields::phone);
    let agency_id = match changes.agency.as_deref().map(str::trim) {
        None => None,
        Some("") => Some(None),
        Some(code) => Some(problems.take("agency", agency_in_force(directory, code, today))),
    };
    let roles = changes.roles.as_ref().map(|roles| officer_roles(&mut problems, "roles", roles));
    let needs_agency = roles.as_ref().unwrap_or(&account.roles).iter().any(|role| role.needs_agency());
    if problems.is_empty() && needs_agency && agency_id.unwrap_or(account.agency_id).is_none() {
        problems.add("agency", FieldRule::Required);
    }
    problems.finish()?;
    let columns = AccountChanges { phone, email, full_name, agency_id, state: changes.state, ..AccountChanges::default() };
    Ok((columns, roles))
}

/// Disables an officer account at once.
///
/// # Errors
/// As for [`change`].
pub async fn disable(app: &App, by: &Administrator, id: AccountId) -> Result<Profile, ServiceError> {
    let changes = OfficerChanges { state: Some(AccountState::Disabled), ..OfficerChanges::default() };
    change_as(app, by, id, None, ("disable_account", changes)).await
}

/// Enables an officer account again.
///
/// # Errors
/// As for [`change`].
pub async fn enable(app: &App, by: &Administrator, id: AccountId) -> Result<Profile, ServiceError> {
    let changes = OfficerChanges { state: Some(AccountState::Active), ..OfficerChanges::default() };
    change_as(app, by, id, None, ("enable_account", changes)).await
}

/// Resets the failed sign-ins of an officer, so that the officer need not wait.
///
/// # Errors
/// [`ErrorCode::AccountNotFound`]; `role_missing` for anybody but an administrator.
pub async fn unlock(app: &App, by: &Administrator, id: AccountId) -> Result<Profile, ServiceError> {
    by.require()?;
    let owned = app.clone();
    audit::transaction(app, &AuditActor::from(by), move |connection| {
        let account = officer(connection, id)?;
        login_throttle::reset_account(&owned, connection, &account)?;
        Ok((profile_of(&owned, connection, account)?, AuditEvent::new("unlock_account", "account", id)))
    })
    .await
}

/// Removes the second factor of an officer who has lost it, and ends every session; at the next sign-in a new one
/// is set up.
///
/// # Errors
/// [`ErrorCode::AccountNotFound`], [`ErrorCode::SecondFactorMissing`]; `role_missing` for anybody but an
/// administrator.
pub async fn remove_second_factor(app: &App, by: &Administrator, id: AccountId) -> Result<Profile, ServiceError> {
    by.require()?;
    let (owned, now, administrator) = (app.clone(), app.now(), by.clone());
    let profile = audit::transaction(app, &AuditActor::from(by), move |connection| {
        let before = officer(connection, id)?;
        if !second_factor::remove(connection, id)? {
            return Err(ServiceError::from(ErrorCode::SecondFactorMissing));
        }
        confirmation::note_admin_access(connection, &administrator, &before, CheckCause::SecondFactor, now)?;
        contacts::notify(&owned, connection, id, AccountChange::SecondFactor, now)?;
        sessions::end_all(connection, id, None, now)?;
        let account = profiles::find(connection, id)?;
        Ok((profile_of(&owned, connection, account)?, AuditEvent::new("remove_second_factor", "account", id)))
    })
    .await?;
    tracing::info!(account = %id, "second factor removed by administrator");
    Ok(profile)
}
