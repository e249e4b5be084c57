//! Builds the audit events for accounts: an officer's agency, roles and state are recorded; for name, phone and
//! e-mail only the fact that they changed.
//! Petitioners are never recorded.

use crate::audit::AuditEvent;
use crate::kernel::account::{Account, AccountKind, AccountState, Actor, Role};
use crate::kernel::ids::{AccountId, AgencyId};
use serde::Serialize;

/// An account without personal data.
#[derive(Serialize)]
struct AuditedAccount<'a> {
    username: Option<&'a str>,
    agency_id: Option<AgencyId>,
    roles: &'a [Role],
    state: AccountState,
    must_change_password: bool,
}

impl<'a> AuditedAccount<'a> {
    fn of(account: &'a Account) -> Self {
        Self {
            username: account.username.as_deref(),
            agency_id: account.agency_id,
            roles: &account.roles,
            state: account.state,
            must_change_password: account.must_change_password,
        }
    }
}

/// An officer's action on their own account; petitioners are not recorded.
pub(crate) fn own(account: &Account, action: &str) -> AuditEvent {
    match account.kind {
        AccountKind::Officer => AuditEvent::new(action, "account", account.id),
        AccountKind::Citizen | AccountKind::Business => AuditEvent::none(),
    }
}

/// Creation of an officer account.
pub(crate) fn made(account: &Account) -> AuditEvent {
    AuditEvent::new("create_account", "account", account.id).created(&AuditedAccount::of(account))
}

/// Change of an officer account.
pub(crate) fn changed(action: &str, before: &Account, after: &Account) -> AuditEvent {
    let personal = [
        ("full_name", before.full_name != after.full_name),
        ("phone", before.phone != after.phone),
        ("email", before.email != after.email),
    ];
    let names: Vec<&str> = personal.iter().filter(|(_, has_changed)| *has_changed).map(|(name, _)| *name).collect();
    let event = AuditEvent::new(action, "account", after.id).updated(&AuditedAccount::of(before), &AuditedAccount::of(after));
    if names.is_empty() { event } else { event.with_json("personal", &names) }
}

/// Like [`own`], when only the actor is known.
pub(crate) fn holder(actor: &Actor, action: &str) -> AuditEvent {
    let is_petitioner = actor.roles.iter().all(|role| role.is_petitioner());
    if is_petitioner { AuditEvent::none() } else { AuditEvent::new(action, "account", actor.account_id) }
}

/// A failed sign-in; the account id is recorded only for officers.
pub(crate) fn failed_sign_in(named: Option<(AccountId, AccountKind)>) -> AuditEvent {
    let officer = named.filter(|(_, kind)| *kind == AccountKind::Officer);
    AuditEvent::new("fail_sign_in", "account", officer.map_or_else(String::new, |(id, _)| id.to_string()))
}

/// All sessions of an account were ended because a refresh token was used twice.
pub(super) fn reused(account: AccountId) -> AuditEvent {
    AuditEvent::new("end_reused_sessions", "account", account)
}
