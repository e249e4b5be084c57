//! Officers' accounts, as the administration keeps them: made, listed, changed, disabled, reset; never deleted.
//!
//! Called by `/admin/accounts` and the command line. Rules kept here: only an administrator comes in, petitioners' accounts
//! do not exist for them, nobody takes the administration from themselves, and no administrator becomes an officer by what the administration
//! may do (`check`).

mod change;
mod check;
mod create;
mod import;
mod list;
mod locked;
mod place;
mod reset;

pub use change::{OfficerChanges, change, disable, enable, remove_second_factor, unlock};
pub(super) use check::entered_by_set_email;
pub use check::{WaitingOfficer, confirm, confirm_as_operator, list_waiting};
pub use create::{CreatedOfficer, NewOfficer, create};
pub use import::{ImportReport, ImportedOfficer, import};
pub use list::{OfficerSearch, find, find_by_username, list};
pub use locked::create_locked;
pub use reset::reset;

use crate::domain::account::{Account, AccountKind, Actor, Role};
use crate::domain::ids::AccountId;
use crate::domain::refusal::Refusal;
use crate::services::error::ServiceError;
use crate::storage::accounts::profiles;
use crate::storage::{DbConnection, StorageError};

/// Who administers accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Administrator {
    /// Whoever may run commands on the server.
    Operator,
    /// A signed-in account; it needs the role `admin`.
    Account(Actor),
}

impl Administrator {
    fn require(&self) -> Result<(), Refusal> {
        match self {
            Self::Account(actor) if !actor.has(Role::Admin) => Err(Refusal::RoleMissing),
            _ => Ok(()),
        }
    }

    fn is(&self, id: AccountId) -> bool {
        matches!(self, Self::Account(actor) if actor.account_id == id)
    }
}

/// The officer's account with the number; a petitioner's is not found.
fn officer(connection: &mut DbConnection, id: AccountId) -> Result<Account, ServiceError> {
    match profiles::find(connection, id) {
        Ok(account) if account.kind == AccountKind::Officer => Ok(account),
        Ok(_) | Err(StorageError::Missing) => Err(Refusal::AccountNotFound.into()),
        Err(error) => Err(error.into()),
    }
}
