//! Confirmation of officers whose account an administrator could have taken over: the roles that handle petitions
//! are withheld until somebody else confirms the officer. A change by an administrator starts the wait; a leader of
//! the agency or a coordinator ends it.
//!
//! Rules: operators who run commands on the server are trusted; no administrator may confirm, not even with another
//! role; coordinators are confirmed only by coordinators; an officer must set a password of their own before the
//! confirmation; afterwards a previous holder of the account cannot return by anything that was set up on it.

use super::Administrator;
use super::officer;
use crate::accounts::profile::{AgencyName, Profile, profile_of, profiles_of};
use crate::accounts::store::officer_confirmations::{self, OfficerConfirmationRow};
use crate::accounts::store::profiles::{self, AccountChanges};
use crate::accounts::store::{password_resets, sessions, unverified_contacts};
use crate::accounts::{contacts, second_factor};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::integrations::oidc::store as oidc;
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountState, Actor, CheckCause, ContactKind, Role, UnverifiedContact};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;
use serde::Serialize;
use utoipa::ToSchema;

/// Rows per query.
const ROWS_AT_ONCE: i64 = 200;
/// Maximum length of the list.
const MOST_LISTED: usize = 500;

/// An officer who waits for somebody to vouch for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaitingOfficer {
    /// The account.
    pub id: AccountId,
    /// What the officer signs in with.
    #[schema(required)]
    pub username: Option<String>,
    /// Full name.
    pub full_name: String,
    /// Code of the agency.
    #[schema(required)]
    pub agency: Option<String>,
    /// Name of the agency.
    #[schema(required)]
    pub agency_name: Option<String>,
    /// Every role.
    pub roles: Vec<Role>,
    /// What an administrator did.
    #[schema(required)]
    pub cause: Option<CheckCause>,
    /// Since when.
    #[schema(required)]
    pub waits_since: Option<Instant>,
    /// Whether the officer has a password of their own, and the second factor that the roles need.
    pub is_taken_over: bool,
}

fn handles_petitions(roles: &[Role]) -> bool {
    roles.iter().any(|role| role.handles_petitions())
}

/// Withholds the roles that handle petitions, after an administrator could have taken over the account.
pub(super) fn note_admin_access(
    connection: &mut DbConnection,
    by: &Administrator,
    account: &Account,
    cause: CheckCause,
    now: Instant,
) -> Result<(), ServiceError> {
    let Administrator::Account(administrator) = by else { return Ok(()) };
    if handles_petitions(&account.roles) {
        let known = officer_confirmations::find(connection, account.id)?;
        let caused_by = Some(administrator.account_id);
        officer_confirmations::put(
            connection,
            &OfficerConfirmationRow { waits_since: Some(now), cause: Some(cause), caused_by, ..known },
        )?;
    }
    Ok(())
}

/// Records that an administrator has set the e-mail of an account, so that a password reset link sent there proves
/// nothing.
pub(super) fn set_email(
    connection: &mut DbConnection,
    by: &Administrator,
    account: &Account,
    now: Instant,
) -> Result<(), ServiceError> {
    let known = officer_confirmations::find(connection, account.id)?;
    let email_set_at = account.email.as_ref().filter(|_| matches!(by, Administrator::Account(_))).map(|_| now);
    if known.email_set_at != email_set_at {
        officer_confirmations::put(connection, &OfficerConfirmationRow { email_set_at, ..known })?;
    }
    Ok(())
}

/// Starts the wait if a change by an administrator requires it: another agency, more roles, or credentials known to
/// administrators.
pub(super) fn changed(
    connection: &mut DbConnection,
    by: &Administrator,
    (before, after): (&Account, &Account),
    now: Instant,
) -> Result<(), ServiceError> {
    let gains = after.roles.iter().any(|role| role.handles_petitions() && !before.roles.contains(role));
    if gains || (before.agency_id != after.agency_id && handles_petitions(&after.roles)) {
        note_admin_access(connection, by, after, CheckCause::Place, now)?;
    }
    let is_let_in = before.state == AccountState::Disabled && after.state == AccountState::Active;
    if is_let_in && after.must_change_password {
        note_admin_access(connection, by, after, CheckCause::Enabled, now)?;
    }
    if before.email != after.email {
        set_email(connection, by, after, now)?;
    }
    Ok(())
}

