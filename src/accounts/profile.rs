//! An account together with the name of its agency, as every response about an account needs it.
//!
//! Called by the other files of `accounts` inside their transactions.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::kernel::account::Account;

/// The code and name of an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyName {
    pub code: String,
    /// The official name.
    pub name: String,
}

/// An account with its agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub account: Account,
    /// The agency, for officers.
    pub agency: Option<AgencyName>,
}

/// Adds the agencies to accounts; petitioners have none, so the directory is not queried for them.
pub(crate) fn profiles_of(
    app: &App,
    connection: &mut DbConnection,
    accounts: Vec<Account>,
) -> Result<Vec<Profile>, ServiceError> {
    if accounts.iter().all(|account| account.agency_id.is_none()) {
        return Ok(accounts.into_iter().map(|account| Profile { account, agency: None }).collect());
    }
    let directory = directory::current(app, connection)?;
    let named = |account: Account| {
        let agency = account.agency_id.and_then(|id| directory.agency(id));
        let agency = agency.map(|agency| AgencyName { code: agency.code.clone(), name: agency.name.clone() });
        Profile { account, agency }
    };
    Ok(accounts.into_iter().map(named).collect())
}

/// Adds the agency to one account.
pub(crate) fn profile_of(app: &App, connection: &mut DbConnection, account: Account) -> Result<Profile, ServiceError> {
    profiles_of(app, connection, vec![account])?.pop().ok_or(ServiceError::Internal("an account was lost on the way"))
}
