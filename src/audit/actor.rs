//! The actor of an audit entry: an account, the operator, a visitor or the system.

use crate::kernel::account::{Account, Actor, Role};
use crate::kernel::ids::AccountId;
use crate::officers::Administrator;
use crate::web::origin::RequestOrigin;

/// Who performed an audited action. Created before the transaction, where the request origin is still available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    pub(super) stream: String,
    pub(crate) account: Option<AccountId>,
    pub(super) roles: String,
    pub(super) origin: RequestOrigin,
}

impl AuditActor {
    /// Returns the actor for a signed-in account with its current roles.
    #[must_use]
    pub fn account(actor: &Actor) -> Self {
        Self::holder(actor.account_id, &actor.roles)
    }

    /// Returns the actor for an account that is signing in or out.
    #[must_use]
    pub fn holder(account: AccountId, roles: &[Role]) -> Self {
        let roles = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",");
        Self { stream: format!("account:{account}"), account: Some(account), roles, origin: RequestOrigin::present() }
    }

    /// Returns the actor for commands run on the server.
    #[must_use]
    pub fn operator() -> Self {
        Self::nobody("operator")
    }

    /// Returns the actor for someone not signed in: failed sign-ins, and callbacks from other systems.
    #[must_use]
    pub fn visitor() -> Self {
        Self::nobody("sign_in")
    }

    /// Returns the actor for automatic actions.
    #[must_use]
    pub fn system() -> Self {
        Self::nobody("system")
    }

    /// Returns the actor for the same request, after its account became known.
    #[must_use]
    pub fn known_as(&self, account: &Account) -> Self {
        Self { origin: self.origin.clone(), ..Self::holder(account.id, &account.roles) }
    }

    fn nobody(stream: &str) -> Self {
        Self { stream: stream.to_owned(), account: None, roles: String::new(), origin: RequestOrigin::present() }
    }
}

impl From<&Administrator> for AuditActor {
    fn from(administrator: &Administrator) -> Self {
        match administrator {
            Administrator::Operator => Self::operator(),
            Administrator::Account(actor) => Self::account(actor),
        }
    }
}