/// Like [`changed`], for a newly created account.
pub(super) fn made(
    connection: &mut DbConnection,
    by: &Administrator,
    account: &Account,
    now: Instant,
) -> Result<(), ServiceError> {
    note_admin_access(connection, by, account, CheckCause::Created, now)?;
    set_email(connection, by, account, now)
}

/// Records that a new password was set by a link to an e-mail that an administrator has set.
pub(crate) fn entered_by_set_email(connection: &mut DbConnection, account: &Account, now: Instant) -> Result<(), ServiceError> {
    let known = officer_confirmations::find(connection, account.id)?;
    if known.email_set_at.is_some() && handles_petitions(&account.roles) {
        officer_confirmations::put(
            connection,
            &OfficerConfirmationRow { waits_since: Some(now), cause: Some(CheckCause::Reset), ..known },
        )?;
    }
    Ok(())
}

/// Returns whether a password reset link reaches the officer and nobody else.
pub(super) fn has_own_email(connection: &mut DbConnection, account: &Account) -> Result<bool, ServiceError> {
    Ok(account.email.is_some() && officer_confirmations::find(connection, account.id)?.email_set_at.is_none())
}

/// Returns whether the actor may confirm this officer at all, whatever was done to the account.
fn is_near(actor: &Actor, account: &Account) -> bool {
    let leads = actor.has(Role::Leader) && actor.agency_id.is_some() && actor.agency_id == account.agency_id;
    let is_other = actor.account_id != account.id;
    is_other && (actor.has(Role::Coordinator) || (leads && !account.roles.contains(&Role::Coordinator)))
}

fn is_taken_over(app: &App, account: &Account) -> bool {
    !account.must_change_password && (account.has_second_factor || !second_factor::is_needed(app, &account.roles))
}

/// Returns the waiting officers whom the actor may confirm.
///
/// # Errors
/// [`ErrorCode::AdministratorMayNotConfirm`].
pub async fn list_waiting(app: &App, actor: &Actor) -> Result<Vec<WaitingOfficer>, ServiceError> {
    if actor.has(Role::Admin) {
        return Err(ErrorCode::AdministratorMayNotConfirm.into());
    }
    let (owned, actor) = (app.clone(), actor.clone());
    app.db
        .read(move |connection| {
            let (mut found, mut after) = (Vec::new(), AccountId(0));
            loop {
                let rows = officer_confirmations::waiting(connection, after, ROWS_AT_ONCE)?;
                let Some(last) = rows.last() else { break };
                after = last.account_id;
                for row in rows {
                    let account = profiles::find(connection, row.account_id)?;
                    if is_near(&actor, &account) && found.len() < MOST_LISTED {
                        found.push((row, account));
                    }
                }
            }
            let (rows, accounts): (Vec<OfficerConfirmationRow>, Vec<Account>) = found.into_iter().unzip();
            let profiles = profiles_of(&owned, connection, accounts)?;
            Ok(rows.into_iter().zip(profiles).map(|(row, profile)| waiting_officer(&owned, row, profile)).collect())
        })
        .await
}

fn waiting_officer(app: &App, row: OfficerConfirmationRow, profile: Profile) -> WaitingOfficer {
    let is_taken_over = is_taken_over(app, &profile.account);
    let (agency, agency_name) = match profile.agency {
        Some(AgencyName { code, name }) => (Some(code), Some(name)),
        None => (None, None),
    };
    let account = profile.account;
    WaitingOfficer {
        id: account.id,
        username: account.username,
        full_name: account.full_name,
        agency,
        agency_name,
        roles: account.roles,
        cause: row.cause,
        waits_since: row.waits_since,
        is_taken_over,
    }
}

