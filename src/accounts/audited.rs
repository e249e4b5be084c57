//! What the audit record keeps of accounts: an officer's place, roles and state; of name, phone and e-mail only that they changed.
//! Petitioners do not appear in it.

use crate::audit::Deed;
use crate::kernel::account::{Account, AccountKind, AccountState, Actor, Role};
use crate::kernel::ids::{AccountId, AgencyId};
use serde::Serialize;

/// An account without its person.
#[derive(Serialize)]
struct Kept<'a> {
    username: Option<&'a str>,
    agency_id: Option<AgencyId>,
    roles: &'a [Role],
    state: AccountState,
    must_change_password: bool,
}

impl<'a> Kept<'a> {
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

/// What an officer does with the own account; of a petitioner nothing.
pub(crate) fn own(account: &Account, action: &str) -> Deed {
    match account.kind {
        AccountKind::Officer => Deed::new(action, "account", account.id),
        AccountKind::Citizen | AccountKind::Business => Deed::nothing(),
    }
}

/// An officer's account was made.
pub(crate) fn made(account: &Account) -> Deed {
    Deed::new("create_account", "account", account.id).made(&Kept::of(account))
}

/// An officer's account was changed.
pub(crate) fn changed(action: &str, before: &Account, after: &Account) -> Deed {
    let personal = [
        ("full_name", before.full_name != after.full_name),
        ("phone", before.phone != after.phone),
        ("email", before.email != after.email),
    ];
    let names: Vec<&str> = personal.iter().filter(|(_, has_changed)| *has_changed).map(|(name, _)| *name).collect();
    let deed = Deed::new(action, "account", after.id).changed(&Kept::of(before), &Kept::of(after));
    if names.is_empty() { deed } else { deed.show("personal", &names) }
}

/// The same where only the holder is known.
pub(crate) fn holder(actor: &Actor, action: &str) -> Deed {
    let is_petitioner = actor.roles.iter().all(|role| role.is_petitioner());
    if is_petitioner { Deed::nothing() } else { Deed::new(action, "account", actor.account_id) }
}

/// Somebody could not sign in; of an officer's account the number is kept, of everybody else nothing.
pub(crate) fn failed_sign_in(named: Option<(AccountId, AccountKind)>) -> Deed {
    let officer = named.filter(|(_, kind)| *kind == AccountKind::Officer);
    Deed::new("fail_sign_in", "account", officer.map_or_else(String::new, |(id, _)| id.to_string()))
}

/// The sessions of an account were ended because a refresh token came a second time.
pub(super) fn reused(account: AccountId) -> Deed {
    Deed::new("end_reused_sessions", "account", account)
}
