//! Who acts: accounts, their kinds and roles.

use crate::domain::ids::{AccountId, AgencyId};

text_enum! {
    /// What stands behind an account.
    AccountKind {
        /// A person who files petitions.
        Citizen = "citizen",
        /// A business that files petitions.
        Business = "business",
        /// A person who works at an agency.
        Officer = "officer",
    }
}

text_enum! {
    /// What an account may do; the table of rights is `services::access`.
    Role {
        /// Files petitions as a person.
        Citizen = "citizen",
        /// Files petitions as a business.
        Business = "business",
        /// Văn thư: keeps the register, accepts, transfers, returns.
        Clerk = "clerk",
        /// Chuyên viên: works on the answer.
        Handler = "handler",
        /// Lãnh đạo: assigns, decides, approves.
        Leader = "leader",
        /// Điều phối: routes what no rule routed and what came back.
        Coordinator = "coordinator",
        /// Province reviewer: reads all figures and public data, changes nothing.
        Reviewer = "reviewer",
        /// Directory, accounts, rules; never a petitioner's identity.
        Admin = "admin",
    }
}

text_enum! {
    /// Whether an account may sign in.
    AccountState {
        /// May sign in.
        Active = "active",
        /// May not sign in any more; never deleted, its name stands in timelines.
        Disabled = "disabled",
    }
}

/// The signed-in account behind a request, as the token and the account row say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account_id: AccountId,
    /// Citizen, business or officer.
    pub kind: AccountKind,
    /// Every role of the account.
    pub roles: Vec<Role>,
    /// The officer's agency; none for petitioners.
    pub agency_id: Option<AgencyId>,
}

impl Actor {
    /// Whether the account has the role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
