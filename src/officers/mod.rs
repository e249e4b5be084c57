//! Administration of officer accounts: create, list, change, disable, reset; never deleted. Called by
//! `/admin/accounts` and the command line.
//!
//! Rules: administrators only; petitioner accounts are not found here; administrators cannot remove their own admin
//! role; and no administrator can gain the rights of an officer through these functions (`confirmation`).

mod assignment;
mod change;
mod confirmation;
pub(crate) mod create;
pub mod http;
pub(crate) mod import;
pub(crate) mod list;
mod locked;
pub(crate) mod reset;

pub use change::{OfficerChanges, change, disable, enable, remove_second_factor, unlock};
pub(super) use confirmation::entered_by_set_email;
pub use confirmation::{WaitingOfficer, confirm, confirm_as_operator, list_waiting};
pub use create::{CreatedOfficer, NewOfficer, create};
pub use import::{ImportedOfficer, OfficerImportReport, import};
pub use list::{OfficerSearch, find, find_by_username, list};
pub use locked::create_locked;
pub use reset::reset;

use crate::accounts::store::profiles;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::kernel::account::{Account, AccountKind, Actor, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;

/// Who administers accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Administrator {
    /// An operator who may run commands on the server.
    Operator,
    /// A signed-in account; it needs the role `admin`.
    Account(Actor),
}

impl Administrator {
    fn require(&self) -> Result<(), ErrorCode> {
        match self {
            Self::Account(actor) if !actor.has(Role::Admin) => Err(ErrorCode::RoleMissing),
            _ => Ok(()),
        }
    }

    fn is(&self, id: AccountId) -> bool {
        matches!(self, Self::Account(actor) if actor.account_id == id)
    }
}

/// Returns the officer account with this id; petitioners are not found.
fn officer(connection: &mut DbConnection, id: AccountId) -> Result<Account, ServiceError> {
    match profiles::find(connection, id) {
        Ok(account) if account.kind == AccountKind::Officer => Ok(account),
        Ok(_) | Err(StorageError::Missing) => Err(ErrorCode::AccountNotFound.into()),
        Err(error) => Err(error.into()),
    }
}
