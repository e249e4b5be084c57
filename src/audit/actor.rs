//! Who acts, as the audit record names them.

use crate::kernel::account::{Account, Actor, Role};
use crate::kernel::ids::AccountId;
use crate::officers::Administrator;
use crate::web::origin::RequestOrigin;

/// Somebody whose deeds are written down. Made before the transaction, where the request is still known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    pub(super) stream: String,
    pub(crate) account: Option<AccountId>,
    pub(super) roles: String,
    pub(super) origin: RequestOrigin,
}

impl AuditActor {
    /// A signed-in account with the roles that it has now.
    #[must_use]
    pub fn account(actor: &Actor) -> Self {
        Self::holder(actor.account_id, &actor.roles)
    }

    /// The same of an account that is signing in or out.
    #[must_use]
    pub fn holder(account: AccountId, roles: &[Role]) -> Self {
        let roles = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",");
        Self { stream: format!("account:{account}"), account: Some(account), roles, origin: RequestOrigin::present() }
    }

    /// Whoever runs commands on the server.
    #[must_use]
    pub fn operator() -> Self {
        Self::nobody("operator")
    }

    /// Somebody who is not signed in: failed sign-ins, and what comes back from other systems.
    #[must_use]
    pub fn visitor() -> Self {
        Self::nobody("sign_in")
    }

    /// The product itself.
    #[must_use]
    pub fn system() -> Self {
        Self::nobody("system")
    }

    /// The same request, now that it is known whose it is.
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