/// Confirms that an account is controlled by its officer.
///
/// # Errors
/// [`ErrorCode::AdministratorMayNotConfirm`], [`ErrorCode::AccountNotFound`] for accounts that the caller may not
/// confirm, [`ErrorCode::WrongState`] for one that does not wait, [`ErrorCode::NotTakenOver`].
pub async fn confirm(app: &App, actor: &Actor, id: AccountId) -> Result<Profile, ServiceError> {
    if actor.has(Role::Admin) {
        return Err(ErrorCode::AdministratorMayNotConfirm.into());
    }
    let (owned, by, actor) = (app.clone(), AuditActor::account(actor), actor.clone());
    let profile = audit::transaction(app, &by, move |connection| {
        let account = officer(connection, id)?;
        if !is_near(&actor, &account) {
            return Err(ServiceError::from(ErrorCode::AccountNotFound));
        }
        let known = officer_confirmations::find(connection, id)?;
        if known.caused_by == Some(actor.account_id) {
            return Err(ErrorCode::AdministratorMayNotConfirm.into());
        }
        open(&owned, connection, &account, known)
    })
    .await?;
    tracing::info!(account = %id, "officer account confirmed");
    Ok(profile)
}

/// Like [`confirm`], for operators who run commands on the server.
///
/// # Errors
/// As for [`confirm`]; `role_missing` for anybody else.
pub async fn confirm_as_operator(app: &App, id: AccountId) -> Result<Profile, ServiceError> {
    let owned = app.clone();
    audit::transaction(app, &AuditActor::operator(), move |connection| {
        let account = officer(connection, id)?;
        let known = officer_confirmations::find(connection, id)?;
        open(&owned, connection, &account, known)
    })
    .await
}

fn open(
    app: &App,
    connection: &mut DbConnection,
    account: &Account,
    known: OfficerConfirmationRow,
) -> Result<(Profile, AuditEvent), ServiceError> {
    if known.waits_since.is_none() {
        return Err(ErrorCode::WrongState.into());
    }
    if !is_taken_over(app, account) {
        return Err(ErrorCode::NotTakenOver.into());
    }
    let cause = known.cause.map(CheckCause::as_str);
    leave_only_the_password(app, connection, account, &known)?;
    officer_confirmations::put(connection, &OfficerConfirmationRow { waits_since: None, cause: None, caused_by: None, ..known })?;
    let opened = profiles::find(connection, account.id)?;
    let event = AuditEvent::new("confirm_account", "account", account.id).with("cause", cause);
    Ok((profile_of(app, connection, opened)?, event))
}

/// Removes every way into the account except the password: an earlier holder may have confirmed an e-mail of their
/// own, set up a second factor, linked an identity or still be signed in. The time of these is not checked, because
/// it may be before the account got a role that is withheld. Contacts are kept as claims, to be confirmed again
/// with a code; an e-mail set by an administrator proves nothing anyway.
fn leave_only_the_password(
    app: &App,
    connection: &mut DbConnection,
    account: &Account,
    known: &OfficerConfirmationRow,
) -> Result<(), ServiceError> {
    let (id, now) = (account.id, app.now());
    unverified_contacts::drop_all(connection, id)?;
    let (mut columns, mut unproven) = (AccountChanges::default(), Vec::new());
    for kind in ContactKind::ALL {
        let Some(value) = account.proven(*kind) else { continue };
        match kind {
            ContactKind::Phone => columns.phone = Some(None),
            ContactKind::Email if known.email_set_at.is_some() => continue,
            ContactKind::Email => columns.email = Some(None),
        }
        unproven.push(UnverifiedContact { kind: *kind, value: value.to_owned(), opens_account: false });
    }
    if !unproven.is_empty() && !profiles::change(connection, id, account.version, &columns, None)? {
        return Err(StorageError::Contention.into());
    }
    for claim in &unproven {
        unverified_contacts::put(connection, id, claim, now)?;
        contacts::notify_replaced_contact(app, connection, account, claim.kind, now)?;
    }
    second_factor::remove(connection, id)?;
    oidc::unlink_all(connection, id)?;
    password_resets::end_all(connection, id, now)?;
    Ok(sessions::end_all(connection, id, None, now)?)
}
